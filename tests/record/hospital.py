"""What the tests of the record share: an oracle that reads FHIR files in the simplest way there is,
and a dump of a tenant that two tenants with the same content have in common."""

import gzip
import io
import json
import lzma
import os
import tarfile
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from psycopg import sql

from wardbase.access.session import LOCAL_ADMINISTRATOR, session
from wardbase.model import metadata
from wardbase.record.export import export
from wardbase.record.load import Loaded, load

ROOT = Path(__file__).parents[2]
FIXTURES = ROOT / "tests" / "fixtures"
Named = tuple[str, str]


def part_of_data(name: str) -> Path:
    folder = Path(os.environ.get("WARDBASE_DATA", ROOT.parent / "shared" / "data")) / name
    if not folder.exists():
        pytest.skip(f"needs {name} in the folder that WARDBASE_DATA names")
    return folder


def borrowed(name: str, folder: Path) -> Path:
    """A public set by links in a folder of our own: what is refused is written beside it."""
    of = part_of_data(name)
    for file in (file for file in of.rglob("*") if file.is_file()):
        link = folder / of.name / file.relative_to(of)
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(file)
    return folder / of.name


# -- the oracle ----------------------------------------------------------------------------------


def exact(raw: bytes | str) -> Any:
    """JSON with numbers as the text they are: 1.10 is not 1.1, and 1 is not 1.0."""
    return json.loads(raw, parse_float=_number, parse_int=_number)


def _number(text: str) -> tuple[str, str]:
    return ("number", text)


def stripped(resource: dict[str, Any]) -> dict[str, Any]:
    """Without what its receiver sets."""
    meta = {k: v for k, v in resource.get("meta", {}).items() if k not in _OURS}
    rest = {name: value for name, value in resource.items() if name != "meta"}
    return {**rest, "meta": meta} if meta else rest


_OURS = ("versionId", "lastUpdated")
_OPENED = ("transaction", "batch", "collection")


def named(resource: dict[str, Any]) -> Named:
    return resource["resourceType"], resource["id"]


def sent(paths: Iterable[Path]) -> dict[Named, list[Any]]:
    """Every content the files hold, by type and id, in the order of the files."""
    found: dict[Named, list[Any]] = {}
    for path in paths:
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.name.endswith(".refused.ndjson"):
                continue
            if file.is_file() and file.suffix in (".json", ".ndjson", ".gz", ".xz", ".zip"):
                for each in _resources(file.name, file.read_bytes()):
                    contents = found.setdefault(named(each), [])
                    if stripped(each) not in contents:
                        contents.append(stripped(each))
    return found


def _resources(name: str, raw: bytes) -> Iterator[Any]:
    if name.endswith((".tar.xz", ".tar.gz")):
        with tarfile.open(fileobj=io.BytesIO(raw)) as archive:
            for member in archive:
                if member.isfile():
                    yield from _resources(member.name, archive.extractfile(member).read())
    elif name.endswith(".zip"):
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            for member in archive.namelist():
                yield from _resources(member, archive.read(member))
    elif name.endswith(".gz"):
        yield from _resources(name[:-3], gzip.decompress(raw))
    elif name.endswith(".xz"):
        yield from _resources(name[:-3], lzma.decompress(raw))
    elif name.endswith(".ndjson"):
        for line in raw.splitlines():
            yield from _opened(exact(line))
    elif name.endswith(".json"):
        yield from _opened(exact(raw))


def _opened(resource: Any) -> Iterator[Any]:
    if resource["resourceType"] != "Bundle" or resource["type"] not in _OPENED:
        yield resource
        return
    entries = [e for e in resource.get("entry", ()) if "resource" in e]
    if resource.get("entry") and not entries:
        yield resource  # it only asks, so it is kept whole
        return
    names: dict[str, str] = {}
    for entry in entries:
        url, inner = entry.get("fullUrl", ""), entry["resource"]
        if url.startswith("urn:"):
            inner.setdefault("id", url.split(":")[-1])
            names[url] = "/".join(named(inner))
    for entry in entries:
        yield _rewritten(entry["resource"], names)


def _rewritten(value: Any, names: dict[str, str]) -> Any:
    if isinstance(value, list):
        return [_rewritten(each, names) for each in value]
    if not isinstance(value, dict):
        return value
    return {
        name: names.get(inner, inner)
        if name == "reference" and isinstance(inner, str)
        else _rewritten(inner, names)
        for name, inner in value.items()
    }


# -- the tenant ----------------------------------------------------------------------------------


def bring(tenant: str, *paths: Path, **how: Any) -> Loaded:
    """Load files, by two processes."""
    return load(list(paths), tenant, LOCAL_ADMINISTRATOR, **{"workers": 2, **how})


def write_lines(path: Path, *resources: dict[str, Any] | str | bytes) -> Path:
    """An NDJSON file; what is text or bytes is written as it is."""
    with path.open("wb") as stream:
        for each in resources:
            line = each if isinstance(each, bytes | str) else json.dumps(each)
            stream.write((line.encode() if isinstance(line, str) else line) + b"\n")
    return path


def refusals(path: Path) -> list[dict[str, Any]]:
    """The lines of a file of refusals."""
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def exported(tenant: str, folder: Path) -> dict[Named, Any]:
    """All a tenant has, read from the files it writes."""
    found: dict[Named, Any] = {}
    for each in export(tenant, LOCAL_ADMINISTRATOR, folder):
        for line in each.file.read_bytes().splitlines():
            resource = exact(line)
            assert named(resource) not in found
            found[named(resource)] = resource
    return found


def rows(tenant: str, query: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """What a query gives; a statement that gives nothing is committed."""
    with session(tenant, LOCAL_ADMINISTRATOR, "test") as opened:
        cursor = opened.connection.execute(query.encode(), list(values))
        return cursor.fetchall() if cursor.description else []


def one(tenant: str, query: str, values: Sequence[Any] = ()) -> Any:
    ((value,),) = rows(tenant, query, values)
    return value


_DICTIONARIES = {"concept", "reference", "meta"}
_LEFT_OUT = {*_DICTIONARIES, "concept_coding", "audit"}
# When and by whom it came, and which of two contents came first.
_ITS_OWN = {
    "written_at", "replaced_at", "version_id", "cause", "caller", "purpose",
    ("version", "patient_id"), ("version", "elements"),
}  # fmt: skip


def dump(tenant: str) -> dict[str, tuple[int, str]]:
    """Each table's count of rows and a digest of them, the same whatever the order they came in.

    Numbers of dictionaries are replaced by the hash of what they stand for.
    """
    found = {}
    with session(tenant, LOCAL_ADMINISTRATOR, "test") as opened:
        for table in metadata.sorted_tables:
            if table.name in _LEFT_OUT:
                continue
            columns = [
                _spelt(column)
                for column in table.columns
                if column.name not in _ITS_OWN and (table.name, column.name) not in _ITS_OWN
            ]
            query = sql.SQL(
                "SELECT count(*), coalesce(md5(string_agg(said, '' ORDER BY said)), '') FROM"
                " (SELECT md5(jsonb_build_array({})::text) AS said FROM {} t) rows"
            ).format(sql.SQL(" || ").join(_parts(columns)), sql.Identifier(table.name))
            row = opened.connection.execute(query).fetchone()
            assert row
            found[table.name] = (row[0], row[1])
    return found


def _parts(columns: list[sql.Composable]) -> Iterator[sql.Composable]:
    for i in range(0, len(columns), 90):
        yield sql.SQL("jsonb_build_array({})").format(sql.SQL(", ").join(columns[i : i + 90]))


def _spelt(column: Any) -> sql.Composable:
    name = sql.Identifier("t", column.name)
    if entry := column.info.get("entry"):
        return sql.SQL("(SELECT d.hash FROM {} d WHERE d.{} = {})").format(
            sql.Identifier(entry), sql.Identifier(f"{entry}_id"), name
        )
    for key in column.foreign_keys:
        if key.column.table.name in _DICTIONARIES:
            return sql.SQL("(SELECT d.hash FROM {} d WHERE d.{} = {})").format(
                sql.Identifier(key.column.table.name), sql.Identifier(key.column.name), name
            )
    if str(column.type) == "BLOB":
        return sql.SQL("md5({})").format(name)
    if str(column.type) == "JSON":
        return sql.SQL("{}::text").format(name)
    return name


# -- patients in a line --------------------------------------------------------------------------


def patient(id_: str, **more: Any) -> dict[str, Any]:
    return {"resourceType": "Patient", "id": id_, **more}


def observation(id_: str, of: str | None = None, **more: Any) -> dict[str, Any]:
    about = {} if of is None else {"subject": {"reference": f"Patient/{of}"}}
    return {
        "resourceType": "Observation",
        "id": id_,
        "status": "final",
        "code": {"text": "weight"},
        **about,
        **more,
    }
