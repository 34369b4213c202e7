"""Four functions of each resource type, generated from its fields as declared in `model`.

    shred    struct -> tree     what FHIR says, as slots
    render   tree -> struct     the inverse: what comes back equal needs no remainder
    encode   tree -> wires      the rows of all its tables, in PostgreSQL's binary format
    revive   stored -> tree     the tree of rows read back

A *tree* is a tuple: the slots of the fields in order, then a list of trees for each child table.
A slot holds a plain value or an entry of `kinds`; None is null. Code is generated, not interpreted,
because this runs for every element of every resource: it takes a fifth of the time.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from msgspec import UNSET

from wardbase.exchange.fhir import definitions, kinds, shape
from wardbase.exchange.fhir.mapping.kind import (
    HOLLOW,
    KINDS,
    MOST_ITEMS,
    Doubtful,
    Tree,
    Writer,
)
from wardbase.exchange.fhir.mapping.rendering import write_render
from wardbase.exchange.fhir.mapping.shredding import write_shred
from wardbase.exchange.fhir.mapping.storing import write_encode, write_revive
from wardbase.model import RESOURCES, Child, Resource
from wardbase.model.field import Reference, leaves

__all__ = ["Doubtful", "Mapping", "Tree", "mapping"]


Numbered = Callable[[int | None], Any]
"""What finds an entry of a dictionary by its number."""


@dataclass(frozen=True)
class Mapping:
    """What `shred`, `render`, `encode` and `revive` do for one resource type."""

    resource: Resource
    tables: tuple[Resource | Child, ...]
    subject: int | None
    """The slot of the reference to the patient."""
    shred: Callable[[Any], Tree]
    render: Callable[[Tree], Any]
    encode: Callable[[Tree, bytes, bytes, bytes, list[list[bytes]], Callable[..., bytes]], None]
    revive: Callable[
        [Sequence[Any], Callable[[int | None], Any], Callable[[int | None], Any]], Tree
    ]
    source: str


def _listed(value: Any) -> Any:
    return UNSET if value is UNSET else [value]


def _kept(values: tuple[Any, ...]) -> Any:
    return [value for value in values if value is not UNSET] or UNSET


@cache
def mapping(type_: str) -> Mapping:
    """The generated functions of one type of the clinical core."""
    of = RESOURCES[type_]
    tables = tuple(of.everything())
    index = {each.table.name: i for i, each in enumerate(tables)}
    w = Writer()
    write_shred(w, of, type_)
    write_render(w, of, type_)
    write_encode(w, of, index)
    write_revive(w, of)
    source = "\n".join(w.lines)
    names: dict[str, Any] = {name: getattr(kinds, name) for name in dir(kinds)}
    names.update(
        NONE={},
        is_id=re.compile(definitions.regex("id") or "").fullmatch,
        HOLLOW=HOLLOW,
        Doubtful=Doubtful,
        MOST=MOST_ITEMS,
        listed=_listed,
        kept=_kept,
        join=b"".join,
        blob_back=lambda text: None if text is None else kinds.blob(text),
    )
    for word in set(re.findall(r"\bS_(\w+)", source)):
        names[f"S_{word}"] = shape.struct(word.replace("_", "."))
    exec(compile(source, f"<mapping of {type_}>", "exec"), names)
    name = of.table.name
    at = 0
    subject = None
    for leaf in leaves(of.fields):
        if isinstance(leaf, Reference) and leaf.subject:
            subject = at
        at += 2 if isinstance(leaf, Reference) else KINDS[type(leaf)].slots
    return Mapping(
        of,
        tables,
        subject,
        names[f"shred_{name}"],
        names[f"render_{name}"],
        names[f"encode_{name}"],
        names[f"revive_{name}"],
        source,
    )
