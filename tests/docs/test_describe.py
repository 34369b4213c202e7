"""The data dictionary says of each column what the model and FHIR say."""

import json

import pytest
from typer.testing import CliRunner

from wardbase.cli.describe import app, short
from wardbase.model import RESOURCES, metadata
from wardbase.record import describe

COLUMNS = [
    ("patient", "patient_id", "Patient.id"),
    ("patient", "updated_at", "Patient.meta.lastUpdated"),
    ("patient", "birth_on", "Patient.birthDate"),
    ("patient", "birth_form", "Patient.birthDate"),
    ("patient", "written_at", None),
    ("patient", "marital_status_text", "Patient.maritalStatus.text"),
    ("patient", "managing_organization_id", "Patient.managingOrganization.reference"),
    ("patient", "managing_organization_display", "Patient.managingOrganization.display"),
    ("patient_name", "given", "Patient.name.given"),
    ("patient_name", "n", None),
    ("observation", "value", "Observation.valueQuantity.value"),
    ("observation", "value_unit_id", "Observation.valueQuantity.unit"),
    ("observation", "code_id", "Observation.code.coding"),
    ("encounter_diagnosis", "condition_ref", "Encounter.diagnosis.condition.reference"),
    ("allergy_intolerance_reaction_manifestation", "n", None),
    ("concept", "code", None),
]


def column(table, name):
    (found,) = (each for each in describe.one(table).columns if each.name == name)
    return found


@pytest.mark.parametrize(("table", "name", "path"), COLUMNS)
def test_column_knows_its_element(table, name, path):
    assert column(table, name).fhir == path


def test_every_table_and_column_is_there_once():
    found = [f"{table.name}.{each.name}" for table in describe.every() for each in table.columns]
    assert sorted(found) == sorted(map(str, (c for t in metadata.tables.values() for c in t.c)))


def test_every_field_has_a_path_below_its_table():
    for table in describe.every():
        for each in table.columns:
            declared = metadata.tables[table.name].c[each.name].info["field"]
            assert (declared is None) or each.fhir.startswith(table.fhir), each.name


def test_extension_is_shown_by_the_last_word_of_its_address():
    path = column("patient", "birth_sex").fhir
    assert path.startswith("Patient.extension(http")
    assert short(path) == "extension(us-core-birthsex).valueCode"
    assert short("Patient.name.family") == "name.family"
    assert short(None) == ""


def test_column_says_what_the_database_holds_to():
    gender = column("patient", "gender")
    assert gender.rule == "one of male, female, other, unknown"
    assert (gender.type, gender.is_nullable, gender.is_key) == ("text", True, False)
    assert column("observation", "patient_id").refers_to == "patient.patient_id"
    assert column("observation", "effective_at").type == "timestamptz"
    assert column("patient_name", "patient_id").refers_to == "patient.patient_id"
    assert column("patient_name", "n").is_key


def test_table_says_its_place():
    name = describe.one("patient_name")
    assert (name.parent, name.subject, name.fhir) == ("patient", "patient", "Patient.name")
    assert "patient_name" in describe.one("patient").children
    assert describe.one("rest").subject == "keeping"
    assert any("patient_id, effective_at" in each for each in describe.one("observation").indexes)
    assert any("num_nonnulls" in each for each in describe.one("observation").checks)


@pytest.mark.parametrize("type_", RESOURCES)
def test_a_fhir_type_names_its_table(type_):
    assert describe.one(type_).fhir == type_


def test_an_unknown_table_is_told_with_those_near_it():
    with pytest.raises(describe.UnknownTable, match=r"patients\. Near it: patient, "):
        describe.one("patients")


def test_command_prints_plain_lines_when_piped():
    answer = CliRunner().invoke(app, ["patient_name"])
    assert answer.exit_code == 0
    (line,) = (each for each in answer.output.splitlines() if each.startswith("family "))
    assert line.split("  ")[0] == "family"
    assert "identifying" in line
    assert line.endswith("Family name.")
    assert not {"│", "─", "\x1b"} & set(answer.output)


def test_command_lists_every_table_in_json():
    answer = CliRunner().invoke(app, ["--json"])
    assert [table["name"] for table in json.loads(answer.output)] == list(metadata.tables)
    one = json.loads(CliRunner().invoke(app, ["Patient", "--json"]).output)
    assert one["name"] == "patient"
