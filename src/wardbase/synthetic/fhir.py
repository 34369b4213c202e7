"""Small pieces of FHIR: concepts and quantities encoded once, decimals with their digits kept."""

from functools import cache
from typing import Any

import msgspec

Json = dict[str, Any]
Raw = msgspec.Raw

encode = msgspec.json.Encoder().encode

SYSTEMS = {
    "snomed": "http://snomed.info/sct",
    "loinc": "http://loinc.org",
    "rxnorm": "http://www.nlm.nih.gov/research/umls/rxnorm",
    "atc": "http://www.whocc.no/atc",
    "cvx": "http://hl7.org/fhir/sid/cvx",
    "ucum": "http://unitsofmeasure.org",
    "act": "http://terminology.hl7.org/CodeSystem/v3-ActCode",
    "bcp47": "urn:ietf:bcp:47",
}

CODE_SYSTEM = "http://terminology.hl7.org/CodeSystem/"
US_CORE = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-"
BASE_PROFILE = "http://hl7.org/fhir/StructureDefinition/"


def coding(system: str, code: str, display: str = "") -> Json:
    """A Coding; the system is a short name of SYSTEMS, a full address, or a part of THO."""
    if system in SYSTEMS:
        url = SYSTEMS[system]
    else:
        url = system if ":" in system else CODE_SYSTEM + system
    return (
        {"system": url, "code": code, "display": display}
        if display
        else {
            "system": url,
            "code": code,
        }
    )


@cache
def concept(system: str, code: str, display: str = "", text: bool = True) -> Raw:
    """A CodeableConcept of one coding, already encoded."""
    body: Json = {"coding": [coding(system, code, display)]}
    if text and display:
        body["text"] = display
    return Raw(encode(body))


def concepts(codings: list[Json], text: str) -> Raw:
    """A CodeableConcept of several codings, already encoded."""
    return Raw(encode({"coding": codings, "text": text}))


def fixed(value: float, digits: int) -> Raw:
    """A decimal with exactly these digits after the point: 7.10 stays 7.10."""
    return Raw(b"%.*f" % (digits, value))


def cents(amount: int) -> Raw:
    """A decimal of two digits from a whole number of hundredths."""
    return Raw(b"%d.%02d" % divmod(amount, 100))


def money(amount: int, currency: str) -> Json:
    """A Money from a whole number of hundredths."""
    return {"value": cents(amount), "currency": currency}


def quantity(value: float, digits: int, unit: str, code: str) -> Json:
    """A Quantity in a UCUM unit."""
    return {
        "value": fixed(value, digits),
        "unit": unit,
        "system": "http://unitsofmeasure.org",
        "code": code,
    }
