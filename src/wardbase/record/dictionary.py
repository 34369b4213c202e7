"""The tenant's dictionaries: what concepts, references and metadata are numbered.

Entries are made in transactions of their own, at once visible to parallel writers, and found by the
hash of what they say. One left behind by a crash is an entry no row uses yet.
"""

from collections.abc import Iterable, Sequence
from importlib.resources import files
from itertools import islice
from typing import Any, Protocol
from uuid import UUID

from msgspec import UNSET
from psycopg import Connection

from wardbase.exchange.fhir.kinds import Concept, Ref
from wardbase.exchange.fhir.remainder import Meta

_CHUNK = 5_000


class Entry(Protocol):
    """What can be numbered."""

    def hash(self) -> bytes:
        """What it is found by."""

    def enter(self, id_: int) -> None:
        """Note its number."""


def _sql(name: str) -> bytes:
    return files(__package__).joinpath("sql", name).read_bytes()


def _said(value: Any) -> Any:
    return None if value is UNSET else value


class Dictionary:
    """Numbers entries, over a connection of its own that commits by itself."""

    def __init__(self, connection: Connection[Any]) -> None:
        self.connection = connection

    def concepts(self, entries: Iterable[Concept]) -> None:
        """Number concepts, with their further codings."""
        for part in _parts(entries):
            rows = [tuple(map(_said, e.said[:6])) for _, e in part]
            further = [
                (hash_, n, *map(_said, coding))
                for hash_, e in part
                for n, coding in enumerate(e.said[6:], 2)
            ]
            with self.connection.transaction():
                self._number("concept.sql", part, _columns(rows, 6))
                if further:
                    self.connection.execute(_sql("concept_coding.sql"), _columns(further, 7))

    def references(self, entries: Iterable[Ref]) -> None:
        """Number texts of references."""
        for part in _parts(entries):
            rows = [
                (
                    e.text,
                    e.type,
                    UUID(bytes=e.key) if e.key and not e.value else None,
                    e.system,
                    e.value,
                )
                for _, e in part
            ]
            self._number("reference.sql", part, _columns(rows, 5))

    def metas(self, entries: Iterable[Meta]) -> None:
        """Number combinations of profiles, tags and labels."""
        for part in _parts(entries):
            self._number("meta.sql", part, _columns([(e.elements.decode(),) for _, e in part], 1))

    def _number(
        self, name: str, part: Sequence[tuple[UUID, Entry]], columns: Sequence[list[Any]]
    ) -> None:
        hashes = [hash_ for hash_, _ in part]
        missing = dict(part)
        # One that another writer entered meanwhile is seen only by the next statement.
        while missing:
            with self.connection.transaction():
                cursor = self.connection.execute(_sql(name), [*columns, hashes, hashes])
                for hash_, id_ in cursor:
                    if entry := missing.pop(hash_, None):
                        entry.enter(id_)


def _parts(entries: Iterable[Any]) -> Iterable[list[tuple[UUID, Any]]]:
    """Entries with their hashes, in chunks, ordered by hash so that writers never cross."""
    hashed = iter(sorted({UUID(bytes=e.hash()): e for e in entries}.items()))
    while part := list(islice(hashed, _CHUNK)):
        yield part


def _columns(rows: Sequence[Sequence[Any]], width: int) -> list[list[Any]]:
    return [[row[i] for row in rows] for i in range(width)]
