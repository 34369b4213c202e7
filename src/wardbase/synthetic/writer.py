"""Files of synthetic patients, made by several processes; the bytes do not depend on how many."""

import multiprocessing
import os
import signal
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

from wardbase.synthetic.generate import (
    Encoded,
    hospital_bundle,
    hospital_lines,
    patient_bundle,
    patient_lines,
)
from wardbase.synthetic.hospital import make_hospital
from wardbase.synthetic.recipe import CannotWrite, NotEmpty, Recipe, UnknownFormat

# Patients made at a time: enough to be worth a message between processes, and few enough that
# the batches under way fit in some tens of megabytes.
BATCH = 40
# A file as large as this is followed by a next part.
PART_BYTES = 256 * 1024 * 1024
SAMPLE = 40

Watch = Callable[[int, int], None]


@dataclass(frozen=True)
class Batch:
    """What one process made: for each file the bytes to append, and how many of each type."""

    patients: int
    data: dict[str, bytes]
    counts: dict[str, int]


@dataclass
class Written:
    """What was written, or with an estimate what would be."""

    patients: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    bytes: int = 0
    seconds: float = 0.0
    files: list[str] = field(default_factory=list)

    @property
    def resources(self) -> int:
        return sum(self.counts.values())

    def add(self, batch: Batch) -> None:
        """Count a batch in."""
        self.patients += batch.patients
        self.counts.update(batch.counts)
        self.bytes += sum(map(len, batch.data.values()))


def write(
    directory: Path,
    recipe: Recipe,
    form: str = "ndjson",
    workers: int | None = None,
    overwrite: bool = False,
    watch: Watch | None = None,
    part_bytes: int = PART_BYTES,
) -> Written:
    """Write the hospital and all its patients into a directory.

    NDJSON is one file a type, in parts where large; of bundles there is one for the hospital,
    `hospital.json`, and one for each patient. A file gets its name when it is whole.
    """
    started = time.perf_counter()
    maker = _form(form)
    make_hospital(recipe)
    prepare(directory, overwrite)
    done = Written()
    with _Files(directory, part_bytes) as files:
        for batch in _batches(recipe, maker, _workers(recipe, workers)):
            files.append(batch.data)
            done.add(batch)
            if watch:
                watch(done.patients, done.resources)
    done.files = sorted(files.named)
    done.seconds = time.perf_counter() - started
    return done


def estimate(recipe: Recipe, form: str = "ndjson") -> Written:
    """What `write` would write, reckoned from the first patients; nothing is written."""
    maker = _form(form)
    hospital = maker.hospital(recipe)
    sample = maker.patients(recipe, 0, min(SAMPLE, recipe.patients))
    found = Written()
    found.add(sample)
    share = recipe.patients / max(1, sample.patients)
    found.patients = recipe.patients
    found.bytes = round(found.bytes * share) + sum(map(len, hospital.data.values()))
    found.counts = Counter({kind: round(n * share) for kind, n in sample.counts.items()})
    found.counts.update(hospital.counts)
    found.files = sorted({*hospital.data, *sample.data})
    return found


def prepare(directory: Path, overwrite: bool) -> None:
    """Make the directory; refuse one with files of an earlier run, or delete these."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
        old = [f for f in directory.iterdir() if f.suffix in (".ndjson", ".json")]
        if old and not overwrite:
            raise NotEmpty(directory=directory, files=len(old))
        for file in old:
            file.unlink()
    except OSError as problem:
        raise CannotWrite(file=directory, reason=problem.strerror) from problem


@dataclass(frozen=True)
class _Form:
    hospital: Callable[[Recipe], Batch]
    patients: Callable[[Recipe, int, int], Batch]


def _ndjson(patients: int, lines: Iterable[Encoded]) -> Batch:
    found: dict[str, list[bytes]] = {}
    for kind, line in lines:
        found.setdefault(kind, []).append(line)
    data = {f"{kind}.ndjson": b"\n".join([*own, b""]) for kind, own in found.items()}
    return Batch(patients, data, {kind: len(own) for kind, own in found.items()})


def _hospital_ndjson(recipe: Recipe) -> Batch:
    return _ndjson(0, hospital_lines(recipe))


def _patients_ndjson(recipe: Recipe, first: int, last: int) -> Batch:
    lines = (line for index in range(first, last) for line in patient_lines(recipe, index))
    return _ndjson(last - first, lines)


def _hospital_file(recipe: Recipe) -> Batch:
    counts = Counter(kind for kind, _ in make_hospital(recipe).resources)
    return Batch(0, {"hospital.json": hospital_bundle(recipe)}, counts)


def _patient_files(recipe: Recipe, first: int, last: int) -> Batch:
    data: dict[str, bytes] = {}
    counts: Counter[str] = Counter()
    for index in range(first, last):
        key, kinds, bundle = patient_bundle(recipe, index)
        data[f"patient-{index:07d}-{key}.json"] = bundle
        counts.update(kinds)
    return Batch(last - first, data, counts)


FORMS = {
    "ndjson": _Form(_hospital_ndjson, _patients_ndjson),
    "bundles": _Form(_hospital_file, _patient_files),
}


def _form(name: str) -> _Form:
    if name not in FORMS:
        raise UnknownFormat(format=name, known=", ".join(FORMS))
    return FORMS[name]


def _workers(recipe: Recipe, workers: int | None) -> int:
    """One process for each core, but no more than there are batches."""
    # macOS does not tell which cores are ours.
    allowed = getattr(os, "sched_getaffinity", None)
    cores = workers or (len(allowed(0)) if allowed else os.cpu_count() or 1)
    return max(1, min(cores, recipe.patients // BATCH))


def _batches(recipe: Recipe, form: _Form, workers: int) -> Iterator[Batch]:
    """All batches, in the order of the patients, a few under way at any time."""
    yield form.hospital(recipe)
    firsts = range(0, recipe.patients, BATCH)
    jobs = [partial(form.patients, recipe, n, min(n + BATCH, recipe.patients)) for n in firsts]
    if workers == 1:
        yield from (job() for job in jobs)
        return
    # Spawned, not forked: the caller may have threads, and a database open.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, context, _ignore_interrupts) as pool:
        under_way: deque[Future[Batch]] = deque()
        try:
            for job in jobs:
                under_way.append(pool.submit(job))
                if len(under_way) > 2 * workers:
                    yield under_way.popleft().result()
            while under_way:
                yield under_way.popleft().result()
        finally:
            pool.shutdown(cancel_futures=True)


def _ignore_interrupts() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)


class _Files:
    """The files being written, each under another name until it is whole."""

    def __init__(self, directory: Path, part_bytes: int) -> None:
        self.directory = directory
        self.part_bytes = part_bytes
        self.open: dict[str, BinaryIO] = {}
        self.parts: Counter[str] = Counter()
        self.named: list[str] = []

    def __enter__(self) -> "_Files":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        names = list(self.open)
        for name in names:
            self.finish(name, whole=error is None)

    def append(self, data: dict[str, bytes]) -> None:
        """Append to each file; one that has grown large is finished, and a next part begun."""
        for name, lines in data.items():
            try:
                file = self.open.get(name) or self.begin(name)
                file.write(lines)
                if name.endswith(".json") or file.tell() >= self.part_bytes:
                    self.finish(name, whole=True)
            except OSError as problem:
                raise CannotWrite(file=self.directory / name, reason=problem.strerror) from problem

    def begin(self, name: str) -> BinaryIO:
        self.open[name] = self.path(name, partial=True).open("wb")
        return self.open[name]

    def path(self, name: str, partial: bool = False) -> Path:
        """The file's name; parts after the first are numbered."""
        stem, _, suffix = name.rpartition(".")
        part = f".{self.parts[name]:03d}" if self.parts[name] else ""
        return self.directory / f"{stem}{part}.{suffix}{'.partial' if partial else ''}"

    def finish(self, name: str, whole: bool) -> None:
        """Close a file, and give it its name; one that is not whole is deleted."""
        self.open.pop(name).close()
        if whole:
            self.path(name, partial=True).replace(self.path(name))
            self.named.append(self.path(name).name)
            self.parts[name] += 1
        else:
            self.path(name, partial=True).unlink()
