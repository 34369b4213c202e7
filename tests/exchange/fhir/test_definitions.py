"""The compact definitions say what HL7's package says."""

import gzip
import json
import runpy
from pathlib import Path

import pytest

from wardbase.exchange.fhir import definitions
from wardbase.exchange.fhir.definitions import elements, properties, property_named

ROOT = Path(__file__).parents[3]
PACKED = ROOT / "src/wardbase/exchange/fhir/r4.json.gz"


def test_the_compact_file_is_what_the_package_gives_today(core_package):
    tool = runpy.run_path(str(ROOT / "tools/compact_definitions.py"))
    made = tool["compact"](tool["Package"](core_package))
    assert json.loads(gzip.decompress(PACKED.read_bytes())) == json.loads(json.dumps(made))


def test_the_compact_file_is_small():
    assert PACKED.stat().st_size < 150_000


def test_every_concrete_resource_type_is_there():
    types = definitions.resource_types()
    assert len(types) == 146
    assert {"Patient", "ExplanationOfBenefit", "Bundle", "Parameters", "Binary"} <= types
    assert not {"Resource", "DomainResource", "Element", "HumanName"} & types


def test_every_type_that_an_element_refers_to_exists():
    seen, wanted = set(), set(definitions.resource_types())
    while wanted:
        name = wanted.pop()
        seen.add(name)
        referred = {p.type for p in properties(name) if not p.primitive and p.type != "Resource"}
        wanted |= referred - seen
    assert {"Patient.contact", "Timing.repeat", "Extension"} <= seen


def test_elements_are_in_the_order_of_the_definition():
    assert [e.name for e in elements("Patient")][:12] == [
        *("id", "meta", "implicitRules", "language", "text", "contained", "extension"),
        *("modifierExtension", "identifier", "active", "name", "telecom"),
    ]


@pytest.mark.parametrize(
    ("type_name", "name", "types", "required", "many"),
    [
        ("Patient", "birthDate", ("date",), False, False),
        ("Patient", "contact", ("Patient.contact",), False, True),
        ("Patient", "deceased[x]", ("boolean", "dateTime"), False, False),
        ("Patient", "id", ("id",), False, False),
        ("Patient.link", "other", ("Reference",), True, False),
        ("Observation", "status", ("code",), True, False),
        ("Observation.component", "referenceRange", ("Observation.referenceRange",), False, True),
        ("Questionnaire.item", "item", ("Questionnaire.item",), False, True),
        ("Bundle.entry", "link", ("Bundle.link",), False, True),
        ("Timing", "repeat", ("Timing.repeat",), False, False),
        ("Extension", "url", ("uri",), True, False),
        ("Claim", "insurance", ("Claim.insurance",), True, True),
    ],
)
def test_an_element_has_its_types_and_cardinality(type_name, name, types, required, many):
    (found,) = [e for e in elements(type_name) if e.name == name]
    assert (found.types, found.required, found.many) == (types, required, many)


def test_a_choice_is_spelt_out_with_its_types():
    names = [p.name for p in properties("Observation") if p.element.name == "value[x]"]
    assert names == [
        *("valueQuantity", "valueCodeableConcept", "valueString", "valueBoolean", "valueInteger"),
        *("valueRange", "valueRatio", "valueSampledData", "valueTime", "valueDateTime"),
        "valuePeriod",
    ]


def test_required_codes_are_listed_where_they_can_be():
    def codes(type_name, name):
        return property_named(type_name, name).element.codes

    assert codes("Patient", "gender") == ("male", "female", "other", "unknown")
    # of a code system within the value set, nested concepts too
    assert "entered-in-error" in codes("Observation", "status")
    assert "throttled" in codes("OperationOutcome.issue", "code")
    # a bound concept is no code; a preferred binding does not bind; all of MIME cannot be listed
    assert codes("AllergyIntolerance", "clinicalStatus") is None
    assert codes("Patient", "language") is None
    assert codes("Attachment", "contentType") is None


def test_attributes_have_no_companion():
    assert property_named("Patient", "birthDate").companion == "_birthDate"
    assert property_named("Patient", "id").companion is None
    assert property_named("Extension", "url").companion is None
    assert property_named("Narrative", "div").companion is None
    assert property_named("Patient", "name").companion is None


def test_integers_have_the_limits_of_their_type():
    assert definitions.limits("integer") == (-(2**31), 2**31 - 1)
    assert definitions.limits("positiveInt") == (1, 2**31 - 1)
    assert definitions.limits("unsignedInt") == (0, 2**31 - 1)
    assert definitions.limits("string") is None


def test_an_unknown_type_is_an_error():
    with pytest.raises(KeyError):
        elements("Patiënt")
