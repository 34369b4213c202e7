"""A session: one caller, one purpose, one tenant. The only way to a tenant's rows for all above."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from wardbase.errors import AccessError
from wardbase.model.control import State
from wardbase.store import connection, control
from wardbase.store.connection import Connection, NoDatabase
from wardbase.store.kept import Kept

# The web's requests share these; everything else opens its own.
_kept = Kept()


class TenantNotOpen(AccessError):
    says = (
        "The tenant {tenant} is {state}: nobody may read or write it.\n"
        "If it is suspended, `wardbase tenant resume {tenant}` opens it again."
    )


class NoPurpose(AccessError):
    says = (
        "A session needs a purpose, such as 'treatment' or 'load of march.ndjson': it is what the "
        "audit answers to the question why."
    )


@dataclass(frozen=True)
class Caller:
    """Who asks."""

    name: str
    kind: str = "person"


LOCAL_ADMINISTRATOR = Caller("local administrator", "administrator")


@dataclass(frozen=True)
class Session:
    """An open transaction on one tenant's database, for one caller and purpose."""

    tenant: str
    caller: Caller
    purpose: str
    connection: Connection

    def audit(
        self,
        action: str,
        what: str,
        patient_id: UUID | None = None,
        detail: Mapping[str, Any] | None = None,
    ) -> None:
        """Record an access in this transaction: entry and deed are kept or undone together.

        `detail` has counts and names of files, never a value of a row.
        """
        self.connection.execute(
            "INSERT INTO audit (caller, purpose, action, what, patient_id, detail)"
            " VALUES (%s, %s, %s, %s, %s, %s)",
            [
                *(self.caller.name, self.purpose, action, what, patient_id),
                None if detail is None else json.dumps(detail),
            ],
        )


@contextmanager
def session(tenant: str, caller: Caller, purpose: str) -> Iterator[Session]:
    """A session on a connection of its own: committed at the end, rolled back on an error.

    Any process may open any number. A loader may commit in between: who and why stay set for as
    long as the connection.
    """
    _refuse_no_purpose(purpose)
    with _explained(tenant), connection.connect(control.database_of(tenant)) as opened:
        _introduce(opened, tenant, caller, purpose, local=False)
        yield Session(tenant, caller, purpose, opened)


@contextmanager
def request_session(tenant: str, caller: Caller, purpose: str) -> Iterator[Session]:
    """The same on one of a few connections this process keeps open, for short requests.

    One transaction only: who and why are set for it alone, so the next finds nothing of them.
    """
    _refuse_no_purpose(purpose)
    with _explained(tenant), _kept.connection(control.database_of(tenant)) as opened:
        _introduce(opened, tenant, caller, purpose, local=True)
        yield Session(tenant, caller, purpose, opened)


def close_kept() -> None:
    """Close the connections `request_session` keeps open."""
    _kept.close()


def _refuse_no_purpose(purpose: str) -> None:
    if not purpose.strip():
        raise NoPurpose


@contextmanager
def _explained(tenant: str) -> Iterator[None]:
    """Say why there is no database: no such tenant, or one that is being made or dropped."""
    try:
        yield
    except NoDatabase:
        with control.connect() as known:
            found = control.known(tenant, known)
        raise TenantNotOpen(tenant=tenant, state=found.state) from None


def _introduce(
    opened: Connection, tenant: str, caller: Caller, purpose: str, *, local: bool
) -> None:
    """Tell the database who asks and why, and learn in the same round trip if it is open."""
    row = opened.execute(
        "SELECT current_setting('wardbase.state', true), set_config('application_name', %s, %s),"
        " set_config('wardbase.caller', %s, %s), set_config('wardbase.purpose', %s, %s)",
        [f"wardbase {caller.name}", local, caller.name, local, purpose, local],
    ).fetchone()
    state = row[0] if row else None
    if state and state != State.ACTIVE:
        raise TenantNotOpen(tenant=tenant, state=state)
    if not local:
        # What set_config set would be undone with this transaction.
        opened.commit()
