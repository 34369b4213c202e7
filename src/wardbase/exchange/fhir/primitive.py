"""The values of FHIR R4's primitive types: what each accepts (R4 datatypes, 2.24.0.1).

The rules are the standard's, but for these, which real data break without harm, the official
examples among it:

- white space around or within a code, a uri, an oid, base64; a uuid in capitals
- base64 that is not padded
- strings over 1 MB

Empty strings are refused in every type, and days that are in no calendar.
"""

import re
from calendar import monthrange
from collections.abc import Callable
from typing import Any

from wardbase.exchange.fhir import definitions
from wardbase.exchange.fhir.text import one_of

Says = str | None
# None when the value is right, else what was expected
Check = Callable[[Any], Says]


class DecimalText(str):
    """A number with a fraction or exponent, as its text."""

    __slots__ = ()


class MinusZero(int):
    """The integer `-0`: no column could give it back."""

    __slots__ = ()


_BASE64 = bytes(range(9, 14)) + b" +/=0123456789"
_BASE64 += b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def check_of(type_name: str, codes: tuple[str, ...] | None = None) -> Check:
    """The check of a primitive type, or of a code that must be one of some."""
    if codes is not None:
        return _one_of(codes)
    if limits := definitions.limits(type_name):
        return _integer(*limits)
    return CHECKS.get(type_name) or text


def boolean(value: Any) -> Says:
    return None if value is True or value is False else "expected true or false"


def decimal(value: Any) -> Says:
    return None if type(value) in (int, DecimalText, MinusZero) else "expected a number"


def text(value: Any) -> Says:
    return None if type(value) is str and value else "expected a string that is not empty"


def visible(value: Any) -> Says:
    """A code, uri, url or canonical: white space is let through, nothing but white space is not."""
    if type(value) is str and value and not value.isspace():
        return None
    return "expected a string that is not empty"


def base64(value: Any) -> Says:
    if type(value) is str and value:
        # a translation deletes ten megabytes in a few milliseconds, a regular expression does not
        if value.isascii() and not value.encode().translate(None, _BASE64):
            return None
        return "expected base64"
    return "expected a string that is not empty"


def _integer(lowest: int, highest: int) -> Check:
    said = f"expected an integer from {lowest} to {highest}"

    def check(value: Any) -> Says:
        return None if type(value) is int and lowest <= value <= highest else said

    return check


def _one_of(codes: tuple[str, ...]) -> Check:
    known = frozenset(codes)
    said = one_of(codes)

    def check(value: Any) -> Says:
        return None if type(value) is str and value in known else said

    return check


def _matching(pattern: str | None, said: str) -> Check:
    assert pattern is not None
    matches = re.compile(pattern, re.ASCII).fullmatch

    def check(value: Any) -> Says:
        return None if type(value) is str and matches(value) else said

    return check


def _dated(pattern: str | None, said: str) -> Check:
    right = _matching(pattern, said)

    def check(value: Any) -> Says:
        if says := right(value):
            return says
        # every month has 28 days
        if value[8:10] > "28" and int(value[8:10]) > days_of(value):
            return f"{said}, on a day that exists"
        return None

    return check


def days_of(date: str) -> int:
    """How many days the month of `2024-02-...` has."""
    return monthrange(int(date[:4]), int(date[5:7]))[1]


CHECKS: dict[str, Check] = {
    "boolean": boolean,
    "decimal": decimal,
    "code": visible,
    "uri": visible,
    "url": visible,
    "canonical": visible,
    "base64Binary": base64,
    "id": _matching(definitions.regex("id"), "expected an id: 1 to 64 of A-Z a-z 0-9 - ."),
    "oid": _matching(rf"\s*{definitions.regex('oid')}\s*", "expected urn:oid: and an OID"),
    "uuid": _matching(rf"(?i:{definitions.regex('uuid')})", "expected urn:uuid: and a UUID"),
    "time": _matching(definitions.regex("time"), "expected a time, hh:mm:ss"),
    "date": _dated(definitions.regex("date"), "expected a date: YYYY, YYYY-MM or YYYY-MM-DD"),
    "dateTime": _dated(
        definitions.regex("dateTime"),
        "expected a date, or a date and time with an offset: YYYY-MM-DDThh:mm:ss+hh:mm",
    ),
    "instant": _dated(
        definitions.regex("instant"),
        "expected a date and time with an offset: YYYY-MM-DDThh:mm:ss+hh:mm",
    ),
}
