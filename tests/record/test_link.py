"""References are linked when their target arrives, in whatever order things come."""

from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from hospital import bring, dump, exported, observation, one, patient, rows, write_lines

from wardbase.access.session import LOCAL_ADMINISTRATOR
from wardbase.record.check import check

P = "5b1c7a52-0d7e-4a0e-9a1b-3f7d2c9e1a01"
ABOUT = {"subject": {"reference": f"Patient/{P}"}}
WARD: list[dict[str, Any]] = [
    patient(P, identifier=[{"system": "s", "value": "1"}]),
    {"resourceType": "Encounter", "id": "e", "status": "finished", "class": {"code": "AMB"},
     "diagnosis": [{"condition": {"reference": "Condition/c"}}], **ABOUT},
    {"resourceType": "Condition", "id": "c", "encounter": {"reference": "Encounter/e"}, **ABOUT},
    observation("o", P, component=[{"code": {"text": "x"}}, {"code": {"text": "y"}}],
                extension=[{"url": "u", "valueString": "kept in rest"}],
                hasMember=[{"reference": "Observation/m"}]),
    observation("m", "no-uuid"),
    {"resourceType": "Basic", "id": "b", "code": {"text": "x"}, **ABOUT},
    {"resourceType": "DocumentReference", "id": "d", "status": "current", **ABOUT,
     "content": [{"attachment": {"data": "SGVsbG8="}}]},
    patient("no-uuid"),
]  # fmt: skip


def one_by_one(tenant: str, folder: Path, given: list[dict[str, Any]]) -> None:
    for n, each in enumerate(given):
        write_lines(folder / f"{n}.ndjson", each)
    bring(tenant, *sorted(folder.glob("?.ndjson")), workers=1)


ORDERS = [WARD, WARD[::-1], WARD[3:] + WARD[:3]]


@pytest.mark.parametrize("order", range(len(ORDERS)))
def test_each_order_gives_the_same_rows(tenant: str, tmp_path: Path, order: int) -> None:
    one_by_one(tenant, tmp_path, ORDERS[order])
    assert _FOUND.setdefault("dump", dump(tenant)) == dump(tenant)
    assert check(tenant, LOCAL_ADMINISTRATOR).awaiting == []
    for table in ("observation_component", "encounter_diagnosis", "rest", "attachment", "resource"):
        found = rows(tenant, f"SELECT DISTINCT patient_id::text FROM {table}")
        assert found == [(P,)], table
    back = exported(tenant, tmp_path / "back")
    assert [back[(each["resourceType"], each["id"])] == each for each in WARD] == [True] * 8


_FOUND: dict[str, Any] = {}


def doctor(id_: str, system: str = "npi", value: str = "9") -> dict[str, Any]:
    return {"resourceType": "Practitioner", "id": id_,
            "identifier": [{"system": system, "value": value}]}  # fmt: skip


def seen_by(id_: str, reference: str) -> dict[str, Any]:
    return observation(id_, performer=[{"reference": reference}])


def linked_to(tenant: str) -> list[str | None]:
    query = (
        "SELECT p.id FROM observation o LEFT JOIN practitioner p"
        " ON p.practitioner_id = o.performer_practitioner_id ORDER BY o.id"
    )
    return [id_ for (id_,) in rows(tenant, query)]


@pytest.mark.parametrize("order", list(permutations(range(2))))
def test_conditional_references(tenant: str, tmp_path: Path, order: tuple[int, ...]) -> None:
    """Linked when exactly one resource has the identifier; the text stays as it was sent."""
    given = [seen_by("o", "Practitioner?identifier=npi|9"), doctor("d")]
    one_by_one(tenant, tmp_path, [given[n] for n in order])
    assert linked_to(tenant) == ["d"]
    back = exported(tenant, tmp_path / "back")["Observation", "o"]
    assert back["performer"] == [{"reference": "Practitioner?identifier=npi|9"}]


def test_ambiguous_and_other_systems_stay(tenant: str, tmp_path: Path) -> None:
    given = [doctor("a"), doctor("b"), doctor("c", "other", "7"),
             seen_by("o1", "Practitioner?identifier=npi|9"),
             seen_by("o2", "Practitioner?identifier=npi|7"),
             seen_by("o3", "Practitioner?identifier=other|7"),
             seen_by("o4", "Practitioner?name=Meyer"),
             seen_by("o5", "https://elsewhere.org/Practitioner/a"),
             seen_by("o6", "#a")]  # fmt: skip
    bring(tenant, write_lines(tmp_path / "p.ndjson", *given))
    assert linked_to(tenant) == [None, None, "c", None, None, None]
    (waiting,) = check(tenant, LOCAL_ADMINISTRATOR).awaiting
    assert (waiting.table, waiting.rows, waiting.targets) == ("observation", 2, 2)
    assert len(exported(tenant, tmp_path / "back")) == len(given)


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 2, 1, 0)])
def test_no_bar_asks_for_any_system_and_a_bare_bar_for_none(
    tenant: str, tmp_path: Path, order: tuple[int, ...]
) -> None:
    nowhere = doctor("n", value="5")
    del nowhere["identifier"][0]["system"]
    given = [doctor("d"), nowhere,
             seen_by("o1", "Practitioner?identifier=9"),
             seen_by("o2", "Practitioner?identifier=|5")]  # fmt: skip
    one_by_one(tenant, tmp_path, [given[n] for n in order])
    assert linked_to(tenant) == ["d", "n"]


def test_check_repairs_a_link_that_was_missed(tenant: str, tmp_path: Path) -> None:
    bring(tenant, write_lines(tmp_path / "p.ndjson", observation("o", "p"), patient("p")))
    rows(tenant, "UPDATE observation SET patient_id = NULL")
    assert check(tenant, LOCAL_ADMINISTRATOR).awaiting
    assert check(tenant, LOCAL_ADMINISTRATOR, repair=True).linked == 1
    assert one(tenant, "SELECT patient_id IS NOT NULL FROM observation")


def test_a_target_of_no_fitting_type_keeps_its_text(tenant: str, tmp_path: Path) -> None:
    given = [observation("o", encounter={"reference": "Patient/p"}), patient("p")]
    one_by_one(tenant, tmp_path, given)
    assert exported(tenant, tmp_path / "back")["Observation", "o"] == given[0]
