"""Immunizations by age and season, and allergies."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from wardbase.synthetic.chart import Chart, moment, on
from wardbase.synthetic.claims import Bill
from wardbase.synthetic.fhir import Json, Raw, concept, quantity
from wardbase.synthetic.tables import rows
from wardbase.synthetic.timeline import Visit

_ARM = concept("snomed", "368208006", "Left upper arm structure (body structure)")
_INTRAMUSCULAR = concept("v3-RouteOfAdministration", "IM", "Injection, intramuscular")
_PERFORMER = concept("v2-0443", "AP", "Administering Provider")
# A dose missed is made up for within so many months of its due age; of zoster and pneumococcal
# vaccine, due late in life, within twenty years.
_CATCH_UP = 24
_CATCH_UP_LATE = 240


@dataclass(frozen=True)
class Vaccine:
    """A row of data/vaccines.csv."""

    key: str
    cvx: str
    display: str
    target: str
    manufacturer: str
    price: float

    @property
    def code(self) -> Raw:
        return concept("cvx", self.cvx, self.display)


@dataclass(frozen=True)
class Due:
    """A row of data/schedule.csv: the ages, in months, at which the doses are due."""

    vaccine: str
    months: tuple[float, ...]
    series: int


@dataclass(frozen=True)
class Allergen:
    """A row of data/allergens.csv."""

    key: str
    system: str
    code: str
    display: str
    category: str
    weight: float
    reactions: tuple[str, ...]


@dataclass(frozen=True)
class Reaction:
    """A row of data/reactions.csv."""

    key: str
    snomed: str
    display: str


@cache
def _vaccines() -> dict[str, Vaccine]:
    return {v.key: v for v in rows("vaccines", Vaccine)}


@cache
def _schedule() -> list[Due]:
    return rows("schedule", Due)


@cache
def _allergens() -> list[Allergen]:
    return rows("allergens", Allergen)


@cache
def _reactions() -> dict[str, Raw]:
    return {r.key: concept("snomed", r.snomed, r.display) for r in rows("reactions", Reaction)}


class Vaccinations:
    """The vaccinations of one chart: which doses have been given."""

    def __init__(self, chart: Chart) -> None:
        self.chart = chart
        self.doses: dict[str, int] = {}
        self.last: dict[str, date] = {}

    def give(self, visit: Visit, encounter: Json, doctor: Json, bill: Bill) -> None:
        """What is due at this visit: at most five."""
        kind, day = visit.kind.key, visit.day
        if kind not in ("well_child", "checkup", "follow_up", "birth"):
            return
        months = (day - self.chart.person.born).days / 30.44
        due = self.scheduled(months) if kind != "follow_up" else []
        due += self.seasonal(day, months)
        for name in due[:5]:
            vaccine = _vaccines()[name]
            self.doses[name] = self.doses.get(name, 0) + 1
            self.last[name] = day
            bill.add(vaccine.code, vaccine.price)
            self.record(vaccine, visit, encounter, doctor)

    def scheduled(self, months: float) -> list[str]:
        """Doses due by age. One that was due before the chart began was given elsewhere."""
        found = []
        for due in _schedule():
            window = _CATCH_UP_LATE if due.months[0] >= 600 else _CATCH_UP
            given = self.doses.get(due.vaccine, 0)
            open_doses = [m for m in due.months if m <= months <= m + window]
            passed = sum(m + window < months for m in due.months)
            willing = 0.92 if due.months[0] < 600 else 0.3
            if open_doses and given + passed < len(due.months) and open_doses[-1] <= months:
                due_now = sum(m <= months for m in due.months)
                if given + passed < due_now and self.chart.chance.happens(willing):
                    found.append(due.vaccine)
        return found

    def seasonal(self, day: date, months: float) -> list[str]:
        """Influenza in autumn, COVID-19 since 2021, tetanus every ten years."""
        chance, found = self.chart.chance, []
        old = months >= 780
        if months >= 6 and 9 <= day.month <= 12 and self.rested("influenza", day, 200):
            found += ["influenza"] if chance.happens(0.65 if old else 0.35) else []
        if day.year >= 2021 and months >= 144 and self.rested("covid", day, 170):
            found += ["covid"] if chance.happens(0.3 if old else 0.13) else []
        if months >= 240 and self.rested("td", day, 3650):
            found += ["td"] if chance.happens(0.12) else []
        return found

    def rested(self, name: str, day: date, days: int) -> bool:
        """Whether the last dose is so long ago."""
        return name not in self.last or (day - self.last[name]).days >= days

    def record(self, vaccine: Vaccine, visit: Visit, encounter: Json, doctor: Json) -> None:
        chart = self.chart
        at = chart.later(visit.start, chart.chance.between(10, 18))
        body: Json = {
            "status": "completed",
            "vaccineCode": vaccine.code,
            "patient": chart.subject,
            "encounter": encounter,
            "occurrenceDateTime": moment(at),
            "recorded": on(visit.day),
            "primarySource": True,
            "location": chart.hospital.places[visit.kind.location],
            "manufacturer": {"display": vaccine.manufacturer},
            "lotNumber": chart.chance.fill("@@####"),
            "expirationDate": on(visit.day + timedelta(days=chart.chance.between(60, 500))),
            "site": _ARM,
            "route": _INTRAMUSCULAR,
            "doseQuantity": quantity(0.5, 1, "mL", "mL"),
            "performer": [{"function": _PERFORMER, "actor": doctor}],
            "protocolApplied": [
                {
                    "targetDisease": [{"text": vaccine.target}],
                    "doseNumberPositiveInt": self.doses[vaccine.key],
                }
            ],
        }
        chart.add("Immunization", body, at, core="immunization")


def record_allergies(chart: Chart, visit: Visit, encounter: Json, doctor: Json) -> None:
    """What the patient does not bear, asked at the first visit; one in six has something."""
    chance = chart.chance
    if not chance.happens(0.17):
        return
    allergens = _allergens()
    chosen = {
        chance.weighted(allergens, [a.weight for a in allergens]).key: None
        for _ in range(chance.between(1, 3))
    }
    for allergen in allergens:
        if allergen.key in chosen:
            _record_allergy(chart, visit, encounter, doctor, allergen)


def _record_allergy(
    chart: Chart, visit: Visit, encounter: Json, doctor: Json, allergen: Allergen
) -> None:
    chance = chart.chance
    manifestations = [_reactions()[name] for name in allergen.reactions[: chance.between(1, 2)]]
    severe = "anaphylaxis" in allergen.reactions and chance.happens(0.4)
    began = chance.day(chart.person.born, visit.day)
    body: Json = {
        "clinicalStatus": concept("allergyintolerance-clinical", "active", "Active", False),
        "verificationStatus": concept(
            "allergyintolerance-verification", "confirmed", "Confirmed", False
        ),
        "type": "allergy",
        "category": [allergen.category],
        "criticality": "high" if severe else "low",
        "code": concept(allergen.system, allergen.code, allergen.display),
        "patient": chart.subject,
        "encounter": encounter,
        "onsetDateTime": on(began)[:4],
        "recordedDate": moment(visit.start),
        "recorder": doctor,
        "reaction": [{"manifestation": manifestations, "severity": "severe" if severe else "mild"}],
    }
    chart.add("AllergyIntolerance", body, visit.start, core="allergyintolerance")
