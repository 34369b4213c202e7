"""The web application: the pages of every tenant."""

from importlib.resources import files

from fastapi import FastAPI, Request, Response
from starlette.exceptions import HTTPException
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from wardbase.web import chart, codes, fhir, home, patients, recording, register, tables
from wardbase.web.guard import Guard
from wardbase.web.page import problem

# A drawing has its colours in itself; it may load and run nothing.
_PICTURE = "default-src 'none'; style-src 'unsafe-inline'"


class Static(StaticFiles):
    """Files that never change under one address: it has their hash."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file, to be kept by the browser."""
        response = await super().get_response(path, scope)
        if path.endswith(".svg"):
            response.headers["content-security-policy"] = _PICTURE
        response.headers["cache-control"] = "public, max-age=31536000, immutable"
        return response


def create_app() -> FastAPI:
    """The pages, each room's routes in its own module."""
    app = FastAPI(title="wardbase", docs_url=None, redoc_url=None, openapi_url=None)
    # A name that no tenant can have.
    app.mount("/-/static", Static(directory=str(files("wardbase.web").joinpath("static"))))
    for room in (tables, home, patients, register, codes, chart, fhir, recording):
        app.include_router(room.router)
    app.add_exception_handler(HTTPException, _refuse)  # type: ignore[arg-type]
    app.add_middleware(Guard)
    return app


async def _refuse(request: Request, refused: HTTPException) -> Response:
    standard = refused.detail in ("Not Found", "Method Not Allowed")
    sentence = "There is no page at this address." if standard else str(refused.detail)
    return problem(request, refused.status_code, sentence)
