"""Vital signs: several measured at once and recorded together, one corrected at a time."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid5

from fastapi import HTTPException

from wardbase.web.codes import Code
from wardbase.web.editing import Draft, coded
from wardbase.web.forms import Field, Form, Values, decimal, fhir_moment, now
from wardbase.web.kinds import Kind

_LOINC = "http://loinc.org"
_UCUM = "http://unitsofmeasure.org"
_CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"


@dataclass(frozen=True)
class Sign:
    """One measurement: its code, its unit, and the limits of what is possible in the living."""

    name: str
    label: str
    code: str
    display: str
    unit: str
    ucum: str
    least: str
    most: str

    @property
    def field(self) -> Field:
        """The input for it."""
        return Field(
            self.name, self.label, "number", unit=self.unit, least=self.least, most=self.most
        )


SYSTOLIC = Sign("systolic", "Systolic pressure", "8480-6", "Systolic blood pressure", "mmHg",
                "mm[Hg]", "30", "320")  # fmt: skip
DIASTOLIC = Sign("diastolic", "Diastolic pressure", "8462-4", "Diastolic blood pressure", "mmHg",
                 "mm[Hg]", "10", "220")  # fmt: skip
SINGLE = (
    Sign("pulse", "Heart rate", "8867-4", "Heart rate", "/min", "/min", "10", "350"),
    Sign("temperature", "Temperature", "8310-5", "Body temperature", "°C", "Cel", "20", "46"),
    Sign("breaths", "Breaths", "9279-1", "Respiratory rate", "/min", "/min", "2", "120"),
    Sign("oxygen", "Oxygen saturation", "2708-6", "Oxygen saturation in Arterial blood", "%", "%",
         "20", "100"),
    Sign("weight", "Weight", "29463-7", "Body weight", "kg", "kg", "0.2", "650"),
    Sign("height", "Height", "8302-2", "Body height", "cm", "cm", "15", "280"),
)  # fmt: skip
_WHEN = Field("when", "Measured", "moment", required=True, wide=True)
_NOTE = Field("note", "Remark", "note", wide=True)
_STATUS = Field("status", "Status", "choice", choices=(
    ("", "as it is"), ("corrected", "corrected"),
    ("entered-in-error", "entered in error")))  # fmt: skip


def starting() -> Values:
    """What a new form begins with."""
    return {"when": now()}


def _both_pressures(values: Values) -> Iterator[tuple[str, str]]:
    high, low = decimal(values["systolic"]), decimal(values["diastolic"])
    if (high is None) != (low is None):
        yield ("diastolic" if low is None else "systolic"), "A pressure needs both numbers."
    if high is not None and low is not None and low >= high:
        yield "diastolic", "The diastolic pressure is below the systolic."


def _something(values: Values) -> Iterator[tuple[str, str]]:
    if not any(values[name] for name in ("systolic", "diastolic", *(s.name for s in SINGLE))):
        yield "systolic", "Nothing is measured yet: fill at least one."


_TOGETHER = Form(
    "vital signs",
    (_WHEN, SYSTOLIC.field, DIASTOLIC.field, *(s.field for s in SINGLE), _NOTE),
    (_something, _both_pressures),
)


def observations(id_: str, patient: str, values: Values) -> list[bytes]:
    """One Observation for each measurement; ids that a form sent twice gives again."""
    made = []
    if values["systolic"]:
        draft = _observation(id_, "85354-9", "Blood pressure", patient, values)
        draft["component"] = [
            {"code": _code(s.code, s.display), "valueQuantity": _quantity(s, values[s.name])}
            for s in (SYSTOLIC, DIASTOLIC)
        ]
        made.append(draft.json())
    for sign in SINGLE:
        if values[sign.name]:
            own = str(uuid5(UUID(id_), sign.code))
            draft = _observation(own, sign.code, sign.display, patient, values)
            draft["valueQuantity"] = _quantity(sign, values[sign.name])
            made.append(draft.json())
    return made


def _observation(id_: str, code: str, display: str, patient: str, values: Values) -> Draft:
    draft = Draft.new("Observation", id_, patient)
    draft["status"] = "final"
    draft["category"] = [coded(_CATEGORY, "vital-signs", "Vital Signs")]
    draft["code"] = _code(code, display)
    draft["effectiveDateTime"] = fhir_moment(values["when"])
    draft["note"] = [{"text": values["note"]}] if values["note"] else None
    return draft


def _code(code: str, display: str) -> dict[str, Any]:
    return coded(_LOINC, code, display)


def _quantity(sign: Sign, typed: str) -> dict[str, Any]:
    return {"value": decimal(typed), "unit": sign.unit, "system": _UCUM, "code": sign.ucum}


# --- correcting one ---


def correction_of(draft: Draft) -> Kind:
    """The form to correct one observation: a pressure, or a single number."""
    if draft["valueQuantity"] is not None:
        unit = draft["valueQuantity"].get("unit") or draft["valueQuantity"].get("code") or ""
        label = (draft["code"] or {}).get("text") or "Value"
        wide = ("-1000000", "1000000")
        known = {s.code: (s.least, s.most) for s in SINGLE if s.ucum == unit or s.unit == unit}
        codes = [c.get("code") for c in (draft["code"] or {}).get("coding") or []]
        least, most = next((known[c] for c in codes if c in known), wide)
        value = Field("value", label, "number", required=True, unit=unit, least=least, most=most)
        form = Form("value", (value, _STATUS, _NOTE))
        return Kind(
            "Observation", "vitals", "value", "results", form, _fill_value, _put_value
        )  # fmt: skip
    if len(_pressures(draft)) == 2:
        form = Form(
            "pressure",
            (*(_needed(s) for s in (SYSTOLIC, DIASTOLIC)), _STATUS, _NOTE),
            (_both_pressures,),
        )
        return Kind(
            "Observation", "vitals", "blood pressure", "results", form, _fill_pressure,
            _put_pressure,
        )  # fmt: skip
    raise HTTPException(404, "This result has no number that could be corrected here.")


def _needed(sign: Sign) -> Field:
    return Field(
        sign.name, sign.label, "number", required=True, unit=sign.unit, least=sign.least,
        most=sign.most,
    )  # fmt: skip


def _pressures(draft: Draft) -> dict[str, dict[str, Any]]:
    """The components of a blood pressure, by the name of their field."""
    names = {sign.code: sign.name for sign in (SYSTOLIC, DIASTOLIC)}
    return {
        names[coding["code"]]: component
        for component in draft["component"] or []
        for coding in component.get("code", {}).get("coding") or []
        if coding.get("code") in names and "valueQuantity" in component
    }


def _common(draft: Draft) -> Values:
    return {
        "status": draft["status"] if draft["status"] in ("corrected", "entered-in-error") else "",
        "note": ((draft["note"] or [{}])[0]).get("text", ""),
    }


def _fill_value(draft: Draft) -> Values:
    return {"value": _number((draft["valueQuantity"] or {}).get("value")), **_common(draft)}


def _fill_pressure(draft: Draft) -> Values:
    found = _pressures(draft)
    return {
        name: _number(found.get(name, {}).get("valueQuantity", {}).get("value"))
        for name in ("systolic", "diastolic")
    } | _common(draft)


def _number(value: Any) -> str:
    return "" if value is None else f"{value:f}" if isinstance(value, Decimal) else str(value)


def _put_value(draft: Draft, values: Values, changed: set[str], _: Code | None, __: str) -> None:
    if "value" in changed:
        draft["valueQuantity"] = draft["valueQuantity"] | {"value": decimal(values["value"])}
    _put_common(draft, values, changed, {"value"})


def _put_pressure(draft: Draft, values: Values, changed: set[str], _: Code | None, __: str) -> None:
    if changed & {"systolic", "diastolic"}:
        components = draft["component"]
        wanted = {SYSTOLIC.code: "systolic", DIASTOLIC.code: "diastolic"}
        for component in components:
            for coding in component.get("code", {}).get("coding") or []:
                name = wanted.get(coding.get("code"))
                if name in changed:
                    component["valueQuantity"]["value"] = decimal(values[name])
        draft["component"] = components
    _put_common(draft, values, changed, {"systolic", "diastolic"})


def _put_common(draft: Draft, values: Values, changed: set[str], measured: set[str]) -> None:
    if values["status"]:
        draft["status"] = values["status"]
    elif changed & measured:
        draft["status"] = "corrected"
    if "note" in changed:
        rest = (draft["note"] or [])[1:]
        first = (draft["note"] or [{}])[0] | {"text": values["note"]}
        draft["note"] = [*([first] if values["note"] else []), *rest]


KINDS = (
    Kind(
        "Observation", "vitals", "vital signs", "results", _TOGETHER, lambda draft: {},
        lambda draft, values, changed, code, country: None,
    ),
)  # fmt: skip
