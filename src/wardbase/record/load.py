"""Files into the record: read in one process, written by one for each core.

The reader hands out JSON texts in tasks of a few megabytes; a worker opens them, writes them as one
batch, and reports counts and what it refused. Nothing grows with the input.
"""

import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from wardbase.access.session import Caller, Session, session
from wardbase.errors import LoadError
from wardbase.record import bulk, link
from wardbase.record.crew import Crew, Item, Report
from wardbase.record.files import BrokenFile, Read, Source, sources, texts
from wardbase.record.refuse import Refused
from wardbase.record.write import Written

_TASK_BYTES = 2_500_000
_TASK_TEXTS = 2_000
_BULK_BYTES = 20_000_000
"""Below this it is quicker to check each foreign key than to make all of them again."""
_PACKED = {".xz": 15, ".gz": 8, ".zip": 8, ".tgz": 8}


class StrictRefusal(LoadError):
    says = "{place}: {reason}\nNothing after it was loaded, because of --strict."
    exit_code = 22


@dataclass
class Loaded:
    """What became of a load."""

    written: Written = field(default_factory=Written)
    refused: int = 0
    refused_files: list[Path] = field(default_factory=list)
    linked: int = 0
    seconds: float = 0.0
    bulk: bool = False

    @property
    def resources(self) -> int:
        """All resources read and not refused."""
        return _count(self.written)


@dataclass(frozen=True)
class Watch:
    """Who is told how a load goes on: of bytes in all, bytes read, and resources done."""

    total: Callable[[int], None] = lambda size: None
    read: Callable[[int], None] = lambda size: None
    done: Callable[[int], None] = lambda resources: None
    stage: Callable[[str], None] = lambda name: None


def load(
    paths: Sequence[Path],
    tenant: str,
    caller: Caller,
    *,
    workers: int | None = None,
    strict: bool = False,
    watch: Watch = Watch(),
) -> Loaded:
    """Load files, archives and folders into a tenant. See `files.sources` for what is read.

    A refused resource is kept in `PATH.refused.ndjson`, and the rest goes on; with `strict` the
    first ends the load with StrictRefusal. Of a damaged file what came before is loaded, and all
    other files, before BrokenFile is raised. Interrupted, the same call goes on: what is there
    already is known by its hash.
    """
    started = time.monotonic()
    files = sources(paths)
    watch.total(sum(each.size for each in files))
    purpose = f"load of {', '.join(path.name for path in paths)[:200]}"
    count = workers or os.cpu_count() or 1
    done = Loaded()
    with session(tenant, caller, purpose):
        pass  # a tenant that is not open is refused before anything is begun
    # Workers are forked while this process has no connection.
    crew = Crew(tenant, caller, purpose, count)
    try:
        # Its lock lasts as long as the load.
        with session(tenant, caller, purpose) as own:
            done.bulk = _in_bulk(own, files, watch)
            try:
                if done.bulk:
                    bulk.take_off(own.connection)
                crew.linking = not done.bulk
                with Refused() as refused:
                    broken = _feed(files, crew, done, refused, strict, watch)
                crew.close()
            except BaseException:
                crew.stop()
                raise
            finally:
                _finish(tenant, caller, purpose, paths, done, count, watch)
    except BaseException:
        crew.stop()
        raise
    done.seconds = time.monotonic() - started
    if broken:
        raise broken[0]
    return done


def _finish(
    tenant: str, caller: Caller, purpose: str, paths: Sequence[Path], done: Loaded, count: int,
    watch: Watch,
) -> None:  # fmt: skip
    """Link and check what was loaded, also when the load was cut short."""
    with session(tenant, caller, purpose) as own:
        if done.bulk:
            watch.stage("checking keys")
            bulk.put_on(own, count)
            done.linked += link.link(own.connection)
        if sum(done.written.new.values()) > 1000:
            bulk.analyze(own.connection)
        own.audit("load", ", ".join(path.name for path in paths),
                  detail={"resources": done.resources, "refused": done.refused})  # fmt: skip


def _in_bulk(own: Session, files: Sequence[Source], watch: Watch) -> bool:
    """Whether to load first and check after: all is empty, or a bulk load was cut short.

    Only one that is alone may: others wait for it, as it waits for none.
    """
    large = sum(each.size * _PACKED.get(each.path.suffix, 1) for each in files) >= _BULK_BYTES

    def wanted() -> bool:
        return any(bulk.missing(own.connection)) or (large and bulk.is_empty(own.connection))

    for _ in range(2):
        if wanted() and bulk.try_lock(own.connection):
            if wanted():
                return True
            bulk.unlock(own.connection)
        watch.stage("waiting for another load")
        bulk.lock_shared(own.connection)
        watch.stage("loading")
        if not any(bulk.missing(own.connection)):
            break
        # The one we waited for was cut short.
        bulk.unlock_shared(own.connection)
    else:
        bulk.lock_shared(own.connection)
    own.connection.commit()
    return False


def _feed(
    files: Sequence[Source], crew: Crew, done: Loaded, refused: Refused, strict: bool, watch: Watch
) -> list[BrokenFile]:
    """Hand out all files; those that could not be read to their end."""

    def note(reports: Iterable[Report]) -> None:
        for each in reports:
            if strict and each.refused:
                first = each.refused[0]
                raise StrictRefusal(place=first.place, reason=first.reason)
            refused.keep(each.refused)
            done.refused, done.refused_files = refused.count, sorted(refused.files.values())
            done.linked += each.linked
            done.written.add(each.written)
            watch.done(_count(each.written) + len(each.refused))

    broken: list[BrokenFile] = []
    before: Source | None = None
    for each in files:
        # Targets first: what refers to them then finds them, instead of awaiting them.
        if before is not None and each.rank != before.rank:
            note(crew.settle())
        before = each
        for task in _tasks(_to_damage(texts(each, watch.read), broken)):
            note(crew.give(task))
    note(crew.settle())
    return broken


def _to_damage(read: Iterator[Read], broken: list[BrokenFile]) -> Iterator[Read]:
    """What can be read before a damaged place; the error is noted."""
    try:
        yield from read
    except BrokenFile as error:
        broken.append(error)


def _tasks(read: Iterator[Read]) -> Iterator[list[Item]]:
    task: list[Item] = []
    size = 0
    for each in read:
        text = each.text
        path, reason = (text.refused.path, text.refused.expected) if text.refused else ("", "")
        task.append(Item(each.file, text.line, bytes(text.raw), path, reason))
        size += len(text.raw)
        if size >= _TASK_BYTES or len(task) >= _TASK_TEXTS:
            yield task
            task, size = [], 0
    if task:
        yield task


def _count(written: Written) -> int:
    counters: Any = (written.new, written.same, written.replaced, written.conflicts)
    return sum(sum(counter.values()) for counter in counters)
