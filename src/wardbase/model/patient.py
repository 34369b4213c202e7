"""The patient, and what repeats in one: names, addresses, contacts."""

from wardbase.model.datatype import addresses, identifiers, names, telecoms
from wardbase.model.field import (
    ADMINISTRATIVE,
    CLINICAL,
    CONTACT,
    IDENTIFYING,
    QUASI,
    Code,
    Coding,
    Concept,
    Day,
    Decimal,
    Extension,
    Extensions,
    Flag,
    Group,
    Mask,
    Moment,
    Reference,
    String,
    Whole,
    one_of,
    period,
)
from wardbase.model.table import child, resource

_HL7 = "http://hl7.org/fhir/StructureDefinition/"
_US = "http://hl7.org/fhir/us/core/StructureDefinition/"
_SYNTHEA = "http://synthetichealth.github.io/synthea/"

patient = resource(
    "Patient",
    "One row per person cared for, as one sender knows them.",
    Extensions(
        (
            Extension(
                _US + "us-core-race",
                (
                    Extension(
                        "ombCategory",
                        (
                            Coding(
                                "valueCoding",
                                "Race, of the five categories of US statistics.",
                                QUASI,
                                "race_id",
                            ),
                        ),
                    ),
                    Extension("text", (String("valueString", "Race, in words.", QUASI, "race"),)),
                ),
            ),
            Extension(
                _US + "us-core-ethnicity",
                (
                    Extension(
                        "ombCategory",
                        (
                            Coding(
                                "valueCoding",
                                "Ethnicity, of the two categories of US statistics.",
                                QUASI,
                                "ethnicity_id",
                            ),
                        ),
                    ),
                    Extension(
                        "text", (String("valueString", "Ethnicity, in words.", QUASI, "ethnicity"),)
                    ),
                ),
            ),
            Extension(
                _HL7 + "patient-mothersMaidenName",
                (
                    String(
                        "valueString",
                        "The mother's name at birth.",
                        IDENTIFYING,
                        "mothers_maiden_name",
                        Mask.RANDOM_NAME,
                    ),
                ),
            ),
            Extension(
                _US + "us-core-birthsex",
                (Code("valueCode", "Sex noted at birth.", QUASI, "birth_sex"),),
            ),
            Extension(
                _HL7 + "patient-birthPlace",
                (
                    Group(
                        "valueAddress",
                        (
                            String("city", "City of birth.", QUASI, "birth_city", Mask.SHUFFLED),
                            String("state", "State of birth.", QUASI, "birth_state", Mask.SHUFFLED),
                            String("country", "Country of birth.", QUASI, "birth_country"),
                        ),
                    ),
                ),
            ),
            Extension(
                _SYNTHEA + "disability-adjusted-life-years",
                (
                    Decimal(
                        "valueDecimal",
                        "Disability-adjusted life years, as Synthea has them.",
                        CLINICAL,
                        "daly",
                    ),
                ),
            ),
            Extension(
                _SYNTHEA + "quality-adjusted-life-years",
                (
                    Decimal(
                        "valueDecimal",
                        "Quality-adjusted life years, as Synthea has them.",
                        CLINICAL,
                        "qaly",
                    ),
                ),
            ),
        )
    ),
    Flag("active", "Whether the record is in use.", ADMINISTRATIVE),
    Code(
        "gender", "Administrative gender.", QUASI, rule=one_of("male", "female", "other", "unknown")
    ),
    Day("birthDate", "Date of birth.", IDENTIFYING, "birth_on"),
    Flag(
        "deceasedBoolean",
        "Whether the patient has died, where no date is known.",
        CLINICAL,
        "is_deceased",
    ),
    Moment("deceasedDateTime", "When the patient died.", IDENTIFYING, "deceased_at"),
    Concept("maritalStatus", "Marital status.", QUASI),
    Flag("multipleBirthBoolean", "Whether born with others.", QUASI, "is_multiple_birth"),
    Whole("multipleBirthInteger", "Place in the order of a multiple birth.", QUASI, "birth_order"),
    Reference(
        "generalPractitioner",
        "The patient's chosen primary care provider.",
        ADMINISTRATIVE,
        targets=("practitioner", "practitioner_role", "organization"),
    ),
    Reference(
        "managingOrganization", "Whose record it is.", ADMINISTRATIVE, targets=("organization",)
    ),
    sensitivity=IDENTIFYING,
    indexes=(("birth_on",), ("id",)),
)
identifiers(patient)
names(patient)
telecoms(patient)
addresses(patient)

patient_contact = child(
    patient,
    "contact",
    "One row per person to turn to about the patient.",
    Group(
        "name",
        (
            String("family", "Family name.", IDENTIFYING, "family", Mask.RANDOM_NAME),
            String("text", "The whole name, as written.", IDENTIFYING, "name", Mask.RANDOM_NAME),
        ),
    ),
    Group(
        "telecom",
        (
            Code("system", "phone, email, ...", ADMINISTRATIVE, "telecom_system"),
            String("value", "The number or address.", CONTACT, "telecom", Mask.REPLACED),
            Code("use", "home, work, ...", ADMINISTRATIVE, "telecom_use"),
        ),
    ),
    Concept("relationship", "What the person is to the patient.", QUASI),
    Code("gender", "Administrative gender.", QUASI),
    Reference(
        "organization",
        "The organization the person acts for.",
        ADMINISTRATIVE,
        targets=("organization",),
    ),
    period("period", "When the contact holds.", ADMINISTRATIVE),
)

patient_communication = child(
    patient,
    "communication",
    "One row per language to speak with the patient in.",
    Concept("language", "The language.", QUASI),
    Flag("preferred", "Whether the patient prefers it.", ADMINISTRATIVE),
)

patient_link = child(
    patient,
    "link",
    "One row per other record of the same person.",
    Reference("other", "The other record.", ADMINISTRATIVE, targets=("patient",)),
    Code(
        "type",
        "replaced-by, replaces, refer or seealso.",
        ADMINISTRATIVE,
        rule=one_of("replaced-by", "replaces", "refer", "seealso"),
    ),
)
