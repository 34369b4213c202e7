"""Connections to the embedded server, and to any other by WARDBASE_URL."""

import threading
from pathlib import Path
from urllib.parse import quote

import pytest

from wardbase.store import client, connection, control, server
from wardbase.store import tenant as tenants
from wardbase.store.connection import BadServerUrl, NoDatabase, ServerTooOld, ServerUnreachable
from wardbase.store.kept import Kept, NoConnectionFree

pytestmark = pytest.mark.usefixtures("database_server")


def test_times_are_utc_and_the_application_is_named() -> None:
    with connection.connect(connection.maintenance(), application_name="a test") as c:
        row = c.execute(
            "SELECT current_setting('TimeZone'), current_setting('application_name')"
        ).fetchone()
    assert row == ("UTC", "a test")


def test_absent_database_is_told_from_absent_server(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NoDatabase, match="nowhere"):
        connection.connect("nowhere")
    monkeypatch.setenv("WARDBASE_URL", "postgresql://postgres:secret@127.0.0.1:1/postgres")
    with pytest.raises(ServerUnreachable, match=r"127\.0\.0\.1:1") as refused:
        connection.connect("nowhere")
    assert "secret" not in str(refused.value)


def test_url_that_is_none_is_refused_without_repeating_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WARDBASE_URL", "postgres//me:secret@host")
    with pytest.raises(BadServerUrl) as refused:
        connection.connect("postgres")
    assert "secret" not in str(refused.value)


def test_old_server_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "OLDEST", 99)
    with pytest.raises(ServerTooOld, match="99 or newer"):
        connection.connect(connection.maintenance())


def test_server_by_url_does_all_the_embedded_one_does(
    own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = server.start().port
    password = quote((own_home / "pgpass").read_text().strip().rpartition(":")[2])
    monkeypatch.setenv(
        "WARDBASE_URL", f"postgresql://postgres:{password}@127.0.0.1:{port}/postgres"
    )
    tenants.create("far", country="FR")
    assert [tenant.name for tenant in tenants.every()] == ["far"]
    assert password not in " ".join(connection.secrets().keys())
    assert client.psql(control.database_of("far"), "SELECT 1") == 0
    archive = tenants.drop("far")
    assert archive is not None
    assert archive.exists()
    monkeypatch.delenv("WARDBASE_URL")


def test_kept_connection_serves_again_and_is_left_clean() -> None:
    kept = Kept(size=2)
    database = connection.maintenance()
    with kept.connection(database) as first:
        pass
    with kept.connection(database) as second:
        assert second is first
    with pytest.raises(ZeroDivisionError), kept.connection(database) as third:
        third.execute("SELECT 1 / %s", [1 // 0])
    assert third.closed
    kept.close()


def test_kept_connection_that_was_ended_is_replaced() -> None:
    kept = Kept(size=2)
    database = connection.maintenance()
    with kept.connection(database) as first:
        pid = first.info.backend_pid
    with connection.administration() as admin:
        admin.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
    with kept.connection(database) as second:
        assert second.execute("SELECT 1").fetchone() == (1,)
    kept.close()


def test_kept_are_never_more_than_their_number(tenant: str) -> None:
    kept = Kept(size=1, patience=0.1)
    with kept.connection(connection.maintenance()):
        refused: list[Exception] = []
        other = threading.Thread(target=_try, args=(kept, refused))
        other.start()
        other.join()
    assert isinstance(refused[0], NoConnectionFree)
    with kept.connection(control.database_of(tenant)) as c:
        assert c.info.dbname == control.database_of(tenant)
    assert len(kept._idle) == 1
    kept.close()


def _try(kept: Kept, refused: list[Exception]) -> None:
    try:
        with kept.connection(connection.maintenance()):
            pass
    except NoConnectionFree as problem:
        refused.append(problem)
