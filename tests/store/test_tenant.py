"""A tenant's life, from creation to archive."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from wardbase.errors import TenantError
from wardbase.model.control import State
from wardbase.store import connection, control, template
from wardbase.store import tenant as tenants
from wardbase.store.programs import programs
from wardbase.store.tenant import DatabaseInTheWay, TenantExists, UnknownCountry, WrongState

pytestmark = pytest.mark.usefixtures("database_server")

WARDBASE = [sys.executable, "-c", "from wardbase.cli import main; main()"]


def wardbase(*words: str, answer: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*WARDBASE, *words], input=answer, capture_output=True, text=True, check=False
    )


def test_life_by_the_command_line(
    tenant_name: str, home: Path, forget: Callable[[str], None]
) -> None:
    made = wardbase("tenant", "create", tenant_name, "--country", "de", "--json")
    assert made.returncode == 0, made.stderr
    facts = json.loads(made.stdout)
    assert (facts["state"], facts["country"]) == ("active", "DE")
    listed = json.loads(wardbase("tenant", "list", "--json").stdout)
    assert tenant_name in [tenant["name"] for tenant in listed]

    twice = wardbase("tenant", "create", tenant_name, "--country", "DE")
    assert twice.returncode == TenantError.exit_code
    assert "exists" in twice.stderr
    assert "Traceback" not in twice.stderr

    kept = wardbase("tenant", "drop", tenant_name, answer="n\n")
    assert kept.returncode != 0
    assert tenants.get(tenant_name).state == State.ACTIVE

    dropped = wardbase("tenant", "drop", tenant_name, "--yes", "--json")
    archive = Path(json.loads(dropped.stdout)["archive"])
    assert archive.parent == home / "archive"
    shown = json.loads(wardbase("tenant", "show", tenant_name, "--json").stdout)
    assert (shown["state"], shown["archive"]) == ("dropped", str(archive))
    forget(tenant_name)


def test_archive_restores_to_what_was_there(tenant: str, tmp_path: Path) -> None:
    with connection.connect(control.database_of(tenant)) as c:
        c.execute("CREATE TABLE note AS SELECT 'kept' AS text")
    archive = tenants.drop(tenant)
    assert archive is not None
    assert archive.stat().st_mode & 0o077 == 0
    with connection.administration() as admin:
        connection.create("restored", admin)
        restore(archive, "restored", tmp_path)
        with connection.connect("restored") as c:
            assert c.execute("SELECT text FROM note").fetchone() == ("kept",)
            assert c.execute("SELECT count(*) FROM audit").fetchone() == (0,)
        connection.drop("restored", admin)


def restore(archive: Path, database: str, scratch: Path) -> None:
    """By way of a script, as PostgreSQL below 17 does not know one of 18's settings in it."""
    script = scratch / "restore.sql"
    unpacked = programs().run(["pg_restore", "--file", script, archive], secrets={})
    assert unpacked.returncode == 0, unpacked.stderr
    script.write_text(script.read_text().replace("SET transaction_timeout = 0;\n", ""))
    words = ["psql", "--single-transaction", "--set=ON_ERROR_STOP=1", "--file", script]
    restored = programs().run(
        [*words, f"--dbname={database}"], secrets=connection.secrets() | {"PGOPTIONS": ""}
    )
    assert restored.returncode == 0, restored.stderr


def test_name_of_a_dropped_tenant_can_be_used_again(tenant: str) -> None:
    tenants.drop(tenant)
    again = tenants.create(tenant, country="US")
    assert (again.state, again.country, again.archive) == ("active", "US", None)


def test_cut_short_creation_is_made_anew(tenant: str) -> None:
    with control.connect() as books:
        books.execute("UPDATE tenant SET state = 'creating' WHERE name = %s", [tenant])
    with connection.connect(control.database_of(tenant)) as c:
        c.execute("CREATE TABLE half_done ()")
    assert tenants.create(tenant, country="DE").state == State.ACTIVE
    with connection.connect(control.database_of(tenant)) as c:
        assert c.execute("SELECT to_regclass('half_done')").fetchone() == (None,)


def test_cut_short_drop_is_finished(tenant: str) -> None:
    first = tenants.drop(tenant)
    with control.connect() as books:
        books.execute("UPDATE tenant SET state = 'dropping' WHERE name = %s", [tenant])
    assert tenants.drop(tenant) == first
    assert tenants.get(tenant).state == State.DROPPED


def test_database_nobody_knows_is_left_alone(tenant_name: str) -> None:
    database = control.database_of(tenant_name)
    with connection.administration() as admin:
        connection.create(database, admin)
        with pytest.raises(DatabaseInTheWay, match=database):
            tenants.create(tenant_name, country="DE")
        assert connection.exists(database, admin)
        connection.drop(database, admin)


def test_many_at_once_and_the_same_name_once(
    tenant_name: str, forget: Callable[[str], None]
) -> None:
    names = [f"{tenant_name}-{i}" for i in range(4)]

    def create(name: str) -> str:
        try:
            return str(tenants.create(name, country="DE").state)
        except TenantExists:
            return "exists"

    with ThreadPoolExecutor(8) as pool:
        became = sorted(pool.map(create, names + names))
    assert became == ["active"] * 4 + ["exists"] * 4
    for name in names:
        forget(name)


def test_suspended_tenant_ends_its_sessions_and_resumes(tenant: str) -> None:
    with connection.connect(control.database_of(tenant)) as open_session:
        assert tenants.suspend(tenant).state == State.SUSPENDED
        with pytest.raises(connection.psycopg.OperationalError):
            open_session.execute("SELECT 1")
    with pytest.raises(WrongState, match="only one that is active can be suspended"):
        tenants.suspend(tenant)
    assert tenants.resume(tenant).state == State.ACTIVE


@pytest.mark.parametrize("name", ["", "Nord", "a b", "-a", "a" * 41, "a;b", "ä", "a\n"])
def test_what_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(control.BadTenantName):
        tenants.create(name, country="DE")


@pytest.mark.parametrize("country", ["de", "XX", "DEU", ""])
def test_what_is_no_country_is_refused(country: str, tenant_name: str) -> None:
    with pytest.raises(UnknownCountry):
        tenants.create(tenant_name, country=country)


def test_other_roles_cannot_connect_to_a_tenant(tenant: str) -> None:
    with connection.administration() as admin:
        row = admin.execute(
            "SELECT datacl::text LIKE '%%=%%/%%' AND datacl::text NOT LIKE '{=%%'"
            " FROM pg_database WHERE datname = %s",
            [control.database_of(tenant)],
        ).fetchone()
    assert row == (True,)


def test_template_cut_short_is_made_anew(tenant: str) -> None:
    with control.connect() as books:
        name = template.ensure(books)
        connection.drop(name, books)
        connection.create(f"{template.PREFIX}making", books)
        assert template.ensure(books) == name
        assert not connection.exists(f"{template.PREFIX}making", books)


def test_help_needs_no_command_to_be_read() -> None:
    asked = (
        "import sys; sys.argv=['wardbase','--help']\nfrom wardbase.cli import main\ntry: main()\n"
    )
    asked += "except SystemExit: pass\nassert not {'sqlalchemy','psycopg'} & set(sys.modules)"
    said = subprocess.run(
        [sys.executable, "-c", asked],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "COLUMNS": "100"},
    )
    assert said.returncode == 0, said.stderr
    assert "tenant" in said.stdout


def test_status_and_psql_by_the_command_line(tenant: str) -> None:
    assert json.loads(wardbase("db", "status", "--json").stdout)["data"]
    said = wardbase("db", "psql", "--tenant", tenant, "-c", "SELECT current_database()")
    assert control.database_of(tenant) in said.stdout
    unknown = wardbase("db", "psql", "--tenant", "nobody-of-this-name", "-c", "SELECT 1")
    assert unknown.returncode == TenantError.exit_code
    assert wardbase("db", "psql", "--tenant", tenant, "-c", "SELECT 1 FROM nothing").returncode != 0
