"""What a form made, written: one at a time, and only over what its editor has seen."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from wardbase.access.session import LOCAL_ADMINISTRATOR, Session, session
from wardbase.errors import ShapeError
from wardbase.exchange.fhir.remainder import Opened, open_resource
from wardbase.record import link, read
from wardbase.record.write import Outdated, Writer
from wardbase.web.desk import PURPOSE

# The writer keeps the numbers of one tenant's dictionaries for the whole process.
_alone = threading.Lock()


@dataclass(frozen=True)
class Changed:
    """Somebody else has written it meanwhile."""

    json: bytes
    hash: UUID


class NotOfThisPatient(ShapeError):
    """The id is in use for somebody else's."""


def save(
    tenant: str, resources: Sequence[bytes], seen: UUID | None, patient: UUID
) -> Changed | None:
    """Write resources of one patient; `seen` is the hash of the content their editor began with.

    Nothing is written where another content is stored: it comes back instead.
    """
    opened = [open_resource(raw) for raw in resources]
    with (
        _alone,
        session(tenant, LOCAL_ADMINISTRATOR, PURPOSE) as own,
        session(tenant, LOCAL_ADMINISTRATOR, PURPOSE) as dictionaries,
    ):
        writer = Writer(own, dictionaries)
        while True:
            known: dict[tuple[str, bytes], bytes] = {}
            for each in opened:
                stored = _stored(own, each, patient)
                if stored and stored.hash not in (seen, UUID(bytes=each.hash)):
                    return Changed(stored.json, stored.hash)
                known[each.type, each.key] = stored.hash.bytes if stored else b""
            try:
                done = writer.write(opened, edit=True, seen=known)
                break
            except Outdated:
                own.connection.rollback()
        if done.refused:
            raise done.refused[0][1]
        keys = [UUID(bytes=each.key) for each in opened]
        some = link.candidates(own.connection, keys, {e.type for e in opened}, done.unlinked)
        own.connection.commit()
        link.link(own.connection, some)
    return None


def _stored(own: Session, each: Opened, patient: UUID) -> read.Stored | None:
    """What is stored under the key of a resource; refused if it is another patient's."""
    stored = read.fetch(own.connection, each.type, [UUID(bytes=each.key)])
    if not stored:
        return None
    if stored[0].patient_id != patient:
        raise NotOfThisPatient(each.type, "is another patient's")
    return stored[0]
