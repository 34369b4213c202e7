"""A resource taken apart and put together again is the same, whatever R4 allows in it."""

import copy
import json
import os
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from made import Maker, resources, text

from wardbase.errors import ShapeError
from wardbase.exchange.fhir.remainder import open_resource, restore, shred
from wardbase.exchange.fhir.validate import validate
from wardbase.model import RESOURCES

MANY = int(os.environ.get("WARDBASE_EXAMPLES", "40"))
quick = settings(
    deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck)
)


def exact(raw: bytes | str) -> Any:
    return json.loads(raw, parse_float=lambda t: ("number", t), parse_int=lambda t: ("number", t))


def put_together(raw: bytes) -> Any:
    """What rows and remainder say, as JSON."""
    opened = open_resource(raw)
    parts = shred(opened)
    assert parts.tree is not None
    meta = parts.meta.elements if parts.meta else None
    return exact(restore(opened.type, opened.id, parts.tree, meta, (parts.rest or {}).values()))


def without_versions(resource: Any) -> Any:
    meta = resource.get("meta", {})
    kept = {k: v for k, v in meta.items() if k.strip("_") not in ("versionId", "lastUpdated")}
    rest = {k: v for k, v in resource.items() if k != "meta"}
    return {**rest, "meta": kept} if kept else rest


@pytest.mark.parametrize("type_", RESOURCES)
def test_any_resource_comes_back_equal(type_: str) -> None:
    @settings(quick, max_examples=MANY)
    @given(resources(type_), st.booleans())
    def prove(resource: dict[str, Any], ascii: bool) -> None:
        raw = text(resource, ascii=ascii).encode()
        validate(type_, raw)
        assert put_together(raw) == without_versions(exact(raw))

    prove()


def complaint(type_: str, raw: bytes) -> str:
    """What the whole check says; nothing if all is right."""
    try:
        validate(type_, raw)
    except ShapeError as wrong:
        return str(wrong)
    return ""


def refused(raw: bytes) -> bool:
    try:
        shred(open_resource(raw))
    except ShapeError:
        return True
    return False


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths to all values within a resource."""
    found = [path] if path else []
    items = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    for key, inner in items:
        found += places(inner, (*path, key))
    return found


BROKEN = [None, "", " ", {}, [], [{}], [None], {"id": "x"}, {"odd": 1}, 7, -1, 1.5, True, "word",
          "2020-01-01", "2020-13", "2020-02-30", "25:00:00", ["word"], [["word"]],
          {"url": "http://a.org", "valueString": "a", "valueInteger": 1},
          [{"url": "http://a.org", "valueString": "a", "valueInteger": 1}]]  # fmt: skip


def spoilt(resource: dict[str, Any], chance: Maker) -> dict[str, Any]:
    """The resource with one value replaced, left out, or beside another of its choice."""
    made = copy.deepcopy(resource)
    path = chance.random.choice(places(made))
    inner: Any = made
    for key in path[:-1]:
        inner = inner[key]
    how = chance.random.randrange(4)
    if how == 0:
        del inner[path[-1]]
    elif how == 1 and isinstance(inner, dict):
        inner[f"_{path[-1]}"] = chance.random.choice(BROKEN)
    else:
        inner[path[-1]] = chance.random.choice(BROKEN)
    return made


@pytest.mark.parametrize("type_", RESOURCES)
def test_what_breaks_a_rule_is_refused_by_all_ways_alike(type_: str) -> None:
    """The quick way, by structs and columns, refuses what the whole check refuses, no more."""

    @settings(quick, max_examples=MANY)
    @given(resources(type_), st.integers(0, 2**32))
    def prove(resource: dict[str, Any], seed: int) -> None:
        raw = text(spoilt(resource, Maker(seed, 0.5))).encode()
        if wrong := complaint(type_, raw):
            assert refused(raw), f"accepted, though {wrong}: {raw.decode()}"
        elif "id" in exact(raw):
            assert put_together(raw) == without_versions(exact(raw))

    prove()
