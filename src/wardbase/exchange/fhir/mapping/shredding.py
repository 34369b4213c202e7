"""Writes `shred`: out of a struct of FHIR, the slots of the fields."""

from collections.abc import Sequence
from typing import Any

from wardbase.exchange.fhir import definitions, shape
from wardbase.exchange.fhir.mapping.kind import KINDS, Writer, child_type, property_of
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


def _shred_fields(w: Writer, fields: Sequence[Field], datatype: str, o: str) -> list[str]:
    """Write the code that takes `fields` out of the object `o`; the names of the slots."""
    names: list[str] = []
    for each in fields:
        if isinstance(each, Extensions):
            names += _shred_extensions(w, each.known, o)
            continue
        x = w.fresh("x")
        inner = datatype
        if isinstance(each, Unit) or each.element == ITEM:
            w.put(f"{x} = {o}")
        else:
            found = property_of(datatype, each.element, each.element)
            inner = found.type
            w.put(f"{x} = {o}.{shape.python_name(each.element)}")
            if found.element.many and not isinstance(each, Strings):
                w.put(f"if {x} is not U: {x} = U if {x}[0] is None else {x}[0]")
        if isinstance(each, Group):
            names += _shred_group(w, each.fields, inner, x)
        else:
            names += _shred_leaf(w, each, x, inner)
    return names


def _shred_group(w: Writer, fields: Sequence[Field], datatype: str, x: str) -> list[str]:
    start = w.count
    probe = Writer(count=start, depth=w.depth + 1)
    _check(probe, datatype, [each.element for each in fields], x)
    names = _shred_fields(probe, fields, datatype, x)
    w.put(f"if {x} is U: {' = '.join(names)} = None")
    w.put("else:")
    w.lines += probe.lines
    w.count = probe.count
    return names


def _check(w: Writer, datatype: str, mapped: Sequence[str], o: str) -> None:
    """Write what decoding could not check: what is required, and one choice at most."""
    for name in shape.required_primitives(datatype):
        w.put(f"if {o}.{shape.python_name(name)} is U and {o}._{name} is U: raise Doubtful")
    for element in definitions.elements(datatype):
        if element.required and element.choice:
            kinds = [p for p in definitions.properties(datatype) if p.element == element]
            said = [p.name for p in kinds] + [p.companion for p in kinds if p.companion]
            w.put(f"if {' is '.join(f'{o}.{name}' for name in said)} is U: raise Doubtful")
    choices: dict[str, list[str]] = {}
    for each in definitions.properties(datatype):
        if each.element.choice and each.name in mapped:
            choices.setdefault(each.element.name, []).append(f"({o}.{each.name} is not U)")
    for names in choices.values():
        if len(names) > 1:
            w.put(f"if {' + '.join(names)} > 1: raise Doubtful")


_STRICTER = {"instant": ("moments[x]", "instants[x]"), "id": ("x is U", "x is U or not is_id(x)")}
"""Where a FHIR type allows less than the kind of its column does."""


def _shred_leaf(w: Writer, leaf: Leaf, x: str, datatype: str) -> list[str]:
    if isinstance(leaf, Reference):
        a, b = w.fresh(), w.fresh()
        w.put(f"if {x} is U: {a} = {b} = None")
        w.put("else:")
        w.put(f"    y = {x}.reference; {a} = None if y is U else refs[y]")
        w.put(f"    y = {x}.display; {b} = None if y is U else y")
        return [a, b]
    kind = KINDS[type(leaf)]
    names = [w.fresh() for _ in range(kind.slots)]
    code = kind.shred.replace("o.", f"{x}.") if isinstance(leaf, Unit) else kind.shred
    code = code.replace(*_STRICTER.get(datatype, ("", "")))
    w.put(f"{', '.join(names)} = " + _of(code, x))
    return names


def _of(code: str, x: str) -> str:
    return (
        code.replace("x is", f"{x} is")
        .replace("(x)", f"({x})")
        .replace("[x]", f"[{x}]")
        .replace("else x", f"else {x}")
    )


def _shred_extensions(w: Writer, known: Sequence[Any], o: str) -> list[str]:
    by = w.fresh("by")
    w.put(f"{by} = NONE if {o}.extension is U else {{e.url: e for e in {o}.extension}}")
    names: list[str] = []
    for each in known:
        e = w.fresh("e")
        w.put(f"{e} = {by}.get({each.url!r}, U)")
        if isinstance(each.fields[0], Extension):
            probe = Writer(count=w.count, depth=w.depth + 1)
            found = _shred_extensions(probe, each.fields, e)
            w.put(f"if {e} is U: {' = '.join(found)} = None")
            w.put("else:")
            w.lines += probe.lines
            w.count = probe.count
            names += found
        else:
            names += _shred_group(w, each.fields, "Extension", e)
    return names


def write_shred(w: Writer, of: Resource | Child, datatype: str) -> None:
    """Write `shred_<table>`, its children first."""
    for each in of.children:
        write_shred(w, each, child_type(each, datatype))
    body = Writer()
    _check(body, datatype, [each.element for each in of.fields], "r")
    names = _shred_fields(body, of.fields, datatype, "r")
    for each in of.children:
        c = body.fresh("c")
        body.put(f"{c} = r.{shape.python_name(each.element)}")
        body.put(
            f"{c} = () if {c} is U or len({c}) > MOST else "
            f"[shred_{each.table.name}(i) for i in {c}]"
        )
        names.append(c)
    w.lines += [
        f"def shred_{of.table.name}(r):",
        *body.lines,
        f"    return ({', '.join(names)},)",
        "",
    ]
