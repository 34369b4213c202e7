"""How long a chart takes: random patients over real HTTP; p50 and p95 in ms as JSON.

python bench/chart.py --size full
python bench/chart.py --here --tenant north
"""

import http.client
import random
import socket
import statistics
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import uvicorn

from kit import ours
from kit.material import material
from kit.report import machine, options, parser, report
from kit.stage import stage, tenant
from wardbase.access.session import LOCAL_ADMINISTRATOR, close_kept, session
from wardbase.record import view
from wardbase.web.app import create_app

WARM_UP = 10


def main() -> None:
    """Measure the pages of a tenant: one made for it, or `--tenant` with `--here`."""
    made = parser(__doc__)
    made.add_argument("--tenant", help="one that is there already")
    made.add_argument("--charts", type=int, default=200)
    asked = options(made)
    with stage(asked.here) as folder:
        if asked.more.tenant:
            _report(asked.more.tenant, asked.more.charts)
            return
        with tenant() as name:
            ours.load(material(asked, folder), name)
            _report(name, asked.more.charts)


def _report(name: str, charts: int) -> None:
    where = machine()
    keys, families, total = sample(name, charts, 1)
    pages = {
        "chart": [f"/patients/{key}" for key in keys],
        "chart as JSON": [f"/patients/{key}.json" for key in keys],
        "search by name": [f"/patients?q={family}" for family in families],
        "search with a slip": [f"/patients?q={family[:2]}{family[3:]}" for family in families],
        "hospital": ["/"] * 10,
        **{f"question: {each}": [f"/questions/{each}"] * 5 for each in view.QUESTIONS},
    }
    with served() as port:
        found = {
            page: measure(port, [f"/{name}{path}" for path in paths])
            for page, paths in pages.items()
        }
    report(
        "chart",
        found["chart"]["p95"],
        "ms at p95 of the chart",
        where,
        target={"figure": 100},
        patients=total,
        ms=found,
    )


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
