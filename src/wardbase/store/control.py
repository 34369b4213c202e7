"""Reading and writing the control database; it is made on first use."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from psycopg import sql
from psycopg.rows import class_row

from wardbase.errors import TenantError
from wardbase.model.control import TENANT_NAME, State, control
from wardbase.store import connection
from wardbase.store.connection import Connection, NoDatabase
from wardbase.store.ddl import ddl

DATABASE = "wardbase_control"
# One number for the one lock on making databases that all tenants share.
MAKING = 0x77617264


class BadTenantName(TenantError):
    says = (
        "{name!r} cannot be a tenant's name. A name has lower-case letters, digits, hyphens and "
        "underscores, begins with a letter or digit, and is at most 40 characters long."
    )


class UnknownTenant(TenantError):
    says = (
        "There is no tenant {name}.\n"
        "`wardbase tenant list` lists those there are; `wardbase tenant create {name} --country "
        "XX` makes it."
    )


@dataclass(frozen=True)
class Tenant:
    """One row of the control database."""

    name: str
    display_name: str
    country: str
    cluster: str
    database: str
    schema_version: str | None
    state: str
    created_at: datetime
    archive: str | None


def database_of(name: str) -> str:
    """The tenant's database: a rule, so that a session need not ask the control database."""
    if not TENANT_NAME.fullmatch(name):
        raise BadTenantName(name=name)
    return f"tenant_{name}"


@contextmanager
def connect() -> Iterator[Connection]:
    """A connection to the control database, each statement its own transaction."""
    try:
        opened = connection.connect(DATABASE, autocommit=True, application_name="wardbase control")
    except NoDatabase:
        _make()
        opened = connection.connect(DATABASE, autocommit=True, application_name="wardbase control")
    with opened:
        yield opened


def find(name: str, control: Connection) -> Tenant | None:
    database_of(name)
    with control.cursor(row_factory=class_row(Tenant)) as cursor:
        return cursor.execute("SELECT * FROM tenant WHERE name = %s", [name]).fetchone()


def known(name: str, control: Connection) -> Tenant:
    """The tenant; an error if there is none, or none any more."""
    found = find(name, control)
    if found is None or found.state == State.DROPPED:
        raise UnknownTenant(name=name)
    return found


def tenants(control: Connection, states: frozenset[State]) -> list[Tenant]:
    with control.cursor(row_factory=class_row(Tenant)) as cursor:
        query = "SELECT * FROM tenant WHERE state = ANY(%s) ORDER BY name"
        return cursor.execute(query, [[str(state) for state in states]]).fetchall()


@contextmanager
def alone(control: Connection, what: str) -> Iterator[None]:
    """Hold the lock of that name, which the server frees when its holder dies."""
    control.execute("SELECT pg_advisory_lock(%s, hashtext(%s))", [MAKING, what])
    try:
        yield
    finally:
        if not control.broken:
            control.execute("SELECT pg_advisory_unlock(%s, hashtext(%s))", [MAKING, what])


def _make() -> None:
    """Make the control database under another name, then rename it: it is there whole or not."""
    making = f"{DATABASE}_making"
    with connection.administration() as admin, alone(admin, DATABASE):
        if connection.exists(DATABASE, admin):
            return
        connection.drop(making, admin)
        connection.create(making, admin)
        with connection.connect(making) as new:
            for statement in ddl(control):
                new.execute(statement.encode())
        rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
        admin.execute(rename.format(sql.Identifier(making), sql.Identifier(DATABASE)))
