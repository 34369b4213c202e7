"""What is asked for and found: requests, specimens, observations, images, reports."""

from wardbase.model.datatype import identifiers, notes, reference_list
from wardbase.model.field import (
    ADMINISTRATIVE,
    CLINICAL,
    FREE_TEXT,
    IDENTIFYING,
    Code,
    Coding,
    Concept,
    Field,
    Flag,
    Group,
    Mask,
    Moment,
    Reference,
    String,
    Whole,
    attachment,
    one_of,
    period,
    quantity,
    range_,
)
from wardbase.model.shared import ACTORS, ANYONE, STAFF, encounter_of, patient_of, remark
from wardbase.model.table import Child, Resource, child, resource


def _value() -> tuple[Field, ...]:
    return (
        quantity("valueQuantity", "The value, as a quantity.", "value"),
        Concept("valueCodeableConcept", "The value, as a code.", CLINICAL, "value_id"),
        # its own stem: `value_text` is the text of `value_id`
        String("valueString", "The value, in words.", FREE_TEXT, "value_string", Mask.REDACTED),
        Flag("valueBoolean", "The value, as yes or no.", CLINICAL, "value_flag"),
        Whole("valueInteger", "The value, as a count.", CLINICAL, "value_count"),
        range_("valueRange", "The value, as a range.", "value_range"),
        Moment("valueDateTime", "The value, as a time.", CLINICAL, "value_at"),
        period("valuePeriod", "The value, as a span.", CLINICAL, "value_from_at", "value_to_at"),
        Concept("dataAbsentReason", "Why there is no value.", CLINICAL, "absent_reason_id"),
        Concept("interpretation", "High, low, normal, resistant, ...", CLINICAL),
    )


def _reference_ranges(of: Resource) -> Child:
    return child(
        of,
        "referenceRange",
        "One row per range to judge the value by.",
        quantity("low", "The lowest usual value.", "low"),
        quantity("high", "The highest usual value.", "high"),
        Concept("type", "Normal, recommended, therapeutic, ...", CLINICAL),
        Concept("appliesTo", "For whom it holds.", CLINICAL),
        range_("age", "At which ages it holds.", "age"),
        String("text", "The range, as printed.", CLINICAL),
    )


service_request = resource(
    "ServiceRequest",
    "One row per test, procedure or service asked for.",
    Reference(
        "basedOn",
        "What it carries out.",
        CLINICAL,
        targets=("service_request", "care_plan", "medication_request"),
    ),
    Group(
        "requisition",
        (
            Code(
                "system",
                "The namespace of the requisition number, as a uri.",
                ADMINISTRATIVE,
                "requisition_system",
            ),
            String(
                "value",
                "The number shared by all that was asked for at once.",
                IDENTIFYING,
                "requisition",
                Mask.REPLACED,
            ),
        ),
    ),
    Code(
        "status",
        "How far it is.",
        CLINICAL,
        rule=one_of(
            "draft", "active", "on-hold", "revoked", "completed", "entered-in-error", "unknown"
        ),
    ),
    Code(
        "intent",
        "Whether it is proposed, planned or ordered.",
        CLINICAL,
        rule=one_of(
            "proposal",
            "plan",
            "directive",
            "order",
            "original-order",
            "reflex-order",
            "filler-order",
            "instance-order",
            "option",
        ),
    ),
    Concept("category", "Laboratory, imaging, counselling, ...", CLINICAL),
    Code(
        "priority",
        "How urgent it is.",
        CLINICAL,
        rule=one_of("routine", "urgent", "asap", "stat"),
    ),
    Flag("doNotPerform", "Whether it is not to be done.", CLINICAL),
    Concept("code", "What is asked for.", CLINICAL),
    Concept("orderDetail", "How to do it.", CLINICAL),
    quantity("quantityQuantity", "How much is asked for.", "quantity"),
    patient_of(),
    encounter_of(),
    Moment("occurrenceDateTime", "When to do it.", CLINICAL, "due_at"),
    period("occurrencePeriod", "When to do it.", CLINICAL, "due_from_at", "due_to_at"),
    Flag("asNeededBoolean", "Whether to do it only as needed.", CLINICAL, "as_needed"),
    Concept("asNeededCodeableConcept", "When it is needed.", CLINICAL, "needed_for_id"),
    Moment("authoredOn", "When it was asked for.", CLINICAL, "authored_at"),
    Reference("requester", "Who asks.", IDENTIFYING, targets=ANYONE),
    Concept("performerType", "Who should do it, by kind.", ADMINISTRATIVE),
    Reference("performer", "Who should do it.", IDENTIFYING, targets=ACTORS),
    Concept("locationCode", "Where to do it, by kind.", ADMINISTRATIVE, "place_id"),
    Reference(
        "locationReference", "Where to do it.", ADMINISTRATIVE, "location_id", targets=("location",)
    ),
    Concept("reasonCode", "Why.", CLINICAL, "reason_id"),
    Reference(
        "reasonReference",
        "The condition or finding for which it is asked.",
        CLINICAL,
        "because_id",
        targets=("condition", "observation", "diagnostic_report"),
    ),
    Reference("specimen", "What to do it on.", CLINICAL, targets=("specimen",)),
    Concept("bodySite", "Where in the body.", CLINICAL),
    remark(),
    String("patientInstruction", "What the patient is told.", FREE_TEXT, mask=Mask.REDACTED),
    sensitivity=CLINICAL,
    indexes=(("patient_id", "authored_at"),),
)
identifiers(service_request)

specimen = resource(
    "Specimen",
    "One row per sample taken from a patient.",
    Group(
        "accessionIdentifier",
        (
            Code(
                "system",
                "The namespace of the accession number, as a uri.",
                ADMINISTRATIVE,
                "accession_system",
            ),
            String(
                "value",
                "The number the laboratory gave it.",
                IDENTIFYING,
                "accession",
                Mask.REPLACED,
            ),
        ),
    ),
    Code(
        "status",
        "Whether it can be used.",
        CLINICAL,
        rule=one_of("available", "unavailable", "unsatisfactory", "entered-in-error"),
    ),
    Concept("type", "Blood, urine, swab, tissue, ...", CLINICAL),
    patient_of(),
    Moment("receivedTime", "When the laboratory received it.", CLINICAL, "received_at"),
    Reference("parent", "The specimen it was made from.", CLINICAL, targets=("specimen",)),
    Reference("request", "The request it was taken for.", CLINICAL, targets=("service_request",)),
    Group(
        "collection",
        (
            Reference("collector", "Who took it.", IDENTIFYING, targets=STAFF),
            Moment("collectedDateTime", "When it was taken.", CLINICAL, "collected_at"),
            period(
                "collectedPeriod",
                "When it was taken.",
                CLINICAL,
                "collected_from_at",
                "collected_to_at",
            ),
            quantity("quantity", "How much was taken.", "quantity"),
            Concept("method", "How it was taken.", CLINICAL),
            Concept("bodySite", "Where in the body.", CLINICAL),
            Concept(
                "fastingStatusCodeableConcept",
                "Whether the patient had fasted.",
                CLINICAL,
                "fasting_id",
            ),
        ),
    ),
    Group(
        "container",
        (
            Concept("type", "The kind of tube, cup, slide, ...", CLINICAL, "container_id"),
            String(
                "description", "The tube or cup, in words.", FREE_TEXT, "container", Mask.REDACTED
            ),
            quantity("specimenQuantity", "How much is in the container.", "contained"),
            Concept(
                "additiveCodeableConcept", "What was added, such as EDTA.", CLINICAL, "additive_id"
            ),
        ),
    ),
    Concept("condition", "In what state it is: haemolysed, clotted, ...", CLINICAL),
    remark(),
    sensitivity=CLINICAL,
    indexes=(("patient_id", "collected_at"),),
)
identifiers(specimen)

observation = resource(
    "Observation",
    "One row per measurement, test result, answer or other finding.",
    Reference("basedOn", "The request for it.", CLINICAL, targets=("service_request",)),
    Reference(
        "partOf",
        "The act it was made in.",
        CLINICAL,
        targets=("procedure", "immunization", "imaging_study"),
    ),
    Code(
        "status",
        "How final it is.",
        CLINICAL,
        rule=one_of(
            "registered",
            "preliminary",
            "final",
            "amended",
            "corrected",
            "cancelled",
            "entered-in-error",
            "unknown",
        ),
    ),
    Concept("category", "Vital signs, laboratory, survey, social history, ...", CLINICAL),
    Concept("code", "What was observed.", CLINICAL),
    patient_of(),
    encounter_of(),
    Moment("effectiveDateTime", "The time it holds for.", CLINICAL, "effective_at"),
    period(
        "effectivePeriod",
        "The span it holds for.",
        CLINICAL,
        "effective_from_at",
        "effective_to_at",
    ),
    Moment("issued", "When it was made known.", CLINICAL),
    Reference("performer", "Who answers for it.", IDENTIFYING, targets=ANYONE),
    *_value(),
    Concept("bodySite", "Where in the body.", CLINICAL),
    Concept("method", "How it was done.", CLINICAL),
    Reference("specimen", "What it was done on.", CLINICAL, targets=("specimen",)),
    Reference("device", "What it was measured with.", CLINICAL, targets=("device",)),
    sensitivity=CLINICAL,
    indexes=(
        ("patient_id", "effective_at"),
        ("code_id", "patient_id", "effective_at"),
        ("effective_at",),
        ("encounter_id",),
    ),
)
notes(observation)
_reference_ranges(observation)
reference_list(
    observation,
    "hasMember",
    "One row per observation that belongs to this panel.",
    "The observation or report in the panel.",
    "member_id",
    ("observation",),
    name="member",
)
reference_list(
    observation,
    "derivedFrom",
    "One row per thing it was worked out from.",
    "What it was worked out from.",
    "source_id",
    ("observation", "document_reference", "imaging_study"),
    name="source",
)

observation_component = child(
    observation,
    "component",
    "One row per part of an observation, such as systolic and diastolic.",
    Concept("code", "What was observed.", CLINICAL),
    *_value(),
)

imaging_study = resource(
    "ImagingStudy",
    "One row per imaging study.",
    Code(
        "status",
        "How far it is.",
        CLINICAL,
        rule=one_of("registered", "available", "cancelled", "entered-in-error", "unknown"),
    ),
    Coding("modality", "How the images were made.", CLINICAL),
    patient_of(),
    encounter_of(),
    Moment("started", "When it began.", CLINICAL),
    Reference("basedOn", "The request for it.", CLINICAL, targets=("service_request",)),
    Reference("referrer", "Who asked for it.", IDENTIFYING, targets=STAFF),
    Reference("interpreter", "Who read the images.", IDENTIFYING, targets=STAFF),
    Whole("numberOfSeries", "How many series it has.", CLINICAL, "series_count"),
    Whole("numberOfInstances", "How many images it has.", CLINICAL, "instance_count"),
    Reference(
        "procedureReference",
        "The procedure it was made in.",
        CLINICAL,
        "procedure_id",
        targets=("procedure",),
    ),
    Concept("procedureCode", "What was done.", CLINICAL, "code_id"),
    Reference("location", "Where it was done.", ADMINISTRATIVE, targets=("location",)),
    Concept("reasonCode", "Why.", CLINICAL, "reason_id"),
    remark(),
    String("description", "The study, in words.", FREE_TEXT, mask=Mask.REDACTED),
    sensitivity=CLINICAL,
    indexes=(("patient_id", "started_at"),),
)
identifiers(imaging_study)

imaging_study_series = child(
    imaging_study,
    "series",
    "One row per series of images.",
    String("uid", "DICOM's identifier of the series.", IDENTIFYING, mask=Mask.PSEUDONYM),
    Whole("number", "Its number in the study.", CLINICAL, "series_number"),
    Coding("modality", "How the images were made.", CLINICAL),
    String("description", "The series, in words.", FREE_TEXT, mask=Mask.REDACTED),
    Whole("numberOfInstances", "How many images it has.", CLINICAL, "instance_count"),
    Coding("bodySite", "Where in the body.", CLINICAL),
    Coding("laterality", "Left, right or both.", CLINICAL),
    Moment("started", "When it began.", CLINICAL),
)
imaging_study_series_instance = child(
    imaging_study_series,
    "instance",
    "One row per image or other DICOM object.",
    String("uid", "DICOM's identifier of the object.", IDENTIFYING, mask=Mask.PSEUDONYM),
    Coding("sopClass", "What kind of DICOM object.", ADMINISTRATIVE),
    Whole("number", "Its number in the series.", CLINICAL, "instance_number"),
    String("title", "What it is called.", FREE_TEXT, mask=Mask.REDACTED),
)

diagnostic_report = resource(
    "DiagnosticReport",
    "One row per report on tests, images or a visit.",
    Reference(
        "basedOn",
        "The request for it.",
        CLINICAL,
        targets=("service_request", "care_plan", "medication_request"),
    ),
    Code(
        "status",
        "How final it is.",
        CLINICAL,
        rule=one_of(
            "registered",
            "partial",
            "preliminary",
            "final",
            "amended",
            "corrected",
            "appended",
            "cancelled",
            "entered-in-error",
            "unknown",
        ),
    ),
    Concept("category", "Laboratory, radiology, note, ...", CLINICAL),
    Concept("code", "What kind of report.", CLINICAL),
    patient_of(),
    encounter_of(),
    Moment("effectiveDateTime", "The time it holds for.", CLINICAL, "effective_at"),
    period(
        "effectivePeriod",
        "The span it holds for.",
        CLINICAL,
        "effective_from_at",
        "effective_to_at",
    ),
    Moment("issued", "When it was made known.", CLINICAL),
    Reference("performer", "Who answers for it.", IDENTIFYING, targets=ACTORS),
    Reference(
        "resultsInterpreter",
        "Who drew the conclusion.",
        IDENTIFYING,
        "interpreter_id",
        targets=ACTORS,
    ),
    Reference("specimen", "What it was done on.", CLINICAL, targets=("specimen",)),
    Reference("imagingStudy", "The images it is on.", CLINICAL, targets=("imaging_study",)),
    String("conclusion", "What it comes to, in words.", FREE_TEXT, mask=Mask.REDACTED),
    Concept("conclusionCode", "What it comes to, as a code.", CLINICAL, "finding_id"),
    attachment("presentedForm", "The report, as issued.", "document"),
    sensitivity=CLINICAL,
    indexes=(("patient_id", "effective_at"), ("encounter_id",)),
)
identifiers(diagnostic_report)
reference_list(
    diagnostic_report,
    "result",
    "One row per observation in the report.",
    "The observation.",
    "observation_id",
    ("observation",),
)
