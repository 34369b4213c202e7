"""One tenant's data never appears in another's, also from one process."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from hospital import exported, observation, patient, rows
from made import text

from wardbase.access.session import LOCAL_ADMINISTRATOR, session
from wardbase.exchange.fhir import kinds
from wardbase.exchange.fhir.remainder import open_resource
from wardbase.record import met
from wardbase.record.write import Writer
from wardbase.store import tenant as tenants


@pytest.fixture
def second(database_server: None, tenant_name: str, forget: Callable[[str], None]) -> Iterator[str]:
    name = f"{tenant_name}-2"
    tenants.create(name, country="DE")
    yield name
    forget(name)


def writer(tenant: str, stack: ExitStack) -> Writer:
    first, second = (
        stack.enter_context(session(tenant, LOCAL_ADMINISTRATOR, "test")) for _ in range(2)
    )
    return Writer(first, second)


def seen(id_: str, word: str, n: int) -> dict[str, Any]:
    """An observation with entries in all dictionaries, the n-th of its tenant."""
    return observation(
        id_, f"{word}-patient",
        code={"coding": [{"system": "s", "code": f"{word}-code", "display": f"{word} {n}"}]},
        performer=[{"reference": f"Practitioner?identifier=s|{word}"}],
        valueQuantity={"value": 1, "unit": f"{word}-unit", "code": f"c{n}"},
        meta={"profile": [f"http://a.org/{word}"]},
        category=[{"coding": [{"code": "same"}]}],
        subject={"reference": "Patient/same"},
    )  # fmt: skip


def write(to: Writer, *resources: dict[str, Any]) -> None:
    done = to.write([open_resource(text(each).encode()) for each in resources])
    assert done.refused == []


def has_only(tenant: str, word: str, other: str) -> None:
    """The dictionaries of a tenant, and the audit, hold nothing of another."""
    for table in ("concept", "reference", "meta", "rest", "version", "audit"):
        said = str(rows(tenant, f"SELECT t::text FROM {table} t"))
        assert other not in said, table
    assert word in str(rows(tenant, "SELECT t::text FROM concept t"))


def test_two_writers_in_turns(tenant: str, second: str, tmp_path: Path) -> None:
    """Each has its own numbers: what one has met is not met in the other."""
    with ExitStack() as stack:
        ours, theirs = writer(tenant, stack), writer(second, stack)
        write(theirs, *[seen(f"x{n}", "jena", n) for n in range(3)])
        for n in range(4):
            write(ours, seen(f"o{n}", "ulm", n % 2))
            write(theirs, seen(f"o{n}", "jena", n % 2))
    for name, word, other in ((tenant, "ulm", "jena"), (second, "jena", "ulm")):
        back = exported(name, tmp_path / word)
        for n in range(4):
            resource = back["Observation", f"o{n}"]
            assert resource["code"]["coding"][0]["display"] == f"{word} {n % 2}"
            assert resource["valueQuantity"]["unit"] == f"{word}-unit"
            assert resource["meta"] == {"profile": [f"http://a.org/{word}"]}
        has_only(name, word, other)


def test_a_target_there_is_not_there_in_another_tenant(tenant: str, second: str) -> None:
    with ExitStack() as stack:
        ours, theirs = writer(tenant, stack), writer(second, stack)
        write(ours, patient("same"))
        write(ours, seen("o", "ulm", 1))
        write(theirs, seen("o", "jena", 1))
    query = "SELECT patient_id IS NULL FROM observation"
    assert (rows(tenant, query), rows(second, query)) == ([(False,)], [(True,)])


def test_a_tenant_dropped_and_made_again(
    tenant: str, tmp_path: Path, forget: Callable[[str], None]
) -> None:
    with ExitStack() as stack:
        write(writer(tenant, stack), patient("same"), *[seen(f"x{n}", "old", n) for n in range(9)])
    assert len(exported(tenant, tmp_path / "before")) == 10
    forget(tenant)
    tenants.create(tenant, country="DE")
    given = [seen("o", "new", 1), seen("x3", "old", 3)]
    with ExitStack() as stack:
        write(writer(tenant, stack), *given)
    back = exported(tenant, tmp_path / "after")
    assert [text(back["Observation", each["id"]]["code"]) for each in given] == [
        text(each["code"]) for each in given
    ]
    assert rows(tenant, "SELECT patient_id FROM observation") == [(None,), (None,)]


def test_more_entries_than_are_remembered(
    tenant: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What has been met is forgotten in between, never in the middle of a batch."""
    monkeypatch.setattr(met, "_MOST_CONCEPTS", 3)
    monkeypatch.setattr(met, "_MOST_REFS", 3)
    for memo in (kinds.moments, kinds.numbers, kinds.codes, kinds.wholes):
        monkeypatch.setattr(memo, "_most", 2)
    given = [
        {**seen(f"o{n}", f"w{n % 17}", n), "effectiveDateTime": f"2020-01-{n % 28 + 1:02}",
         "subject": {"reference": f"Patient/p{n % 7}"}}
        for n in range(60)
    ]  # fmt: skip
    with ExitStack() as stack:
        to = writer(tenant, stack)
        for start in range(0, 60, 20):
            write(to, *given[start : start + 20])
    back = exported(tenant, tmp_path)
    for each in given:
        resource = back["Observation", each["id"]]
        assert (resource["meta"], resource["code"]) == (each["meta"], each["code"])


def test_threads_of_one_process(tenant: str, second: str, tmp_path: Path) -> None:
    """As a server writes: several requests at once, for several tenants."""

    def some(of: str, word: str, start: int) -> None:
        with ExitStack() as stack:
            to = writer(of, stack)
            for n in range(start, start + 10):
                write(to, seen(f"o{n}", word, n))

    work = [(tenant, "ulm", 0), (second, "jena", 0), (tenant, "ulm", 10), (second, "jena", 10)]
    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(some, *each) for each in work]:
            done.result()
    for name, word, other in ((tenant, "ulm", "jena"), (second, "jena", "ulm")):
        back = exported(name, tmp_path / word)
        for n in range(20):
            coding = back["Observation", f"o{n}"]["code"]["coding"][0]
            assert coding["display"] == f"{word} {n}"
        has_only(name, word, other)


def test_reading_does_not_fill_what_writing_remembers(tenant: str, tmp_path: Path) -> None:
    with ExitStack() as stack:
        write(writer(tenant, stack), *[seen(f"o{n}", "ulm", n) for n in range(50)])
    before = len(kinds.refs), len(kinds.fresh_refs), len(kinds.fresh_concepts)
    exported(tenant, tmp_path)
    assert (len(kinds.refs), len(kinds.fresh_refs), len(kinds.fresh_concepts)) == before
