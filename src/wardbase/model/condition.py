"""Problems and what is to be done: conditions, allergies, goals, teams and plans of care."""

from wardbase.model.datatype import coded_list, reference_list
from wardbase.model.field import (
    ADMINISTRATIVE,
    CLINICAL,
    FREE_TEXT,
    IDENTIFYING,
    Code,
    Concept,
    Day,
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

condition = resource(
    "Condition",
    "One row per problem, diagnosis or other concern about a patient's health.",
    Concept(
        "clinicalStatus", "Active, recurrence, relapse, inactive, remission or resolved.", CLINICAL
    ),
    Concept("verificationStatus", "How sure it is: provisional, confirmed, refuted, ...", CLINICAL),
    Concept("category", "Problem list item, encounter diagnosis, ...", CLINICAL),
    Concept("severity", "How severe it is.", CLINICAL),
    Concept("code", "The condition.", CLINICAL),
    Concept("bodySite", "Where in the body.", CLINICAL),
    patient_of(),
    encounter_of(),
    Moment("onsetDateTime", "When it began.", CLINICAL, "onset_at"),
    period("onsetPeriod", "The span in which it began.", CLINICAL, "onset_from_at", "onset_to_at"),
    String("onsetString", "When it began, in words.", FREE_TEXT, "onset", Mask.REDACTED),
    Moment("abatementDateTime", "When it ended.", CLINICAL, "abatement_at"),
    period(
        "abatementPeriod",
        "The span in which it ended.",
        CLINICAL,
        "abatement_from_at",
        "abatement_to_at",
    ),
    String("abatementString", "When it ended, in words.", FREE_TEXT, "abatement", Mask.REDACTED),
    Moment("recordedDate", "When it was first recorded.", CLINICAL, "recorded_at"),
    Reference("recorder", "Who recorded it.", IDENTIFYING, targets=(*STAFF, "patient")),
    Reference("asserter", "Who says so.", IDENTIFYING, targets=(*STAFF, "patient")),
    Group(
        "stage",
        (
            Concept("summary", "Its stage.", CLINICAL, "stage_id"),
            Concept("type", "The kind of staging.", CLINICAL, "stage_type_id"),
        ),
    ),
    remark(),
    sensitivity=CLINICAL,
    indexes=(("patient_id", "onset_at"), ("code_id", "onset_at"), ("encounter_id",)),
)

allergy_intolerance = resource(
    "AllergyIntolerance",
    "One row per substance a patient does not tolerate.",
    Concept("clinicalStatus", "Active, inactive or resolved.", CLINICAL),
    Concept("verificationStatus", "How sure it is: unconfirmed, confirmed, refuted, ...", CLINICAL),
    Code("type", "allergy or intolerance.", CLINICAL, rule=one_of("allergy", "intolerance")),
    Code(
        "category",
        "The kind of substance.",
        CLINICAL,
        rule=one_of("food", "medication", "environment", "biologic"),
    ),
    Code(
        "criticality",
        "How much harm the next contact may do.",
        CLINICAL,
        rule=one_of("low", "high", "unable-to-assess"),
    ),
    Concept("code", "The substance, or that there is no allergy.", CLINICAL),
    patient_of("patient"),
    encounter_of(),
    Moment("onsetDateTime", "When it began.", CLINICAL, "onset_at"),
    String("onsetString", "When it began, in words.", FREE_TEXT, "onset", Mask.REDACTED),
    Moment("recordedDate", "When it was first recorded.", CLINICAL, "recorded_at"),
    Reference("recorder", "Who recorded it.", IDENTIFYING, targets=(*STAFF, "patient")),
    Reference("asserter", "Who says so.", IDENTIFYING, targets=(*STAFF, "patient")),
    Moment("lastOccurrence", "When the last known reaction was.", CLINICAL, "last_occurred_at"),
    remark(),
    sensitivity=CLINICAL,
    indexes=(("patient_id", "recorded_at"),),
)

allergy_intolerance_reaction = child(
    allergy_intolerance,
    "reaction",
    "One row per reaction to the substance.",
    Concept("substance", "The very substance reacted to.", CLINICAL),
    String("description", "The reaction, in words.", FREE_TEXT, mask=Mask.REDACTED),
    Moment("onset", "When the reaction showed.", CLINICAL),
    Code("severity", "How severe it was.", CLINICAL, rule=one_of("mild", "moderate", "severe")),
    Concept("exposureRoute", "How the substance was taken up.", CLINICAL),
    remark(),
)
coded_list(
    allergy_intolerance_reaction,
    "manifestation",
    "One row per sign or symptom of the reaction.",
    "The sign or symptom.",
    "manifestation_id",
)

goal = resource(
    "Goal",
    "One row per thing a patient and those who give care want to reach.",
    Code(
        "lifecycleStatus",
        "How far the goal is pursued.",
        CLINICAL,
        rule=one_of(
            "proposed",
            "planned",
            "accepted",
            "active",
            "on-hold",
            "completed",
            "cancelled",
            "entered-in-error",
            "rejected",
        ),
    ),
    Concept("achievementStatus", "How near it is: in progress, improving, achieved, ...", CLINICAL),
    Concept("category", "Dietary, safety, behavioural, ...", CLINICAL),
    Concept("priority", "How much it matters.", CLINICAL),
    Concept("description", "The goal.", CLINICAL),
    patient_of(),
    Day("startDate", "When to begin.", CLINICAL, "start_on"),
    Concept("startCodeableConcept", "The event at which to begin.", CLINICAL, "start_id"),
    Day("statusDate", "When it came into its status.", CLINICAL, "status_on"),
    String("statusReason", "Why it is in its status.", FREE_TEXT, mask=Mask.REDACTED),
    Reference(
        "expressedBy",
        "Whose goal it is.",
        IDENTIFYING,
        "expressed_by_id",
        targets=(*STAFF, "patient"),
    ),
    Reference(
        "addresses",
        "The problem or order it is meant for.",
        CLINICAL,
        "addresses_id",
        targets=("condition", "observation", "service_request"),
    ),
    remark(),
    Concept("outcomeCode", "What came of it.", CLINICAL, "outcome_id"),
    sensitivity=CLINICAL,
    indexes=(("patient_id", "start_on"),),
)

goal_target = child(
    goal,
    "target",
    "One row per measure by which the goal is judged.",
    Concept("measure", "What is measured.", CLINICAL),
    quantity("detailQuantity", "The value to reach.", "detail_quantity"),
    range_("detailRange", "The range to reach.", "detail_range"),
    Concept("detailCodeableConcept", "The finding to reach.", CLINICAL, "detail_id"),
    String("detailString", "What to reach, in words.", FREE_TEXT, "detail", Mask.REDACTED),
    Flag("detailBoolean", "The yes or no to reach.", CLINICAL, "detail_flag"),
    Whole("detailInteger", "The count to reach.", CLINICAL, "detail_count"),
    Day("dueDate", "By when.", CLINICAL, "due_on"),
)

care_team = resource(
    "CareTeam",
    "One row per group of people who care for a patient together.",
    Code(
        "status",
        "Whether the team is at work.",
        ADMINISTRATIVE,
        rule=one_of("proposed", "active", "suspended", "inactive", "entered-in-error"),
    ),
    Concept("category", "For an encounter, an episode, a condition, ...", CLINICAL),
    String("name", "What the team is called.", ADMINISTRATIVE),
    patient_of(),
    encounter_of(),
    period("period", "When the team is responsible."),
    Concept("reasonCode", "Why there is a team.", CLINICAL, "reason_id"),
    Reference(
        "reasonReference",
        "The condition for which there is a team.",
        CLINICAL,
        "because_id",
        targets=("condition",),
    ),
    Reference(
        "managingOrganization",
        "The organization responsible for the team.",
        ADMINISTRATIVE,
        targets=("organization",),
    ),
    remark(),
    sensitivity=CLINICAL,
    indexes=(("patient_id", "started_at"),),
)

care_team_participant = child(
    care_team,
    "participant",
    "One row per member of the team.",
    Concept("role", "What the member does.", CLINICAL),
    Reference("member", "Who it is.", IDENTIFYING, targets=ANYONE),
    Reference(
        "onBehalfOf",
        "The organization of the member.",
        ADMINISTRATIVE,
        "on_behalf_of_id",
        targets=("organization",),
    ),
    period("period", "When the member is in the team."),
)

care_plan = resource(
    "CarePlan",
    "One row per plan of what to do for a patient.",
    Code(
        "status",
        "How far the plan is.",
        CLINICAL,
        rule=one_of(
            "draft", "active", "on-hold", "revoked", "completed", "entered-in-error", "unknown"
        ),
    ),
    Code(
        "intent",
        "Whether it is proposed, planned or ordered.",
        CLINICAL,
        rule=one_of("proposal", "plan", "order", "option"),
    ),
    String("title", "What the plan is called.", FREE_TEXT, mask=Mask.REDACTED),
    String("description", "The plan in short.", FREE_TEXT, mask=Mask.REDACTED),
    patient_of(),
    encounter_of(),
    period("period", "When the plan holds."),
    Moment("created", "When the plan was first made.", CLINICAL),
    Reference("author", "Who answers for the plan.", IDENTIFYING, targets=(*ANYONE, "care_team")),
    Reference("careTeam", "The team that carries it out.", ADMINISTRATIVE, targets=("care_team",)),
    remark(),
    sensitivity=CLINICAL,
    indexes=(("patient_id", "started_at"),),
)
coded_list(
    care_plan,
    "category",
    "One row per kind of plan that it is.",
    "The kind of plan.",
    "category_id",
)
reference_list(
    care_plan,
    "addresses",
    "One row per problem the plan is meant for.",
    "The problem.",
    "condition_id",
    ("condition",),
)
reference_list(
    care_plan,
    "goal",
    "One row per goal of the plan.",
    "The goal.",
    "goal_id",
    ("goal",),
)

care_plan_activity = child(
    care_plan,
    "activity",
    "One row per thing to do.",
    Concept("outcomeCodeableConcept", "What came of it.", CLINICAL, "outcome_id"),
    Reference(
        "reference",
        "The request that says what to do.",
        CLINICAL,
        "request_id",
        targets=("service_request", "medication_request"),
    ),
    Group(
        "detail",
        (
            Code(
                "kind",
                "The FHIR type of request it would be.",
                ADMINISTRATIVE,
                rule=one_of(
                    "Appointment",
                    "CommunicationRequest",
                    "DeviceRequest",
                    "MedicationRequest",
                    "NutritionOrder",
                    "Task",
                    "ServiceRequest",
                    "VisionPrescription",
                ),
            ),
            Concept("code", "What to do.", CLINICAL),
            Concept("reasonCode", "Why.", CLINICAL, "reason_id"),
            Reference(
                "reasonReference",
                "The condition for which to do it.",
                CLINICAL,
                "because_id",
                targets=("condition",),
            ),
            Code(
                "status",
                "How far it is.",
                CLINICAL,
                rule=one_of(
                    "not-started",
                    "scheduled",
                    "in-progress",
                    "on-hold",
                    "completed",
                    "cancelled",
                    "stopped",
                    "unknown",
                    "entered-in-error",
                ),
            ),
            Concept("statusReason", "Why it is in its status.", CLINICAL),
            Flag("doNotPerform", "Whether it is not to be done.", CLINICAL),
            period(
                "scheduledPeriod",
                "When to do it.",
                CLINICAL,
                "scheduled_from_at",
                "scheduled_to_at",
            ),
            String(
                "scheduledString", "When to do it, in words.", FREE_TEXT, "scheduled", Mask.REDACTED
            ),
            Reference("location", "Where to do it.", ADMINISTRATIVE, targets=("location",)),
            Reference("performer", "Who is to do it.", IDENTIFYING, targets=ACTORS),
            Concept("productCodeableConcept", "What to give or supply.", CLINICAL, "product_id"),
            quantity("dailyAmount", "How much a day.", "daily_amount"),
            quantity("quantity", "How much in all.", "quantity"),
            String("description", "More on what to do, in words.", FREE_TEXT, mask=Mask.REDACTED),
        ),
    ),
)
