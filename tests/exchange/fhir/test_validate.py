"""The complete check: each rule of R4's JSON, by an example on each side of its edge."""

import json
from contextlib import suppress

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wardbase.errors import ShapeError
from wardbase.exchange.fhir import bundle, definitions, shape, validate
from wardbase.exchange.fhir.primitive import check_of
from wardbase.exchange.fhir.validate import DecimalText


def accepts(resource: dict[str, object] | bytes) -> None:
    raw = resource if isinstance(resource, bytes) else json.dumps(resource).encode()
    validate.validate(shape.resource_type_of(raw), raw)
    validate.validate(shape.resource_type_of(raw), validate.top_level(raw))


def refusal(resource: dict[str, object] | bytes) -> str:
    raw = resource if isinstance(resource, bytes) else json.dumps(resource).encode()
    kind = shape.resource_type_of(raw)
    with pytest.raises(ShapeError) as whole:
        validate.validate(kind, raw)
    with pytest.raises(ShapeError) as by_parts:
        validate.validate(kind, validate.top_level(raw))
    assert by_parts.value.path == whole.value.path
    return str(whole.value)


def patient(**elements: object) -> dict[str, object]:
    return {"resourceType": "Patient", **elements}


def observation(**elements: object) -> dict[str, object]:
    return {"resourceType": "Observation", "status": "final", "code": {"text": "x"}, **elements}


def test_every_official_example_passes(official_examples):
    for raw in official_examples.values():
        accepts(raw)


def test_every_resource_of_synthea_passes(synthea_bundles):
    count = 0
    for raw in synthea_bundles.values():
        for entry in bundle.open_bundle(raw):
            accepts(entry.resource)
            count += 1
    assert count > 500


GOOD_AND_BAD = {
    "boolean": ([True, False], ["true", 0, 1, None]),
    "integer": ([0, -5, 2**31 - 1], [2**31, DecimalText("1.0"), "1", True]),
    "positiveInt": ([1], [0, -1]),
    "unsignedInt": ([0], [-1]),
    "decimal": ([0, 10**30, DecimalText("1.10"), DecimalText("1e400")], ["1.1", True]),
    "string": (["a", " a ", "a\nb", " "], ["", 1, ["a"]]),
    "markdown": (["*a*\n"], [""]),
    "code": (["a b", " a", "a  b"], ["", " ", 1]),
    "uri": (["urn:a", "http://a/b c"], ["", " ", 1]),
    "canonical": (["http://a|1.0"], [""]),
    "url": (["http://a"], [""]),
    "id": (["a-1.B", "x" * 64], ["", "a b", "a_b", "a/b", "x" * 65]),
    "oid": (["urn:oid:1.2.3"], ["1.2.3", "urn:oid:1.02"]),
    "uuid": (
        [
            "urn:uuid:c757873d-ec9a-4326-a141-556f43239520",
            "urn:uuid:C757873D-EC9A-4326-A141-556F43239520",
        ],
        ["c757873d-ec9a-4326-a141-556f43239520", "urn:uuid:c757873d"],
    ),
    "base64Binary": (["YQ==", "YWJj\r\nZGVm", "YQ"], ["", "a-b_", "é", 1]),
    "date": (
        ["2024", "2024-02", "2024-02-29", "0001-01-01"],
        ["24", "2024-13", "2023-02-29", "2024-04-31", "2024-2-1", "0000", "2024-02-01T00:00:00Z"],
    ),
    "dateTime": (
        [
            *("2024", "2024-02-29", "2024-02-29T23:59:60Z", "2024-01-01T00:00:00.123456789+14:00"),
            "2024-01-01T00:00:00-05:30",
        ],
        [
            *("2024-01-01T00:00:00", "2024-01-01T00:00Z", "2024-01-01 00:00:00Z"),
            *("2024-01-01T24:00:00Z", "2023-02-29T00:00:00Z", "2024-01-01T00:00:00+15:00"),
        ],
    ),
    "instant": (
        ["2024-01-01T00:00:00Z"],
        ["2024-01-01", "2024-01-01T00:00Z", "2024-02-30T00:00:00Z"],
    ),
    "time": (["00:00:00", "23:59:59.9"], ["24:00:00", "12:00", "12:00:00Z"]),
    "xhtml": (["<div/>"], [""]),
}


@pytest.mark.parametrize("kind", GOOD_AND_BAD)
def test_a_primitive_has_examples_on_both_sides(kind):
    good, bad = GOOD_AND_BAD[kind]
    assert [value for value in good if check_of(kind)(value)] == []
    assert [value for value in bad if not check_of(kind)(value)] == []


def test_every_primitive_type_has_examples():
    assert set(GOOD_AND_BAD) == definitions.primitive_types()


@pytest.mark.parametrize(
    ("resource", "says"),
    [
        (patient(nom="x"), "Patient: unknown element nom"),
        (patient(_name=[{"id": "a"}]), "Patient: unknown element _name"),
        (patient(name=[{"resourceType": "HumanName"}]), "Patient.name[0]: unknown element reso"),
        (patient(_id={"id": "a"}), "Patient: unknown element _id"),
        (patient(name={"family": "x"}), "Patient.name: expected a list that is not empty"),
        (patient(name=[]), "Patient.name: expected a list that is not empty"),
        (patient(name=[{}]), "Patient.name[0]: expected an object that is not empty"),
        (patient(name=[None]), "Patient.name[0]: expected an object"),
        (patient(maritalStatus=None), "Patient.maritalStatus: expected an object"),
        (patient(birthDate=None), "Patient.birthDate: expected a date"),
        (patient(birthDate=["1974"]), "Patient.birthDate: expected a date"),
        (patient(birthDate="1974-02-30"), "Patient.birthDate: expected a date"),
        (patient(_birthDate=None), "Patient._birthDate: expected an object"),
        (patient(_birthDate={}), "Patient._birthDate: expected an object that is not empty"),
        (patient(_birthDate={"value": "x"}), "Patient._birthDate: unknown element value"),
        (patient(name=[{"family": ""}]), "Patient.name[0].family: expected a string that is"),
        (patient(gender="M"), "Patient.gender: expected one of: male, female, other, unknown"),
        (
            patient(deceasedBoolean=True, deceasedDateTime="2024"),
            "Patient: expected one deceased[x], got deceasedBoolean and deceasedDateTime",
        ),
        (
            patient(deceasedBoolean=True, _deceasedDateTime={"id": "a"}),
            "Patient: expected one deceased[x], got deceasedBoolean and deceasedDateTime",
        ),
        (patient(deceasedString="x"), "Patient: unknown element deceasedString"),
        (patient(link=[{"type": "refer"}]), "Patient.link[0]: other is missing"),
        (patient(link=[{"other": {"display": "x"}}]), "Patient.link[0]: type is missing"),
        (patient(extension=[{"valueString": "x"}]), "Patient.extension[0]: url is missing"),
        ({"resourceType": "Observation", "code": {"text": "x"}}, "Observation: status is missing"),
        (
            {"resourceType": "MedicationRequest", "status": "draft", "intent": "plan",
             "subject": {"display": "x"}},
            "MedicationRequest: medication[x] is missing",
        ),
        (
            observation(component=[{"code": {"text": "x"}, "valueInteger": True}]),
            "Observation.component[0].valueInteger: expected an integer",
        ),
        (observation(valueQuantity={"value": "1.1"}), "Observation.valueQuantity.value:"),
        (b'{"resourceType":"Patient","multipleBirthInteger":1.0}', "Patient.multipleBirthInteger:"),
        (b'{"resourceType":"Patient","multipleBirthInteger":-0}', "Patient.multipleBirthInteger:"),
        (patient(contained=[{"id": "a"}]), "Patient.contained[0].resourceType: exp"),
        (
            patient(contained=[{"resourceType": "Group", "id": "a"}]),
            "Patient.contained[0]: type is missing",
        ),
        (
            patient(contained=[patient(id="a"), patient(contained=[patient(id="b")])]),
            "Patient.contained[1]: contained resources cannot contain resources",
        ),
        (
            {"resourceType": "Bundle", "type": "document", "entry": [{"resource": patient(a=1)}]},
            "Bundle.entry[0].resource: unknown element a",
        ),
        (
            {"resourceType": "Parameters", "parameter": [{"name": "a", "resource": 1}]},
            "Parameters.parameter[0].resource: expected an object",
        ),
    ],
)  # fmt: skip
def test_a_rule_that_is_broken_is_named_with_its_path(resource, says):
    assert refusal(resource).startswith(says)


@pytest.mark.parametrize(
    "resource",
    [
        patient(_birthDate={"extension": [{"url": "a", "valueCode": "unknown"}]}),
        patient(_deceasedDateTime={"id": "a"}),
        {"resourceType": "Observation", "_status": {"id": "a"}, "code": {"text": "x"}},
        patient(contained=[{"resourceType": "Patient", "id": "a", "gender": "male"}]),
        {"resourceType": "Parameters", "parameter": [{"name": "a", "part": [
            {"name": "b", "resource": {"resourceType": "Patient", "contained": [patient(id="c")]}}
        ]}]},
        observation(valueQuantity={"value": 10**30}),
        b'{"resourceType":"Patient","gender":"x","gender":"male"}',
        b'{"resourceType":"Observation","status":"final","code":{"text":"a"},'
        b'"valueQuantity":{"value":-0}}',
    ],
)  # fmt: skip
def test_what_the_standard_allows_is_accepted(resource):
    accepts(resource)


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ({"given": ["A", None], "_given": [None, {"id": "a"}]}, None),
        ({"given": ["A", "B"], "_given": [{"id": "a"}]}, None),
        ({"_given": [{"id": "a"}]}, None),
        ({"given": ["A", None]}, "Patient.name[0].given[1]: expected a value or a companion"),
        ({"given": ["A", None], "_given": [{"id": "a"}]}, "Patient.name[0].given[1]: expected a"),
        ({"given": [None], "_given": [None]}, "Patient.name[0].given[0]: expected a value or"),
        ({"given": ["A"], "_given": [None, {"id": "a"}]}, "Patient.name[0]._given: expected no"),
        ({"_given": [None, {"id": "a"}]}, "Patient.name[0]._given: expected no null"),
        ({"given": [""], "_given": [None]}, "Patient.name[0].given[0]: expected a string"),
        ({"given": "A"}, "Patient.name[0].given: expected a list"),
    ],
)
def test_lists_of_primitives_and_their_companions_fit_each_other(name, says):
    if says is None:
        accepts(patient(name=[name]))
    else:
        assert refusal(patient(name=[name])).startswith(says)


def test_only_the_elements_asked_for_have_their_values_checked():
    raw = json.dumps(patient(birthDate="yesterday", _birthDate={}, name=[{"family": ""}])).encode()
    validate.validate("Patient", raw, only=["gender"])
    with pytest.raises(ShapeError, match=r"Patient\.birthDate"):
        validate.validate("Patient", raw, only=["birthDate"])
    with pytest.raises(ShapeError, match=r"Patient\.name"):
        validate.validate("Patient", validate.top_level(raw), only={"name"})


def test_names_and_what_is_required_are_checked_whatever_is_asked_for():
    with pytest.raises(ShapeError, match="unknown element nom"):
        validate.validate("Patient", b'{"resourceType":"Patient","nom":1}', only=["gender"])
    with pytest.raises(ShapeError, match="status is missing"):
        validate.validate("Observation", b'{"resourceType":"Observation","code":{}}', only=["text"])


def test_the_resource_type_must_be_the_one_asked_for():
    with pytest.raises(ShapeError, match=r"Group.resourceType: expected Group"):
        validate.validate("Group", b'{"resourceType":"Patient","type":"person","actual":true}')
    with pytest.raises(ShapeError, match="resourceType is missing"):
        validate.validate("Patient", b'{"gender":"male"}')
    with pytest.raises(ShapeError, match="expected a resource type"):
        validate.validate("Patience", b"{}")


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b"", "broken JSON"),
        (b"[]", "expected an object"),
        (b'{"resourceType":"Patient","id":"a\\u0000"}', "Patient.id: holds the character U"),
        (b'{"resourceType":"Patient","contained":[{"id":"\\ud800"}]}', "half of a surrogate"),
        (b'{"resourceType":"Patient","contained":[{"id":"\xff"}]}', "invalid UTF-8 at byte"),
        (b'{"resourceType":"Patient","extension":' + b'[{"url":"a","extension":' * 3000, "nested"),
    ],
)
def test_text_that_cannot_be_read_is_refused(raw, says):
    with pytest.raises(ShapeError, match=says):
        validate.validate("Patient", raw)


def test_nesting_deeper_than_python_follows_is_refused():
    levels = 350
    raw = b'{"resourceType":"Patient","extension":' + b'[{"url":"a","extension":' * levels
    raw += b'[{"url":"a","valueBoolean":true}]' + b"}]" * levels + b"}"
    with pytest.raises(ShapeError, match="nested too deeply"):
        validate.validate("Patient", raw)


def test_ten_megabytes_in_one_string_are_read():
    data = "QUJD" * 2_500_000
    accepts(patient(photo=[{"data": data}], name=[{"text": data}]))
    assert (
        refusal(patient(photo=[{"data": f"{data}-"}])) == "Patient.photo[0].data: expected base64"
    )


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)
NAMES = st.sampled_from(
    ["name", "birthDate", "_birthDate", "deceasedBoolean", "contained", "extension", "text", "link"]
)


@given(st.dictionaries(NAMES, JSON))
def test_whatever_the_values_nothing_but_shape_errors_come_out(elements):
    with suppress(ShapeError):
        validate.validate("Patient", json.dumps(patient(**elements)).encode())


def test_no_null_can_be_put_into_an_example_unnoticed(official_examples):
    resource = json.loads(official_examples["Patient-example.json"])
    for holder, key in _places(resource):
        kept, holder[key] = holder[key], None
        with pytest.raises(ShapeError):
            validate.validate("Patient", json.dumps(resource).encode())
        holder[key] = kept
    validate.validate("Patient", json.dumps(resource).encode())


def _places(value):
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    for key, item in list(inner):
        yield value, key
        if isinstance(item, dict | list):
            yield from _places(item)


def test_the_top_level_is_verbatim():
    raw = b'{"resourceType":"Patient", "multipleBirthInteger" : 1e1 , "name":[ {"family":"x"} ]}'
    assert {name: bytes(part) for name, part in validate.top_level(raw).items()} == {
        "resourceType": b'"Patient"',
        "multipleBirthInteger": b"1e1",
        "name": b'[ {"family":"x"} ]',
    }
    assert isinstance(validate.top_level(raw)["name"], msgspec.Raw)
