"""Pages to read: in three faces, each looked at and audited, none told to strangers."""

import csv
import io

import httpx
import pytest

from wardbase.access.session import LOCAL_ADMINISTRATOR, session
from wardbase.record import view
from wardbase.store import tenant as tenants
from wardbase.web import desk


def test_home_counts_what_each_hospital_has(client: httpx.Client, hospital: str) -> None:
    card = client.get("/?format=json").json()["tenants"][0]
    with session(hospital, LOCAL_ADMINISTRATOR, "test") as own:
        patients = own.connection.execute("SELECT count(*) FROM patient").fetchone()[0]
    assert card["name"] == hospital
    assert 12 <= card["patients"] <= patients
    assert "Klinikum am Wald" in client.get("/").text


def test_hospital_shows_the_latest_day_and_five_questions(
    client: httpx.Client, hospital: str
) -> None:
    page = client.get(f"/{hospital}/")
    rows = client.get(f"/{hospital}.json").json()["sections"][0]["rows"]
    assert len({row["effective_at"][:10] for row in rows}) in (1, 2)  # a day of UTC, in local time
    assert page.text.count('class="statement"') == 5


@pytest.mark.parametrize("name", view.QUESTIONS)
def test_question_shows_its_answer_and_its_statement(
    client: httpx.Client, hospital: str, name: str
) -> None:
    asked = view.statement("questions", name)
    answer = client.get(f"/{hospital}/questions/{name}.json").json()["sections"][0]
    assert answer["title"] == asked.title
    page = client.get(f"/{hospital}/questions/{name}").text
    assert "SELECT" in page
    with session(hospital, LOCAL_ADMINISTRATOR, "test") as own:
        again = own.connection.execute(answer["sql"].encode()).fetchall()
    assert len(again) == len(answer["rows"])  # what is shown can be run again


def test_chart_has_every_section_in_every_face(
    client: httpx.Client, hospital: str, busy: str
) -> None:
    address = f"/{hospital}/patients/{busy}"
    page, said = client.get(address).text, client.get(f"{address}.json").json()
    sheet = list(csv.DictReader(io.StringIO(client.get(f"{address}.csv").text)))
    for section in said["sections"]:
        assert f'id="{section["name"]}"' in page
        assert len(section["rows"]) == sum(row["section"] == section["name"] for row in sheet)
    assert 'class="spark"' in page
    assert 'class="timeline"' in page


def test_every_statement_of_the_chart_can_be_run_again(
    client: httpx.Client, hospital: str, busy: str
) -> None:
    said = client.get(f"/{hospital}/patients/{busy}.json").json()
    with session(hospital, LOCAL_ADMINISTRATOR, "test") as own:
        for section in said["sections"]:
            rows = own.connection.execute(section["sql"].encode()).fetchall()
            assert len(rows) == len(section["rows"]), section["name"]


def test_every_row_leads_to_its_fhir_resource(
    client: httpx.Client, hospital: str, busy: str
) -> None:
    types = {
        "problems": "Condition",
        "medications": "MedicationRequest",
        "allergies": "AllergyIntolerance",
        "immunizations": "Immunization",
        "encounters": "Encounter",
        "results": "Observation",
    }
    said = client.get(f"/{hospital}/patients/{busy}.json").json()
    page = client.get(f"/{hospital}/patients/{busy}").text
    for section in said["sections"]:
        for row in section["rows"][:2] if section["name"] in types else ():
            address = f"/{hospital}/fhir/{types[section['name']]}/{row['id']}"
            assert address in page
            assert client.get(address + "?format=json").json()["id"] == row["id"]


def test_result_has_a_plot_and_every_value(client: httpx.Client, hospital: str, busy: str) -> None:
    said = client.get(f"/{hospital}/patients/{busy}.json").json()
    results = next(s["rows"] for s in said["sections"] if s["name"] == "results")
    most = max(results, key=lambda row: row["times"])
    address = f"/{hospital}/patients/{busy}/results/{most['code']}"
    assert 'class="plot"' in client.get(address).text
    assert len(client.get(f"{address}.json").json()["sections"][0]["rows"]) == most["times"]


def test_document_shows_its_text(client: httpx.Client, hospital: str) -> None:
    with session(hospital, LOCAL_ADMINISTRATOR, "test") as own:
        patient, document = own.connection.execute(
            "SELECT patient_id, document_reference_id FROM document_reference LIMIT 1"
        ).fetchone()
    page = client.get(f"/{hospital}/patients/{patient}/documents/DocumentReference/{document}")
    assert '<pre class="document"' in page.text


def test_a_look_at_a_chart_is_audited_with_the_patient(
    client: httpx.Client, hospital: str, busy: str
) -> None:
    with session(hospital, LOCAL_ADMINISTRATOR, "test") as own:

        def looks() -> int:
            return own.connection.execute(
                "SELECT count(*) FROM audit WHERE action = 'read' AND patient_id = %s", [busy]
            ).fetchone()[0]

        before = looks()
        for face in ("", ".json", ".csv", "/vitals/new"):
            assert client.get(f"/{hospital}/patients/{busy}{face}").status_code == 200
        assert looks() == before + 4


@pytest.mark.parametrize(
    "path",
    ["/nowhere/", "/NOWHERE/", "/x/patients", "/test-web/patients/x", "/test-web/fhir/Nope/x",
     "/test-web/questions/x", "/-/tables/x", "/test-web/patients/%00", "/a/b/c/d/e"],
)  # fmt: skip
def test_what_is_not_there_is_said_kindly(client: httpx.Client, path: str, hospital: str) -> None:
    page = client.get(path)
    assert page.status_code == 404
    assert "<h1>Not found</h1>" in page.text
    assert client.get(path, headers={"accept": "application/json"}).json()["error"]["status"] == 404


def test_only_names_of_this_machine_are_answered(client: httpx.Client) -> None:
    assert client.get("/", headers={"host": "ward.example"}).status_code == 403
    assert client.get("/", headers={"host": "localhost:1234"}).status_code == 200


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:1"])
def test_forms_of_other_sites_are_refused(client: httpx.Client, hospital: str, origin: str) -> None:
    sent = client.post(f"/{hospital}/patients/new", data={}, headers={"origin": origin})
    assert sent.status_code == 403


def test_scripts_come_from_here_only(client: httpx.Client) -> None:
    headers = client.get("/").headers
    assert "script-src 'self';" in headers["content-security-policy"]
    assert headers["cache-control"] == "no-store"


def test_an_error_tells_no_value(
    client: httpx.Client, hospital: str, monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    def broken(*_: object, **__: object) -> None:
        raise ValueError("Möller was here")

    monkeypatch.setattr(view, "run", broken)
    page = client.get(f"/{hospital}/patients?q=x")
    assert page.status_code == 500
    assert "Möller" not in page.text + caplog.text
    assert "ValueError at " in caplog.text


def test_health(client: httpx.Client) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}


def test_tables_are_explained(client: httpx.Client) -> None:
    assert 'href="/-/tables/observation"' in client.get("/-/tables").text
    assert "effective_at" in client.get("/-/tables/observation").text


def test_a_suspended_hospital_is_closed(client: httpx.Client, tenant: str) -> None:
    desk.forget()
    assert client.get(f"/{tenant}/").status_code == 200
    tenants.suspend(tenant)
    closed = client.get(f"/{tenant}/patients")
    assert closed.status_code == 403
    assert "closed at the moment" in closed.text
    assert "closed at the moment" in client.get("/").text
    tenants.resume(tenant)
    desk.forget()
    assert client.get(f"/{tenant}/patients").status_code == 200


def test_an_empty_hospital_says_what_to_do(client: httpx.Client, tenant: str) -> None:
    desk.forget()
    for path, says in (("", "no laboratory results yet"), ("patients", "no patients yet")):
        assert says in client.get(f"/{tenant}/{path}").text
    for name in view.QUESTIONS:
        assert client.get(f"/{tenant}/questions/{name}").status_code == 200
