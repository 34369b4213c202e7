"""Names, addresses and telecoms as a country writes them."""

import unicodedata
from datetime import date

from wardbase.synthetic.chance import Chance
from wardbase.synthetic.country import Country, Region
from wardbase.synthetic.fhir import Json

_LETTERS = str.maketrans({"ß": "ss", "ø": "o", "ı": "i", "'": "", "’": "", " ": "-"})


def plain(text: str) -> str:
    """Lower case without accents, as in an email address or a host name."""
    parts = unicodedata.normalize("NFKD", text.lower().translate(_LETTERS))
    return "".join(c for c in parts if c.isascii() and (c.isalnum() or c in "-."))


def given_name(chance: Chance, country: Country, sex: str, born: date) -> str:
    """A first name that was given to this sex in the years of the birth."""
    cohort = 0 if born.year < 1960 else 1 if born.year < 1992 else 2
    return chance.ranked((country.female if sex == "female" else country.male)[cohort])


def family_name(chance: Chance, country: Country) -> str:
    """A family name."""
    return chance.ranked(country.family)


def address(chance: Chance, country: Country, region: Region) -> Json:
    """An address in the region, or now and then elsewhere in the country."""
    if chance.happens(0.05):
        region = chance.pick(country.regions)
    city, postal_code = chance.ranked(region.cities)
    line = country.street.format(number=chance.between(1, 240), street=chance.pick(country.streets))
    lines = [line]
    if chance.happens(0.3):
        lines.append(country.flat.format(n=chance.between(1, 60)))
    return {
        "use": "home",
        "type": "both",
        "line": lines,
        "city": city,
        "state": region.state,
        "postalCode": chance.fill(postal_code),
        "country": country.code,
    }


def phone(chance: Chance, region: Region, mobile: bool = False) -> str:
    """A phone number; where a country keeps numbers for fiction it is one of those."""
    return chance.fill(chance.pick(region.mobiles if mobile else region.phones))


def email(chance: Chance, country: Country, given: str, family: str) -> str:
    """An address at a domain kept for examples."""
    return f"{plain(f'{given}.{family}')}{chance.between(1, 99)}@{chance.pick(country.email)}"


def telecoms(
    chance: Chance, country: Country, region: Region, given: str, family: str, adult: bool
) -> list[Json]:
    """How to reach a person: a phone at home, for most adults a mobile and an email."""
    found: list[Json] = [{"system": "phone", "value": phone(chance, region), "use": "home"}]
    if adult and chance.happens(0.75):
        mobile = phone(chance, region, mobile=True)
        found.append({"system": "phone", "value": mobile, "use": "mobile", "rank": 1})
    if adult and chance.happens(0.55):
        found.append({"system": "email", "value": email(chance, country, given, family)})
    return found
