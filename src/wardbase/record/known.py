"""The entries of a database's dictionaries by number, fetched when first met.

Entries never change and are never removed, so what was fetched once is good for as long as the
database lives. What was entered together is mostly read together: neighbours are fetched along.
"""

from collections.abc import Hashable
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any

from msgspec import UNSET
from psycopg import Connection

from wardbase.exchange.fhir.kinds import Concept
from wardbase.record.met import database_of

_NEIGHBOURS = 500
_MOST = 200_000


@dataclass
class _Entries:
    concepts: dict[int, Concept] = field(default_factory=dict)
    references: dict[int, str] = field(default_factory=dict)
    metas: dict[int, bytes] = field(default_factory=dict)


_entries: dict[Hashable, _Entries] = {}


class Known:
    """The entries of one database."""

    def __init__(self, connection: Connection[Any]) -> None:
        self._connection = connection
        self._entries = _entries.setdefault(database_of(connection), _Entries())

    def concept(self, id_: int | None) -> Concept | None:
        """The concept of a stored row."""
        if id_ is None:
            return None
        found = self._entries.concepts.get(id_)
        return found or self._fetch_concepts(id_)

    def reference(self, id_: int | None) -> str | None:
        """The text of a reference, where the key does not say it."""
        if id_ is None:
            return None
        found = self._entries.references.get(id_)
        return found or self._fetch_references(id_)

    def meta(self, id_: int | None) -> bytes | None:
        """The profiles, tags and labels of a resource, as JSON."""
        if id_ is None:
            return None
        found = self._entries.metas.get(id_)
        return found or self._fetch_metas(id_)

    def _fetch_concepts(self, id_: int) -> Concept:
        known = self._entries.concepts
        _bound(known)
        for number, system, version, code, display, selected, same, further in self._near(
            "known_concept.sql", id_
        ):
            said = (system, version, code, display, selected)
            more = (tuple(map(_sent, coding)) for coding in further or ())
            known[number] = Concept((*map(_sent, said), same, *more))
        return known[id_]

    def _fetch_references(self, id_: int) -> str:
        known = self._entries.references
        _bound(known)
        known.update(self._near("known_reference.sql", id_))
        return known[id_]

    def _fetch_metas(self, id_: int) -> bytes:
        known = self._entries.metas
        known.update((n, text.encode()) for n, text in self._near("known_meta.sql", id_))
        return known[id_]

    def _near(self, name: str, id_: int) -> Any:
        query = files(__package__).joinpath("sql", name).read_bytes()
        return self._connection.execute(query, [id_ - _NEIGHBOURS, id_ + _NEIGHBOURS])


def _bound(known: dict[int, Any]) -> None:
    if len(known) > _MOST:
        known.clear()


def _sent(value: Any) -> Any:
    return UNSET if value is None else value
