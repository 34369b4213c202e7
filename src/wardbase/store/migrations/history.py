"""Which migrations there are, which a database has gone through, and running them."""

import hashlib
import io
from collections.abc import Sequence
from enum import StrEnum
from functools import cache
from itertools import takewhile
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from wardbase.errors import MigrationError

HERE = Path(__file__).parent


class Phase(StrEnum):
    """Which halves to run."""

    PRE = "pre"
    POST = "post"
    ALL = "all"


class SchemaNewer(MigrationError):
    says = (
        "The database {database} is at {found}, which this version of wardbase does not know.\n"
        "A newer version has migrated it: use that one."
    )


class SeveralBehind(MigrationError):
    says = (
        "{behind} must be run before {next}, and removes what the code of its time still used.\n"
        "Bring one release after the other, or stop the old code and run `wardbase migrate`."
    )


class PreFirst(MigrationError):
    says = "{pre} has not been run, so nothing is ready to be removed.\nRun --phase pre first."


def revisions() -> list[str]:
    """Every migration, oldest first."""
    return [script.revision for script in _script().walk_revisions()][::-1]


def head() -> str:
    """The last migration."""
    return revisions()[-1]


@cache
def fingerprint() -> str:
    """A hash of all migrations: what they build changes while they are unreleased."""
    digest = hashlib.sha256()
    for file in sorted([*HERE.glob("sql/*.sql"), *HERE.glob("versions/*.py")]):
        digest.update(file.name.encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:12]


def current(connection: Connection) -> str | None:
    """The last migration a database has gone through."""
    return MigrationContext.configure(connection).get_current_revision()


def pending(found: str | None, database: str) -> list[str]:
    """The migrations a database has not gone through, oldest first."""
    every = revisions()
    if found is None:
        return every
    if found not in every:
        raise SchemaNewer(database=database, found=found)
    return every[every.index(found) + 1 :]


def steps(waiting: Sequence[str], phase: Phase) -> list[str]:
    """Of the pending migrations, those a phase may run now."""
    if phase is Phase.ALL or not waiting:
        return list(waiting)
    ready = list(takewhile(lambda revision: half(revision) is phase, waiting))
    if phase is Phase.POST and not ready:
        raise PreFirst(pre=waiting[0])
    if phase is Phase.PRE:
        later = [revision for revision in waiting[len(ready) :] if half(revision) is Phase.PRE]
        if later:
            raise SeveralBehind(behind=waiting[len(ready)], next=later[0])
    return ready


def half(revision: str) -> Phase:
    return Phase(revision.partition("_")[2])


def upgrade(connection: Connection, revision: str) -> None:
    """Run the migrations up to this one, each in a transaction with the note that it was run."""
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def sql(revision: str) -> str:
    """The SQL of one migration."""
    config = _config()
    config.output_buffer = io.StringIO()
    before = revisions()[: revisions().index(revision)]
    command.upgrade(config, f"{before[-1] if before else 'base'}:{revision}", sql=True)
    return config.output_buffer.getvalue()


def _config() -> Config:
    config = Config(stdout=io.StringIO())
    config.set_main_option("script_location", str(HERE).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


@cache
def _script() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())
