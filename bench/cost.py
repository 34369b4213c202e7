"""What COPY costs the server for a row of each large table, and what of it is for which check.

    python bench/cost.py --patients 1000

The rows of a loaded tenant are copied into empty twins of their table that have nothing, or the
CHECKs, the key, all indexes, the foreign keys to dictionaries, those to resources, or everything.
Processor time of the one backend is counted, commit included (deferred keys are checked there), so
the figures hold on a busy machine. `figure` is microseconds for a mean row with everything.
"""

from collections.abc import Callable
from typing import Any

from psycopg import sql

from kit import limit, ours
from kit.gauge import backend_cpu
from kit.material import material
from kit.report import machine, options, parser, report, rounded
from kit.stage import stage, tenant
from wardbase.store import connection, control
from wardbase.store.connection import Connection

_DICTIONARIES = "('concept', 'reference', 'meta')"
_LIKE = "CREATE {} TABLE twin (LIKE {} {})"
_PARTS = {
    "nothing_unlogged": ("UNLOGGED", "", "false"),
    "nothing": ("", "", "false"),
    "checks": ("", "INCLUDING CONSTRAINTS", "false"),
    "indexes_and_key": ("", "INCLUDING INDEXES", "false"),
    "keys_to_dictionaries": ("", "", f"confrelid::regclass::text IN {_DICTIONARIES}"),
    "keys_to_resources": ("", "", f"confrelid::regclass::text NOT IN {_DICTIONARIES}"),
    "everything": ("", "INCLUDING ALL", "true"),
}
_KEYS = """
SELECT pg_get_constraintdef(oid) FROM pg_constraint
 WHERE conrelid = {}::regclass AND contype = 'f' AND {}
"""


def main() -> None:
    """Measure and print."""
    made = parser(__doc__)
    made.add_argument("--tables", type=int, default=10, help="how many of the largest")
    made.add_argument("--rows", type=int, default=30_000, help="at most so many of each")
    asked = options(made)
    with stage(asked.here) as folder, tenant() as name:
        where = machine()
        ours.load(material(asked, folder), name)
        with connection.connect(control.database_of(name)) as opened:
            counts = limit.rows(opened)
            largest = sorted(counts, key=lambda table: -counts[table])[: asked.more.tables]
            tables = {table: _costs(opened, table, asked.more.rows) for table in largest}
    every = sum(counts.values())
    in_all = sum(each["everything"] * counts[name] for name, each in tables.items())
    report(
        "cost",
        in_all / sum(counts[name] for name in tables),
        "us of server processor a row",
        where,
        rows=every,
        tables={
            name: {"share_of_rows": rounded(counts[name] / every), **each}
            for name, each in tables.items()
        },
    )


def _costs(opened: Connection, table: str, most: int) -> dict[str, Any]:
    rows = _rows(opened, table, most)
    number = _number(opened, f"SELECT count(*) FROM (SELECT FROM {table} LIMIT {most}) t")
    keys = _number(
        opened,
        f"SELECT count(*) FROM pg_constraint WHERE conrelid = '{table}'::regclass"
        " AND contype = 'f'",
    )
    found: dict[str, Any] = {
        "rows": number,
        "bytes_per_row": rounded(len(rows) / number),
        "foreign_keys": keys,
    }
    for part in _PARTS:
        tries = [_copied(opened, table, part, rows) for _ in range(2)]
        found[part] = rounded(1e6 * min(cpu for cpu, _ in tries) / number)
        if part in ("nothing", "everything"):
            found[f"wal_bytes_{part}"] = rounded(min(wal for _, wal in tries) / number)
    return found


def _rows(opened: Connection, table: str, most: int) -> bytes:
    command = sql.SQL("COPY (SELECT * FROM {} LIMIT {}) TO STDOUT (FORMAT BINARY)").format(
        sql.Identifier(table), sql.Literal(most)
    )
    with opened.cursor() as cursor, cursor.copy(command) as copy:
        return b"".join(copy)


def _copied(opened: Connection, table: str, part: str, rows: bytes) -> tuple[float, int]:
    """Seconds of processor time and bytes of WAL for the rows into a twin with one part."""
    kind, like, keys = _PARTS[part]
    opened.execute("DROP TABLE IF EXISTS twin")
    opened.execute(_LIKE.format(kind, table, like).encode())
    for (key,) in opened.execute(_KEYS.format(f"'{table}'", keys).encode()).fetchall():
        opened.execute(f"ALTER TABLE twin ADD {key}".encode())
    opened.commit()
    opened.execute("SELECT 1 FROM concept LIMIT 1")
    at = _number(opened, "SELECT pg_current_wal_insert_lsn() - '0/0'")
    cpu = _spent(opened, lambda: _send(opened, rows))
    wal = _number(opened, "SELECT pg_current_wal_insert_lsn() - '0/0'") - at
    opened.execute("DROP TABLE twin")
    opened.commit()
    return cpu, wal


def _send(opened: Connection, rows: bytes) -> None:
    with opened.cursor() as cursor, cursor.copy("COPY twin FROM STDIN (FORMAT BINARY)") as copy:
        for at in range(0, len(rows), 1 << 18):
            copy.write(rows[at : at + (1 << 18)])
    opened.commit()


def _spent(opened: Connection, run: Callable[[], None]) -> float:
    pid = opened.info.backend_pid
    before = backend_cpu(pid)
    run()
    return backend_cpu(pid) - before


def _number(opened: Connection, query: str) -> int:
    row = opened.execute(query.encode()).fetchone()
    return int(row[0]) if row else 0


if __name__ == "__main__":
    main()
