"""What was refused, kept beside its file to be repaired and replayed.

A line of `PATH.refused.ndjson` names file, line, entry, element and reason, and holds the resource;
loading that file again loads the resources repaired in it.
"""

import json
import os
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import msgspec

ENDING = ".refused.ndjson"


@dataclass(frozen=True)
class Refusal:
    """One resource, or text that holds none, and why it was refused."""

    file: str
    line: int
    entry: int | None
    path: str
    reason: str
    resource: bytes

    @property
    def place(self) -> str:
        """Where it stands, for people."""
        entry = "" if self.entry is None else f", entry {self.entry}"
        return f"{self.file}, line {self.line}{entry}, {self.path}"


class Refused:
    """The files of refusals of one load: each begun anew when its first refusal comes."""

    def __init__(self) -> None:
        self.count = 0
        self.files: dict[str, Path] = {}
        self._open: dict[str, IO[bytes]] = {}
        self._stack = ExitStack()

    def __enter__(self) -> "Refused":
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def keep(self, refusals: Iterable[Refusal]) -> None:
        """Write refusals to the files beside their sources."""
        for each in refusals:
            self.count += 1
            source = _source(each.file)
            if source not in self._open:
                self.files[source], self._open[source] = self._begin(Path(source))
            self._open[source].write(_line(each) + b"\n")
        for stream in self._open.values():
            stream.flush()

    def _begin(self, source: Path) -> tuple[Path, IO[bytes]]:
        """Beside the source, or in the working folder where that cannot be written."""
        # A replayed file is read while what it still refuses is written.
        name = source.name.removesuffix(ENDING) + (".again" if source.name.endswith(ENDING) else "")
        folder = source.parent if os.access(source.parent, os.W_OK) else Path.cwd()
        path = folder / (name + ENDING)
        return path, self._stack.enter_context(path.open("wb"))


def _source(file: str) -> str:
    """The file that holds `archive!member`: an exclamation mark may also be part of its path."""
    parts = file.split("!")
    paths = ("!".join(parts[:n]) for n in range(1, len(parts) + 1))
    return next((path for path in paths if Path(path).is_file()), file)


def _line(each: Refusal) -> bytes:
    facts: dict[str, Any] = {
        "file": each.file,
        "line": each.line,
        "entry": each.entry,
        "path": each.path,
        "reason": each.reason,
    }
    head = json.dumps(facts)[:-1].encode()
    return head + b', "resource": ' + _embedded(each.resource) + b"}"


def _embedded(resource: bytes) -> bytes:
    """The resource as it is where that is JSON on one line, else as a JSON string."""
    try:
        msgspec.json.decode(resource, type=msgspec.Raw)
        resource.decode()
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return json.dumps(resource.decode(errors="backslashreplace")).encode()
    # A line break in JSON is never inside a string.
    return resource.replace(b"\r", b" ").replace(b"\n", b" ") or b'""'


class _Kept(msgspec.Struct):
    resource: msgspec.Raw


_kept = msgspec.json.Decoder(_Kept)


def replayed(line: bytes) -> bytes:
    """The resource in a line of a refused file, repaired or not."""
    resource = bytes(_kept.decode(line).resource)
    if resource[:1] == b'"':
        return msgspec.json.decode(resource, type=str).encode()
    return resource
