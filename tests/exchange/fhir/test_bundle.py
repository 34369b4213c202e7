"""Bundles opened: each resource as it was sent, but for references within the bundle."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wardbase.exchange.fhir.bundle import Entry, open_bundle

ONE = "urn:uuid:11111111-1111-4111-8111-111111111111"
TWO = "urn:uuid:22222222-2222-4222-8222-222222222222"
PATIENT = '{"resourceType":"Patient","id":"one"}'


def entries(*items: object, kind: str = "transaction", indent: int | None = None) -> list[Entry]:
    bundle = {"resourceType": "Bundle", "type": kind, "entry": list(items)}
    return list(open_bundle(json.dumps(bundle, indent=indent).encode()))


def item(resource: object, full_url: str | None = None, **request: str) -> dict[str, object]:
    made: dict[str, object] = {"resource": resource}
    if full_url:
        made["fullUrl"] = full_url
    if request:
        made["request"] = request
    return made


def refusals(found: list[Entry]) -> list[str]:
    return [str(entry.refused) for entry in found if entry.refused]


def test_synthea_bundles_come_apart_whole_and_refer_by_type_and_id(synthea_bundles):
    for raw in synthea_bundles.values():
        sent = json.loads(raw)["entry"]
        targets = {
            e["fullUrl"]: f"{e['resource']['resourceType']}/{e['resource']['id']}" for e in sent
        }
        found = list(open_bundle(raw))
        assert [e.index for e in found] == list(range(len(sent)))
        assert [e.full_url for e in found] == [e["fullUrl"] for e in sent]
        assert [(e.method, e.url) for e in found] == [
            (e["request"]["method"], e["request"]["url"]) for e in sent
        ]
        assert [json.loads(e.resource) for e in found] == [
            replaced(e["resource"], targets) for e in sent
        ]


def replaced(value, targets):
    """A resource with its references rewritten, the slow way."""
    if isinstance(value, list):
        return [replaced(inner, targets) for inner in value]
    if isinstance(value, dict):
        return {
            name: targets.get(inner, inner)
            if name == "reference" and isinstance(inner, str)
            else replaced(inner, targets)
            for name, inner in value.items()
        }
    return value


@pytest.mark.parametrize("kind", ["transaction", "batch", "collection"])
def test_transactions_batches_and_collections_are_opened(kind):
    (found,) = entries(item({"resourceType": "Patient", "id": "one"}), kind=kind)
    assert json.loads(found.resource) == json.loads(PATIENT)
    assert (found.index, found.full_url, found.method, found.refused) == (0, None, None, None)


@pytest.mark.parametrize(
    "kind",
    [
        *("document", "message", "searchset", "history", "transaction-response"),
        *("batch-response", "something else", 3),
    ],
)
def test_other_bundles_stay_whole(kind):
    raw = json.dumps({"resourceType": "Bundle", "type": kind, "entry": [{"fullUrl": ONE}]}).encode()
    assert list(open_bundle(raw)) == [Entry(raw)]


def test_a_single_resource_is_its_own_entry():
    raw = f" {PATIENT}\n".encode()
    assert list(open_bundle(raw)) == [Entry(raw)]


def test_a_list_holds_resources_and_bundles():
    bundle = f'{{"type":"batch","entry":[{{"resource":{PATIENT}}}],"resourceType":"Bundle"}}'
    found = list(open_bundle(f" [{PATIENT}, 3, [], {bundle}]".encode()))
    assert [(e.index, e.resource) for e in found if not e.refused] == [
        (0, PATIENT.encode()),
        (3, PATIENT.encode()),
    ]
    assert refusals(found) == ["[1]: expected an object", "[2]: expected an object"]


def test_an_opened_bundle_may_be_empty():
    assert entries() == []
    assert list(open_bundle(b'{"resourceType":"Bundle","type":"batch"}')) == []


@pytest.mark.parametrize("indent", [None, 2])
def test_a_reference_to_an_entry_becomes_type_and_id(indent):
    found = entries(
        item({"resourceType": "Patient", "id": "one"}, ONE),
        item({"resourceType": "Encounter", "subject": {"reference": ONE}}, "urn:oid:1.2.3"),
        item({"resourceType": "Condition", "encounter": {"reference": "urn:oid:1.2.3"}}),
        indent=indent,
    )
    assert json.loads(found[1].resource)["subject"] == {"reference": "Patient/one"}
    assert json.loads(found[1].resource)["id"] == "1.2.3"
    assert json.loads(found[2].resource)["encounter"] == {"reference": "Encounter/1.2.3"}
    assert "id" not in json.loads(found[2].resource)


def test_other_references_and_other_uses_of_a_urn_stay():
    resource = {
        "resourceType": "Observation",
        "id": "two",
        "identifier": [{"value": ONE}],
        "note": [{"text": f'"reference":"{ONE}"'}],
        "subject": {"reference": TWO},
        "encounter": {"reference": f"{ONE}#part"},
        "performer": [
            {"reference": "Practitioner?identifier=http://a|b"},
            {"reference": "http://a/Patient/one"},
            {"reference": 'Practitioner?name=a"b\\c'},
        ],
    }
    patient = item({"resourceType": "Patient", "id": "one"}, ONE)
    also = item({"resourceType": "Patient", "id": "two"}, "http://a/Patient/one")
    assert json.loads(entries(patient, also, item(resource))[2].resource) == resource


def test_escapes_in_references_and_urls_are_understood():
    raw = r"""{"resourceType":"Bundle","type":"batch","entry":[
        {"fullUrl":"urn:uuid:\u0031\u0031", "resource":{"resourceType":"Patient"}},
        {"fullUrl":"http:\/\/a\/Group\/1", "resource":{"resourceType":"Group",
         "member":[{"entity":{"reference" : "\u0075rn:uuid:11"}}],
         "managingEntity":{"reference":"http:\/\/a\/Group\/1"}}}]}"""
    patient, group = open_bundle(raw.encode())
    assert patient.resource == b'{"resourceType":"Patient","id":"11"}'
    assert b'"reference" : "Patient/11"' in group.resource
    assert rb'"reference":"http:\/\/a\/Group\/1"' in group.resource
    assert group.full_url == "http://a/Group/1"


def test_a_resource_without_an_id_gets_that_of_its_urn_in_small_letters():
    capital = "urn:uuid:C757873D-EC9A-4326-A141-556F43239520"
    first, late, own, odd = entries(
        item({"resourceType": "Patient", "active": True}, capital),
        item({"active": True, "resourceType": "Patient"}, ONE),
        item({"active": True, "id": "own", "resourceType": "Patient"}, TWO),
        item({"resourceType": "Patient"}, "urn:uuid:no id"),
    )
    assert first.resource.startswith(
        b'{"resourceType": "Patient","id":"c757873d-ec9a-4326-a141-556f43239520", "active"'
    )
    assert json.loads(late.resource)["id"] == ONE.removeprefix("urn:uuid:")
    assert json.loads(own.resource)["id"] == "own"
    assert json.loads(odd.resource) == {"resourceType": "Patient"}


def test_an_id_within_a_resource_is_not_taken_for_its_own():
    patient, group = entries(
        item({"resourceType": "Patient", "contact": [{"id": "x"}]}, ONE),
        item({"resourceType": "Group", "managingEntity": {"reference": ONE}}),
    )
    uuid = ONE.removeprefix("urn:uuid:")
    assert json.loads(patient.resource)["id"] == uuid
    assert json.loads(group.resource)["managingEntity"] == {"reference": f"Patient/{uuid}"}


def test_a_urn_of_two_resources_is_left_as_it_is():
    found = entries(
        item({"resourceType": "Patient", "id": "one"}, ONE),
        item({"resourceType": "Patient", "id": "two"}, ONE),
        item({"resourceType": "Group", "managingEntity": {"reference": ONE}}),
    )
    assert json.loads(found[2].resource)["managingEntity"] == {"reference": ONE}


def test_the_same_resource_twice_is_still_one_target():
    patient = item({"resourceType": "Patient", "id": "one"}, ONE)
    group = item({"resourceType": "Group", "managingEntity": {"reference": ONE}})
    found = entries(patient, patient, group)
    assert json.loads(found[2].resource)["managingEntity"] == {"reference": "Patient/one"}


def test_one_bad_entry_is_refused_and_the_rest_goes_through():
    found = entries(
        {"request": {"method": "DELETE", "url": "Patient/secret"}},
        {"request": {"method": "secret"}},
        item(3),
        item(None),
        item([]),
        "secret",
        item({"resourceType": "Patient"}, "urn:uuid:1") | {"request": "secret"},
        {"fullUrl": 3, "resource": {"resourceType": "Patient"}},
        item({"resourceType": 3}, TWO),
        item({"resourceType": "Patient", "id": "one"}, ONE),
        item({"resourceType": "Group", "managingEntity": {"reference": ONE}}),
    )
    wrong = "expected an entry with a resource, and a fullUrl and request in text"
    assert refusals(found) == [
        "Bundle.entry[0]: a DELETE request without a resource has nothing to load",
        "Bundle.entry[1]: an entry without a resource has nothing to load",
        "Bundle.entry[2].resource: expected an object",
        "Bundle.entry[3].resource: expected an object",
        "Bundle.entry[4].resource: expected an object",
        *(f"Bundle.entry[{n}]: {wrong}" for n in (5, 6, 7)),
    ]
    assert [e.index for e in found] == list(range(11))
    # its own reader will say what is wrong with it
    assert json.loads(found[8].resource) == {"resourceType": 3}
    assert json.loads(found[10].resource)["managingEntity"] == {"reference": "Patient/one"}


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (
            b'{"resourceType":"Bundle","type":"batch","entry":[\n{"resource":{"a":}}]}',
            "Resource: broken JSON at byte 67 (line 2, column 18): invalid character",
        ),
        (
            b'{"resourceType":"Bundle","type":"batch","entry":[{"resource"',
            "Resource: broken JSON: it ends too early, at byte 60 (line 1, column 61)",
        ),
        (b"[{},\n,]", "Resource: broken JSON at byte 5 (line 2, column 1): invalid character"),
        (b"", "Resource: broken JSON: it ends too early, at byte 0 (line 1, column 1)"),
        (
            b"\xff\xfe{\0}\0",
            "Resource: broken JSON at byte 0 (line 1, column 1): invalid character",
        ),
        (
            b'{"resourceType":"Bundle","entry":[{"fullUrl":"\xff"}]}',
            "Resource: invalid UTF-8 at byte 46 (line 1, column 47)",
        ),
        (
            b'{"resourceType":"Bundle","type":"batch","entry":[{"resource":' + b"[" * 100_000,
            "Resource: nested too deeply",
        ),
    ],
)
def test_broken_json_is_one_refusal_with_its_place(raw, says):
    assert refusals(list(open_bundle(raw))) == [says]


def test_what_is_no_bundle_is_left_to_the_reader_of_resources():
    for raw in (b"3", b"null", b'{"resourceType":3}', b'{"resourceType":"Bundle","entry":3}'):
        assert list(open_bundle(raw)) == [Entry(raw)]


@given(st.text())
def test_any_text_in_a_resource_comes_through_verbatim(text):
    resource = json.dumps({"resourceType": "Patient", "id": "a", "name": [{"text": text}]})
    first = f'{{"fullUrl":"{ONE}","resource":{resource}}}'
    raw = f'{{"resourceType":"Bundle","type":"batch","entry":[{first}]}}'.encode()
    assert [e.resource for e in open_bundle(raw)] == [resource.encode()]


@given(st.binary(max_size=40))
def test_whatever_the_bytes_nothing_is_raised(raw):
    start = b'{"resourceType":"Bundle","type":"batch","entry":[{"resource":{}},'
    for text in (raw, b"[" + raw, start + raw, start + raw + b"]}"):
        list(open_bundle(text))
