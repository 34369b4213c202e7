"""JSON as text: what is refused before any shape is looked at, and where it is.

JSON is RFC 8259 in UTF-8. PostgreSQL can hold neither lone surrogates nor U+0000, in no type.
"""

import re
from typing import Any

import msgspec

from wardbase.errors import ShapeError

MOST_CODES_TOLD = 12

_ODD = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")
# every escape in turn, so that an escaped backslash before a `u` is not taken for one
_ESCAPE = re.compile(
    rb"\\(?:u[dD][89abAB]..\\u[dD][c-fC-F]..|(u[dD][89a-fA-F]..)|(u0000)|.)", re.DOTALL
)
# the integer `-0`, which msgspec and PostgreSQL read as 0; or text that looks like it
MINUS_ZERO = re.compile(rb"-0(?:[\s,\]}]|$)")
_BYTE = re.compile(r"\(byte (\d+)\)$")

# msgspec's own words for what may be wrong with JSON; none of them quotes the text
_MALFORMED = re.compile(r"JSON is malformed: ([a-z0-9 -]+) \(byte \d+\)$")


def check_text(raw: bytes, where: str) -> None:
    """Refuse invalid UTF-8, lone surrogates and U+0000, which msgspec lets through or skips.

    Raises ShapeError with the byte, for U+0000 with the path.
    """
    if not raw.isascii():
        try:
            raw.decode()
        except UnicodeDecodeError as error:
            raise ShapeError(where, f"invalid UTF-8 at {place(raw, error.start)}") from None
    if b"\\" in raw and _ODD.search(raw):
        _check_escapes(raw, where)


def _check_escapes(raw: bytes, where: str) -> None:
    for found in _ESCAPE.finditer(raw):
        if found[1]:
            at = place(raw, found.start())
            raise ShapeError(where, f"half of a surrogate pair at {at}")
        if found[2]:
            raise ShapeError(
                where + _steps_to_nul(raw), "holds the character U+0000, which no database can keep"
            )


def _steps_to_nul(raw: bytes) -> str:
    try:
        return _search(msgspec.json.decode(raw)) or ""
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ""


def _search(value: Any) -> str | None:
    """The steps to the first string with U+0000; None if there is none, or only in a name."""
    if isinstance(value, str):
        return "" if "\0" in value else None
    if isinstance(value, list):
        steps: Any = ((f"[{n}]", inner) for n, inner in enumerate(value))
    elif isinstance(value, dict):
        steps = ((step(name), inner) for name, inner in value.items())
    else:
        return None
    for named, inner in steps:
        found = _search(inner)
        if found is not None:
            return f"{named}{found}"
    return None


def step(name: str) -> str:
    """A step of a path: the name of an element, unless it is no name and so might be a value."""
    return f".{name}" if re.fullmatch(r"[A-Za-z_]\w{0,63}", name, re.ASCII) else ".?"


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


def one_of(codes: tuple[str, ...]) -> str:
    """The codes an element may have, in words, the first dozen of them."""
    told = ", ".join(codes[:MOST_CODES_TOLD])
    return f"expected one of: {told}{', ...' if len(codes) > MOST_CODES_TOLD else ''}"
