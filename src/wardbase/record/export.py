"""The record as FHIR files: NDJSON, one file a type, as it was sent."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from psycopg import Connection, sql

from wardbase.access.session import Caller, session
from wardbase.errors import WardbaseError
from wardbase.model import RESOURCES
from wardbase.record import read

_KEYS = 2_000


class UnknownType(WardbaseError):
    says = "{type} is not a type this tenant has. It has: {types}."
    exit_code = 23


@dataclass(frozen=True)
class Exported:
    """One file written."""

    type: str
    file: Path
    resources: int


def export(
    tenant: str,
    caller: Caller,
    folder: Path,
    *,
    types: Sequence[str] = (),
    since: datetime | None = None,
) -> Iterator[Exported]:
    """Write a file for each type, of all resources or those written since a moment.

    What the tenant holds at the beginning is what is written: one snapshot for all files.
    """
    with session(tenant, caller, "export") as opened:
        connection = opened.connection
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        there = present(connection)
        for type_ in types:
            if type_ not in there:
                raise UnknownType(type=type_, types=", ".join(there))
        folder.mkdir(parents=True, exist_ok=True)
        done = []
        for type_ in types or there:
            path = folder / f"{type_}.ndjson"
            written = _write(path, (each.json for each in stored(connection, type_, since)))
            done.append(Exported(type_, path, written))
            yield done[-1]
        connection.commit()
        opened.audit("export", ", ".join(types) or "all types",
                     detail={each.type: each.resources for each in done})  # fmt: skip


def stored(
    connection: Connection[Any], type_: str, since: datetime | None = None
) -> Iterator[read.Stored]:
    """All resources of a type, in the order of their keys; memory stays flat."""
    after = UUID(int=0)
    while keys := _next(connection, type_, after, since):
        found = {each.key: each for each in read.fetch(connection, type_, keys)}
        yield from (found[key] for key in keys)
        after = keys[-1]


def _next(
    connection: Connection[Any], type_: str, after: UUID, since: datetime | None
) -> list[UUID]:
    of = RESOURCES.get(type_)
    table, key = (of.table.name, of.key_column) if of else ("resource", "key")
    query = sql.SQL(
        "SELECT {key} FROM {table} WHERE {key} > %(after)s AND {type}"
        " AND (%(since)s::timestamptz IS NULL OR written_at >= %(since)s)"
        " ORDER BY {key} LIMIT {most}"
    ).format(
        key=sql.Identifier(key),
        table=sql.Identifier(table),
        type=sql.SQL("true") if of else sql.SQL("type = {}").format(sql.Literal(type_)),
        most=sql.Literal(_KEYS),
    )
    return [key for (key,) in connection.execute(query, {"after": after, "since": since})]


def present(connection: Connection[Any]) -> list[str]:
    """The types a tenant has resources of."""
    core = [
        sql.SQL("SELECT {} WHERE EXISTS (SELECT FROM {})").format(
            sql.Literal(of.type), sql.Identifier(of.table.name)
        )
        for of in RESOURCES.values()
    ]
    others = sql.SQL("SELECT DISTINCT type FROM resource")
    cursor = connection.execute(sql.SQL(" UNION ALL ").join([*core, others]))
    return [type_ for (type_,) in cursor]


def _write(path: Path, lines: Iterable[bytes]) -> int:
    count = 0
    with path.open("wb") as stream:
        for line in lines:
            stream.write(line + b"\n")
            count += 1
    return count
