"""The data tables of this package: CSV rows as dataclasses, JSON as it is."""

import csv
from collections.abc import Callable
from dataclasses import fields
from importlib.resources import files
from typing import Any, TypeVar

import msgspec

Row = TypeVar("Row")

_READERS: dict[object, Callable[[str], Any]] = {
    str: str,
    int: lambda text: int(text or 0),
    float: lambda text: float(text or 0),
    bool: lambda text: text == "yes",
    tuple[str, ...]: lambda text: tuple(text.split()),
    tuple[float, ...]: lambda text: tuple(map(float, text.split())),
}


def _data(name: str) -> bytes:
    return files(__package__).joinpath("data", *name.split("/")).read_bytes()


def rows(name: str, kind: type[Row]) -> list[Row]:
    """The rows of a CSV file, each read by the types its dataclass declares."""
    lines = _data(f"{name}.csv").decode().splitlines()
    readers = {f.name: _READERS[f.type] for f in fields(kind)}  # type: ignore[arg-type]
    return [
        kind(**{column: readers[column](text) for column, text in line.items()})
        for line in csv.DictReader(lines)
    ]


def document(name: str) -> dict[str, Any]:
    """A JSON file."""
    found: dict[str, Any] = msgspec.json.decode(_data(f"{name}.json"))
    return found


def known_countries() -> list[str]:
    """The codes of the countries there is data for."""
    folder = files(__package__).joinpath("data", "countries")
    return sorted(f.name.removesuffix(".json") for f in folder.iterdir())
