"""Diseases: who gets which and when, and how they are recorded."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from wardbase.synthetic.chance import Chance
from wardbase.synthetic.country import Country
from wardbase.synthetic.fhir import Raw, coding, concepts
from wardbase.synthetic.population import Person
from wardbase.synthetic.tables import rows

# Prevalence in data/conditions.csv is given, in percent, at these ages.
_AGES = (0, 20, 40, 60, 80)


@dataclass(frozen=True, eq=False)
class Chronic:
    """A row of data/conditions.csv: a disease that stays."""

    key: str
    snomed: str
    display: str
    icd10: str
    icd10cm: str
    icd_display: str
    sex: str
    curve: tuple[float, ...]
    raised_by: tuple[str, ...]
    visit_days: int
    drugs: tuple[str, ...]
    panels: tuple[str, ...]
    admissions: float
    marks: str
    plan: str


@dataclass(frozen=True, eq=False)
class Acute:
    """A row of data/acute.csv: a disease or injury that passes, and what is done about it."""

    key: str
    snomed: str
    display: str
    icd10: str
    icd10cm: str
    icd_display: str
    setting: str
    weight: float
    youngest: int
    oldest: int
    sex: str
    days: int
    stay: int
    drugs: tuple[str, ...]
    panels: tuple[str, ...]
    procedures: tuple[str, ...]
    imaging: str
    marks: str
    mortality: float
    needs: str


Disease = Chronic | Acute


@dataclass(frozen=True)
class Illness:
    """A chronic disease of one person, from the day it was diagnosed."""

    disease: Chronic
    onset: date


@cache
def chronic_diseases() -> list[Chronic]:
    """All chronic diseases, a cause before what it raises the risk of."""
    return rows("conditions", Chronic)


@cache
def acute_diseases(setting: str) -> list[Acute]:
    """The acute diseases that lead to a visit of this setting."""
    return [a for a in rows("acute", Acute) if a.setting == setting]


def illnesses_of(chance: Chance, person: Person, until: date) -> dict[str, Illness]:
    """The chronic diseases a person has by a day.

    One draw per disease is held against the share of people who have it at each age: the age at
    which the share passes the draw is the age of onset. So prevalence by age comes out right.
    """
    last_age = person.years(until)
    traits = {person.sex}
    if person.smoking != "never":
        traits.add("smoker")
    found: dict[str, Illness] = {}
    for disease in chronic_diseases():
        draw = chance.random() * 100
        if disease.sex and disease.sex != person.sex:
            continue
        age = onset_age(disease.curve, draw / _risk(disease, traits))
        if age is not None and age <= last_age:
            onset = person.born + timedelta(days=max(30, int(age * 365.25)))
            found[disease.key] = Illness(disease, min(onset, until))
            traits.add(disease.key)
    return found


def _risk(disease: Chronic, traits: set[str]) -> float:
    """How much likelier the disease is with these traits; without any it is a little rarer."""
    risk = 1.0
    for raised in disease.raised_by:
        trait, _, factor = raised.partition("=")
        risk *= float(factor) if trait in traits else 0.8
    return risk


def onset_age(curve: tuple[float, ...], draw: float) -> float | None:
    """The age at which the share of people ill passes the draw; None where it never does."""
    for low, high, young, old in zip(curve, curve[1:], _AGES, _AGES[1:], strict=False):
        if draw < low:
            return float(young)
        if draw < high:
            return young + (old - young) * (draw - low) / (high - low)
    return None


@cache
def diagnosis(disease: Disease, country: Country) -> Raw:
    """The disease as a concept: SNOMED CT, and ICD-10 as the country uses it."""
    if country.icd == "cm":
        icd = coding(country.icd_system, disease.icd10cm, disease.icd_display)
    else:
        icd = coding(country.icd_system, disease.icd10)
    text = disease.display.rpartition(" (")[0]
    return concepts([coding("snomed", disease.snomed, disease.display), icd], text)
