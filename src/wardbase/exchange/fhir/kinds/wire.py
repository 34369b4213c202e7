"""Values as PostgreSQL takes them in binary: a length of four bytes, then the value; -1 is null."""

from collections.abc import Callable
from struct import Struct as Packer
from typing import Generic, TypeVar

from msgspec import UNSET

U = UNSET
NULL = b"\xff\xff\xff\xff"
NULL2 = NULL * 2

K = TypeVar("K")
V = TypeVar("V")

int_of_4 = Packer(">ii").pack
int_of_2 = Packer(">ih").pack
int_of_8 = Packer(">iq").pack
length = Packer(">i").pack


UNBOUNDED = 10**9


class Memo(dict[K, V], Generic[K, V]):
    """A dictionary that makes what it lacks, and starts anew when it has grown too large."""

    def __init__(self, make: Callable[[K], V], most: int = 20_000) -> None:
        super().__init__()
        self._make = make
        self._most = most

    def __missing__(self, key: K) -> V:
        if len(self) >= self._most:
            self.clear()
        made = self[key] = self._make(key)
        return made


def text_wire(text: str) -> bytes:
    """A string as PostgreSQL takes it."""
    encoded = text.encode()
    return length(len(encoded)) + encoded


codes: Memo[str, bytes] = Memo(text_wire, 20_000)
wholes: Memo[int, bytes] = Memo(lambda value: int_of_4(4, value), 20_000)
positions: Memo[int, bytes] = Memo(lambda value: int_of_2(2, value), 40_000)
flags = {True: b"\x00\x00\x00\x01\x01", False: b"\x00\x00\x00\x01\x00"}
_array_head = Packer(">iiIii").pack
_TEXT_OID = 25


def strings(sent: list[str | None]) -> list[str] | None:
    """A repeating string; None if it has gaps (which only its companion can fill)."""
    return None if None in sent else sent  # type: ignore[return-value]


def strings_wire(values: list[str]) -> bytes:
    """A text[] as PostgreSQL takes it."""
    body = b"".join(text_wire(value) for value in values)
    return length(20 + len(body)) + _array_head(1, 0, _TEXT_OID, len(values), 1) + body
