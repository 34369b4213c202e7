"""Runs squawk over every migration but the first, which meets no rows and no one who waits.

python tools/lint_migrations.py [FILE.sql ...]
"""

import subprocess
import sys
from pathlib import Path

from wardbase.store.migrations.statements import is_concurrent, statements

SQL = Path(__file__).parents[1] / "src" / "wardbase" / "store" / "migrations" / "sql"
POSTGRESQL = "15.0"


def in_transaction(file: Path) -> bool:
    """Whether the file runs in a transaction, as all do whose statements do not forbid it."""
    return not any(is_concurrent(statement) for statement in statements(file.read_text()))


def squawk(files: list[Path], *options: str) -> int:
    """Lint these files; 0 if squawk has nothing to say."""
    if not files:
        return 0
    return subprocess.run(["squawk", "--pg-version", POSTGRESQL, *options, *files]).returncode


def main() -> int:
    """Lint the files given, or all but the first."""
    files = [Path(name) for name in sys.argv[1:]] or sorted(SQL.glob("*.sql"))[1:]
    together = [file for file in files if in_transaction(file)]
    alone = [file for file in files if not in_transaction(file)]
    return squawk(together, "--assume-in-transaction") or squawk(alone)


if __name__ == "__main__":
    sys.exit(main())
