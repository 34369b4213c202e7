"""PostgreSQL's own limit for the same rows: COPY of them as they are, then keys and indexes."""

import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from psycopg import sql

from kit.gauge import server_cpu
from wardbase.store import connection
from wardbase.store.connection import Connection

_PAGES = 8_192
"""One file holds the rows of as many pages: 64 MiB."""
_WORKERS = 2


@dataclass(frozen=True)
class Piece:
    """Rows of a table in COPY's binary format."""

    table: str
    path: Path


@dataclass(frozen=True)
class Copied:
    """How long COPY took, and the keys and indexes after it."""

    rows: int
    copy_seconds: float
    keys_seconds: float
    server_cpu: float | None

    @property
    def seconds(self) -> float:
        """All of it."""
        return self.copy_seconds + self.keys_seconds


def rows(connection_: Connection) -> dict[str, int]:
    """How many rows each table has, without the audit's."""
    counts = sql.SQL(" UNION ALL ").join(
        sql.SQL("SELECT {}, count(*) FROM {}").format(sql.Literal(name), sql.Identifier(name))
        for name in _tables(connection_)
    )
    return {name: number for name, number in connection_.execute(counts) if number}


def dump(database: str, folder: Path) -> list[Piece]:
    """Write the rows of all tables to files."""
    folder.mkdir()
    pieces = []
    with connection.connect(database) as opened:
        for table in _tables(opened):
            row = opened.execute("SELECT pg_relation_size(%s::regclass) / 8192", [table]).fetchone()
            for first in range(0, row[0] if row else 0, _PAGES):
                piece = Piece(table, folder / f"{table}.{first}")
                _write(opened, piece, first)
                pieces.append(piece)
    return pieces


def _write(opened: Connection, piece: Piece, first: int) -> None:
    command = sql.SQL(
        "COPY (SELECT * FROM {} WHERE ctid >= {} AND ctid < {}) TO STDOUT (FORMAT BINARY)"
    ).format(
        sql.Identifier(piece.table),
        sql.Literal(f"({first},0)"),
        sql.Literal(f"({first + _PAGES},0)"),
    )
    with piece.path.open("wb") as file, opened.cursor() as cursor, cursor.copy(command) as copy:
        for block in copy:
            file.write(block)


def fill(database: str, pieces: Sequence[Piece]) -> Copied:
    """COPY the files into an empty tenant without keys and indexes, and make these after."""
    with connection.connect(database) as opened:
        checks, indexes, keys = _take_off(opened)
    before = server_cpu()
    began = time.perf_counter()
    largest = sorted(pieces, key=lambda piece: piece.path.stat().st_size, reverse=True)
    _each(database, largest, _copy)
    copied = time.perf_counter()
    with connection.connect(database) as opened:
        sizes = {name: _size(opened, name) for name in _tables(opened)}
    work = {name: [*checks.get(name, []), *indexes.get(name, [])] for name in checks | indexes}
    _each(database, [work[name] for name in _by_size(work, sizes)], _run)
    with connection.connect(database) as opened:
        _run(opened, [f"{each} NOT VALID" for each in _flat(keys.values())])
    valid = {name: [_validation(each) for each in of] for name, of in keys.items()}
    _each(database, [valid[name] for name in _by_size(valid, sizes)], _run)
    with connection.connect(database, autocommit=True) as opened:
        opened.execute("ANALYZE")
    done = time.perf_counter()
    after = server_cpu()
    with connection.connect(database) as opened:
        number = sum(rows(opened).values())
    cpu = None if before is None or after is None else after - before
    return Copied(number, copied - began, done - copied, cpu)


def _by_size(work: dict[str, Any], sizes: dict[str, int]) -> list[str]:
    return sorted(work, key=lambda name: -sizes.get(name, 0))


def _flat(lists: Iterable[list[str]]) -> list[str]:
    return [each for some in lists for each in some]


def _size(opened: Connection, table: str) -> int:
    row = opened.execute("SELECT pg_relation_size(%s::regclass)", [table]).fetchone()
    return int(row[0]) if row else 0


def _copy(opened: Connection, piece: Piece) -> None:
    command = sql.SQL("COPY {} FROM STDIN (FORMAT BINARY)").format(sql.Identifier(piece.table))
    with piece.path.open("rb") as file, opened.cursor() as cursor, cursor.copy(command) as copy:
        while block := file.read(1 << 18):
            copy.write(block)
    opened.commit()


def _run(opened: Connection, statements: Sequence[str]) -> None:
    opened.execute("SET maintenance_work_mem = '256MB'")
    for statement in statements:
        opened.execute(statement.encode())
    opened.commit()


def _each(database: str, work: Sequence[Any], do: Callable[[Connection, Any], None]) -> None:
    """Give the work, in its order, to two connections."""
    waiting = list(reversed(work))

    def some() -> None:
        with connection.connect(database) as opened:
            while waiting:
                try:
                    each = waiting.pop()
                except IndexError:
                    return
                do(opened, each)

    with ThreadPoolExecutor(_WORKERS) as pool:
        for done in [pool.submit(some) for _ in range(_WORKERS)]:
            done.result()


# --- what is taken off, and the statements that make it again ---

_CONSTRAINTS = """
SELECT conrelid::regclass::text, contype::text, conname, pg_get_constraintdef(oid)
  FROM pg_constraint
 WHERE connamespace = 'public'::regnamespace AND contype IN ('f', 'p', 'u', 'c')
 ORDER BY contype <> 'f', conrelid, conname
"""
_INDEXES = """
SELECT tablename, indexname, indexdef FROM pg_indexes
 WHERE schemaname = 'public' ORDER BY tablename, indexname
"""


def _take_off(
    opened: Connection,
) -> tuple[dict[str, list[str]], dict[str, list[str]], dict[str, list[str]]]:
    """By table: one statement for keys and checks; one for each index; one for each foreign key."""
    parts: dict[str, list[str]] = {}
    keys: dict[str, list[str]] = {}
    for table, kind, name, says in opened.execute(_CONSTRAINTS).fetchall():
        opened.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"'.encode())
        if kind == "f":
            keys.setdefault(table, []).append(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {says}')
        else:
            parts.setdefault(table, []).append(f'ADD CONSTRAINT "{name}" {says}')
    checks = {table: [f"ALTER TABLE {table} {', '.join(of)}"] for table, of in parts.items()}
    indexes: dict[str, list[str]] = {}
    for table, name, says in opened.execute(_INDEXES).fetchall():
        opened.execute(f'DROP INDEX "{name}"'.encode())
        indexes.setdefault(table, []).append(says)
    return checks, indexes, keys


def _validation(added: str) -> str:
    head, name, _ = added.split('"', 2)
    return f'{head.removesuffix("ADD CONSTRAINT ")}VALIDATE CONSTRAINT "{name}"'


def _tables(opened: Connection) -> list[str]:
    found = opened.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
        " AND relkind = 'r' AND relname NOT IN ('audit', 'alembic_version') ORDER BY relname"
    )
    return [name for (name,) in found]
