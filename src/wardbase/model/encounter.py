"""Contacts between a patient and those who give care: visits, stays, calls."""

from wardbase.model.datatype import identifiers
from wardbase.model.field import (
    ADMINISTRATIVE,
    CLINICAL,
    IDENTIFYING,
    Code,
    Coding,
    Concept,
    Group,
    Mask,
    Reference,
    String,
    Whole,
    one_of,
    period,
    quantity,
)
from wardbase.model.shared import STAFF, patient_of
from wardbase.model.table import child, resource

encounter = resource(
    "Encounter",
    "One row per visit, stay, call or other contact of a patient with those who give care.",
    Code(
        "status",
        "How far it is.",
        ADMINISTRATIVE,
        rule=one_of(
            "planned",
            "arrived",
            "triaged",
            "in-progress",
            "onleave",
            "finished",
            "cancelled",
            "entered-in-error",
            "unknown",
        ),
    ),
    Coding("class", "Ambulatory, inpatient, emergency, home, virtual, ...", ADMINISTRATIVE),
    Concept("type", "What kind of encounter.", CLINICAL),
    Concept("serviceType", "The service given, such as cardiology.", CLINICAL),
    Concept("priority", "How urgent it was.", CLINICAL),
    patient_of(),
    Reference("basedOn", "The request that led to it.", CLINICAL, targets=("service_request",)),
    period("period", "When it took place."),
    quantity("length", "How long it took, without leaves.", "length"),
    Concept("reasonCode", "Why it took place.", CLINICAL, "reason_id"),
    Reference(
        "reasonReference",
        "The condition, procedure or finding for which it took place.",
        CLINICAL,
        "because_id",
        targets=("condition", "procedure", "observation"),
    ),
    Group(
        "hospitalization",
        (
            Group(
                "preAdmissionIdentifier",
                (
                    Code(
                        "system",
                        "The namespace of the pre-admission number, as a uri.",
                        ADMINISTRATIVE,
                        "pre_admission_system",
                    ),
                    String(
                        "value",
                        "The number given before admission.",
                        IDENTIFYING,
                        "pre_admission_number",
                        Mask.REPLACED,
                    ),
                ),
            ),
            Reference(
                "origin",
                "Where the patient came from.",
                ADMINISTRATIVE,
                targets=("location", "organization"),
            ),
            Concept(
                "admitSource", "From where admitted: by physician, transfer, ...", ADMINISTRATIVE
            ),
            Concept(
                "reAdmission", "Whether and how it is a readmission.", CLINICAL, "readmission_id"
            ),
            Concept("dietPreference", "Diet the patient asked for.", CLINICAL, "diet_id"),
            Concept(
                "specialCourtesy",
                "Courtesies to extend, such as VIP.",
                ADMINISTRATIVE,
                "courtesy_id",
            ),
            Concept(
                "specialArrangement",
                "Wheelchair, translator, stretcher, ...",
                CLINICAL,
                "arrangement_id",
            ),
            Reference(
                "destination",
                "Where the patient went.",
                ADMINISTRATIVE,
                targets=("location", "organization"),
            ),
            Concept(
                "dischargeDisposition", "How and to what the patient was discharged.", CLINICAL
            ),
        ),
    ),
    Reference(
        "serviceProvider",
        "The organization responsible for it.",
        ADMINISTRATIVE,
        targets=("organization",),
    ),
    Reference("partOf", "The encounter it is part of.", ADMINISTRATIVE, targets=("encounter",)),
    sensitivity=CLINICAL,
    indexes=(
        ("patient_id", "started_at"),
        ("class_id", "patient_id", "started_at"),
    ),
)
identifiers(encounter)

encounter_participant = child(
    encounter,
    "participant",
    "One row per person who had a part in the encounter.",
    Concept("type", "What part: primary performer, attender, referrer, ...", ADMINISTRATIVE),
    period("period", "When the person took part."),
    Reference("individual", "Who took part.", IDENTIFYING, targets=STAFF),
)

encounter_location = child(
    encounter,
    "location",
    "One row per place the patient was in during the encounter.",
    Reference("location", "The place.", ADMINISTRATIVE, targets=("location",)),
    Code(
        "status",
        "Whether the patient is to come, is there, or was there.",
        ADMINISTRATIVE,
        rule=one_of("planned", "active", "reserved", "completed"),
    ),
    Concept("physicalType", "Ward, room, bed, ...", ADMINISTRATIVE),
    period("period", "When the patient was there."),
)

encounter_diagnosis = child(
    encounter,
    "diagnosis",
    "One row per diagnosis or procedure that the encounter was about.",
    Reference(
        "condition", "The diagnosis or procedure.", CLINICAL, targets=("condition", "procedure")
    ),
    Concept("use", "Its role: admission, discharge, chief complaint, ...", CLINICAL),
    Whole("rank", "Its rank among those of the same role, 1 first.", CLINICAL),
)
