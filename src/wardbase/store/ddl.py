"""The statements that make a schema from its declaration."""

from sqlalchemy import MetaData, create_mock_engine
from sqlalchemy.dialects import postgresql


def ddl(schema: MetaData) -> list[str]:
    """Every statement that makes this schema, in order."""
    made: list[str] = []
    # With this style of parameters SQLAlchemy leaves % alone, which others would double.
    dialect = postgresql.dialect(paramstyle="named")  # type: ignore[no-untyped-call]

    def note(statement: object, *_: object, **__: object) -> None:
        made.append(_tidy(str(statement.compile(dialect=dialect))))  # type: ignore[attr-defined]

    schema.create_all(create_mock_engine("postgresql://", note), checkfirst=False)
    return made


def _tidy(statement: str) -> str:
    """CREATE TABLE without SQLAlchemy's tabs, empty lines and blanks at ends of lines."""
    statement = statement.strip()
    if not statement.startswith("CREATE TABLE"):
        return statement
    lines = [line.rstrip() for line in statement.replace("\t", "    ").splitlines()]
    return "\n".join(line for line in lines if line)
