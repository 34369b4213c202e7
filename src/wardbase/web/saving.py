"""What a form made, written: one at a time, and only over what its editor has seen."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from psycopg import sql

from wardbase.access.session import LOCAL_ADMINISTRATOR, Session, session
from wardbase.errors import ShapeError
from wardbase.exchange.fhir.remainder import Opened, open_resource
from wardbase.model import RESOURCES
from wardbase.record import link, read
from wardbase.record.write import Writer
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
        for each in opened:
            changed = _changed(own, each, seen, patient)
            if changed:
                return changed
        done = Writer(own, dictionaries).write(opened, edit=True)
        if done.refused:
            raise done.refused[0][1]
        keys = [UUID(bytes=each.key) for each in opened]
        some = link.candidates(own.connection, keys, {e.type for e in opened}, done.unlinked)
        own.connection.commit()
        link.link(own.connection, some)
    return None


def _changed(own: Session, each: Opened, seen: UUID | None, patient: UUID) -> Changed | None:
    """What is stored instead of what was seen. It stays locked until the writer commits."""
    of = RESOURCES[each.type]
    key = UUID(bytes=each.key)
    own.connection.execute(
        sql.SQL("SELECT 1 FROM {} WHERE {} = %s FOR UPDATE").format(
            sql.Identifier(of.table.name), sql.Identifier(of.key_column)
        ),
        [key],
    )
    stored = read.fetch(own.connection, each.type, [key])
    if not stored:
        return None
    if stored[0].patient_id != patient:
        raise NotOfThisPatient(each.type, "is another patient's")
    same = stored[0].hash in (seen, UUID(bytes=each.hash))
    return None if same else Changed(stored[0].json, stored[0].hash)
