"""The laboratory: orders, specimens, results and reports."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from wardbase.synthetic.chart import Chart, moment
from wardbase.synthetic.claims import Bill
from wardbase.synthetic.fhir import Json, Raw, coding, concept, concepts, encode, fixed
from wardbase.synthetic.hospital import Hospital
from wardbase.synthetic.physiology import Draw
from wardbase.synthetic.tables import rows
from wardbase.synthetic.timeline import Visit

_LABORATORY = concept("observation-category", "laboratory", "Laboratory", False)
_LAB_REPORT = concept("v2-0074", "LAB", "Laboratory", False)
_LAB_ORDER = concept("snomed", "108252007", "Laboratory procedure (procedure)", False)
_SPECIMENS = {
    "blood": concept("snomed", "119297000", "Blood specimen (specimen)"),
    "serum": concept("snomed", "119364003", "Serum specimen (specimen)"),
    "plasma": concept("snomed", "119361006", "Plasma specimen (specimen)"),
    "urine": concept("snomed", "122575003", "Urine specimen (specimen)"),
}
_FLAGS = {
    "N": concept("v3-ObservationInterpretation", "N"),
    "L": concept("v3-ObservationInterpretation", "L"),
    "H": concept("v3-ObservationInterpretation", "H"),
    "LL": concept("v3-ObservationInterpretation", "LL"),
    "HH": concept("v3-ObservationInterpretation", "HH"),
}
# How many minutes after the specimen a result is out, at the least and at the most.
_TURNAROUND = {"office": (90, 480), "ward": (35, 150)}
_ROUTINE = {
    "checkup": ("cbc", "bmp", "lipid"),
    "prenatal": ("cbc", "urinalysis"),
    "delivery": ("cbc",),
}
_MOST_PANELS = 3
_REPEATED = ("bmp", "cbc", "crp", "troponin", "bnp")


@dataclass(frozen=True)
class Analyte:
    """A row of data/analytes.csv. The columns si_* are how countries with SI units report it."""

    key: str
    loinc: str
    display: str
    local: str
    unit: str
    code: str
    digits: int
    low_f: float
    high_f: float
    low_m: float
    high_m: float
    panic_low: float
    panic_high: float
    si_loinc: str
    si_display: str
    si_unit: str
    si_factor: float
    si_offset: float
    si_digits: int


@dataclass(frozen=True)
class Panel:
    """A row of data/panels.csv."""

    key: str
    loinc: str
    display: str
    local: str
    specimen: str
    members: tuple[str, ...]
    price: float


@dataclass(frozen=True)
class Test:
    """An analyte as one hospital reports it: codes and ranges already encoded."""

    analyte: Analyte
    code: Raw
    unit: str
    ucum: str
    digits: int
    factor: float
    offset: float
    ranges: dict[str, Raw]

    def print(self, value: float) -> Json:
        """The value as a Quantity in the hospital's unit."""
        return {
            "value": fixed(value * self.factor + self.offset, self.digits),
            "unit": self.unit,
            "system": "http://unitsofmeasure.org",
            "code": self.ucum,
        }

    def limit(self, value: float) -> Json:
        """A limit of the reference range, which labs send with the unit's name alone."""
        return {"value": fixed(value * self.factor + self.offset, self.digits), "unit": self.unit}

    def flag(self, value: float, female: bool) -> str:
        """Normal, low or high, or so far off that the ward is called."""
        a = self.analyte
        low, high = (a.low_f, a.high_f) if female else (a.low_m, a.high_m)
        value = round(value, a.digits)
        if value < a.panic_low:
            return "LL"
        if a.panic_high and value > a.panic_high:
            return "HH"
        if value < low:
            return "L"
        return "H" if high and value > high else "N"


class LabBook:
    """The tests and panels of one hospital, with its own codes beside LOINC."""

    def __init__(self, hospital: Hospital) -> None:
        system = hospital.system("lab")
        si = hospital.country.units == "si"
        self.tests = {a.key: _test(a, system, si) for a in rows("analytes", Analyte)}
        self.panels = {p.key: p for p in rows("panels", Panel)}
        self.codes = {
            p.key: concepts(
                [coding("loinc", p.loinc, p.display), coding(system, p.local)], _short(p.display)
            )
            for p in self.panels.values()
        }


def _short(display: str) -> str:
    """What the ward calls it: the name of LOINC up to its property and specimen."""
    return re.split(r" \[| - | in (?=Blood|Platelet)|/1\.73|/Hemoglobin| by ", display)[0]


def _test(analyte: Analyte, system: str, si: bool) -> Test:
    si = si and bool(analyte.si_loinc)
    loinc = analyte.si_loinc if si else analyte.loinc
    display = analyte.si_display if si else analyte.display
    unit = analyte.si_unit if si else analyte.unit
    test = Test(
        analyte=analyte,
        code=concepts(
            [coding("loinc", loinc, display), coding(system, analyte.local)], _short(display)
        ),
        unit=unit,
        ucum=unit if si else analyte.code,
        digits=analyte.si_digits if si else analyte.digits,
        factor=analyte.si_factor if si else 1.0,
        offset=analyte.si_offset if si else 0.0,
        ranges={},
    )
    for sex, low, high in (
        ("female", analyte.low_f, analyte.high_f),
        ("male", analyte.low_m, analyte.high_m),
    ):
        limits = {n: test.limit(v) for n, v in (("low", low), ("high", high)) if v}
        test.ranges[sex] = Raw(encode([limits]))
    return test


_BOOKS: dict[str, LabBook] = {}


def lab_book(hospital: Hospital) -> LabBook:
    """The hospital's lab book, made once."""
    key = f"{hospital.host}/{hospital.country.code}"
    if key not in _BOOKS:
        _BOOKS[key] = LabBook(hospital)
    return _BOOKS[key]


def record_labs(chart: Chart, visit: Visit, encounter: Json, doctor: Json, bill: Bill) -> None:
    """All samples of a visit: one for the office, for inpatients one every other day."""
    if not visit.labs:
        return
    panels = _ordered(chart, visit)
    if not panels:
        return
    at = chart.later(visit.start, chart.chance.between(8, 18))
    _Sample(chart, visit, encounter, doctor, bill, at).run(panels)
    again = [p for p in panels if p in _REPEATED]
    if not visit.inpatient or not again:
        return
    day = at.replace(hour=5, minute=40)
    for _ in range(3):
        day += timedelta(days=chart.chance.between(1, 3))
        morning = day + timedelta(minutes=chart.chance.between(0, 100))
        if morning >= chart.later(chart.end_of(visit), -30):
            return
        _Sample(chart, visit, encounter, doctor, bill, morning).run(again)


def _ordered(chart: Chart, visit: Visit) -> list[str]:
    """Which panels the visit asks for: what its acute disease needs, what the chronic ones do."""
    wanted = list(visit.acute.panels) if visit.acute else []
    if not visit.acute:
        wanted += _ROUTINE.get(visit.kind.key, ())
        for illness in chart.illnesses.values():
            if illness.onset <= visit.day:
                wanted += illness.disease.panels
    chosen = [p for p in dict.fromkeys(wanted) if p != "psa" or not chart.person.female]
    if not chosen and visit.kind.key == "follow_up":
        chosen = ["cbc"]
    while len(chosen) > _MOST_PANELS:
        chosen.remove(chart.chance.pick(chosen))
    return chosen


class _Sample:
    """One time the patient's blood or urine is taken."""

    def __init__(
        self, chart: Chart, visit: Visit, encounter: Json, doctor: Json, bill: Bill, at: datetime
    ) -> None:
        self.chart = chart
        self.visit = visit
        self.encounter = encounter
        self.doctor = doctor
        self.bill = bill
        self.at = at
        marks, strength = "", 0.0
        if visit.acute:
            days = (at - visit.start).total_seconds() / 86400
            marks, strength = visit.acute.marks, 0.72**days if not visit.died else 1.0
            strength *= min(1.0, visit.acute.stay / 5) if visit.acute.stay else 0.25
        elif "oncology" in {
            i.disease.marks for i in chart.illnesses.values() if i.onset <= visit.day
        }:
            marks = "oncology"
        self.draw = Draw(chart.body, at.date(), marks, strength)
        fast, slow = _TURNAROUND["ward" if visit.kind.act in ("IMP", "EMER") else "office"]
        due = at + timedelta(minutes=chart.chance.between(fast, slow))
        self.final = due <= chart.closing
        self.issued = min(due, chart.closing)
        self.specimens: dict[str, Json] = {}

    def run(self, panels: list[str]) -> None:
        book = lab_book(self.chart.hospital)
        for name in panels:
            panel = book.panels[name]
            self.bill.add(concept("loinc", panel.loinc, panel.display, False), panel.price)
            self.panel(book, panel)

    def panel(self, book: LabBook, panel: Panel) -> None:
        """An order, its specimen, its results and the report on them."""
        chart, code = self.chart, book.codes[panel.key]
        order = chart.link("ServiceRequest", self.order(code))
        specimen = self.specimens.get(panel.specimen) or self.specimen(panel.specimen, order)
        results = [
            self.result(book.tests[name], specimen)
            for name in panel.members
            if name != "egfr" or chart.person.years(self.at.date()) >= 18
        ]
        body: Json = {
            "identifier": [
                {
                    "system": chart.hospital.system("report"),
                    "value": f"L{self.at:%y}-{chart.chance.digits(7)}",
                }
            ],
            "basedOn": [order],
            "status": "final" if self.final else "preliminary",
            "category": [_LAB_REPORT],
            "code": code,
            "subject": chart.subject,
            "encounter": self.encounter,
            "effectiveDateTime": moment(self.at),
            "issued": chart.instant(self.issued),
            "performer": [chart.hospital.laboratory],
            "specimen": [specimen],
            "result": results,
        }
        chart.add("DiagnosticReport", body, self.issued, core="diagnosticreport-lab")

    def order(self, code: Raw) -> str:
        urgent = self.visit.kind.act in ("IMP", "EMER")
        body: Json = {
            "status": "completed" if self.final else "active",
            "intent": "order",
            "category": [_LAB_ORDER],
            "priority": "urgent" if urgent else "routine",
            "code": code,
            "subject": self.chart.subject,
            "encounter": self.encounter,
            "authoredOn": moment(self.at - timedelta(minutes=5)),
            "requester": self.doctor,
            "performer": [self.chart.hospital.laboratory],
        }
        return self.chart.add("ServiceRequest", body, self.issued)

    def specimen(self, kind: str, order: Json) -> Json:
        chart = self.chart
        body: Json = {
            "accessionIdentifier": {
                "system": chart.hospital.system("specimen"),
                "value": f"{self.at:%y%j}{chart.chance.digits(6)}",
            },
            "status": "available",
            "type": _SPECIMENS[kind],
            "subject": chart.subject,
            "receivedTime": moment(chart.later(self.at, 20)),
            "request": [order],
            "collection": {"collectedDateTime": moment(self.at)},
        }
        self.specimens[kind] = chart.link("Specimen", chart.add("Specimen", body, self.issued))
        return self.specimens[kind]

    def result(self, test: Test, specimen: Json) -> Json:
        chart, analyte, sex = self.chart, test.analyte, self.chart.person.sex
        female = chart.person.female
        limits = (analyte.low_f, analyte.high_f) if female else (analyte.low_m, analyte.high_m)
        value = self.draw.value(analyte.key, *limits)
        body: Json = {
            "status": "final" if self.final else "preliminary",
            "category": [_LABORATORY],
            "code": test.code,
            "subject": chart.subject,
            "encounter": self.encounter,
            "effectiveDateTime": moment(self.at),
            "issued": chart.instant(self.issued),
            "performer": [{"reference": chart.hospital.laboratory["reference"]}],
            "valueQuantity": test.print(value),
            "interpretation": [_FLAGS[test.flag(value, female)]],
            "specimen": specimen,
            "referenceRange": test.ranges[sex],
        }
        key = chart.add("Observation", body, self.issued, core="observation-lab")
        return chart.link("Observation", key)
