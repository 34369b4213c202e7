"""What is loaded: synthetic patients or given files; and the same as lines for the jsonb table."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from kit.report import Options
from wardbase.exchange.fhir.bundle import open_bundle
from wardbase.record.files import sources, texts
from wardbase.synthetic import Recipe, write

CHUNK = 4_000_000


class _Head(msgspec.Struct, rename={"kind": "resourceType"}):
    kind: str
    id: str = ""


_head = msgspec.json.Decoder(_Head)


@dataclass(frozen=True)
class Prepared:
    """Lines of `id TAB resource` for COPY, in chunks, each resource once."""

    chunks: tuple[Path, ...]
    resources: int
    ndjson_bytes: int
    bytes_by_type: dict[str, int]
    count_by_type: dict[str, int]


def material(asked: Options, folder: Path, seed: int = 1) -> list[Path]:
    """The files to load: those given, or synthetic ones."""
    return list(asked.data) or synthetic(folder / f"synth-{seed}", asked.patients, seed)


def synthetic(folder: Path, patients: int, seed: int) -> list[Path]:
    """Synthetic patients as NDJSON."""
    write(folder, Recipe(patients, seed))
    return [folder]


def resources(paths: Sequence[Path]) -> Iterator[tuple[str, str, bytes]]:
    """Type, id and compact JSON of every resource of some files."""
    for source in sources(paths):
        for read in texts(source, lambda size: None):
            yield from opened(bytes(read.text.raw))


def opened(raw: bytes) -> Iterator[tuple[str, str, bytes]]:
    """Type, id and compact JSON of the resources of one JSON text."""
    for entry in open_bundle(raw):
        if entry.refused is None:
            head = _head.decode(entry.resource)
            yield head.kind, head.id, msgspec.json.format(entry.resource, indent=-1)


def prepare(paths: Sequence[Path], folder: Path) -> Prepared:
    """Write lines to be copied; of two resources of one id the first stays."""
    folder.mkdir()
    seen: set[str] = set()
    sizes: dict[str, int] = {}
    counts: dict[str, int] = {}
    chunks: list[Path] = []
    block: list[bytes] = []
    size = 0

    def flush() -> None:
        nonlocal block, size
        if block:
            chunks.append(folder / f"{len(chunks):06}.copy")
            chunks[-1].write_bytes(b"".join(block))
        block, size = [], 0

    for kind, id_, line in resources(paths):
        key = f"{kind}/{id_}"
        if key in seen:
            continue
        seen.add(key)
        sizes[kind] = sizes.get(kind, 0) + len(line) + 1
        counts[kind] = counts.get(kind, 0) + 1
        block.append(copy_line(key, line))
        size += len(line)
        if size >= CHUNK:
            flush()
    flush()
    return Prepared(tuple(chunks), len(seen), sum(sizes.values()), sizes, counts)


def copy_line(key: str, line: bytes) -> bytes:
    """A line of COPY's text format."""
    return b"%b\t%b\n" % (key.encode(), line.replace(b"\\", b"\\\\"))
