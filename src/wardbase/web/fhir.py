"""One resource as FHIR JSON, its earlier versions, and the one statement that reads it."""

from urllib.parse import quote
from uuid import UUID

import msgspec
from fastapi import APIRouter, HTTPException, Request, Response
from starlette.responses import RedirectResponse

from wardbase.model import RESOURCES
from wardbase.record import read, search, view
from wardbase.web import desk
from wardbase.web.page import Page, format_of, show

router = APIRouter()


@router.get("/{tenant}/fhir/{type_}/{id_}")
def resource(request: Request, tenant: str, type_: str, id_: str) -> Response:
    """A resource as it came, every element of it."""
    found = desk.tenant_of(tenant)
    with desk.at(found) as session:
        stored = read.fetch(session.connection, type_, [view.key(type_, id_)])
        if not stored:
            raise HTTPException(404, "There is no such resource in this hospital.")
        versions = view.run(session.connection, "pages", "versions", type=type_, key=stored[0].key)
        session.audit("read", f"{type_} as FHIR", stored[0].patient_id)
        statement = read.statement(type_, one=True).decode() if _has_table(type_) else ""
    pretty = msgspec.json.format(stored[0].json, indent=2)
    if format_of(request) != "html":
        return Response(pretty, media_type="application/fhir+json")
    return show(
        request,
        Page(
            "fhir.html",
            f"{type_}/{stored[0].id}",
            sections=[versions],
            more={
                "type": type_,
                "id": stored[0].id,
                "text": pretty.decode(),
                "stored": stored[0],
                "statement": statement.replace("%s", f"'{{{stored[0].key}}}'"),
            },
            tenant=found,
        ),
    )


@router.get("/{tenant}/by-key/{key}")
def patient_by_key(tenant: str, key: UUID) -> Response:
    """The chart of a patient known by key: its address has the id, as the sender wrote it."""
    found = desk.tenant_of(tenant)
    with desk.at(found) as session:
        rows = search.cards(session.connection, [key])
        session.audit("read", "patient by key", key)
    if not rows:
        raise HTTPException(404, "There is no such patient in this hospital.")
    return RedirectResponse(f"/{found.name}/patients/{quote(rows[0]['id'])}", 303)


def _has_table(type_: str) -> bool:
    return type_ in RESOURCES
