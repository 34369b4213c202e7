"""JSON texts from files, folders and archives, in the order that links best, as a stream."""

import gzip
import io
import lzma
import re
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, TypeAlias

from wardbase.errors import LoadError
from wardbase.exchange.fhir.source import PEEK, Kind, Text, json_texts, kind_of, ndjson_lines
from wardbase.model import RESOURCES

_RANK = {type_: rank for rank, type_ in enumerate(RESOURCES)}
_NAMED = re.compile(
    r"([A-Z][A-Za-z]+)(?:[._-].*)?\.(?:nd)?json(?:l|\.gz)?$|([A-Z][A-Za-z]+)\.jsonl$"
)
_LINES = re.compile(r"\.(?:ndjson|jsonl)(?:\.gz|\.xz)?$", re.IGNORECASE)
_OURS = re.compile(r"\.(?:json|ndjson|jsonl|gz|xz|zip|tar|tgz)$", re.IGNORECASE)
"""Read, or refused with the reason, whatever they begin with."""
_SKIPPED = re.compile(r"\.refused\.ndjson$|^\.|/\.|(^|/)__MACOSX/")
_BROKEN = (OSError, EOFError, lzma.LZMAError, zlib.error, tarfile.TarError, zipfile.BadZipFile)


class NoSuchPath(LoadError):
    says = "{path} is not there. Name a file, an archive or a folder."


class NothingToLoad(LoadError):
    says = "{path} holds no FHIR files: no JSON or NDJSON, packed (.gz, .zip, .tar.xz) or not."


class BrokenFile(LoadError):
    says = "{path} cannot be read to its end ({kind}); what came before is loaded. Fetch it again."


Stream: TypeAlias = "io.BufferedReader[Any]"


@dataclass(frozen=True)
class Source:
    """One file to read; `rank` orders files that name their type, targets before sources."""

    path: Path
    rank: int
    size: int


@dataclass(frozen=True)
class Read:
    """One JSON text: the file (`archive!member` in an archive), and the line it begins in."""

    file: str
    text: Text


def sources(paths: Sequence[Path]) -> list[Source]:
    """The files under some paths, in the order to load them; raises NoSuchPath, NothingToLoad."""
    found: dict[Path, Source] = {}
    for path in paths:
        if not path.exists():
            raise NoSuchPath(path=path)
        files = sorted(path.rglob("*")) if path.is_dir() else [path]
        kept = [each for each in files if each.is_file()]
        if path.is_dir():
            kept = [
                each
                for each in kept
                if not _SKIPPED.search(each.name)
                and (_OURS.search(each.name) or _kind(each) is not Kind.UNKNOWN)
            ]
        if not kept:
            raise NothingToLoad(path=path)
        for each in kept:
            found[each] = Source(each, _rank(each.name), each.stat().st_size)
    return sorted(found.values(), key=lambda each: each.rank)


def _rank(name: str) -> int:
    """Where a file stands: by its type where its name says that, hospitals before others."""
    named = _NAMED.match(name)
    type_ = (named[1] or named[2]) if named else None
    if type_ in _RANK:
        return _RANK[type_]
    if re.match(r"hospital|practitioner|organization|location", name, re.IGNORECASE):
        return -1
    return len(_RANK)


def _kind(path: Path) -> Kind:
    with path.open("rb") as stream:
        return kind_of(stream.read(PEEK), path.name)


class _Counting(io.RawIOBase):
    """A file that tells how much of it has been read."""

    def __init__(self, raw: IO[bytes], tell: Callable[[int], None]) -> None:
        self._raw = raw
        self._tell = tell

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return self._raw.seekable()

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._raw.seek(offset, whence)

    def tell(self) -> int:
        return self._raw.tell()

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        data = self._raw.read(len(buffer))
        buffer[: len(data)] = data
        self._tell(len(data))
        return len(data)


class _Stepwise(io.RawIOBase):
    """An unpacking stream that gives what it has before it comes to a damaged place."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        data = self._stream.read1(len(buffer))
        buffer[: len(data)] = data
        return len(data)


def _buffered(stream: Any) -> Stream:
    """A stream one can look ahead in."""
    return io.BufferedReader(stream if isinstance(stream, _Counting) else _Stepwise(stream),
                             PEEK * 2)  # fmt: skip


def texts(source: Source, tell: Callable[[int], None]) -> Iterator[Read]:
    """The JSON texts of a file, unpacked as they are read; raises BrokenFile at a damaged place."""
    try:
        with source.path.open("rb") as raw:
            counting = _buffered(_Counting(raw, tell))
            yield from _open(counting, str(source.path), source.path.name)
    except _BROKEN as error:
        raise BrokenFile(path=source.path, kind=type(error).__name__) from None


def _open(stream: Stream, label: str, name: str) -> Iterator[Read]:
    kind = kind_of(stream.peek(PEEK), name)
    if kind is Kind.TAR:
        yield from _tar(stream, label)
    elif kind is Kind.ZIP:
        yield from _zip(stream, label)
    elif kind is Kind.GZIP:
        with gzip.open(stream) as inner:
            yield from _open(_buffered(inner), label, name)
    elif kind is Kind.XZ:
        with lzma.open(stream) as inner:
            yield from _open(_buffered(inner), label, name)
    else:
        # A name that says lines is believed: a broken first one is one line, not the whole file.
        cut = ndjson_lines if _LINES.search(name) else json_texts
        for text in cut(stream):
            yield Read(label, text)


def _tar(stream: Stream, label: str) -> Iterator[Read]:
    """The members of a tar. What `tarfile` lets pass is an error here: a wrong checksum of what it
    was compressed with, and an end without the zeros every tar ends in."""
    with _uncompressed(stream) as whole:
        tail: Any = _Tail(whole)
        with tarfile.open(fileobj=tail, mode="r|") as archive:
            for member in archive:
                inner = archive.extractfile(member) if member.isfile() else None
                if inner is not None and not _SKIPPED.search(member.name):
                    yield from _open(_buffered(inner), f"{label}!{member.name}", member.name)
        while tail.read(PEEK):
            pass
        if tail.last.strip(b"\0"):
            raise EOFError


def _uncompressed(stream: Stream) -> Any:
    start = stream.peek(PEEK)
    if start.startswith(b"\x1f\x8b"):
        return gzip.open(stream)
    return lzma.open(stream) if start.startswith(b"\xfd7zXZ") else stream


class _Tail:
    """A stream that remembers the last it gave."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self.last = b""

    def read(self, size: int) -> bytes:
        given = self._stream.read(size)
        if given:
            self.last = (self.last + given[-512:])[-512:]
        return given


def _zip(stream: Stream, label: str) -> Iterator[Read]:
    with zipfile.ZipFile(stream) as archive:
        members = [
            m for m in archive.infolist() if not m.is_dir() and not _SKIPPED.search(m.filename)
        ]
        for member in sorted(members, key=lambda each: _rank(Path(each.filename).name)):
            with archive.open(member) as inner:
                yield from _open(_buffered(inner), f"{label}!{member.filename}",
                                 Path(member.filename).name)  # fmt: skip
