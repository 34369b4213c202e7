"""Codings as written: entries of the dictionary of concepts."""

from typing import Any

from wardbase.exchange.fhir import shape
from wardbase.exchange.fhir.kinds.key import hashed
from wardbase.exchange.fhir.kinds.wire import UNBOUNDED, Memo, U, int_of_4

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
        self.wire = int_of_4(4, id_)

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


fresh_concepts: list[Concept] = []
"""The concepts met since the writer last looked."""


def _entry(said: Said) -> Concept | None:
    """None for a coding that says nothing: FHIR does not allow one without even an extension."""
    if said[:5] == _NOTHING or _NOTHING in said[6:]:
        return None
    made = Concept(said)
    fresh_concepts.append(made)
    return made


_NOTHING: Said = (U, U, U, U, U)
concepts: Memo[Said, Concept | None] = Memo(_entry, UNBOUNDED)
"""Grows with a batch; the writer trims it between batches."""


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
    return concepts[said]


def unit(unit_: Any, system: Any, code: Any) -> Concept | None:
    """The dictionary's entry for the unit of a Quantity."""
    said: Said = (system, U, code, unit_, U, False)
    return concepts[said]
