"""Rows into tables by COPY in PostgreSQL's binary format."""

from collections.abc import Iterable, Sequence
from typing import Any

from psycopg import Connection, sql

_HEADER = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
_TRAILER = b"\xff\xff"
_BLOCK = 1 << 20


def copy_rows(
    connection: Connection[Any], table: str, columns: Sequence[str], rows: Iterable[bytes]
) -> None:
    """Send rows, each its count of columns and its fields in binary, into a table.

    The columns are in the order of the fields, which need not be that of the table.
    """
    command = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT BINARY)").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    with connection.cursor() as cursor, cursor.copy(command) as copy:
        block = [_HEADER]
        size = 0
        for row in rows:
            block.append(row)
            size += len(row)
            if size > _BLOCK:
                copy.write(b"".join(block))
                block, size = [], 0
        block.append(_TRAILER)
        copy.write(b"".join(block))
