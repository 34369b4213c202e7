"""The statements that make a schema from its declaration."""

from collections.abc import Iterator

from sqlalchemy import ForeignKeyConstraint, MetaData, Table
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import (
    AddConstraint,
    CreateIndex,
    CreateTable,
    ExecutableDDLElement,
    SetColumnComment,
    SetTableComment,
)


def ddl(schema: MetaData) -> list[str]:
    """Every statement that makes this schema, always in the same order.

    Tables come as they are declared, and foreign keys after all of them, since they run in circles.
    SQLAlchemy's own create_all orders what is in a circle by chance.
    """
    # With this style of parameters SQLAlchemy leaves % alone, which others would double.
    dialect = postgresql.dialect(paramstyle="named")  # type: ignore[no-untyped-call]
    return [_tidy(str(element.compile(dialect=dialect))) for element in _elements(schema)]


def _elements(schema: MetaData) -> Iterator[ExecutableDDLElement]:
    tables = list(schema.tables.values())
    for table in tables:
        yield from _table(table)
    for table in tables:
        for key in sorted(table.foreign_key_constraints, key=_columns):
            yield AddConstraint(key, isolate_from_table=False)


def _table(table: Table) -> Iterator[ExecutableDDLElement]:
    yield CreateTable(table, include_foreign_key_constraints=[])
    for index in sorted(table.indexes, key=lambda index: str(index.name)):
        yield CreateIndex(index)
    if table.comment:
        yield SetTableComment(table)
    for column in table.columns:
        if column.comment:
            yield SetColumnComment(column)


def _columns(key: ForeignKeyConstraint) -> list[str]:
    return list(key.column_keys)


def _tidy(statement: str) -> str:
    """CREATE TABLE without SQLAlchemy's tabs, empty lines and blanks at ends of lines."""
    statement = statement.strip()
    if not statement.startswith("CREATE TABLE"):
        return statement
    lines = [line.rstrip() for line in statement.replace("\t", "    ").splitlines()]
    return "\n".join(line for line in lines if line)
