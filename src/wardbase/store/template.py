"""The database every new tenant is a copy of: made once per schema, by running its migrations."""

from psycopg import sql

from wardbase.store import connection, control
from wardbase.store.connection import Connection
from wardbase.store.migrations import history

PREFIX = "wardbase_template_"


def ensure(admin: Connection) -> str:
    """The name of the template; it is made if it is not there."""
    # Named by the hash of the migrations, so that a changed one never serves an old copy.
    name = PREFIX + history.fingerprint()
    if connection.exists(name, admin):
        return name
    with control.alone(admin, PREFIX):
        if not connection.exists(name, admin):
            _make(name, admin)
            _drop_others(name, admin)
    return name


def _make(name: str, admin: Connection) -> None:
    """Make it under another name, then rename it: it is there whole or not at all."""
    making = f"{PREFIX}making"
    connection.drop(making, admin)
    connection.create(making, admin)
    with connection.engine(making).connect() as new:
        history.upgrade(new, history.head())
    with connection.connect(making, autocommit=True) as new:
        # So that each copy begins with statistics of the catalogue, and no old rows to freeze.
        new.execute("VACUUM (FREEZE, ANALYZE)")
    old, new_name = sql.Identifier(making), sql.Identifier(name)
    # A template that somebody is connected to cannot be copied.
    admin.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false").format(old))
    admin.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(old, new_name))


def _drop_others(name: str, admin: Connection) -> None:
    """Drop the templates of schemas that are no more."""
    others = admin.execute(
        "SELECT datname FROM pg_database WHERE starts_with(datname, %s) AND datname <> %s",
        [PREFIX, name],
    ).fetchall()
    for (other,) in others:
        connection.drop(other, admin)
