"""Options in, one JSON object out: the same for every benchmark."""

import argparse
import json
import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles
from typing import Any

from wardbase.store import connection

PATIENTS = {"tiny": 5, "small": 200, "full": 10_000}
"""Synthetic patients of each size; one is about a hundred resources."""


@dataclass(frozen=True)
class Options:
    """What every benchmark is asked."""

    patients: int
    data: tuple[Path, ...]
    here: bool
    rounds: int
    more: argparse.Namespace


def parser(says: str | None) -> argparse.ArgumentParser:
    """The options all have; a benchmark adds its own."""
    made = argparse.ArgumentParser(
        description=says, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    made.add_argument("--size", choices=PATIENTS, default="small", help="how much synthetic data")
    made.add_argument("--patients", type=int, help="this many synthetic patients instead")
    made.add_argument(
        "--data", type=Path, nargs="+", default=[], metavar="PATH",
        help="FHIR files, archives or folders instead of synthetic patients",
    )  # fmt: skip
    made.add_argument(
        "--here", action="store_true",
        help="use the server of WARDBASE_HOME or WARDBASE_URL, not one of its own",
    )  # fmt: skip
    made.add_argument("--rounds", type=int, default=1, help="measure this often; medians count")
    return made


def options(made: argparse.ArgumentParser, words: Sequence[str] | None = None) -> Options:
    """What was asked."""
    given = made.parse_args(words)
    patients = given.patients or PATIENTS[given.size]
    return Options(patients, tuple(given.data), given.here, given.rounds, given)


def machine() -> dict[str, Any]:
    """Where and under what load: to be asked before anything is measured."""
    with connection.administration() as admin:
        row = admin.execute("SHOW server_version").fetchone()
    return {
        "cpu": _cpu(),
        "cores": os.cpu_count(),
        "memory_gib": round(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30, 1),
        "load_at_start": os.getloadavg()[0],
        "postgres": row[0] if row else None,
        "python": platform.python_version(),
        "system": platform.platform(),
    }


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    found = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return found[0] if found else platform.machine()


def report(
    name: str,
    figure: float | None,
    unit: str,
    where: dict[str, Any],
    *,
    peer: str | None = None,
    peer_figure: float | None = None,
    **details: Any,
) -> None:
    """Print what was found. `ratio` is the figure by the peer's, whichever is better."""
    said = {
        "name": name,
        "figure": rounded(figure),
        "unit": unit,
        "peer": peer,
        "peer_figure": rounded(peer_figure),
        "ratio": rounded(figure / peer_figure) if figure is not None and peer_figure else None,
        "machine": where,
        "details": details,
    }
    print(json.dumps(said, indent=2, default=str))


def rounded(value: float | None) -> float | None:
    """Three digits that say something."""
    if value is None or value == 0:
        return value
    return float(f"{value:.3g}") if abs(value) < 100 else round(value)


def cuts(values: Sequence[float]) -> dict[str, float | None]:
    """The median and the 95th percentile."""
    if len(values) < 2:
        only = rounded(values[0]) if values else None
        return {"p50": only, "p95": only}
    found = quantiles(values, n=100, method="inclusive")
    return {"p50": rounded(found[49]), "p95": rounded(found[94])}
