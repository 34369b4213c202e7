"""References: their text, where they lead, and whether that is there."""

import re

from wardbase.exchange.fhir import definitions
from wardbase.exchange.fhir.kinds.key import hashed, is_key, key_of, key_wire
from wardbase.exchange.fhir.kinds.wire import NULL, UNBOUNDED, Memo, int_of_4
from wardbase.model.field import snake

_RELATIVE = re.compile(r"([A-Z][A-Za-z]+)/([A-Za-z0-9\-.]{1,64})(/_history/[A-Za-z0-9\-.]{1,64})?")
_CONDITIONAL = re.compile(r"([A-Z][A-Za-z]+)\?identifier=(?:([^|&]*)\|)?([^|&]+)")
_resource_types = frozenset(definitions.resource_types())


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
        return int_of_4(4, self._id)

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


fresh_refs: list[Ref] = []
"""The references met since the writer last looked."""


def _ref(text: str) -> Ref:
    made = Ref(text)
    fresh_refs.append(made)
    return made


refs: Memo[str, Ref] = Memo(_ref, UNBOUNDED)
"""Grows with a batch; the writer trims it between batches."""


class Stored:
    """The text of a reference read back."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text


def ref_back(type_: str | None, key: str | None, text: str | None) -> Stored | None:
    """The reference of a stored row."""
    if text is not None:
        return Stored(text)
    return None if key is None else Stored(f"{type_}/{key}")
