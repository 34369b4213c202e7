"""Lints the migrations' SQL with squawk: `python -m wardbase.store.migrations.lint`."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from wardbase.store.migrations.freeze import FIRST

# Our runner sets the lock timeout and runs each file as one transaction, so that statements need
# not be repeatable; positions and dictionary keys are small numbers because rows are many.
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


def commands() -> Iterator[list[str]]:
    """The calls of squawk: one for the first file, one for those after it."""
    later = sorted(str(file) for file in FIRST.parent.glob("*.sql") if file != FIRST)
    squawk = str(Path(sys.executable).parent / "squawk")
    for files, exclude in ([str(FIRST)], NOWHERE + NOT_IN_THE_FIRST), (later, NOWHERE):
        if files:
            yield [squawk, "--pg-version=15", f"--exclude={','.join(exclude)}", *files]


def main() -> None:
    """Run squawk; end with 1 if it finds anything."""
    codes = [subprocess.run(command, check=False).returncode for command in commands()]
    sys.exit(max(codes))


if __name__ == "__main__":
    main()
