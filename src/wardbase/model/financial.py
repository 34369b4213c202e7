"""Who pays and for what: coverage, claims, explanations of benefit."""

from wardbase.model.datatype import identifiers, reference_list
from wardbase.model.field import (
    ADMINISTRATIVE,
    CLINICAL,
    FINANCIAL,
    FREE_TEXT,
    IDENTIFYING,
    Code,
    Coding,
    Concept,
    Day,
    Decimal,
    Field,
    Flag,
    Group,
    Leaf,
    Mask,
    Moment,
    Reference,
    String,
    Strings,
    Whole,
    money,
    one_of,
    period,
    quantity,
)
from wardbase.model.shared import ACTORS, encounter_of, patient_of
from wardbase.model.table import Child, Resource, child, resource


def _status() -> Code:
    return Code(
        "status",
        "Whether it is in force.",
        ADMINISTRATIVE,
        rule=one_of("active", "cancelled", "draft", "entered-in-error"),
    )


def _sequence(of: str) -> Whole:
    return Whole("sequence", f"Its number, by which others point to the {of}.", ADMINISTRATIVE)


def _bill() -> tuple[Field, ...]:
    return (
        Concept("type", "Institutional, professional, pharmacy, oral, vision.", FINANCIAL),
        Concept("subType", "A finer type.", FINANCIAL),
        Code(
            "use",
            "Whether it is for what was done, or to ask beforehand.",
            FINANCIAL,
            rule=one_of("claim", "preauthorization", "predetermination"),
        ),
        patient_of("patient"),
        period("billablePeriod", "When what is claimed was done."),
        Moment("created", "When it was made.", FINANCIAL),
        Reference("enterer", "Who entered it.", IDENTIFYING, targets=ACTORS),
        Reference("insurer", "Who is to pay.", FINANCIAL, targets=("organization",)),
        Reference("provider", "Who claims.", FINANCIAL, targets=ACTORS),
        Concept("priority", "How soon to decide.", FINANCIAL),
        Group(
            "related",
            (
                Reference(
                    "claim",
                    "An earlier claim it belongs with.",
                    FINANCIAL,
                    "related_claim_id",
                    targets=("claim",),
                ),
                Concept("relationship", "How they belong together.", FINANCIAL, "related_how_id"),
            ),
        ),
        Reference(
            "prescription", "The prescription it is for.", CLINICAL, targets=("medication_request",)
        ),
        Group(
            "payee",
            (
                Concept(
                    "type",
                    "Whether to pay the provider, the subscriber, ...",
                    FINANCIAL,
                    "payee_type_id",
                ),
                Reference(
                    "party", "Whom to pay.", FINANCIAL, "payee_id", targets=(*ACTORS, "patient")
                ),
            ),
        ),
        Reference(
            "referral", "The referral that led to it.", CLINICAL, targets=("service_request",)
        ),
        Reference("facility", "Where it was done.", ADMINISTRATIVE, targets=("location",)),
        Group(
            "accident",
            (
                Day("date", "When an accident caused it.", CLINICAL, "accident_on"),
                Concept("type", "What kind of accident.", CLINICAL, "accident_id"),
            ),
        ),
    )


def _care_team(of: Resource) -> Child:
    return child(
        of,
        "careTeam",
        "One row per person or organization that took part in the care.",
        _sequence("member"),
        Reference("provider", "Who took part.", IDENTIFYING, targets=ACTORS),
        Flag("responsible", "Whether the one in charge.", ADMINISTRATIVE),
        Concept("role", "Primary, assisting, supervising, ...", ADMINISTRATIVE),
        Concept("qualification", "What the member is trained as.", ADMINISTRATIVE),
    )


def _supporting_info(of: Resource, reason: Leaf) -> Child:
    return child(
        of,
        "supportingInfo",
        "One row per fact that supports the claim.",
        _sequence("fact"),
        Concept("category", "What kind of fact.", FINANCIAL),
        Concept("code", "The fact, as a code.", CLINICAL),
        Day("timingDate", "When it was.", CLINICAL, "timing_on"),
        period("timingPeriod", "When it was."),
        Flag("valueBoolean", "The fact, as yes or no.", CLINICAL, "value_flag"),
        String("valueString", "The fact, in words.", FREE_TEXT, "value_string", Mask.REDACTED),
        quantity("valueQuantity", "The fact, as a quantity.", "value"),
        Reference(
            "valueReference",
            "The record of the fact.",
            CLINICAL,
            "value_id",
            targets=("immunization", "procedure", "observation", "document_reference"),
        ),
        reason,
    )


def _diagnoses(of: Resource) -> Child:
    return child(
        of,
        "diagnosis",
        "One row per diagnosis the claim rests on.",
        _sequence("diagnosis"),
        Concept("diagnosisCodeableConcept", "The diagnosis.", CLINICAL, "diagnosis_id"),
        Reference(
            "diagnosisReference",
            "The record of the diagnosis.",
            CLINICAL,
            "condition_id",
            targets=("condition",),
        ),
        Concept("type", "Principal, admitting, discharge, ...", CLINICAL),
        Concept("onAdmission", "Whether present on admission.", CLINICAL),
        Concept("packageCode", "The diagnosis-related group.", FINANCIAL, "package_id"),
    )


def _procedures(of: Resource) -> Child:
    return child(
        of,
        "procedure",
        "One row per procedure that is claimed for.",
        _sequence("procedure"),
        Concept("type", "Primary or secondary.", CLINICAL),
        Moment("date", "When it was done.", CLINICAL, "performed_at"),
        Concept("procedureCodeableConcept", "The procedure.", CLINICAL, "code_id"),
        Reference(
            "procedureReference",
            "The record of the procedure.",
            CLINICAL,
            "procedure_id",
            targets=("procedure",),
        ),
    )


def _items(of: Resource, indexes: tuple[tuple[str, ...], ...] = ()) -> Child:
    return child(
        of,
        "item",
        "One row per line: a service, product or visit, and its price.",
        _sequence("line"),
        Whole("careTeamSequence", "The member of the care team who did it.", ADMINISTRATIVE),
        Whole("diagnosisSequence", "The diagnosis it was done for.", ADMINISTRATIVE),
        Whole("procedureSequence", "The procedure it is for.", ADMINISTRATIVE),
        Whole("informationSequence", "The fact that supports it.", ADMINISTRATIVE),
        Concept("revenue", "The revenue or cost centre.", FINANCIAL),
        Concept("category", "What kind of benefit it is.", FINANCIAL),
        Concept("productOrService", "What was done or supplied.", CLINICAL, "service_id"),
        Concept("modifier", "How it differs from the usual.", CLINICAL),
        Concept("programCode", "The programme it is under.", FINANCIAL, "program_id"),
        Day("servicedDate", "When it was done.", CLINICAL, "serviced_on"),
        period("servicedPeriod", "When it was done."),
        Concept(
            "locationCodeableConcept", "Where it was done, by kind.", ADMINISTRATIVE, "place_id"
        ),
        Reference(
            "locationReference",
            "Where it was done.",
            ADMINISTRATIVE,
            "location_id",
            targets=("location",),
        ),
        quantity("quantity", "How many.", "quantity", FINANCIAL),
        money("unitPrice", "The price of one.", "unit_price"),
        Decimal("factor", "What the price is multiplied by.", FINANCIAL),
        money("net", "The price of the line.", "net"),
        Concept("bodySite", "Where in the body.", CLINICAL),
        Concept("subSite", "Where in the body, finer.", CLINICAL),
        encounter_of(),
        indexes=indexes,
    )


coverage = resource(
    "Coverage",
    "One row per insurance or other promise to pay for a patient's care.",
    _status(),
    Concept("type", "What kind of coverage.", FINANCIAL),
    Reference(
        "policyHolder", "Whose policy it is.", IDENTIFYING, targets=("patient", "organization")
    ),
    Reference(
        "subscriber", "Who signed up for it.", IDENTIFYING, "subscribing_id", targets=("patient",)
    ),
    String(
        "subscriberId",
        "The insurer's number of the subscriber.",
        IDENTIFYING,
        "subscriber_number",
        Mask.REPLACED,
    ),
    patient_of("beneficiary"),
    String("dependent", "The insurer's number of the dependent.", IDENTIFYING, mask=Mask.REPLACED),
    Concept("relationship", "What the patient is to the subscriber.", FINANCIAL),
    period("period", "When it is in force.", FINANCIAL),
    Whole(
        "order",
        "Its place among the patient's coverages, 1 first to pay.",
        FINANCIAL,
        "payment_order",
    ),
    String("network", "The insurer's network.", FINANCIAL),
    Flag("subrogation", "Whether the insurer may recover from others.", FINANCIAL),
    sensitivity=FINANCIAL,
    indexes=(("patient_id", "started_at"),),
)
identifiers(coverage)
reference_list(
    coverage,
    "payor",
    "One row per payer.",
    "Who pays.",
    "payor_id",
    ("organization", "patient"),
    FINANCIAL,
)
child(
    coverage,
    "class",
    "One row per class of the coverage, such as group, plan or division.",
    Concept("type", "What kind of class.", FINANCIAL),
    String("value", "Its number or code.", FINANCIAL),
    String("name", "What it is called.", FINANCIAL),
)

claim = resource(
    "Claim",
    "One row per claim for payment, or question whether it would be paid.",
    _status(),
    *_bill(),
    money("total", "The sum of its lines.", "total"),
    sensitivity=FINANCIAL,
    indexes=(("patient_id", "created_at"),),
)
identifiers(claim)
_care_team(claim)
_supporting_info(claim, Concept("reason", "Why it is given, or missing.", FINANCIAL))
_diagnoses(claim)
_procedures(claim)
child(
    claim,
    "insurance",
    "One row per coverage to pay the claim.",
    _sequence("coverage"),
    Flag("focal", "Whether this is the coverage to judge it by.", FINANCIAL),
    Reference("coverage", "The coverage.", FINANCIAL, targets=("coverage",)),
    String("businessArrangement", "The contract number it is under.", FINANCIAL),
    Strings(
        "preAuthRef", "Numbers by which it was approved before.", FINANCIAL, mask=Mask.REPLACED
    ),
)
_items(claim, indexes=(("encounter_id",),))

explanation_of_benefit = resource(
    "ExplanationOfBenefit",
    "One row per decision of an insurer on a claim, as told to the patient.",
    _status(),
    *_bill(),
    Reference("claim", "The claim decided on.", FINANCIAL, targets=("claim",)),
    Code(
        "outcome",
        "How far the decision is.",
        FINANCIAL,
        rule=one_of("queued", "complete", "error", "partial"),
    ),
    String("disposition", "The decision, in words.", FREE_TEXT, mask=Mask.REDACTED),
    Strings(
        "preAuthRef", "Numbers by which it was approved before.", FINANCIAL, mask=Mask.REPLACED
    ),
    Whole("precedence", "Its place among those who pay, 1 first.", FINANCIAL),
    Group(
        "payment",
        (
            Concept("type", "Whole or partial payment.", FINANCIAL, "payment_type_id"),
            money(
                "adjustment",
                "What was added or taken off, not for the services.",
                "payment_adjustment",
            ),
            Concept(
                "adjustmentReason",
                "Why it was added or taken off.",
                FINANCIAL,
                "payment_adjustment_reason_id",
            ),
            Day("date", "When it was or will be paid.", FINANCIAL, "paid_on"),
            money("amount", "How much is paid.", "payment"),
            Group(
                "identifier",
                (
                    Code(
                        "system",
                        "The namespace of the payment number, as a uri.",
                        ADMINISTRATIVE,
                        "payment_system",
                    ),
                    String(
                        "value",
                        "The number of the payment.",
                        FINANCIAL,
                        "payment_number",
                        Mask.REPLACED,
                    ),
                ),
            ),
        ),
    ),
    Concept("formCode", "The form to print it on.", FINANCIAL, "printed_form_id"),
    period(
        "benefitPeriod", "When the benefits hold.", FINANCIAL, "benefit_from_at", "benefit_to_at"
    ),
    sensitivity=FINANCIAL,
    indexes=(("patient_id", "created_at"), ("claim_id",)),
)
identifiers(explanation_of_benefit)
_care_team(explanation_of_benefit)
_supporting_info(
    explanation_of_benefit, Coding("reason", "Why it is given, or missing.", FINANCIAL)
)
_diagnoses(explanation_of_benefit)
_procedures(explanation_of_benefit)
child(
    explanation_of_benefit,
    "insurance",
    "One row per coverage the decision rests on.",
    Flag("focal", "Whether this is the coverage it was judged by.", FINANCIAL),
    Reference("coverage", "The coverage.", FINANCIAL, targets=("coverage",)),
    Strings(
        "preAuthRef", "Numbers by which it was approved before.", FINANCIAL, mask=Mask.REPLACED
    ),
)
_item = _items(explanation_of_benefit)
child(
    _item,
    "adjudication",
    "One row per amount decided on for a line: submitted, allowed, paid, owed, ...",
    Concept("category", "What the amount is.", FINANCIAL),
    Concept("reason", "Why it is so.", FINANCIAL),
    money("amount", "The amount.", "amount"),
    Decimal("value", "The share or count, where it is no amount.", FINANCIAL),
)
child(
    explanation_of_benefit,
    "total",
    "One row per sum over all lines: submitted, allowed, paid, owed, ...",
    Concept("category", "What the sum is.", FINANCIAL),
    money("amount", "The sum.", "amount"),
)
