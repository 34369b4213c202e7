"""How quickly resources are loaded: into an empty tenant, into one in use, and once more.

    python bench/load.py --size full
    python bench/load.py --data PATH...

Beside it, in the same run: COPY of the same resources into one `(id, resource jsonb)` table with
GIN, from lines made before and from the files themselves; and COPY of our own rows as they end up
in the tables, with keys and indexes after, which is the most PostgreSQL can do.

`figure` is resources a second into an empty tenant, all keys checked; `peer_figure` that of the
jsonb table read from the same files by two workers.
"""

from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any

from kit import baseline, limit, ours
from kit.material import Prepared, material, prepare, synthetic
from kit.report import Options, machine, options, parser, report, rounded
from kit.stage import checkpoint, database, stage, tenant
from wardbase.store import connection, control


def main() -> None:
    """Measure and print."""
    asked = options(parser(__doc__))
    with stage(asked.here) as folder:
        where = machine()
        paths = material(asked, folder)
        prepared = prepare(paths, folder / "lines")
        before = synthetic(folder / "before", max(asked.patients // 10, 3), seed=77)
        rounds = [_round(paths, prepared, before, folder / f"{n}") for n in range(asked.rounds)]
    _report(asked, where, prepared, rounds)


def _round(
    paths: Sequence[Path], prepared: Prepared, before: Sequence[Path], folder: Path
) -> dict[str, Any]:
    folder.mkdir()
    with tenant() as name, database() as peer:
        checkpoint()
        empty = ours.load(paths, name)
        checkpoint()
        found = {
            "empty": empty.facts(),
            "again": _again(paths, name),
            "copy_limit": _limit(name, folder, empty),
            "jsonb": _jsonb(peer, paths, prepared, empty.said["resources"]),
        }
    with tenant() as name:
        ours.load(before, name)
        checkpoint()
        found["in_use"] = ours.load(paths, name).facts()
    return found


def _again(paths: Sequence[Path], name: str) -> dict[str, Any]:
    """The same files once more, and proof that no row came, changed or went but the audit's."""
    with connection.connect(control.database_of(name), autocommit=True) as opened:
        was, at = _touched(opened), _wal(opened)
        again = ours.load(paths, name)
        now, wal = _touched(opened), _wal(opened) - at
    changed = {table: now[table] - was.get(table, 0) for table in now}
    return {
        **again.facts(),
        "rows_written": {table: number for table, number in changed.items() if number},
        "wal_bytes_per_resource": rounded(wal / max(again.said["resources"], 1)),
    }


def _touched(opened: connection.Connection) -> dict[str, int]:
    """Rows ever inserted, updated or deleted, by table: counted by PostgreSQL."""
    opened.execute("SELECT pg_stat_clear_snapshot()")
    return dict(
        opened.execute(
            "SELECT relname, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_user_tables"
        ).fetchall()
    )


def _wal(opened: connection.Connection) -> int:
    row = opened.execute("SELECT pg_current_wal_lsn() - '0/0'").fetchone()
    return int(row[0]) if row else 0


def _limit(name: str, folder: Path, empty: ours.Load) -> dict[str, Any]:
    pieces = limit.dump(control.database_of(name), folder / "rows")
    with tenant() as bare:
        checkpoint()
        done = limit.fill(control.database_of(bare), pieces)
    resources = max(empty.said["resources"], 1)
    return {
        "rows": done.rows,
        "rows_per_resource": rounded(done.rows / resources),
        "copy_seconds": rounded(done.copy_seconds),
        "keys_and_indexes_seconds": rounded(done.keys_seconds),
        "resources_per_second": round(resources / done.seconds),
        "server_cpu_us_per_resource": _per(done.server_cpu, resources),
        "share_of_limit_reached": rounded(empty.rate / (resources / done.seconds)),
    }


_WAYS: dict[str, dict[str, Any]] = {
    "prepared_lines_1_worker": {"workers": 1},
    "prepared_lines_2_workers": {"workers": 2},
    "files_1_worker": {"workers": 1, "read": True},
    "files_2_workers": {"workers": 2, "read": True},
    "files_2_workers_index_first": {"workers": 2, "read": True, "index_first": True},
}


def _jsonb(peer: str, paths: Sequence[Path], prepared: Prepared, resources: int) -> dict[str, Any]:
    found = {}
    for way, given in _WAYS.items():
        checkpoint()
        done = baseline.fill(
            peer, prepared, given["workers"],
            paths=paths if given.get("read") else (),
            index_first=given.get("index_first", False),
        )  # fmt: skip
        # Read from files, each resource read counts, as for us; prepared lines are there once.
        number = resources if given.get("read") else done.resources
        found[way] = {
            "seconds": rounded(done.seconds),
            "resources_per_second": round(number / done.seconds),
            "server_cpu_us_per_resource": _per(done.server_cpu, number),
        }
    return found


def _per(seconds: float | None, resources: int) -> int | None:
    return None if seconds is None else round(1e6 * seconds / max(resources, 1))


def _report(
    asked: Options, where: dict[str, Any], prepared: Prepared, rounds: list[dict[str, Any]]
) -> None:
    def rate(*way: str) -> float:
        return float(median(_at(each, way)["resources_per_second"] for each in rounds))

    report(
        "load",
        rate("empty"),
        "resources/s",
        where,
        peer="COPY into (id, resource jsonb) + GIN from the same files, 2 workers",
        peer_figure=rate("jsonb", "files_2_workers"),
        data=[str(path) for path in asked.data] or f"{asked.patients} synthetic patients",
        distinct_resources=prepared.resources,
        ndjson_bytes=prepared.ndjson_bytes,
        empty=rate("empty"),
        in_use=rate("in_use"),
        again=rate("again"),
        targets={"empty": 8000, "in_use": 4000, "again": 20000, "client_mib": 300},
        rounds=rounds,
    )


def _at(found: dict[str, Any], way: Sequence[str]) -> dict[str, Any]:
    for step in way:
        found = found[step]
    return found


if __name__ == "__main__":
    main()
