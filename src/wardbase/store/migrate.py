"""Migrating every tenant: several at once, each as often as its locks take, and again after a stop.

What a tenant has gone through is noted in its own database, with the change itself; the control
database follows.
"""

import multiprocessing
import random
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass

from psycopg import errors
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from wardbase.errors import MigrationError, WardbaseError
from wardbase.model.control import State
from wardbase.store import connection, control
from wardbase.store.control import Tenant
from wardbase.store.migrations import history
from wardbase.store.migrations.history import Phase
from wardbase.store.migrations.statements import lock_of, statements

WORKERS = 4
# A forked process would share our connections.
START = "spawn"
# A change that waits for a lock makes everybody behind it wait: so it gives up soon, lets them
# pass, and tries again.
LOCK_TIMEOUT = "1s"
ATTEMPTS = 12
FIRST_PAUSE = 0.25
LONGEST_PAUSE = 15.0
# One migration at a time for each tenant; in the tenant's database, so one number is enough.
LOCK = 0x6D696772

OPEN = frozenset({State.ACTIVE, State.SUSPENDED})
GIVES_WAY = (errors.LockNotAvailable, errors.DeadlockDetected, errors.SerializationFailure)


class TenantsLeft(MigrationError):
    says = (
        "{count} of {all} tenants could not be migrated: {names}.\n"
        "Those that could are done. Run the same command again for the others."
    )


class StillLocked(MigrationError):
    says = (
        "{revision} did not get its locks in {attempts} attempts, each of {timeout}.\n"
        "Look for long transactions in pg_stat_activity, and try when there are fewer."
    )


class BeingMigrated(MigrationError):
    says = "Another process is migrating {tenant}. Wait for it, then run the command again."


@dataclass(frozen=True)
class Outcome:
    """What became of one tenant."""

    tenant: str
    before: str | None
    after: str | None
    seconds: float
    problem: str | None = None


@dataclass(frozen=True)
class Planned:
    """One statement that would run, in so many tenants."""

    migration: str
    tenants: int
    lock: str
    blocks: str
    statement: str


def migrate(
    only: str | None = None,
    phase: Phase = Phase.ALL,
    *,
    workers: int = WORKERS,
    report: Callable[[Outcome], None] = lambda _: None,
) -> list[Outcome]:
    """Run the pending migrations of one or all tenants; `report` is called as each is done.

    TenantsLeft is raised at the end if some failed; the others are done all the same.
    """
    outcomes = []
    for outcome in _each(_chosen(only), phase, workers):
        report(outcome)
        outcomes.append(outcome)
    failed = sorted(outcome.tenant for outcome in outcomes if outcome.problem)
    if failed:
        raise TenantsLeft(count=len(failed), all=len(outcomes), names=", ".join(failed))
    return sorted(outcomes, key=lambda outcome: outcome.tenant)


def plan(only: str | None = None, phase: Phase = Phase.ALL) -> list[Planned]:
    """Every statement that would run, and the lock it takes."""
    waiting: dict[str, int] = {}
    for tenant in _chosen(only):
        with connection.engine(tenant.database).connect() as opened:
            found = history.current(opened)
        for revision in history.steps(history.pending(found, tenant.database), phase):
            waiting[revision] = waiting.get(revision, 0) + 1
    in_order = [revision for revision in history.revisions() if revision in waiting]
    return [planned for revision in in_order for planned in _planned(revision, waiting[revision])]


def migrate_one(tenant: Tenant, phase: Phase) -> Outcome:
    """Run the pending migrations of one tenant."""
    began = time.monotonic()
    before = after = tenant.schema_version
    problem = None
    try:
        with connection.engine(tenant.database, application_name="wardbase migrate").connect() as c:
            before = after = history.current(c)
            _lock(c, tenant.name)
            for revision in history.steps(history.pending(before, tenant.database), phase):
                _upgrade(c, revision)
                after = revision
    except (WardbaseError, DBAPIError) as failure:
        problem = _said(failure)
    if after != tenant.schema_version:
        _note(tenant, after)
    return Outcome(tenant.name, before, after, round(time.monotonic() - began, 3), problem)


def _chosen(only: str | None) -> list[Tenant]:
    with control.connect() as books:
        if only is not None:
            return [control.known(only, books)]
        return control.tenants(books, OPEN)


def _each(tenants: list[Tenant], phase: Phase, workers: int) -> Iterator[Outcome]:
    """In processes, for Alembic keeps what it works on in the module `alembic.op`."""
    if len(tenants) < 2 or workers < 2:
        yield from (migrate_one(tenant, phase) for tenant in tenants)
        return
    context = multiprocessing.get_context(START)
    with ProcessPoolExecutor(min(workers, len(tenants)), mp_context=context) as pool:
        running = [pool.submit(migrate_one, tenant, phase) for tenant in tenants]
        for done in as_completed(running):
            yield done.result()


def _lock(opened: Connection, tenant: str) -> None:
    # Tried, not waited for: CREATE INDEX CONCURRENTLY would wait for those who wait.
    got = opened.exec_driver_sql("SELECT pg_try_advisory_lock(%s)", (LOCK,)).scalar()
    opened.commit()
    if not got:
        raise BeingMigrated(tenant=tenant)


def _upgrade(opened: Connection, revision: str) -> None:
    for pause in _pauses():
        try:
            opened.exec_driver_sql(f"SET lock_timeout = '{LOCK_TIMEOUT}'")
            opened.commit()
            history.upgrade(opened, revision)
            opened.commit()
            return
        except DBAPIError as failure:
            opened.rollback()
            if not isinstance(failure.orig, GIVES_WAY):
                raise
        time.sleep(pause)
    raise StillLocked(revision=revision, attempts=ATTEMPTS, timeout=LOCK_TIMEOUT)


def _pauses() -> Iterable[float]:
    """Twice as long each time, and never two workers in step."""
    for attempt in range(ATTEMPTS):
        yield min(FIRST_PAUSE * 2**attempt, LONGEST_PAUSE) * random.uniform(0.5, 1.0)


def _note(tenant: Tenant, revision: str | None) -> None:
    with control.connect() as books:
        books.execute(
            "UPDATE tenant SET schema_version = %s WHERE name = %s", [revision, tenant.name]
        )


def _said(failure: WardbaseError | DBAPIError) -> str:
    # The server's message only: SQLAlchemy's own text has the whole statement.
    return str(failure.orig if isinstance(failure, DBAPIError) else failure).strip()


def _planned(revision: str, tenants: int) -> Iterator[Planned]:
    for statement in statements(history.sql(revision)):
        if statement in ("BEGIN", "COMMIT") or "alembic_version" in statement:
            continue
        lock = lock_of(statement)
        yield Planned(revision, tenants, lock.name, lock.blocks, statement)
