"""The chart: what is written about one patient, resource by resource."""

from datetime import date, datetime, timedelta

from wardbase.synthetic.chance import Chance
from wardbase.synthetic.conditions import Illness
from wardbase.synthetic.country import Country
from wardbase.synthetic.fhir import BASE_PROFILE, US_CORE, Json
from wardbase.synthetic.hospital import Hospital
from wardbase.synthetic.physiology import Body
from wardbase.synthetic.population import Person
from wardbase.synthetic.timeline import Visit


class Chart:
    """One patient's resources, in the order they are written.

    In a bundle references within the chart are `urn:uuid:`, elsewhere `Type/id`. Nothing is dated
    after `closing`: the patient's death, or the end of the records.
    """

    def __init__(
        self,
        chance: Chance,
        person: Person,
        hospital: Hospital,
        illnesses: dict[str, Illness],
        closing: datetime,
        bundled: bool,
    ) -> None:
        self.chance = chance
        self.person = person
        self.hospital = hospital
        self.illnesses = illnesses
        self.closing = closing
        self.bundled = bundled
        self.resources: list[tuple[str, Json]] = []
        self.body = Body(chance, person, illnesses)
        self.conditions: dict[str, str] = {}
        self.planned: set[str] = set()
        self.patient_id = chance.uuid()
        self.subject = self.link("Patient", self.patient_id)
        self.family_doctor = hospital.doctor(
            chance, "general" if person.age(closing.date()) > 16 else "pediatrics"
        )

    @property
    def country(self) -> Country:
        return self.hospital.country

    def link(self, kind: str, key: str, display: str = "") -> Json:
        """A reference to a resource of this chart."""
        text = f"urn:uuid:{key}" if self.bundled else f"{kind}/{key}"
        return {"reference": text, "display": display} if display else {"reference": text}

    def add(
        self,
        kind: str,
        body: Json,
        at: datetime,
        key: str = "",
        core: str = "",
        base: tuple[str, ...] = (),
    ) -> str:
        """Write a resource, last updated at a moment; returns its id.

        `core` is its US Core profile, which only US charts claim; `base` are profiles of FHIR
        itself.
        """
        key = key or self.chance.uuid()
        meta: Json = {"lastUpdated": self.instant(at)}
        profiles = [f"{BASE_PROFILE}{name}" for name in base]
        if core and self.country.code == "US":
            profiles.insert(0, f"{US_CORE}{core}")
        if profiles:
            meta["profile"] = profiles
        self.resources.append((kind, {"resourceType": kind, "id": key, "meta": meta} | body))
        return key

    def instant(self, at: datetime) -> str:
        """A moment to the millisecond, as systems stamp it."""
        whole = at.isoformat(timespec="seconds")
        return f"{whole[:19]}.{self.chance.between(0, 999):03d}{whole[19:]}"

    def later(self, at: datetime, minutes: int) -> datetime:
        """So many minutes later, but not after the end of the chart."""
        return min(at + timedelta(minutes=minutes), self.closing)

    def end_of(self, visit: Visit) -> datetime:
        """When the visit ended, or the end of the chart where it has not."""
        return visit.end or self.closing


def moment(at: datetime) -> str:
    """A dateTime to the second, with the offset of the hospital's zone on that day."""
    return at.isoformat(timespec="seconds")


def on(day: date) -> str:
    """A date."""
    return day.isoformat()


def period(start: datetime, end: datetime | None) -> Json:
    """A Period, open where it has not ended."""
    if end is None:
        return {"start": moment(start)}
    return {"start": moment(start), "end": moment(end)}
