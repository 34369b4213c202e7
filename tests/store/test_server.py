"""The embedded server survives what happens to servers."""

import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from wardbase.store import connection, server
from wardbase.store import home as homes
from wardbase.store.home import Home, HomeUnreachable
from wardbase.store.server import OrphansRemain, ServedElsewhere

START = [sys.executable, "-c", "from wardbase.store import server; print(server.start().pid)"]


def test_starts_within_seconds_and_twice_is_once(empty_home: Path) -> None:
    began = time.monotonic()
    first = server.start()
    assert time.monotonic() - began < 10
    assert first.running
    assert server.start() == first


def test_killed_server_starts_again_with_what_was_committed(own_home: Path) -> None:
    server.start()
    with connection.connect("postgres") as c:
        c.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    killed = server.status().pid
    assert killed is not None
    os.kill(killed, signal.SIGKILL)
    with connection.connect("postgres") as c:  # starts it by itself
        assert c.execute("SELECT answer FROM kept").fetchone() == (42,)
    assert server.status().pid != killed


def test_stop_then_start_keeps_data_and_port(own_home: Path) -> None:
    before = server.start()
    assert not server.stop().running
    assert not server.stop().running
    assert server.start().port == before.port


def test_two_processes_starting_at_once_get_one_server(empty_home: Path) -> None:
    both = [subprocess.Popen(START, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    pids = {process.communicate(timeout=60)[0].strip() for process in both}
    assert pids == {str(server.status().pid)}


def test_pid_file_naming_a_living_stranger_is_stale(own_home: Path) -> None:
    server.start()
    stopped = (own_home / "data" / "postmaster.pid").read_text()
    server.stop()
    user = homes.server_user(Home(own_home))
    stranger = subprocess.Popen(["sleep", "60"], user=user.uid, cwd="/")
    try:
        lines = [str(stranger.pid), *stopped.splitlines()[1:]]
        user.own(Path(_write(own_home / "data" / "postmaster.pid", "\n".join(lines) + "\n")))
        assert not server.status().running
        assert server.start().running
    finally:
        stranger.kill()
        stranger.wait()


def _write(path: Path, text: str) -> Path:
    path.write_text(text)
    path.chmod(0o600)
    return path


def test_no_second_server_beside_processes_of_a_dead_one(
    own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.start()
    server.stop()
    monkeypatch.setattr(server, "LONGEST_ORPHANS", 0.2)
    orphan = subprocess.Popen(["sleep", "60"], cwd=own_home / "data")
    try:
        with pytest.raises(OrphansRemain, match=str(orphan.pid)):
            server.start()
    finally:
        orphan.kill()
        orphan.wait()
    assert server.start().running


def test_server_outlives_whoever_started_it(own_home: Path) -> None:
    hold = "; print('up', flush=True); import time; time.sleep(60)"
    starter = subprocess.Popen(
        [*START[:2], START[2] + hold], stdout=subprocess.PIPE, start_new_session=True
    )
    assert starter.stdout is not None
    starter.stdout.readline()
    os.killpg(starter.pid, signal.SIGKILL)
    starter.communicate()
    time.sleep(0.2)
    assert server.status().running


def test_cut_short_initialisation_is_done_again(empty_home: Path) -> None:
    (empty_home / "data.new" / "base").mkdir(parents=True)
    (empty_home / "data.new" / "PG_VERSION").write_text("18")
    assert server.start().running


def test_settings_keep_data_safe_and_the_log_silent(own_home: Path) -> None:
    server.start()
    wanted = {
        "fsync": "on",
        "synchronous_commit": "on",
        "full_page_writes": "on",
        "data_checksums": "on",
        "TimeZone": "UTC",
        "wal_level": "replica",
        "log_error_verbosity": "terse",
        "log_min_error_statement": "panic",
        "max_connections": "200",
    }
    with connection.connect("postgres") as c:
        for name, value in wanted.items():
            assert c.execute("SELECT current_setting(%s)", [name]).fetchone() == (value,), name


def test_values_of_rows_do_not_reach_the_log(own_home: Path) -> None:
    server.start()
    with connection.connect("postgres", autocommit=True) as c:
        c.execute("CREATE TABLE t (name text PRIMARY KEY)")
        c.execute("INSERT INTO t VALUES ('Rosalind')")
        with pytest.raises(psycopg.errors.UniqueViolation):
            c.execute("INSERT INTO t VALUES ('Rosalind')")
    server.stop()
    logged = "".join(file.read_text() for file in (own_home / "log").iterdir())
    assert "duplicate key" in logged
    assert "Rosalind" not in logged


def test_password_is_private_and_in_no_url(own_home: Path) -> None:
    server.start()
    file = own_home / "pgpass"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE((own_home / "data").stat().st_mode) == 0o700
    password = file.read_text().strip().rpartition(":")[2]
    assert len(password) > 30
    assert password not in connection.url("postgres")
    with psycopg.connect(connection.url("postgres")) as c:
        assert c.execute("SELECT 1").fetchone() == (1,)
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(
            host="127.0.0.1",
            port=server.status().port,
            user="postgres",
            password="guess",
            dbname="postgres",
        )


def test_tcp_is_encrypted(own_home: Path) -> None:
    if not server.start().tls:
        pytest.skip("no openssl here to make a certificate with")
    with psycopg.connect(
        host="127.0.0.1",
        port=server.status().port,
        user="postgres",
        dbname="postgres",
        passfile=str(own_home / "pgpass"),
        sslmode="verify-full",
        sslrootcert=str(own_home / "data" / "server.crt"),
    ) as c:
        assert c.pgconn.ssl_in_use


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the server as another user")
def test_closed_folder_is_refused_and_stays_closed(
    empty_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = empty_home / "closed"
    closed.mkdir(mode=0o700)
    monkeypatch.setenv("WARDBASE_HOME", str(closed / "home"))
    with pytest.raises(HomeUnreachable, match="WARDBASE_HOME"):
        server.start()
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700


def test_with_a_server_elsewhere_none_is_started(
    own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WARDBASE_URL", "postgresql://elsewhere/postgres")
    with pytest.raises(ServedElsewhere):
        server.start()
