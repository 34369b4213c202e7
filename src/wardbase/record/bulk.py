"""Loading into an empty tenant: foreign keys, indexes and children's keys come after the rows.

A resource's own key stays: by it the same thing twice is known, and its children with it. All are
made again from the declaration, so an interrupted load is whole after the next one, or after
`wardbase check --repair`.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import cache
from typing import Any

from psycopg import Connection, sql
from sqlalchemy import Constraint, ForeignKeyConstraint, Index
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import AddConstraint, CreateIndex

from wardbase.access.session import Session, session
from wardbase.model import RESOURCES, metadata

_LOCK = 0x77617264  # 'ward': a load in bulk has it alone, other loads share it
_ROW_TABLES = {
    *(of.table.name for each in RESOURCES.values() for of in each.everything()),
    "resource", "rest", "version", "attachment",
}  # fmt: skip


_CHILDREN = {of.table.name for each in RESOURCES.values() for of in list(each.everything())[1:]}


def try_lock(connection: Connection[Any]) -> bool:
    """Take the right to load in bulk, for as long as the connection lasts; no other load goes on
    meanwhile."""
    row = connection.execute("SELECT pg_try_advisory_lock(%s)", [_LOCK]).fetchone()
    connection.commit()
    return bool(row and row[0])


def unlock(connection: Connection[Any]) -> None:
    """Give that right back."""
    connection.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])
    connection.commit()


def lock_shared(connection: Connection[Any]) -> None:
    """Wait until no load in bulk goes on, and let none begin while the connection lasts."""
    connection.execute("SELECT pg_advisory_lock_shared(%s)", [_LOCK])
    connection.commit()


def unlock_shared(connection: Connection[Any]) -> None:
    """Let others load in bulk again."""
    connection.execute("SELECT pg_advisory_unlock_shared(%s)", [_LOCK])
    connection.commit()


def is_empty(connection: Connection[Any]) -> bool:
    """Whether the tenant has no resource at all."""
    tables = [*(of.table.name for of in RESOURCES.values()), "resource"]
    query = sql.SQL(" OR ").join(
        sql.SQL("EXISTS (SELECT FROM {})").format(sql.Identifier(name)) for name in tables
    )
    row = connection.execute(sql.SQL("SELECT {}").format(query)).fetchone()
    return not (row and row[0])


def missing(connection: Connection[Any]) -> tuple[list[str], list[str], list[str]]:
    """Declared indexes and foreign keys that are not there, and foreign keys not validated."""
    indexes = _names(connection, "SELECT indexname FROM pg_indexes WHERE schemaname = 'public'")
    keys = _names(connection, "SELECT conname FROM pg_constraint WHERE contype IN ('f', 'p')")
    doubtful = _names(
        connection, "SELECT conname FROM pg_constraint WHERE contype = 'f' AND NOT convalidated"
    )
    return (
        [_index_name(index) for index in _indexes() if _index_name(index) not in indexes],
        [_key_name(key) for key in _keys() if _key_name(key) not in keys],
        sorted(doubtful),
    )


def take_off(connection: Connection[Any]) -> None:
    """Drop the foreign keys and secondary indexes of all tables that rows go to; commits."""
    for key in reversed(list(_keys())):
        connection.execute(
            sql.SQL("ALTER TABLE {} DROP CONSTRAINT IF EXISTS {}").format(
                sql.Identifier(key.table.name), sql.Identifier(_key_name(key))
            )
        )
    for index in _indexes():
        connection.execute(
            sql.SQL("DROP INDEX IF EXISTS {}").format(sql.Identifier(_index_name(index)))
        )
    connection.commit()


def put_on(opened: Session, workers: int) -> None:
    """Make again whatever is missing, several tables at a time; each step commits."""
    connection = opened.connection
    indexes, keys, _ = missing(connection)
    with ThreadPoolExecutor(workers) as pool, ExitStack() as stack:
        others = [
            stack.enter_context(session(opened.tenant, opened.caller, opened.purpose)).connection
            for _ in range(workers)
        ]
        absent = [key for key in _keys() if _key_name(key) in keys]
        work = [(str(i.table), _created(i)) for i in _indexes() if _index_name(i) in indexes]
        work += [(key.table.name, _added(key)) for key in absent if not _is_foreign(key)]
        sizes = _sizes(connection)
        _spread(pool, others, work, sizes)
        connection.execute(b";".join([b"", *(_added(key) for key in absent if _is_foreign(key))]))
        connection.commit()
        doubtful = set(missing(connection)[2])
        connection.commit()
        unchecked = [key for key in _keys() if _key_name(key) in doubtful]
        _spread(pool, others, [(key.table.name, _validated(key)) for key in unchecked], sizes)


def _sizes(connection: Connection[Any]) -> dict[str, int]:
    cursor = connection.execute(
        "SELECT relname, pg_relation_size(oid) FROM pg_class WHERE relkind = 'r'"
    )
    return dict(cursor.fetchall())


def _is_foreign(key: Constraint) -> bool:
    return isinstance(key, ForeignKeyConstraint)


def _created(index: Index) -> bytes:
    return str(CreateIndex(index).compile(dialect=_dialect())).encode()


def _added(key: Constraint) -> bytes:
    added = AddConstraint(key, isolate_from_table=False).compile(dialect=_dialect())
    return f"{added}{' NOT VALID' if _is_foreign(key) else ''}".encode()


def _validated(key: Constraint) -> bytes:
    return f'ALTER TABLE {key.table.name} VALIDATE CONSTRAINT "{_key_name(key)}"'.encode()


def analyze(connection: Connection[Any]) -> None:
    """Tell the planner what was loaded."""
    connection.commit()
    connection.execute("ANALYZE")


def _spread(
    pool: ThreadPoolExecutor,
    connections: list[Connection[Any]],
    work: list[tuple[str, bytes]],
    sizes: dict[str, int],
) -> None:
    """Run statements over several connections: a table at a time, the largest first."""
    by_table: dict[str, list[bytes]] = {}
    for table, statement in work:
        by_table.setdefault(table, []).append(statement)
    waiting = [by_table[table] for table in sorted(by_table, key=lambda name: sizes.get(name, 0))]

    def run(connection: Connection[Any]) -> None:
        connection.execute("SET maintenance_work_mem = '256MB'")
        while waiting:
            try:
                statements = waiting.pop()
            except IndexError:  # another connection took the last
                return
            # One message and one commit for all of a table: there are hundreds of small ones.
            connection.execute(b";".join(statements))
            connection.commit()

    for done in [pool.submit(run, connection) for connection in connections]:
        done.result()


@cache
def _dialect() -> Any:
    return postgresql.dialect(paramstyle="named")  # type: ignore[no-untyped-call]


def _indexes() -> Iterator[Index]:
    for name in sorted(_ROW_TABLES):
        yield from sorted(metadata.tables[name].indexes, key=lambda index: str(index.name))


def _keys() -> Iterator[Constraint]:
    """Primary keys of children, then all foreign keys, which need them."""
    for name in sorted(_CHILDREN):
        yield metadata.tables[name].primary_key
    for name in sorted(_ROW_TABLES):
        yield from sorted(metadata.tables[name].foreign_key_constraints, key=_name)


def _name(key: ForeignKeyConstraint) -> str:
    return ",".join(key.column_keys)


def _key_name(key: Constraint) -> str:
    """Its name in the database, where SQLAlchemy shortens what is too long."""
    return str(_dialect().identifier_preparer.format_constraint(key)).strip('"')


def _index_name(index: Index) -> str:
    return str(_dialect().identifier_preparer.format_index(index)).strip('"')


def _names(connection: Connection[Any], query: str) -> set[str]:
    return {name for (name,) in connection.execute(query.encode())}
