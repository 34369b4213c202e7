"""Resources read back: one statement a type, children and remainder included, then rendered."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

import msgspec
from psycopg import Connection, sql

from wardbase.exchange.fhir.mapping import mapping
from wardbase.exchange.fhir.remainder import open_resource, restore
from wardbase.model import RESOURCES, Child, Resource
from wardbase.model.field import Data, Day, Decimal, Leaf, Moment, leaves
from wardbase.record.known import Known

_MOST_ARGUMENTS = 90  # PostgreSQL allows a function 100
_decode = msgspec.json.Decoder().decode


@dataclass(frozen=True, slots=True)
class Stored:
    """One resource as it is in the database."""

    type: str
    id: str
    key: UUID
    patient_id: UUID | None
    hash: UUID
    updated_at: datetime | None
    written_at: datetime
    json: bytes


def fetch(connection: Connection[Any], type_: str, keys: Sequence[UUID]) -> list[Stored]:
    """The resources of one type under some keys, in any order; absent ones are left out."""
    return list(_fetched(connection, type_, keys))


def _fetched(connection: Connection[Any], type_: str, keys: Sequence[UUID]) -> Iterator[Stored]:
    of = RESOURCES.get(type_)
    if of is None:
        cursor = connection.execute(
            "SELECT key, id, patient_id, hash, updated_at, written_at, elements::text"
            " FROM resource WHERE type = %s AND key = ANY(%s)",
            [type_, list(keys)],
        )
        for key, id_, patient, hash_, updated, written, elements in cursor:
            yield Stored(
                type_, id_ or str(key), key, patient, hash_, updated, written, elements.encode()
            )
        return
    # One key by =, so that PostgreSQL sees that one plan serves all, and stops planning anew.
    one = len(keys) == 1
    rows = connection.execute(
        statement(type_, one), [keys[0] if one else list(keys)], prepare=one
    ).fetchall()
    known = Known(connection)
    revive = mapping(type_).revive
    for key, id_, patient, hash_, updated, written, columns, meta, rest in rows:
        tree = revive(_flat(_decode(columns)), known.concept, known.reference)
        text = restore(
            type_,
            id_ or str(key),
            tree,
            known.meta(meta),
            [part.encode() for part in rest or ()],
        )
        yield Stored(type_, id_ or str(key), key, patient, hash_, updated, written, text)


def _flat(parts: list[list[Any]]) -> list[Any]:
    return [value for part in parts for value in part]


@cache
def statement(type_: str, one: bool = False) -> bytes:
    """The statement that reads a type, by many keys or `one`: identity, columns with children,
    meta, remainder. As text, for composing it takes longer than running it."""
    of = RESOURCES[type_]
    table = sql.Identifier(of.table.name)
    key = sql.Identifier(of.table.name, of.key_column)
    patient: sql.Composable = sql.SQL("NULL::uuid")
    if of.type == "Patient":
        patient = key
    elif of.in_compartment:
        patient = sql.Identifier(of.table.name, "patient_id")
    composed = sql.SQL(
        "SELECT {key}, {table}.id, {patient}, {table}.hash, {table}.updated_at, {table}.written_at,"
        " {columns}::text,"
        " {table}.meta_id,"
        " (SELECT array_agg(r.elements::text) FROM rest r WHERE r.type = {type} AND r.key = {key})"
        " FROM {table} WHERE {key} = {asked}"
    ).format(
        asked=sql.SQL("%s" if one else "ANY(%s)"),
        key=key,
        table=table,
        patient=patient,
        columns=_columns(of),
        type=sql.Literal(type_),
    )
    return composed.as_bytes(None)


def _columns(of: Resource | Child) -> sql.Composable:
    """A JSON array of arrays: the columns of the fields, then a list for each child table."""
    values = [value for leaf in leaves(of.fields) for value in _values(of.table.name, leaf)]
    values += [_children(of, each) for each in of.children]
    parts = [values[i : i + _MOST_ARGUMENTS] for i in range(0, len(values), _MOST_ARGUMENTS)]
    arrays = [sql.SQL("json_build_array({})").format(sql.SQL(", ").join(part)) for part in parts]
    if isinstance(of, Child) and len(arrays) == 1:
        return arrays[0]
    return sql.SQL("json_build_array({})").format(sql.SQL(", ").join(arrays))


def _children(of: Resource | Child, each: Child) -> sql.Composable:
    name = each.table.name
    match = [
        sql.SQL("{} = {}").format(sql.Identifier(name, mine), sql.Identifier(of.table.name, theirs))
        for mine, theirs in zip(each.key[:-1], of.key, strict=True)
    ]
    return sql.SQL("(SELECT json_agg({} ORDER BY {}) FROM {} WHERE {})").format(
        _columns(each),
        sql.Identifier(name, "n"),
        sql.Identifier(name),
        sql.SQL(" AND ").join(match),
    )


def _values(table: str, leaf: Leaf) -> Iterator[sql.Composable]:
    """The expressions of a leaf's columns, as `revive` expects them."""
    columns = [sql.Identifier(table, column.name) for column in leaf.columns()]
    if isinstance(leaf, Moment):
        yield sql.SQL(
            "(extract(epoch FROM {} - timestamptz '2000-01-01 00:00+00') * 1000000)::bigint"
        ).format(columns[0])
        yield columns[1]
    elif isinstance(leaf, Day):
        yield sql.SQL("{} - date '2000-01-01'").format(columns[0])
        yield columns[1]
    elif isinstance(leaf, Decimal):
        yield sql.SQL("{}::text").format(columns[0])
    elif isinstance(leaf, Data):
        yield sql.SQL(
            "(SELECT translate(encode(a.data, 'base64'), E'\\n', '') FROM attachment a"
            " WHERE a.attachment_id = {})"
        ).format(columns[0])
    else:
        yield from columns


def content_hash(text: bytes) -> bytes:
    """The hash a resource would be written under, had it been sent as this text."""
    return open_resource(text).hash
