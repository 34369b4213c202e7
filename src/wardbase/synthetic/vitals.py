"""What nurses measure: vital signs, smoking, pain and mood scores."""

import math
from datetime import datetime, timedelta

from wardbase.synthetic.chart import Chart, moment
from wardbase.synthetic.fhir import Json, Raw, coding, concept, concepts, quantity
from wardbase.synthetic.timeline import Visit

_VITAL = concept("observation-category", "vital-signs", "Vital Signs", False)
_SOCIAL = concept("observation-category", "social-history", "Social History", False)
_SURVEY = concept("observation-category", "survey", "Survey", False)
_PRESSURE = concept("loinc", "85354-9", "Blood pressure panel with all children optional")
_SYSTOLIC = concept("loinc", "8480-6", "Systolic blood pressure")
_DIASTOLIC = concept("loinc", "8462-4", "Diastolic blood pressure")
_SATURATION = concepts(
    [
        coding("loinc", "2708-6", "Oxygen saturation in Arterial blood"),
        coding("loinc", "59408-5", "Oxygen saturation in Arterial blood by Pulse oximetry"),
    ],
    "Oxygen saturation",
)

# What is measured: its concept, profile of FHIR, digits and unit.
_SIGNS = {
    "rate": (concept("loinc", "8867-4", "Heart rate"), "heartrate", 0, "beats/minute", "/min"),
    "breathing": (
        concept("loinc", "9279-1", "Respiratory rate"),
        "resprate",
        0,
        "breaths/minute",
        "/min",
    ),
    "saturation": (_SATURATION, "oxygensat", 0, "%", "%"),
    "temperature": (concept("loinc", "8310-5", "Body temperature"), "bodytemp", 1, "Cel", "Cel"),
    "weight": (concept("loinc", "29463-7", "Body weight"), "bodyweight", 1, "kg", "kg"),
    "height": (concept("loinc", "8302-2", "Body height"), "bodyheight", 1, "cm", "cm"),
    "bmi": (
        concept("loinc", "39156-5", "Body mass index"),
        "bmi",
        1,
        "kg/m2",
        "kg/m2",
    ),
    "head": (
        concept("loinc", "9843-4", "Head Occipital-frontal circumference"),
        "headcircum",
        1,
        "cm",
        "cm",
    ),
}
_SMOKING = {
    "never": concept("snomed", "266919005", "Never smoked tobacco (finding)"),
    "former": concept("snomed", "8517006", "Ex-smoker (finding)"),
    "current": concept("snomed", "449868002", "Smokes tobacco daily (finding)"),
}
_SMOKING_CODE = concept("loinc", "72166-2", "Tobacco smoking status")
_PHQ9 = concept(
    "loinc", "44261-6", "Patient Health Questionnaire 9 item (PHQ-9) total score [Reported]"
)
_PAIN = concept("loinc", "72514-3", "Pain severity - 0-10 verbal numeric rating [Score] - Reported")


def record_vitals(chart: Chart, visit: Visit, encounter: Json) -> None:
    """Everything measured during a visit."""
    kind, chance = visit.kind.key, chart.chance
    if kind == "telehealth":
        return
    nurse = _Nurse(chart, visit, encounter)
    first = chart.later(visit.start, chance.between(2, 9))
    nurse.measure(first, nurse.signs_at_first())
    if kind in ("checkup", "well_child", "follow_up"):
        nurse.interview(first)
    if kind in ("emergency", "inpatient"):
        nurse.pain(first)
    if visit.inpatient:
        day = first.replace(hour=6) + timedelta(days=1)
        for _ in range(9):
            at = day + timedelta(minutes=chance.between(0, 100))
            if at >= chart.end_of(visit):
                return
            nurse.measure(at, ("pressure", "rate", "saturation", "temperature"))
            day += timedelta(days=1)


class _Nurse:
    def __init__(self, chart: Chart, visit: Visit, encounter: Json) -> None:
        self.chart = chart
        self.visit = visit
        self.encounter = encounter
        self.age = chart.person.years(visit.day)

    def signs_at_first(self) -> tuple[str, ...]:
        """What is measured when the patient arrives."""
        kind, chance = self.visit.kind.key, self.chart.chance
        if kind == "birth":
            return ("weight", "height", "head", "rate", "temperature")
        if kind == "well_child":
            if self.age < 2:
                return ("weight", "height", "head", "temperature")
            return ("pressure", "weight", "height", "bmi", "rate")
        if kind in ("emergency", "inpatient"):
            signs = ("pressure", "rate", "breathing", "saturation", "temperature")
            return (*signs, "weight") if kind == "inpatient" else signs
        if kind == "problem":
            child = self.age < 12 or chance.happens(0.5)
            return ("saturation" if child else "pressure", "rate", "temperature")
        if kind == "checkup":
            return ("pressure", "rate", "weight", "height", "bmi")
        return ("pressure", "rate", "weight") if self.age >= 12 else ("rate", "weight")

    def sickness(self, at: datetime) -> float:
        """How sick the patient still is: 1 on arrival, less every day."""
        if not self.visit.acute:
            return 0.0
        days = (at - self.visit.start).total_seconds() / 86400
        return 0.9 if self.visit.died else math.pow(0.62, days)

    def measure(self, at: datetime, signs: tuple[str, ...]) -> None:
        for sign in signs:
            if sign == "pressure":
                self.pressure(at)
                continue
            code, profile, digits, unit, ucum = _SIGNS[sign]
            value = quantity(self.sign(sign, at), digits, unit, ucum)
            self.observe(at, _VITAL, code, {"valueQuantity": value}, (profile,))

    def observe(
        self,
        at: datetime,
        category: Raw,
        code: Raw,
        value: Json,
        base: tuple[str, ...] = (),
        core: str = "",
    ) -> None:
        body: Json = {
            "status": "final",
            "category": [category],
            "code": code,
            "subject": self.chart.subject,
            "encounter": self.encounter,
            "effectiveDateTime": moment(at),
        }
        self.chart.add("Observation", body | value, at, core=core, base=base)

    def pressure(self, at: datetime) -> None:
        systolic, diastolic = self.pressures(at)
        components = [
            {"code": _SYSTOLIC, "valueQuantity": quantity(systolic, 0, "mmHg", "mm[Hg]")},
            {"code": _DIASTOLIC, "valueQuantity": quantity(diastolic, 0, "mmHg", "mm[Hg]")},
        ]
        self.observe(at, _VITAL, _PRESSURE, {"component": components}, ("bp",))

    def pressures(self, at: datetime) -> tuple[float, float]:
        """Systolic and diastolic pressure."""
        body, day, age = self.chart.body, at.date(), self.age
        systolic = 84 + 2 * age if age < 15 else 110 + 0.28 * age
        systolic += 7 * body.trait("pressure")
        if body.has("hypertension", day):
            systolic += 24 - 19 * body.helped("pressure", day, 30)
        marks = self.visit.acute.marks if self.visit.acute else ""
        systolic -= 22 * self.sickness(at) if marks in ("bleeding",) else 0
        diastolic = 0.55 * systolic + (10 if age >= 15 else 2) - max(0.0, age - 60) * 0.2
        noise = body.noise(5)
        return max(62, systolic + noise), max(34, diastolic + noise * 0.5 + body.noise(3))

    def sign(self, sign: str, at: datetime) -> float:
        """The value of a vital sign."""
        body, person, day, sick = self.chart.body, self.chart.person, at.date(), self.sickness(at)
        infected = bool(self.visit.acute and self.visit.acute.marks == "infection")
        if sign == "rate":
            usual = 140 - 16 * self.age if self.age < 3 else max(73, 98 - 1.7 * self.age)
            usual -= 7 * body.helped("rate", day, 20)
            return max(44, usual + 6 * body.trait("rate") + 16 * sick + body.noise(4))
        if sign == "breathing":
            return max(11, 15 + max(0.0, 8 - self.age) * 1.6 + 5 * sick + body.noise(1))
        if sign == "saturation":
            lung = self.visit.acute and "oxygen" in self.visit.acute.procedures
            low = (4 if body.has("copd", day) else 0) + (5 * sick if lung else 0)
            return max(78, min(100, 97.8 - low + body.noise(0.8)))
        if sign == "temperature":
            return 36.7 + (1.7 * sick if infected else 0) + body.noise(0.2)
        height = person.height_on(day)
        mass = person.bmi_on(day) * (1 + body.noise(0.008))
        return {
            "height": height,
            "bmi": mass,
            "weight": mass * (height / 100) ** 2,
            "head": 34.4 + 12.5 * math.sqrt(min(1.0, self.age / 1.8)) + body.noise(0.4),
        }[sign]

    def interview(self, at: datetime) -> None:
        """Smoking, and with a depression the PHQ-9, which falls under treatment."""
        chart, day = self.chart, at.date()
        if self.age >= 14 and chart.chance.happens(0.6):
            status = chart.person.smoking if day >= chart.person.smoker_since else "never"
            smoking: Json = {"valueCodeableConcept": _SMOKING[status]}
            self.observe(at, _SOCIAL, _SMOKING_CODE, smoking, core="smokingstatus")
        if chart.body.has("depression", day):
            score = 15 + 3 * chart.body.trait("mood")
            score = max(1, min(27, score * (1 - 0.55 * chart.body.helped("mood", day, 50))))
            value = {"valueQuantity": quantity(score, 0, "{score}", "{score}")}
            self.observe(at, _SURVEY, _PHQ9, value)

    def pain(self, at: datetime) -> None:
        """Pain from 0 to 10."""
        score = self.chart.chance.between(0, 8)
        value = {"valueQuantity": quantity(score, 0, "{score}", "{score}")}
        self.observe(at, _SURVEY, _PAIN, value)
