"""Loading twice, in any order, side by side, or cut short and again: the same database."""

import json
import multiprocessing
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hospital import (
    borrowed,
    bring,
    dump,
    exact,
    exported,
    one,
    rows,
    sent,
    stripped,
    write_lines,
)

from wardbase.access.session import LOCAL_ADMINISTRATOR, session
from wardbase.errors import WardbaseError
from wardbase.record import bulk
from wardbase.record import load as loading
from wardbase.record.check import check
from wardbase.store import server
from wardbase.store import tenant as tenants

Dump = dict[str, tuple[int, str]]


@pytest.fixture
def bulky(monkeypatch: pytest.MonkeyPatch) -> None:
    """Any size is loaded in bulk where the tenant is empty."""
    monkeypatch.setattr(loading, "_BULK_BYTES", 0)


@pytest.fixture(scope="module")
def small_set(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A few patients of Synthea as single resources in lines, some with a second content."""
    folder = tmp_path_factory.mktemp("small")
    source = borrowed("fhir-synthea/smoke", folder)
    lines = []
    for n, ((type_, _), contents) in enumerate(sent([source]).items()):
        lines += contents
        if n % 7 == 0 and type_ in ("Organization", "Patient", "Observation", "DocumentReference"):
            lines.append({**contents[0], "language": "de"})
        if n % 11 == 0 and type_ in ("Encounter", "Condition"):
            meta = {"lastUpdated": f"2024-01-01T00:00:{n % 60:02}Z"}
            lines.append({**contents[0], "meta": meta, "language": "de"})
    # What is broken must not depend on the order either.
    lines.append({"resourceType": "Patient", "id": "bad", "birthDate": "1980-02-30"})
    write_lines(folder / "all.ndjson", *map(json_of, lines))
    return folder / "all.ndjson"


def json_of(value: Any) -> str:
    """JSON again of what `exact` read."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(k)}:{json_of(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(json_of, value)) + "]"
    return value[1] if isinstance(value, tuple) else json.dumps(value)


@pytest.fixture(scope="module")
def expected(
    database_server: None, small_set: Path, forget: Callable[[str], None]
) -> Iterator[Dump]:
    """The database after one load in order, by one process."""
    tenants.create("test-expected", country="DE")
    bring("test-expected", small_set, workers=1)
    yield dump("test-expected")
    forget("test-expected")


def differing(tenant: str, expected: Dump) -> dict[str, Any]:
    """Tables that differ, and what they have; a check's complaints."""
    found: dict[str, Any] = {
        name: (count, expected[name][0])
        for name, (count, digest) in dump(tenant).items()
        if (count, digest) != expected[name]
    }
    checked = check(tenant, LOCAL_ADMINISTRATOR, deep=True)
    if not checked.whole:
        found["check"] = checked
    return found


def test_the_dump_notices_a_difference(tenant: str, small_set: Path, expected: Dump) -> None:
    bring(tenant, small_set)
    rows(
        tenant,
        "UPDATE observation SET status = 'amended'"
        " WHERE observation_id = (SELECT min(observation_id::text)::uuid FROM observation)",
    )
    assert "observation" in differing(tenant, expected)


def test_twice_is_once(tenant: str, small_set: Path, expected: Dump) -> None:
    first = bring(tenant, small_set)
    written = one(tenant, "SELECT max(written_at) FROM observation")
    again = bring(tenant, small_set)
    assert again.written.new + again.written.replaced + again.written.conflicts == {}
    assert again.resources == first.resources
    assert one(tenant, "SELECT max(written_at) FROM observation") == written
    assert differing(tenant, expected) == {}


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.long)])
def test_in_any_order(
    tenant: str, small_set: Path, expected: Dump, tmp_path: Path, seed: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(loading, "_TASK_TEXTS", 50)
    lines = small_set.read_bytes().splitlines()
    random.Random(seed).shuffle(lines)
    half = len(lines) // 2
    bring(tenant, write_lines(tmp_path / "a.ndjson", *lines[:half]))
    bring(tenant, write_lines(tmp_path / "b.ndjson", *lines[half:]))
    assert differing(tenant, expected) == {}


def _loads(tenant: str, path: Path, small: bool, ends: Any) -> None:
    if small:
        loading._TASK_TEXTS = 50
    try:
        bring(tenant, path)
        ends.put(None)
    except BaseException as error:
        ends.put(repr(error))


def side_by_side(tenant: str, *paths: Path) -> None:
    context = multiprocessing.get_context("fork")
    ends = context.Queue()
    loads = [context.Process(target=_loads, args=(tenant, path, True, ends)) for path in paths]
    for each in loads:
        each.start()
    said = [ends.get(timeout=120) for _ in loads]
    for each in loads:
        each.join()
    assert said == [None] * len(paths)


@pytest.mark.parametrize("in_bulk", [False, True])
def test_side_by_side(
    tenant: str, small_set: Path, expected: Dump, tmp_path: Path, in_bulk: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    if in_bulk:
        monkeypatch.setattr(loading, "_BULK_BYTES", 0)
    lines = small_set.read_bytes().splitlines()
    random.Random(3).shuffle(lines)
    side_by_side(tenant, small_set, write_lines(tmp_path / "shuffled.ndjson", *lines))
    assert differing(tenant, expected) == {}


@pytest.mark.usefixtures("bulky")
def test_in_bulk(tenant: str, small_set: Path, expected: Dump) -> None:
    done = bring(tenant, small_set)
    assert done.bulk
    assert differing(tenant, expected) == {}


LOADER = """
import sys
from pathlib import Path
from wardbase.access.session import LOCAL_ADMINISTRATOR
from wardbase.record import load as loading
loading._TASK_TEXTS = 20
if sys.argv[3] == "bulk":
    loading._BULK_BYTES = 0
loading.load([Path(sys.argv[2])], sys.argv[1], LOCAL_ADMINISTRATOR, workers=2)
"""


def begun(tenant: str, path: Path, how: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-c", LOADER, tenant, str(path), how], start_new_session=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip


def wait_for_rows(tenant: str, most: int, process: "subprocess.Popen[bytes]") -> None:
    """Until a load is well under way, or over."""
    patience = time.monotonic() + 30
    while time.monotonic() < patience and process.poll() is None:
        if one(tenant, "SELECT count(*) FROM observation") > most:
            return
        time.sleep(0.01)


@pytest.mark.parametrize("how", ["normal", "bulk"])
def test_killed_half_way_and_again(
    tenant: str, small_set: Path, expected: Dump, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    process = begun(tenant, small_set, how)
    wait_for_rows(tenant, 50, process)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    count = one(tenant, "SELECT count(*) FROM observation")
    assert 0 < count < expected["observation"][0], "killed neither too early nor too late"
    with session(tenant, LOCAL_ADMINISTRATOR, "test") as opened:
        assert any(bulk.missing(opened.connection)) == (how == "bulk")
    done = bring(tenant, small_set)
    assert done.bulk == (how == "bulk")
    assert differing(tenant, expected) == {}


def test_what_a_killed_bulk_load_left_is_repaired(tenant: str, small_set: Path) -> None:
    process = begun(tenant, small_set, "bulk")
    wait_for_rows(tenant, 50, process)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    found = check(tenant, LOCAL_ADMINISTRATOR)
    assert found.missing_keys
    assert not found.whole
    assert check(tenant, LOCAL_ADMINISTRATOR, repair=True, deep=True).whole


def test_workers_do_not_outlive_a_killed_loader(tenant: str, small_set: Path) -> None:
    process = begun(tenant, small_set, "normal")
    wait_for_rows(tenant, 50, process)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    query = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    patience = time.monotonic() + 30
    while (left := one(tenant, query)) > 1 and time.monotonic() < patience:
        time.sleep(0.1)
    assert left == 1, "ours alone"


@pytest.mark.skipif("WARDBASE_TEST_URL" in os.environ, reason="ends the embedded server")
@pytest.mark.parametrize("how", [pytest.param("normal", marks=pytest.mark.long), "bulk"])
def test_server_killed_half_way_and_again(
    tenant: str, small_set: Path, expected: Dump, how: str
) -> None:
    process = begun(tenant, small_set, how)
    wait_for_rows(tenant, 50, process)
    pid = server.status().pid
    assert pid
    os.kill(pid, signal.SIGKILL)
    try:
        assert process.wait(60) != 0, "the load says that it did not end well"
    finally:
        server.start()
    bring(tenant, small_set)
    assert differing(tenant, expected) == {}


def test_a_strict_refusal_leaves_all_keys(
    tenant: str, small_set: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading, "_BULK_BYTES", 0)
    with pytest.raises(WardbaseError):
        bring(tenant, small_set, strict=True)
    assert check(tenant, LOCAL_ADMINISTRATOR).whole


@pytest.mark.parametrize("order", [1, -1])
def test_of_two_contents_the_later_wins_in_any_order(
    tenant: str, tmp_path: Path, order: int
) -> None:
    """Half of them say when they were updated; of the others the larger hash wins."""
    contents = [
        {"resourceType": "Organization", "id": f"o{n}", "name": name} | when
        for n in range(20)
        for name, when in (
            ("A", {"meta": {"lastUpdated": "2020-01-01T00:00:00Z"}} if n % 2 else {}),
            ("B", {"meta": {"lastUpdated": "2020-01-01T00:00:00.000001Z"}} if n % 2 else {}),
            ("C", {"meta": {"lastUpdated": "2019-01-01T00:00:00Z"}} if n % 2 else {}),
        )
    ]
    for n, each in enumerate(contents[::order]):
        write_lines(tmp_path / f"{n:02}.ndjson", each)
    done = bring(tenant, tmp_path, workers=1)
    assert sum(done.written.new.values()) == 20
    back = exported(tenant, tmp_path / "back")
    won = "".join(back["Organization", f"o{n}"]["name"] for n in range(20))
    assert won[1::2] == "B" * 10
    kept = rows(tenant, "SELECT elements::text FROM version")
    assert len(kept) == 40
    everything = [*back.values(), *(exact(text) for (text,) in kept)]
    assert all(stripped(each) in everything for each in contents)
    tables = {name: each for name, each in dump(tenant).items() if each[0]}
    assert _WON.setdefault("dump", tables) == tables, "the other order gave another database"


_WON: dict[str, Any] = {}


def test_what_was_exported_loads_as_the_same(tenant: str, small_set: Path, tmp_path: Path) -> None:
    bring(tenant, small_set)
    contained = {"resourceType": "Patient", "id": "c", "contained": [
        {"resourceType": "Practitioner", "id": "p", "name": [{"family": "Y"}]}]}  # fmt: skip
    (tmp_path / "pretty.json").write_text(json.dumps(contained, indent=2))
    bring(tenant, tmp_path / "pretty.json")
    exported(tenant, tmp_path / "back")
    again = bring(tenant, tmp_path / "back")
    assert set(again.written.same) > {"Patient", "Observation"}
    assert (again.written.replaced, again.written.conflicts) == ({}, {})
