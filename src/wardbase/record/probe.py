"""What is there already: contents under the keys of a batch, and targets of its references."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from psycopg import Connection, sql

from wardbase.exchange.fhir.kinds import Ref
from wardbase.exchange.fhir.remainder import Opened
from wardbase.model import RESOURCES, Resource, metadata

Key = tuple[str, bytes]
_TABLES = {each.table.name: each for each in RESOURCES.values()}
IDENTIFIED = {
    each.type: each
    for each in RESOURCES.values()
    if f"{each.table.name}_identifier" in metadata.tables
}
"""Types whose resources a conditional reference can find by an identifier."""


def current(
    connection: Connection[Any], batch: Sequence[Opened]
) -> dict[Key, tuple[bytes, datetime | None]]:
    """The hash and the sender's time of what is stored under the keys of a batch."""
    keys: dict[str, list[bytes]] = {}
    for each in batch:
        keys.setdefault(each.type, []).append(each.key)
    parts: list[sql.Composable] = []
    values: list[Any] = []
    for type_, wanted in keys.items():
        parts.append(_contents(RESOURCES.get(type_)))
        listed = uuids(wanted)
        values += [type_, listed] if type_ in RESOURCES else [type_, type_, listed]
    if not parts:
        return {}
    cursor = connection.cursor(binary=True)
    cursor.execute(sql.SQL(" UNION ALL ").join(parts), values)
    return {(type_, key): (hash_, updated) for type_, key, hash_, updated in cursor}


class Moved(Exception):
    """Another writer changed what this batch contests: look again."""


def lock(connection: Connection[Any], contested: dict[Key, bytes]) -> None:
    """Hold the resources a batch contests; raises Moved if one has not the hash it had.

    Without it two writers could each replace what the other has just written, and leave the
    children of both. All lock in the same order, so none waits for one that waits for it.
    """
    by_type: dict[str, list[bytes]] = {}
    for type_, key in sorted(contested):
        by_type.setdefault(type_, []).append(key)
    for type_, keys in by_type.items():
        of = RESOURCES.get(type_)
        table, name = (of.table.name, of.key_column) if of else ("resource", "key")
        query = sql.SQL(
            "SELECT uuid_send({0}), uuid_send(hash) FROM {1}"
            " WHERE {2} AND {0} = ANY(%s::uuid[]) ORDER BY {0} FOR UPDATE"
        ).format(
            sql.Identifier(name),
            sql.Identifier(table),
            sql.SQL("true") if of else sql.SQL("type = {}").format(sql.Literal(type_)),
        )
        cursor = connection.cursor(binary=True)
        found = dict(cursor.execute(query, [uuids(keys)]))
        if any(found.get(key) != contested[type_, key] for key in keys):
            raise Moved


def uuids(keys: Iterable[bytes]) -> str:
    """Keys as the text of a uuid[]: one long string costs less than thousands of objects."""
    return "{" + ",".join([key.hex() for key in keys]) + "}"


def _contents(of: Resource | None) -> sql.Composable:
    if of is None:
        return sql.SQL(
            "SELECT %s::text, uuid_send(key), uuid_send(hash), updated_at FROM resource"
            " WHERE type = %s AND key = ANY(%s::uuid[])"
        )
    return sql.SQL(
        "SELECT %s::text, uuid_send({0}), uuid_send(hash), updated_at FROM {1}"
        " WHERE {0} = ANY(%s::uuid[])"
    ).format(sql.Identifier(of.key_column), sql.Identifier(of.table.name))


def resolve(connection: Connection[Any], refs: Iterable[Ref], coming: set[Key]) -> None:
    """Note of each reference whether its target is there, or is coming in the same batch."""
    by_key: dict[str, list[Ref]] = {}
    by_identifier: dict[str, list[Ref]] = {}
    for ref in refs:
        if ref.known or ref.type is None:
            continue
        if ref.value is not None:
            by_identifier.setdefault(ref.type, []).append(ref)
        elif ref.key is not None and (ref.type, ref.key) in coming:
            ref.known = ref.type in RESOURCES
        elif ref.key is not None and ref.type in RESOURCES:
            by_key.setdefault(ref.table, []).append(ref)
    _resolve_keys(connection, by_key)
    for type_, asked in by_identifier.items():
        if type_ in IDENTIFIED:
            _resolve_identifiers(connection, IDENTIFIED[type_], asked)


def _resolve_keys(connection: Connection[Any], by_key: dict[str, list[Ref]]) -> None:
    if not by_key:
        return
    parts = [
        sql.SQL("SELECT %s::text, uuid_send({0}) FROM {1} WHERE {0} = ANY(%s::uuid[])").format(
            sql.Identifier(_TABLES[table].key_column), sql.Identifier(table)
        )
        for table in by_key
    ]
    values: list[Any] = []
    for table, refs in by_key.items():
        values += [table, uuids(ref.key or b"" for ref in refs)]
    cursor = connection.cursor(binary=True)
    cursor.execute(sql.SQL(" UNION ALL ").join(parts), values)
    there = set(cursor)
    for table, refs in by_key.items():
        for ref in refs:
            ref.known = (table, ref.key) in there


def _resolve_identifiers(connection: Connection[Any], of: Resource, refs: list[Ref]) -> None:
    """Conditional references (FHIR R4 3.1.0.11.2): linked where exactly one resource matches.

    `identifier=value` asks for any system, `identifier=|value` for none (3.1.1.5.10).
    """
    query = sql.SQL(
        "SELECT DISTINCT i.value, coalesce(i.system, ''), uuid_send(i.{0}) FROM {1} i"
        " WHERE i.value = ANY(%s)"
    ).format(sql.Identifier(of.key_column), sql.Identifier(f"{of.table.name}_identifier"))
    cursor = connection.cursor(binary=True)
    cursor.execute(query, [list({ref.value for ref in refs})])
    found: dict[tuple[str, str | None], set[bytes]] = {}
    for value, system, key in cursor:
        found.setdefault((value, system), set()).add(key)
        found.setdefault((value, None), set()).add(key)
    for ref in refs:
        matching = found.get((ref.value or "", ref.system), set())
        if len(matching) == 1:
            ref.found(next(iter(matching)))
