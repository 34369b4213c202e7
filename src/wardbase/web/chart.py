"""The chart of one patient, the course of a result, and the text of a document."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter, HTTPException, Request, Response

from wardbase.record import view
from wardbase.web import desk, draw
from wardbase.web.page import Page, show

router = APIRouter()
_STATES = ("active", "past", "error")
_SAVED = {
    "patient": "The patient is registered.",
    "condition": "The diagnosis is saved.",
    "allergy": "The allergy is saved.",
    "vitals": "The vital signs are saved.",
    "nothing": "Nothing was changed.",
}


@router.get("/{tenant}/patients/{id_}")
def chart(request: Request, tenant: str, id_: str, saved: str = "") -> Response:
    """All there is about a patient, on one page."""
    found = desk.tenant_of(tenant)
    with desk.at(found) as session:
        key, patient = desk.patient_of(session, id_)
        sections = view.chart(session.connection, key)
        session.audit("read", "page: chart", key)
    by_name = {section.name: section.rows for section in sections}
    return show(
        request,
        Page(
            "chart.html",
            patient["name"],
            sections=sections,
            data={"patient": patient},
            more={
                "saved": _SAVED.get(saved),
                "timeline": draw.timeline(by_name["encounters"]),
                "by_state": {
                    name: {s: [r for r in by_name[name] if r["state"] == s] for s in _STATES}
                    for name in ("problems", "medications", "allergies")
                },
                "kinds": _by_kind(by_name["results"]),
            },
            tenant=found,
        ),
    )


@router.get("/{tenant}/patients/{id_}/results/{code}")
def result(request: Request, tenant: str, id_: str, code: str) -> Response:
    """The course of one result: a plot and every value."""
    found = desk.tenant_of(tenant)
    with desk.at(found) as session:
        key, patient = desk.patient_of(session, id_)
        section = view.run(session.connection, "chart", "history", patient=key, code=code)
        session.audit("read", "page: result", key)
    if not section.rows:
        raise HTTPException(404, "This patient has no such result.")
    return show(
        request,
        Page(
            "result.html",
            f"{section.rows[0]['name']} · {patient['name']}",
            sections=[section],
            data={"patient": patient},
            more={"history": section, "plot": draw.plot(section.rows)},
            tenant=found,
        ),
    )


@router.get("/{tenant}/patients/{id_}/documents/{type_}/{document}")
def document(request: Request, tenant: str, id_: str, type_: str, document: str) -> Response:
    """The text of one document."""
    found = desk.tenant_of(tenant)
    with desk.at(found) as session:
        key, patient = desk.patient_of(session, id_)
        rows = _document(session.connection, key, type_, document)
        session.audit("read", f"page: {type_}", key)
    few = request.headers.get("hx-request") == "true"
    return show(
        request,
        Page(
            "text.html" if few else "document.html",
            f"{rows.rows[0]['title'] or 'Document'} · {patient['name']}",
            sections=[rows],
            data={"patient": patient},
            more={"document": rows.rows[0], "statement": rows.sql},
            tenant=found,
        ),
    )


def _document(connection: Any, patient: UUID, type_: str, id_: str) -> view.Section:
    if type_ not in ("DocumentReference", "DiagnosticReport"):
        raise HTTPException(404, "There is no such document.")
    section = view.run(connection, "chart", "text", patient=patient, document=view.key(type_, id_))
    mine = [row for row in section.rows if row["type"] == type_]
    if not mine:
        raise HTTPException(404, "This patient has no such document.")
    row = mine[0]
    data, kind = row.pop("data"), row["content_type"] or ""
    row["id"] = id_
    row.pop("key")
    row["text"] = _text(data, kind) if data is not None else None
    columns = ["type", "id", "title", "content_type", "url", "conclusion", "text"]
    return view.Section(section.name, section.title, section.sentence, section.sql, [row], columns)


def _text(data: bytes, kind: str) -> str | None:
    """The text of bytes that are text; None of a picture or a PDF."""
    if not kind.startswith(("text/", "application/json", "application/xml")):
        return None
    charset = kind.partition("charset=")[2].strip('" ') or "utf-8"
    try:
        return data.decode(charset)
    except (UnicodeDecodeError, LookupError):
        return data.decode("utf-8", "replace")


def _by_kind(rows: list[view.Row]) -> dict[str, list[view.Row]]:
    kinds: dict[str, list[view.Row]] = {}
    for row in rows:
        kinds.setdefault(row["category"] or "", []).append(row)
    return kinds
