"""Whether what is stored is whole: references awaiting, remainder, rows, keys, indexes, vacuum."""

from dataclasses import asdict, dataclass, field
from datetime import datetime
from importlib.resources import files
from typing import Any

from psycopg import Connection, sql

from wardbase.access.session import Caller, session
from wardbase.errors import ShapeError
from wardbase.model import RESOURCES
from wardbase.record import bulk, export, link, read


@dataclass(frozen=True)
class Awaiting:
    """References of one kind whose target has not arrived."""

    table: str
    reference: str
    target_type: str
    rows: int
    targets: int


@dataclass(frozen=True)
class Remainder:
    """One top-level element that columns do not give back exactly."""

    type: str
    element: str
    resources: int
    share: float
    bytes: int


@dataclass(frozen=True)
class Size:
    """A table, as PostgreSQL's statistics have it."""

    table: str
    rows: int
    bytes: int
    dead_rows: int
    vacuumed_at: datetime | None
    analyzed_at: datetime | None


@dataclass
class Checked:
    """What was found."""

    resources: dict[str, int] = field(default_factory=dict)
    awaiting: list[Awaiting] = field(default_factory=list)
    remainder: list[Remainder] = field(default_factory=list)
    sizes: list[Size] = field(default_factory=list)
    missing_indexes: list[str] = field(default_factory=list)
    missing_keys: list[str] = field(default_factory=list)
    unchecked_keys: list[str] = field(default_factory=list)
    invalid_indexes: list[str] = field(default_factory=list)
    damaged: list[str] = field(default_factory=list)
    linked: int = 0

    @property
    def whole(self) -> bool:
        """Whether nothing needs repair; what awaits its target or is not modelled may stay so."""
        return not (
            self.missing_indexes
            or self.missing_keys
            or self.unchecked_keys
            or self.invalid_indexes
            or self.damaged
        )

    def as_dict(self) -> dict[str, Any]:
        """For programs."""
        return {"whole": self.whole, **asdict(self)}


def check(tenant: str, caller: Caller, *, repair: bool = False, deep: bool = False) -> Checked:
    """Look a tenant over. `repair` links what can be and makes missing keys and indexes again.

    `deep` reads every resource back and compares its content with the hash it was written under.
    """
    found = Checked()
    with session(tenant, caller, "check") as opened:
        connection = opened.connection
        if repair:
            bulk.put_on(opened, 2)
            found.linked = link.link(connection)
        found.missing_indexes, found.missing_keys, found.unchecked_keys = bulk.missing(connection)
        found.invalid_indexes = [
            name
            for (name,) in connection.execute(
                "SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid"
            )
        ]
        found.resources = _counts(connection)
        found.awaiting = _awaiting(connection)
        found.remainder = _remainder(connection, found.resources)
        found.sizes = [Size(*row) for row in connection.execute(_sql("health.sql"))]
        if deep:
            found.damaged = _damaged(connection, list(found.resources))
        opened.audit("check", "the whole record", detail={"whole": found.whole})
    return found


def _sql(name: str) -> bytes:
    return files(__package__).joinpath("sql", name).read_bytes()


def _counts(connection: Connection[Any]) -> dict[str, int]:
    core = [
        sql.SQL("SELECT {}, count(*) FROM {}").format(
            sql.Literal(of.type), sql.Identifier(of.table.name)
        )
        for of in RESOURCES.values()
    ]
    others = sql.SQL("SELECT type, count(*) FROM resource GROUP BY type")
    rows = connection.execute(sql.SQL(" UNION ALL ").join([*core, others]))
    return {type_: count for type_, count in rows if count}


def _awaiting(connection: Connection[Any]) -> list[Awaiting]:
    return [Awaiting(*row) for row in connection.execute(_sql("awaiting.sql"))]


def _remainder(connection: Connection[Any], counts: dict[str, int]) -> list[Remainder]:
    return [
        Remainder(
            type_, element, resources, round(resources / max(counts.get(type_, 0), 1), 4), size
        )
        for type_, element, resources, size in connection.execute(_sql("remainder.sql"))
    ]


def _damaged(connection: Connection[Any], types: list[str]) -> list[str]:
    """Resources whose content is not what their hash says: changed by SQL, or damaged."""
    found = []
    for type_ in types:
        for stored in export.stored(connection, type_):
            if not _is_as_written(stored):
                found.append(f"{type_}/{stored.id}")
    return found


def _is_as_written(stored: read.Stored) -> bool:
    try:
        return read.content_hash(stored.json) == stored.hash.bytes
    except ShapeError:
        return False  # it breaks a rule by now
