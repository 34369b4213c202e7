"""Connections to the server wardbase uses: the embedded one, or the one WARDBASE_URL names."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote, urlencode

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import Engine, NullPool, create_engine

from wardbase.errors import ServerError
from wardbase.store import server
from wardbase.store.home import home

OLDEST = 15
MAINTENANCE = "postgres"

Connection = psycopg.Connection[tuple[Any, ...]]


class ServerUnreachable(ServerError):
    says = (
        "No connection to the database {database} at {server}: {reason}\n"
        "Check the server's address and password in WARDBASE_URL, and that it runs; without "
        "WARDBASE_URL, `wardbase db status` tells of the embedded one."
    )


class ServerTooOld(ServerError):
    says = (
        "The server at {server} is PostgreSQL {found}; wardbase needs {oldest} or newer.\n"
        "Upgrade it, or unset WARDBASE_URL to use the embedded one."
    )


class BadServerUrl(ServerError):
    says = (
        "WARDBASE_URL is not an address of a PostgreSQL server. It looks like "
        "postgresql://user:password@host:5432/postgres."
    )


class NoDatabase(ServerError):
    says = "The server has no database {database}."


def parameters(database: str) -> dict[str, str]:
    """What libpq needs to connect to one database."""
    external = server.external()
    if external is None:
        return _embedded(database)
    try:
        given = {name: str(value) for name, value in conninfo_to_dict(external).items()}
    except psycopg.ProgrammingError:
        raise BadServerUrl from None  # the cause quotes the URL, which may hold a password
    return given | {"dbname": database}


def maintenance() -> str:
    """The database to connect to for work on databases."""
    external = server.external()
    named = conninfo_to_dict(external).get("dbname") if external else None
    return str(named or MAINTENANCE)


def url(database: str) -> str:
    """The address of a database for libpq and SQLAlchemy. The embedded server's has no password:
    it names the password file."""
    server.external() or server.start()
    given = parameters(database)
    user, password = given.pop("user", ""), given.pop("password", None)
    login = quote(user, safe="") + (f":{quote(password, safe='')}" if password else "")
    name = quote(given.pop("dbname"), safe="")
    return f"postgresql://{login}{'@' if login else ''}/{name}?{urlencode(given)}"


def connect(
    database: str, *, autocommit: bool = False, application_name: str = "wardbase"
) -> Connection:
    """A connection to one database; the embedded server is started if it does not run.

    NoDatabase is raised if the server runs but has no such database.
    """
    try:
        return _connect(database, autocommit, application_name)
    except psycopg.OperationalError as problem:
        if _came_up():
            return _connect_or_say(database, autocommit, application_name)
        _say(database, problem)
        raise AssertionError from problem  # _say always raises


@contextmanager
def administration() -> Iterator[Connection]:
    """A connection for statements on databases, which run outside a transaction."""
    with connect(maintenance(), autocommit=True, application_name="wardbase admin") as connection:
        yield connection


def engine(database: str, *, application_name: str = "wardbase") -> Engine:
    """A SQLAlchemy engine over `connect`; it keeps no connections."""
    return create_engine(
        "postgresql+psycopg://",
        creator=lambda: connect(database, application_name=application_name),
        poolclass=NullPool,
    )


def secrets() -> dict[str, str]:
    """The environment that gives a libpq program server and password, which its command line,
    being visible to every user of the machine, must not."""
    if server.external() is None:
        server.start()
    given = parameters(maintenance())
    names = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD"}
    names |= {"passfile": "PGPASSFILE", "sslmode": "PGSSLMODE", "sslrootcert": "PGSSLROOTCERT"}
    names |= {"sslcert": "PGSSLCERT", "sslkey": "PGSSLKEY", "hostaddr": "PGHOSTADDR"}
    return {names[key]: value for key, value in given.items() if key in names} | {"PGTZ": "UTC"}


def exists(database: str, connection: Connection) -> bool:
    found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database])
    return found.fetchone() is not None


def create(database: str, connection: Connection) -> None:
    """An empty database, UTF-8, sorted by code point alike on every server and system."""
    statement = sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8' {}")
    name = sql.Identifier(database)
    if connection.info.server_version >= 170000:
        locale = sql.SQL("LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LOCALE 'C'")
        connection.execute(statement.format(name, locale))
        return
    try:
        connection.execute(statement.format(name, sql.SQL("LOCALE 'C.UTF-8'")))
    except psycopg.errors.WrongObjectType:  # this system knows no such locale
        connection.execute(statement.format(name, sql.SQL("LOCALE 'C'")))


def clone(database: str, template: str, connection: Connection) -> None:
    """A copy of a database nobody is connected to, for its owner alone.

    By the WAL, as a copy by files would force checkpoints, and each create wait for them.
    """
    names = sql.Identifier(database), sql.Identifier(template)
    statement = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY WAL_LOG")
    connection.execute(statement.format(*names))
    connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(names[0]))


def drop(database: str, connection: Connection) -> None:
    """Drop a database if it is there, ending what is connected to it."""
    statement = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
    connection.execute(statement.format(sql.Identifier(database)))


def _embedded(database: str) -> dict[str, str]:
    place = home()
    return {
        "host": str(place.socket or "127.0.0.1"),
        "port": str(server.port(place) or 0),
        "user": server.ADMINISTRATOR,
        "passfile": str(place.pgpass),
        "dbname": database,
    }


def _came_up() -> bool:
    """Start the embedded server if that is what was missing."""
    if server.external() or server.status().running:
        return False
    return server.start().running


def _connect(database: str, autocommit: bool, application_name: str) -> Connection:
    given = parameters(database)
    options = f"{given.pop('options', '')} -c TimeZone=UTC".strip()
    connection = psycopg.connect(
        **given,  # type: ignore[arg-type]
        options=options,
        autocommit=autocommit,
        application_name=application_name,
    )
    _check_version(connection)
    return connection


def _connect_or_say(database: str, autocommit: bool, application_name: str) -> Connection:
    try:
        return _connect(database, autocommit, application_name)
    except psycopg.OperationalError as problem:
        _say(database, problem)
        raise AssertionError from problem


def _say(database: str, problem: psycopg.OperationalError) -> None:
    """Tell an absent database from an absent server: libpq gives a refused login no code."""
    if database != maintenance():
        with administration() as connection:
            if not exists(database, connection):
                raise NoDatabase(database=database) from problem
    reason = str(problem).strip()
    raise ServerUnreachable(database=database, server=_where(), reason=reason) from problem


def _check_version(connection: Connection) -> None:
    found = connection.info.server_version // 10000
    if found < OLDEST:
        connection.close()
        raise ServerTooOld(server=_where(), found=found, oldest=OLDEST)


def _where() -> str:
    given = parameters(maintenance())
    return f"{given.get('host', os.environ.get('PGHOST', 'localhost'))}:{given.get('port', 5432)}"
