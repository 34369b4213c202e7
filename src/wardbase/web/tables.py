"""The tables: how they are connected, and what each column means, read off the model."""

from importlib.resources import files

from fastapi import APIRouter, HTTPException, Request, Response

from wardbase.errors import WardbaseError
from wardbase.record import describe
from wardbase.record.view import Section
from wardbase.web.page import Page, show

router = APIRouter()
_COLUMNS = ["name", "type", "meaning", "sensitivity", "mask", "fhir", "refers_to", "rule"]


def is_drawn() -> bool:
    """Whether the diagram is there: it is made from the model with the documentation."""
    return files("wardbase.web").joinpath("static", "diagram.svg").is_file()


@router.get("/-/tables")
def tables(request: Request) -> Response:
    """All tables, by subject, with the diagram."""
    subjects: dict[str, list[describe.TableEntry]] = {}
    for each in describe.every():
        subjects.setdefault(each.subject, []).append(each)
    rows = [
        {"subject": each.subject, "table": each.name, "row": each.grain, "fhir": each.fhir}
        for entries in subjects.values()
        for each in entries
    ]
    section = Section("tables", "Tables", "", "", rows, ["subject", "table", "row", "fhir"])
    return show(
        request,
        Page(
            "tables.html", "Tables", [section], more={"subjects": subjects, "is_drawn": is_drawn()}
        ),
    )


@router.get("/-/tables/{name}")
def table(request: Request, name: str) -> Response:
    """One table: what a row is, and every column."""
    try:
        entry = describe.one(name)
    except WardbaseError:
        raise HTTPException(404, "There is no such table.") from None
    rows = [{column: getattr(each, column) for column in _COLUMNS} for each in entry.columns]
    section = Section("columns", entry.name, entry.grain, "", rows, _COLUMNS)
    return show(request, Page("table.html", entry.name, [section], more={"entry": entry}))
