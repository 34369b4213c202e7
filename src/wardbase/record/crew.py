"""The processes that write a load, one for each core: they get JSON texts and give back counts."""

import gc
import multiprocessing
import os
import queue
import random
import signal
import threading
import time
import traceback
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec
from msgspec import structs

from wardbase.access.session import Caller, Session, session
from wardbase.errors import LoadError, ShapeError, WardbaseError
from wardbase.exchange.fhir.bundle import Entry, open_bundle
from wardbase.exchange.fhir.mapping import mapping
from wardbase.exchange.fhir.remainder import Opened, open_resource
from wardbase.model import RESOURCES
from wardbase.record import link
from wardbase.record.refuse import ENDING, Refusal, replayed
from wardbase.record.write import CAME_BETWEEN, Writer, Written

_WAITING = 4
_LOOK_AROUND = 2.0
"""Seconds after which a worker looks whether its reader lives."""
_MOST_TRIES = 5
_MOST = 2_500
"""Resources in one batch."""


class WorkerLost(LoadError):
    says = (
        "A loading process ended unexpectedly (code {code}); memory may have run out.\n"
        "What was written stays. Run the same command again: it goes on where this one ended."
    )


class WorkerFailed(LoadError):
    says = (
        "A loading process failed: {kind}.\n{where}\n"
        "What was written stays; the same command goes on where this one ended."
    )


@dataclass(frozen=True)
class Item:
    """One JSON text to load: its file, its line, and why the reader could not read it, if so."""

    file: str
    line: int
    raw: bytes
    path: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Report:
    """What became of a task."""

    written: Written
    refused: list[Refusal]
    linked: int


@dataclass(frozen=True)
class Failure:
    """Why a worker stopped."""

    kind: str
    where: str
    says: str | None


class Crew:
    """Workers on one tenant."""

    def __init__(self, tenant: str, caller: Caller, purpose: str, count: int) -> None:
        self.linking = True
        # Forked, so that the model is made once; before this process has threads.
        for type_ in RESOURCES:
            mapping(type_)
        context = multiprocessing.get_context("fork")
        self._tasks: Any = context.Queue(_WAITING)
        self._reports: Any = context.Queue()
        self._under_way = 0
        self._workers = [
            context.Process(
                target=_work,
                args=(self._tasks, self._reports, tenant, caller, purpose),
                daemon=True,
            )
            for _ in range(count)
        ]
        for worker in self._workers:
            worker.start()

    def give(self, task: list[Item]) -> list[Report]:
        """Hand out a task, waiting while all are busy; the reports that came in meanwhile."""
        reports: list[Report] = []
        while True:
            try:
                self._tasks.put((task, self.linking), timeout=0.2)
            except queue.Full:
                reports += self.reports()
            else:
                self._under_way += 1
                return reports + self.reports()

    def reports(self, wait: float = 0.0) -> list[Report]:
        """The reports that have come in; raises what a worker failed of."""
        found: list[Report] = []
        while self._under_way:
            try:
                report = self._reports.get(timeout=wait) if wait else self._reports.get_nowait()
            except queue.Empty:
                self._check()
                return found
            if isinstance(report, Failure):
                self.stop()
                raise _raised(report)
            self._under_way -= 1
            found.append(report)
        return found

    def settle(self) -> list[Report]:
        """Wait until all tasks given are done."""
        found: list[Report] = []
        while self._under_way:
            found += self.reports(0.2)
        return found

    def _check(self) -> None:
        for worker in self._workers:
            if worker.exitcode not in (None, 0):
                self.stop()
                raise WorkerLost(code=worker.exitcode)

    def stop(self) -> None:
        """End all workers, without waiting for what they do."""
        for worker in self._workers:
            worker.terminate()
        for worker in self._workers:
            worker.join()
        # Nobody will take what still waits: do not wait for that at exit.
        self._tasks.cancel_join_thread()
        self._under_way = 0

    def close(self) -> None:
        """Let the workers end by themselves."""
        for _ in self._workers:
            self._tasks.put(None)
        for worker in self._workers:
            worker.join()


def _raised(failure: Failure) -> WardbaseError:
    if failure.says is not None:
        return LoadError(what=failure.says)
    return WorkerFailed(kind=failure.kind, where=failure.where)


def _work(tasks: Any, reports: Any, tenant: str, caller: Caller, purpose: str) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the reader decides when to end
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    gc.freeze()
    gc.disable()  # trees have no cycles, and looking for them takes an eighth of the time
    try:
        with (
            session(tenant, caller, purpose) as own,
            session(tenant, caller, purpose) as dictionaries,
        ):
            writer = Writer(own, dictionaries)
            while (given := tasks.get()) is not None:
                reports.put(_patiently(given[0], writer, own, given[1]))
    except WardbaseError as error:
        reports.put(Failure(type(error).__name__, "", str(error)))
    except Exception as error:  # told to the reader, which ends the load
        # The message of a database error can hold values of a row: name the kind and place only.
        frames = traceback.extract_tb(error.__traceback__)
        last = [frame for frame in frames if "/wardbase/" in frame.filename][-3:]
        where = " < ".join(f"{f.name} ({f.filename.rsplit('/', 1)[-1]}:{f.lineno})" for f in last)
        reports.put(Failure(type(error).__name__, where, None))


def _patiently(task: list[Item], writer: Writer, own: Session, linking: bool) -> Report:
    """Do a task; anew where another writer came between, for what is written is known then."""
    for n in range(_MOST_TRIES):
        try:
            return _done(task, writer, own, linking)
        except CAME_BETWEEN:
            own.connection.rollback()
            writer.dictionary.connection.rollback()
            time.sleep(random.uniform(0, 0.2 * (n + 1)))
    return _done(task, writer, own, linking)


def _end_with(reader: int) -> None:
    """End this process when the reader is dead, whatever it waits for: perhaps half a task."""
    while os.getppid() == reader:
        time.sleep(_LOOK_AROUND)
    os._exit(1)


def _done(task: list[Item], writer: Writer, own: Session, linking: bool) -> Report:
    report = Report(Written(), [], 0)
    linked = 0
    batch: dict[int, tuple[Item, Entry]] = {}
    opened: list[Opened] = []
    for item in task:
        for entry in _entries(item):
            made = _opened(item, entry, report)
            if made is not None:
                opened.append(made)
                batch[id(made)] = (item, entry)
            if len(opened) >= _MOST:
                linked += _write(opened, batch, writer, own, report, linking)
                opened, batch = [], {}
    if opened:
        linked += _write(opened, batch, writer, own, report, linking)
    return Report(report.written, report.refused, linked)


def _entries(item: Item) -> list[Entry]:
    if item.reason:
        return [Entry(item.raw, refused=ShapeError(item.path, item.reason))]
    raw = item.raw
    if item.file.endswith(ENDING):
        try:
            raw = replayed(raw)
        except (msgspec.DecodeError, msgspec.ValidationError) as error:
            reason = f"expected a line of a file of refusals ({type(error).__name__})"
            return [Entry(raw, refused=ShapeError("", reason))]
    return [_kept(entry, raw) for entry in open_bundle(raw)]


def _kept(entry: Entry, raw: bytes) -> Entry:
    """What cannot be read is kept as it was read, not as the line of refusals it was in."""
    return structs.replace(entry, resource=raw) if entry.refused and not entry.resource else entry


def _opened(item: Item, entry: Entry, report: Report) -> Opened | None:
    error = entry.refused
    if error is None:
        try:
            return open_resource(entry.resource)
        except ShapeError as found:
            error = found
    report.refused.append(_refusal(item, entry, error))
    return None


def _refusal(item: Item, entry: Entry, error: ShapeError) -> Refusal:
    resource = entry.resource or item.raw
    return Refusal(item.file, item.line, entry.index, error.path, error.expected, bytes(resource))


def _write(
    opened: list[Opened], batch: dict[int, tuple[Item, Entry]], writer: Writer, own: Session,
    report: Report, linking: bool,
) -> int:  # fmt: skip
    done = writer.write(opened)
    report.written.add(done)
    report.refused.extend(_refusal(*batch[id(each)], error) for each, error in done.refused)
    if not linking or not (done.new or done.replaced or done.unlinked):
        return 0
    keys = [UUID(bytes=each.key) for each in opened]
    some = link.candidates(own.connection, keys, {each.type for each in opened}, done.unlinked)
    own.connection.commit()
    return link.link(own.connection, some)
