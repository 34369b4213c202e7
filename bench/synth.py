"""How many resources a minute `wardbase synth` makes.

python bench/synth.py --size full
"""

from collections import Counter
from statistics import median
from typing import Any

from kit.report import machine, options, parser, report, rounded
from kit.stage import stage
from wardbase.synthetic import Recipe, write


def main() -> None:
    """Measure and print."""
    asked = options(parser(__doc__))
    rates: list[float] = []
    counts: Counter[str] = Counter()
    facts: dict[str, Any] = {}
    with stage(asked.here) as folder:
        where = machine()
        for n in range(asked.rounds):
            done = write(folder / f"{n}", Recipe(asked.patients))
            rates.append(60 * done.resources / done.seconds)
            counts = done.counts
            facts = {
                "patients": done.patients,
                "resources": done.resources,
                "resources_per_patient": rounded(done.resources / done.patients),
                "ndjson_bytes_per_resource": rounded(done.bytes / done.resources),
                "seconds": rounded(done.seconds),
            }
    report(
        "synth",
        median(rates),
        "resources/minute",
        where,
        **facts,
        target=100_000,
        types=dict(counts.most_common()),
        rounds=[rounded(rate) for rate in rates],
    )


if __name__ == "__main__":
    main()
