"""The peer that needs no model: one table `(id, resource jsonb)` with a GIN index, same server."""

import multiprocessing
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from psycopg import errors

from kit.gauge import server_cpu
from kit.material import Prepared, copy_line, opened
from wardbase.record.files import sources, texts
from wardbase.store import connection

TABLE = "CREATE TABLE resource (id text PRIMARY KEY, resource jsonb NOT NULL)"
INDEX = "CREATE INDEX resource_gin ON resource USING gin (resource jsonb_path_ops)"
_COPY = "COPY resource FROM STDIN"
_BATCH = 2_500_000
_fork = multiprocessing.get_context("fork")


@dataclass(frozen=True)
class Filled:
    """One way to fill the table."""

    seconds: float
    server_cpu: float | None
    resources: int


def fill(
    database: str, prepared: Prepared, workers: int, *, paths: Sequence[Path] = (),
    index_first: bool = False,
) -> Filled:  # fmt: skip
    """Fill the empty table, and index it.

    From prepared lines, or with `paths` from the files themselves: read, split, and made lines of.
    The index comes after the rows, as ours do, or first, as for a table in use.
    """
    statements = [TABLE, INDEX] if index_first else [TABLE]
    _run(database, "DROP TABLE IF EXISTS resource", *statements)
    before = server_cpu()
    began = time.perf_counter()
    if paths:
        _from_files(database, paths, workers)
    else:
        _spread(_copy_chunks, [(database, prepared.chunks[n::workers]) for n in range(workers)])
    if not index_first:
        _run(database, "SET maintenance_work_mem = '256MB'", INDEX)
    _run(database, "ANALYZE resource")
    seconds = time.perf_counter() - began
    after = server_cpu()
    with connection.connect(database) as opened_:
        row = opened_.execute("SELECT count(*) FROM resource").fetchone()
    cpu = None if before is None or after is None else after - before
    return Filled(seconds, cpu, row[0] if row else 0)


def _run(database: str, *statements: str) -> None:
    with connection.connect(database, autocommit=True) as opened_:
        for statement in statements:
            opened_.execute(statement.encode())


def _spread(work: Any, tasks: Sequence[tuple[Any, ...]]) -> None:
    processes = [_fork.Process(target=work, args=task, daemon=True) for task in tasks]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    if any(process.exitcode for process in processes):
        raise SystemExit("filling the jsonb table failed")


def _copy_chunks(database: str, chunks: Sequence[Path]) -> None:
    with connection.connect(database, autocommit=True) as opened_:
        for chunk in chunks:
            with opened_.cursor() as cursor, cursor.copy(_COPY) as copy:
                copy.write(chunk.read_bytes())


# --- from the files as they are ---


def _from_files(database: str, paths: Sequence[Path], workers: int) -> None:
    tasks: Any = _fork.Queue(4)
    processes = [
        _fork.Process(target=_split, args=(database, tasks), daemon=True) for _ in range(workers)
    ]
    for process in processes:
        process.start()
    batch: list[bytes] = []
    size = 0
    for source in sources(paths):
        for read in texts(source, lambda size: None):
            batch.append(bytes(read.text.raw))
            size += len(batch[-1])
            if size >= _BATCH:
                tasks.put(batch)
                batch, size = [], 0
    tasks.put(batch)
    for _ in processes:
        tasks.put(None)
    for process in processes:
        process.join()
    if any(process.exitcode for process in processes):
        raise SystemExit("filling the jsonb table failed")


def _split(database: str, tasks: Any) -> None:
    """Lines of the resources of each text; what other bundles sent too, only once."""
    seen: set[str] = set()
    with connection.connect(database, autocommit=True) as opened_:
        while (batch := tasks.get()) is not None:
            lines: list[bytes] = []
            for raw in batch:
                for kind, id_, line in opened(raw):
                    key = f"{kind}/{id_}"
                    if key not in seen:
                        seen.add(key)
                        lines.append(copy_line(key, line))
            _send(opened_, b"".join(lines))


def _send(opened_: connection.Connection, block: bytes) -> None:
    try:
        with opened_.cursor() as cursor, cursor.copy(_COPY) as copy:
            copy.write(block)
    except errors.UniqueViolation:  # the other worker met the same resource
        with opened_.transaction():
            opened_.execute("CREATE TEMP TABLE came (LIKE resource) ON COMMIT DROP")
            with opened_.cursor() as cursor, cursor.copy("COPY came FROM STDIN") as copy:
                copy.write(block)
            opened_.execute("INSERT INTO resource TABLE came ON CONFLICT DO NOTHING")
