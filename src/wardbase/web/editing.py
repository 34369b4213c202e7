"""A resource in the hands of an editor: elements replaced, all others left byte for byte."""

import json
from decimal import Decimal
from typing import Any
from uuid import uuid4

import msgspec
from msgspec import Raw

_top = msgspec.json.Decoder(dict[str, Raw])
_encode = msgspec.json.Encoder(decimal_format="number").encode


class Draft:
    """Top-level elements as they came; only those that are set are written anew."""

    def __init__(self, stored: bytes) -> None:
        self._top = _top.decode(stored)

    @classmethod
    def new(cls, type_: str, id_: str, patient: str) -> "Draft":
        """An empty resource about a patient."""
        subject = "patient" if type_ == "AllergyIntolerance" else "subject"
        made = {"resourceType": type_, "id": id_}
        if patient:
            made[subject] = {"reference": f"Patient/{patient}"}  # type: ignore[assignment]
        return cls(_encode(made))

    def __getitem__(self, element: str) -> Any:
        """An element, decoded; None if there is none."""
        if element not in self._top:
            return None
        return json.loads(bytes(self._top[element]), parse_float=Decimal)

    def __setitem__(self, element: str, value: Any) -> None:
        """Replace an element; None or nothing takes it off."""
        if value in (None, "", [], {}):
            self._top.pop(element, None)
        else:
            self._top[element] = Raw(_encode(value))

    def json(self) -> bytes:
        """The resource."""
        return _encode(self._top)


def new_id() -> str:
    """An id for something new."""
    return str(uuid4())


def coded(system: str, code: str, display: str = "") -> dict[str, Any]:
    """A CodeableConcept of one coding."""
    coding = {"system": system, "code": code}
    if display:
        return {"coding": [coding | {"display": display}], "text": display}
    return {"coding": [coding]}


def code_of(concept: Any) -> str:
    """The first code of a CodeableConcept."""
    codings = (concept or {}).get("coding") or [{}]
    return str(codings[0].get("code") or "")


def words_of(concept: Any) -> str:
    """What a CodeableConcept says."""
    codings = (concept or {}).get("coding") or [{}]
    return str((concept or {}).get("text") or codings[0].get("display") or "")
