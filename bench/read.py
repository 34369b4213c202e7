"""How long it takes to read one resource back by its id, as FHIR JSON.

    python bench/read.py --size full

Ours is one statement, children included, rendered in Python; the peer's is `SELECT
resource::text` by the key of one jsonb table. Both are asked in turn, for the same ids, over
one connection each, with prepared statements. `figure` and `peer_figure` are the microseconds at
p50 of all reads, `ratio` is how many times longer ours takes.
"""

import random
import time
from collections import defaultdict
from statistics import median
from typing import Any
from uuid import UUID

from kit import baseline, ours
from kit.material import material, prepare
from kit.report import cuts, machine, options, parser, report, rounded
from kit.stage import database, stage, tenant
from wardbase.exchange.fhir.kinds import key_of
from wardbase.record import read
from wardbase.store import connection, control

_FETCH = "SELECT resource::text FROM resource WHERE id = %s"
Times = dict[str, list[float]]


def main() -> None:
    """Measure and print."""
    made = parser(__doc__)
    made.add_argument("--each", type=int, default=200, help="resources of each type")
    asked = options(made)
    with stage(asked.here) as folder, tenant() as name, database() as peer:
        where = machine()
        paths = material(asked, folder)
        prepared = prepare(paths, folder / "lines")
        ours.load(paths, name)
        baseline.fill(peer, prepared, 2)
        with (
            connection.connect(control.database_of(name)) as own,
            connection.connect(peer) as other,
        ):
            chosen = _chosen(other, asked.more.each)
            mine, theirs = _measured(own, other, chosen)
    by_type: dict[str, dict[str, Any]] = {
        kind: {
            "read": len(mine[kind]),
            "ours_us": cuts(mine[kind]),
            "jsonb_us": cuts(theirs[kind]),
            "ratio_p50": rounded(median(mine[kind]) / median(theirs[kind])),
        }
        for kind in sorted(mine)
    }
    every, others = _all(mine), _all(theirs)
    report(
        "read",
        median(every),
        "us at p50",
        where,
        peer="SELECT resource::text FROM (id, resource jsonb) by its key",
        peer_figure=median(others),
        target={"ratio": 2},
        ours_us=cuts(every),
        jsonb_us=cuts(others),
        ratio_p95=_ratio(cuts(every)["p95"], cuts(others)["p95"]),
        worst_type=max(by_type.items(), key=lambda each: each[1]["ratio_p50"] or 0)[0],
        by_type=by_type,
    )


def _chosen(opened: connection.Connection, most: int) -> dict[str, list[str]]:
    """Some ids of each type, at random but the same every time."""
    found: dict[str, list[str]] = defaultdict(list)
    for (key,) in opened.execute("SELECT id FROM resource ORDER BY id"):
        kind, _, id_ = key.partition("/")
        found[kind].append(id_)
    dice = random.Random(1)
    return {kind: dice.sample(ids, min(most, len(ids))) for kind, ids in sorted(found.items())}


def _measured(
    own: connection.Connection, other: connection.Connection, chosen: dict[str, list[str]]
) -> tuple[Times, Times]:
    """Both in turn; the first turn over all warms both."""
    mine: Times = {}
    theirs: Times = {}
    for kind, ids in chosen.items():
        for turn in range(2):
            mine[kind], theirs[kind] = [], []
            for id_ in ids if turn else ids[:50]:
                mine[kind].append(_ours(own, kind, UUID(bytes=key_of(kind, id_))))
                theirs[kind].append(_jsonb(other, f"{kind}/{id_}"))
    return mine, theirs


def _ours(opened: connection.Connection, kind: str, key: UUID) -> float:
    began = time.perf_counter_ns()
    (stored,) = read.fetch(opened, kind, [key])
    took = time.perf_counter_ns() - began
    assert stored.json
    return took / 1000


def _jsonb(opened: connection.Connection, id_: str) -> float:
    began = time.perf_counter_ns()
    row = opened.execute(_FETCH, [id_], prepare=True).fetchone()
    took = time.perf_counter_ns() - began
    assert row
    return took / 1000


def _all(times: Times) -> list[float]:
    return [took for of in times.values() for took in of]


def _ratio(one: Any, other: Any) -> float | None:
    return rounded(one / other) if one and other else None


if __name__ == "__main__":
    main()
