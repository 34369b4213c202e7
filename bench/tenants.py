"""How long it takes to create a tenant, and what each costs on disk.

    python bench/tenants.py 200

Makes the tenants on a server of its own, in a temporary folder, and prints figures as JSON.
"""

import argparse
import json
import os
import platform
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import quantiles

from wardbase.store import connection, control, server, tenant
from wardbase.store.migrations import history


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tenants", type=int, nargs="?", default=10)
    number = parser.parse_args().tenants
    with _server() as home:
        first = _seconds("first")  # makes the template, too
        seconds = sorted(_seconds(f"bench-{i}") for i in range(number))
        figures: dict[str, object] = {**_figures(seconds), **_cost(home)}
        began = time.monotonic()
        _crash_and_start()
        figures |= {
            "seconds_for_first_with_template": round(first, 3),
            "seconds_to_start_after_crash": round(time.monotonic() - began, 3),
            "schema_version": history.head(),
            "machine": _machine(),
        }
    print(json.dumps(figures, indent=2))


@contextmanager
def _server() -> Iterator[Path]:
    home = Path(tempfile.mkdtemp(prefix="wardbase-bench-"))
    home.chmod(0o755)
    os.environ["WARDBASE_HOME"] = str(home)
    os.environ.pop("WARDBASE_URL", None)
    try:
        server.start()
        yield home
    finally:
        server.stop()
        shutil.rmtree(home, ignore_errors=True)


def _seconds(name: str) -> float:
    began = time.monotonic()
    tenant.create(name, country="DE")
    return time.monotonic() - began


def _figures(seconds: list[float]) -> dict[str, float]:
    cuts = quantiles(seconds, n=100, method="inclusive") if len(seconds) > 1 else seconds * 99
    return {
        "tenants": len(seconds),
        "seconds_per_tenant_p50": round(cuts[49], 3),
        "seconds_per_tenant_p95": round(cuts[94], 3),
        "seconds_per_tenant_max": round(seconds[-1], 3),
    }


def _cost(home: Path) -> dict[str, float]:
    database = control.database_of("first")
    with connection.administration() as admin:
        row = admin.execute(
            "SELECT pg_database_size(oid), oid FROM pg_database WHERE datname = %s", [database]
        ).fetchone()
    assert row is not None
    files = list((home / "data" / "base" / str(row[1])).iterdir())
    return {"mb_per_tenant": round(row[0] / 1e6, 1), "files_per_tenant": len(files)}


def _crash_and_start() -> None:
    pid = server.status().pid
    assert pid is not None
    os.kill(pid, 9)
    while server.status().running:
        time.sleep(0.001)
    server.start()


def _machine() -> dict[str, object]:
    return {
        "cores": os.cpu_count(),
        "load": os.getloadavg()[0],
        "system": platform.platform(),
        "python": platform.python_version(),
    }


if __name__ == "__main__":
    main()
