"""Bad input: each named by file, line, entry, element and reason; the rest goes through."""

import gzip
import io
import json
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hospital import bring, exported, observation, patient, refusals, rows, write_lines

from wardbase.access.session import LOCAL_ADMINISTRATOR
from wardbase.record.check import check
from wardbase.record.files import BrokenFile
from wardbase.record.load import StrictRefusal

SECRET = "Geheimnis"
GOOD = [patient("first"), patient("last")]


def line(**elements: Any) -> str:
    return json.dumps({"resourceType": "Patient", "id": "bad", **elements})


# what is wrong: the line, the element that is named, words of the reason
BAD: dict[str, tuple[str | bytes, str, str]] = {
    "broken JSON": (f'{{"resourceType":"Patient","id":"{SECRET}",}}', "Patient", "broken JSON"),
    "cut short": (f'{{"resourceType":"Patient","id":"{SECRET}"', "Patient", "ends too early"),
    "not JSON": (SECRET, "Resource", "broken JSON"),
    "a number": ("17", "Resource", "object"),
    "null": ("null", "Resource", "object"),
    "no type": (f'{{"id":"{SECRET}"}}', "Resource", "resourceType is missing"),
    "a type unknown": (f'{{"resourceType":"{SECRET}","id":"x"}}', "Resource.resourceType", "R4"),
    "no id": (f'{{"resourceType":"Patient","language":"{SECRET}"}}', "Patient.id", "missing"),
    "an id too long": (line(id="x" * 65), "Patient.id", "64"),
    "an id with a blank": (line(id=f"{SECRET} 1"), "Patient.id", "letters"),
    "an element unknown": (line(ward=SECRET), "Patient", "unknown element ward"),
    "an inner element unknown": (line(name=[{"ward": SECRET}]), "Patient.name[0]", "ward"),
    "a text for a flag": (line(active=SECRET), "Patient.active", "true or false"),
    "a text for a list": (line(name=SECRET), "Patient.name", "a list"),
    "a list for a text": (line(birthDate=[SECRET]), "Patient.birthDate", "a string"),
    "a fraction for an integer": (
        '{"resourceType":"Patient","id":"x","multipleBirthInteger":2.0}',
        "Patient.multipleBirthInteger", "an integer",
    ),
    "an integer too large": (
        line(multipleBirthInteger=2**31), "Patient.multipleBirthInteger", "integer",
    ),
    "a code not of its set": (line(gender=SECRET), "Patient.gender", "one of: male"),
    "a day in no calendar": (line(birthDate="1980-02-30"), "Patient.birthDate", "a date"),
    "two of a choice": (
        line(deceasedBoolean=True, deceasedDateTime="1980"), "Patient", "one deceased[x]",
    ),
    "null for a value": (line(birthDate=None), "Patient.birthDate", "null"),
    "an empty string": (line(birthDate=""), "Patient.birthDate", "date"),
    "an empty list": (line(name=[]), "Patient.name", "not empty"),
    "an empty object": (line(maritalStatus={}), "Patient.maritalStatus", "not empty"),
    "an empty object in a list": (line(name=[{}]), "Patient.name[0]", "not empty"),
    "an empty object in a child's list": (
        line(contact=[{"telecom": [{}]}]), "Patient.contact[0].telecom[0]", "not empty",
    ),
    "an empty coding": (
        line(maritalStatus={"coding": [{}]}), "Patient.maritalStatus.coding[0]", "not empty",
    ),
    "an empty meta": (line(meta={}), "Patient.meta", "not empty"),
    "an empty tag": (line(meta={"tag": [{}]}), "Patient.meta.tag[0]", "not empty"),
    "a blank profile": (line(meta={"profile": [" "]}), "Patient.meta.profile[0]", "not empty"),
    "an odd lastUpdated": (line(meta={"lastUpdated": SECRET}), "Patient.meta.lastUpdated", "date"),
    "an instant of a day": (
        line(meta={"lastUpdated": "2020-01-01"}), "Patient.meta.lastUpdated", "date and time",
    ),
    "a companion to nothing": (line(_name=[{"id": "x"}]), "Patient", "_name"),
    "a required status missing": (
        '{"resourceType":"Observation","id":"x","code":{"text":"y"}}', "Observation", "status",
    ),
    "a text for a decimal": (
        json.dumps(observation("x", valueQuantity={"value": SECRET})),
        "Observation.valueQuantity.value", "a number",
    ),
    "NUL": (line(name=[{"family": f"{SECRET}\0"}]), "Patient.name[0].family", "U+0000"),
    "NUL in a type without table": (
        '{"resourceType":"Basic","id":"x","code":{"text":"\\u0000"}}', "Basic.code.text", "U+0000",
    ),
    "half a surrogate": (
        '{"resourceType":"Patient","id":"x","name":[{"family":"\\ud800"}]}', "Patient", "surrogate",
    ),
    "invalid UTF-8": (
        b'{"resourceType":"Patient","id":"x","name":[{"family":"M\xfcller"}]}', "Patient", "UTF-8",
    ),
    "a raw control character": (
        b'{"resourceType":"Patient","id":"x","name":[{"family":"a\x01"}]}', "Patient", "broken",
    ),
    "nested deeply": (
        '{"resourceType":"Patient","id":"x","extension":'
        + '[{"url":"a","extension":' * 5000 + '[{"url":"b"}]' + "}]" * 5000 + "}",
        "Patient", "nested too deeply",
    ),
    "a bad contained": (
        line(contained=[{"resourceType": "Patient", "gender": SECRET}]),
        "Patient.contained[0].gender", "one of",
    ),
    "contained within contained": (
        line(contained=[{"resourceType": "Patient", "contained": [{"resourceType": "Patient"}]}]),
        "Patient.contained[0]", "contained",
    ),
    "minus zero for an integer": (
        '{"resourceType":"Patient","id":"x","multipleBirthInteger":-0}',
        "Patient.multipleBirthInteger", "integer",
    ),
}  # fmt: skip


def test_each_bad_line_is_named_and_nothing_else_is_lost(tenant: str, tmp_path: Path) -> None:
    lines = [each for each, _, _ in BAD.values()]
    file = write_lines(tmp_path / "all.ndjson", GOOD[0], *lines, GOOD[1])
    done = bring(tenant, file)
    assert (sum(done.written.new.values()), done.refused) == (2, len(BAD))
    kept = {each["line"]: each for each in refusals(done.refused_files[0])}
    wrong = []
    for n, (what, (_, path, says)) in enumerate(BAD.items(), 2):
        each = kept.get(n, {"path": None, "reason": "not refused"})
        if each["path"] != path or says not in each["reason"]:
            wrong.append((what, each["path"], each["reason"]))
    assert wrong == []
    assert {each["file"] for each in kept.values()} == {str(file)}
    said = "".join(each["reason"] + each["path"] for each in kept.values())
    assert SECRET not in said
    assert set(exported(tenant, tmp_path / "back")) == {("Patient", "first"), ("Patient", "last")}


def test_an_entry_of_a_bundle_is_named_by_its_number(tenant: str, tmp_path: Path) -> None:
    entries = [patient("a"), patient("b", ward=1), patient("c")]
    bundle = {
        "resourceType": "Bundle",
        "type": "batch",
        "entry": [{"resource": r} for r in entries],
    }
    (tmp_path / "one.json").write_text(json.dumps(bundle, indent=1))
    done = bring(tenant, tmp_path / "one.json")
    assert done.written.new == {"Patient": 2}
    (kept,) = refusals(tmp_path / "one.json.refused.ndjson")
    assert (kept["line"], kept["entry"], kept["path"]) == (1, 1, "Patient")
    assert kept["resource"] == entries[1]


def test_broken_json_in_one_bundle_leaves_the_others(tenant: str, tmp_path: Path) -> None:
    good = {"resourceType": "Bundle", "type": "batch", "entry": [{"resource": patient("a")}]}
    write_lines(tmp_path / "two.ndjson", json.dumps(good)[:-4], good)
    (tmp_path / "three.json").write_text(json.dumps(good, indent=1)[:-9])
    (tmp_path / "four.json").write_text(json.dumps(patient("b")))
    done = bring(tenant, tmp_path)
    assert (done.written.new["Patient"], done.refused) == (2, 2)
    kept = [each for file in done.refused_files for each in refusals(file)]
    assert all("broken JSON" in each["reason"] for each in kept)
    assert all(each["resource"] for each in kept), "what could not be read is kept too"


@pytest.mark.parametrize("name", ["Patient.ndjson", "x.jsonl", "bulk.ndjson"])
def test_a_bad_first_line_is_one_line(tenant: str, tmp_path: Path, name: str) -> None:
    write_lines(tmp_path / name, '{"resourceType":"Patient",', *GOOD)
    done = bring(tenant, tmp_path)
    assert (done.written.new["Patient"], done.refused) == (2, 1)


def test_a_file_of_a_folder_that_starts_with_rubbish_is_not_passed_over(
    tenant: str, tmp_path: Path
) -> None:
    write_lines(tmp_path / "Patient.ndjson", "rubbish", *GOOD)
    (tmp_path / "picture.png").write_bytes(b"\x89PNG")
    (tmp_path / "readme.txt").write_text("Patients")
    done = bring(tenant, tmp_path)
    assert (done.written.new["Patient"], done.refused) == (2, 1)


def test_repaired_and_loaded_again(tenant: str, tmp_path: Path) -> None:
    file = write_lines(tmp_path / "p.ndjson", patient("a", gender="mann"), "{rubbish", GOOD[0])
    (refused,) = bring(tenant, file).refused_files
    assert bring(tenant, refused).refused == 2, "as it is, it is refused again"
    refused.write_text(refused.read_text().replace('"mann"', '"male"'))
    again = bring(tenant, refused)
    assert (again.written.new, again.refused) == ({"Patient": 1}, 1)
    (kept,) = refusals(again.refused_files[0])
    assert kept["resource"] == "{rubbish"
    assert ("Patient", "a") in exported(tenant, tmp_path / "back")


def test_strict_stops(tenant: str, tmp_path: Path) -> None:
    file = write_lines(tmp_path / "p.ndjson", patient("a", gender=SECRET))
    with pytest.raises(StrictRefusal, match=r"p\.ndjson, line 1, Patient\.gender") as caught:
        bring(tenant, file, strict=True)
    assert SECRET not in str(caught.value)
    assert check(tenant, LOCAL_ADMINISTRATOR).whole


def test_dangling_references_are_kept_and_listed(tenant: str, tmp_path: Path) -> None:
    given = observation("o", "nobody", performer=[{"reference": "Practitioner/none"}])
    done = bring(tenant, write_lines(tmp_path / "o.ndjson", given))
    assert done.refused == 0
    listed = {(a.table, a.reference): a.rows for a in check(tenant, LOCAL_ADMINISTRATOR).awaiting}
    assert listed == {("observation", "patient"): 1, ("observation", "performer"): 1}


def test_ten_megabytes_in_one_string(tenant: str, tmp_path: Path) -> None:
    long = "Ä" * 5_000_000
    name = [{"family": long, "given": ["x"]}]
    identifier = [{"system": "s", "value": long}]
    code = {"coding": [{"system": "s", "code": long}, {"code": "x"}]}
    given = [
        patient("a", name=name, identifier=identifier, maritalStatus=code),
        {"resourceType": "Basic", "id": "b", "code": {"text": long}},
        observation("o", "a", performer=[{"reference": f"Practitioner?identifier=s|{long}"}]),
    ]
    file = write_lines(tmp_path / "long.ndjson", *given)
    assert bring(tenant, file).refused == 0
    back = exported(tenant, tmp_path / "back")
    assert [back[(r["resourceType"], r["id"])] == r for r in given] == [True] * 3


def test_one_id_twice_in_a_file(tenant: str, tmp_path: Path) -> None:
    one, two = patient("a", gender="male"), patient("a", gender="female")
    done = bring(tenant, write_lines(tmp_path / "p.ndjson", one, two, one, patient("b")))
    assert sum(done.written.new.values()) == 2
    back = exported(tenant, tmp_path / "back")[("Patient", "a")]
    ((other,),) = rows(tenant, "SELECT elements::text FROM version")
    assert sorted([back["gender"], json.loads(other)["gender"]]) == ["female", "male"]


@pytest.mark.parametrize("newer", ["the bad one", "the good one"])
@pytest.mark.parametrize("order", [1, -1])
def test_a_refused_content_does_not_take_a_good_one_along(
    tenant: str, tmp_path: Path, newer: str, order: int
) -> None:
    bad_at, good_at = ("2024", "2023") if newer == "the bad one" else ("2023", "2024")
    bad = patient("a", meta={"lastUpdated": f"{bad_at}-01-01T00:00:00Z"}, birthDate="1980-02-30")
    good = patient("a", meta={"lastUpdated": f"{good_at}-01-01T00:00:00Z"}, birthDate="1980-02-29")
    done = bring(tenant, write_lines(tmp_path / "p.ndjson", *[bad, good][::order]))
    assert done.refused == 1
    assert exported(tenant, tmp_path / "back")[("Patient", "a")]["birthDate"] == "1980-02-29"
    assert rows(tenant, "SELECT * FROM version") == []


@pytest.mark.parametrize("at", ["9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00"])
def test_times_at_both_ends_of_the_calendar(tenant: str, tmp_path: Path, at: str) -> None:
    given = patient("a", deceasedDateTime=at)
    file = write_lines(tmp_path / "p.ndjson", {**given, "meta": {"lastUpdated": at}})
    assert bring(tenant, file).refused == 0
    assert sum(bring(tenant, file).written.same.values()) == 1
    other = {**given, "gender": "male", "meta": {"lastUpdated": "2020-01-01T00:00:00Z"}}
    assert bring(tenant, write_lines(tmp_path / "q.ndjson", other)).refused == 0
    back = exported(tenant, tmp_path / "back")[("Patient", "a")]
    assert back == {k: v for k, v in other.items() if k != "meta"}, "one that says when comes first"


# -- damaged files -------------------------------------------------------------------------------

MANY = [patient(f"p{n}", name=[{"family": f"{n * 7919 % 104729:x}"}]) for n in range(3000)]


def packed(kind: str, folder: Path) -> Path:
    content = b"".join(json.dumps(each).encode() + b"\n" for each in MANY)
    path = folder / f"many.{kind}"
    if kind == "ndjson.gz":
        path.write_bytes(gzip.compress(content))
    elif kind == "zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("a.ndjson", content)
    else:
        with tarfile.open(path, f"w:{kind.removeprefix('tar').removeprefix('.')}") as archive:
            for n in range(0, len(MANY), 100):
                part = b"".join(json.dumps(each).encode() + b"\n" for each in MANY[n : n + 100])
                member = tarfile.TarInfo(f"part{n}.ndjson")
                member.size = len(part)
                archive.addfile(member, io.BytesIO(part))
    return path


KINDS = ["ndjson.gz", "tar.xz", "tar.gz", "tar", "zip"]


@pytest.mark.parametrize("kind", KINDS)
def test_packed_and_whole(tenant: str, tmp_path: Path, kind: str) -> None:
    assert bring(tenant, packed(kind, tmp_path)).written.new["Patient"] == len(MANY)


@pytest.mark.parametrize("kind", ["ndjson.gz", "tar.xz", "tar.gz", "tar"])
@pytest.mark.parametrize("left", [0.5, 0.9])
def test_of_a_file_cut_short_what_came_before_is_loaded(
    tenant: str, tmp_path: Path, kind: str, left: float
) -> None:
    path = packed(kind, tmp_path)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * left)])
    (tmp_path / "other").mkdir()
    write_lines(tmp_path / "other" / "zzz.ndjson", patient("of-the-other-file"))
    with pytest.raises(BrokenFile, match=path.name):
        bring(tenant, tmp_path)
    ((count,),) = rows(tenant, "SELECT count(*) FROM patient")
    # xz gives what it has in blocks
    assert count > (0 if kind == "tar.xz" else len(MANY) * left * 0.8)
    assert rows(tenant, "SELECT count(*) FROM patient WHERE id = 'of-the-other-file'") == [(1,)]
    assert check(tenant, LOCAL_ADMINISTRATOR).whole


@pytest.mark.parametrize("kind", ["ndjson.gz", "tar.xz", "tar.gz", "zip"])
def test_of_a_damaged_file_we_are_told(tenant: str, tmp_path: Path, kind: str) -> None:
    path = packed(kind, tmp_path)
    whole = bytearray(path.read_bytes())
    whole[len(whole) // 2] ^= 0x55
    path.write_bytes(whole)
    with pytest.raises(BrokenFile, match=path.name):
        bring(tenant, path)


def test_a_tar_cut_between_two_members(tenant: str, tmp_path: Path) -> None:
    path = packed("tar", tmp_path)
    whole = path.read_bytes()
    second = whole.index(b"part1500.ndjson")
    path.write_bytes(whole[:second])
    with pytest.raises(BrokenFile, match=path.name):
        bring(tenant, path)
    assert rows(tenant, "SELECT count(*) FROM patient") == [(1500,)]


def test_a_folder_named_with_an_exclamation_mark(tenant: str, tmp_path: Path) -> None:
    folder = tmp_path / "urgent!now"
    folder.mkdir()
    write_lines(folder / "p.ndjson", patient("a", gender="x"))
    done = bring(tenant, folder)
    assert done.refused_files == [folder / "p.ndjson.refused.ndjson"]


def test_what_only_the_database_refuses_takes_no_other_along(tenant: str, tmp_path: Path) -> None:
    rows(tenant, "ALTER TABLE observation ADD CONSTRAINT odd CHECK (status <> 'amended')")
    given = [observation(f"o{n}") for n in range(9)]
    given[4]["status"] = "amended"
    path = write_lines(tmp_path / "o.ndjson", *given)
    done = bring(tenant, path)
    assert (done.resources, done.refused) == (8, 1)
    (refused,) = refusals(done.refused_files[0])
    assert refused["resource"]["id"] == "o4"
    assert refused["reason"] == "the database cannot hold it (CheckViolation)"
    assert len(exported(tenant, tmp_path / "back")) == 8
