"""What a tenant takes on disk: tables, indexes and TOAST, by the NDJSON that was loaded.

    python bench/disk.py --size full
    python bench/disk.py --data PATH...

`figure` is the tenant's bytes by those of the compact NDJSON, `peer_figure` the same of one
`(id, resource jsonb)` table with GIN. An empty tenant's own bytes are counted apart, since they do
not grow. Each resource counts once in the NDJSON, though files may send it again and again.
"""

from typing import Any

from kit import baseline, limit, ours
from kit.material import material, prepare
from kit.report import machine, options, parser, report, rounded
from kit.stage import database, stage, tenant
from wardbase.model import RESOURCES
from wardbase.store import connection, control

_SIZES = """
SELECT c.relname,
       pg_relation_size(c.oid, 'main') AS rows,
       pg_indexes_size(c.oid) AS indexes,
       pg_table_size(c.oid) - pg_relation_size(c.oid, 'main') AS toast_and_maps
  FROM pg_class c
 WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
"""
_INDEXES = """
SELECT c.relname, pg_relation_size(c.oid)
  FROM pg_class c
 WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'i'
 ORDER BY 2 DESC LIMIT 20
"""
Sizes = dict[str, tuple[int, int, int]]


def main() -> None:
    """Measure and print."""
    asked = options(parser(__doc__))
    with stage(asked.here) as folder, tenant() as name, database() as peer:
        where = machine()
        paths = material(asked, folder)
        prepared = prepare(paths, folder / "lines")
        ndjson = max(prepared.ndjson_bytes, 1)
        own = control.database_of(name)
        empty = _sizes(own)
        loaded = ours.load(paths, name)
        sizes = _sizes(own)
        with connection.connect(own) as opened:
            counts = limit.rows(opened)
            indexes: dict[str, int] = dict(opened.execute(_INDEXES).fetchall())
        baseline.fill(peer, prepared, 2)
        jsonb = _sizes(peer)
    grown, table = _sum(sizes) - _sum(empty), _sum(jsonb)
    report(
        "disk",
        grown / ndjson,
        "bytes by NDJSON bytes",
        where,
        peer="(id, resource jsonb) + GIN jsonb_path_ops, lz4",
        peer_figure=table / ndjson,
        targets={"figure": 0.5, "ratio": 0.333},
        resources=prepared.resources,
        refused=loaded.said["refused"],
        ndjson_bytes=prepared.ndjson_bytes,
        tenant_bytes=_parts(sizes),
        empty_tenant_bytes=_sum(empty),
        with_the_empty_tenant=rounded(_sum(sizes) / ndjson),
        jsonb_bytes=_parts(jsonb),
        bytes_per_resource=rounded(grown / max(prepared.resources, 1)),
        by_type=_by_type(sizes, empty, prepared.bytes_by_type, prepared.count_by_type),
        by_table=_by_table(sizes, counts, grown),
        largest_indexes=indexes,
    )


def _sizes(name: str) -> Sizes:
    with connection.connect(name, autocommit=True) as opened:
        opened.execute("VACUUM")  # gives back what was only reserved, and makes all maps
        return {table: (rows, indexes, toast) for table, rows, indexes, toast in
                opened.execute(_SIZES)}  # fmt: skip


def _sum(sizes: Sizes) -> int:
    return sum(map(sum, sizes.values()))


def _parts(sizes: Sizes) -> dict[str, int]:
    columns = list(zip(*sizes.values(), strict=True))
    names = ("rows", "indexes", "toast_and_maps")
    return {"all": _sum(sizes), **dict(zip(names, map(sum, columns), strict=True))}


def _by_type(
    sizes: Sizes, empty: Sizes, ndjson: dict[str, int], counts: dict[str, int]
) -> dict[str, Any]:
    """A type's own tables; what all share (concept, rest, ...) is in `shared`."""
    found: dict[str, Any] = {}
    shared = set(sizes)
    for type_, of in RESOURCES.items():
        tables = [each.table.name for each in of.everything()]
        shared.difference_update(tables)
        if type_ in counts:
            size = sum(sum(sizes[name]) - sum(empty.get(name, (0,))) for name in tables)
            found[type_] = {
                "resources": counts[type_],
                "bytes_per_resource": rounded(size / counts[type_]),
                "by_ndjson": rounded(size / ndjson[type_]),
                "of_all_ndjson": rounded(size / sum(ndjson.values())),
            }
    largest = sorted(found.items(), key=lambda each: -each[1]["of_all_ndjson"])
    rest = sum(sum(sizes[name]) - sum(empty.get(name, (0,))) for name in shared)
    return {**dict(largest), "shared": {"of_all_ndjson": rounded(rest / sum(ndjson.values()))}}


def _by_table(sizes: Sizes, counts: dict[str, int], grown: int) -> dict[str, Any]:
    largest = sorted(sizes.items(), key=lambda each: -sum(each[1]))[:20]
    return {
        name: {
            "rows": counts.get(name, 0),
            "bytes_per_row": rounded(rows / max(counts.get(name, 0), 1)),
            "index_bytes_per_row": rounded(indexes / max(counts.get(name, 0), 1)),
            "toast_and_maps": toast,
            "share": rounded((rows + indexes + toast) / max(grown, 1)),
        }
        for name, (rows, indexes, toast) in largest
    }


if __name__ == "__main__":
    main()
