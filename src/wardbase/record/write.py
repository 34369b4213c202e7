"""The one writer of the clinical record: a batch of resources, in one transaction.

A batch is probed (what is there already, with what content), shredded, numbered, encoded and sent
by binary COPY. The same content again writes nothing; other content under the same key replaces the
older and keeps it as a version, by a rule that does not depend on the order in which they come.
"""

import random
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from psycopg import errors, sql

from wardbase.access.session import Session
from wardbase.errors import ShapeError, WardbaseError
from wardbase.exchange.fhir import kinds
from wardbase.exchange.fhir.remainder import Opened, Shredded, fresh_metas, shred, text_of
from wardbase.model import RESOURCES
from wardbase.record import met, read
from wardbase.record.batch import Batch
from wardbase.record.dictionary import Dictionary
from wardbase.record.probe import Moved, current, lock, resolve

_MOST_TRIES = 20
CAME_BETWEEN = (
    errors.UniqueViolation,
    errors.ForeignKeyViolation,
    errors.DeadlockDetected,
    errors.SerializationFailure,
    Moved,
)
"""What says that another writer came between: the same again may go through."""
_NOT_HELD = (errors.DataError, errors.IntegrityError, errors.ProgramLimitExceeded)
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
Key = tuple[str, bytes]


class Outdated(WardbaseError):
    says = "This {type} was changed meanwhile: read it again, and repeat the change on that."
    exit_code = 24


@dataclass
class Written:
    """What became of a batch: counts by type, and what was refused with the reason."""

    new: Counter[str] = field(default_factory=Counter)
    same: Counter[str] = field(default_factory=Counter)
    replaced: Counter[str] = field(default_factory=Counter)
    conflicts: Counter[str] = field(default_factory=Counter)
    refused: list[tuple[Opened, ShapeError]] = field(default_factory=list)
    unlinked: list[int] = field(default_factory=list)

    def add(self, other: "Written") -> None:
        """Count another batch in."""
        self.new += other.new
        self.same += other.same
        self.replaced += other.replaced
        self.conflicts += other.conflicts


class Writer:
    """Writes batches for one tenant, over a session and a second one for the dictionaries."""

    def __init__(self, session: Session, dictionaries: Session) -> None:
        self.session = session
        self.dictionary = Dictionary(dictionaries.connection)
        # Not prepared: a plan made while a table was small would scan it when it is large.
        session.connection.prepare_threshold = None
        dictionaries.connection.prepare_threshold = None

    def write(
        self,
        batch: Sequence[Opened],
        *,
        edit: bool = False,
        seen: Mapping[Key, bytes] | None = None,
    ) -> Written:
        """Write resources and commit. An `edit` replaces what is there whatever its rank.

        `seen` has the hash of the content an editor began with (none: nothing was there); if
        another is stored by now, nothing is written and Outdated is raised.
        """
        with met.ALONE:
            met.belong_to(self.session.connection)
            return self._until_written(batch, edit, seen or {})

    def _until_written(
        self, batch: Sequence[Opened], edit: bool, seen: Mapping[Key, bytes]
    ) -> Written:
        shredded: dict[int, Shredded] = {}
        for n in range(_MOST_TRIES):
            try:
                return self._write(batch, shredded, edit, seen)
            except CAME_BETWEEN:
                self.session.connection.rollback()
                met.forget()
                # By chance, so that two that met do not meet again.
                time.sleep(random.uniform(0, 0.1 * n))
            except _NOT_HELD as error:
                self.session.connection.rollback()
                met.forget()
                return self._apart(batch, edit, seen, error)
        return self._write(batch, shredded, edit, seen)

    def _apart(
        self, batch: Sequence[Opened], edit: bool, seen: Mapping[Key, bytes], error: errors.Error
    ) -> Written:
        """Find what the database cannot hold by halves, so that all the rest is written."""
        if len(batch) == 1:
            # Only the kind of error is told: its message can hold values of the row.
            reason = f"the database cannot hold it ({type(error).__name__})"
            return Written(refused=[(batch[0], ShapeError(batch[0].type, reason))])
        middle = len(batch) // 2
        done = self._until_written(batch[:middle], edit, seen)
        other = self._until_written(batch[middle:], edit, seen)
        done.add(other)
        done.refused += other.refused
        done.unlinked += other.unlinked
        return done

    def _write(
        self,
        batch: Sequence[Opened],
        shredded: dict[int, Shredded],
        edit: bool,
        seen: Mapping[Key, bytes],
    ) -> Written:
        connection = self.session.connection
        there = current(connection, batch)
        for key, hash_ in seen.items():
            if there.get(key, (b"", None))[0] != hash_:
                raise Outdated(type=key[0])
        refused: list[tuple[Opened, ShapeError]] = []
        while True:
            done = Written(refused=refused)
            winners, losers = _contest(batch, there, done, edit)
            bad = _refusals([*winners, *losers], shredded)
            if not bad:
                break
            # What is refused took part in no contest: those it would have won are to be written.
            refused += bad
            out = {id(each) for each, _ in bad}
            batch = [each for each in batch if id(each) not in out]
        chosen = [shredded[id(each)] for each in winners]
        now = datetime.now(UTC)
        lock(
            connection,
            {
                _key(each): there[_key(each)][0]
                for each in [*winners, *losers]
                if _key(each) in there
            },
        )
        self._keep_losers(losers, now, done)
        self._replace([s.opened for s in chosen if _key(s.opened) in there], now, done)
        if chosen:
            self._number(chosen)
            made = Batch(self.dictionary, now)
            for each in chosen:
                made.add(each)
            made.send(connection)
        done.new.update(s.opened.type for s in chosen if _key(s.opened) not in there)
        written = done.new + done.replaced
        if written or done.conflicts:
            self.session.audit(
                "write",
                "resources",
                detail={"new": done.new, "replaced": done.replaced, "conflicts": done.conflicts},
            )
        connection.commit()
        unlinked = (ref for ref in kinds.fresh_refs if not ref.known)
        done.unlinked = [ref.id for ref in unlinked if ref.id is not None]
        met.trim()
        return done

    def _number(self, chosen: Sequence[Shredded]) -> None:
        """Give every entry the trees point to its number, and every reference its target."""
        resolve(
            self.session.connection,
            kinds.fresh_refs,
            {(s.opened.type, s.opened.key) for s in chosen},
        )
        self.dictionary.concepts(e for e in kinds.fresh_concepts if e.id is None)
        self.dictionary.metas(e for e in fresh_metas if e.id is None)
        self.dictionary.references(ref for ref in kinds.fresh_refs if ref.needs_entry)

    def _replace(self, incoming: Sequence[Opened], now: datetime, done: Written) -> None:
        """Keep what is there as versions, and remove its rows."""
        for type_, keys in _by_type(incoming).items():
            self._keep_current(type_, keys, now, "replaced")
            self.remove(type_, keys)
            done.replaced[type_] += len(keys)

    def _keep_current(self, type_: str, keys: list[UUID], now: datetime, cause: str) -> None:
        who = (self.session.caller.name, self.session.purpose)
        stored = read.fetch(self.session.connection, type_, keys)
        self._versions(
            (
                type_,
                s.key,
                s.patient_id,
                s.hash,
                s.updated_at,
                s.written_at,
                now,
                cause,
                *who,
                s.json.decode(),
            )
            for s in stored
        )

    def _versions(self, rows: Iterable[tuple[Any, ...]]) -> None:
        with self.session.connection.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO version (type, key, patient_id, hash, updated_at, written_at,"
                " replaced_at, cause, caller, purpose, elements)"
                " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
                list(rows),
            )

    def _keep_losers(self, losers: Sequence[Opened], now: datetime, done: Written) -> None:
        """Keep as versions what lost a conflict, each content once."""
        if not losers:
            return
        who = (self.session.caller.name, self.session.purpose)
        cursor = self.session.connection.execute(
            "SELECT v.type, v.key, v.hash FROM version v"
            " JOIN unnest(%s::text[], %s::uuid[]) AS l (type, key) USING (type, key)",
            [[each.type for each in losers], [UUID(bytes=each.key) for each in losers]],
        )
        kept = {(type_, key.bytes, hash_.bytes) for type_, key, hash_ in cursor}
        fresh = {(e.type, e.key, e.hash): e for e in losers}
        rows = []
        for (type_, key, hash_), each in fresh.items():
            if (type_, key, hash_) in kept:
                done.same[type_] += 1
                continue
            done.conflicts[type_] += 1
            updated = each.updated and moment(each.updated)
            rows.append(
                (
                    type_,
                    UUID(bytes=key),
                    None,
                    UUID(bytes=hash_),
                    updated,
                    None,
                    now,
                    "conflict",
                    *who,
                    text_of(each).decode(),
                )
            )
        self._versions(rows)

    def remove(self, type_: str, keys: list[UUID]) -> None:
        """Delete the rows of resources, children first."""
        run = self.session.connection.execute
        if type_ not in RESOURCES:
            run("DELETE FROM resource WHERE type = %s AND key = ANY(%s)", [type_, keys])
            return
        run("DELETE FROM rest WHERE type = %s AND key = ANY(%s)", [type_, keys])
        for of in reversed(list(RESOURCES[type_].everything())):
            run(
                sql.SQL("DELETE FROM {} WHERE {} = ANY(%s)").format(
                    sql.Identifier(of.table.name), sql.Identifier(of.key[0])
                ),
                [keys],
            )


def moment(at: kinds.Moment) -> datetime:
    """A moment as Python has it."""
    return _EPOCH + datetime.resolution * at.micros


def _key(opened: Opened) -> Key:
    return opened.type, opened.key


def _by_type(each: Iterable[Opened]) -> dict[str, list[UUID]]:
    found: dict[str, list[UUID]] = {}
    for opened in each:
        found.setdefault(opened.type, []).append(UUID(bytes=opened.key))
    return found


def _contest(
    batch: Sequence[Opened],
    there: dict[Key, tuple[bytes, datetime | None]],
    done: Written,
    edit: bool,
) -> tuple[list[Opened], list[Opened]]:
    """Who is to be written, and who lost: the later `lastUpdated` wins, then the larger hash."""
    best: dict[Key, Opened] = {}
    losers: list[Opened] = []
    for each in batch:
        key = _key(each)
        hash_, updated = there.get(key, (b"", None))
        rival = best.get(key)
        if each.hash == hash_ or (rival is not None and rival.hash == each.hash):
            done.same[each.type] += 1
        elif not edit and hash_ and _rank(updated, hash_) > each.rank:
            losers.append(each)
        elif rival is None:
            best[key] = each
        else:
            best[key], lost = (each, rival) if each.rank > rival.rank else (rival, each)
            losers.append(lost)
    return list(best.values()), losers


def _rank(updated: datetime | None, hash_: bytes) -> tuple[int, bytes]:
    return (-(2**63) if updated is None else (updated - _EPOCH) // datetime.resolution, hash_)


def _refusals(
    opened: Sequence[Opened], shredded: dict[int, Shredded]
) -> list[tuple[Opened, ShapeError]]:
    """Take resources apart, those not yet `shredded`; which of them break a rule, and why."""
    found = []
    for each in opened:
        if id(each) not in shredded:
            try:
                shredded[id(each)] = shred(each)
            except ShapeError as error:
                found.append((each, error))
    return found
