"""Registering a patient, who may already be there."""

from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse

from wardbase.exchange.fhir.kinds import is_key
from wardbase.record import search, view
from wardbase.store.control import Tenant
from wardbase.web import desk, home, saving
from wardbase.web.editing import Draft, coded, new_id
from wardbase.web.forms import Errors, Field, Form, Values, fhir_date
from wardbase.web.page import Page, show

router = APIRouter()
_SEXES = (
    ("", "not recorded"),
    ("female", "female"),
    ("male", "male"),
    ("other", "other"),
    ("unknown", "unknown"),
)


def _named(values: Values) -> Iterator[tuple[str, str]]:
    if not any(c.isalpha() for c in values["family"]):
        yield "family", "A name has letters. Write Unknown if it is not known."


FORM = Form(
    "patient",
    (
        Field("family", "Family name", required=True),
        Field("given", "Given names", hint="All of them, with spaces between."),
        Field("birth", "Birth date", "date", "1980-05-03; 1980-05 or 1980 if that is all you know",
              required=True),
        Field("sex", "Sex", "choice", choices=_SEXES),
        Field("number", "Record number", hint="The hospital's own number, if it has one."),
        Field("phone", "Telephone"),
        Field("line", "Street and house", wide=True),
        Field("postal", "Postal code"),
        Field("city", "City"),
        Field("state", "State or region"),
        Field("country", "Country", hint="Two letters, such as US."),
    ),
    (_named,),
)  # fmt: skip


@router.get("/{tenant}/patients/new")
def blank(request: Request, tenant: str) -> Response:
    """An empty form."""
    found = desk.tenant_of(tenant)
    values = FORM.initial() | {"country": found.country}
    return show(request, _page(found, values, new_id()))


@router.post("/{tenant}/patients/new")
async def send(request: Request, tenant: str) -> Response:
    """Register; or show the form again, with what is wrong or who may be the same."""
    return await run_in_threadpool(_send, request, tenant, await request.form())


def _send(request: Request, tenant: str, data: FormData) -> Response:
    found = desk.tenant_of(tenant)
    values = FORM.typed(data)
    given = str(data.get("id", ""))
    id_ = given if is_key(given) else new_id()
    errors = FORM.errors(values, found.country)
    if errors:
        return show(request, _page(found, values, id_, errors))
    birth = fhir_date(values["birth"], found.country) or ""
    same = _same(found, values, birth, id_)
    seen = set(str(data.get("seen", "")).split())
    if {row["id"] for row in same} - seen:
        return show(request, _page(found, values, id_, same=same))
    draft = Draft.new("Patient", id_, "")
    for element, value in elements(values, birth, found).items():
        draft[element] = value
    if saving.save(found.name, [draft.json()], None, UUID(id_)):
        # The form was sent, gone back to, changed and sent again: there is one already.
        return show(request, _page(found, values, new_id(), same=_same(found, values, birth, "")))
    search.learn(found.name, values["family"], values["given"].split())
    home.forget_counts(found.name)
    return RedirectResponse(f"/{found.name}/patients/{id_}?saved=patient", 303)


def elements(values: Values, birth: str, tenant: Tenant) -> dict[str, Any]:
    """The patient as FHIR has it."""
    name = {"use": "official", "family": values["family"], "given": values["given"].split()}
    address = {
        "line": [values["line"]] if values["line"] else [],
        "city": values["city"],
        "state": values["state"],
        "postalCode": values["postal"],
        "country": values["country"].upper(),
    }
    placed = any(value for name, value in address.items() if name != "country")
    number = {
        "type": coded("http://terminology.hl7.org/CodeSystem/v2-0203", "MR"),
        "system": f"urn:wardbase:{tenant.name}:patient",
        "value": values["number"],
    }
    return {
        "identifier": [number] if values["number"] else [],
        "active": True,
        "name": [{k: v for k, v in name.items() if v}],
        "telecom": [{"system": "phone", "value": values["phone"]}] if values["phone"] else [],
        "gender": values["sex"],
        "birthDate": birth,
        "address": [{k: v for k, v in address.items() if v}] if placed else [],
    }


def _same(tenant: Tenant, values: Values, birth: str, id_: str) -> list[view.Row]:
    """Patients who may be this one; a form sent twice is not its own double."""
    day = date.fromisoformat(f"{birth}-01-01"[:10] if len(birth) < 10 else birth)
    numbers = [values["number"]] if values["number"] else []
    with desk.at(tenant) as session:
        rows = search.likely_same(
            session.connection, [values["family"], values["given"]], day, numbers
        )
        session.audit("search", "page: likely duplicates", detail={"rows": len(rows)})
    return [row for row in rows if row["id"] != id_]


def _page(
    tenant: Tenant,
    values: Values,
    id_: str,
    errors: Errors | None = None,
    same: list[view.Row] | None = None,
) -> Page:
    return Page(
        "register.html",
        "Register a patient",
        more={
            "form": FORM,
            "values": values,
            "errors": errors or {},
            "same": same or [],
            "id": id_,
        },
        tenant=tenant,
        status=422 if errors else 409 if same else 200,
    )
