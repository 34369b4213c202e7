"""Whether the made-up people are as ill as real ones, and get better as real ones do."""

from collections import defaultdict
from datetime import date
from statistics import mean
from typing import Any

import pytest

from wardbase.synthetic import REFERENCE_DATE
from wardbase.synthetic.conditions import onset_age


def age(patient: Any) -> int:
    return (REFERENCE_DATE - date.fromisoformat(patient["birthDate"])).days // 365


# Percent of the living from 45 years on who are known to have it, at the least and the most.
PREVALENCE = {
    "59621000": (30, 55),  # hypertension
    "44054006": (11, 26),  # diabetes
    "55822004": (20, 40),  # hyperlipidemia
    "195967001": (6, 16),  # asthma
    "13645005": (4, 15),  # COPD
    "433144002": (6, 20),  # CKD 3
    "84114007": (2, 9),  # heart failure
    "370143000": (6, 17),  # depression
}


@pytest.mark.parametrize("code", PREVALENCE)
def test_chronic_diseases_are_as_frequent_as_in_reality(crowd: Any, code: str) -> None:
    older = {p["id"] for p in crowd.of("Patient") if age(p) >= 45 and "deceasedDateTime" not in p}
    ill = {
        owner
        for owner, own in crowd.by_patient("Condition").items()
        if owner in older and any(c["code"]["coding"][0]["code"] == code for c in own)
    }
    low, high = PREVALENCE[code]
    assert low <= 100 * len(ill) / len(older) <= high


def test_the_young_are_rarely_ill_for_good(crowd: Any) -> None:
    young = {p["id"] for p in crowd.of("Patient") if age(p) < 25}
    pressure = [
        owner
        for owner, own in crowd.by_patient("Condition").items()
        if owner in young and any(c["code"]["coding"][0]["code"] == "59621000" for c in own)
    ]
    assert len(pressure) / len(young) < 0.04


def test_onset_is_where_the_share_of_the_ill_passes_the_draw() -> None:
    curve = (0.0, 1.0, 5.0, 10.0, 10.0)
    assert onset_age(curve, 3.0) == 30.0
    assert onset_age(curve, 9.0) == 56.0
    assert onset_age(curve, 11.0) is None


def values(crowd: Any, loinc: str) -> dict[str, list[tuple[str, float]]]:
    found: dict[str, list[tuple[str, float]]] = defaultdict(list)
    for owner, own in crowd.by_patient("Observation").items():
        for o in own:
            if o["code"]["coding"][0]["code"] == loinc:
                found[owner].append((o["effectiveDateTime"][:10], o["valueQuantity"]["value"]))
    return found


def begun(crowd: Any, ingredient: str) -> dict[str, str]:
    """The day a patient was first prescribed a medicine."""
    found: dict[str, str] = {}
    for owner, own in crowd.by_patient("MedicationRequest").items():
        days = [
            m["authoredOn"][:10]
            for m in own
            if m.get("medicationCodeableConcept", {}).get("text") == ingredient
        ]
        if days:
            found[owner] = min(days)
    return found


@pytest.mark.parametrize(
    ("loinc", "medicine", "drop"),
    [("4548-4", "metformin", 0.7), ("13457-7", "simvastatin", 25)],
)
def test_values_fall_under_treatment(crowd: Any, loinc: str, medicine: str, drop: float) -> None:
    starts = begun(crowd, medicine)
    before, after = [], []
    for owner, own in values(crowd, loinc).items():
        for day, value in own:
            if owner in starts:
                (after if day > starts[owner] else before).append(value)
    assert min(len(before), len(after)) > 15
    assert mean(before) - mean(after) > drop


def test_creatinine_rises_with_kidney_disease(crowd: Any) -> None:
    ill = {
        owner
        for owner, own in crowd.by_patient("Condition").items()
        if any(c["code"]["coding"][0]["code"] == "433144002" for c in own)
    }
    every = values(crowd, "2160-0")
    sick = [value for owner, own in every.items() if owner in ill for _, value in own]
    well = [value for owner, own in every.items() if owner not in ill for _, value in own]
    assert mean(sick) > 1.3 * mean(well)


def test_a_blood_count_agrees_with_itself(crowd: Any) -> None:
    by_id = {o["id"]: o for o in crowd.of("Observation")}
    checked = 0
    for report in crowd.of("DiagnosticReport"):
        if report["code"]["coding"][0]["code"] != "58410-2":
            continue
        found = {}
        for result in report["result"]:
            o = by_id[result["reference"].partition("/")[2]]
            found[o["code"]["coding"][1]["code"]] = o["valueQuantity"]["value"]
        assert found["HCT"] == pytest.approx(found["RBC"] * found["MCV"] / 10, rel=0.01)
        assert found["HGB"] == pytest.approx(found["RBC"] * found["MCH"] / 10, rel=0.02)
        checked += 1
    assert checked > 500


def test_a_flag_agrees_with_the_reference_range(people: Any) -> None:
    for o in people.of("Observation"):
        if "referenceRange" not in o or not o["referenceRange"][0]:
            continue
        value, limits = o["valueQuantity"]["value"], o["referenceRange"][0]
        flag = o["interpretation"][0]["coding"][0]["code"]
        if flag in ("H", "HH") and "high" in limits:
            assert value >= limits["high"]["value"]
        if flag in ("L", "LL") and "low" in limits:
            assert value <= limits["low"]["value"]


def test_nobody_takes_two_statins(crowd: Any) -> None:
    for own in crowd.by_patient("MedicationRequest").values():
        active = {
            m["medicationCodeableConcept"]["text"]
            for m in own
            if m["status"] == "active" and "medicationCodeableConcept" in m
        }
        assert not {"simvastatin", "atorvastatin"} <= active


def test_some_patients_come_back_within_thirty_days(crowd: Any) -> None:
    stays = [e for e in crowd.of("Encounter") if "hospitalization" in e]
    again = [e for e in stays if "reAdmission" in e["hospitalization"]]
    assert 0.03 < len(again) / len(stays) < 0.25


def test_who_died_in_hospital_was_discharged_so(crowd: Any) -> None:
    died = {p["id"]: p.get("deceasedDateTime") for p in crowd.of("Patient")}
    gone = 0
    for e in crowd.of("Encounter"):
        disposition = e.get("hospitalization", {}).get("dischargeDisposition")
        if disposition and disposition["coding"][0]["code"] == "exp":
            gone += 1
            assert e["period"]["end"] == died[e["subject"]["reference"].partition("/")[2]]
    assert gone > 5
