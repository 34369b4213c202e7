"""Who a patient is: sex, birth, death, habits and body, as in the country's population."""

import math
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from wardbase.synthetic.chance import Chance
from wardbase.synthetic.country import Country, Region
from wardbase.synthetic.names import family_name, given_name

DECEASED = 0.06
LONGEST_RECORD = 2000

# The median height, in parts of the adult height, and body mass index at an age.
_GROWTH = (
    (0, 0.29, 13.4),
    (1, 0.435, 16.9),
    (2, 0.505, 16.4),
    (4, 0.595, 15.6),
    (6, 0.67, 15.3),
    (9, 0.775, 16.2),
    (12, 0.87, 18.0),
    (15, 0.965, 20.0),
    (18, 1.0, 21.6),
)


@dataclass
class Person:
    """A patient's facts that the rest of the record hangs on."""

    index: int
    sex: str
    born: date
    died: datetime | None
    since: date
    given: list[str]
    family: str
    maiden: str
    married: bool
    smoking: str
    smoker_since: date
    height: float
    bmi: float
    twin: bool

    def age(self, day: date) -> int:
        """Full years on a day."""
        return day.year - self.born.year - ((day.month, day.day) < (self.born.month, self.born.day))

    def years(self, day: date) -> float:
        """Years on a day, with their fraction."""
        return (day - self.born).days / 365.25

    @property
    def female(self) -> bool:
        return self.sex == "female"

    @property
    def full_name(self) -> str:
        return f"{self.given[0]} {self.family}"

    def height_on(self, day: date) -> float:
        """Centimetres."""
        return self.height * _grown(self.years(day), 1)

    def bmi_on(self, day: date) -> float:
        """Body mass index: that of a child grows into that of the adult."""
        age = self.years(day)
        if age >= 25:
            return self.bmi + min(2.5, (age - 45) * 0.05 if age < 70 else (95 - age) * 0.05)
        return _grown(age, 2) * math.pow(self.bmi / 24.5, min(1.0, 0.3 + age / 30))


def _grown(age: float, column: int) -> float:
    for (young, *_), (old, *_), low, high in zip(
        _GROWTH, _GROWTH[1:], _GROWTH, _GROWTH[1:], strict=False
    ):
        if age < old:
            return low[column] + (high[column] - low[column]) * (age - young) / (old - young)
    return float(_GROWTH[-1][column])


def make_person(
    index: int, chance: Chance, country: Country, region: Region, until: date
) -> Person:
    """Draw one person, living or dead on the day `until`."""
    died: datetime | None = None
    if chance.happens(DECEASED):
        last_day = until - timedelta(days=chance.between(3, 6 * 365))
        years = min(101.0, max(0.2, chance.normal(77, 14)))
        born = last_day - timedelta(days=int(years * 365.25))
        died = datetime.combine(
            last_day, time(chance.between(0, 23), chance.between(0, 59)), region.tz
        )
    else:
        band = chance.weighted(range(len(country.pyramid)), country.pyramid)
        youngest = band * 5
        years = youngest + chance.random() * (5 if band < 18 else 8 * chance.random())
        born = until - timedelta(days=1 + int(years * 365.25))
    sex = "female" if chance.happens(0.49 + max(0.0, years - 60) * 0.006) else "male"
    end = died.date() if died else until
    since = max(born, end - timedelta(days=chance.between(100, LONGEST_RECORD)))
    married = years > 22 and chance.happens(min(0.62, (years - 20) / 30))
    given = [given_name(chance, country, sex, born)]
    if chance.happens(0.35):
        middle = given_name(chance, country, sex, born)
        given += [middle] if middle != given[0] else []
    family = family_name(chance, country)
    changed = sex == "female" and married and chance.happens(0.6)
    return Person(
        index=index,
        sex=sex,
        born=born,
        died=died,
        since=since,
        given=given,
        family=family,
        maiden=family_name(chance, country) if changed else "",
        married=married,
        smoking=_smoking(chance, sex, years),
        smoker_since=born + timedelta(days=int(365.25 * chance.uniform(15, 22))),
        height=chance.normal(country.heights[sex == "male"], 6.6),
        bmi=min(52.0, max(17.5, chance.normal(country.mean_bmi, 4.6))),
        twin=chance.happens(0.03),
    )


def _smoking(chance: Chance, sex: str, years: float) -> str:
    """Whether the person smokes: never, former or current."""
    if years < 17:
        return "never"
    current = 0.17 if sex == "male" else 0.12
    former = min(0.38, max(0.03, (years - 20) * 0.008))
    return chance.weighted(("current", "former", "never"), (current, former, 1 - current - former))
