"""What pages show of the record: statements kept in `sql/`, run, and their rows made readable.

Each statement is one file; its first comment line is its title, the others say what it answers. A
page shows the statement as it was run, so that a reader can run it again in psql.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cache
from importlib.resources import files
from typing import Any
from uuid import UUID

from psycopg import Connection, sql

from wardbase.exchange.fhir.kinds import day_back, key_of, moment_back

Row = dict[str, Any]
SECTIONS = (
    "problems",
    "medications",
    "allergies",
    "immunizations",
    "encounters",
    "results",
    "documents",
    "claims",
)
QUESTIONS = (
    "latest_hba1c",
    "readmissions",
    "metformin_and_kidneys",
    "uncontrolled_pressure",
    "new_diagnoses",
)
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_FIRST_DAY = date(2000, 1, 1)


@dataclass(frozen=True)
class Statement:
    """One file of SQL."""

    name: str
    title: str
    sentence: str
    text: str

    def said(self, connection: Connection[Any], values: Mapping[str, Any]) -> str:
        """The statement with its values in place, as psql would take it."""
        shown = self.text
        for name, value in values.items():
            shown = shown.replace(f"%({name})s", sql.quote(value, connection))
        return shown.replace("%%", "%")


@dataclass(frozen=True)
class Section:
    """The answer of one statement."""

    name: str
    title: str
    sentence: str
    sql: str
    rows: list[Row] = field(default_factory=list)
    columns: list[str] = field(default_factory=list)


@cache
def statement(folder: str, name: str) -> Statement:
    """Read a statement: leading comments are its title and its sentence."""
    text = files(__package__).joinpath("sql", folder, f"{name}.sql").read_text("utf-8")
    lines = text.splitlines()
    head = [line[2:].strip() for line in lines if line.startswith("--")]
    body = "\n".join(line for line in lines if not line.startswith("--")).strip()
    return Statement(name, head[0], " ".join(head[1:]), body)


def run(connection: Connection[Any], folder: str, name: str, **values: Any) -> Section:
    """Run a statement, with its moments and dates as they were written."""
    asked = statement(folder, name)
    cursor = connection.execute(asked.text.encode(), values, prepare=True)
    names = [column.name for column in cursor.description or ()]
    rows = [_readable(dict(zip(names, row, strict=True))) for row in cursor]
    shown = [name for name in names if not name.endswith("_form")]
    return Section(name, asked.title, asked.sentence, asked.said(connection, values), rows, shown)


def _readable(row: Row) -> Row:
    """Moments and dates as their sender wrote them: no more exact, and by the sender's clock."""
    return dict(_said(row))


def _said(row: Row) -> Iterator[tuple[str, Any]]:
    for name, value in row.items():
        if name.endswith("_form"):
            continue
        form = row.get(f"{name[:-3]}_form")
        if isinstance(value, datetime):
            written = moment_back((value - _EPOCH) // datetime.resolution, form)
            yield name, written and written.text
        elif isinstance(value, date):
            day = day_back((value - _FIRST_DAY).days, form)
            yield name, day and day.text
        else:
            yield name, value


def chart(connection: Connection[Any], patient: UUID) -> list[Section]:
    """All sections of one patient's chart."""
    return [run(connection, "chart", name, patient=patient) for name in SECTIONS]


def header(connection: Connection[Any], patient: UUID) -> Row | None:
    """Who the patient is."""
    rows = run(connection, "chart", "header", patient=patient).rows
    return rows[0] if rows else None


def key(type_: str, id_: str) -> UUID:
    """The key of a resource by its id."""
    return UUID(bytes=key_of(type_, id_))


def name_of(names: Sequence[Row] | None) -> str:
    """A name as a person is called, the official one first."""
    for name in names or ():
        parts = (*(name.get("given") or ()), name.get("family") or "")
        spoken = " ".join(part for part in parts if part) or name.get("text") or ""
        if spoken:
            return str(spoken)
    return "Name not known"


def listed_name(row: Row) -> str:
    """A name as lists have it: family first."""
    given = " ".join(row.get("given") or ())
    whole = ", ".join(part for part in (row.get("family"), given) if part)
    return whole or row.get("text") or "Name not known"


def age(born: str | None, died: str | None = None) -> int | None:
    """Whole years from birth to death, or to today; None where the day of birth is not known."""
    if not born:
        return None
    start = date.fromisoformat(f"{born}-01-01"[:10] if len(born) < 10 else born)
    end = date.fromisoformat(f"{died[:10]}-01-01"[:10]) if died else date.today()
    return max(0, end.year - start.year - ((end.month, end.day) < (start.month, start.day)))
