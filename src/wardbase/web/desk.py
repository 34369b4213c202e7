"""What every handler needs: which tenant, a session on it, which patient."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from fastapi import HTTPException

from wardbase.access.session import LOCAL_ADMINISTRATOR, Session, TenantNotOpen, request_session
from wardbase.errors import TenantError
from wardbase.record import view
from wardbase.store import tenant as tenants
from wardbase.store.control import Tenant

PURPOSE = "care, at the pages"
_FRESH = 5.0
_lock = threading.Lock()
_known: tuple[float, list[Tenant]] = (0.0, [])


def every_tenant() -> list[Tenant]:
    """All tenants, read from the control database at most every few seconds."""
    global _known
    with _lock:
        if time.monotonic() - _known[0] > _FRESH or not _known[0]:
            _known = (time.monotonic(), tenants.every())
        return _known[1]


def forget() -> None:
    """Read the tenants anew."""
    global _known
    _known = (0.0, [])


def tenant_of(name: str) -> Tenant:
    """A tenant by name; not found if there is none."""
    found = next((each for each in every_tenant() if each.name == name), None)
    if found is None:
        raise HTTPException(404, "There is no such hospital here.")
    return found


@contextmanager
def at(tenant: Tenant) -> Iterator[Session]:
    """A session for one request. What is audited in it is durable before the answer leaves."""
    try:
        with request_session(tenant.name, LOCAL_ADMINISTRATOR, PURPOSE) as opened:
            yield opened
    except TenantNotOpen:
        forget()
        raise HTTPException(403, "This hospital is closed at the moment.") from None
    except TenantError:
        forget()
        raise HTTPException(404, "There is no such hospital here.") from None


def patient_of(session: Session, id_: str) -> tuple[UUID, view.Row]:
    """A patient's key and header; not found if there is none."""
    key = view.key("Patient", id_)
    found = view.header(session.connection, key)
    if found is None:
        raise HTTPException(404, "There is no such patient in this hospital.")
    return key, found | {
        "name": view.name_of(found["names"]),
        "age": view.age(found["birth_on"], found["deceased_at"]),
    }
