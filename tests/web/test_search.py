"""Finding a patient: forgiving of typos, accents, and the many ways to write a date."""

import json

import httpx
import pytest
from browsing import write

from wardbase.record.born import born
from wardbase.record.search import forget, understand
from wardbase.record.spelling import letters, slips, spellings

PEOPLE = {
    "a1": ("Müller-Lüdenscheidt", ["Jörg", "Peter"], "1951-11-30", "MRN-4711"),
    "a2": ("Großmann", ["Zoé"], "1947-05-03", "MRN-4712"),
    "a3": ("O’Brien", ["Siobhán"], "1947-05-04", "MRN-4713"),
    "a4": ("Wójcik", ["Łukasz"], "1980", "MRN-4714"),
    "a5": ("Nguyễn", ["Thị Ánh"], "1999-12-31", "999 12 3456"),
}


@pytest.fixture(scope="module")
def people(hospital: str) -> None:
    resources = []
    for id_, (family, given, birth, number) in PEOPLE.items():
        resources.append(
            json.dumps(
                {
                    "resourceType": "Patient",
                    "id": id_,
                    "name": [{"family": family, "given": given}],
                    "birthDate": birth,
                    "identifier": [{"value": number}],
                }
            ).encode()
        )
    write(hospital, resources)
    forget(hospital)


def found(client: httpx.Client, hospital: str, typed: str) -> list[str]:
    rows = client.get(f"/{hospital}/patients.json", params={"q": typed}).json()
    return [row["id"] for row in rows["sections"][0]["rows"]]


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize(
    ("typed", "id_"),
    [
        ("Müller-Lüdenscheidt", "a1"),
        ("muller-ludenscheidt", "a1"),
        ("muellerluedenscheidt", "a1"),
        ("Müller-Lüdenschiedt", "a1"),
        ("jörg müller-lü", "a1"),
        ("müller-lü, jörg", "a1"),
        ("grossmann", "a2"),
        ("Grosman", "a2"),
        ("zoe grossman", "a2"),
        ("obrien", "a3"),
        ("o'brein", "a3"),
        ("SIOBHAN", "a3"),
        ("wojcik lukasz", "a4"),
        ("nguyen", "a5"),
        ("MRN-4711", "a1"),
        ("mrn-4712", "a2"),
        ("999 12 3456", "a5"),
        ("a3", "a3"),
        ("3.5.1947", "a2"),
        ("3. Mai 1947", "a2"),
        ("grossmann 1947", "a2"),
        ("1947-05 obrien", "a3"),
    ],
)
def test_one_is_found(client: httpx.Client, hospital: str, typed: str, id_: str) -> None:
    assert id_ in found(client, hospital, typed)[:2]


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize("typed", ["xyzzyq", "MRN-0000", "grossmann 1981", "5.5.1780", "' OR 1=1"])
def test_nobody_is_found(client: httpx.Client, hospital: str, typed: str) -> None:
    assert not set(found(client, hospital, typed)) & set(PEOPLE)


@pytest.mark.parametrize("typed", ["%", "_", "\x00", "a" * 5000, "💊", "((", "0", "-"])
def test_odd_things_typed_do_no_harm(client: httpx.Client, hospital: str, typed: str) -> None:
    assert client.get(f"/{hospital}/patients", params={"q": typed}).status_code == 200


def test_htmx_gets_the_list_only(client: httpx.Client, hospital: str) -> None:
    part = client.get(f"/{hospital}/patients?q=m", headers={"hx-target": "found"}).text
    assert part.lstrip().startswith('<div id="found"')


@pytest.mark.parametrize(
    ("typed", "country", "first", "last"),
    [
        ("1980-05-03", "DE", "1980-05-03", "1980-05-03"),
        ("3.5.1980", "US", "1980-05-03", "1980-05-03"),
        ("5/3/1980", "US", "1980-05-03", "1980-05-03"),
        ("3/5/1980", "GB", "1980-05-03", "1980-05-03"),
        ("31/12/1980", "US", "1980-12-31", "1980-12-31"),
        ("19800503", "DE", "1980-05-03", "1980-05-03"),
        ("3 May 1980", "US", "1980-05-03", "1980-05-03"),
        ("May 3rd, 1980", "US", "1980-05-03", "1980-05-03"),
        ("3. März 1980", "DE", "1980-03-03", "1980-03-03"),
        ("May 1980", "US", "1980-05-01", "1980-05-31"),
        ("02/1980", "DE", "1980-02-01", "1980-02-29"),
        ("1980", "DE", "1980-01-01", "1980-12-31"),
    ],
)
def test_birth_dates_are_understood(typed: str, country: str, first: str, last: str) -> None:
    span, rest = born(typed, country)
    assert span is not None
    assert (span.first.isoformat(), span.last.isoformat(), rest) == (first, last, "")


@pytest.mark.parametrize("typed", ["30.2.1980", "4711", "12345678", "MRN-1980-1", "Smith"])
def test_no_birth_date_is_seen_where_there_is_none(typed: str) -> None:
    assert born(typed, "DE")[0] is None


def test_what_is_typed_is_taken_apart() -> None:
    asked = understand("Müller, Jörg 3.5.1980", "DE")
    assert asked.words == ("müller", "jörg")
    assert asked.born is not None


def test_spelling() -> None:
    assert letters("Łódź-Straße") == "lodzstrasse"
    assert spellings("Jürgen") == {"jurgen", "juergen"}
    assert slips("smiht", "smith", 2) == 1
    assert slips("smith", "jones", 2) == 3
