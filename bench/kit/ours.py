"""wardbase itself, as its user runs it: the command, in a process of its own."""

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kit.gauge import Used, measured

_MAIN = "from wardbase.cli import main; main()"


@dataclass(frozen=True)
class Load:
    """One load: what the command said, and what it used."""

    said: dict[str, Any]
    used: Used

    @property
    def rate(self) -> float:
        """Resources a second, by the command's own clock."""
        return float(self.said["resources"]) / max(float(self.said["seconds"]), 1e-9)

    def facts(self) -> dict[str, Any]:
        """What to report of it."""
        resources = max(int(self.said["resources"]), 1)
        used = self.used
        return {
            "resources": resources,
            "seconds": self.said["seconds"],
            "seconds_with_start_of_python": round(used.seconds, 3),
            "resources_per_second": round(self.rate),
            "in_bulk": self.said["bulk"],
            "new": sum(self.said["new"].values()),
            "same": sum(self.said["same"].values()),
            "conflicts": sum(self.said["conflicts"].values()),
            "replaced": sum(self.said["replaced"].values()),
            "refused": self.said["refused"],
            "client_cpu_us_per_resource": round(1e6 * used.client_cpu / resources),
            "server_cpu_us_per_resource": _per(used.server_cpu, resources),
            "client_mib_largest_process": round(used.peak_process),
            "client_mib_all_processes_rss": round(used.peak_rss_sum),
            "client_mib_all_processes_pss": round(used.peak_pss_sum),
        }


def _per(seconds: float | None, resources: int) -> int | None:
    return None if seconds is None else round(1e6 * seconds / max(resources, 1))


def load(paths: Sequence[Path], tenant: str) -> Load:
    """Load files into a tenant."""
    words = [sys.executable, "-c", _MAIN, "load", *map(str, paths), "--tenant", tenant, "--json"]
    used = measured(words)
    return Load(json.loads(used.said), used)
