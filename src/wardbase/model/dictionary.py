"""What is said again and again, stored once: concepts, texts of references, metadata.

An entry is found by the hash of what it says, so that parallel writers agree without asking.
"""

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Identity,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSON

from wardbase.model.field import IDENTIFYING, Mask
from wardbase.model.table import metadata, says


def _key(name: str) -> Column[int]:
    return Column(name, Integer(), Identity(), primary_key=True, **says("The key."))


def _hash() -> Column[object]:
    return Column("hash", Uuid(), nullable=False, unique=True, **says("Hash of what it says."))


concept = Table(
    "concept",
    metadata,
    _key("concept_id"),
    Column("system", Text(), **says("The code system, as a uri.")),
    Column("version", Text(), **says("The version of the code system, where sent.")),
    Column("code", Text(), **says("The code.")),
    Column(
        "display",
        Text(),
        **says("What the code means, in the sender's words; of a unit, how it is printed."),
    ),
    Column("user_selected", Boolean(), **says("Whether a person chose this coding.")),
    Column(
        "text_is_display",
        Boolean(),
        nullable=False,
        **says("Whether the sender repeated the display as the text."),
    ),
    _hash(),
    Index("concept_code_idx", "code", postgresql_using="hash"),
    comment="One row per coding as written: the same code with another display is another row.",
)

concept_coding = Table(
    "concept_coding",
    metadata,
    Column(
        "concept_id",
        ForeignKey("concept.concept_id", ondelete="CASCADE"),
        primary_key=True,
        **says("The concept it says in other words."),
    ),
    Column(
        "n", SmallInteger(), primary_key=True, autoincrement=False, **says("Its position, from 2.")
    ),
    Column("system", Text(), **says("The code system, as a uri.")),
    Column("version", Text(), **says("The version of the code system, where sent.")),
    Column("code", Text(), **says("The code.")),
    Column("display", Text(), **says("What the code means, in the sender's words.")),
    Column("user_selected", Boolean(), **says("Whether a person chose this coding.")),
    Index("concept_coding_code_idx", "code", postgresql_using="hash"),
    comment="One row per further coding of a concept (a local code beside its LOINC).",
)

reference = Table(
    "reference",
    metadata,
    _key("reference_id"),
    Column(
        "text",
        Text(),
        nullable=False,
        **says("The reference as sent.", IDENTIFYING, Mask.PSEUDONYM),
    ),
    Column("type", Text(), **says("The type it leads to, where the text says it.")),
    Column(
        "key",
        Uuid(),
        **says("The key of its target; null: not to be known from the text.", mask=Mask.PSEUDONYM),
    ),
    Column("system", Text(), **says("Of a conditional reference: the identifier's system.")),
    Column(
        "value",
        Text(),
        **says("Of a conditional reference: the identifier's value.", IDENTIFYING, Mask.PSEUDONYM),
    ),
    _hash(),
    Index("reference_key_idx", "key", postgresql_where=text("key IS NOT NULL")),
    Index(
        "reference_value_idx",
        "value",
        postgresql_using="hash",
        postgresql_where=text("value IS NOT NULL"),
    ),
    comment="One row per text of a reference that its foreign key does not say.",
)

meta = Table(
    "meta",
    metadata,
    _key("meta_id"),
    Column(
        "elements", JSON(), nullable=False, **says("Profiles, tags and security labels, as sent.")
    ),
    _hash(),
    comment="One row per combination of profiles, tags and security labels.",
)
