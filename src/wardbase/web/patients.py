"""Finding a patient."""

from fastapi import APIRouter, Request, Response
from starlette.responses import HTMLResponse

from wardbase.record import search
from wardbase.record.view import Section
from wardbase.web import desk
from wardbase.web.page import Page, format_of, render, show

router = APIRouter()
_COLUMNS = [
    "id",
    "name",
    "other_families",
    "birth_on",
    "age",
    "gender",
    "city",
    "identifier",
    "deceased_at",
]


@router.get("/{tenant}/patients")
@router.get("/{tenant}/patients/")
def patients(request: Request, tenant: str, q: str = "") -> Response:
    """Patients by name, birth date or identifier; without a question, those last written."""
    found = desk.tenant_of(tenant)
    with desk.at(found) as session:
        if q.strip():
            hits = search.search(session.connection, found.name, q, found.country)
        else:
            hits = search.Found(search.recent(session.connection), False, "")
        session.audit("search", "page: patients", detail={"rows": len(hits.rows)})
    rows = [{column: row[column] for column in _COLUMNS} for row in hits.rows]
    page = Page(
        "patients.html",
        "Patients",
        sections=[Section("patients", "Patients", "", hits.sql, rows, _COLUMNS)],
        data={"q": q, "more": hits.more},
        tenant=found,
    )
    if request.headers.get("hx-target") == "found" and format_of(request) == "html":
        return HTMLResponse(render(request, page, block="found"))
    return show(request, page)
