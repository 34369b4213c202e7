"""Documents about patients, and where what is recorded came from."""

from wardbase.model.datatype import identifiers, reference_list
from wardbase.model.field import (
    ADMINISTRATIVE,
    CLINICAL,
    FREE_TEXT,
    IDENTIFYING,
    Code,
    Coding,
    Concept,
    Group,
    Mask,
    Moment,
    Reference,
    String,
    attachment,
    one_of,
    period,
)
from wardbase.model.shared import ACTORS, ANYONE, encounter_of, patient_of
from wardbase.model.table import child, resource

document_reference = resource(
    "DocumentReference",
    "One row per document about a patient.",
    Group(
        "masterIdentifier",
        (
            Code(
                "system",
                "The namespace of the document's number, as a uri.",
                ADMINISTRATIVE,
                "master_system",
            ),
            String(
                "value",
                "The number of this version of the document.",
                IDENTIFYING,
                "master_number",
                Mask.REPLACED,
            ),
        ),
    ),
    Code(
        "status",
        "Whether the entry is the current one.",
        ADMINISTRATIVE,
        rule=one_of("current", "superseded", "entered-in-error"),
    ),
    Code(
        "docStatus",
        "How final the document is.",
        CLINICAL,
        "document_status",
        rule=one_of("preliminary", "final", "amended", "entered-in-error"),
    ),
    Concept("type", "What kind of document.", CLINICAL),
    Concept("category", "A wider kind: clinical note, ...", CLINICAL),
    patient_of(),
    Moment("date", "When the entry was made.", CLINICAL, "entered_at"),
    Reference("authenticator", "Who vouches for it.", IDENTIFYING, targets=ACTORS),
    Reference("custodian", "Who keeps it.", ADMINISTRATIVE, targets=("organization",)),
    Group(
        "relatesTo",
        (
            Code(
                "code",
                "What it does to another document.",
                CLINICAL,
                "relates_how",
                rule=one_of("replaces", "transforms", "signs", "appends"),
            ),
            Reference(
                "target",
                "The other document.",
                CLINICAL,
                "relates_to_id",
                targets=("document_reference",),
            ),
        ),
    ),
    String("description", "The document, in words.", FREE_TEXT, mask=Mask.REDACTED),
    Concept("securityLabel", "How confidential it is.", ADMINISTRATIVE),
    Group(
        "context",
        (
            encounter_of(),
            Concept("event", "What was done that it tells of.", CLINICAL),
            period("period", "When what it tells of was done."),
            Concept("facilityType", "In what kind of place.", ADMINISTRATIVE),
            Concept("practiceSetting", "In what specialty.", CLINICAL),
        ),
    ),
    sensitivity=CLINICAL,
    indexes=(("patient_id", "entered_at"), ("encounter_id",)),
)
identifiers(document_reference)
reference_list(
    document_reference,
    "author",
    "One row per author of the document.",
    "Who wrote it.",
    "author_id",
    ANYONE,
    IDENTIFYING,
)
child(
    document_reference,
    "content",
    "One row per form in which the document is there.",
    attachment("attachment", "The document.", "document"),
    Coding("format", "How its content is laid out.", ADMINISTRATIVE),
)

provenance = resource(
    "Provenance",
    "One row per act by which records were made or changed.",
    Moment("occurredDateTime", "When it was done.", CLINICAL, "occurred_at"),
    period("occurredPeriod", "When it was done."),
    Moment("recorded", "When it was written down.", ADMINISTRATIVE),
    Reference("location", "Where it was done.", ADMINISTRATIVE, targets=("location",)),
    Concept("reason", "Why it was done.", ADMINISTRATIVE),
    Concept("activity", "What was done.", ADMINISTRATIVE),
    Group(
        "entity",
        (
            Code(
                "role",
                "How a source was used.",
                ADMINISTRATIVE,
                "source_role",
                rule=one_of("derivation", "revision", "quotation", "source", "removal"),
            ),
            Reference(
                "what", "The source.", CLINICAL, "source_id", targets=("document_reference",)
            ),
        ),
    ),
    sensitivity=CLINICAL,
)
# Every kind of record has a key of its own: a provenance names all the records of a patient, each
# of them once, so that their texts would fill the dictionary of references.
reference_list(
    provenance,
    "target",
    "One row per record that was made or changed.",
    "The record.",
    "target_id",
    (
        "patient",
        "encounter",
        "condition",
        "allergy_intolerance",
        "goal",
        "care_team",
        "care_plan",
        "device",
        "procedure",
        "supply_delivery",
        "service_request",
        "specimen",
        "observation",
        "imaging_study",
        "diagnostic_report",
        "medication",
        "medication_request",
        "medication_administration",
        "immunization",
        "coverage",
        "claim",
        "explanation_of_benefit",
        "document_reference",
    ),
)
child(
    provenance,
    "agent",
    "One row per person, organization or system that had a part in it.",
    Concept("type", "What part: author, transmitter, ...", ADMINISTRATIVE),
    Concept("role", "In what function.", ADMINISTRATIVE),
    Reference("who", "Who had the part.", IDENTIFYING, targets=(*ANYONE, "device")),
    Reference(
        "onBehalfOf", "For whom.", ADMINISTRATIVE, "on_behalf_of_id", targets=("organization",)
    ),
)
