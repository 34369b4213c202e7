"""What a column's kind makes of a FHIR value: entries that know both faces, FHIR and PostgreSQL.

An entry is made from what was sent or from what was stored; its FHIR face (`text`, `raw`, `struct`)
is always computed from its stored face, never copied. So an entry that would not come back as it
was sent shows itself by being unequal, and the element goes to `rest`.

The wires are PostgreSQL's binary format: a length of four bytes, then the value; -1 is null.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Callable
from datetime import date
from struct import Struct as Packer
from typing import Any, Generic, TypeVar

from msgspec import UNSET, Raw

from wardbase.exchange.fhir import definitions, shape
from wardbase.model.field import snake

U = UNSET
NULL = b"\xff\xff\xff\xff"
NULL2 = NULL * 2

K = TypeVar("K")
V = TypeVar("V")

_i4 = Packer(">i").pack
_int4 = Packer(">ii").pack
_int2 = Packer(">ih").pack
_int8 = Packer(">iq").pack


class Memo(dict[K, V], Generic[K, V]):
    """A dictionary that makes what it lacks, and starts anew when it has grown too large."""

    def __init__(self, make: Callable[[K], V], most: int = 50_000) -> None:
        super().__init__()
        self._make = make
        self._most = most

    def __missing__(self, key: K) -> V:
        if len(self) >= self._most:
            self.clear()
        made = self[key] = self._make(key)
        return made


# -- moments -------------------------------------------------------------------------------------

_MOMENT = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?(Z|[+-]\d\d:\d\d))?)?)?"
)
_EPOCH = date(2000, 1, 1).toordinal()
_SECOND = 1_000_000
_DAY = 86_400 * _SECOND
_QUARTER = 15 * 60 * _SECOND
BY_DAY, BY_MONTH, BY_YEAR = 1000, 1001, 1002


class Moment:
    """A dateTime or instant (FHIR R4 2.24.0.1): microseconds since 2000 UTC, and its form.

    The form is 128 times the digits of the fraction, plus 0 for `Z` or 57 plus the offset in
    quarter hours; 1000, 1001 and 1002 say that only the day, month or year was given.
    """

    __slots__ = ("form", "micros", "text", "wire")

    def __init__(self, micros: int, form: int) -> None:
        self.micros = micros
        self.form = form
        self.text = _moment_text(micros, form)
        self.wire = _int8(8, micros) + (_int2(2, form) if form else NULL)


def _moment_text(micros: int, form: int) -> str:
    zone = form % 128 if form < BY_DAY else 0
    local = micros + (zone - 57) * _QUARTER if zone else micros
    days, rest = divmod(local, _DAY)
    day = date.fromordinal(days + _EPOCH).isoformat()
    if form >= BY_DAY:
        return day[: {BY_DAY: 10, BY_MONTH: 7, BY_YEAR: 4}[form]]
    seconds, fraction = divmod(rest, _SECOND)
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    clock = f"{day}T{hour:02}:{minute:02}:{second:02}"
    if digits := form // 128:
        clock += f".{fraction:06}"[: digits + 1]
    if not zone:
        return clock + "Z"
    sign, quarters = ("-", 57 - zone) if zone < 57 else ("+", zone - 57)
    return f"{clock}{sign}{quarters // 4:02}:{quarters % 4 * 15:02}"


def _moment(text: str) -> Moment | None:
    found = _MOMENT.fullmatch(text)
    if found is None:
        return None
    year, month, day, hour, minute, second, fraction, zone = found.groups()
    try:
        days = date(int(year), int(month or 1), int(day or 1)).toordinal() - _EPOCH
        micros, form = days * _DAY, BY_DAY if day else BY_MONTH if month else BY_YEAR
        if hour is not None:
            micros += (int(hour) * 3600 + int(minute) * 60 + int(second)) * _SECOND
            micros += int(fraction.ljust(6, "0")) if fraction else 0
            form = 128 * len(fraction or "")
            if zone != "Z":
                offset = int(zone[1:3]) * 4 + int(zone[4:6]) / 15
                quarters = int(offset) if zone[0] == "+" else -int(offset)
                micros -= quarters * _QUARTER
                form += 57 + quarters
        made = Moment(micros, form)
    except (ValueError, OverflowError):
        return None
    return made if made.text == text else None


moments: Memo[str, Moment | None] = Memo(_moment)


def moment_back(micros: int | None, form: int | None) -> Moment | None:
    """The moment of a stored row."""
    return None if micros is None else Moment(micros, form or 0)


class Day:
    """A date (FHIR R4 2.24.0.1): days since 2000, and 1 or 2 if only month or year are known."""

    __slots__ = ("text", "wire")

    def __init__(self, days: int, form: int) -> None:
        whole = date.fromordinal(days + _EPOCH).isoformat()
        self.text = whole[: (10, 7, 4)[form]]
        self.wire = _int4(4, days) + (_int2(2, form) if form else NULL)


def _day(text: str) -> Day | None:
    form = {10: 0, 7: 1, 4: 2}.get(len(text), 0)
    try:
        days = date.fromisoformat(text + ("", "-01", "-01-01")[form]).toordinal() - _EPOCH
    except ValueError:
        return None
    made = Day(days, form)
    return made if made.text == text else None


days: Memo[str, Day | None] = Memo(_day)


def day_back(since: int | None, form: int | None) -> Day | None:
    """The date of a stored row."""
    return None if since is None else Day(since, form or 0)


# -- decimals ------------------------------------------------------------------------------------

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
    return _i4(8 + 2 * len(digits)) + head + b"".join(d.to_bytes(2, "big") for d in digits)


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


# -- texts and plain values ----------------------------------------------------------------------


def text_wire(text: str) -> bytes:
    """A string as PostgreSQL takes it."""
    encoded = text.encode()
    return _i4(len(encoded)) + encoded


codes: Memo[str, bytes] = Memo(text_wire, 20_000)
wholes: Memo[int, bytes] = Memo(lambda value: _int4(4, value), 20_000)
positions: Memo[int, bytes] = Memo(lambda value: _int2(2, value), 40_000)
flags = {True: b"\x00\x00\x00\x01\x01", False: b"\x00\x00\x00\x01\x00"}
_array_head = Packer(">iiIii").pack
_TEXT_OID = 25


def strings(sent: list[str | None]) -> list[str] | None:
    """A repeating string; None if it has gaps (which only its companion can fill)."""
    return None if None in sent else sent  # type: ignore[return-value]


def strings_wire(values: list[str]) -> bytes:
    """A text[] as PostgreSQL takes it."""
    body = b"".join(text_wire(value) for value in values)
    return _i4(20 + len(body)) + _array_head(1, 0, _TEXT_OID, len(values), 1) + body


# -- the bytes of attachments --------------------------------------------------------------------


class Blob:
    """The bytes of an Attachment."""

    __slots__ = ("data", "text")

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.text = base64.b64encode(data).decode()

    def key(self, patient: bytes) -> bytes:
        """What the bytes are kept under: one patient's attachments are never another's."""
        return hashed(patient + hashlib.sha256(self.data).digest())


def blob(text: str) -> Blob | None:
    """The bytes of base64 text; None if it is not written as we would write it."""
    try:
        made = Blob(base64.b64decode(text, validate=True))
    except (binascii.Error, ValueError):
        return None
    return made if made.data and made.text == text else None


# -- keys and references -------------------------------------------------------------------------

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-79a-f][0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")
_RELATIVE = re.compile(r"([A-Z][A-Za-z]+)/([A-Za-z0-9\-.]{1,64})(/_history/[A-Za-z0-9\-.]{1,64})?")
_CONDITIONAL = re.compile(r"([A-Z][A-Za-z]+)\?identifier=(?:([^|&]*)\|)?([^|&]+)")
_resource_types = frozenset(definitions.resource_types())


def hashed(content: bytes) -> bytes:
    """A version 8 UUID (RFC 9562 section 5.8) of the SHA-256 of the content."""
    digest = bytearray(hashlib.sha256(content).digest()[:16])
    digest[6] = digest[6] & 0x0F | 0x80
    digest[8] = digest[8] & 0x3F | 0x80
    return bytes(digest)


def is_key(id_: str) -> bool:
    """Whether an id is its own key: a canonical UUID, and not of the version our hashes have."""
    return _UUID.fullmatch(id_) is not None


def key_of(type_: str, id_: str) -> bytes:
    """The key of a resource: its id where that is a UUID, else a hash of `Type/id`."""
    return bytes.fromhex(id_.replace("-", "")) if is_key(id_) else hashed(f"{type_}/{id_}".encode())


def uuid_text(key: bytes) -> str:
    """A key as people write it."""
    h = key.hex()
    return f"{h[:8]}-{h[8:12]}-{h[12:16]}-{h[16:20]}-{h[20:]}"


def key_wire(key: bytes) -> bytes:
    """A key as PostgreSQL takes it."""
    return b"\x00\x00\x00\x10" + key


class Ref:
    """The text of a reference, where it leads, and whether that is there.

    `known` is set by the writer when the target is in the database or on its way in the same
    batch; `id` when the text has an entry in the dictionary `reference`.
    """

    __slots__ = (
        "_id",
        "_said",
        "_unsaid",
        "canonical",
        "key",
        "known",
        "system",
        "table",
        "text",
        "type",
        "value",
    )

    def __init__(self, text: str) -> None:
        self.text = text
        self.type: str | None = None
        self.table = ""
        self.key: bytes | None = None
        self.system: str | None = None
        self.value: str | None = None
        self.canonical = False
        self.known = False
        self._id: int | None = None
        self._said = b""
        if found := _RELATIVE.fullmatch(text):
            if found[1] in _resource_types:
                self.type, self.key = found[1], key_of(found[1], found[2])
                self.canonical = found[3] is None and is_key(found[2])
        elif (found := _CONDITIONAL.fullmatch(text)) and found[1] in _resource_types:
            self.type, self.system, self.value = found[1], found[2], found[3]
        self.table = snake(self.type) if self.type else ""

    @property
    def id(self) -> int | None:
        """Its key in the dictionary, once it has one."""
        return self._id

    def enter(self, id_: int) -> None:
        """Note its key in the dictionary."""
        self._id = id_
        self._said = b""

    def hash(self) -> bytes:
        """What it is found by in the dictionary."""
        return hashed(self.text.encode())

    def found(self, key: bytes) -> None:
        """Note that its target is there."""
        self.key = key
        self.known = True
        self._said = b""

    @property
    def needs_entry(self) -> bool:
        """Whether its text must be in the dictionary, wherever it stands."""
        return self._id is None and not (self.known and self.canonical)

    def wire(self, target: str) -> bytes:
        """The foreign key to `target` and the text, as columns."""
        if self.known and self.table == target:
            return self._said or self._say()
        return NULL + self.text_wire()

    def _say(self) -> bytes:
        key = key_wire(self.key or b"")
        said = key + (NULL if self.canonical else self.text_wire())
        self._said = said
        return said

    def text_wire(self) -> bytes:
        """The entry in the dictionary, as a column; made first if there is none."""
        if self._id is None:
            raise NeedsEntry(self)
        return _int4(4, self._id)

    def wires(self, targets: tuple[str, ...]) -> bytes:
        """The foreign keys to several targets and the text, as columns."""
        if self.known and self.table in targets:
            key = key_wire(self.key or b"")
            text = NULL if self.canonical else self.text_wire()
            return b"".join(key if t == self.table else NULL for t in targets) + text
        return NULL * len(targets) + self.text_wire()


class NeedsEntry(Exception):
    """A reference has no entry in the dictionary yet: make one, and encode again."""

    def __init__(self, ref: Ref) -> None:
        self.ref = ref
        super().__init__("a reference needs an entry in the dictionary")


fresh: list[Ref] = []
"""The references met since the writer last looked."""


def _ref(text: str) -> Ref:
    made = Ref(text)
    fresh.append(made)
    return made


refs: Memo[str, Ref] = Memo(_ref, 10**9)
"""Grows with a batch; the writer trims it between batches."""


def ref_back(type_: str | None, key: str | None, text: str | None) -> Ref | None:
    """The reference of a stored row."""
    if text is not None:
        return refs[text]
    return None if key is None else refs[f"{type_}/{key}"]


# -- concepts ------------------------------------------------------------------------------------

_CodeableConcept = shape.struct("CodeableConcept")
_Coding = shape.struct("Coding")
Said = tuple[Any, ...]
"""system, version, code, display, user_selected, text_is_display, then further codings."""


class Concept:
    """A coding as written, with the further codings it came with."""

    __slots__ = ("codings", "id", "said", "struct", "wire")

    def __init__(self, said: Said) -> None:
        self.said = said
        self.codings = [_coding(said), *(_coding(further) for further in said[6:])]
        same = said[3] if said[5] else U
        self.struct = _CodeableConcept(coding=self.codings, text=same)
        self.id: int | None = None
        self.wire = b""

    def enter(self, id_: int) -> None:
        """Note its key in the dictionary."""
        self.id = id_
        self.wire = _int4(4, id_)

    def with_text(self, text: str) -> Any:
        """The CodeableConcept with words of its own."""
        return _CodeableConcept(coding=self.codings, text=text)

    def hash(self) -> bytes:
        """What it is found by in the dictionary."""
        return hashed(repr([None if x is U else x for x in _flat(self.said)]).encode())


def _flat(said: Said) -> list[Any]:
    return [*said[:6], *(part for further in said[6:] for part in further)]


def _coding(said: Said) -> Any:
    system, version, code, display, selected = said[:5]
    return _Coding(
        system=system, version=version, code=code, display=display, userSelected=selected
    )


concepts: Memo[Said, Concept] = Memo(Concept, 100_000)


def concept(sent: Any) -> tuple[Concept | None, str | None]:
    """The dictionary's entry for a CodeableConcept, and its text where that says more."""
    text = sent.text
    if sent.coding is U:
        return None, None if text is U else text
    first, *further = sent.coding
    same = text is not U and text == first.display
    said: Said = (first.system, first.version, first.code, first.display, first.userSelected, same)
    if further:
        said += tuple((c.system, c.version, c.code, c.display, c.userSelected) for c in further)
    return concepts[said], None if same or text is U else text


def concept_out(entry: Concept | None, text: str | None) -> Any:
    """The CodeableConcept of an entry and a text."""
    if text is None:
        return U if entry is None else entry.struct
    return _CodeableConcept(text=text) if entry is None else entry.with_text(text)


def coding(sent: Any) -> Concept | None:
    """The dictionary's entry for a Coding."""
    said = (sent.system, sent.version, sent.code, sent.display, sent.userSelected, False)
    return None if said == _NOTHING else concepts[said]


_NOTHING: Said = (U, U, U, U, U, False)


def unit(unit_: Any, system: Any, code: Any) -> Concept | None:
    """The dictionary's entry for the unit of a Quantity."""
    said: Said = (system, U, code, unit_, U, False)
    return None if said == _NOTHING else concepts[said]
