"""A page in its three faces: HTML for people, JSON and CSV of the same rows for programs."""

import csv
import hashlib
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import quote, urlencode

import jinja2
import msgspec
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from wardbase.record.view import Section
from wardbase.store.control import Tenant
from wardbase.web import draw, words

_json = msgspec.json.Encoder(decimal_format="number")
_FORMATS = frozenset({"html", "json", "csv"})


@dataclass(frozen=True)
class Page:
    """What a page shows: a template, what it needs, and the rows that all faces have."""

    template: str
    title: str
    sections: list[Section] = field(default_factory=list)
    data: dict[str, Any] = field(default_factory=dict)
    more: dict[str, Any] = field(default_factory=dict)
    tenant: Tenant | None = None
    status: int = 200


@cache
def _environment() -> jinja2.Environment:
    made = jinja2.Environment(
        loader=jinja2.PackageLoader("wardbase.web"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    made.filters |= {
        "day": words.day,
        "moment": words.moment,
        "number": words.number,
        "amount": words.amount,
        "plain": words.plain,
        "heading": words.heading,
        "segment": lambda text: quote(str(text), safe=""),
    }
    made.globals |= {
        "spark": draw.spark,
        "static": static,
        "flag": words.flag,
        "range_of": words.range_of,
    }
    return made


@cache
def static(name: str) -> str:
    """The address of a file in `static/`, new when the file is."""
    content = files("wardbase.web").joinpath("static", name).read_bytes()
    return f"/-/static/{name}?v={hashlib.sha256(content).hexdigest()[:10]}"


def show(request: Request, page: Page) -> Response:
    """Answer with the face asked for: by suffix, by `?format=`, or by the Accept header."""
    face = format_of(request)
    if face == "json":
        return Response(_as_json(page), page.status, media_type="application/json")
    if face == "csv":
        return Response(_as_csv(request, page), page.status, media_type="text/csv; charset=utf-8")
    return HTMLResponse(render(request, page), page.status)


def format_of(request: Request) -> str:
    """html, json or csv."""
    asked = getattr(request.state, "format", None) or request.query_params.get("format")
    if asked in _FORMATS:
        return str(asked)
    accepted = request.headers.get("accept", "")
    for face, kind in (("html", "text/html"), ("json", "/json"), ("csv", "text/csv")):
        if kind in accepted:
            return face
    return "html"


def render(request: Request, page: Page, block: str | None = None) -> str:
    """The page as HTML; or one block of it, for htmx to put in its place."""
    template = _environment().get_template(page.template)
    given = {
        "page": page,
        "tenant": page.tenant,
        "section": {section.name: section for section in page.sections},
        "face": lambda suffix: _face(request, suffix),
        **page.data,
        **page.more,
    }
    if block is None:
        return template.render(given)
    return "".join(template.blocks[block](template.new_context(given)))


def problem(request: Request, status: int, sentence: str) -> Response:
    """A page that says what is wrong, in the format asked for."""
    title = {403: "Not allowed", 404: "Not found", 405: "Not allowed"}.get(status, "Not possible")
    if format_of(request) != "html":
        said = {"error": {"status": status, "title": title, "detail": sentence}}
        return Response(_json.encode(said), status, media_type="application/json")
    found = Page("problem.html", title, more={"sentence": sentence}, status=status)
    return HTMLResponse(render(request, found), status)


def _face(request: Request, suffix: str) -> str:
    """The address of this page in another format."""
    path = quote(request.scope["path"].rstrip("/"))
    query = {k: v for k, v in request.query_params.items() if k != "format"}
    if path:
        return f"{path}.{suffix}" + (f"?{urlencode(query)}" if query else "")
    return f"/?{urlencode(query | {'format': suffix})}"


def _as_json(page: Page) -> bytes:
    said = {
        "title": page.title,
        **page.data,
        "sections": [
            {
                "name": each.name,
                "title": each.title,
                "says": each.sentence,
                "sql": each.sql,
                "rows": each.rows,
            }
            for each in page.sections
        ],
    }
    return msgspec.json.format(_json.encode(said), indent=1)


def _as_csv(request: Request, page: Page) -> str:
    """One section by `?section=`, else all of them under each other with the section's name."""
    wanted = request.query_params.get("section")
    chosen = [each for each in page.sections if wanted in (None, each.name)]
    columns = list(dict.fromkeys(column for each in chosen for column in each.columns))
    if len(chosen) > 1:
        columns.insert(0, "section")
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, extrasaction="ignore", lineterminator="\r\n")
    writer.writeheader()
    for each in chosen:
        writer.writerows(_cells(each.name, each.rows))
    return out.getvalue()


def _cells(section: str, rows: Iterable[Mapping[str, Any]]) -> Iterable[dict[str, Any]]:
    for row in rows:
        yield {
            "section": section,
            **{
                name: _json.encode(value).decode() if isinstance(value, list | dict) else value
                for name, value in row.items()
            },
        }
