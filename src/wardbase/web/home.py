"""The first pages: all hospitals; one hospital with its latest results and five questions."""

import threading
import time
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from fastapi import APIRouter, HTTPException, Request, Response
from starlette.responses import HTMLResponse

from wardbase.model import RESOURCES
from wardbase.model.control import State
from wardbase.record import view
from wardbase.store.control import Tenant
from wardbase.web import desk, tables
from wardbase.web.page import Page, render, show

router = APIRouter()
_FRESH = 30.0
_SHOWN = 8
_MOST = 500
_COUNTED = 24
_counts: dict[str, tuple[float, Mapping[str, Any]]] = {}
_lock = threading.Lock()


@router.get("/")
def home(request: Request) -> Response:
    """All hospitals, with what they hold."""
    cards = [
        {
            "name": each.name,
            "display_name": each.display_name,
            "country": each.country,
            "state": each.state,
            **(_counted(each) if place < _COUNTED else {}),
        }
        for place, each in enumerate(desk.every_tenant())
    ]
    questions = [view.statement("questions", name) for name in view.QUESTIONS]
    return show(
        request,
        Page(
            "home.html",
            "Hospitals",
            data={"tenants": cards},
            more={
                "questions": questions,
                "types": len(RESOURCES),
                "is_drawn": tables.is_drawn(),
            },
        ),
    )


@router.get("/healthz")
def health() -> dict[str, str]:
    """Whether the pages and the database answer."""
    desk.forget()
    desk.every_tenant()
    return {"status": "ok"}


@router.get("/{tenant}")
@router.get("/{tenant}/")
def hospital(request: Request, tenant: str) -> Response:
    """One hospital: counts, the latest results, and the five questions."""
    found = desk.tenant_of(tenant)
    counts = _counted(found)
    with desk.at(found) as session:
        latest = view.run(session.connection, "pages", "latest_results")
        session.audit("read", "page: latest results", detail={"rows": len(latest.rows)})
    if request.headers.get("hx-target") == f"latest-{found.name}":
        few = Page("latest.html", found.display_name, more={"latest": latest}, tenant=found)
        return HTMLResponse(render(request, few))
    questions = [view.statement("questions", name) for name in view.QUESTIONS]
    return show(
        request,
        Page(
            "hospital.html",
            found.display_name,
            sections=[latest],
            data={"counts": counts},
            more={"questions": questions},
            tenant=found,
        ),
    )


@router.get("/{tenant}/questions/{name}")
def question(request: Request, tenant: str, name: str) -> Response:
    """One question's answer, with the statement that gives it."""
    found = desk.tenant_of(tenant)
    if name not in view.QUESTIONS:
        raise HTTPException(404, "There is no such question.")
    started = time.perf_counter()
    with desk.at(found) as session:
        answer = view.run(session.connection, "questions", name)
        took = (time.perf_counter() - started) * 1000
        session.audit("read", f"question: {name}", detail={"rows": len(answer.rows)})
    few = request.headers.get("hx-request") == "true"
    numeric = {
        column
        for column in answer.columns
        if any(isinstance(row[column], int | Decimal) for row in answer.rows)
    }
    return show(
        request,
        Page(
            "answer.html" if few else "question.html",
            answer.title,
            sections=[answer],
            more={
                "answer": answer,
                "took": took,
                "most": _SHOWN if few else _MOST,
                "few": few,
                "numeric": numeric,
            },
            tenant=found,
        ),
    )


def _counted(tenant: Tenant) -> Mapping[str, Any]:
    """Counts of a hospital, a little old at most; empty if it is closed."""
    if tenant.state != State.ACTIVE:
        return {}
    with _lock:
        at, known = _counts.get(tenant.name, (0.0, {}))
        if known and time.monotonic() - at < _FRESH:
            return known
    try:
        with desk.at(tenant) as session:
            counted = view.run(session.connection, "pages", "counts").rows[0]
    except HTTPException:
        return {}
    with _lock:
        _counts[tenant.name] = (time.monotonic(), counted)
    return counted


def forget_counts(tenant: str) -> None:
    """Count anew: a patient was registered."""
    _counts.pop(tenant, None)
