"""The data dictionary: what each table and column means, read off the model."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from types import ModuleType
from typing import Any

from sqlalchemy import CheckConstraint, Column, Index, Table
from sqlalchemy.dialects import postgresql
from sqlalchemy.sql.elements import ColumnElement

from wardbase import model
from wardbase.errors import WardbaseError
from wardbase.model import RESOURCES, Child, Resource, metadata
from wardbase.model.field import (
    ITEM,
    Concept,
    Data,
    Extension,
    Extensions,
    Field,
    Leaf,
    Reference,
    Unit,
)

_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]
# What a field's columns hold, where it is not the whole element.
_PARTS = {
    (Concept, "concept"): "coding",
    (Concept, "text"): "text",
    (Reference, "ref"): "reference",
    (Reference, "display"): "display",
    (Unit, "concept"): "unit",
}


class UnknownTable(WardbaseError):
    says = "There is no table {name}.{nearest} `wardbase describe` lists them all."
    exit_code = 30


@dataclass(frozen=True)
class ColumnEntry:
    """One column: what it holds, who may read it, what FHIR calls it."""

    name: str
    type: str
    meaning: str
    sensitivity: str
    mask: str
    fhir: str | None
    rule: str | None
    refers_to: str | None
    is_key: bool
    is_nullable: bool


@dataclass(frozen=True)
class TableEntry:
    """One table: what a row of it is, and what belongs to it.

    `subject` is the file of the model that declares it; its columns are in the order declared
    there, which a person reads better than the order of the database, that wastes no space. `fhir`
    is the type or the repeating element that has a row, or None where FHIR has no such
    thing. `checks` are the conditions on more than one column.
    """

    name: str
    subject: str
    fhir: str | None
    grain: str
    parent: str | None
    children: tuple[str, ...]
    columns: tuple[ColumnEntry, ...]
    indexes: tuple[str, ...]
    checks: tuple[str, ...]


def every() -> list[TableEntry]:
    """All tables of a tenant's database, in the order they are declared."""
    return [_entry(table) for table in metadata.tables.values()]


def one(name: str) -> TableEntry:
    """The table of that name, or of that FHIR type."""
    wanted = RESOURCES[name].table.name if name in RESOURCES else name.lower()
    if wanted not in metadata.tables:
        near = get_close_matches(wanted, metadata.tables, n=3)
        raise UnknownTable(name=name, nearest=f" Near it: {', '.join(near)}." if near else "")
    return _entry(metadata.tables[wanted])


@cache
def _subjects() -> dict[str, str]:
    """The file of the model that declares a table which is no child, by the table's name."""
    found: dict[str, str] = {}
    for subject in (getattr(model, name) for name in model.__all__):
        for each in vars(subject).values() if isinstance(subject, ModuleType) else ():
            if isinstance(each, Table | Resource):
                table = each if isinstance(each, Table) else each.table
                found.setdefault(table.name, subject.__name__.rpartition(".")[2])
    return found


def _declared(table: Table) -> list[Column[Any]]:
    return [table.c[name] for name in table.info.get("wire_order", table.c.keys())]


@cache
def _parts() -> dict[str, Resource | Child]:
    return {part.table.name: part for made in RESOURCES.values() for part in made.everything()}


def _entry(table: Table) -> TableEntry:
    part = _parts().get(table.name)
    paths = {} if part is None else fhir_paths(part)
    return TableEntry(
        name=table.name,
        subject=_subjects()[table.name if part is None else _root(part).table.name],
        fhir=None if part is None else fhir_path(part),
        grain=table.comment or "",
        parent=part.parent.table.name if isinstance(part, Child) else None,
        children=() if part is None else tuple(child.table.name for child in part.children),
        columns=tuple(_column(column, paths.get(column.name)) for column in _declared(table)),
        indexes=tuple(_index(i) for i in sorted(table.indexes, key=lambda i: str(i.name))),
        checks=tuple(sorted(_checks(table))),
    )


def _root(part: Resource | Child) -> Resource:
    return part if isinstance(part, Resource) else part.root


# -- where a column stands in FHIR ---------------------------------------------------------------


def fhir_path(part: Resource | Child) -> str:
    """The element whose rows a table has, such as `Patient.name`."""
    if isinstance(part, Resource):
        return part.type
    return f"{fhir_path(part.parent)}.{part.element}"


def fhir_paths(part: Resource | Child) -> dict[str, str]:
    """What each column of a table is in FHIR's JSON, by the column's name."""
    base = fhir_path(part)
    found = _kept(part, base) if isinstance(part, Resource) else {}
    for leaf, path in _walk(part.fields, base):
        for column in leaf.columns():
            found[column.name] = _whole(leaf, column, path)
    return found


def _kept(part: Resource, base: str) -> dict[str, str]:
    return {
        part.key_column: f"{base}.id",
        "id": f"{base}.id",
        "meta_id": f"{base}.meta",
        "updated_at": f"{base}.meta.lastUpdated",
    }


def _walk(fields: Sequence[Field | Extension], base: str) -> Iterator[tuple[Leaf, str]]:
    for each in fields:
        if isinstance(each, Leaf):
            yield each, base if each.element == ITEM else f"{base}.{each.element}"
        elif isinstance(each, Extensions):
            yield from _walk(each.known, base)
        elif isinstance(each, Extension):
            yield from _walk(each.fields, f"{base}.extension({each.url})")
        else:
            yield from _walk(each.fields, f"{base}.{each.element}")


def _whole(leaf: Leaf, column: Column[Any], path: str) -> str:
    part = "ref" if column.info["part"].startswith("key:") else column.info["part"]
    tail = "" if isinstance(leaf, Data) else _PARTS.get((type(leaf), part), "")
    return f"{path}.{tail}" if tail else path


# -- what the database knows of a column ---------------------------------------------------------


def _column(column: Column[Any], fhir: str | None) -> ColumnEntry:
    rule = column.info.get("rule")
    return ColumnEntry(
        name=column.name,
        type=_type(column),
        meaning=column.comment or "",
        sensitivity=str(column.info["sensitivity"]),
        mask=str(column.info["mask"]),
        fhir=fhir,
        rule=rule.sentence if rule else None,
        refers_to=_refers_to(column),
        is_key=column.primary_key,
        is_nullable=bool(column.nullable),
    )


def _type(column: Column[Any]) -> str:
    """As the manual spells it; the long name of timestamptz tells no one more."""
    spelt = column.type.compile(dialect=_DIALECT).lower()
    return spelt.replace("timestamp with time zone", "timestamptz")


def _refers_to(column: Column[Any]) -> str | None:
    # A child's key leads to its parent by a constraint on several columns: the first says where.
    key = next((key.target_fullname for key in sorted(column.foreign_keys, key=str)), None)
    entry = column.info.get("entry")
    return key or (entry and f"{entry}.{entry}_id")


def _index(index: Index) -> str:
    columns = ", ".join(_sql(expression) for expression in index.expressions)
    options = index.dialect_options["postgresql"]
    using = f" using {options['using']}" if options["using"] else ""
    unique = " unique" if index.unique else ""
    where = f" where {_sql(options['where'])}" if options["where"] is not None else ""
    return f"{index.name}{unique}{using} ({columns}){where}"


def _sql(expression: str | ColumnElement[Any]) -> str:
    if isinstance(expression, Column):
        return str(expression.name)
    if isinstance(expression, str):
        return expression
    return str(expression.compile(dialect=_DIALECT))


def _checks(table: Table) -> Iterator[str]:
    of_columns = {c.info["rule"].sql.format(column=c.name) for c in table.c if c.info.get("rule")}
    for constraint in table.constraints:
        if isinstance(constraint, CheckConstraint):
            text = _sql(constraint.sqltext)
            if text not in of_columns:
                yield text
