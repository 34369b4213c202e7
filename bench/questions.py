"""Five questions of a clinician, in SQL on our tables and on one jsonb table.

    python bench/questions.py --size full

Ours are the statements the pages show (`record/sql/questions`); the peer's, of the same names, are
in `bench/jsonb`, written as well as we know for a GIN index and no other. Both are run in turn on a
warm server; the median counts. Answers are compared row by row: where they differ, the benchmark
fails. `figure` and `peer_figure` are milliseconds for all five, `ratio` how many times ours takes;
`details.times_faster` has each.
"""

import time
from collections.abc import Callable
from pathlib import Path
from statistics import geometric_mean, median
from typing import Any

from kit import baseline, ours
from kit.material import material, prepare
from kit.report import machine, options, parser, report, rounded
from kit.stage import database, stage, tenant
from wardbase.record import view
from wardbase.store import connection, control

_JSONB = Path(__file__).parent / "jsonb"
_RUNS = 5
Rows = list[tuple[Any, ...]]


def main() -> None:
    """Measure, compare and print."""
    asked = options(parser(__doc__))
    with stage(asked.here) as folder, tenant() as name, database() as peer:
        where = machine()
        paths = material(asked, folder)
        prepared = prepare(paths, folder / "lines")
        ours.load(paths, name)
        baseline.fill(peer, prepared, 2)
        for each in (control.database_of(name), peer):
            with connection.connect(each, autocommit=True) as opened:
                opened.execute("VACUUM (ANALYZE)")
        with (
            connection.connect(control.database_of(name)) as own,
            connection.connect(peer) as other,
        ):
            found = {question: _asked(own, other, question) for question in view.QUESTIONS}
    _report(where, prepared.resources, found)


def _asked(
    own: connection.Connection, other: connection.Connection, question: str
) -> dict[str, Any]:
    mine = view.statement("questions", question).text
    theirs = (_JSONB / f"{question}.sql").read_text()
    took: list[tuple[float, float]] = []
    for _ in range(_RUNS + 1):
        fast, rows = _timed(lambda: own.execute(mine.encode(), {}).fetchall())
        slow, others = _timed(lambda: other.execute(theirs.encode()).fetchall())
        took.append((fast, slow))
    ours_ms = median(1000 * fast for fast, _ in took[1:])
    jsonb_ms = median(1000 * slow for _, slow in took[1:])
    return {
        "rows": len(rows),
        "equal": rows == others,
        "ours_ms": rounded(ours_ms),
        "jsonb_ms": rounded(jsonb_ms),
        "times_faster": rounded(jsonb_ms / ours_ms),
        "ours_lines": _lines(mine),
        "jsonb_lines": _lines(theirs),
        **({} if rows == others else _differing(rows, others)),
    }


def _timed(run: Callable[[], Rows]) -> tuple[float, Rows]:
    began = time.perf_counter()
    rows = run()
    return time.perf_counter() - began, rows


def _lines(text: str) -> int:
    return sum(bool(line.strip()) and not line.startswith("--") for line in text.splitlines())


def _differing(rows: Rows, others: Rows) -> dict[str, int]:
    """How many rows, never which: they are patients'."""
    return {
        "jsonb_rows": len(others),
        "only_ours": len(set(rows) - set(others)),
        "only_jsonb": len(set(others) - set(rows)),
    }


def _report(where: dict[str, Any], resources: int, found: dict[str, dict[str, Any]]) -> None:
    faster = [each["times_faster"] for each in found.values()]
    report(
        "questions",
        sum(each["ours_ms"] for each in found.values()),
        "ms for five",
        where,
        peer="the same questions on (id, resource jsonb) + GIN jsonb_path_ops",
        peer_figure=sum(each["jsonb_ms"] for each in found.values()),
        target={"times_faster": 10, "lines": "fewer"},
        resources=resources,
        times_faster={name: each["times_faster"] for name, each in found.items()},
        times_faster_geometric_mean=rounded(geometric_mean(faster)),
        answers_equal=all(each["equal"] for each in found.values()),
        fewer_lines=all(each["ours_lines"] < each["jsonb_lines"] for each in found.values()),
        questions=found,
    )
    if not all(each["equal"] for each in found.values()):
        raise SystemExit("The answers differ: the times say nothing.")


if __name__ == "__main__":
    main()
