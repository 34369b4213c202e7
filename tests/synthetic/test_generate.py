"""What every synthetic record must be: the same each time, valid, whole, and within a life."""

import re
from datetime import date, timedelta
from typing import Any

import pytest

from wardbase.exchange.fhir.validate import validate
from wardbase.synthetic import REFERENCE_DATE, generate
from wardbase.synthetic.generate import hospital_lines, patient_lines
from wardbase.synthetic.recipe import OutOfRange, Recipe, UnknownCountry

REFERENCE = re.compile(rb'"reference":"([^"]+)"')
MOMENT = re.compile(r"^\d{4}-\d{2}-\d{2}(T|$)")


def test_the_same_recipe_gives_the_same_bytes() -> None:
    assert list(generate(30, seed=5)) == list(generate(30, seed=5))


@pytest.mark.parametrize("other", [{"seed": 6}, {"country": "DE"}, {"hospital": "St. Elsewhere"}])
def test_another_recipe_gives_other_patients(other: dict[str, Any]) -> None:
    recipe = {"patients": 5, "seed": 5, **other}
    assert not set(generate(5, seed=5)) & set(generate(**recipe))


def test_a_patient_does_not_depend_on_those_before() -> None:
    recipe = Recipe(40, seed=5)
    alone = list(patient_lines(recipe, 33))
    every = [line for n in range(40) for line in patient_lines(recipe, n)]
    assert [line for line in every if line in alone] == alone


def test_fewer_patients_are_the_first_of_more() -> None:
    few, more = list(generate(10)), list(generate(20))
    assert more[: len(few)] == few


def test_people_stay_the_same_when_the_records_end_on_another_day() -> None:
    def ids(until: date) -> list[str]:
        return re.findall(r'"Patient","id":"([^"]+)"', str(list(generate(20, until=until))))

    assert ids(date(2025, 3, 1)) == ids(date(2026, 6, 30))


def test_every_resource_is_valid(people: Any) -> None:
    for kind, raw in people.encoded:
        validate(kind, raw)


def test_the_validity_test_can_fail(people: Any) -> None:
    kind, raw = next(line for line in people.encoded if line[0] == "Encounter")
    with pytest.raises(Exception, match="status"):
        validate(kind, raw.replace(b'"status":"finished"', b'"status":"over"'))


def test_every_reference_resolves(people: Any) -> None:
    found = {f"{kind}/{r['id']}" for kind, own in people.by_type.items() for r in own}
    asked = {m.decode() for _, raw in people.encoded for m in REFERENCE.findall(raw)}
    assert asked <= found


def test_no_id_is_given_twice_and_all_are_version_4(people: Any) -> None:
    ids = [r["id"] for own in people.by_type.values() for r in own]
    assert len(ids) == len(set(ids))
    form = r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
    assert all(re.fullmatch(form, key) for key in ids)


def moments(value: Any) -> list[str]:
    """All dates and times within a resource."""
    if isinstance(value, dict):
        return [m for v in value.values() for m in moments(v)]
    if isinstance(value, list):
        return [m for v in value for m in moments(v)]
    return [value] if isinstance(value, str) and MOMENT.match(value) else []


# What lies ahead by its nature: until when a prescription or an implant may be used.
AHEAD = {"MedicationRequest": "dispenseRequest", "Immunization": "expirationDate"}
AHEAD |= {"Device": "expirationDate"}
# And what was made before the patient was born.
BEFORE = {"Device": "manufactureDate", "Coverage": "period"}


def test_nothing_is_before_birth_or_after_death(people: Any) -> None:
    lives = {p["id"]: p for p in people.of("Patient")}
    checked = 0
    for kind, own in people.by_type.items():
        for resource in own:
            owner = resource.get("subject") or resource.get("patient") or {}
            life = lives.get(owner.get("reference", "").partition("/")[2])
            if life is None:
                continue
            resource = {k: v for k, v in resource.items() if k not in (AHEAD.get(kind), "meta")}
            last = life.get("deceasedDateTime", f"{REFERENCE_DATE}T23")
            for moment in moments({k: v for k, v in resource.items() if k != BEFORE.get(kind)}):
                checked += 1
                assert life["birthDate"] <= moment[:10] <= last[:10], (kind, resource["id"])
    assert checked > 10_000


def test_the_dead_are_dead_and_the_record_is_theirs(people: Any) -> None:
    dead = [p for p in people.of("Patient") if "deceasedDateTime" in p]
    assert dead
    assert all(p["birthDate"] < p["deceasedDateTime"][:10] <= str(REFERENCE_DATE) for p in dead)


def test_visits_do_not_overlap(people: Any) -> None:
    for visits in people.by_patient("Encounter").values():
        ends = [v["period"].get("end", "9999") for v in visits]
        starts = [v["period"]["start"] for v in visits]
        assert starts == sorted(starts)
        assert all(end <= start for end, start in zip(ends, starts[1:], strict=False))


def test_the_time_zone_follows_summer_time() -> None:
    german = [raw for _, raw in generate(60, country="DE")]
    summer = re.compile(rb'"start":"20\d\d-07-\d\dT[\d:]+\+02:00"')
    winter = re.compile(rb'"start":"20\d\d-01-\d\dT[\d:]+\+01:00"')
    assert any(summer.search(raw) for raw in german)
    assert any(winter.search(raw) for raw in german)


def test_there_are_results_of_the_last_days_and_patients_in_hospital_now(crowd: Any) -> None:
    week = str(REFERENCE_DATE - timedelta(days=7))
    reports = [r for r in crowd.of("DiagnosticReport") if r["effectiveDateTime"] > week]
    assert len(reports) > 50
    assert any(r["status"] == "preliminary" for r in reports)
    assert any(e["status"] == "in-progress" for e in crowd.of("Encounter"))
    closing = f"{REFERENCE_DATE}T08:00:00"
    assert all(o.get("issued", "")[:19] <= closing for o in crowd.of("Observation"))


def test_decimals_keep_their_digits() -> None:
    raw = b"".join(raw for _, raw in generate(40))
    assert re.search(rb'"value":\d\.\d0,"unit":"mg/dL"', raw)
    assert not re.search(rb'"value":-?\d+\.\d{4,}', raw)


def test_profiles_of_us_core_are_claimed_in_the_us_only(people: Any) -> None:
    american = people.of("Organization")[0]["address"][0]["country"] == "US"
    assert any(b"us-core-patient" in raw for _, raw in people.encoded) == american


def test_the_hospital_has_its_name() -> None:
    recipe = Recipe(1, hospital="Klinikum Süd", country="DE")
    names = [raw.decode() for kind, raw in hospital_lines(recipe) if kind == "Organization"]
    assert '"name":"Klinikum Süd"' in names[0]
    assert "klinikum-sud.example.org" in next(
        raw.decode() for kind, raw in hospital_lines(recipe) if kind == "Location"
    )


def test_names_have_the_letters_of_the_country() -> None:
    german = "".join(raw.decode() for kind, raw in generate(200, country="DE") if kind == "Patient")
    french = "".join(raw.decode() for kind, raw in generate(200, country="FR") if kind == "Patient")
    assert set("äöüß") <= set(german)
    assert set("éèç") <= set(french)


def test_an_unknown_country_is_refused_by_name() -> None:
    with pytest.raises(UnknownCountry, match="choose one of DE, FR, GB, IN, US"):
        next(generate(1, country="XX"))


@pytest.mark.parametrize("until", [date(1990, 1, 1), date(2026, 2, 28), date(2099, 12, 31)])
def test_records_can_end_on_any_day_within_reason(until: date) -> None:
    for kind, raw in generate(12, until=until):
        validate(kind, raw)


def test_an_end_long_ago_is_refused() -> None:
    with pytest.raises(OutOfRange, match="from 1990-01-01"):
        next(generate(1, until=date(1900, 1, 1)))
