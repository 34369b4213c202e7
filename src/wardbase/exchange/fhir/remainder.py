"""A resource as a tree of rows and what the rows do not say: `resource == render(tree) | rest`.

It holds by construction: the tree is rendered back and compared, and every top-level element that
is not equal goes to the rest, byte for byte. Nothing sent is lost, however poor a mapping is.
"""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

import msgspec
from msgspec import UNSET, Raw

from wardbase.errors import ShapeError
from wardbase.exchange.fhir import kinds, mapping, shape, validate
from wardbase.exchange.fhir.kinds import Memo, Moment, Ref
from wardbase.model import RESOURCES, Child
from wardbase.model.field import ADMINISTRATIVE, EVERY, Field, Sensitivity, leaves

_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")
_encode = msgspec.json.Encoder().encode
_top = msgspec.json.Decoder(dict[str, Raw])
_needs_every = frozenset({"text", "contained", "extension", "modifierExtension", "meta", "id"})
_SUBJECTS = ("subject", "patient", "beneficiary", "individual")


class Meta:
    """What the metadata of many resources says alike: profiles, tags, labels."""

    __slots__ = ("elements", "id", "wire")

    def __init__(self, elements: bytes) -> None:
        self.elements = elements
        self.id: int | None = None
        self.wire = kinds.NULL

    def hash(self) -> bytes:
        """What it is found by in the dictionary."""
        return kinds.hashed(self.elements)

    def enter(self, id_: int) -> None:
        """Note its key in the dictionary."""
        self.id = id_
        self.wire = kinds.wholes[id_]


fresh_metas: list[Meta] = []
"""The metadata met since the writer last looked."""


def _meta_entry(elements: bytes) -> Meta:
    made = Meta(elements)
    fresh_metas.append(made)
    return made


metas: Memo[bytes, Meta] = Memo(_meta_entry, kinds.UNBOUNDED)
"""Grows with a batch; the writer trims it between batches."""


@dataclass(slots=True)
class Opened:
    """One resource, decoded and checked: what it is, and the hash of what it says."""

    type: str
    id: str
    key: bytes
    hash: bytes
    updated: Moment | None
    raw: bytes
    sent: Any
    stripped: bool

    @property
    def rank(self) -> tuple[int, bytes]:
        """Of two contents under one key the higher rank wins, whichever comes first."""
        return (self.updated.micros if self.updated else -(2**63), self.hash)


@dataclass(slots=True)
class Shredded:
    """One resource, ready to be written.

    `rest` has the remainder by sensitivity, as JSON objects. A type outside the core has no tree,
    and its whole text in `rest` under `every`. `patient` is the reference to the patient.
    """

    opened: Opened
    meta: Meta | None
    tree: mapping.Tree | None
    patient: Ref | None
    rest: dict[Sensitivity, bytes] | None


def open_resource(raw: bytes) -> Opened:
    """Decode and check a resource. Raises ShapeError: the path and what was expected."""
    type_ = shape.resource_type_of(raw)
    sent = shape.decode(raw, type_)
    id_ = sent.id
    if id_ is UNSET:
        raise ShapeError(f"{type_}.id", "is missing; a resource to be stored has an id")
    if _ID.fullmatch(id_) is None:
        raise ShapeError(f"{type_}.id", "expected letters, digits, - and . only, 64 at most")
    if b'""' in raw or b'" "' in raw:
        validate.validate(type_, raw)
    updated, stripped = _strip(sent, type_, raw)
    hash_ = hashlib.blake2b(_said(sent), digest_size=16).digest()
    return Opened(type_, id_, kinds.key_of(type_, id_), hash_, updated, raw, sent, stripped)


def _said(sent: Any) -> bytes:
    """What a resource says, however it is spaced; resources within others are kept as text."""
    said = _encode(sent)
    if getattr(sent, "contained", UNSET) is UNSET and type(sent).__name__ not in _HOLDERS:
        return said
    return msgspec.json.format(said, indent=-1)


_HOLDERS = ("Bundle", "Parameters")


def shred(opened: Opened) -> Shredded:
    """Take a resource apart. Raises ShapeError: the path and what was expected."""
    type_, sent = opened.type, opened.sent
    if type_ not in RESOURCES:
        return _generic(opened)
    made = mapping.mapping(type_)
    meta, kept = _meta(opened)
    try:
        tree = made.shred(sent)
    except mapping.Doubtful:
        validate.validate(type_, opened.raw)
        raise ShapeError(type_, "breaks a rule of its type") from None
    back = made.render(tree)
    back.id = opened.id
    back.meta = sent.meta
    rest = None if back == sent and not kept else _rest(type_, sent, back, opened.raw, kept)
    patient = None if made.subject is None else tree[made.subject]
    return Shredded(opened, meta, tree, patient, rest)


def _strip(sent: Any, type_: str, raw: bytes) -> tuple[Moment | None, bool]:
    """Take off what the receiver sets itself: versionId and lastUpdated (FHIR R4 3.1.0.4.1)."""
    meta = sent.meta
    if meta is UNSET or all(getattr(meta, name) is UNSET for name in _VERSIONS):
        return None, False
    at, version = meta.lastUpdated, meta.versionId
    updated = None if at is UNSET else kinds.moments[_SPLIT_SECOND.sub(r"\1", at)]
    usual = (version is UNSET or _ID.fullmatch(version)) and (at is UNSET or updated)
    if not usual or len(at or "") < 20 or not (meta._versionId is meta._lastUpdated is UNSET):
        validate.validate(type_, raw, only=("meta",))
    for name in _VERSIONS:
        setattr(meta, name, UNSET)
    if all(getattr(meta, name) is UNSET for name in meta.__struct_fields__):
        sent.meta = UNSET
    return updated, True


_VERSIONS = ("versionId", "lastUpdated", "_versionId", "_lastUpdated")
_SPLIT_SECOND = re.compile(r"(\.\d{6})\d+")


def _meta(opened: Opened) -> tuple[Meta | None, bytes]:
    """The dictionary's entry for the metadata, or its text where it is this resource's alone."""
    meta = opened.sent.meta
    if meta is UNSET:
        return None, b""
    text = _encode(meta)
    alone = not (meta.source is UNSET and meta.extension is UNSET and meta.id is UNSET)
    if alone or text not in metas:
        validate.validate(opened.type, opened.raw, only=("meta",))
    return (None, text) if alone else (metas[text], b"")


def _rest(type_: str, sent: Any, back: Any, raw: bytes, meta: bytes) -> dict[Sensitivity, bytes]:
    top = _top.decode(raw)
    pairs = zip(
        json_names(type_), msgspec.structs.astuple(back), msgspec.structs.astuple(sent), strict=True
    )
    names = [name for (_, name), ours, theirs in pairs if ours is not theirs and ours != theirs]
    doubtful = [name for name in names if name != "contained" or not _all_proven(top[name])]
    if doubtful:
        validate.validate(type_, top, only=doubtful)
    grouped: dict[Sensitivity, list[bytes]] = {}
    for name in names:
        said = f'"{name}":'.encode() + compact(bytes(top[name]))
        grouped.setdefault(sensitivity_of(type_, name), []).append(said)
    if meta:
        grouped.setdefault(EVERY, []).append(b'"meta":' + meta)
    return {s: b"{" + b",".join(parts) + b"}" for s, parts in grouped.items()}


_list = msgspec.json.Decoder(list[Raw])


def _all_proven(contained: Raw) -> bool:
    """Whether contained resources come back whole from columns: then nothing is left to check."""
    try:
        return all(_proven(bytes(each)) for each in _list.decode(contained))
    except (ShapeError, msgspec.ValidationError):
        return False


def _proven(raw: bytes) -> bool:
    type_ = shape.resource_type_of(raw)
    if type_ not in RESOURCES or b'""' in raw or b'" "' in raw:
        return False
    sent = shape.decode(raw, type_)
    made = mapping.mapping(type_)
    met = len(kinds.fresh_refs), len(kinds.fresh_concepts)
    try:
        back = made.render(made.shred(sent))
    except mapping.Doubtful:
        return False
    finally:
        _unmeet(*met)
    back.id = sent.id
    back.meta = sent.meta
    return bool(back == sent) and sent.id is not UNSET and _ID.fullmatch(sent.id) is not None


def _unmeet(refs: int, concepts: int) -> None:
    """Forget what was met since: no row will say it, so it is to have no entry."""
    for ref in kinds.fresh_refs[refs:]:
        kinds.refs.pop(ref.text, None)
    for concept in kinds.fresh_concepts[concepts:]:
        kinds.concepts.pop(concept.said, None)
    del kinds.fresh_refs[refs:], kinds.fresh_concepts[concepts:]


@cache
def json_names(type_: str) -> tuple[tuple[str, str], ...]:
    """Attribute of the struct and name in JSON of each top-level element."""
    fields = msgspec.structs.fields(shape.struct(type_))
    return tuple((field.name, field.encode_name) for field in fields)


def _generic(opened: Opened) -> Shredded:
    validate.validate(opened.type, opened.raw)
    return Shredded(opened, None, None, _patient(_top.decode(opened.raw)), {EVERY: text_of(opened)})


def text_of(opened: Opened) -> bytes:
    """The resource as sent, without the version and time its receiver sets."""
    text = _without_versions(_top.decode(opened.raw)) if opened.stripped else opened.raw
    return compact(text)


def compact(text: bytes) -> bytes:
    """The same JSON, token for token, without white space between tokens."""
    return msgspec.json.format(text, indent=-1)


def _without_versions(top: dict[str, Raw]) -> bytes:
    meta = {
        name: value for name, value in _top.decode(top["meta"]).items() if name not in _VERSIONS
    }
    kept = (
        {**top, "meta": Raw(_encode(meta))}
        if meta
        else {name: value for name, value in top.items() if name != "meta"}
    )
    return _encode(kept)


def _patient(top: dict[str, Raw]) -> Ref | None:
    """The patient a resource outside the core is about, if one of its usual elements says so."""
    for name in _SUBJECTS:
        if name in top:
            try:
                said: Any = msgspec.json.decode(top[name], type=shape.struct("Reference"))
            except msgspec.ValidationError:
                continue
            if said.reference is not UNSET and kinds.refs[said.reference].type == "Patient":
                return kinds.refs[said.reference]
    return None


@cache
def sensitivity_of(type_: str, element: str) -> Sensitivity:
    """The class of a top-level element in the remainder: that of its columns, else its table's."""
    name = element.removeprefix("_")
    if name in _needs_every:
        return EVERY
    resource = RESOURCES[type_]
    found: set[Sensitivity] = set()
    for each in (*resource.fields, *resource.children):
        if each.element == name:
            found |= {
                column.info["sensitivity"]
                for leaf in leaves(tuple(_fields(each)))
                for column in leaf.columns()
            }
    found.discard(ADMINISTRATIVE)
    if len(found) > 1:
        return EVERY
    return found.pop() if found else resource.sensitivity


def _fields(of: Field | Child) -> Iterable[Field]:
    if not isinstance(of, Child):
        return (of,)
    return (*of.fields, *(field for child in of.children for field in _fields(child)))


def restore(
    type_: str, id_: str, tree: mapping.Tree, meta: bytes | None, rest: Iterable[bytes]
) -> bytes:
    """The resource as JSON: what the tree renders, overlaid with its remainder."""
    back = mapping.mapping(type_).render(tree)
    back.id = id_
    if meta is not None:
        back.meta = Raw(meta)
    attributes = {json_name: name for name, json_name in json_names(type_)}
    for elements in rest:
        for name, value in _top.decode(elements).items():
            setattr(back, attributes[name], UNSET if bytes(value) == b"null" else value)
    return _encode(back)
