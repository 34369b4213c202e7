"""Decimals, digit for digit."""

import re
from struct import Struct as Packer

from msgspec import Raw

from wardbase.exchange.fhir.kinds.wire import Memo, length

_NUMBER = re.compile(r"(-?)(0|[1-9]\d{0,999})(?:\.(\d{1,999}))?")
_numeric_head = Packer(">hhHH").pack


class Number:
    """A decimal, digit for digit: `numeric` keeps its scale, so 7.10 is not 7.1."""

    __slots__ = ("raw", "text", "wire")

    def __init__(self, text: str, sign: str, whole: str, fraction: str) -> None:
        self.text = text
        self.raw = Raw(text.encode())
        self.wire = _numeric(sign, whole, fraction)


def _numeric(sign: str, whole: str, fraction: str) -> bytes:
    left = whole.rjust(-(-len(whole) // 4) * 4, "0")
    right = fraction.ljust(-(-len(fraction) // 4) * 4, "0")
    digits = [int((left + right)[i : i + 4]) for i in range(0, len(left) + len(right), 4)]
    weight = len(left) // 4 - 1
    while digits and digits[0] == 0:
        digits.pop(0)
        weight -= 1
    while digits and digits[-1] == 0:
        digits.pop()
    head = _numeric_head(len(digits), weight if digits else 0, 0x4000 if sign else 0, len(fraction))
    return length(8 + 2 * len(digits)) + head + b"".join(d.to_bytes(2, "big") for d in digits)


def _number(raw: bytes) -> Number | None:
    found = _NUMBER.fullmatch(raw.decode())
    if found is None:
        return None
    sign, whole, fraction = found[1], found[2], found[3] or ""
    if sign and not (whole + fraction).strip("0"):
        return None  # numeric has no negative zero
    return Number(found[0], sign, whole, fraction)


numbers: Memo[bytes, Number | None] = Memo(_number)


def number(raw: Raw) -> Number | None:
    """The decimal of a JSON token; None if numeric cannot say it (an exponent, -0, a string)."""
    return numbers[bytes(raw)]


def number_back(text: str | None) -> Number | None:
    """The decimal of a stored row."""
    return None if text is None else numbers[text.encode()]
