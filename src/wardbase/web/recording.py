"""Recording and correcting: diagnoses, allergies, vital signs.

A form that corrects carries the hash of the content it was filled with. Whoever saves over another
content is shown both first; what both can have is kept of both.
"""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from fastapi import APIRouter, HTTPException, Request, Response
from psycopg import Connection
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse

from wardbase.access.session import Session
from wardbase.exchange.fhir.kinds import is_key
from wardbase.record import read, view
from wardbase.store.control import Tenant
from wardbase.web import codes, desk, saving, vitals
from wardbase.web.editing import Draft, new_id
from wardbase.web.forms import Errors, Values, fhir_moment, now
from wardbase.web.kinds import KINDS, Kind
from wardbase.web.page import Page, show

router = APIRouter()
_KINDS = KINDS | {kind.path: kind for kind in vitals.KINDS}
_PATHS = "/{tenant}/patients/{id_}/{path}/{item}"


@dataclass
class Sheet:
    """One form as it is shown: what is typed, what is wrong, what changed under it."""

    tenant: Tenant
    patient: view.Row
    kind: Kind
    id: str
    is_new: bool
    values: Values
    hash: str = ""
    at: str = field(default_factory=lambda: now("seconds"))
    errors: Errors = field(default_factory=dict)
    differences: list[tuple[str, str, str]] = field(default_factory=list)
    is_changed: bool = False

    def page(self) -> Page:
        """The form, with its messages."""
        status = 409 if self.is_changed else 422 if self.errors else 200
        verb = "Add" if self.is_new else "Correct"
        noun = self.kind.noun
        return Page(
            "record.html",
            f"{verb} {noun} · {self.patient['name']}",
            more={"sheet": self, "form": self.kind.form, "patient": self.patient, "verb": verb},
            tenant=self.tenant,
            status=status,
        )


@router.get(_PATHS)
def open_form(request: Request, tenant: str, id_: str, path: str, item: str) -> Response:
    """An empty form, or one filled with what is stored."""
    found = desk.tenant_of(tenant)
    with desk.at(found) as session:
        key, patient = desk.patient_of(session, id_)
        if item == "new":
            kind = _kind(path, None)
            sheet = Sheet(found, patient, kind, new_id(), True, kind.form.initial())
            if kind.type == "Observation":
                sheet.values |= vitals.starting()
        else:
            stored = _stored(session, path, key, item)
            kind = _kind(path, stored)
            values = kind.fill(Draft(stored.json))
            sheet = Sheet(found, patient, kind, stored.id, False, values, str(stored.hash))
        session.audit("read", f"form: {kind.noun}", key)
    return show(request, sheet.page())


@router.post(_PATHS)
async def send_form(request: Request, tenant: str, id_: str, path: str, item: str) -> Response:
    """Save what was typed; or show it again, with what is wrong or was changed meanwhile."""
    data = await request.form()
    return await run_in_threadpool(_send, request, tenant, id_, path, item, data)


def _send(
    request: Request, tenant: str, id_: str, path: str, item: str, data: FormData
) -> Response:
    found = desk.tenant_of(tenant)
    with desk.at(found) as session:
        key, patient = desk.patient_of(session, id_)
        stored = None if item == "new" else _stored(session, path, key, item)
        kind = _kind(path, stored)
        typed = kind.form.typed(data)
        given = str(data.get("id", ""))
        new = given if is_key(given) else new_id()
        sheet = Sheet(found, patient, kind, stored.id if stored else new, stored is None, typed)
        sheet.hash, sheet.at = str(data.get("hash", "")), str(data.get("at", ""))
        sheet.errors = kind.form.errors(typed, found.country)
        if not sheet.errors:
            _not_before_birth(sheet)
        resources: list[bytes] = []
        if not sheet.errors:
            resources = _made(session.connection, sheet, stored)
        session.audit("read", f"form: {kind.noun}", key)
    if sheet.errors or sheet.is_changed:
        return show(request, sheet.page())
    if resources:
        changed = saving.save(found.name, resources, _uuid(sheet.hash), key)
        if changed:
            with desk.at(found) as session:
                _show_change(session.connection, sheet, changed.json, changed.hash)
                session.audit("read", f"form: {kind.noun}", key)
            return show(request, sheet.page())
    saved = {"conditions": "condition", "allergies": "allergy"}.get(path, "vitals")
    address = f"/{found.name}/patients/{patient['id']}?saved={saved if resources else 'nothing'}"
    return RedirectResponse(f"{address}#{kind.section}", 303)


def _made(connection: Connection[Any], sheet: Sheet, stored: read.Stored | None) -> list[bytes]:
    """The resources to write: none if nothing was changed, or if somebody else changed it."""
    kind, typed, country = sheet.kind, sheet.values, sheet.tenant.country
    if stored is None and kind.type == "Observation":
        return vitals.observations(sheet.id, sheet.patient["id"], typed)
    if stored is not None and sheet.hash != str(stored.hash):
        _show_change(connection, sheet, stored.json, stored.hash)
        return []
    draft = Draft(stored.json) if stored else Draft.new(kind.type, sheet.id, sheet.patient["id"])
    before = kind.fill(draft) if stored else dict.fromkeys(typed, "")
    changed = {name for name, value in typed.items() if value != before[name]}
    if not changed:
        return []
    purpose = next((each.codes for each in kind.form.fields if each.codes), "")
    code = codes.chosen(connection, purpose, typed["what"]) if purpose else None
    if stored is None and kind.type != "Observation":
        # When the form was opened: sent twice, it says the same twice.
        draft["recordedDate"] = fhir_moment(sheet.at)
    kind.put(draft, typed, changed, code, country)
    return [draft.json()]


def _show_change(connection: Connection[Any], sheet: Sheet, now: bytes, hash_: UUID) -> None:
    """Keep what its editor changed, take what the other one changed, and show where they differ."""
    theirs = sheet.kind.fill(Draft(now))
    base = _began_with(connection, sheet)
    mine = sheet.values
    for each in sheet.kind.form.fields:
        name = each.name
        if mine[name] == theirs.get(name, ""):
            continue
        if base is not None and mine[name] == base.get(name, ""):
            mine[name] = theirs[name]
            sheet.differences.append((each.label, sheet.kind.form.shown(name, theirs[name]), ""))
        else:
            shown = sheet.kind.form.shown
            sheet.differences.append(
                (each.label, shown(name, theirs.get(name, "")), shown(name, mine[name]))
            )
    sheet.hash, sheet.is_changed = str(hash_), True


def _began_with(connection: Connection[Any], sheet: Sheet) -> Values | None:
    """What the form was filled with, if that version was kept."""
    seen = _uuid(sheet.hash)
    if seen is None:
        return None
    key = view.key(sheet.kind.type, sheet.id)
    kept = view.run(connection, "pages", "version", type=sheet.kind.type, key=key, hash=seen).rows
    return sheet.kind.fill(Draft(kept[0]["elements"].encode())) if kept else None


def _not_before_birth(sheet: Sheet) -> None:
    birth, onset = sheet.patient["birth_on"] or "", sheet.values.get("onset", "")
    if onset[:4].isdigit() and birth and onset[:4] < birth[:4]:
        sheet.errors["onset"] = f"The patient was born in {birth[:4]}."


def _stored(session: Session, path: str, patient: UUID, item: str) -> read.Stored:
    """The resource to correct; not found if it is not this patient's."""
    type_ = "Observation" if path == "vitals" else _kind(path, None).type
    found = read.fetch(session.connection, type_, [view.key(type_, item)])
    if not found or found[0].patient_id != patient:
        raise HTTPException(404, "This patient has no such record.")
    return found[0]


def _kind(path: str, stored: read.Stored | None) -> Kind:
    if path == "vitals" and stored is not None:
        return vitals.correction_of(Draft(stored.json))
    if path not in _KINDS:
        raise HTTPException(404, "There is no page at this address.")
    return _KINDS[path]


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
