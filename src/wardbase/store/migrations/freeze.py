"""Writes `sql/0001_pre_first.sql` from the declarations, while the schema is unreleased.

python -m wardbase.store.migrations.freeze            # write it
python -m wardbase.store.migrations.freeze --check    # say whether it is current
"""

import sys
from pathlib import Path

from wardbase.model import after, metadata
from wardbase.store.ddl import ddl

FIRST = Path(__file__).parent / "sql" / "0001_pre_first.sql"
HEADER = (
    "-- Written from wardbase.model by python -m wardbase.store.migrations.freeze.\n"
    "-- While the schema is unreleased: change the declarations and write this anew.\n\n"
)


def frozen() -> str:
    """The file's text, from the declarations."""
    statements = [*ddl(metadata), *after.statements()]
    return HEADER + "".join(f"{statement};\n\n" for statement in statements)


def main() -> None:
    """Write the file, or with --check end with 1 if it is not current."""
    fresh = frozen()
    current = FIRST.read_text() if FIRST.exists() else ""
    if "--check" in sys.argv[1:]:
        if fresh != current:
            sys.exit(f"{FIRST.name} is not current: python -m wardbase.store.migrations.freeze")
        return
    FIRST.write_text(fresh)
    print(f"{FIRST}: {'unchanged' if fresh == current else 'written'}")


if __name__ == "__main__":
    main()
