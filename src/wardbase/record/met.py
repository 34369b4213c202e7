"""What this process has met and numbered: concepts, references, metadata of one database.

Numbers are a database's own, so what was met is forgotten when another one is written to. One
process writes to one database at a time: the writer holds ALONE meanwhile.
"""

from collections.abc import Hashable
from threading import RLock
from typing import Any
from weakref import WeakKeyDictionary

from psycopg import Connection

from wardbase.exchange.fhir import kinds
from wardbase.exchange.fhir.remainder import fresh_metas, metas

ALONE = RLock()
_MOST_REFS = 20_000
_MOST_CONCEPTS = 50_000
_owner: list[object] = []


_databases: WeakKeyDictionary[Connection[Any], Hashable] = WeakKeyDictionary()


def database_of(connection: Connection[Any]) -> Hashable:
    """The database of a connection: one dropped and made again under its name is another."""
    known = _databases.get(connection)
    if known is None:
        cursor = connection.execute(
            "SELECT oid FROM pg_database WHERE datname = current_database()"
        )
        server = (connection.info.host, connection.info.port)
        known = _databases[connection] = (*server, cursor.fetchone())
    return known


def belong_to(connection: Connection[Any]) -> None:
    """Forget what was met in another database."""
    database = database_of(connection)
    if _owner != [database]:
        _clear()
        _owner[:] = [database]


def _clear() -> None:
    for known in (kinds.concepts, kinds.refs, metas):
        known.clear()
    for fresh in (kinds.fresh_concepts, kinds.fresh_refs, fresh_metas):
        fresh.clear()


def forget() -> None:
    """Another writer came between: ask again what is there."""
    kinds.fresh_refs[:] = kinds.refs.values()
    for ref in kinds.fresh_refs:
        ref.known = False


def trim() -> None:
    """After a batch: forget references that may be linked by the time they are met again."""
    for ref in kinds.fresh_refs:
        if not ref.known and ref.type is not None:
            kinds.refs.pop(ref.text, None)
    kinds.fresh_refs.clear()
    kinds.fresh_concepts.clear()
    fresh_metas.clear()
    if len(kinds.refs) > _MOST_REFS:
        kinds.refs.clear()
    if len(kinds.concepts) > _MOST_CONCEPTS or len(metas) > _MOST_CONCEPTS:
        kinds.concepts.clear()
        metas.clear()
