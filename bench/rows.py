"""Millions of plausible rows by SQL alone, to try queries and pages at size.

    python bench/rows.py --patients 50000
    python bench/rows.py --patients 50000 --here --keep big

No FHIR, and no names a person has: for that there is `wardbase synth`. The statements are in
`rows.sql`. With `--keep NAME` the rows go into a new tenant of that name, which stays (`--here`).
`figure` is rows a second, keys and indexes included.
"""

import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from kit.report import machine, options, parser, report, rounded
from kit.stage import stage, tenant
from wardbase.access.session import LOCAL_ADMINISTRATOR, session
from wardbase.record import bulk
from wardbase.store import connection, control
from wardbase.store import tenant as tenants

_STATEMENTS = Path(__file__).with_name("rows.sql")
_NAMED = re.compile(r"^-- (\w+) --\n(.*?);$", re.MULTILINE | re.DOTALL)


def main() -> None:
    """Make the rows and print."""
    made = parser(__doc__)
    made.add_argument("--keep", metavar="NAME", help="a new tenant that stays")
    asked = options(made)
    # A row costs far less than a resource: ten times the patients of the other benchmarks.
    patients = asked.more.patients or 10 * asked.patients
    with stage(asked.here), _tenant(asked.more.keep) as name:
        where = machine()
        began = time.perf_counter()
        steps = fill(name, patients)
        seconds = time.perf_counter() - began
        tables = _tables(name, [step for step in steps if not step.startswith("all_")])
    rows = sum(table["rows"] for table in tables.values())
    report(
        "rows",
        rows / seconds,
        "rows/s",
        where,
        patients=patients,
        rows=rows,
        seconds=rounded(seconds),
        seconds_of_steps={step: rounded(took) for step, took in steps.items()},
        tables=tables,
        tenant=asked.more.keep,
    )


@contextmanager
def _tenant(keep: str | None) -> Iterator[str]:
    if keep is None:
        with tenant() as name:
            yield name
    else:
        tenants.create(keep, country="US")
        yield keep


def fill(name: str, patients: int) -> dict[str, float]:
    """Run all statements on an empty tenant; how long each took."""
    took: dict[str, float] = {}

    def done(step: str, began: float) -> None:
        took[step] = time.perf_counter() - began

    with session(name, LOCAL_ADMINISTRATOR, "benchmark") as opened:
        bulk.take_off(opened.connection)
        opened.connection.execute("SELECT setseed(0.5)")
        for step, statement in _NAMED.findall(_STATEMENTS.read_text()):
            began = time.perf_counter()
            opened.connection.execute(statement.encode(), {"patients": patients})
            done(step, began)
        opened.connection.commit()
        began = time.perf_counter()
        bulk.put_on(opened, os.cpu_count() or 1)
        done("all_keys_and_indexes", began)
        began = time.perf_counter()
        bulk.analyze(opened.connection)
        done("all_statistics", began)
    return took


def _tables(name: str, steps: list[str]) -> dict[str, dict[str, Any]]:
    with connection.connect(control.database_of(name)) as opened:
        found = opened.execute(
            "SELECT relname, reltuples::bigint, pg_table_size(oid), pg_indexes_size(oid)"
            " FROM pg_class WHERE relname = ANY(%s) AND relkind = 'r'"
            " AND relnamespace = 'public'::regnamespace ORDER BY 3 DESC",
            [steps],
        ).fetchall()
    return {
        table: {
            "rows": rows,
            "table_bytes": size,
            "index_bytes": indexes,
            "bytes_per_row": rounded((size + indexes) / max(rows, 1)),
        }
        for table, rows, size, indexes in found
    }


if __name__ == "__main__":
    main()
