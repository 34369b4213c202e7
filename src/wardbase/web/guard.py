"""What every request passes: names it may come by, where it may come from, how much an error says.

The server listens on this machine only and has no sign-in yet. A page of another site, open in the
same browser, must still be able to neither read nor write: so the Host must be a name of this
machine (against DNS rebinding), a form must come from our own page, and nothing may be embedded.
"""

import logging
import traceback
from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from wardbase.errors import WardbaseError

log = logging.getLogger("wardbase.web")
_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_SUFFIXES = (".json", ".csv")
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
    " connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "content-security-policy": _POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
}


class Guard:
    """ASGI middleware around the whole application."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse, or pass on; either way say how the answer may be used."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = Request(scope)
        begun = False

        async def answer(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                message["headers"] = [*message["headers"], *_extra(message["headers"])]
            await send(message)

        refusal = _refusal(request)
        _take_suffix(scope)
        try:
            if refusal:
                await _say(request, answer, receive, 403, refusal)
            else:
                await self.app(scope, receive, answer)
        except Exception as problem:
            _log(request, problem)
            if begun:
                raise ConnectionResetError from None
            await _say(request, answer, receive, *_told(problem))


def _extra(headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    there = {name.lower() for name, _ in headers}
    wanted = _HEADERS | {"cache-control": "no-store"}
    return [(n.encode(), v.encode()) for n, v in wanted.items() if n.encode() not in there]


def _refusal(request: Request) -> str | None:
    """Why a request is not let in; None if it is."""
    host = request.headers.get("host", "")
    if urlsplit(f"//{host}").hostname not in _NAMES:
        return "wardbase answers only to the names of this machine: 127.0.0.1 and localhost."
    if request.method in _SAFE:
        return None
    origin = request.headers.get("origin")
    if origin is not None:
        ours = urlsplit(origin).netloc == host
    else:
        ours = request.headers.get("sec-fetch-site") == "same-origin"
    return None if ours else "A form can be sent from wardbase's own pages only."


def _take_suffix(scope: Scope) -> None:
    """`/x.json` is `/x` as JSON. Ids of FHIR may themselves end so, and say their format alone."""
    path: str = scope["path"]
    parts = path.split("/")
    if path.startswith("/-/") or (len(parts) > 2 and parts[2] == "fhir"):
        return
    for suffix in _SUFFIXES:
        if parts[-1].endswith(suffix) and len(parts[-1]) > len(suffix):
            scope["path"] = path.removesuffix(suffix)
            scope["raw_path"] = scope["path"].encode()
            scope.setdefault("state", {})["format"] = suffix[1:]


def _told(problem: Exception) -> tuple[int, str]:
    """Status and sentence: our own errors name no value of a row; others say nothing."""
    if isinstance(problem, WardbaseError):
        return 503, str(problem)
    return 500, "Something went wrong in wardbase, and nothing was saved. Go back and try again."


def _log(request: Request, problem: Exception) -> None:
    """Where it happened, never its message: a database's message quotes rows."""
    frames = traceback.extract_tb(problem.__traceback__)
    where = " < ".join(f"{f.filename.rsplit('/', 1)[-1]}:{f.lineno}" for f in reversed(frames[-6:]))
    log.error("%s %s: %s at %s", request.method, _route(request), type(problem).__name__, where)


def _route(request: Request) -> str:
    """The pattern of the path: the path itself names patients."""
    route = request.scope.get("route")
    return str(getattr(route, "path", "?"))


async def _say(request: Request, send: Send, receive: Receive, status: int, sentence: str) -> None:
    from wardbase.web.page import problem

    await problem(request, status, sentence)(request.scope, receive, send)
