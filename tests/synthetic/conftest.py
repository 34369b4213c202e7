"""Some hundreds of synthetic patients of each country, made once."""

import json
from collections import defaultdict
from functools import cache
from typing import Any

import pytest

from wardbase.synthetic import generate

COUNTRIES = ("US", "DE", "FR", "GB", "IN")


class Population:
    """What `generate` made, as dictionaries by type, and as bytes."""

    def __init__(self, patients: int, country: str) -> None:
        self.encoded = list(generate(patients, seed=11, country=country))
        self.by_type: dict[str, list[Any]] = defaultdict(list)
        for kind, raw in self.encoded:
            self.by_type[kind].append(json.loads(raw))

    def of(self, kind: str) -> list[Any]:
        return self.by_type[kind]

    def by_patient(self, kind: str) -> dict[str, list[Any]]:
        found: dict[str, list[Any]] = defaultdict(list)
        for resource in self.of(kind):
            owner = resource.get("subject") or resource["patient"]
            found[owner["reference"].partition("/")[2]].append(resource)
        return found


@cache
def population(patients: int, country: str) -> Population:
    return Population(patients, country)


@pytest.fixture(params=COUNTRIES)
def people(request: pytest.FixtureRequest) -> Population:
    """A population of each country."""
    return population(120, request.param)


@pytest.fixture
def crowd() -> Population:
    """Enough people of one country to count diseases."""
    return population(1000, "US")
