"""SQL text as statements, and the lock each takes."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_TOKEN = re.compile(
    r"""
      [eE]'(?:[^'\\]|\\.|'')*'      # a string with escapes
    | '(?:[^']|'')*'                # a string
    | "(?:[^"]|"")*"                # a quoted name
    | \$(?P<tag>\w*)\$.*?\$(?P=tag)\$
    | (?P<comment>--[^\n]*|/\*.*?\*/)
    | (?P<end>;)
    | [^'"$;/\-eE]+
    | .
    """,
    re.DOTALL | re.VERBOSE,
)


def statements(text: str) -> Iterator[str]:
    """The statements of an SQL text, without comments and closing semicolons."""
    parts: list[str] = []
    for token in _TOKEN.finditer(text):
        if token["end"]:
            yield from _whole(parts)
            parts = []
        elif not token["comment"]:
            parts.append(token[0])
    yield from _whole(parts)


def _whole(parts: list[str]) -> Iterator[str]:
    statement = "".join(parts).strip()
    if statement:
        yield statement


def is_concurrent(statement: str) -> bool:
    """Whether it must run outside a transaction, and takes care not to block writing."""
    return (
        re.search(r"(?i)^\W*(create|drop|reindex|alter)\b.*\bconcurrently\b", statement, re.S)
        is not None
    )


@dataclass(frozen=True)
class Lock:
    """A table lock of PostgreSQL, and what waits while it is held."""

    name: str
    blocks: str


NOTHING = "nothing"
SCHEMA_CHANGES = "other changes of the schema"
WRITES = "writing"
ALL = "reading and writing"

NONE = Lock("none", NOTHING)
ACCESS_SHARE = Lock("ACCESS SHARE", NOTHING)
ROW_EXCLUSIVE = Lock("ROW EXCLUSIVE", NOTHING)
SHARE_UPDATE_EXCLUSIVE = Lock("SHARE UPDATE EXCLUSIVE", SCHEMA_CHANGES)
SHARE = Lock("SHARE", WRITES)
SHARE_ROW_EXCLUSIVE = Lock("SHARE ROW EXCLUSIVE", WRITES)
EXCLUSIVE = Lock("EXCLUSIVE", WRITES)
ACCESS_EXCLUSIVE = Lock("ACCESS EXCLUSIVE", ALL)

# The first that fits, so the particular stand before the general. From PostgreSQL's manual:
# "Explicit Locking", and the page of each statement.
LOCKS: tuple[tuple[str, Lock], ...] = (
    (r"(create|drop) (unique )?index concurrently", SHARE_UPDATE_EXCLUSIVE),
    (r"create unique index|create index", SHARE),
    (r"drop index", ACCESS_EXCLUSIVE),
    (r"reindex .*concurrently", SHARE_UPDATE_EXCLUSIVE),
    (r"reindex", SHARE),
    (r"alter table .* validate constraint", SHARE_UPDATE_EXCLUSIVE),
    (r"alter table .* detach partition .* concurrently", SHARE_UPDATE_EXCLUSIVE),
    (r"alter table .* attach partition", SHARE_UPDATE_EXCLUSIVE),
    (r"alter table .* set statistics", SHARE_UPDATE_EXCLUSIVE),
    (r"alter table \S+ (re)?set \((fillfactor|autovacuum|toast)", SHARE_UPDATE_EXCLUSIVE),
    (r"alter table .* (enable|disable) trigger", SHARE_ROW_EXCLUSIVE),
    (r"alter table \S+ add (constraint \S+ )?foreign key", SHARE_ROW_EXCLUSIVE),
    (r"alter index \S+ rename", SHARE_UPDATE_EXCLUSIVE),
    (r"alter (table|index|view|materialized view)", ACCESS_EXCLUSIVE),
    (r"create table .* references", SHARE_ROW_EXCLUSIVE),
    (r"create (or replace )?(constraint )?trigger", SHARE_ROW_EXCLUSIVE),
    (r"(create|alter|drop) (policy|rule)", ACCESS_EXCLUSIVE),
    (r"create statistics|comment on|analyze|vacuum(?! full)", SHARE_UPDATE_EXCLUSIVE),
    (r"drop (table|view|materialized view|trigger|owned)", ACCESS_EXCLUSIVE),
    (r"truncate|cluster|vacuum full|lock ", ACCESS_EXCLUSIVE),
    (r"refresh materialized view concurrently", EXCLUSIVE),
    (r"refresh materialized view", ACCESS_EXCLUSIVE),
    (r"insert|update|delete|merge|copy|with .*(insert|update|delete)", ROW_EXCLUSIVE),
    (r"select|table|with|create (or replace )?view|create materialized view", ACCESS_SHARE),
    (r"create|grant|revoke|set|reset|alter|drop", NONE),
)


def lock_of(statement: str) -> Lock:
    """The strongest lock a statement takes on a table that others use.

    What is not known is taken to lock all: a plan must not promise what it cannot know.
    """
    plain = re.sub(r"\s+", " ", statement.strip().lower())
    for pattern, lock in LOCKS:
        if re.match(rf"(?:{pattern})", plain):
            return lock
    return ACCESS_EXCLUSIVE
