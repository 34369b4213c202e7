"""References linked to targets that have arrived, as a set.

What awaits is in the rows themselves: a text of a reference, and no key. `reference` says where a
text leads; an index on the rows that await makes each update as small as what it mends.
"""

import random
import time
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import Any
from uuid import UUID

from psycopg import Connection, errors, sql

from wardbase.model import RESOURCES, Resource
from wardbase.model.after import reference_fields
from wardbase.model.field import Data, Reference, leaves
from wardbase.record.probe import IDENTIFIED

_MOST_TRIES = 20


def candidates(
    connection: Connection[Any], keys: Sequence[UUID], types: Iterable[str], unlinked: Sequence[int]
) -> list[int]:
    """Entries of `reference` that new rows may have brought the target of, or that they await."""
    query: list[sql.Composable] = [
        sql.SQL("SELECT reference_id FROM reference WHERE key = ANY(%(keys)s)")
    ]
    for type_ in types:
        if type_ in IDENTIFIED:
            of = IDENTIFIED[type_]
            query.append(
                sql.SQL(
                    "SELECT r.reference_id FROM reference r JOIN {0} i USING (value)"
                    " WHERE r.value IS NOT NULL AND r.type = {1} AND i.{2} = ANY(%(keys)s)"
                ).format(_identifiers(of), sql.Literal(type_), sql.Identifier(of.key_column))
            )
    cursor = connection.execute(sql.SQL(" UNION ").join(query), {"keys": list(keys)})
    return sorted({*unlinked, *(id_ for (id_,) in cursor)})


def link(connection: Connection[Any], some: Sequence[int] | None = None) -> int:
    """Link what can be linked, of some entries of `reference` or of all; commits.

    Returns the number of rows linked.
    """
    if some is not None and not some:
        return 0
    for last in range(_MOST_TRIES):
        try:
            linked = _link(connection, some)
            connection.commit()
        except (errors.DeadlockDetected, errors.ForeignKeyViolation):
            connection.rollback()
            if last == _MOST_TRIES - 1:
                raise
            # By chance, so that two that met do not meet again.
            time.sleep(random.uniform(0, 0.1 * (last + 1)))
        else:
            return linked
    return 0


def _link(connection: Connection[Any], some: Sequence[int] | None) -> int:
    connection.execute("SET LOCAL wardbase.linking = 'on'")
    connection.execute(
        "CREATE TEMP TABLE IF NOT EXISTS resolved"
        " (reference_id integer PRIMARY KEY, target text NOT NULL, key uuid NOT NULL,"
        " canonical boolean NOT NULL)"
        " ON COMMIT DELETE ROWS"
    )
    connection.execute(_resolving(), {"some": None if some is None else list(some)})
    found = connection.execute("SELECT DISTINCT target FROM resolved").fetchall()
    if not found:
        return 0
    connection.execute("ANALYZE resolved")
    linked = 0
    for (target,) in found:
        for statement in _updates(target):
            linked += connection.execute(statement).rowcount
        if target == "patient":
            linked += sum(_count(connection, statement) for statement in _compartments())
    return linked


def _count(connection: Connection[Any], statement: sql.Composed) -> int:
    row = connection.execute(statement).fetchone()
    return int(row[0]) if row else 0


@cache
def _resolving() -> sql.Composed:
    """Fill `resolved` with the entries whose target is there."""
    asked = sql.SQL("(%(some)s::integer[] IS NULL OR r.reference_id = ANY(%(some)s))")
    parts: list[sql.Composable] = []
    for of in RESOURCES.values():
        parts.append(
            sql.SQL(
                "SELECT r.reference_id, {target}, r.key, r.text = {type} || '/' || r.key"
                " FROM reference r"
                " JOIN {table} t ON t.{key} = r.key WHERE r.type = {type} AND {asked}"
            ).format(
                target=sql.Literal(of.table.name),
                table=sql.Identifier(of.table.name),
                key=sql.Identifier(of.key_column),
                type=sql.Literal(of.type),
                asked=asked,
            )
        )
    for of in IDENTIFIED.values():
        parts.append(
            sql.SQL(
                "SELECT r.reference_id, {target}, min(i.{key}::text)::uuid, false"
                " FROM reference r"
                " JOIN {table} i ON i.value = r.value"
                " AND (r.system IS NULL OR coalesce(i.system, '') = r.system)"
                " WHERE r.value IS NOT NULL AND r.type = {type} AND {asked}"
                " GROUP BY r.reference_id HAVING count(DISTINCT i.{key}) = 1"
            ).format(
                target=sql.Literal(of.table.name),
                table=_identifiers(of),
                key=sql.Identifier(of.key_column),
                type=sql.Literal(of.type),
                asked=asked,
            )
        )
    return sql.SQL("INSERT INTO resolved {} ON CONFLICT DO NOTHING").format(
        sql.SQL(" UNION ALL ").join(parts)
    )


def _identifiers(of: Resource) -> sql.Identifier:
    return sql.Identifier(f"{of.table.name}_identifier")


@cache
def _updates(target: str) -> tuple[sql.Composed, ...]:
    """The statements that set the foreign keys to one table."""
    made = [
        _update(
            of.table.name, leaf.key_column(target), f"{leaf.stem}_ref", leaf.key_columns(), target
        )
        for of, leaf in reference_fields()
        if target in leaf.targets and not leaf.subject
    ]
    if target == "patient":
        made.append(_update("resource", "patient_id", "patient_ref", ("patient_id",), target))
    return tuple(made)


def _update(table: str, key: str, ref: str, keys: Sequence[str], target: str) -> sql.Composed:
    nothing = sql.SQL(" AND ").join(
        sql.SQL("t.{} IS NULL").format(sql.Identifier(each)) for each in keys
    )
    return sql.SQL(
        "UPDATE {table} t SET {key} = x.key,"
        " {ref} = CASE WHEN x.canonical THEN NULL ELSE t.{ref} END FROM resolved x"
        " WHERE t.{ref} = x.reference_id AND t.{ref} IS NOT NULL AND {nothing}"
        " AND x.target = {target}"
    ).format(
        table=sql.Identifier(table),
        key=sql.Identifier(key),
        ref=sql.Identifier(ref),
        nothing=nothing,
        target=sql.Literal(target),
    )


@cache
def _compartments() -> tuple[sql.Composed, ...]:
    """The statements that give resources their patient, and with them all that is theirs.

    One statement for each type, so that all its parts see the same rows: what another writer
    commits meanwhile is linked whole by that writer.
    """
    return tuple(_compartment(of, of.subject) for of in RESOURCES.values() if of.subject)


def _compartment(of: Resource, subject: Reference) -> sql.Composed:
    key = sql.Identifier(of.key_column)
    facts = {"key": key, "type": sql.Literal(of.type)}
    parts = [
        sql.SQL("linked AS ({} RETURNING t.{}, t.patient_id)").format(
            _update(of.table.name, "patient_id", f"{subject.stem}_ref", subject.key_columns(),
                    "patient"), key)
    ]  # fmt: skip
    owned = [
        ("UPDATE {child} c SET patient_id = l.patient_id FROM linked l WHERE c.{key} = l.{key}",
         child.table.name, "patient_id")
        for child in list(of.everything())[1:]
    ]  # fmt: skip
    owned += [
        ("UPDATE attachment a SET patient_id = l.patient_id FROM linked l JOIN {child} c"
         " USING ({key}) WHERE a.attachment_id = c.{column} AND a.patient_id IS NULL",
         table, column)
        for table, column in _attaching(of)
    ]  # fmt: skip
    owned.append(
        ("UPDATE {child} c SET patient_id = l.patient_id FROM linked l"
         " WHERE c.type = {type} AND c.key = l.{key}", "rest", "patient_id")
    )  # fmt: skip
    for n, (statement, table, column) in enumerate(owned):
        named = {"child": sql.Identifier(table), "column": sql.Identifier(column)}
        parts.append(
            sql.SQL("{} AS ({})").format(
                sql.Identifier(f"owned_{n}"), sql.SQL(statement).format(**facts, **named)
            )
        )
    return sql.SQL("WITH {} SELECT count(*) FROM linked").format(sql.SQL(", ").join(parts))


def _attaching(of: Resource) -> Iterator[tuple[str, str]]:
    """The tables and columns of a resource that hold attachments."""
    for each in of.everything():
        for leaf in leaves(each.fields):
            if isinstance(leaf, Data):
                yield each.table.name, leaf.column
