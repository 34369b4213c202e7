"""How each kind of leaf is written into the generated code."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from wardbase.errors import ModelError
from wardbase.exchange.fhir import definitions
from wardbase.model import Child
from wardbase.model.field import (
    Code,
    Coding,
    Concept,
    Data,
    Day,
    Decimal,
    Extension,
    Field,
    Flag,
    Leaf,
    Moment,
    Reference,
    String,
    Strings,
    Unit,
    Whole,
    leaves,
)

Tree = tuple[Any, ...]
MOST_ITEMS = 30_000
"""A longer list stays whole in the remainder: positions are smallint."""


HOLLOW = msgspec.Raw(b"{}")
"""What is rendered of an item without columns: equal to nothing sent, so it goes to the rest."""


class Doubtful(Exception):
    """A resource may break a rule that decoding does not check: validate it in full."""


@dataclass(frozen=True)
class Kind:
    """How a kind of leaf is written into the generated code; `x` is the value at hand."""

    slots: int
    shred: str
    render: str
    wire: str
    revive: str
    columns: int = 1


PLAIN = "None if x is U else x"
KINDS: dict[type[Leaf], Kind] = {
    String: Kind(
        1, PLAIN, "U if {0} is None else {0}", "NULL if {0} is None else text_wire({0})", "{0}"
    ),
    Code: Kind(1, PLAIN, "U if {0} is None else {0}", "NULL if {0} is None else codes[{0}]", "{0}"),
    Flag: Kind(1, PLAIN, "U if {0} is None else {0}", "NULL if {0} is None else flags[{0}]", "{0}"),
    Whole: Kind(
        1, PLAIN, "U if {0} is None else {0}", "NULL if {0} is None else wholes[{0}]", "{0}"
    ),
    Strings: Kind(
        1,
        "None if x is U else strings(x)",
        "U if {0} is None else {0}",
        "NULL if {0} is None else strings_wire({0})",
        "{0}",
    ),
    Decimal: Kind(
        1,
        "None if x is U else number(x)",
        "U if {0} is None else {0}.raw",
        "NULL if {0} is None else {0}.wire",
        "number_back({0})",
    ),
    Moment: Kind(
        1,
        "None if x is U else moments[x]",
        "U if {0} is None else {0}.text",
        "NULL2 if {0} is None else {0}.wire",
        "moment_back({0}, {1})",
        columns=2,
    ),
    Day: Kind(
        1,
        "None if x is U else days[x]",
        "U if {0} is None else {0}.text",
        "NULL2 if {0} is None else {0}.wire",
        "day_back({0}, {1})",
        columns=2,
    ),
    Concept: Kind(
        2,
        "(None, None) if x is U else concept(x)",
        "concept_out({0}, {1})",
        "NULL if {0} is None else {0}.wire, NULL if {1} is None else text_wire({1})",
        "concept_back({0}), {1}",
        columns=2,
    ),
    Coding: Kind(
        1,
        "None if x is U else coding(x)",
        "U if {0} is None else {0}.codings[0]",
        "NULL if {0} is None else {0}.wire",
        "concept_back({0})",
    ),
    Unit: Kind(
        1,
        "unit(o.unit, o.system, o.code)",
        "",
        "NULL if {0} is None else {0}.wire",
        "concept_back({0})",
    ),
    Data: Kind(
        1,
        "None if x is U else blob(x)",
        "U if {0} is None else {0}.text",
        "NULL if {0} is None else attach({0}, patient)",
        "blob_back({0})",
    ),
}


@dataclass
class Writer:
    """Lines of a function, and names for its slots."""

    lines: list[str] = field(default_factory=list)
    count: int = 0
    depth: int = 1

    def put(self, line: str) -> None:
        self.lines.append("    " * self.depth + line)

    def fresh(self, stem: str = "v") -> str:
        self.count += 1
        return f"{stem}{self.count}"


def slots_of(fields: Sequence[Field | Extension]) -> int:
    """How many slots the fields take in a tree."""
    return sum(
        2 if isinstance(leaf, Reference) else KINDS[type(leaf)].slots for leaf in leaves(fields)
    )


def columns_of(leaf: Leaf) -> int:
    """How many columns a leaf has."""
    return len(leaf.targets) + 2 if isinstance(leaf, Reference) else KINDS[type(leaf)].columns


def property_of(datatype: str, element: str, where: str) -> definitions.Property:
    found = definitions.property_named(datatype, element)
    if found is None:
        raise ModelError(what=f"{where}: FHIR's {datatype} has no element {element}; mend model/")
    return found


def child_type(each: Child, datatype: str) -> str:
    """The FHIR type of a child's items, in a parent of that type."""
    return property_of(datatype, each.element, each.table.name).type


def class_name(datatype: str) -> str:
    """A FHIR type's name as a Python name."""
    return datatype.replace(".", "_")
