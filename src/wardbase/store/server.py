"""The embedded PostgreSQL: made, started, stopped and found again, however it or we died.

Every state is read from the system (postmaster.pid, /proc), none is remembered, so any number of
processes may ask at once and any of them may die.
"""

import os
import secrets
import shutil
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from wardbase.errors import ServerError
from wardbase.store import settings
from wardbase.store.home import Home, ServerUser, home, server_user
from wardbase.store.programs import Programs, suiting

ADMINISTRATOR = "postgres"
# Crash recovery replays up to max_wal_size; a slow disk needs minutes for it.
LONGEST_START = 300
LONGEST_STOP = 300
LONGEST_ORPHANS = 60


class NotInitialised(ServerError):
    says = "initdb could not make the database cluster in {data}:\n{reason}"


class NotStarted(ServerError):
    says = "The database server in {data} did not start: {reason}\nIts log is in {log}."


class NotStopped(ServerError):
    says = (
        "The database server in {data} did not stop within {seconds} seconds: {reason}\n"
        "It keeps running. Its log is in {log}."
    )


class OrphansRemain(ServerError):
    says = (
        "The database server in {data} died, but processes of it live on ({pids}).\n"
        "Starting a second one beside them could damage the data. End them (kill {pids}) and "
        "start again."
    )


class ServedElsewhere(ServerError):
    says = (
        "WARDBASE_URL is set: wardbase uses that server and neither starts nor stops it.\n"
        "Unset WARDBASE_URL to use the embedded one."
    )


@dataclass(frozen=True)
class Status:
    """What is known of the embedded server."""

    running: bool
    pid: int | None
    port: int | None
    socket: str | None
    data: str
    version: str | None
    tls: bool


def status() -> Status:
    """What is known of the embedded server; ServedElsewhere if another one is in use."""
    _refuse_if_external()
    place = home()
    pid = _running(place)
    return Status(
        running=pid is not None,
        pid=pid,
        port=port(place),
        socket=str(place.socket) if place.socket else None,
        data=str(place.data),
        version=_read(place.data / "PG_VERSION"),
        tls=_exists(place.data / "server.key"),
    )


def start() -> Status:
    """Make the server if there is none, and start it if it does not run. Idempotent."""
    _refuse_if_external()
    if _running(home()) is None:
        with home().locked():
            _start(home())
    return status()


def stop() -> Status:
    """Stop the server if it runs: open transactions are rolled back, all else is on disk."""
    _refuse_if_external()
    place = home()
    if _running(place) is not None:
        with place.locked():
            _stop(place)
    return status()


def external() -> str | None:
    """The URL of the server to use instead of the embedded one."""
    return os.environ.get("WARDBASE_URL") or None


def _refuse_if_external() -> None:
    if external():
        raise ServedElsewhere


# --- start and stop, under the lock ---


def _start(place: Home) -> None:
    user = server_user(place)
    programs = suiting(place)
    for folder in (place.path / "run", place.log):
        user.folder(folder)
    if not place.initialised:
        _initialise(place, programs, user)
    _wait_for_orphans(place)
    if _running(place) is not None:
        return
    _clear_stale(place)
    place.port.write_text(str(_free_port(port(place))))
    _write_settings(place, user)
    said = user.run(
        [
            *(programs["pg_ctl"], "start", "--wait", "--silent", f"--timeout={LONGEST_START}"),
            *("--pgdata", place.data, "--log", place.log / "start.log"),
        ],
        **programs.environment,
    )
    if _running(place) is None:
        reason = _last_fatal(place.log) or (said.stderr or said.stdout).strip()
        raise NotStarted(data=place.data, reason=reason, log=place.log)


def _stop(place: Home) -> None:
    programs, user = suiting(place), server_user(place)
    said = user.run(
        [
            *(programs["pg_ctl"], "stop", "--wait", "--silent", "--mode=fast"),
            *(f"--timeout={LONGEST_STOP}", "--pgdata", place.data),
        ],
        **programs.environment,
    )
    if _running(place) is not None:
        reason = (said.stderr or said.stdout).strip()
        raise NotStopped(data=place.data, seconds=LONGEST_STOP, reason=reason, log=place.log)


def _initialise(place: Home, programs: Programs, user: ServerUser) -> None:
    """initdb into a folder beside, renamed at the end: the data is there whole or not at all."""
    new = place.path / "data.new"
    shutil.rmtree(new, ignore_errors=True)
    user.folder(new)
    password = _password(place)
    pwfile = user.own(_private(place.path / "initdb.password", password))
    try:
        said = user.run(
            [
                *(programs["initdb"], "--pgdata", new, "--username", ADMINISTRATOR),
                *("--pwfile", pwfile, "--auth", "scram-sha-256", "--data-checksums"),
                *("--encoding", "UTF8", "--locale", "C.UTF-8"),
                *("--locale-provider", "builtin", "--builtin-locale", "C.UTF-8"),
            ],
            **programs.environment,
        )
    finally:
        pwfile.unlink()
    if said.returncode:
        raise NotInitialised(data=place.data, reason=said.stderr.strip())
    with (new / "postgresql.conf").open("a") as configuration:
        configuration.write("\ninclude 'wardbase.conf'\n")
    _make_certificate(new, user)
    new.rename(place.data)


def _make_certificate(data: Path, user: ServerUser) -> None:
    """A certificate of our own. Without openssl there is none: we listen on the loopback only."""
    if shutil.which("openssl") is None:
        return
    made = user.run(
        [
            *("openssl", "req", "-x509", "-nodes", "-days", "3650", "-subj", "/CN=localhost"),
            *("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"),
            *("-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"),
            *("-keyout", data / "server.key.new", "-out", data / "server.crt"),
        ]
    )
    if made.returncode == 0:
        (data / "server.key.new").rename(data / "server.key")


def _write_settings(place: Home, user: ServerUser) -> None:
    file = place.data / "wardbase.conf"
    chosen = settings.settings(place, port(place) or 0)
    user.own(_private(file, settings.as_file(chosen) + "\n"))


def _password(place: Home) -> str:
    """The administrator's password, made once; kept as a password file that libpq reads itself.

    So it is in no URL, no command line and no log.
    """
    if not place.pgpass.exists():
        _private(place.pgpass, f"*:*:*:{ADMINISTRATOR}:{secrets.token_urlsafe(32)}\n")
    return place.pgpass.read_text().strip().rpartition(":")[2]


def _private(path: Path, text: str) -> Path:
    """Write a file only its owner can read, from its first byte on, whole or not at all."""
    new = path.with_name(path.name + ".new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    return new.rename(path)


# --- what the system says ---


def port(place: Home) -> int | None:
    said = _read(place.port)
    return int(said) if said else None


def _running(place: Home) -> int | None:
    """The postmaster's process id if it lives and takes connections."""
    said = _pid_file(place)
    return _postmaster(place) if len(said) > 7 and said[7].strip() == "ready" else None


def _postmaster(place: Home) -> int | None:
    """The postmaster's process id if it lives."""
    said = _pid_file(place)
    if not said or not said[0].isdigit():
        return None
    return int(said[0]) if _is_postmaster(int(said[0]), place.data) else None


def _pid_file(place: Home) -> list[str]:
    return (_read(place.data / "postmaster.pid") or "").splitlines()


def _is_postmaster(pid: int, data: Path) -> bool:
    """Is this the server of `data`, rather than nobody, or a stranger who got its number?"""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    command = _command(pid)
    return command is None or str(data) in command


def _command(pid: int) -> list[str] | None:
    """A process's command line; empty for the dead nobody has buried; None if /proc is not here."""
    if not Path("/proc/self").exists():
        return None
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
    except OSError:
        return []


def _wait_for_orphans(place: Home) -> None:
    """Wait for what a killed or still starting server has left: it ends, or becomes ready."""
    starting = _postmaster(place) is not None
    patience = time.monotonic() + (LONGEST_START if starting else LONGEST_ORPHANS)
    while (left := list(_working_in(place.data))) and _running(place) is None:
        if time.monotonic() > patience:
            raise OrphansRemain(data=place.data, pids=" ".join(map(str, left)))
        time.sleep(0.05)


def _working_in(data: Path) -> Iterator[int]:
    """The processes of the server: each works in the folder of its data."""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            # One we may not read is not ours, and so not of our server.
            works_in = process.joinpath("cwd").readlink()
        except OSError:
            continue
        if works_in == data:
            yield int(process.name)


def _clear_stale(place: Home) -> None:
    """Take away a dead server's postmaster.pid, and its socket with the lock on it.

    PostgreSQL does so itself, except where something else has the dead one's number: another
    program, or its own body where no init buries the dead, as in many containers. No process works
    in the data now, and PostgreSQL's shared memory guards it a second time.
    """
    if not Path("/proc/self").exists():
        return
    left = [place.data / "postmaster.pid", *(place.path / "run").iterdir()]
    for file in left:
        file.unlink(missing_ok=True)


def _free_port(last: int | None) -> int:
    """The last port again if nobody has taken it, so that what was told it stays right."""
    for wanted in (last or 0, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", wanted))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise NotStarted(data=home().data, reason="no loopback port is free", log=home().log)


def _read(path: Path) -> str | None:
    try:
        return path.read_text().strip()
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return None


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except PermissionError:
        return False


def _last_fatal(log: Path) -> str | None:
    """Why the server ended, from the newest of its logs that says so."""
    for file in sorted(log.glob("*.log"), key=lambda file: file.stat().st_mtime, reverse=True):
        said = [line for line in (_read(file) or "").splitlines() if "FATAL" in line]
        if said:
            return said[-1]
    return None
