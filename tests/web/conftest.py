"""A hospital with synthetic patients, and its pages served by a real server."""

import socket
import threading
import time
from collections.abc import Callable, Iterator

import httpx
import pytest
import uvicorn
from browsing import fields, write

from wardbase.access.session import LOCAL_ADMINISTRATOR, close_kept, session
from wardbase.store import tenant as tenants
from wardbase.synthetic import generate
from wardbase.web import desk
from wardbase.web.app import create_app

HOSPITAL = "test-web"


@pytest.fixture(scope="session")
def hospital(database_server: None, forget: Callable[[str], None]) -> Iterator[str]:
    """A tenant with a dozen patients."""
    tenants.create(HOSPITAL, country="DE", display_name="Klinikum am Wald")
    write(HOSPITAL, [raw for _, raw in generate(12, seed=3, country="DE")])
    yield HOSPITAL
    close_kept()
    forget(HOSPITAL)


@pytest.fixture(scope="session")
def address(hospital: str) -> Iterator[str]:
    """Where the pages are served."""
    desk.forget()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    config = uvicorn.Config(create_app(), "127.0.0.1", port, log_level="error", access_log=False)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join()


@pytest.fixture
def client(address: str) -> Iterator[httpx.Client]:
    """A browser without scripts."""
    headers = {"origin": address, "accept": "text/html"}
    with httpx.Client(base_url=address, headers=headers, timeout=30) as made:
        yield made


@pytest.fixture
def patient(client: httpx.Client, hospital: str) -> str:
    """A patient nobody else has, by id."""
    page = client.get(f"/{hospital}/patients/new")
    family = f"Möller{time.time_ns() % 10**6}"
    typed = fields(page) | {"family": family, "given": "Zoë", "birth": "3.5.1980", "sex": "female"}
    there = client.get(f"/{hospital}/patients.json?q=3.5.1980").json()["sections"][0]["rows"]
    typed["seen"] = " ".join(row["id"] for row in there)
    saved = client.post(f"/{hospital}/patients/new", data=typed)
    assert saved.status_code == 303, saved.text
    return saved.headers["location"].split("/")[-1].split("?")[0]


@pytest.fixture(scope="session")
def busy(hospital: str) -> str:
    """The patient with most results."""
    with session(hospital, LOCAL_ADMINISTRATOR, "test") as own:
        found = own.connection.execute(
            "SELECT patient_id FROM observation GROUP BY 1 ORDER BY count(*) DESC LIMIT 1"
        )
        return str(found.fetchone()[0])
