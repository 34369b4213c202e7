"""JSON as text: what is refused before any shape is looked at, and where it is.

JSON is RFC 8259 in UTF-8. PostgreSQL can hold neither lone surrogates nor U+0000, in no type.
"""

import re

import msgspec

from wardbase.errors import ShapeError

_ESCAPE = re.compile(rb"\\(u[dD][89abAB]..\\u[dD][c-fC-F]..|u[dD][89a-fA-F]..|.)", re.DOTALL)
_BYTE = re.compile(r"\(byte (\d+)\)$")

# msgspec's own words for what may be wrong with JSON; none of them quotes the text
_MALFORMED = re.compile(r"JSON is malformed: ([a-z0-9 -]+) \(byte \d+\)$")


def check_text(raw: bytes, where: str) -> None:
    """Refuse invalid UTF-8 and lone surrogates, which msgspec lets through in what it skips.

    Raises ShapeError with the byte.
    """
    if not raw.isascii():
        try:
            raw.decode()
        except UnicodeDecodeError as error:
            raise ShapeError(where, f"invalid UTF-8 at {place(raw, error.start)}") from None
    if b"\\ud" in raw or b"\\uD" in raw:
        for found in _ESCAPE.finditer(raw):
            if len(found[0]) == 6:
                at = place(raw, found.start())
                raise ShapeError(where, f"half of a surrogate pair at {at}")


def has_nul(raw: bytes) -> bool:
    """Whether a string may hold U+0000; an escaped backslash before `u0000` counts too."""
    return b"\\u0000" in raw


def place(raw: bytes, offset: int) -> str:
    """A byte in words: `byte 10 (line 2, column 3)`; line and column count from 1, in bytes."""
    line = raw.count(b"\n", 0, offset) + 1
    column = offset - raw.rfind(b"\n", 0, offset)
    return f"byte {offset} (line {line}, column {column})"


def broken(raw: bytes, error: Exception, where: str) -> ShapeError:
    """The error for JSON that msgspec cannot read at all, without any of its text."""
    if isinstance(error, RecursionError):
        return ShapeError(where, "nested too deeply")
    if isinstance(error, UnicodeDecodeError):
        try:
            check_text(raw, where)
        except ShapeError as found:
            return found
        return ShapeError(where, "invalid UTF-8")
    says = str(error)
    if at := _BYTE.search(says):
        reason = _MALFORMED.match(says)
        why = f": {reason[1]}" if reason else ""
        return ShapeError(where, f"broken JSON at {place(raw, int(at[1]))}{why}")
    if isinstance(error, msgspec.DecodeError) and "truncated" in says:
        return ShapeError(where, f"broken JSON: it ends too early, at {place(raw, len(raw))}")
    return ShapeError(where, "broken JSON")
