"""Recording and correcting, with the forms a browser without scripts would send."""

import json
from uuid import uuid4

import httpx
from browsing import fields, write

from wardbase.access.session import LOCAL_ADMINISTRATOR, session


def fhir(client: httpx.Client, hospital: str, type_: str, id_: str) -> dict:
    return client.get(f"/{hospital}/fhir/{type_}/{id_}?format=json").json()


def test_a_registered_patient_is_found_at_once(
    client: httpx.Client, hospital: str, patient: str
) -> None:
    stored = fhir(client, hospital, "Patient", patient)
    family = stored["name"][0]["family"]
    found = client.get(f"/{hospital}/patients.json", params={"q": f"zoe {family.lower()}"}).json()
    assert found["sections"][0]["rows"][0]["id"] == patient
    assert stored["birthDate"] == "1980-05-03"


def test_a_likely_double_is_warned_of_and_may_be_registered(
    client: httpx.Client, hospital: str, patient: str
) -> None:
    family = fhir(client, hospital, "Patient", patient)["name"][0]["family"]
    form = f"/{hospital}/patients/new"
    typed = fields(client.get(form)) | {"family": family, "given": "Zoe", "birth": "1980-05-03"}
    warned = client.post(form, data=typed)
    assert warned.status_code == 409
    assert f"/patients/{patient}" in warned.text
    assert fields(warned)["family"] == family
    assert client.post(form, data=fields(warned)).status_code == 303


def test_an_identifier_in_use_is_warned_of(client: httpx.Client, hospital: str) -> None:
    form, number = f"/{hospital}/patients/new", uuid4().hex[:8]
    typed = {"family": "Albers", "birth": "1931-01-01", "number": number}
    assert client.post(form, data=fields(client.get(form)) | typed).status_code == 303
    typed |= {"family": "Zander", "birth": "1999-09-09"}
    warned = client.post(form, data=fields(client.get(form)) | typed)
    assert warned.status_code == 409
    assert "same identifier" in warned.text


def test_registering_twice_by_a_double_click_makes_one(client: httpx.Client, hospital: str) -> None:
    form = f"/{hospital}/patients/new"
    typed = fields(client.get(form)) | {"family": "Doppel", "birth": "1922-02-02"}
    assert [client.post(form, data=typed).status_code for _ in "ab"] == [303, 303]
    found = client.get(f"/{hospital}/patients.json?q=doppel 1922").json()
    assert len(found["sections"][0]["rows"]) == 1


def test_errors_stand_at_their_fields_and_nothing_typed_is_lost(
    client: httpx.Client, hospital: str, patient: str
) -> None:
    form = f"/{hospital}/patients/{patient}/conditions/new"
    typed = fields(client.get(form)) | {
        "what": "", "onset": "soon", "abatement": "2999", "note": "<b>\"line\"\n two & more",
    }  # fmt: skip
    page = client.post(form, data=typed)
    assert page.status_code == 422
    for name in ("what", "onset", "abatement"):
        assert f'id="w-{name}"' in page.text
    assert fields(page) == typed


def test_rules_of_several_fields(client: httpx.Client, hospital: str, patient: str) -> None:
    form = f"/{hospital}/patients/{patient}/conditions/new"
    typed = fields(client.get(form)) | {"what": "Asthma"}
    ended = client.post(form, data=typed | {"onset": "2001", "abatement": "2002"})
    assert 'id="w-status"' in ended.text
    early = client.post(form, data=typed | {"onset": "1979"})
    assert 'id="w-onset"' in early.text
    wrong = client.post(form, data=typed | {"onset": "2002", "abatement": "2001", "status": ""})
    assert 'id="w-abatement"' in wrong.text


def add(client: httpx.Client, hospital: str, patient: str, path: str, **typed: str) -> str:
    form = f"/{hospital}/patients/{patient}/{path}/new"
    sent = fields(client.get(form)) | typed
    for _ in range(2):  # a double click
        page = client.post(form, data=sent)
        assert page.status_code == 303, page.text
    return sent["id"]


def test_a_diagnosis_is_coded_if_its_words_are_known(
    client: httpx.Client, hospital: str, patient: str
) -> None:
    options = client.get(f"/{hospital}/codes/condition?what=hypertens").text
    assert "SNOMED" in options
    shown = options.split('value="')[1].split('"')[0]
    coded = add(client, hospital, patient, "conditions", what=shown, onset="03/2001")
    stored = fhir(client, hospital, "Condition", coded)
    assert stored["code"]["coding"][0]["code"] in shown
    assert stored["onsetDateTime"] == "2001-03"
    free = add(client, hospital, patient, "conditions", what="Feels watched by the cat")
    assert fhir(client, hospital, "Condition", free)["code"] == {"text": "Feels watched by the cat"}
    assert "Feels watched by the cat" in client.get(f"/{hospital}/patients/{patient}").text


def test_a_correction_changes_only_what_was_edited(
    client: httpx.Client, hospital: str, patient: str
) -> None:
    id_ = str(uuid4())
    sent = {
        "resourceType": "Condition",
        "id": id_,
        "meta": {"profile": ["http://example.org/p"]},
        "extension": [{"url": "http://example.org/x", "valueDecimal": 1.50}],
        "clinicalStatus": {"coding": [{"system": "http://s", "code": "active"}]},
        "code": {"coding": [{"system": "http://snomed.info/sct", "code": "22298006",
                             "display": "Infarct"}, {"code": "I21.9"}]},
        "subject": {"reference": f"Patient/{patient}", "display": "Zoë"},
        "onsetDateTime": "2019-03-04T05:06:07.890+01:00",
        "note": [{"text": "first", "time": "2019-03-04"}, {"text": "second"}],
    }  # fmt: skip
    write(hospital, [json.dumps(sent).replace("1.5}", "1.50}").encode()])
    address = f"/{hospital}/patients/{patient}/conditions/{id_}"
    saved = client.post(address, data=fields(client.get(address)) | {"note": "changed"})
    assert saved.status_code == 303
    sent["note"][0]["text"] = "changed"
    assert fhir(client, hospital, "Condition", id_) == sent
    raw = client.get(f"/{hospital}/fhir/Condition/{id_}?format=json").text
    assert "1.50" in raw
    with session(hospital, LOCAL_ADMINISTRATOR, "test") as own:
        kept = own.connection.execute(
            "SELECT cause, elements::text FROM version WHERE key = %s", [id_]
        ).fetchall()
    assert [cause for cause, _ in kept] == ["replaced"]
    assert '"first"' in kept[0][1]


def test_two_editors_are_warned_and_both_kept(
    client: httpx.Client, hospital: str, patient: str
) -> None:
    id_ = add(client, hospital, patient, "conditions", what="Gout", note="begin")
    address = f"/{hospital}/patients/{patient}/conditions/{id_}"
    mine = fields(client.get(address)) | {"note": "mine", "onset": "2010"}
    theirs = fields(client.get(address)) | {"note": "theirs", "severity": "24484000"}
    assert client.post(address, data=theirs).status_code == 303
    warned = client.post(address, data=mine)
    assert warned.status_code == 409
    assert "theirs" in warned.text
    assert fhir(client, hospital, "Condition", id_)["note"] == [{"text": "theirs"}]
    again = fields(warned)
    assert (again["note"], again["onset"], again["severity"]) == ("mine", "2010", "24484000")
    assert client.post(address, data=again).status_code == 303
    stored = fhir(client, hospital, "Condition", id_)
    assert stored["note"] == [{"text": "mine"}]
    assert stored["severity"]["coding"][0]["code"] == "24484000"


def test_what_was_entered_in_error_has_no_status_and_is_struck(
    client: httpx.Client, hospital: str, patient: str
) -> None:
    id_ = add(client, hospital, patient, "conditions", what="Wrong patient")
    address = f"/{hospital}/patients/{patient}/conditions/{id_}"
    client.post(address, data=fields(client.get(address)) | {"certainty": "entered-in-error"})
    assert "clinicalStatus" not in fhir(client, hospital, "Condition", id_)
    assert "1 entered in error" in client.get(f"/{hospital}/patients/{patient}").text


def test_an_allergy_is_shown_beside_the_name(
    client: httpx.Client, hospital: str, patient: str
) -> None:
    id_ = add(
        client, hospital, patient, "allergies", what="Penicillin", danger="high", reaction="Rash",
        severity="mild", category="medication",
    )  # fmt: skip
    assert "Allergy: Penicillin" in client.get(f"/{hospital}/patients/{patient}").text
    address = f"/{hospital}/patients/{patient}/allergies/{id_}"
    client.post(address, data=fields(client.get(address)) | {"reaction": "", "severity": ""})
    assert "reaction" not in fhir(client, hospital, "AllergyIntolerance", id_)


def test_vital_signs_are_exact_and_possible(
    client: httpx.Client, hospital: str, patient: str
) -> None:
    form = f"/{hospital}/patients/{patient}/vitals/new"
    empty = fields(client.get(form))
    for typed, name in (
        ({}, "systolic"), ({"systolic": "120"}, "diastolic"), ({"weight": "heavy"}, "weight"),
        ({"temperature": "99"}, "temperature"),
        ({"systolic": "80", "diastolic": "90"}, "diastolic"),
        ({"weight": "70", "when": "2999-01-01T00:00"}, "when"),
    ):  # fmt: skip
        page = client.post(form, data=empty | typed)
        assert page.status_code == 422
        assert f'id="w-{name}"' in page.text
    id_ = add(client, hospital, patient, "vitals", systolic="128", diastolic="82", weight="72,50")
    rows = client.get(f"/{hospital}/patients/{patient}/results/29463-7.json")
    assert '"value": 72.50' in rows.text
    address = f"/{hospital}/patients/{patient}/vitals/{id_}"
    client.post(address, data=fields(client.get(address)) | {"systolic": "182"})
    stored = fhir(client, hospital, "Observation", id_)
    assert stored["status"] == "corrected"
    assert [c["valueQuantity"]["value"] for c in stored["component"]] == [182, 82]


def test_nothing_of_another_patient_can_be_corrected(
    client: httpx.Client, hospital: str, patient: str
) -> None:
    with session(hospital, LOCAL_ADMINISTRATOR, "test") as own:
        other = own.connection.execute(
            "SELECT condition_id FROM condition WHERE patient_id <> %s LIMIT 1", [patient]
        ).fetchone()[0]
    address = f"/{hospital}/patients/{patient}/conditions/{other}"
    assert client.get(address).status_code == 404
    assert client.post(address, data={}).status_code == 404
