"""A server to measure on, and databases on it that are gone afterwards."""

import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from wardbase.store import connection, control, server
from wardbase.store import tenant as tenants


@contextmanager
def stage(here: bool) -> Iterator[Path]:
    """A running server, and a folder for files; both go unless the server was there before."""
    folder = Path(tempfile.mkdtemp(prefix="wardbase-bench-"))
    folder.chmod(0o755)
    try:
        if here:
            server.external() or server.start()
            yield folder
        else:
            with _own(folder / "home"):
                yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _own(home: Path) -> Iterator[None]:
    os.environ["WARDBASE_HOME"] = str(home)
    os.environ.pop("WARDBASE_URL", None)
    try:
        server.start()
        yield
    finally:
        server.stop()


@contextmanager
def tenant() -> Iterator[str]:
    """The name of an empty tenant."""
    name = f"bench-{uuid.uuid4().hex[:10]}"
    tenants.create(name, country="US")
    try:
        yield name
    finally:
        with control.connect() as books:
            connection.drop(control.database_of(name), books)
            books.execute("DELETE FROM tenant WHERE name = %s", [name])


@contextmanager
def database() -> Iterator[str]:
    """The name of an empty database that is no tenant's, made as a tenant's is."""
    name = f"wardbase_bench_{uuid.uuid4().hex[:10]}"
    with connection.administration() as admin:
        connection.create(name, admin)
    try:
        yield name
    finally:
        with connection.administration() as admin:
            connection.drop(name, admin)


def checkpoint() -> None:
    """Write out what earlier measurements left dirty, so that the next does not pay for it."""
    with connection.administration() as admin:
        admin.execute("CHECKPOINT")
