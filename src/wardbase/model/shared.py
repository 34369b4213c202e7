"""Fields that many types have alike: the patient, the encounter, the first remark."""

from wardbase.model.field import (
    ADMINISTRATIVE,
    CLINICAL,
    FREE_TEXT,
    IDENTIFYING,
    Group,
    Mask,
    Moment,
    Reference,
    String,
)

STAFF = ("practitioner", "practitioner_role")
ACTORS = (*STAFF, "organization")
ANYONE = (*ACTORS, "patient")


def patient_of(element: str = "subject") -> Reference:
    """The patient in whose compartment the row is."""
    return Reference(
        element,
        "The patient it is about.",
        IDENTIFYING,
        "patient_id",
        targets=("patient",),
        subject=True,
    )


def encounter_of(element: str = "encounter") -> Reference:
    """The encounter it was part of."""
    return Reference(
        element,
        "The encounter it was part of.",
        ADMINISTRATIVE,
        "encounter_id",
        targets=("encounter",),
    )


def remark() -> Group:
    """The first remark, where more than one is rare."""
    return Group(
        "note",
        (
            String("text", "A remark.", FREE_TEXT, "note", Mask.REDACTED),
            Moment("time", "When the remark was made.", CLINICAL, "noted_at"),
            String(
                "authorString", "Who made the remark.", IDENTIFYING, "note_author", Mask.RANDOM_NAME
            ),
        ),
    )
