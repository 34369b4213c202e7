"""Writes `encode` and `revive`: out of slots the rows of tables, and out of stored rows slots."""

from wardbase.exchange.fhir import definitions
from wardbase.exchange.fhir.mapping.kind import KINDS, Writer, columns_of, slots_of
from wardbase.model import Child, Resource
from wardbase.model.field import (
    Reference,
    leaves,
    snake,
)


def write_encode(w: Writer, of: Resource | Child, index: dict[str, int]) -> None:
    for each in of.children:
        write_encode(w, each, index)
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


def write_revive(w: Writer, of: Resource | Child) -> None:
    """Write `revive_<table>`: `s` is the list of stored columns, then lists of child rows."""
    for each in of.children:
        write_revive(w, each)
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
        parts.append(
            f"[revive_{each.table.name}(i, concept_back, text_back) for i in s[{at + i}] or ()]"
        )
    w.lines += [
        f"def revive_{of.table.name}(s, concept_back, text_back):",
        f"    return ({', '.join(parts)},)",
        "",
    ]


def _reference_back(leaf: Reference, s: list[str]) -> str:
    *keys, id_, display = s
    text = f"text_back({id_})"
    types = [_TYPE_OF[target] for target in leaf.targets]
    if not types:
        return f"ref_back(None, None, {text}), {display}"
    chosen = f"ref_back({types[-1]!r}, {keys[-1]}, {text})"
    for type_, key in zip(reversed(types[:-1]), reversed(keys[:-1]), strict=True):
        chosen = f"ref_back({type_!r}, {key}, {text}) if {key} is not None else {chosen}"
    return f"{chosen}, {display}"


_TYPE_OF = {snake(type_): type_ for type_ in definitions.resource_types()}
