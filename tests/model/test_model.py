"""Every declared table and column is complete, and means something in FHIR R4."""

import re
import sqlite3

import pytest
from sqlalchemy import Integer
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable

from wardbase.errors import ModelError
from wardbase.exchange.fhir import definitions
from wardbase.model import RESOURCES, metadata
from wardbase.model.field import (
    CLINICAL,
    ITEM,
    Code,
    Coding,
    Concept,
    Data,
    Day,
    Decimal,
    Extensions,
    Flag,
    Group,
    Mask,
    Moment,
    Reference,
    Sensitivity,
    String,
    Strings,
    Unit,
    Whole,
    leaves,
)
from wardbase.model.table import child, resource

TABLES = list(metadata.tables.values())
COLUMNS = [column for table in TABLES for column in table.columns]
RULES = [column for column in COLUMNS if column.info.get("rule")]
PARTS = [part for made in RESOURCES.values() for part in made.everything()]

WITHOUT_PATIENT = {
    "Organization",
    "Location",
    "Practitioner",
    "PractitionerRole",
    "Patient",
    "Medication",
    "Provenance",
}

# What FHIR may call the type of a field.
FITS = {
    Code: {"code", "uri"},
    Coding: {"Coding"},
    Concept: {"CodeableConcept"},
    Data: {"base64Binary"},
    Day: {"date"},
    Decimal: {"decimal"},
    Flag: {"boolean"},
    Moment: {"dateTime", "instant"},
    Reference: {"Reference"},
    String: {"string", "markdown", "uri", "url", "canonical", "id"},
    Strings: {"string"},
    Whole: {"integer", "positiveInt", "unsignedInt"},
}


def in_fhir(type_name, fields):
    """Each field below a type, with the element it is; no element where it is the item itself."""
    for field in fields:
        if isinstance(field, Extensions):
            continue
        if field.element == ITEM:
            yield field, type_name, None
            continue
        found = definitions.property_named(type_name, field.element)
        assert found, f"{type_name} has no element {field.element}"
        if isinstance(field, Group):
            yield from in_fhir(found.type, field.fields)
        else:
            yield field, found.type, found.element


def fhir_type(part):
    if part in RESOURCES.values():
        return part.type
    found = definitions.property_named(fhir_type(part.parent), part.element)
    assert found, f"{part.table.name}: no element {part.element}"
    assert found.element.many, f"{part.table.name}: {part.element} does not repeat"
    return found.type


@pytest.mark.parametrize("column", COLUMNS, ids=str)
def test_column_is_described(column):
    assert column.comment
    assert column.comment.endswith((".", "..."))
    assert isinstance(column.info["sensitivity"], Sensitivity)
    assert isinstance(column.info["mask"], Mask)


@pytest.mark.parametrize("table", TABLES, ids=str)
def test_table_says_its_grain(table):
    assert table.comment


@pytest.mark.parametrize("column", RULES, ids=str)
def test_rule_has_an_example_on_each_side_of_its_edge(column):
    rule = column.info["rule"]
    sql = f"SELECT {rule.sql.format(column='?')}"
    with sqlite3.connect(":memory:") as database:
        assert database.execute(sql, (rule.good,)).fetchone() == (1,)
        assert database.execute(sql, (rule.bad,)).fetchone() == (0,)


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.table.name)
def test_field_is_an_element_of_its_type(part):
    for field, type_name, _ in in_fhir(fhir_type(part), part.fields):
        if not isinstance(field, Unit):
            assert type_name in FITS[type(field)], f"{field.column} is a {type_name}"


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.table.name)
def test_rule_allows_the_codes_fhir_requires(part):
    for field, _, element in in_fhir(fhir_type(part), part.fields):
        if field.rule and element and element.codes:
            assert set(re.findall("'([^']*)'", field.rule.sql)) == set(element.codes)


def test_one_extension_is_declared_once():
    for made in RESOURCES.values():
        for known in (f.known for f in made.fields if isinstance(f, Extensions)):
            assert len({extension.url for extension in known}) == len(known)


@pytest.mark.parametrize("made", RESOURCES.values(), ids=lambda made: made.type)
def test_compartment_is_defined_by_one_reference(made):
    subjects = [f for f in leaves(made.fields) if isinstance(f, Reference) and f.subject]
    assert len(subjects) == (made.type not in WITHOUT_PATIENT)
    assert made.in_compartment or made.type in WITHOUT_PATIENT


@pytest.mark.parametrize("made", RESOURCES.values(), ids=lambda made: made.type)
def test_compartment_carries_the_patient_and_is_found_by_it(made):
    if made.type in WITHOUT_PATIENT:
        return
    assert all("patient_id" in part.table.c for part in made.everything())
    firsts = {next(iter(index.columns)).name for index in made.table.indexes if index.columns}
    assert "patient_id" in firsts


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.table.name)
def test_reference_leads_to_the_key_of_a_resource(part):
    roots = {made.table.name for made in RESOURCES.values()}
    for field in leaves(part.fields):
        if isinstance(field, Reference):
            assert set(field.targets) <= roots
            for name in field.key_columns():
                (key,) = part.table.c[name].foreign_keys
                assert key.column.primary_key


@pytest.mark.parametrize("table", TABLES, ids=str)
def test_table_can_be_made(table):
    dialect = postgresql.dialect()
    assert str(CreateTable(table).compile(dialect=dialect))
    for index in table.indexes:
        assert str(CreateIndex(index).compile(dialect=dialect))
    for name in [table.name, *(c.name for c in table.c), *(i.name for i in table.indexes)]:
        assert len(name) <= 63, f"PostgreSQL would cut {name}"


def test_no_column_name_is_a_word_that_must_be_quoted():
    quote = postgresql.dialect().identifier_preparer.quote
    assert [str(column) for column in COLUMNS if quote(column.name) != column.name] == []


def test_column_declared_twice_is_an_error():
    with pytest.raises(ModelError, match="declared twice"):
        resource(
            "Twice",
            "Never made.",
            Flag("active", "Whether.", CLINICAL, "same"),
            Flag("inactive", "Whether not.", CLINICAL, "same"),
            sensitivity=CLINICAL,
        )
    assert "Twice" not in RESOURCES


def test_child_column_may_not_hide_a_key():
    with pytest.raises(ModelError, match="declared twice"):
        child(
            RESOURCES["Encounter"],
            "statusHistory",
            "Never made.",
            Whole("n", "A number.", CLINICAL),
        )


def test_field_without_a_sentence_is_an_error():
    with pytest.raises(ModelError, match="says nothing"):
        Flag("active", "", CLINICAL)


def test_concepts_are_keys_of_the_dictionary():
    for part in PARTS:
        for field in leaves(part.fields):
            if isinstance(field, Concept | Coding):
                column = part.table.c[field.column]
                assert isinstance(column.type, Integer)
                assert {key.target_fullname for key in column.foreign_keys} == {
                    "concept.concept_id"
                }
