"""When a patient comes to the hospital, and why: decided for a whole life before any is written."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache

from wardbase.synthetic.chance import Chance
from wardbase.synthetic.conditions import Acute, Illness, acute_diseases
from wardbase.synthetic.population import Person
from wardbase.synthetic.tables import rows

# On the last day of the records nothing happens after this hour, so that a demo which begins
# the day with them has no results from the future.
CLOSING_HOUR = 8

_WELL_CHILD_MONTHS = (0.5, 2, 4, 6, 9, 12, 15, 18, 24, 30, *range(36, 84, 12), *range(96, 217, 24))


# How many a year, at an age.
Rate = Callable[[float], float]


@dataclass(frozen=True)
class VisitKind:
    """A row of data/visits.csv."""

    key: str
    act: str
    act_display: str
    snomed: str
    display: str
    minutes: int
    price: float
    specialty: str
    location: str
    claim: str


@dataclass
class Visit:
    """One encounter. `end` is None while the patient is still in hospital."""

    kind: VisitKind
    start: datetime
    end: datetime | None
    acute: Acute | None = None
    labs: bool = False
    readmission: bool = False
    died: bool = False
    week: int = 0

    @property
    def day(self) -> date:
        return self.start.date()

    @property
    def inpatient(self) -> bool:
        return self.kind.act == "IMP"


@cache
def visit_kinds() -> dict[str, VisitKind]:
    """The kinds of visit by name."""
    return {kind.key: kind for kind in rows("visits", VisitKind)}


def _always(yearly: float) -> Rate:
    return lambda age: yearly


class Planner:
    """Draws the visits of one person, in any order, and puts them in order at the end."""

    def __init__(
        self, chance: Chance, person: Person, illnesses: dict[str, Illness], closing: datetime
    ) -> None:
        self.chance = chance
        self.person = person
        self.illnesses = illnesses
        self.closing = closing
        self.visits: list[Visit] = []

    def plan(self) -> list[Visit]:
        """All visits up to the closing moment, none overlapping."""
        self.births()
        self.checkups()
        self.controls()
        self.acutes("office", "problem", 0.75, 0.3)
        self.acutes("emergency", "emergency", 0.2, 0.14)
        self.admissions()
        self.pregnancies()
        self.recent()
        return self.ordered()

    def births(self) -> None:
        """The stay a baby is born in."""
        if self.person.since == self.person.born:
            start = self.moment(self.person.born, 1, 20)
            self.add("birth", start, hours=self.chance.between(40, 80), labs=True)

    def checkups(self) -> None:
        """Children on the schedule of their vaccinations, adults every year or three."""
        person, chance = self.person, self.chance
        for months in _WELL_CHILD_MONTHS:
            day = person.born + timedelta(days=int(months * 30.44) + chance.between(0, 12))
            if person.since <= day and chance.happens(0.85):
                self.office("well_child", day)
        day = max(person.since, person.born + timedelta(days=19 * 365))
        day += timedelta(days=chance.between(0, 500))
        while day <= self.closing.date():
            senior = person.age(day) >= 60
            self.office("checkup", day, labs=chance.happens(0.55 if senior else 0.3))
            day += timedelta(days=chance.between(330, 480) if senior else chance.between(400, 1300))

    def controls(self) -> None:
        """Visits for chronic diseases: one when each is found, then as often as it asks for."""
        chance, closing = self.chance, self.closing.date()
        watched = [i for i in self.illnesses.values() if i.disease.visit_days]
        if not watched:
            return
        for illness in watched:
            if self.person.since < illness.onset <= closing:
                self.office("follow_up", illness.onset, labs=True)
        adherence = chance.uniform(1.2, 2.6)
        day = max(self.person.since, min(i.onset for i in watched))
        day += timedelta(days=chance.between(7, 90))
        while day <= closing:
            by_now = [i.disease.visit_days for i in watched if i.onset <= day] or [365]
            virtual = chance.happens(0.12) and day.year >= 2020
            kind = "telehealth" if virtual else "follow_up"
            self.office(kind, day, labs=not virtual and chance.happens(0.33))
            day += timedelta(days=int(min(by_now) * adherence * chance.uniform(0.8, 1.3)))

    def acutes(self, setting: str, kind: str, child_rate: float, rate: float) -> None:
        """Colds, injuries and the like, so many a year."""
        for day in self.times(lambda age: child_rate if age < 10 else rate):
            acute = self.pick(setting, day)
            if setting == "office":
                self.office(kind, day, acute=acute)
            else:
                minutes = self.chance.between(70, 420)
                self.add(kind, self.moment(day, 0, 23), hours=minutes / 60, acute=acute)

    def admissions(self) -> None:
        """Stays in hospital, with the readmissions that follow them."""
        chance = self.chance

        def rate(age: float) -> float:
            return 0.008 + 0.11 * min(1.0, age / 88) ** 4

        for day in self.times(rate):
            self.admit(day, self.pick("inpatient", day))
        worse = {a.needs: a for a in acute_diseases("inpatient") if a.needs}
        for illness in self.illnesses.values():
            named = worse.get(illness.disease.key)
            for day in self.times(_always(illness.disease.admissions), illness.onset):
                self.admit(day, named or self.pick("inpatient", day))
        if self.person.died and chance.happens(0.45):
            day = self.person.died.date() - timedelta(days=chance.between(1, 12))
            if day >= self.person.since:
                self.admit(day, self.pick("inpatient", day))

    def admit(self, day: date, acute: Acute, readmission: bool = False) -> None:
        """One stay; in one of eight the patient is back within thirty days."""
        chance = self.chance
        days = max(1.0, acute.stay * chance.uniform(0.4, 1.9))
        start = self.moment(day, 0, 23)
        self.add("inpatient", start, hours=days * 24, acute=acute, readmission=readmission)
        if chance.happens(0.2 if acute.needs else 0.1):
            self.admit(day + timedelta(days=int(days) + chance.between(3, 29)), acute, True)

    def pregnancies(self) -> None:
        """Antenatal visits and the delivery."""
        chance, person = self.chance, self.person
        if not person.female:
            return
        last = date.min
        for conceived in self.times(lambda age: 0.075 if 19 <= age <= 40 else 0.0):
            if (conceived - last).days < 500:
                continue
            last = conceived
            for week in (8, 12, 20, 28, 34, 38):
                day = conceived + timedelta(days=week * 7 + chance.between(-2, 3))
                self.office("prenatal", day, labs=week in (8, 28), week=week)
            birth = conceived + timedelta(days=chance.between(264, 285))
            self.add("delivery", self.moment(birth, 0, 23), chance.between(40, 90), labs=True)

    def recent(self) -> None:
        """Some of the living were here in the last days; a few are in hospital now."""
        chance, today = self.chance, self.closing.date()
        if self.person.died:
            return
        old = self.person.age(today) >= 50
        if chance.happens(0.16 if old else 0.06):
            day = today - timedelta(days=chance.between(1, 6))
            self.office("follow_up" if self.illnesses else "checkup", day, labs=True)
        if chance.happens(0.03 if old else 0.006):
            back = chance.between(0, 4)
            start = self.closing - timedelta(days=back, minutes=chance.between(90, 900))
            acute = self.pick("inpatient", start.date())
            self.add("inpatient", start, hours=(back + chance.between(1, 4)) * 24, acute=acute)

    def times(self, rate: Rate, since: date | None = None) -> list[date]:
        """Days drawn at so many a year, the rate depending on age."""
        found = []
        day = max(self.person.since, since or self.person.since)
        last = self.closing.date()
        while day <= last:
            step = 366
            yearly = rate(self.person.years(day))
            if self.chance.happens(yearly):
                found.append(day + timedelta(days=self.chance.between(0, step - 1)))
            day += timedelta(days=step)
        return [d for d in found if d <= last]

    def pick(self, setting: str, day: date) -> Acute:
        """An acute disease that happens at this age and to this sex."""
        age = self.person.age(day)
        fitting = [
            a
            for a in acute_diseases(setting)
            if a.weight and a.youngest <= age <= a.oldest and a.sex in ("", self.person.sex)
        ]
        return self.chance.weighted(fitting, [a.weight for a in fitting])

    def moment(self, day: date, first_hour: int, last_hour: int) -> datetime:
        """A minute of the day in the hospital's time."""
        hour, minute = self.chance.between(first_hour, last_hour), self.chance.between(0, 59)
        return datetime.combine(day, time(hour, minute), self.closing.tzinfo)

    def office(
        self, kind: str, day: date, labs: bool = False, acute: Acute | None = None, week: int = 0
    ) -> None:
        """A visit in office hours: on the next working day, in quarter hours and a little late."""
        if (day - self.person.born).days > 14:
            day += timedelta(days=(0, 0, 0, 0, 0, 2, 1)[day.weekday()])
        start = datetime.combine(day, time(self.chance.between(8, 16)), self.closing.tzinfo)
        start += timedelta(minutes=15 * self.chance.between(0, 3) + self.chance.between(0, 9))
        minutes = visit_kinds()[kind].minutes + self.chance.between(-5, 15)
        end = start + timedelta(minutes=minutes)
        self.visits.append(Visit(visit_kinds()[kind], start, end, acute, labs, week=week))

    def add(
        self,
        kind: str,
        start: datetime,
        hours: float,
        acute: Acute | None = None,
        labs: bool = False,
        readmission: bool = False,
    ) -> None:
        """A visit at any hour."""
        end = (start + timedelta(hours=hours)).replace(second=0)
        labs = labs or bool(acute and acute.panels)
        self.visits.append(Visit(visit_kinds()[kind], start, end, acute, labs, readmission))

    def ordered(self) -> list[Visit]:
        """The visits in order; one that begins before the last has ended did not happen."""
        died = self.person.died
        found: list[Visit] = []
        free = datetime.combine(self.person.since, time(0), self.closing.tzinfo)
        for visit in sorted(self.visits, key=lambda v: v.start):
            if visit.start < free or visit.start >= self.closing - timedelta(minutes=75):
                continue
            assert visit.end is not None
            free = visit.end + timedelta(hours=12)
            if visit.end >= self.closing:
                visit.died = died is not None
                visit.end = died
            found.append(visit)
        return found
