"""The functions generated for each type: inverse to each other, and complete."""

from typing import Any

import pytest
from made import Maker, text

from wardbase.exchange.fhir import kinds
from wardbase.exchange.fhir.mapping import Doubtful, mapping
from wardbase.exchange.fhir.remainder import open_resource, shred
from wardbase.model import RESOURCES


@pytest.mark.parametrize("type_", RESOURCES)
def test_rendering_and_shredding_again_gives_the_same_tree(type_: str) -> None:
    made = mapping(type_)
    proven = 0
    for seed in range(60):
        tree = shred(
            open_resource(text(Maker(seed, 0.05 * (seed % 12)).resource(type_)).encode())
        ).tree
        assert tree is not None
        try:
            again = made.shred(made.render(tree))
        except (AttributeError, Doubtful):
            continue  # something required that only the remainder has
        assert said(again) == said(tree)
        proven += 1
    assert proven >= 10


def said(tree: Any) -> Any:
    """A tree with its entries as what they say."""
    if isinstance(tree, tuple | list):
        return [said(each) for each in tree]
    for name in ("said", "text", "data"):
        if hasattr(tree, name):
            return getattr(tree, name)
    return tree


@pytest.mark.parametrize("type_", RESOURCES)
def test_each_row_has_a_field_for_each_column(type_: str) -> None:
    """In PostgreSQL's binary format: a count of fields, then each with its length."""
    made = mapping(type_)
    for seed in range(20):
        parts = shred(open_resource(text(Maker(seed, 0.6).resource(type_)).encode()))
        numbered()
        out: list[list[bytes]] = [[] for _ in made.tables]
        head = kinds.NULL * 5
        key = kinds.key_wire(parts.opened.key)
        made.encode(parts.tree, key, head, kinds.NULL, out, lambda blob, patient: kinds.NULL)
        assert len(out[0]) == 1
        for of, rows in zip(made.tables, out, strict=True):
            for row in rows:
                assert fields_of(row) == len(of.table.columns), of.table.name


def numbered() -> None:
    """Give every entry met a number, as the writer does."""
    for n, each in enumerate([*kinds.refs.values(), *filter(None, kinds.concepts.values())], 1):
        each.enter(n)


def fields_of(row: bytes) -> int:
    count, at = int.from_bytes(row[:2], "big"), 2
    for _ in range(count):
        size = int.from_bytes(row[at : at + 4], "big", signed=True)
        at += 4 + max(size, 0)
    assert at == len(row), "nothing is left over"
    return count
