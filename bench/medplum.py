"""The same resources loaded by Medplum 5.0 and by wardbase, on one machine, in one run.

    python bench/medplum.py --medplum ~/medplum

Medplum's server is not in the package registry: `--medplum` is a checkout of its repository at a
5.0 tag, built as its own guide says (`npm ci`, `npm run build:fast`). It needs Node 22 (`npm i
node@22` in any folder brings one; name it by `--node`) and redis-server, and gets a database of its
own on the server wardbase uses. Where something is missing, that is what the JSON says, and
wardbase is measured alone.

One bundle a patient, POST entries with urn:uuid references, over two connections. Medplum runs them
as batches unless a project has transactions switched on. `figure` is resources a second.
"""

import argparse
import contextlib
import json
import os
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from kit import ours
from kit.report import Options, machine, options, parser, report, rounded
from kit.stage import database, stage, tenant
from wardbase.store import connection
from wardbase.synthetic import Recipe, write

_ENTRY = "packages/server/dist/index.js"
_ADMIN = {"email": "admin@example.com", "password": "medplum_admin"}  # what a new server seeds
_FIRST_START = 600
_CLIENTS = 2


class Missing(Exception):
    """The peer cannot be run here, and why."""


def main() -> None:
    """Measure both and print."""
    made = parser(__doc__)
    made.add_argument("--medplum", type=Path, metavar="DIR", help="a built checkout of Medplum 5.0")
    made.add_argument("--node", default="node", help="Node 22 or later")
    asked = options(made)
    with stage(asked.here) as folder:
        where = machine()
        bundles = _bundles(asked, folder)
        with tenant() as name:
            own = ours.load(bundles, name)
        peer = _peer(asked.more, bundles, folder)
    measured = "resources_per_second" in peer
    report(
        "medplum",
        own.rate,
        "resources/s",
        where,
        peer="Medplum 5.0, one node process" if measured else None,
        peer_figure=peer.get("resources_per_second"),
        bundles=len(bundles),
        wardbase=own.facts(),
        medplum=peer,
    )


def _bundles(asked: Options, folder: Path) -> list[Path]:
    """About two thousand resources by default: at a hundred a second that is enough to wait for."""
    if asked.data:
        return [
            path
            for given in asked.data
            for path in (sorted(given.rglob("*.json")) if given.is_dir() else [given])
        ]
    patients = asked.more.patients or min(asked.patients // 10 or 1, 100)
    write(folder / "bundles", Recipe(patients), "bundles")
    return sorted((folder / "bundles").rglob("*.json"))


def _peer(given: argparse.Namespace, bundles: Sequence[Path], folder: Path) -> dict[str, Any]:
    try:
        with _server(given, folder) as base:
            return _post(base, _token(base), bundles)
    except Missing as why:
        return {"missing": f"peer could not be installed: {why}"}


def _post(base: str, token: str, bundles: Sequence[Path]) -> dict[str, Any]:
    bodies = [_posted(json.loads(path.read_bytes())) for path in bundles]
    began = time.perf_counter()
    with ThreadPoolExecutor(_CLIENTS) as pool:
        answers = list(pool.map(lambda body: _call(f"{base}fhir/R4", body, token), bodies))
    seconds = time.perf_counter() - began
    said = [entry["response"]["status"] for answer in answers for entry in answer["entry"]]
    created = sum(status.startswith("2") for status in said)
    return {
        "resources": len(said),
        "created": created,
        "refused": len(said) - created,
        "seconds": rounded(seconds),
        "resources_per_second": rounded(created / seconds),
    }


def _posted(bundle: dict[str, Any]) -> dict[str, Any]:
    """The bundle with every entry as a POST."""
    for entry in bundle["entry"]:
        entry["request"] = {"method": "POST", "url": entry["resource"]["resourceType"]}
    return bundle


# --- the server ---


@contextmanager
def _server(given: argparse.Namespace, folder: Path) -> Iterator[str]:
    """Medplum on loopback, its address; Missing if something it needs is not here."""
    if given.medplum is None:
        raise Missing("--medplum names no built checkout")
    entry = given.medplum / _ENTRY
    if not entry.exists():
        raise Missing(f"{entry} is not there; build the checkout")
    for program in (given.node, "redis-server"):
        if shutil.which(program) is None:
            raise Missing(f"{program} is not installed")
    with database() as name, contextlib.ExitStack() as running:
        port, redis = _free_port(), _free_port()
        running.enter_context(_process(
            ["redis-server", "--bind", "127.0.0.1", "--port", str(redis), "--save", ""], folder
        ))  # fmt: skip
        config = folder / "medplum.config.json"
        config.touch(mode=0o600)  # the password of the database is in it
        config.write_text(json.dumps(_config(name, port, redis, folder)))
        running.enter_context(
            _process([given.node, str(entry), f"file:{config}"], given.medplum / "packages/server")
        )
        base = f"http://127.0.0.1:{port}/"
        _wait(base)
        yield base


def _config(name: str, port: int, redis: int, folder: Path) -> dict[str, Any]:
    base = f"http://127.0.0.1:{port}/"
    given = connection.parameters(name)
    return {
        "port": port,
        "baseUrl": base,
        "appBaseUrl": base,
        "binaryStorage": f"file:{folder}/binary/",
        "storageBaseUrl": f"{base}storage/",
        "supportEmail": "nobody@localhost",
        "maxJsonSize": "50mb",
        "maxBatchSize": "50mb",
        "allowedOrigins": "*",
        "database": {
            "host": given["host"],
            "port": int(given["port"]),
            "dbname": name,
            "username": given["user"],
            "password": given.get("password") or _password(given),
        },
        "redis": {"host": "127.0.0.1", "port": redis},
    }


def _password(given: dict[str, str]) -> str:
    lines = Path(given["passfile"]).read_text().splitlines()
    return lines[0].rsplit(":", 1)[1] if lines else ""


@contextmanager
def _process(words: Sequence[str], folder: Path) -> Iterator[None]:
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(words, cwd=folder, stdout=quiet, stderr=quiet, env=dict(os.environ))
    try:
        yield
    finally:
        process.terminate()
        process.wait(30)


def _wait(base: str) -> None:
    """Until it answers: at its first start it makes several hundred tables."""
    until = time.monotonic() + _FIRST_START
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(f"{base}healthcheck", timeout=5):
                return
        except OSError:
            time.sleep(1)
    raise Missing(f"the server did not answer within {_FIRST_START} seconds")


def _token(base: str) -> str:
    """Sign in as the administrator a new server has."""
    proof = "benchmark"
    login = _call(f"{base}auth/login", {
        **_ADMIN, "scope": "openid", "codeChallengeMethod": "plain", "codeChallenge": proof,
    })  # fmt: skip
    form = {"grant_type": "authorization_code", "code": login["code"], "code_verifier": proof}
    return str(_call(f"{base}oauth2/token", urllib.parse.urlencode(form))["access_token"])


def _call(url: str, body: dict[str, Any] | str, token: str = "") -> Any:
    kind = "application/x-www-form-urlencoded" if isinstance(body, str) else "application/fhir+json"
    if "/auth/" in url:
        kind = "application/json"
    data = body if isinstance(body, str) else json.dumps(body)
    request = urllib.request.Request(url, data.encode(), {"Content-Type": kind})
    if token:
        request.add_header("Authorization", f"Bearer {token}")
    try:
        with urllib.request.urlopen(request, timeout=600) as answer:
            return json.loads(answer.read())
    except urllib.error.HTTPError as problem:
        raise Missing(f"{urllib.parse.urlsplit(url).path} answered {problem.code}") from None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    main()
