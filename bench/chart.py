"""How long a chart takes: random patients over real HTTP; p50 and p95 in ms as JSON.

.venv/bin/python bench/chart.py TENANT [--patients 200] [--seed 1]
"""

import argparse
import http.client
import json
import random
import socket
import statistics
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import uvicorn

from wardbase.access.session import LOCAL_ADMINISTRATOR, close_kept, session
from wardbase.record import view
from wardbase.web.app import create_app

WARM_UP = 10


def main() -> None:
    """Measure the pages of one tenant."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tenant")
    parser.add_argument("--patients", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    keys, names, total = sample(asked.tenant, asked.patients, asked.seed)
    pages = {
        "chart": [f"/patients/{key}" for key in keys],
        "chart as JSON": [f"/patients/{key}.json" for key in keys],
        "search by name": [f"/patients?q={name}" for name in names],
        "search with a slip": [f"/patients?q={name[:2]}{name[3:]}" for name in names],
        "hospital": ["/"] * 10,
        **{f"question: {name}": [f"/questions/{name}"] * 5 for name in view.QUESTIONS},
    }
    with served() as port:
        found = {
            name: measure(port, [f"/{asked.tenant}{path}" for path in paths])
            for name, paths in pages.items()
        }
    print(json.dumps({"tenant": asked.tenant, "patients": total, "ms": found}, indent=2))


def sample(tenant: str, count: int, seed: int) -> tuple[list[str], list[str], int]:
    """Keys of random patients with records, and ASCII family names to search for."""
    with session(tenant, LOCAL_ADMINISTRATOR, "bench") as own:
        rows = own.connection.execute(
            "SELECT p.patient_id::text, n.family FROM patient p"
            " JOIN patient_name n ON n.patient_id = p.patient_id AND n.n = 1"
            " ORDER BY p.patient_id"
        ).fetchall()
    chosen = random.Random(seed).sample(rows, min(count, len(rows)))
    names = [name for _, name in chosen if name and name.isascii() and name.isalnum()]
    return [key for key, _ in chosen], names[:50], len(rows)


@contextmanager
def served() -> Iterator[int]:
    """The pages on a free port of this machine."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    config = uvicorn.Config(create_app(), "127.0.0.1", port, log_level="error", access_log=False)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield port
    server.should_exit = True
    thread.join()
    close_kept()


def measure(port: int, paths: Sequence[str]) -> dict[str, float]:
    """Milliseconds from request to the last byte, one at a time on one connection."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    times, sizes = [], []
    for path in [*paths[:WARM_UP], *paths]:
        started = time.perf_counter()
        connection.request("GET", path, headers={"accept": "text/html"})
        answer = connection.getresponse()
        sizes.append(len(answer.read()))
        times.append((time.perf_counter() - started) * 1000)
        if answer.status != 200:
            raise SystemExit(f"{answer.status} for a page of {path.split('/')[2]}")
    times = times[min(WARM_UP, len(paths)) :]
    cuts = statistics.quantiles(times, n=20, method="inclusive") if len(times) > 1 else times * 20
    return {
        "p50": round(statistics.median(times), 1),
        "p95": round(cuts[18], 1),
        "max": round(max(times), 1),
        "kB": round(statistics.mean(sizes) / 1000, 1),
        "count": len(times),
    }


if __name__ == "__main__":
    main()
