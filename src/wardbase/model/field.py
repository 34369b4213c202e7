"""The kinds of field a table can have, and what each must say of its columns.

A *field* is one FHIR element and the columns that hold it. Leaves have columns; a `Group` is an
object whose parts lie in the same row. What a field means to FHIR is read off it by
`exchange.fhir.mapping`; nothing here does any I/O.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import (
    ARRAY,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Integer,
    Numeric,
    SmallInteger,
    Text,
    Uuid,
)
from sqlalchemy.types import TypeEngine

from wardbase.errors import ModelError

ITEM = ""
"""The element of a child table's field when the repeated item itself is meant."""


class Sensitivity(StrEnum):
    """Who may read a column is decided by its class."""

    ADMINISTRATIVE = "administrative"
    IDENTIFYING = "identifying"
    CONTACT = "contact"
    QUASI = "quasi-identifying"
    CLINICAL = "clinical"
    FREE_TEXT = "free text"
    FINANCIAL = "financial"
    EVERY = "every"
    """Only in `rest`: readable by whoever may read all the others."""


ADMINISTRATIVE = Sensitivity.ADMINISTRATIVE
IDENTIFYING = Sensitivity.IDENTIFYING
CONTACT = Sensitivity.CONTACT
QUASI = Sensitivity.QUASI
CLINICAL = Sensitivity.CLINICAL
FREE_TEXT = Sensitivity.FREE_TEXT
FINANCIAL = Sensitivity.FINANCIAL
EVERY = Sensitivity.EVERY


class Mask(StrEnum):
    """What a de-identified copy puts in a column's place."""

    KEEP = "keep"
    RANDOM_NAME = "random name"
    REPLACED = "replaced characters"
    SHUFFLED = "another record's value"
    SHIFTED = "shifted date"
    YEAR = "year only"
    ZIP3 = "first three digits"
    NULL = "null"
    PSEUDONYM = "keyed pseudonym"
    REDACTED = "redacted text"


def snake(name: str) -> str:
    """`birthDate` as `birth_date`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


@dataclass(frozen=True)
class Rule:
    """A condition on one column, said to people, checked by the database."""

    sentence: str
    sql: str
    good: str
    bad: str


def one_of(*codes: str) -> Rule:
    """The column holds one of these codes."""
    listed = ", ".join(f"'{code}'" for code in codes)
    return Rule(f"one of {', '.join(codes)}", f"{{column}} IN ({listed})", codes[0], codes[0] + "?")


@dataclass(frozen=True)
class Leaf:
    """One element (`ITEM` for the item itself) held in one or more columns of the row."""

    element: str
    says: str
    sensitivity: Sensitivity
    column: str = ""
    mask: Mask | None = None
    rule: Rule | None = None

    ending: ClassVar[str] = ""
    default_mask: ClassVar[Mask] = Mask.KEEP

    def __post_init__(self) -> None:
        if not self.says:
            raise ModelError(what=f"the field {self.element} says nothing; give it a sentence")
        if not self.column:
            object.__setattr__(self, "column", snake(self.element) + self.ending)

    @property
    def stem(self) -> str:
        """The column's name without the ending of its kind."""
        return self.column.removesuffix(self.ending) if self.ending else self.column

    def _column(
        self,
        name: str,
        type_: TypeEngine[Any],
        *args: Any,
        says: str | None = None,
        sensitivity: Sensitivity | None = None,
        mask: Mask | None = None,
        part: str = "",
    ) -> Column[Any]:
        chosen = mask or self.mask or self.default_mask
        constraints: list[Any] = list(args)
        if self.rule is not None and name == self.column:
            constraints.append(CheckConstraint(self.rule.sql.format(column=name), name=name))
        return Column(
            name,
            type_,
            *constraints,
            comment=says or self.says,
            info={
                "field": self,
                "part": part,
                "sensitivity": sensitivity or self.sensitivity,
                "mask": chosen,
                "rule": self.rule if name == self.column else None,
                # The text of a reference: an entry there, kept by a trigger, not by a foreign key.
                "entry": "reference" if part == "ref" else None,
            },
        )

    def columns(self) -> Iterator[Column[Any]]:
        """The columns, in the order the mapping writes them."""
        raise NotImplementedError


class String(Leaf):
    """A string, uri, markdown or id, as sent."""

    def columns(self) -> Iterator[Column[Any]]:
        yield self._column(self.column, Text())


class Code(String):
    """A FHIR code: few distinct values."""


@dataclass(frozen=True)
class Strings(Leaf):
    """A repeating string, as an array: order matters, and the whole is one thing (given names)."""

    def columns(self) -> Iterator[Column[Any]]:
        yield self._column(self.column, ARRAY(Text()))


class Flag(Leaf):
    """A boolean."""

    def columns(self) -> Iterator[Column[Any]]:
        yield self._column(self.column, Boolean())


class Whole(Leaf):
    """An integer of 32 bits."""

    def columns(self) -> Iterator[Column[Any]]:
        yield self._column(self.column, Integer())


class Decimal(Leaf):
    """A decimal, exact: unconstrained numeric keeps the digits sent."""

    def columns(self) -> Iterator[Column[Any]]:
        yield self._column(self.column, Numeric())


class Moment(Leaf):
    """A dateTime or instant: timestamptz, and beside it how it was written."""

    ending = "_at"
    default_mask = Mask.SHIFTED

    def columns(self) -> Iterator[Column[Any]]:
        yield self._column(self.column, DateTime(timezone=True), part="at")
        yield self._column(
            f"{self.stem}_form",
            SmallInteger(),
            says=f"How {self.column} was written (offset, precision); null: UTC, whole seconds.",
            sensitivity=ADMINISTRATIVE,
            mask=Mask.KEEP,
            part="form",
        )


class Day(Leaf):
    """A date: of a day, a month or a year."""

    ending = "_on"
    default_mask = Mask.SHIFTED

    def columns(self) -> Iterator[Column[Any]]:
        yield self._column(self.column, Date(), part="on")
        yield self._column(
            f"{self.stem}_form",
            SmallInteger(),
            says=f"How exactly {self.column} is known: 1 the month, 2 the year; null: the day.",
            sensitivity=ADMINISTRATIVE,
            mask=Mask.KEEP,
            part="form",
        )


class Concept(Leaf):
    """A CodeableConcept: an entry of the dictionary, and text where it is not the display."""

    ending = "_id"

    def columns(self) -> Iterator[Column[Any]]:
        yield self._column(self.column, Integer(), ForeignKey("concept.concept_id"), part="concept")
        yield self._column(
            f"{self.stem}_text",
            Text(),
            says=f"Words sent for {self.column}, where they are not the code's display.",
            sensitivity=FREE_TEXT,
            mask=Mask.REDACTED,
            part="text",
        )


class Coding(Leaf):
    """A single Coding: an entry of the dictionary."""

    ending = "_id"

    def columns(self) -> Iterator[Column[Any]]:
        yield self._column(self.column, Integer(), ForeignKey("concept.concept_id"), part="concept")


class Unit(Leaf):
    """The unit, system and code of a Quantity: an entry of the dictionary."""

    ending = "_id"

    def columns(self) -> Iterator[Column[Any]]:
        yield self._column(self.column, Integer(), ForeignKey("concept.concept_id"), part="concept")


@dataclass(frozen=True)
class Reference(Leaf):
    """A reference: one nullable foreign key for each type it may lead to, and its text.

    `targets` are tables. A `subject` is the patient whose compartment the row is in: its key is
    always `patient_id`. The text (`_ref`) is there only where the key does not say it.
    """

    targets: tuple[str, ...] = ()
    subject: bool = False

    ending: ClassVar[str] = "_id"

    def key_column(self, target: str) -> str:
        """The name of the foreign key to one target."""
        if self.subject and target == "patient":
            return "patient_id"
        return self.column if len(self.targets) == 1 else f"{self.stem}_{target}_id"

    def key_columns(self) -> tuple[str, ...]:
        """All foreign keys, in the order of the targets."""
        return tuple(self.key_column(target) for target in self.targets)

    def columns(self) -> Iterator[Column[Any]]:
        for target in self.targets:
            name = self.key_column(target)
            yield self._column(
                name,
                Uuid(),
                ForeignKey(
                    f"{target}.{target}_id", deferrable=True, initially="DEFERRED", use_alter=True
                ),
                mask=Mask.PSEUDONYM,
                part=f"key:{target}",
            )
        yield self._column(
            f"{self.stem}_ref",
            Integer(),
            says=f"The reference {self.element or 'itself'} as sent, where no key says it.",
            sensitivity=ADMINISTRATIVE,
            mask=Mask.PSEUDONYM,
            part="ref",
        )
        yield self._column(
            f"{self.stem}_display",
            Text(),
            says=f"What the sender called the target of {self.element or 'the reference'}.",
            sensitivity=IDENTIFYING,
            mask=Mask.REDACTED,
            part="display",
        )


class Data(Leaf):
    """The bytes of an attachment, kept once in `attachment`."""

    ending = "_id"
    default_mask = Mask.NULL

    def columns(self) -> Iterator[Column[Any]]:
        yield self._column(
            self.column,
            Uuid(),
            ForeignKey(
                "attachment.attachment_id", deferrable=True, initially="DEFERRED", use_alter=True
            ),
        )


@dataclass(frozen=True)
class Group:
    """An element that is an object, its parts in columns of the same row."""

    element: str
    fields: tuple["Field", ...]


@dataclass(frozen=True)
class Extension:
    """One extension by its url: a value in columns, or further extensions."""

    url: str
    fields: tuple["Leaf | Group | Extension", ...]


@dataclass(frozen=True)
class Extensions:
    """The extensions we know, in the order they are written."""

    known: tuple[Extension, ...]
    element: str = field(default="extension", init=False)


Field = Leaf | Group | Extensions


def leaves(fields: Sequence["Field | Extension"]) -> Iterator[Leaf]:
    """All fields with columns, depth first."""
    for each in fields:
        if isinstance(each, Leaf):
            yield each
        elif isinstance(each, Extensions):
            yield from leaves(each.known)
        else:
            yield from leaves(each.fields)


def period(
    element: str,
    says: str,
    sensitivity: Sensitivity = CLINICAL,
    start: str = "started_at",
    end: str = "ended_at",
) -> Group:
    """A Period: when it began and when it ended."""
    return Group(
        element,
        (
            Moment("start", f"{says} Its start.", sensitivity, start),
            Moment("end", f"{says} Its end; null: not over, or not known.", sensitivity, end),
        ),
    )


def quantity(element: str, says: str, column: str, sensitivity: Sensitivity = CLINICAL) -> Group:
    """A Quantity: number, comparator and unit."""
    return Group(
        element,
        (
            Decimal("value", says, sensitivity, column),
            Code(
                "comparator",
                f"The true value is this far from {column} (<, <=, >=, >); null: equal.",
                sensitivity,
                f"{column}_comparator",
                rule=one_of("<", "<=", ">=", ">"),
            ),
            Unit(ITEM, f"The unit of {column}.", sensitivity, f"{column}_unit_id"),
        ),
    )


def money(element: str, says: str, column: str) -> Group:
    """A Money: amount and currency."""
    return Group(
        element,
        (
            Decimal("value", says, FINANCIAL, column),
            Code("currency", f"Currency of {column}, ISO 4217.", FINANCIAL, f"{column}_currency"),
        ),
    )


def range_(element: str, says: str, column: str, sensitivity: Sensitivity = CLINICAL) -> Group:
    """A Range: lowest and highest quantity."""
    return Group(
        element,
        (
            quantity("low", f"{says} Lowest.", f"{column}_low", sensitivity),
            quantity("high", f"{says} Highest.", f"{column}_high", sensitivity),
        ),
    )


def attachment(element: str, says: str, column: str) -> Group:
    """An Attachment: its kind, its name, and its bytes or where they lie."""
    return Group(
        element,
        (
            Code("contentType", f"{says} Media type.", ADMINISTRATIVE, f"{column}_content_type"),
            Code("language", f"{says} Language.", ADMINISTRATIVE, f"{column}_language"),
            Data("data", f"{says} The bytes.", FREE_TEXT, f"{column}_id"),
            String("url", f"{says} Where it lies.", FREE_TEXT, f"{column}_url", Mask.NULL),
            String("title", f"{says} Title.", FREE_TEXT, f"{column}_title", Mask.REDACTED),
            Moment("creation", f"{says} When it was made.", CLINICAL, f"{column}_created_at"),
        ),
    )


def renamed(leaf: Leaf, column: str) -> Leaf:
    """The same field under another column name."""
    return replace(leaf, column=column)
