"""What keeps things whole: the remainder, other types, old versions, attachments, the audit."""

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    Uuid,
    func,
)
from sqlalchemy.dialects.postgresql import JSON

from wardbase.model.field import CLINICAL, EVERY, FREE_TEXT, IDENTIFYING, Mask
from wardbase.model.table import metadata, says


def _patient() -> Column[object]:
    return Column(
        "patient_id",
        Uuid(),
        ForeignKey("patient.patient_id", deferrable=True, initially="DEFERRED", use_alter=True),
        **says("The patient whose compartment it is in.", IDENTIFYING, Mask.PSEUDONYM),
    )


resource = Table(
    "resource",
    metadata,
    Column("type", Text(), primary_key=True, **says("The FHIR type.")),
    Column("key", Uuid(), primary_key=True, **says("The key.", mask=Mask.PSEUDONYM)),
    _patient(),
    Column(
        "id",
        Text(),
        **says("The id as sent, where it is not the key.", IDENTIFYING, Mask.PSEUDONYM),
    ),
    Column("hash", Uuid(), nullable=False, **says("Hash of the content.", mask=Mask.PSEUDONYM)),
    Column(
        "updated_at",
        DateTime(timezone=True),
        **says("When the sender last changed it, as it says.", mask=Mask.SHIFTED),
    ),
    Column(
        "written_at",
        DateTime(timezone=True),
        nullable=False,
        **says("When this content came into this database.", mask=Mask.SHIFTED),
    ),
    Column(
        "patient_ref",
        Integer(),
        **says(
            "The reference to the patient as sent, where the key does not say it.",
            mask=Mask.PSEUDONYM,
            entry="reference",
        ),
    ),
    Column("elements", JSON(), nullable=False, **says("The resource as sent.", EVERY, Mask.NULL)),
    Index("resource_patient_id_idx", "patient_id"),
    comment="One row per resource of a type that has no table of its own.",
)

rest = Table(
    "rest",
    metadata,
    Column("type", Text(), primary_key=True, **says("The FHIR type of the resource.")),
    Column(
        "key", Uuid(), primary_key=True, **says("The key of the resource.", mask=Mask.PSEUDONYM)
    ),
    Column(
        "sensitivity",
        Text(),
        primary_key=True,
        **says("The class of these elements: who may read the row."),
    ),
    _patient(),
    Column(
        "elements",
        JSON(),
        nullable=False,
        **says(
            "Top-level elements that the columns do not give back exactly, as sent.",
            EVERY,
            Mask.NULL,
        ),
    ),
    comment="What the columns do not say: a row per resource and sensitivity, where needed.",
)

version = Table(
    "version",
    metadata,
    Column("version_id", BigInteger(), Identity(), primary_key=True, **says("The key.")),
    Column("type", Text(), nullable=False, **says("The FHIR type.")),
    Column("key", Uuid(), nullable=False, **says("The key of the resource.", mask=Mask.PSEUDONYM)),
    Column(
        "patient_id",
        Uuid(),
        **says("The patient whose compartment it was in.", IDENTIFYING, Mask.PSEUDONYM),
    ),
    Column("hash", Uuid(), nullable=False, **says("Hash of its content.", mask=Mask.PSEUDONYM)),
    Column(
        "updated_at",
        DateTime(timezone=True),
        **says("When the sender had last changed it, as it said.", mask=Mask.SHIFTED),
    ),
    Column(
        "written_at",
        DateTime(timezone=True),
        **says(
            "When it came into this database; null: it never was the current one.",
            mask=Mask.SHIFTED,
        ),
    ),
    Column(
        "replaced_at",
        DateTime(timezone=True),
        nullable=False,
        **says("When it gave way, or was turned away.", mask=Mask.SHIFTED),
    ),
    Column("cause", Text(), nullable=False, **says("replaced, conflict or deleted.")),
    Column(
        "caller",
        Text(),
        nullable=False,
        **says("Who brought what took its place.", IDENTIFYING, Mask.PSEUDONYM),
    ),
    Column("purpose", Text(), nullable=False, **says("Why.", FREE_TEXT, Mask.REDACTED)),
    Column("elements", JSON(), nullable=False, **says("The resource, whole.", EVERY, Mask.NULL)),
    Index("version_type_key_idx", "type", "key"),
    comment="One row per content a resource once had, or that lost a conflict.",
)

attachment = Table(
    "attachment",
    metadata,
    Column(
        "attachment_id",
        Uuid(),
        primary_key=True,
        **says(
            "Hash of the patient and the bytes: the same bytes are kept once.", mask=Mask.PSEUDONYM
        ),
    ),
    _patient(),
    Column("data", LargeBinary(), nullable=False, **says("The bytes.", FREE_TEXT, Mask.NULL)),
    comment="One row per distinct content attached to a patient's resources.",
)

audit = Table(
    "audit",
    metadata,
    Column("audit_id", BigInteger(), Identity(), primary_key=True, **says("The key.")),
    Column(
        "at",
        DateTime(timezone=True),
        nullable=False,
        server_default=func.clock_timestamp(),
        **says("When.", mask=Mask.SHIFTED),
    ),
    Column("caller", Text(), nullable=False, **says("Who.", IDENTIFYING, Mask.PSEUDONYM)),
    Column("purpose", Text(), nullable=False, **says("Why.", FREE_TEXT, Mask.REDACTED)),
    Column("action", Text(), nullable=False, **says("read, write, search, load or export.")),
    Column("what", Text(), nullable=False, **says("The table, resource or page.")),
    Column("patient_id", Uuid(), **says("Whose data.", IDENTIFYING, Mask.PSEUDONYM)),
    Column(
        "detail", JSON(), **says("Counts and names of files; never a value.", CLINICAL, Mask.NULL)
    ),
    comment="One row per access: who, when, why, what.",
)
