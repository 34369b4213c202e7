"""PostgreSQL's client programs run for us: psql and pg_dump."""

import os
from pathlib import Path

from wardbase.errors import ServerError
from wardbase.store import connection
from wardbase.store.programs import programs


class DumpFailed(ServerError):
    says = "pg_dump could not archive the database {database}: {reason}\nNothing was dropped."


def psql(database: str, command: str | None = None) -> int:
    """Run psql on our terminal; its exit code."""
    words = ["psql", "--no-psqlrc", "--set=ON_ERROR_STOP=1", f"--dbname={database}"]
    words += ["--command", command] if command is not None else []
    return programs().run(words, secrets=connection.secrets(), talk=True).returncode


def dump(database: str, archive: Path) -> Path:
    """Write the whole database to one compressed file: there, and on disk, whole or not at all."""
    part = archive.with_name(archive.name + ".part")
    os.close(os.open(part, os.O_WRONLY | os.O_CREAT, 0o600))
    said = programs().run(
        ["pg_dump", "--format=custom", "--file", part, f"--dbname={database}"],
        secrets=connection.secrets(),
    )
    if said.returncode:
        part.unlink()
        raise DumpFailed(database=database, reason=said.stderr.strip())
    _on_disk(part)
    part.rename(archive)
    _on_disk(archive.parent)
    return archive


def _on_disk(path: Path) -> None:
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
