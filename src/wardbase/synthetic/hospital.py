"""The hospital: its organization, laboratory, payers, locations and doctors, the same for all."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cache

from wardbase.synthetic.chance import Chance
from wardbase.synthetic.country import Country, Region, load_country
from wardbase.synthetic.fhir import US_CORE, Json, concept
from wardbase.synthetic.identifiers import SCHEMES
from wardbase.synthetic.names import address, email, family_name, given_name, phone, plain
from wardbase.synthetic.recipe import Recipe
from wardbase.synthetic.tables import rows


@dataclass(frozen=True)
class Specialty:
    """A row of data/specialties.csv."""

    key: str
    snomed: str
    display: str
    doctors: int


@dataclass(frozen=True)
class Place:
    """A row of data/locations.csv."""

    key: str
    name: str
    physical: str
    physical_display: str
    service: str
    service_display: str


@dataclass(frozen=True)
class Payer:
    """Who pays: a public or private insurer, and the age it takes people from."""

    id: str
    name: str
    kind: str
    from_age: int


@dataclass
class Hospital:
    """What the records of every patient refer to."""

    country: Country
    region: Region
    name: str
    host: str
    reference: Json = field(default_factory=dict)
    laboratory: Json = field(default_factory=dict)
    payers: list[Payer] = field(default_factory=list)
    places: dict[str, Json] = field(default_factory=dict)
    doctors: dict[str, list[Json]] = field(default_factory=dict)
    resources: list[tuple[str, Json]] = field(default_factory=list)

    def system(self, of: str) -> str:
        """The namespace of one of the hospital's own numberings."""
        return f"https://{self.host}/fhir/sid/{of}"

    def doctor(self, chance: Chance, specialty: str) -> Json:
        """A reference to a doctor of the specialty."""
        return chance.pick(self.doctors[specialty])


@cache
def make_hospital(recipe: Recipe) -> Hospital:
    """Draw the hospital of a recipe."""
    chance = Chance(f"{recipe.key}/hospital")
    country = load_country(recipe.country)
    region = chance.pick(country.regions)
    hospital = Hospital(country, region, recipe.hospital, f"{plain(recipe.hospital)}.example.org")
    opened = datetime.combine(recipe.until, time(6), region.tz) - timedelta(days=3700)
    _Builder(chance, hospital, opened).build()
    return hospital


class _Builder:
    def __init__(self, chance: Chance, hospital: Hospital, opened: datetime) -> None:
        self.chance = chance
        self.hospital = hospital
        self.country = hospital.country
        self.opened = opened.isoformat(timespec="milliseconds")
        city, postal_code = hospital.region.cities[0]
        place = address(chance, self.country, hospital.region)
        self.address: Json = {
            **place,
            "line": place["line"][:1],
            "use": "work",
            "city": city,
            "state": hospital.region.state,
            "postalCode": chance.fill(postal_code),
        }

    def build(self) -> None:
        hospital = self.hospital
        hospital.reference = self.organization(hospital.name, "prov", "Healthcare Provider")
        hospital.laboratory = self.organization(
            f"{hospital.name} Laboratory", "dept", "Hospital Department", hospital.reference
        )
        seen: dict[str, Payer] = {}
        for name, kind, from_age in self.country.payers:
            if name not in seen:
                made = self.organization(name, "ins", "Insurance Company")
                key = made["reference"].partition("/")[2]
                seen[name] = Payer(key, name, kind, from_age)
            hospital.payers.append(seen[name])
        for place in rows("locations", Place):
            hospital.places[place.key] = self.location(place)
        for specialty in rows("specialties", Specialty):
            hospital.doctors[specialty.key] = [
                self.doctor(specialty) for _ in range(specialty.doctors)
            ]

    def add(self, kind: str, display: str, body: Json) -> Json:
        key = self.chance.uuid()
        meta: Json = {"lastUpdated": self.opened}
        if self.country.code == "US":
            meta["profile"] = [f"{US_CORE}{kind.lower()}"]
        self.hospital.resources.append(
            (kind, {"resourceType": kind, "id": key, "meta": meta} | body)
        )
        return {"reference": f"{kind}/{key}", "display": display}

    def number(self, of: str, born: date = date(1970, 1, 1)) -> Json:
        numbering = self.country.identifiers[of]
        return {
            "use": "official",
            "type": concept(numbering.type_system, *numbering.type),
            "system": numbering.system,
            "value": SCHEMES[numbering.scheme](self.chance, "female", born),
        }

    def organization(self, name: str, code: str, display: str, part_of: Json | None = None) -> Json:
        body: Json = {
            "identifier": [self.number("organization")],
            "active": True,
            "type": [concept("organization-type", code, display)],
            "name": name,
            "telecom": [{"system": "phone", "value": phone(self.chance, self.hospital.region)}],
            "address": [self.address],
        }
        return self.add("Organization", name, body | ({"partOf": part_of} if part_of else {}))

    def location(self, place: Place) -> Json:
        whole = self.hospital.places.get("hospital")
        body: Json = {
            "identifier": [{"system": self.hospital.system("location"), "value": place.key}],
            "status": "active",
            "name": place.name,
            "mode": "instance",
            "type": [concept("v3-RoleCode", place.service, place.service_display)],
            "telecom": [{"system": "phone", "value": phone(self.chance, self.hospital.region)}],
            "address": self.address,
            "physicalType": concept(
                "location-physical-type", place.physical, place.physical_display
            ),
            "managingOrganization": self.hospital.reference,
        }
        return self.add("Location", place.name, body | ({"partOf": whole} if whole else {}))

    def doctor(self, specialty: Specialty) -> Json:
        chance, country = self.chance, self.country
        sex = chance.pick(("female", "male"))
        born = date(chance.between(1960, 1994), chance.between(1, 12), chance.between(1, 28))
        given, family = given_name(chance, country, sex, born), family_name(chance, country)
        telecom = [
            {"system": "phone", "value": phone(chance, self.hospital.region), "use": "work"},
            {"system": "email", "value": email(chance, country, given, family), "use": "work"},
        ]
        body: Json = {
            "identifier": [self.number("practitioner")],
            "active": True,
            "name": [{"use": "official", "family": family, "given": [given], "prefix": ["Dr."]}],
            "telecom": telecom,
            "address": [self.address],
            "gender": sex,
        }
        person = self.add("Practitioner", f"Dr. {given} {family}", body)
        role: Json = {
            "active": True,
            "practitioner": person,
            "organization": self.hospital.reference,
            "code": [concept("practitioner-role", "doctor", "Doctor")],
            "specialty": [concept("snomed", specialty.snomed, specialty.display)],
            "location": [self.hospital.places["clinic"]],
            "telecom": telecom,
        }
        self.add("PractitionerRole", person["display"], role)
        return person
