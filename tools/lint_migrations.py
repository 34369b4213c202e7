"""Runs squawk over the migrations: does a statement hold up those who are at work?

python tools/lint_migrations.py [FILE.sql ...]
"""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from wardbase.store.migrations.freeze import FIRST
from wardbase.store.migrations.statements import is_concurrent, statements

SQUAWK = (str(Path(sys.executable).parent / "squawk"), "--pg-version=15")

# Our runner sets the lock timeout, and tries again; positions and keys of dictionaries are small
# numbers because rows are many.
NOWHERE = (
    "require-lock-timeout",
    "require-statement-timeout",
    "prefer-robust-stmts",
    "prefer-bigint-over-int",
    "prefer-bigint-over-smallint",
)
# The first file makes a database that nobody can see before it is done: it holds up no one.
NOT_IN_THE_FIRST = (
    "constraint-missing-not-valid",
    "adding-foreign-key-constraint",
    "require-concurrent-index-creation",
)


def in_transaction(file: Path) -> bool:
    """Whether the runner runs the file in a transaction: all but what CONCURRENTLY forbids it."""
    return not any(is_concurrent(statement) for statement in statements(file.read_text()))


def squawk(files: Sequence[Path], exclude: Sequence[str], *options: str) -> int:
    """Lint these files; 0 if squawk has nothing to say."""
    if not files:
        return 0
    return subprocess.run([*SQUAWK, f"--exclude={','.join(exclude)}", *options, *files]).returncode


def main() -> int:
    """Lint the files given, or all."""
    files = [Path(name) for name in sys.argv[1:]] or sorted(FIRST.parent.glob("*.sql"))
    first = [file for file in files if file == FIRST]
    later = [file for file in files if file != FIRST]
    whole = "--assume-in-transaction"
    return max(
        squawk(first, NOWHERE + NOT_IN_THE_FIRST, whole),
        squawk([file for file in later if in_transaction(file)], NOWHERE, whole),
        squawk([file for file in later if not in_transaction(file)], NOWHERE),
    )


if __name__ == "__main__":
    sys.exit(main())
