"""Medicines: what they are, prescribing and giving them, vaccinating."""

from wardbase.model.datatype import coded_list, identifiers, reference_list
from wardbase.model.field import (
    ADMINISTRATIVE,
    CLINICAL,
    FREE_TEXT,
    IDENTIFYING,
    Code,
    Concept,
    Day,
    Decimal,
    Flag,
    Group,
    Mask,
    Moment,
    Reference,
    String,
    Whole,
    one_of,
    period,
    quantity,
    range_,
)
from wardbase.model.shared import ACTORS, ANYONE, STAFF, encounter_of, patient_of, remark
from wardbase.model.table import child, resource


def _ratio(element: str, says: str, column: str) -> Group:
    return Group(
        element,
        (
            quantity("numerator", f"{says} The upper number.", f"{column}_numerator"),
            quantity("denominator", f"{says} The lower number.", f"{column}_denominator"),
        ),
    )


medication = resource(
    "Medication",
    "One row per medicine, package or mixture.",
    Concept("code", "The medicine.", CLINICAL),
    Code(
        "status",
        "Whether it is in use.",
        ADMINISTRATIVE,
        rule=one_of("active", "inactive", "entered-in-error"),
    ),
    Reference("manufacturer", "Who made it.", ADMINISTRATIVE, targets=("organization",)),
    Concept("form", "Tablet, capsule, syrup, ...", CLINICAL),
    _ratio("amount", "How much is in a package.", "amount"),
    Group(
        "batch",
        (
            String("lotNumber", "The lot it was made in.", ADMINISTRATIVE),
            Moment("expirationDate", "Until when it may be used.", ADMINISTRATIVE, "expires_at"),
        ),
    ),
    sensitivity=CLINICAL,
)

medication_ingredient = child(
    medication,
    "ingredient",
    "One row per ingredient of a medicine.",
    Concept("itemCodeableConcept", "The ingredient.", CLINICAL, "item_id"),
    Reference(
        "itemReference",
        "The medicine that is the ingredient.",
        CLINICAL,
        "ingredient_id",
        targets=("medication",),
    ),
    Flag("isActive", "Whether it has the effect.", CLINICAL),
    _ratio("strength", "How much of it.", "strength"),
)

medication_request = resource(
    "MedicationRequest",
    "One row per prescription or order of a medicine for a patient.",
    Code(
        "status",
        "How far it is.",
        CLINICAL,
        rule=one_of(
            "active",
            "on-hold",
            "cancelled",
            "completed",
            "entered-in-error",
            "stopped",
            "draft",
            "unknown",
        ),
    ),
    Concept("statusReason", "Why it is in its status.", CLINICAL),
    Code(
        "intent",
        "Whether it is proposed, planned or ordered.",
        CLINICAL,
        rule=one_of(
            "proposal",
            "plan",
            "order",
            "original-order",
            "reflex-order",
            "filler-order",
            "instance-order",
            "option",
        ),
    ),
    Concept("category", "Inpatient, outpatient, community, discharge.", CLINICAL),
    Code(
        "priority",
        "How urgent it is.",
        CLINICAL,
        rule=one_of("routine", "urgent", "asap", "stat"),
    ),
    Flag("doNotPerform", "Whether it is not to be given.", CLINICAL),
    Flag(
        "reportedBoolean",
        "Whether it is told by another, not ordered here.",
        CLINICAL,
        "is_reported",
    ),
    Concept("medicationCodeableConcept", "The medicine.", CLINICAL, "medication_code_id"),
    Reference(
        "medicationReference",
        "The medicine, where it is described apart.",
        CLINICAL,
        "medication_id",
        targets=("medication",),
    ),
    patient_of(),
    encounter_of(),
    Moment("authoredOn", "When it was written.", CLINICAL, "authored_at"),
    Reference("requester", "Who prescribes.", IDENTIFYING, targets=ANYONE),
    Reference("performer", "Who should give it.", IDENTIFYING, targets=ACTORS),
    Reference("recorder", "Who entered it.", IDENTIFYING, targets=STAFF),
    Reference(
        "basedOn",
        "What it carries out.",
        CLINICAL,
        targets=("care_plan", "medication_request", "service_request"),
    ),
    Group(
        "groupIdentifier",
        (
            Code(
                "system",
                "The namespace of the prescription number, as a uri.",
                ADMINISTRATIVE,
                "prescription_system",
            ),
            String(
                "value",
                "The number shared by all that was prescribed at once.",
                IDENTIFYING,
                "prescription_number",
                Mask.REPLACED,
            ),
        ),
    ),
    Concept("courseOfTherapyType", "Continuous, acute, seasonal.", CLINICAL, "course_id"),
    remark(),
    Group(
        "dispenseRequest",
        (
            period(
                "validityPeriod",
                "When it may be dispensed.",
                CLINICAL,
                "valid_from_at",
                "valid_to_at",
            ),
            Whole(
                "numberOfRepeatsAllowed", "How many refills are allowed.", CLINICAL, "refill_count"
            ),
            quantity("quantity", "How much to dispense each time.", "dispense_quantity"),
            quantity("expectedSupplyDuration", "How long that should last.", "supply_duration"),
            Reference(
                "performer",
                "The pharmacy that should dispense.",
                ADMINISTRATIVE,
                "dispenser_id",
                targets=("organization",),
            ),
        ),
    ),
    Group(
        "substitution",
        (
            Flag(
                "allowedBoolean",
                "Whether another product may be given.",
                CLINICAL,
                "substitution_allowed",
            ),
            Concept(
                "allowedCodeableConcept",
                "What may be given instead, by kind.",
                CLINICAL,
                "substitution_id",
            ),
            Concept("reason", "Why, or why not.", CLINICAL, "substitution_reason_id"),
        ),
    ),
    Reference(
        "priorPrescription",
        "The prescription it takes the place of.",
        CLINICAL,
        targets=("medication_request",),
    ),
    sensitivity=CLINICAL,
    indexes=(
        ("patient_id", "authored_at"),
        ("medication_code_id", "authored_at"),
        ("encounter_id",),
    ),
)
identifiers(medication_request)
reference_list(
    medication_request,
    "reasonReference",
    "One row per condition or finding for which the medicine is prescribed.",
    "The condition or finding.",
    "because_id",
    ("condition", "observation"),
)
coded_list(
    medication_request,
    "reasonCode",
    "One row per reason for which the medicine is prescribed, as a code.",
    "The reason.",
    "reason_id",
)

medication_request_dosage = child(
    medication_request,
    "dosageInstruction",
    "One row per instruction on how to take the medicine.",
    Whole("sequence", "Its place in the order of instructions; equal: at the same time.", CLINICAL),
    String("text", "The instruction, in words.", FREE_TEXT, mask=Mask.REDACTED),
    Concept(
        "additionalInstruction", "What to heed, such as: with meals.", CLINICAL, "additional_id"
    ),
    String("patientInstruction", "What the patient is told.", FREE_TEXT, mask=Mask.REDACTED),
    Group(
        "timing",
        (
            Group(
                "repeat",
                (
                    period(
                        "boundsPeriod", "When to take it.", CLINICAL, "take_from_at", "take_to_at"
                    ),
                    Whole("count", "How many times in all.", CLINICAL, "times"),
                    Whole("frequency", "How many times in each period.", CLINICAL),
                    Whole("frequencyMax", "At most how many times in each period.", CLINICAL),
                    Decimal(
                        "period",
                        "How long the period is, in period_unit.",
                        CLINICAL,
                        "period_length",
                    ),
                    Decimal(
                        "periodMax",
                        "At most how long the period is.",
                        CLINICAL,
                        "period_length_max",
                    ),
                    Code(
                        "periodUnit",
                        "Unit of the period: s, min, h, d, wk, mo or a (year).",
                        CLINICAL,
                        rule=one_of("s", "min", "h", "d", "wk", "mo", "a"),
                    ),
                ),
            ),
            Concept("code", "When to take it, as a code, such as BID.", CLINICAL, "timing_id"),
        ),
    ),
    Flag("asNeededBoolean", "Whether to take it only as needed.", CLINICAL, "as_needed"),
    Concept(
        "asNeededCodeableConcept", "When it is needed, such as pain.", CLINICAL, "needed_for_id"
    ),
    Concept("site", "Where in or on the body.", CLINICAL),
    Concept("route", "How it enters the body.", CLINICAL),
    Concept("method", "How to take it: swallow, inject, rub in, ...", CLINICAL),
    Group(
        "doseAndRate",
        (
            Concept("type", "Ordered or calculated.", CLINICAL, "dose_type_id"),
            quantity("doseQuantity", "How much each time.", "dose"),
            range_("doseRange", "How much each time, from and to.", "dose_range"),
            quantity("rateQuantity", "How fast.", "rate"),
        ),
    ),
    name="dosage",
)

medication_administration = resource(
    "MedicationAdministration",
    "One row per time a medicine was given to a patient, or not given.",
    Code(
        "status",
        "How far it is.",
        CLINICAL,
        rule=one_of(
            "in-progress",
            "not-done",
            "on-hold",
            "completed",
            "entered-in-error",
            "stopped",
            "unknown",
        ),
    ),
    Concept("statusReason", "Why it was not given.", CLINICAL),
    Concept("category", "Inpatient, outpatient or community.", CLINICAL),
    Concept("medicationCodeableConcept", "The medicine.", CLINICAL, "medication_code_id"),
    Reference(
        "medicationReference",
        "The medicine, where it is described apart.",
        CLINICAL,
        "medication_id",
        targets=("medication",),
    ),
    patient_of(),
    encounter_of("context"),
    Moment("effectiveDateTime", "When it was given.", CLINICAL, "given_at"),
    period("effectivePeriod", "When it was given.", CLINICAL),
    Group(
        "performer",
        (
            Concept("function", "What that person did.", CLINICAL, "performer_function_id"),
            Reference(
                "actor",
                "Who gave it.",
                IDENTIFYING,
                "performer_id",
                targets=(*STAFF, "patient", "device"),
            ),
        ),
    ),
    Concept("reasonCode", "Why.", CLINICAL, "reason_id"),
    Reference(
        "reasonReference",
        "The condition or finding for which it was given.",
        CLINICAL,
        "because_id",
        targets=("condition", "observation", "diagnostic_report"),
    ),
    Reference(
        "request", "The prescription it carries out.", CLINICAL, targets=("medication_request",)
    ),
    remark(),
    Group(
        "dosage",
        (
            String("text", "The dosage, in words.", FREE_TEXT, "dosage", Mask.REDACTED),
            Concept("site", "Where in or on the body.", CLINICAL),
            Concept("route", "How it entered the body.", CLINICAL),
            Concept("method", "How it was given.", CLINICAL),
            quantity("dose", "How much was given.", "dose"),
            quantity("rateQuantity", "How fast it was given.", "rate"),
        ),
    ),
    sensitivity=CLINICAL,
    indexes=(("patient_id", "given_at"),),
)

immunization = resource(
    "Immunization",
    "One row per vaccine given to a patient, or not given.",
    Code(
        "status",
        "Whether it was given.",
        CLINICAL,
        rule=one_of("completed", "entered-in-error", "not-done"),
    ),
    Concept("statusReason", "Why it was not given.", CLINICAL),
    Concept("vaccineCode", "The vaccine.", CLINICAL, "vaccine_id"),
    patient_of("patient"),
    encounter_of(),
    Moment("occurrenceDateTime", "When it was given.", CLINICAL, "given_at"),
    String("occurrenceString", "When it was given, in words.", FREE_TEXT, "given", Mask.REDACTED),
    Moment("recorded", "When it was first recorded.", CLINICAL),
    Flag("primarySource", "Whether told by those who gave it.", CLINICAL),
    Concept("reportOrigin", "Who told it, where they did not give it.", CLINICAL),
    Reference("location", "Where it was given.", ADMINISTRATIVE, targets=("location",)),
    Reference("manufacturer", "Who made the vaccine.", ADMINISTRATIVE, targets=("organization",)),
    String("lotNumber", "The lot of the vaccine.", CLINICAL),
    Day("expirationDate", "Until when the vaccine may be used.", CLINICAL, "expires_on"),
    Concept("site", "Where in the body.", CLINICAL),
    Concept("route", "How it entered the body.", CLINICAL),
    quantity("doseQuantity", "How much was given.", "dose"),
    Group(
        "performer",
        (
            Concept(
                "function",
                "What that person did: ordered, gave.",
                CLINICAL,
                "performer_function_id",
            ),
            Reference(
                "actor", "Who ordered or gave it.", IDENTIFYING, "performer_id", targets=ACTORS
            ),
        ),
    ),
    remark(),
    Concept("reasonCode", "Why.", CLINICAL, "reason_id"),
    Flag("isSubpotent", "Whether the dose was too weak to count.", CLINICAL),
    Concept(
        "programEligibility",
        "The vaccination programme the patient is eligible for.",
        ADMINISTRATIVE,
        "program_id",
    ),
    Concept("fundingSource", "Who pays for the vaccine.", ADMINISTRATIVE, "funding_id"),
    Group(
        "reaction",
        (
            Moment("date", "When a reaction began.", CLINICAL, "reacted_at"),
            Reference("detail", "The reaction.", CLINICAL, "reaction_id", targets=("observation",)),
            Flag(
                "reported",
                "Whether the patient told of the reaction.",
                CLINICAL,
                "reaction_is_reported",
            ),
        ),
    ),
    Group(
        "protocolApplied",
        (
            String("series", "The series it is part of.", CLINICAL),
            Concept("targetDisease", "The disease it protects from.", CLINICAL),
            Whole(
                "doseNumberPositiveInt", "Which dose of the series it is.", CLINICAL, "dose_number"
            ),
            String(
                "doseNumberString",
                "Which dose of the series it is, in words.",
                CLINICAL,
                "dose_label",
            ),
            Whole(
                "seriesDosesPositiveInt", "How many doses the series has.", CLINICAL, "series_doses"
            ),
        ),
    ),
    sensitivity=CLINICAL,
    indexes=(("patient_id", "given_at"),),
)
