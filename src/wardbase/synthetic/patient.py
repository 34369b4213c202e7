"""The Patient resource, and who pays: Coverage."""

from datetime import timedelta

from wardbase.synthetic.chart import Chart, moment, on
from wardbase.synthetic.fhir import US_CORE, Json, concept
from wardbase.synthetic.hospital import Payer
from wardbase.synthetic.identifiers import SCHEMES, mrn
from wardbase.synthetic.names import address, family_name, given_name, phone, telecoms

_OMB = "urn:oid:2.16.840.1.113883.6.238"
_RACES = (
    ("2106-3", "White"),
    ("2054-5", "Black or African American"),
    ("2028-9", "Asian"),
    ("1002-5", "American Indian or Alaska Native"),
    ("2076-8", "Native Hawaiian or Other Pacific Islander"),
)
_KIN = (("SPS", "spouse"), ("CHILD", "child"), ("SIB", "sibling"), ("FRND", "friend"))
_RACE_WEIGHTS = (72.0, 14.0, 7.0, 1.2, 0.3)


def record_patient(chart: Chart, seed: int) -> None:
    """The Patient resource."""
    person, chance = chart.person, chart.chance
    married, widowed = person.married, chance.happens(0.02)
    status = (
        ("W", "Widowed")
        if widowed and person.years(chart.closing.date()) > 60
        else (("M", "Married") if married else ("S", "Never Married"))
    )
    body: Json = {"extension": _us_extensions(chart)} if chart.country.code == "US" else {}
    adult = person.years(chart.closing.date()) >= 16
    body |= {
        "identifier": _identifiers(chart, seed),
        "active": True,
        "name": _names(chart, adult),
        "telecom": telecoms(
            chance, chart.country, chart.hospital.region, person.given[0], person.family, adult
        ),
        "gender": person.sex,
        "birthDate": on(person.born),
    }
    if person.died:
        body["deceasedDateTime"] = moment(person.died)
    elif chance.happens(0.3):
        body["deceasedBoolean"] = False
    body["address"] = [address(chance, chart.country, chart.hospital.region)]
    if adult:
        body["maritalStatus"] = concept("v3-MaritalStatus", *status)
    body["multipleBirthBoolean"] = person.twin
    if not adult or chance.happens(0.5):
        body["contact"] = [_contact(chart, adult)]
    body |= {
        "communication": [_language(chart)],
        "generalPractitioner": [chart.family_doctor],
        "managingOrganization": chart.hospital.reference,
    }
    registered = chart.closing - timedelta(days=(chart.closing.date() - person.since).days)
    chart.add("Patient", body, person.died or registered, key=chart.patient_id, core="patient")


def record_coverage(chart: Chart) -> tuple[Payer, Json]:
    """The Coverage: who pays, with a reference to it."""
    person, chance = chart.person, chart.chance
    age = person.age(chart.closing.date())
    fitting = [p for p in chart.hospital.payers if p.from_age <= age]
    elders = [p for p in fitting if p.from_age >= 65]
    payer = elders[0] if elders and chance.happens(0.9) else chance.pick(fitting)
    insurer = {"reference": f"Organization/{payer.id}", "display": payer.name}
    plan = (
        ("PUBLICPOL", "public healthcare")
        if payer.kind == "public"
        else (
            "EHCPOL",
            "extended healthcare",
        )
    )
    body: Json = {
        "identifier": [
            {
                "type": concept("v2-0203", "MB", "Member Number"),
                "system": f"https://{chart.hospital.host}/fhir/sid/member",
                "value": chance.fill("@@########"),
            }
        ],
        "status": "active",
        "type": concept("v3-ActCode", *plan),
        "subscriberId": chance.fill("@########"),
        "beneficiary": chart.subject,
        "relationship": concept("subscriber-relationship", "self", "Self")
        if age >= 18
        else concept("subscriber-relationship", "child", "Child"),
        "period": {"start": on(person.since.replace(month=1, day=1))}
        if person.since.year > person.born.year
        else {"start": on(person.born)},
        "payor": [insurer],
        "class": [
            {
                "type": concept("coverage-class", "plan", "Plan"),
                "value": chance.fill("P-####"),
                "name": f"{payer.name} {chance.pick(('Basic', 'Plus', 'Standard'))}",
            }
        ],
    }
    start = chart.closing - timedelta(days=(chart.closing.date() - person.since).days)
    return payer, chart.link("Coverage", chart.add("Coverage", body, start), payer.name)


def _identifiers(chart: Chart, seed: int) -> list[Json]:
    person, numbering = chart.person, chart.country.identifiers["person"]
    own: Json = {
        "use": "usual",
        "type": concept("v2-0203", "MR", "Medical record number"),
        "system": chart.hospital.system("mrn"),
        "value": mrn(person.index, seed),
        "assigner": {"display": chart.hospital.name},
    }
    national: Json = {
        "use": "official",
        "type": concept(numbering.type_system, *numbering.type),
        "system": numbering.system,
        "value": SCHEMES[numbering.scheme](chart.chance, person.sex, person.born),
    }
    return [own, national]


def _names(chart: Chart, adult: bool) -> list[Json]:
    person, note = chart.person, chart.country.note
    name: Json = {
        "use": "official",
        "text": " ".join([*person.given, person.family]),
        "family": person.family,
        "given": person.given,
    }
    if adult:
        name["prefix"] = [note["ms"] if person.female else note["mr"]]
    if not person.maiden:
        return [name]
    return [name, {"use": "maiden", "family": person.maiden, "given": person.given}]


def _contact(chart: Chart, adult: bool) -> Json:
    """Whom to call: for a child a parent, else someone of the family."""
    chance, person = chart.chance, chart.person
    sex = "female" if chance.happens(0.6) else "male"
    parent = ("MTH", "mother") if sex == "female" else ("FTH", "father")
    kin = chance.pick(_KIN)
    same = not adult or chance.happens(0.6)
    family = person.family if same else family_name(chance, chart.country)
    given = given_name(chance, chart.country, sex, person.born)
    return {
        "relationship": [
            concept("v2-0131", "C", "Emergency Contact"),
            concept("v3-RoleCode", *(kin if adult else parent)),
        ],
        "name": {"family": family, "given": [given]},
        "telecom": [
            {
                "system": "phone",
                "value": phone(chance, chart.hospital.region, mobile=True),
                "use": "mobile",
            }
        ],
        "gender": sex,
    }


def _language(chart: Chart) -> Json:
    country = chart.country
    others = country.other_languages
    spare = 100 - sum(o[2] for o in others)
    code, display = chart.chance.weighted(
        [country.language, *((o[0], o[1]) for o in others)], [spare, *(o[2] for o in others)]
    )
    return {"language": concept("bcp47", code, display), "preferred": True}


def _us_extensions(chart: Chart) -> list[Json]:
    """Race, ethnicity and birth sex, as US Core asks for them."""
    person, chance = chart.person, chart.chance
    race = chance.weighted(_RACES, _RACE_WEIGHTS)
    hispanic = person.family in chart.country.hispanic and chance.happens(0.9)
    ethnicity = (
        ("2135-2", "Hispanic or Latino")
        if hispanic
        else (
            "2186-5",
            "Not Hispanic or Latino",
        )
    )
    birth_sex = "F" if person.female else "M"
    return [
        _omb("race", *race),
        _omb("ethnicity", *ethnicity),
        {"url": f"{US_CORE}birthsex", "valueCode": birth_sex},
    ]


def _omb(of: str, code: str, display: str) -> Json:
    category = {"system": _OMB, "code": code, "display": display}
    return {
        "url": f"{US_CORE}{of}",
        "extension": [
            {"url": "ombCategory", "valueCoding": category},
            {"url": "text", "valueString": display},
        ],
    }
