"""One country's people, addresses, numbers and money, read from data/countries."""

from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from wardbase.synthetic.recipe import UnknownCountry
from wardbase.synthetic.tables import document, known_countries


class Region(msgspec.Struct, frozen=True):
    """A state or county a hospital serves: its cities, phones and time zone."""

    state: str
    zone: str
    phones: list[str]
    mobiles: list[str]
    cities: list[tuple[str, str]]

    @property
    def tz(self) -> ZoneInfo:
        return ZoneInfo(self.zone)


class Numbering(msgspec.Struct, frozen=True):
    """Which numbers identify a person, a practitioner or an organization."""

    scheme: str
    system: str
    type: tuple[str, str]
    type_system: str = "http://terminology.hl7.org/CodeSystem/v2-0203"


class Country(msgspec.Struct, frozen=True, eq=False):
    """A country file. `pyramid` is the share of each five years of age, the last from 90 up."""

    name: str
    code: str
    currency: str
    price_factor: float
    units: str
    language: tuple[str, str]
    other_languages: list[tuple[str, str, float]]
    icd_system: str
    icd: str
    pyramid: list[float]
    mean_bmi: float
    heights: tuple[float, float]
    identifiers: dict[str, Numbering]
    payers: list[tuple[str, str, int]]
    regions: list[Region]
    street: str
    streets: list[str]
    flat: str
    email: list[str]
    family: list[str]
    female: list[list[str]]
    male: list[list[str]]
    note: dict[str, str]
    hispanic: list[str] = []

    def price(self, dollars: float) -> int:
        """A price in hundredths of this country's money."""
        return round(dollars * self.price_factor * 100)


@cache
def load_country(code: str) -> Country:
    """The country of this code."""
    known = known_countries()
    if code not in known:
        raise UnknownCountry(country=code, known=", ".join(known))
    found: dict[str, Any] = document(f"countries/{code}")
    return msgspec.convert(found, Country)
