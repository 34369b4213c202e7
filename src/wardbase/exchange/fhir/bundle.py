"""Bundles opened into their resources, each verbatim but for its references within the bundle.

Transactions, batches and collections are opened; documents, messages, search sets, histories and
responses say something as a whole and stay one resource, and so does a batch that brings no
resource but only asks for some. In an opened bundle a reference to the `urn:uuid:` or `urn:oid:` of
another entry becomes `Type/id` (R4 bundle, 2.36.4.2), and a resource without an id gets the one in
its `fullUrl`. All other references stay as they are written.
"""

import re
from collections.abc import Iterator

import msgspec
from msgspec import UNSET, Raw, UnsetType, structs

from wardbase.errors import ShapeError
from wardbase.exchange.fhir import text

OPENED = frozenset({"transaction", "batch", "collection"})


class Entry(msgspec.Struct, frozen=True, gc=False):
    """One resource of a JSON text and what its entry says of it; or why there is none."""

    resource: bytes
    # position in the bundle or list, from 0; None for the whole text
    index: int | None = None
    full_url: str | None = None
    method: str | None = None
    url: str | None = None
    refused: ShapeError | None = None


class _Request(msgspec.Struct, gc=False):
    method: str | None = None
    url: str | None = None


class _Entry(msgspec.Struct, gc=False, rename={"full_url": "fullUrl"}):
    resource: Raw | UnsetType = UNSET
    full_url: str | None = None
    request: _Request | None = None


class _Bundle(msgspec.Struct, gc=False):
    type: str | None = None
    entry: list[_Entry] = []


class _OddBundle(msgspec.Struct, gc=False):
    type: str | None = None
    entry: list[Raw] = []


class _Head(msgspec.Struct, gc=False, rename={"kind": "resourceType"}):
    kind: str | None = None
    id: str | None = None


_bundle = msgspec.json.Decoder(_Bundle)
_odd_bundle = msgspec.json.Decoder(_OddBundle)
_one = msgspec.json.Decoder(_Entry)
_head = msgspec.json.Decoder(_Head)
_list = msgspec.json.Decoder(list[Raw])
_string = msgspec.json.Decoder(str)

_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_TYPE_FIRST = re.compile(rb'\s*\{\s*"resourceType"\s*:\s*"(\w+)"')
_TYPE_AND_ID = re.compile(_TYPE_FIRST.pattern + rb'\s*,\s*"id"\s*:\s*"([A-Za-z0-9.-]+)"')
_ID = re.compile(r"[A-Za-z0-9.-]{1,64}")
_URN = ("urn:uuid:", "urn:oid:")
# a reference to a urn, or one whose escapes might spell one
_REFERENCE = re.compile(rb'("reference"\s*:\s*")(urn:[^"]*|[^"\\]*\\[^"]*)(?=")')


def open_bundle(raw: bytes) -> Iterator[Entry]:
    """The resources of a JSON text: a bundle, a single resource, or a list of either.

    Raises nothing: what cannot be read is an entry with `refused`, which names the place.
    """
    try:
        if raw[:64].lstrip()[:1] == b"[":
            yield from _items(raw)
        elif _kind(raw) == "Bundle":
            yield from _opened(raw)
        else:
            yield Entry(raw)
    except _UNREADABLE as error:
        yield Entry(b"", refused=text.broken(raw, error, "Resource"))


def _items(raw: bytes) -> Iterator[Entry]:
    for n, item in enumerate(_list.decode(raw)):
        if bytes(item)[:1] != b"{":
            yield Entry(b"", n, refused=ShapeError(f"[{n}]", "expected an object"))
            continue
        for entry in open_bundle(bytes(item)):
            yield structs.replace(entry, index=n)


def _opened(raw: bytes) -> Iterator[Entry]:
    try:
        bundle = _bundle.decode(raw)
    except msgspec.ValidationError:
        yield from _opened_one_by_one(raw)
        return
    asks_only = bundle.entry and all(entry.resource is UNSET for entry in bundle.entry)
    if bundle.type in OPENED and not asks_only:
        names = _names(bundle.entry)
        for n, entry in enumerate(bundle.entry):
            yield _entry(n, entry, names)
    else:
        yield Entry(raw)


def _opened_one_by_one(raw: bytes) -> Iterator[Entry]:
    """A bundle with something of the wrong kind: only the entries that have it are refused."""
    try:
        bundle = _odd_bundle.decode(raw)
    except msgspec.ValidationError:
        # not even a list of entries: whoever reads it as a resource will say where
        yield Entry(raw)
        return
    if bundle.type not in OPENED:
        yield Entry(raw)
        return
    found: list[_Entry | None] = []
    for item in bundle.entry:
        try:
            found.append(_one.decode(item))
        except msgspec.ValidationError:
            found.append(None)
    names = _names([entry for entry in found if entry])
    for n, entry in enumerate(found):
        if entry:
            yield _entry(n, entry, names)
        else:
            yield _refused(
                n, "expected an entry with a resource, and a fullUrl and request in text"
            )


class _Names:
    """What the entries of one bundle are called, to whom refers to them by their urn."""

    def __init__(self) -> None:
        self.targets: dict[bytes, bytes | None] = {}
        # ids that resources without one get, by fullUrl
        self.given: dict[str, str] = {}

    def add(self, full_url: str, kind: str, own_id: str | None) -> None:
        given = None if own_id else _id_of(full_url)
        if given:
            self.given[full_url] = given
        if resource_id := own_id or given:
            target, urn = f"{kind}/{resource_id}".encode(), full_url.encode()
            # two resources of one name: a reference to it stays as it is, for none can be chosen
            self.targets[urn] = target if self.targets.get(urn, target) == target else None

    def rewritten(self, resource: bytes) -> bytes:
        # text, key, reference, text, key, reference, ..., text: faster than a function per match
        parts = _REFERENCE.split(resource) if self.targets else ()
        if len(parts) < 2:
            return resource
        targets = self.targets
        for n in range(2, len(parts), 3):
            urn = parts[n]
            parts[n] = targets.get(_spelt(urn) if b"\\" in urn else urn) or urn
        return b"".join(parts)


def _names(entries: list[_Entry]) -> _Names:
    names = _Names()
    for entry in entries:
        if entry.full_url and entry.full_url.startswith(_URN) and entry.resource is not UNSET:
            kind, own_id = _kind_and_id(bytes(entry.resource))
            if kind:
                names.add(entry.full_url, kind, own_id)
    return names


def _entry(n: int, entry: _Entry, names: _Names) -> Entry:
    request = entry.request or _Request()
    if entry.resource is UNSET:
        what = f"a {request.method} request" if request.method in _METHODS else "an entry"
        return _refused(n, f"{what} without a resource has nothing to load")
    resource = bytes(entry.resource)
    if resource[:1] != b"{":
        return _refused(n, "expected an object", ".resource")
    resource = names.rewritten(resource)
    if names.given and entry.full_url in names.given and not _kind_and_id(resource)[1]:
        resource = _with_id(resource, names.given[entry.full_url])
    return Entry(resource, n, entry.full_url, request.method, request.url)


_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH"})


def _refused(n: int, why: str, step: str = "") -> Entry:
    return Entry(b"", n, refused=ShapeError(f"Bundle.entry[{n}]{step}", why))


def _kind(raw: bytes) -> str | None:
    first = _TYPE_FIRST.match(raw)
    return first[1].decode() if first else _kind_and_id(raw)[0]


def _kind_and_id(raw: bytes) -> tuple[str | None, str | None]:
    """The resourceType and id at the top level, so far as they are there and strings."""
    if found := _TYPE_AND_ID.match(raw):
        return found[1].decode(), found[2].decode()
    try:
        head = _head.decode(raw)
    except msgspec.ValidationError:
        return None, None
    return head.kind, head.id


def _id_of(full_url: str) -> str | None:
    """The id a fullUrl gives a resource without one: its UUID, in small letters, or its OID."""
    found = full_url.removeprefix("urn:uuid:").removeprefix("urn:oid:").lower()
    return found if _ID.fullmatch(found) else None


def _with_id(resource: bytes, resource_id: str) -> bytes:
    """The resource with an id after its resourceType, or first where that is not first."""
    quoted = b'"id":"%b"' % resource_id.encode()
    if first := _TYPE_FIRST.match(resource):
        return b"%b,%b%b" % (first[0], quoted, resource[first.end() :])
    return b"{%b,%b" % (quoted, resource[1:])


def _spelt(reference: bytes) -> bytes:
    """A reference with its escapes resolved; none if it goes on after an escaped quote."""
    try:
        return _string.decode(b'"%b"' % reference).encode()
    except _UNREADABLE:
        return b""
