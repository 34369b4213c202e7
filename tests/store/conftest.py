"""Servers of their own, for tests that kill them."""

import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from wardbase.store import server
from wardbase.store.programs import programs


@pytest.fixture
def empty_home(home: Path, database_server: None) -> Iterator[Path]:
    """An empty WARDBASE_HOME with the programs in it; its server is stopped afterwards."""
    with _home_of_its_own() as folder:
        yield folder


@pytest.fixture
def own_home(initialised: Path) -> Iterator[Path]:
    """The same with a database cluster that is not running."""
    with _home_of_its_own() as folder:
        for name in ("data", "pgpass"):
            subprocess.run(["cp", "-a", initialised / name, folder / name], check=True)
        yield folder


@pytest.fixture(scope="session")
def initialised(home: Path, database_server: None) -> Iterator[Path]:
    """A database cluster to copy, for making one takes a second."""
    with _home_of_its_own() as folder:
        server.start()
        server.stop()
        kept = folder.with_name(f"{folder.name}-copy")
        subprocess.run(["cp", "-a", folder, kept], check=True)
    yield kept
    shutil.rmtree(kept)


@contextmanager
def _home_of_its_own() -> Iterator[Path]:
    unpacked = programs().path
    folder = Path(tempfile.mkdtemp(prefix="wardbase-own-"))
    folder.chmod(0o755)
    (folder / unpacked.name).symlink_to(unpacked)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WARDBASE_HOME", str(folder))
        patch.delenv("WARDBASE_URL", raising=False)
        yield folder
        _stop(folder)
    shutil.rmtree(folder)


def _stop(folder: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WARDBASE_HOME", str(folder))
        patch.delenv("WARDBASE_URL", raising=False)
        server.stop()
        # pg_ctl waits for the server, not for its logger, which may still write its last lines.
        while list(server._working_in(folder / "data")):
            time.sleep(0.01)
