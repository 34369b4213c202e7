"""Running the SQL file of a migration; called by the files in `versions/`."""

import re
from pathlib import Path

from alembic import op
from sqlalchemy import Connection

from wardbase.errors import MigrationError
from wardbase.store.migrations.statements import is_concurrent, statements


class MixedMigration(MigrationError):
    says = (
        "{file} mixes statements that are CONCURRENTLY with others. The first cannot run in a "
        "transaction, and the others must, or a failure would leave half of them.\n"
        "Move one kind into the other half or into a change of its own."
    )


class NotRepeatable(MigrationError):
    says = (
        "{file} has a CONCURRENTLY statement without IF [NOT] EXISTS. It runs outside a "
        "transaction, so after a failure it must be able to run again."
    )


def run_file(version: str) -> None:
    """Run the SQL file with the name of this version file."""
    file = Path(version).parents[1] / "sql" / f"{Path(version).stem}.sql"
    every = list(statements(file.read_text()))
    concurrent = [statement for statement in every if is_concurrent(statement)]
    if concurrent and len(concurrent) < len(every):
        raise MixedMigration(file=file.name)
    if any(not re.search(r"(?i)\bif (not )?exists\b", statement) for statement in concurrent):
        raise NotRepeatable(file=file.name)
    if op.get_context().as_sql:
        for statement in every:
            op.get_context().impl.static_output(f"{statement};")
    elif concurrent:
        _run_outside(concurrent)
    else:
        # One message for all: thousands of small statements would wait for each other's answer.
        _run(op.get_bind(), ";\n".join(every))


def _run_outside(concurrent: list[str]) -> None:
    with op.get_context().autocommit_block():
        connection = op.get_bind()
        # It waits for old transactions to end, without holding up anyone: it may take its time.
        _run(connection, "SET lock_timeout = 0")
        for statement in concurrent:
            _drop_invalid(connection, statement)
            _run(connection, statement)


def _drop_invalid(connection: Connection, statement: str) -> None:
    """Drop what a failed CREATE INDEX CONCURRENTLY has left: an index that is never used."""
    named = re.search(r"(?i)create (?:unique )?index concurrently if not exists (\S+)", statement)
    if named is None:
        return
    invalid = connection.exec_driver_sql(
        "SELECT 1 FROM pg_index WHERE indexrelid = to_regclass(%s) AND NOT indisvalid",
        (named[1],),
    )
    if invalid.first():
        _run(connection, f"DROP INDEX CONCURRENTLY IF EXISTS {named[1]}")


def _run(connection: Connection, statement: str) -> None:
    # Without parameters, for % and : in comments are no parameters.
    connection.execution_options(no_parameters=True).exec_driver_sql(statement)
    connection.execution_options(no_parameters=False)
