"""Tenants: a database for each, copied from a template; created, suspended, dropped to an archive.

Each step is noted in the control database before it is done, and done again if it was cut short.
"""

from datetime import UTC, datetime
from pathlib import Path

import psycopg
from psycopg import sql

from wardbase.errors import TenantError
from wardbase.model.control import COUNTRIES, State
from wardbase.store import client, connection, control, template
from wardbase.store.connection import Connection
from wardbase.store.control import Tenant, UnknownTenant
from wardbase.store.home import home
from wardbase.store.migrations import history

CLUSTER = "main"
OPEN = frozenset({State.ACTIVE, State.SUSPENDED})
NOT_GONE = frozenset(State) - {State.DROPPED}


class TenantExists(TenantError):
    says = (
        "The tenant {name} exists and is {state}. Choose another name, or see it with "
        "`wardbase tenant show {name}`."
    )


class UnknownCountry(TenantError):
    says = (
        "{country!r} is no country code. Give two capital letters of ISO 3166, such as DE or US: "
        "it says where the tenant's data must stay."
    )


class DatabaseInTheWay(TenantError):
    says = (
        "The server has a database {database} that the control database does not know.\n"
        "It may hold data, so it is left alone: rename or drop it with SQL, or choose another name."
    )


class MayNotSet(TenantError):
    says = (
        "The role {user} may not set the state of a database. A superuser allows it once with\n"
        "GRANT SET ON PARAMETER wardbase.state TO {user}"
    )


class WrongState(TenantError):
    says = "The tenant {name} is {state}; only one that is {needed} can be {done}."


def create(name: str, *, country: str, display_name: str | None = None) -> Tenant:
    """Create a tenant. One whose creation was cut short is made anew."""
    database = control.database_of(name)
    if country not in COUNTRIES:
        raise UnknownCountry(country=country)
    with control.connect() as books, control.alone(books, name):
        _make_way(name, database, books)
        _note_creating(name, database, country, display_name or name, books)
        _copy_template(database, books)
        books.execute(
            "UPDATE tenant SET state = %s, schema_version = %s WHERE name = %s",
            [State.ACTIVE, history.head(), name],
        )
        return control.known(name, books)


def every(*, dropped: bool = False) -> list[Tenant]:
    """All tenants by name; those dropped only if asked for."""
    with control.connect() as books:
        return control.tenants(books, frozenset(State) if dropped else NOT_GONE)


def get(name: str) -> Tenant:
    """One tenant, also if it is dropped."""
    with control.connect() as books:
        found = control.find(name, books)
    if found is None:
        raise UnknownTenant(name=name)
    return found


def suspend(name: str) -> Tenant:
    """Close a tenant to everybody, and end the sessions that are open."""
    return _switch(name, State.ACTIVE, State.SUSPENDED, "suspended")


def resume(name: str) -> Tenant:
    """Open a suspended tenant again."""
    return _switch(name, State.SUSPENDED, State.ACTIVE, "resumed")


def drop(name: str) -> Path | None:
    """Archive a tenant and drop its database. None if it never had one."""
    with control.connect() as books, control.alone(books, name):
        found = control.known(name, books)
        made = found.state != State.CREATING and connection.exists(found.database, books)
        archive = Path(found.archive) if found.archive else None
        if made:
            _close(found, State.DROPPING, books)
            archive = client.dump(found.database, _archive_path(name))
            _note_archive(name, archive, books)
        connection.drop(found.database, books)
        books.execute("UPDATE tenant SET state = %s WHERE name = %s", [State.DROPPED, name])
        return archive


# --- steps of creating ---


def _make_way(name: str, database: str, books: Connection) -> None:
    """Refuse what is there, except what a creation that was cut short has left."""
    found = control.find(name, books)
    if found and found.state not in (State.CREATING, State.DROPPED):
        raise TenantExists(name=name, state=found.state)
    if found and found.state == State.CREATING:
        connection.drop(database, books)
    elif connection.exists(database, books):
        raise DatabaseInTheWay(database=database)


def _note_creating(
    name: str, database: str, country: str, display_name: str, books: Connection
) -> None:
    books.execute(
        "INSERT INTO tenant (name, display_name, country, cluster, database, state)"
        " VALUES (%s, %s, %s, %s, %s, %s)"
        " ON CONFLICT (name) DO UPDATE SET (display_name, country, cluster, database, state,"
        " created_at, schema_version, archive) = (excluded.display_name, excluded.country,"
        " excluded.cluster, excluded.database, excluded.state, now(), NULL, NULL)",
        [name, display_name, country, CLUSTER, database, State.CREATING],
    )


def _copy_template(database: str, books: Connection) -> None:
    try:
        connection.clone(database, template.ensure(books), books)
    except psycopg.errors.InvalidCatalogName:
        # A newer wardbase has just dropped our template for its own.
        connection.clone(database, template.ensure(books), books)


# --- opening and closing ---


def _switch(name: str, needed: State, wanted: State, done: str) -> Tenant:
    with control.connect() as books, control.alone(books, name):
        found = control.known(name, books)
        if found.state != needed:
            raise WrongState(name=name, state=found.state, needed=needed, done=done)
        if wanted is State.ACTIVE:
            _note_state(found, wanted, books)
        else:
            _close(found, wanted, books)
        return control.known(name, books)


def _close(tenant: Tenant, state: State, books: Connection) -> None:
    """Let no session in any more, and end those that are open."""
    _note_state(tenant, state, books)
    books.execute(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
        " WHERE datname = %s AND backend_type = 'client backend' AND pid <> pg_backend_pid()",
        [tenant.database],
    )


def _note_state(tenant: Tenant, state: State, books: Connection) -> None:
    """Note it in the control database and, in one transaction, as a setting of the tenant's own
    database, where every session sees it without a second connection."""
    setting = sql.SQL("ALTER DATABASE {} SET wardbase.state = {}")
    try:
        with books.transaction():
            books.execute("UPDATE tenant SET state = %s WHERE name = %s", [state, tenant.name])
            books.execute(setting.format(sql.Identifier(tenant.database), sql.Literal(str(state))))
    except psycopg.errors.InsufficientPrivilege:
        raise MayNotSet(user=books.info.user) from None


# --- archives ---


def _archive_path(name: str) -> Path:
    folder = home().archive
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder / f"{name}-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.dump"


def _note_archive(name: str, archive: Path, books: Connection) -> None:
    books.execute("UPDATE tenant SET archive = %s WHERE name = %s", [str(archive), name])
