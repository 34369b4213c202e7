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
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import msgspec
from msgspec import UNSET

from wardbase.errors import ModelError
from wardbase.exchange.fhir import definitions, kinds, shape
from wardbase.model import RESOURCES, Child, Resource
from wardbase.model.field import (
    ITEM,
    Code,
    Coding,
    Concept,
    Data,
    Day,
    Decimal,
    Extension,
    Extensions,
    Field,
    Flag,
    Group,
    Leaf,
    Moment,
    Reference,
    String,
    Strings,
    Unit,
    Whole,
    leaves,
    snake,
)

Tree = tuple[Any, ...]
MOST_ITEMS = 30_000
"""A longer list stays whole in the remainder: positions are smallint."""


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
    datatype: str | None = None


_PLAIN = "None if x is U else x"
KINDS: dict[type[Leaf], Kind] = {
    String: Kind(
        1, _PLAIN, "U if {0} is None else {0}", "NULL if {0} is None else text_wire({0})", "{0}"
    ),
    Code: Kind(
        1, _PLAIN, "U if {0} is None else {0}", "NULL if {0} is None else codes[{0}]", "{0}"
    ),
    Flag: Kind(
        1, _PLAIN, "U if {0} is None else {0}", "NULL if {0} is None else flags[{0}]", "{0}"
    ),
    Whole: Kind(
        1, _PLAIN, "U if {0} is None else {0}", "NULL if {0} is None else wholes[{0}]", "{0}"
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


@dataclass(frozen=True)
class Mapping:
    """What `shred`, `render`, `encode` and `revive` do for one resource type."""

    resource: Resource
    tables: tuple[Resource | Child, ...]
    struct: type[msgspec.Struct]
    mapped: tuple[str, ...]
    """The top-level elements that columns or child tables hold, by attribute of the struct."""
    subject: int | None
    """The slot of the reference to the patient."""
    shred: Callable[[Any], Tree]
    render: Callable[[Tree], Any]
    encode: Callable[[Tree, bytes, bytes, bytes, list[list[bytes]], Callable[..., bytes]], None]
    revive: Callable[[Sequence[Any], Callable[[int | None], Any]], Tree]
    source: str


@dataclass
class _Writer:
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


def _property(datatype: str, element: str, where: str) -> definitions.Property:
    found = definitions.property_named(datatype, element)
    if found is None:
        raise ModelError(what=f"{where}: FHIR's {datatype} has no element {element}; mend model/")
    return found


# -- shred ---------------------------------------------------------------------------------------


def _shred_fields(w: _Writer, fields: Sequence[Field], datatype: str, o: str) -> list[str]:
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
            found = _property(datatype, each.element, each.element)
            inner = found.type
            w.put(f"{x} = {o}.{shape.python_name(each.element)}")
            if found.element.many and not isinstance(each, Strings):
                w.put(f"if {x} is not U: {x} = U if {x}[0] is None else {x}[0]")
        if isinstance(each, Group):
            names += _shred_group(w, each.fields, inner, x)
        else:
            names += _shred_leaf(w, each, x)
    return names


def _shred_group(w: _Writer, fields: Sequence[Field], datatype: str, x: str) -> list[str]:
    start = w.count
    probe = _Writer(count=start, depth=w.depth + 1)
    _check(probe, datatype, [], x)
    names = _shred_fields(probe, fields, datatype, x)
    w.put(f"if {x} is U: {' = '.join(names)} = None")
    w.put("else:")
    w.lines += probe.lines
    w.count = probe.count
    return names


def _check(w: _Writer, datatype: str, mapped: Sequence[str], o: str) -> None:
    """Write what decoding could not check: required primitives, and one choice at most."""
    for name in shape.required_primitives(datatype):
        w.put(f"if {o}.{shape.python_name(name)} is U and {o}._{name} is U: raise Doubtful")
    choices: dict[str, list[str]] = {}
    for each in definitions.properties(datatype):
        if each.element.choice and each.name in mapped:
            choices.setdefault(each.element.name, []).append(f"({o}.{each.name} is not U)")
    for names in choices.values():
        if len(names) > 1:
            w.put(f"if {' + '.join(names)} > 1: raise Doubtful")


def _shred_leaf(w: _Writer, leaf: Leaf, x: str) -> list[str]:
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
    w.put(f"{', '.join(names)} = " + _of(code, x))
    return names


def _of(code: str, x: str) -> str:
    return (
        code.replace("x is", f"{x} is")
        .replace("(x)", f"({x})")
        .replace("[x]", f"[{x}]")
        .replace("else x", f"else {x}")
    )


def _shred_extensions(w: _Writer, known: Sequence[Any], o: str) -> list[str]:
    by = w.fresh("by")
    w.put(f"{by} = NONE if {o}.extension is U else {{e.url: e for e in {o}.extension}}")
    names: list[str] = []
    for each in known:
        e = w.fresh("e")
        w.put(f"{e} = {by}.get({each.url!r}, U)")
        if isinstance(each.fields[0], Extension):
            probe = _Writer(count=w.count, depth=w.depth + 1)
            found = _shred_extensions(probe, each.fields, e)
            w.put(f"if {e} is U: {' = '.join(found)} = None")
            w.put("else:")
            w.lines += probe.lines
            w.count = probe.count
            names += found
        else:
            names += _shred_group(w, each.fields, "Extension", e)
    return names


def _shred_function(w: _Writer, of: Resource | Child, datatype: str) -> None:
    """Write `shred_<table>`, its children first."""
    for each in of.children:
        _shred_function(w, each, child_type(of, each, datatype))
    body = _Writer()
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


def child_type(of: Resource | Child, each: Child, datatype: str) -> str:
    """The FHIR type of a child's items."""
    return _property(datatype, each.element, each.table.name).type


# -- render --------------------------------------------------------------------------------------


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
                found = _property(datatype, each.element, each.element)
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


def class_name(datatype: str) -> str:
    """A FHIR type's name as a Python name."""
    return datatype.replace(".", "_")


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


def _render_function(w: _Writer, of: Resource | Child, datatype: str) -> None:
    for each in of.children:
        _render_function(w, each, child_type(of, each, datatype))
    slots = [f"v{i}" for i in range(slots_of(of.fields))]
    given, _ = _render_fields(of.fields, datatype, iter(slots))
    rows = [f"c{i}" for i in range(len(of.children))]
    for each, name in zip(of.children, rows, strict=True):
        given[shape.python_name(each.element)] = (
            f"[render_{each.table.name}(i) for i in {name}] if {name} else U"
        )
    made = given.get(ITEM)
    w.lines += [
        f"def render_{of.table.name}(t):",
        f"    ({', '.join([*slots, *rows])},) = t",
        f"    return {made or f'S_{class_name(datatype)}({_arguments(datatype, given)})'}",
        "",
    ]


# -- encode --------------------------------------------------------------------------------------


def _encode_function(w: _Writer, of: Resource | Child, index: dict[str, int]) -> None:
    for each in of.children:
        _encode_function(w, each, index)
    slots = iter([f"v{i}" for i in range(slots_of(of.fields))])
    parts: list[str] = []
    for leaf in leaves(of.fields):
        if isinstance(leaf, Reference):
            a, b = next(slots), next(slots)
            parts += [_reference_wire(leaf, a), f"NULL if {b} is None else text_wire({b})"]
        else:
            kind = KINDS[type(leaf)]
            parts.append(kind.wire.format(*[next(slots) for _ in range(kind.slots)]))
    names = [f"v{i}" for i in range(slots_of(of.fields))]
    rows = [f"c{i}" for i in range(len(of.children))]
    columns = len(of.table.columns)
    own = "head" if isinstance(of, Resource) else "patient"
    head = [f"{columns.to_bytes(2, 'big')!r}", "key"]
    if isinstance(of, Resource) or "patient_id" in set(of.table.c.keys()) - set(of.key):
        head.append(own)
    w.lines += [
        f"def encode_{of.table.name}(t, key, head, patient, out, attach):",
        f"    ({', '.join([*names, *rows])},) = t",
        f"    out[{index[of.table.name]}].append(join(({', '.join([*head, *parts])},)))",
    ]
    for each, name in zip(of.children, rows, strict=True):
        w.lines += [
            f"    for n, i in enumerate({name}, 1):",
            f"        encode_{each.table.name}(i, key + positions[n], b'', patient, out, attach)",
        ]
    w.lines.append("")


def _reference_wire(leaf: Reference, slot: str) -> str:
    if len(leaf.targets) == 1:
        return f"NULL2 if {slot} is None else {slot}.wire({leaf.targets[0]!r})"
    nothing = b"\xff\xff\xff\xff" * (len(leaf.targets) + 1)
    return f"{nothing!r} if {slot} is None else {slot}.wires({leaf.targets!r})"


# -- revive --------------------------------------------------------------------------------------


def _revive_function(w: _Writer, of: Resource | Child) -> None:
    """Write `revive_<table>`: `s` is the list of stored columns, then lists of child rows."""
    for each in of.children:
        _revive_function(w, each)
    parts: list[str] = []
    at = 0
    for leaf in leaves(of.fields):
        width = columns_of(leaf)
        s = [f"s[{at + i}]" for i in range(width)]
        if isinstance(leaf, Reference):
            parts.append(_reference_back(leaf, s))
        else:
            parts.append(KINDS[type(leaf)].revive.format(*s))
        at += width
    for i, each in enumerate(of.children):
        parts.append(f"[revive_{each.table.name}(i, concept_back) for i in s[{at + i}] or ()]")
    w.lines += [
        f"def revive_{of.table.name}(s, concept_back):",
        f"    return ({', '.join(parts)},)",
        "",
    ]


def _reference_back(leaf: Reference, s: list[str]) -> str:
    *keys, text, display = s
    types = [_TYPE_OF[target] for target in leaf.targets]
    if not types:
        return f"ref_back(None, None, {text}), {display}"
    chosen = f"ref_back({types[-1]!r}, {keys[-1]}, {text})"
    for type_, key in zip(reversed(types[:-1]), reversed(keys[:-1]), strict=True):
        chosen = f"ref_back({type_!r}, {key}, {text}) if {key} is not None else {chosen}"
    return f"{chosen}, {display}"


_TYPE_OF = {snake(type_): type_ for type_ in definitions.resource_types()}


# -- all together --------------------------------------------------------------------------------


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
    w = _Writer()
    _shred_function(w, of, type_)
    _render_function(w, of, type_)
    _encode_function(w, of, index)
    _revive_function(w, of)
    source = "\n".join(w.lines)
    names: dict[str, Any] = {name: getattr(kinds, name) for name in dir(kinds)}
    names.update(
        NONE={},
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
    elements = [shape.python_name(each.element) for each in (*of.fields, *of.children)]
    return Mapping(
        of,
        tables,
        shape.struct(type_),
        tuple(dict.fromkeys(elements)),
        subject,
        names[f"shred_{name}"],
        names[f"render_{name}"],
        names[f"encode_{name}"],
        names[f"revive_{name}"],
        source,
    )
