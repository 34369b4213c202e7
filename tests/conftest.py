"""A real PostgreSQL for the tests: the embedded one in a folder of its own, or another's by
WARDBASE_TEST_URL."""

import os
import shutil
import tempfile
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from wardbase.store import connection, control, server
from wardbase.store import tenant as tenants


@pytest.fixture(scope="session")
def home() -> Iterator[Path]:
    """A WARDBASE_HOME for the whole run. Not pytest's tmp_path, which is closed to other users."""
    folder = Path(tempfile.mkdtemp(prefix="wardbase-test-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def database_server(home: Path) -> Iterator[None]:
    """A running server, which everything in wardbase finds by itself."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WARDBASE_HOME", str(home))
        if external := os.environ.get("WARDBASE_TEST_URL"):
            patch.setenv("WARDBASE_URL", external)
            yield
            return
        patch.delenv("WARDBASE_URL", raising=False)
        server.start()
        with connection.administration() as admin:
            # Nothing here outlives the run; what must survive a crash is tested on other servers.
            admin.execute("ALTER SYSTEM SET fsync = off")
            admin.execute("SELECT pg_reload_conf()")
        yield
        server.stop()


@pytest.fixture
def tenant_name() -> str:
    """A name no other test has."""
    return f"test-{uuid.uuid4().hex[:12]}"


@pytest.fixture
def tenant(database_server: None, tenant_name: str, forget: Callable[[str], None]) -> Iterator[str]:
    """The name of a fresh, empty tenant, dropped afterwards."""
    tenants.create(tenant_name, country="DE", display_name="Test")
    yield tenant_name
    forget(tenant_name)


@pytest.fixture(scope="session")
def forget() -> Callable[[str], None]:
    """Drops a tenant without the archive a hospital would get."""
    return _forget


def _forget(name: str) -> None:
    with control.connect() as books:
        connection.drop(control.database_of(name), books)
        books.execute("DELETE FROM tenant WHERE name = %s", [name])
