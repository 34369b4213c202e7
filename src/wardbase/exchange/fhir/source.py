"""Files of FHIR as they come: told apart by their first bytes, and cut into JSON texts.

NDJSON is one resource a line (FHIR Bulk Data Access, 2.0, "ndjson"). All functions work on bytes
or open binary streams; nothing here opens a path.
"""

import lzma
import zlib
from collections.abc import Callable, Iterator
from enum import StrEnum
from itertools import chain
from typing import IO

import msgspec

from wardbase.errors import ShapeError

# a text is held in memory whole, and several times over while it is read
MOST_BYTES = 256 * 2**20
# enough to see the first header of an archive in a compressed file, and the first lines of most
PEEK = 64 * 2**10

_BOM = b"\xef\xbb\xbf"
_SKIP = 2**20


class Kind(StrEnum):
    """What a file is. A tar may be compressed: `tarfile.open(mode="r|*")` finds out how."""

    JSON = "json"
    NDJSON = "ndjson"
    GZIP = "gzip"
    XZ = "xz"
    ZIP = "zip"
    TAR = "tar"
    UNKNOWN = "unknown"


class Text(msgspec.Struct, frozen=True, gc=False):
    """One JSON text of a file, and the line it begins in; or why it is refused."""

    line: int
    raw: bytes
    refused: ShapeError | None = None


def kind_of(first_bytes: bytes, name: str = "") -> Kind:
    """What a file is, by its first `PEEK` bytes; its name decides only where they do not."""
    for magic, kind, unpacked in _PACKED:
        if first_bytes.startswith(magic):
            return Kind.TAR if unpacked and _is_tar(unpacked(first_bytes)) else kind
    if _is_tar(first_bytes):
        return Kind.TAR
    start = first_bytes.removeprefix(_BOM).lstrip()
    if start[:1] not in (b"{", b"["):
        return Kind.UNKNOWN
    first, newline, rest = start.partition(b"\n")
    if not newline:
        lined = name.lower().removesuffix(".gz").endswith((".ndjson", ".jsonl"))
        return Kind.NDJSON if lined else Kind.JSON
    return Kind.NDJSON if _complete(first) and rest.lstrip()[:1] == b"{" else Kind.JSON


def _gunzipped(first_bytes: bytes) -> bytes:
    try:
        return zlib.decompressobj(wbits=31).decompress(first_bytes, 512)
    except zlib.error:
        return b""


def _unxzed(first_bytes: bytes) -> bytes:
    try:
        return lzma.LZMADecompressor().decompress(first_bytes, 512)
    except lzma.LZMAError:
        return b""


def _is_tar(start: bytes) -> bool:
    return start[257:262] == b"ustar"


_PACKED: tuple[tuple[bytes, Kind, Callable[[bytes], bytes] | None], ...] = (
    (b"\x1f\x8b", Kind.GZIP, _gunzipped),
    (b"\xfd7zXZ\0", Kind.XZ, _unxzed),
    (b"PK\3\4", Kind.ZIP, None),
    (b"PK\5\6", Kind.ZIP, None),
)


def _complete(text: bytes) -> bool:
    try:
        msgspec.json.decode(text, type=msgspec.Raw)
    except (msgspec.DecodeError, RecursionError):
        return False
    return True


def ndjson_lines(stream: IO[bytes], most: int = MOST_BYTES) -> Iterator[Text]:
    """The lines of an NDJSON file, numbered from 1, without their ends and without blank ones.

    A byte order mark and CRLF are tolerated. A line of more than `most` bytes is refused and passed
    over, so that memory stays bounded; the rest goes through.
    """
    line = 0
    while raw := stream.readline(most + 2):
        line += 1
        cut = len(raw) == most + 2 and not raw.endswith(b"\n")
        if line == 1:
            raw = raw.removeprefix(_BOM)
        content = raw.rstrip(b"\r\n")
        if cut or len(content) > most:
            _pass_over(stream, raw)
            yield Text(line, b"", _too_long(f"line {line}", most))
        elif content and not content.isspace():
            yield Text(line, content)


def _pass_over(stream: IO[bytes], piece: bytes) -> None:
    while piece and not piece.endswith(b"\n"):
        piece = stream.readline(_SKIP)


def _too_long(where: str, most: int) -> ShapeError:
    return ShapeError(where, f"expected at most {most:,} bytes; divide it")


def json_texts(stream: IO[bytes], most: int = MOST_BYTES) -> Iterator[Text]:
    """The JSON texts of a file of any layout, each for `bundle.open_bundle`.

    If the first line is complete, each line is a text: NDJSON, or a file on one line. Else the file
    is one text: a resource, bundle or list, written over several lines.
    """
    lines = ndjson_lines(stream, most)
    first = next(lines, None)
    if first is None:
        return
    if first.refused or _complete(first.raw):
        yield from chain((first,), lines)
    else:
        yield _whole(first, stream, most)


def _whole(first: Text, stream: IO[bytes], most: int) -> Text:
    """The rest of a stream with its first line before it; lines above keep their number."""
    left = most - len(first.raw)
    rest = stream.read(left + 1)
    if len(rest) > left:
        return Text(first.line, b"", _too_long("the file", most))
    return Text(first.line, b"%b\n%b" % (first.raw, rest))
