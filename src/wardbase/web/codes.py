"""Codes to choose from while typing, by words of their meaning: those in use here come first."""

import re
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request, Response
from psycopg import Connection
from starlette.responses import HTMLResponse

from wardbase.record import view
from wardbase.web import desk
from wardbase.web.page import Page, render
from wardbase.web.words import plain

router = APIRouter()
NAMES = {
    "http://snomed.info/sct": "SNOMED",
    "http://hl7.org/fhir/sid/icd-10": "ICD-10",
    "http://hl7.org/fhir/sid/icd-10-cm": "ICD-10-CM",
    "http://fhir.de/CodeSystem/bfarm/icd-10-gm": "ICD-10-GM",
    "http://www.nlm.nih.gov/research/umls/rxnorm": "RxNorm",
    "http://fhir.de/CodeSystem/bfarm/atc": "ATC",
    "http://www.whocc.no/atc": "ATC",
}
_SYSTEMS = {
    "condition": [system for system, name in NAMES.items() if name not in ("RxNorm", "ATC")],
    "allergy": [system for system, name in NAMES.items() if not name.startswith("ICD")],
}
_USED = {"condition": "used_condition", "allergy": "used_allergy"}
_CHOSEN = re.compile(r".*\[(\S+) ([^\s\]]+)\]", re.DOTALL)


@dataclass(frozen=True)
class Code:
    """A code of a system, and what it means."""

    system: str
    code: str
    display: str

    @property
    def shown(self) -> str:
        """How the input has it: the meaning for people, the code for us."""
        return f"{self.display} [{NAMES.get(self.system, self.system)} {self.code}]"


@router.get("/{tenant}/codes/{purpose}")
def codes(request: Request, tenant: str, purpose: str, what: str = "") -> Response:
    """Options for the list below an input."""
    found = desk.tenant_of(tenant)
    options = []
    if purpose in _SYSTEMS and len(what.strip()) > 1:
        with desk.at(found) as session:
            options = suggest(session.connection, purpose, what)
    page = Page("codes.html", "Codes", more={"options": options})
    return HTMLResponse(render(request, page))


def suggest(connection: Connection[Any], purpose: str, typed: str) -> list[Code]:
    """Codes whose meaning has all the words typed."""
    words = typed.lower().split()[:8]
    used = [row["code_id"] for row in view.run(connection, "search", _USED[purpose]).rows]
    found = view.run(
        connection,
        "search",
        "concepts",
        asked=typed.strip(),
        words=words,
        systems=_SYSTEMS[purpose],
        used=used,
    )
    return [Code(row["system"], row["code"], row["display"]) for row in found.rows]


def chosen(connection: Connection[Any], purpose: str, typed: str) -> Code | None:
    """The code meant: one chosen from the list, or exactly a code or a meaning; None: free text."""
    found = _CHOSEN.fullmatch(typed)
    asked = found[2] if found else typed
    options = suggest(connection, purpose, asked)
    for option in options:
        said = (option.shown, option.code, option.display)
        if typed in said or typed.casefold() == plain(option.display).casefold():
            return option
    return None
