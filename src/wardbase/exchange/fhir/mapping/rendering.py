"""Writes `render`: out of the slots of the fields, a struct of FHIR."""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from wardbase.exchange.fhir import shape
from wardbase.exchange.fhir.mapping.kind import (
    KINDS,
    Writer,
    child_type,
    class_name,
    property_of,
    slots_of,
)
from wardbase.model import Child, Resource
from wardbase.model.field import (
    ITEM,
    Extension,
    Extensions,
    Field,
    Group,
    Leaf,
    Reference,
    Strings,
    Unit,
)


def _arguments(datatype: str, given: dict[str, str]) -> str:
    """Keyword arguments of a struct: what is given, and UNSET for what it insists on."""
    required = {f.name for f in msgspec.structs.fields(shape.struct(datatype)) if f.required}
    parts = [f"{name}={code}" for name, code in given.items()]
    parts += [f"{name}=U" for name in sorted(required - set(given))]
    return ", ".join(parts)


def _render_fields(
    fields: Sequence[Field], datatype: str, names: Iterator[str]
) -> tuple[dict[str, str], list[str]]:
    """The code of each element of an object, and the slots it stands on."""
    given: dict[str, str] = {}
    used: list[str] = []
    for each in fields:
        if isinstance(each, Extensions):
            code, slots = _render_extensions(each.known, names)
            given["extension"] = code
        elif isinstance(each, Unit):
            slots = [next(names)]
            for attribute, place in (("system", 0), ("code", 2), ("unit", 3)):
                given[attribute] = f"U if {slots[0]} is None else {slots[0]}.said[{place}]"
        else:
            inner = datatype
            many = False
            if each.element != ITEM:
                found = property_of(datatype, each.element, each.element)
                inner, many = found.type, found.element.many and not isinstance(each, Strings)
            if isinstance(each, Group):
                parts, slots = _render_fields(each.fields, inner, names)
                code = _object(inner, parts, slots)
            else:
                code, slots = _render_leaf(each, names)
            if many:
                code = f"listed({code})"
            given[shape.python_name(each.element) or ITEM] = code
        used += slots
    return given, used


def _object(datatype: str, parts: dict[str, str], slots: list[str]) -> str:
    nothing = " and ".join(f"{slot} is None" for slot in slots)
    return f"U if {nothing} else S_{class_name(datatype)}({_arguments(datatype, parts)})"


def _render_leaf(leaf: Leaf, names: Iterator[str]) -> tuple[str, list[str]]:
    if isinstance(leaf, Reference):
        a, b = next(names), next(names)
        return (
            f"U if {a} is None and {b} is None else S_Reference("
            f"reference=U if {a} is None else {a}.text, display=U if {b} is None else {b})",
            [a, b],
        )
    kind = KINDS[type(leaf)]
    slots = [next(names) for _ in range(kind.slots)]
    return kind.render.format(*slots), slots


def _render_extensions(known: Sequence[Any], names: Iterator[str]) -> tuple[str, list[str]]:
    codes: list[str] = []
    used: list[str] = []
    for each in known:
        if isinstance(each.fields[0], Extension):
            code, slots = _render_extensions(each.fields, names)
            parts = {"url": repr(each.url), "extension": code}
        else:
            parts, slots = _render_fields(each.fields, "Extension", names)
            parts = {"url": repr(each.url), **parts}
        codes.append(_object("Extension", parts, slots))
        used += slots
    return f"kept(({', '.join(codes)},))", used


def write_render(w: Writer, of: Resource | Child, datatype: str) -> None:
    for each in of.children:
        write_render(w, each, child_type(each, datatype))
    slots = [f"v{i}" for i in range(slots_of(of.fields))]
    given, _ = _render_fields(of.fields, datatype, iter(slots))
    rows = [f"c{i}" for i in range(len(of.children))]
    for each, name in zip(of.children, rows, strict=True):
        given[shape.python_name(each.element)] = (
            f"[render_{each.table.name}(i) for i in {name}] if {name} else U"
        )
    made = given.get(ITEM)
    hollow = " and ".join([f"{slot} is None" for slot in slots] + [f"not {row}" for row in rows])
    w.lines += [
        f"def render_{of.table.name}(t):",
        f"    ({', '.join([*slots, *rows])},) = t",
        *([f"    if {hollow}: return HOLLOW"] if isinstance(of, Child) and not made else []),
        f"    return {made or f'S_{class_name(datatype)}({_arguments(datatype, given)})'}",
        "",
    ]
