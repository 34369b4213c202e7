"""Structs of FHIR types: what they hold, what they refuse, and how they say so."""

import json
import keyword
from contextlib import suppress

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET, Raw

from wardbase.errors import ShapeError
from wardbase.exchange.fhir import definitions, shape
from wardbase.exchange.fhir.shape import decode, resource_type_of, struct


def refusal(raw: bytes | str, resource_type: str = "Patient") -> str:
    with pytest.raises(ShapeError) as refused:
        decode(raw.encode() if isinstance(raw, str) else raw, resource_type)
    return str(refused.value)


def patient(**elements: object) -> str:
    return json.dumps({"resourceType": "Patient", **elements})


def exact(raw: bytes) -> object:
    return json.loads(raw, parse_float=str)


def test_every_official_example_decodes_and_comes_back_the_same(official_examples):
    assert len(official_examples) == 475
    for raw in official_examples.values():
        assert exact(msgspec.json.encode(decode(raw, resource_type_of(raw)))) == exact(raw)


def test_every_resource_type_has_a_struct():
    for name in definitions.resource_types():
        fields = msgspec.structs.fields(struct(name))
        assert len(fields) > 3
        assert {f.name for f in fields} == {shape.python_name(f.encode_name) for f in fields}


def test_a_struct_is_made_by_keyword_and_written_with_its_type_first():
    name = struct("HumanName")(family="Chalmers", given=["Peter", None])
    made = struct("Patient")(name=[name], birthDate="1974-12-25")
    raw = b'{"resourceType":"Patient","birthDate":"1974-12-25",'
    raw += b'"name":[{"family":"Chalmers","given":["Peter",null]}]}'
    assert decode(raw, "Patient") == made
    assert msgspec.json.encode(made) == (
        b'{"resourceType":"Patient","name":[{"family":"Chalmers","given":["Peter",null]}],'
        b'"birthDate":"1974-12-25"}'
    )
    assert made.gender is UNSET


def test_decimals_keep_and_compare_their_text():
    raw = b'{"resourceType":"Observation","code":{"text":"x"},"valueQuantity":{"value":%b}}'
    short, long = (decode(raw % text, "Observation") for text in (b"1.1", b"1.10"))
    assert short != long
    assert bytes(long.valueQuantity.value) == b"1.10"
    assert long.valueQuantity == struct("Quantity")(value=Raw(b"1.10"))


def test_keywords_get_an_underscore_and_companions_keep_theirs():
    assert shape.python_name("class") == "class_"
    assert shape.python_name("birthDate") == "birthDate"
    encounter = decode(
        b'{"resourceType":"Encounter","status":"planned","class":{"code":"AMB"}}', "Encounter"
    )
    assert encounter.class_.code == "AMB"
    born = decode(b'{"resourceType":"Patient","_birthDate":{"id":"a"}}', "Patient")
    assert born._birthDate == struct("Element")(id="a")
    assert [p.name for p in definitions.properties("Task") if keyword.iskeyword(p.name)] == ["for"]


def test_types_may_refer_to_themselves_and_each_other():
    raw = patient(
        identifier=[{"assigner": {"identifier": {"assigner": {"display": "Ward"}}}}],
        extension=[{"url": "a", "extension": [{"url": "b", "valueBoolean": True}]}],
    )
    found = decode(raw.encode(), "Patient")
    assert found.identifier[0].assigner.identifier.assigner.display == "Ward"
    assert found.extension[0].extension[0].valueBoolean is True


def test_a_required_primitive_may_be_its_companion_alone():
    assert shape.required_primitives("Observation") == ("status",)
    found = decode(
        b'{"resourceType":"Observation","_status":{"extension":[{"url":"a"}]},"code":{}}',
        "Observation",
    )
    assert found.status is UNSET


@pytest.mark.parametrize(
    ("elements", "says"),
    [
        ({"gender": "Male"}, "Patient.gender: expected one of: male, female, other, unknown"),
        (
            {"contact": [{}, {"gender": "secret"}]},
            "Patient.contact[1].gender: expected one of: male, female, other, unknown",
        ),
        (
            {"name": [{"family": 3}]},
            "Patient.name[0].family: expected a string, got an integer",
        ),
        ({"name": {}}, "Patient.name: expected a list, got an object"),
        ({"name": []}, "Patient.name: expected a list that is not empty"),
        ({"name": None}, "Patient.name: expected a list, got null"),
        ({"name": [None]}, "Patient.name[0]: expected an object, got null"),
        ({"birthDate": None}, "Patient.birthDate: expected a string, got null"),
        ({"active": "true"}, "Patient.active: expected true or false, got a string"),
        ({"nom": "secret"}, "Patient: unknown element nom"),
        ({"name": [{"nom": "x"}]}, "Patient.name[0]: unknown element nom"),
        ({"Peter Chalmers": 1}, "Patient: unknown element"),
        ({"link": [{"type": "seealso"}]}, "Patient.link[0]: other is missing"),
        ({"extension": [{}]}, "Patient.extension[0]: url is missing"),
        (
            {"multipleBirthInteger": 2**31},
            "Patient.multipleBirthInteger: expected an integer <= 2147483647",
        ),
        (
            {"multipleBirthInteger": 1.0},
            "Patient.multipleBirthInteger: expected an integer, got a number",
        ),
        (
            {"telecom": [{"rank": 0}]},
            "Patient.telecom[0].rank: expected an integer >= 1",
        ),
        ({"resourceType": "Group"}, "Patient.resourceType: expected Patient"),
    ],
)
def test_a_wrong_shape_is_refused_with_its_path_and_without_values(elements, says):
    assert refusal(patient(**elements)) == says


def test_long_lists_of_codes_are_cut():
    raw = '{"resourceType":"ImplementationGuide","license":"secret"}'
    says = refusal(raw.replace('secret"', 'secret","fhirVersion":["4.0.1"]'), "ImplementationGuide")
    assert says.startswith("ImplementationGuide.license: expected one of: not-open-source, 0BSD, ")
    assert says.endswith(", ...")
    assert says.count(",") == 12


@given(st.text(min_size=4))
def test_no_refusal_quotes_a_value(value):
    marked = f"<{value}>"
    for elements in ({"gender": marked}, {"active": marked}, {"name": marked}, {marked: 1}):
        assert marked not in refusal(json.dumps({"resourceType": "Patient", **elements}))


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b"", "Patient: broken JSON: it ends too early, at byte 0 (line 1, column 1)"),
        (
            b'{"resourceType":"Patient",\n "id":,}',
            "Patient: broken JSON at byte 33 (line 2, column 7): invalid character",
        ),
        (b'{"id":"a"', "Patient: broken JSON: it ends too early, at byte 9 (line 1, column 10)"),
        (
            b'{"id":"a"} {}',
            "Patient: broken JSON at byte 12 (line 1, column 13): trailing characters",
        ),
        (b"[]", "Patient: expected an object, got a list"),
        (b'"Patient"', "Patient: expected an object, got a string"),
        (b'{"id":"\xe9"}', "Patient: invalid UTF-8 at byte 7 (line 1, column 8)"),
        (b'{"contained":[{"a":"\xe9"}]}', "Patient: invalid UTF-8 at byte 20 (line 1, column 21)"),
        (
            b'{"id":"\\ud83d!!!!!!"}',
            "Patient: half of a surrogate pair at byte 7 (line 1, column 8)",
        ),
        (
            b'{"contained":[{"a":"\\uDC00"}]}',
            "Patient: half of a surrogate pair at byte 20 (line 1, column 21)",
        ),
        (
            b'{"name":[{"family":"a"},{"family":"b\\u0000"}]}',
            "Patient.name[1].family: holds the character U+0000, which no database can keep",
        ),
        (b'{"extension":' + b'[{"extension":' * 5000, "Patient: nested too deeply"),
        (b'{"contained":' + b"[" * 100000, "Patient: nested too deeply"),
    ],
)
def test_text_that_no_database_could_keep_is_refused_with_its_place(raw, says):
    assert refusal(raw) == says


def test_an_integer_minus_zero_is_refused_but_not_a_decimal_or_text():
    assert refusal('{"resourceType":"Patient","multipleBirthInteger":-0}') == (
        "Patient.multipleBirthInteger: expected an integer from -2147483648 to 2147483647"
    )
    decode(patient(name=[{"text": "from -0 to -0"}]).encode(), "Patient")
    decode(
        b'{"resourceType":"Observation","status":"final","code":{"text":"x"},'
        b'"valueQuantity":{"value":-0}}',
        "Observation",
    )


def test_escapes_that_only_look_odd_are_kept():
    raw = rb'{"resourceType":"Patient","name":[{"text":"\ud83d\ude00 \\u0000 \\ud800 \u00e9"}]}'
    assert decode(raw, "Patient").name[0].text == "😀 \\u0000 \\ud800 é"


def test_long_strings_are_kept():
    text = "x" * 10_000_000
    assert decode(patient(name=[{"text": text}]).encode(), "Patient").name[0].text == text


def test_of_duplicate_keys_the_last_wins():
    raw = b'{"resourceType":"Patient","gender":"male","gender":"female"}'
    assert decode(raw, "Patient").gender == "female"


@pytest.mark.parametrize(
    "raw",
    [
        b'{"resourceType":"Patient"}',
        b' {\n "resourceType" : "Patient"}',
        b'{"contained":[{"resourceType":"Group"}],"resourceType":"Patient"}',
        b'{"id":"\\"resourceType\\":\\"Group\\"","resourceType":"Patient"}',
        b'{"resource\\u0054ype":"Patient"}',
    ],
)
def test_the_resource_type_is_that_of_the_top_level(raw):
    assert resource_type_of(raw) == "Patient"


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b'{"contained":[{"resourceType":"Group"}]}', "Resource: resourceType is missing"),
        (b'{"resourceType":"Patience"}', "Resource.resourceType: expected a resource type of"),
        (b'{"resourceType":"DomainResource"}', "Resource.resourceType: expected a resource type"),
        (b'{"resourceType":3}', "Resource: expected an object with a resourceType"),
        (b"[]", "Resource: expected an object with a resourceType"),
        (b"null", "Resource: expected an object with a resourceType"),
        (b"{", "Resource: broken JSON: it ends too early, at byte 1"),
    ],
)
def test_a_resource_type_that_is_missing_or_unknown_is_refused(raw, says):
    with pytest.raises(ShapeError) as refused:
        resource_type_of(raw)
    assert str(refused.value).startswith(says)


@given(st.binary(max_size=60))
def test_whatever_the_bytes_nothing_but_shape_errors_come_out(raw):
    for text in (raw, b'{"resourceType":"Patient","text":' + raw):
        with suppress(ShapeError):
            decode(text, resource_type_of(text))
