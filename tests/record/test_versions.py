"""Replaced content stays readable, and a change by SQL is noticed."""

from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from hospital import bring, exact, exported, observation, one, patient, rows, write_lines
from made import text
from test_tenants_apart import writer

from wardbase.access.session import LOCAL_ADMINISTRATOR
from wardbase.exchange.fhir.remainder import open_resource
from wardbase.record.check import check
from wardbase.record.write import Written


def edit(tenant: str, *resources: dict[str, Any]) -> list[Written]:
    with ExitStack() as stack:
        to = writer(tenant, stack)
        return [to.write([open_resource(text(each).encode())], edit=True) for each in resources]


A = patient("p", name=[{"family": "Müller", "given": ["A", "B"]}], multipleBirthInteger=1,
            extension=[{"url": "u", "valueDecimal": 7}])  # fmt: skip
B = patient("p", name=[{"family": "Meier"}], gender="male")


def test_there_and_back_again(tenant: str, tmp_path: Path) -> None:
    done = edit(tenant, A, B, A, A)
    assert [(dict(each.new), dict(each.replaced), dict(each.same)) for each in done] == [
        ({"Patient": 1}, {}, {}), ({}, {"Patient": 1}, {}), ({}, {"Patient": 1}, {}),
        ({}, {}, {"Patient": 1}),
    ]  # fmt: skip
    kept = rows(tenant, "SELECT elements::text, caller, purpose, cause, patient_id IS NULL"
                        " FROM version ORDER BY version_id")  # fmt: skip
    assert [exact(each[0]) for each in kept] == [exact(text(A)), exact(text(B))]
    assert {each[1:] for each in kept} == {("local administrator", "test", "replaced", False)}
    assert exported(tenant, tmp_path)["Patient", "p"] == exact(text(A))


def test_an_edit_replaces_what_has_a_higher_rank(tenant: str, tmp_path: Path) -> None:
    late = {**A, "meta": {"lastUpdated": "2099-01-01T00:00:00Z"}}
    edit(tenant, late, B)
    assert exported(tenant, tmp_path)["Patient", "p"] == exact(text(B))


def test_a_patient_replaced_keeps_what_refers_to_him(tenant: str, tmp_path: Path) -> None:
    bring(tenant, write_lines(tmp_path / "p.ndjson", A, observation("o", "p")))
    edit(tenant, B)
    assert one(tenant, "SELECT family FROM patient_name JOIN observation USING (patient_id)") \
        == "Meier"  # fmt: skip
    assert check(tenant, LOCAL_ADMINISTRATOR, deep=True).whole


def document(id_: str, title: str, of: str | None = "p") -> dict[str, Any]:
    about = {"subject": {"reference": f"Patient/{of}"}} if of else {}
    return {"resourceType": "DocumentReference", "id": id_, "status": "current", **about,
            "content": [{"attachment": {"data": "SGVsbG8=", "title": title}}]}  # fmt: skip


@pytest.mark.parametrize("of", ["p", "absent", None])
def test_bytes_shared_by_two_documents(tenant: str, tmp_path: Path, of: str | None) -> None:
    one_of, other = document("a", "one", of), document("b", "two", of)
    bring(tenant, write_lines(tmp_path / "d.ndjson", patient("p"), one_of, other))
    assert one(tenant, "SELECT count(*) FROM attachment") == 1
    without = {**one_of, "content": [{"attachment": {"title": "no bytes"}}]}
    edit(tenant, without)
    back = exported(tenant, tmp_path / "back")
    assert back["DocumentReference", "a"] == without
    assert back["DocumentReference", "b"] == other
    kept = exact(one(tenant, "SELECT elements::text FROM version"))
    assert kept == one_of, "the version is whole, its bytes too"


def test_the_same_bytes_of_two_patients_are_not_shared(tenant: str, tmp_path: Path) -> None:
    given = [patient("p"), patient("q"), document("a", "x", "p"), document("b", "x", "q")]
    bring(tenant, write_lines(tmp_path / "d.ndjson", *given))
    assert one(tenant, "SELECT count(DISTINCT patient_id) FROM attachment") == 2


@pytest.mark.parametrize(
    ("change", "whose"),
    [
        ("UPDATE observation SET status = 'amended' WHERE id = 'o'", "Observation/o"),
        ("UPDATE observation SET value = 7.1 WHERE id = 'o'", "Observation/o"),
        ("DELETE FROM observation_component WHERE n = 2", "Observation/o"),
        ("UPDATE observation_component SET code_text = '' WHERE n = 2", "Observation/o"),
        ("UPDATE patient_name SET family = 'Meyer'", "Patient/p"),
        ("UPDATE rest SET elements = '{}' WHERE type = 'Patient'", "Patient/p"),
        ('UPDATE resource SET elements = \'{"resourceType":"Basic","id":"b"}\'', "Basic/b"),
        ("UPDATE attachment SET data = 'x'", "DocumentReference/a"),
    ],
)
def test_a_change_by_sql_is_noticed(ward: str, change: str, whose: str) -> None:
    tenant = ward
    rows(tenant, change)
    found = check(tenant, LOCAL_ADMINISTRATOR, deep=True)
    assert whose in found.damaged
    assert not found.whole


@pytest.fixture
def ward(tenant: str, tmp_path: Path) -> str:
    of = {"subject": {"reference": "Patient/p"}}
    file = write_lines(
        tmp_path / "w.ndjson", text(A),
        observation("o", "p", valueQuantity={"value": 7},
                    component=[{"code": {"text": "x"}}, {"code": {"text": "y"}}]),
        {"resourceType": "Basic", "id": "b", "code": {"text": "x"}, **of}, document("a", "x"),
    )  # fmt: skip
    bring(tenant, file)
    assert check(tenant, LOCAL_ADMINISTRATOR, deep=True).whole
    return tenant


def test_a_column_changed_by_sql_is_what_is_read(tenant: str, tmp_path: Path) -> None:
    """An element in the remainder does not go on hiding it."""
    two = patient("p", name=[{"family": "A", "id": "n1"}], gender="male", birthDate="1980")
    bring(tenant, write_lines(tmp_path / "p.ndjson", two))
    assert one(tenant, "SELECT count(*) FROM rest WHERE type = 'Patient'") == 1
    rows(tenant, "UPDATE patient_name SET family = 'B'")
    assert exported(tenant, tmp_path)["Patient", "p"]["name"] == [{"family": "B"}]
