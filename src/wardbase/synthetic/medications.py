"""Medicines: prescriptions, renewals, and what is given on the ward."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from wardbase.synthetic.chart import Chart, moment, on
from wardbase.synthetic.claims import Bill
from wardbase.synthetic.conditions import Illness
from wardbase.synthetic.country import Country
from wardbase.synthetic.fhir import Json, Raw, coding, concept, concepts, quantity
from wardbase.synthetic.tables import rows
from wardbase.synthetic.timeline import Visit


def _route(code: str, display: str, words: str) -> tuple[Raw, str]:
    return concept("snomed", code, display, False), words


_ROUTES = {
    "oral": _route("26643006", "Oral route", "by mouth"),
    "inhalation": _route("447694001", "Respiratory tract route", "inhaled"),
    "subcutaneous": _route("34206005", "Subcutaneous route", "subcutaneously"),
    "topical": _route("6064005", "Topical route", "on the skin"),
    "intravenous": _route("47625008", "Intravenous route", "intravenously"),
}
_OFTEN = ("once a week", "once daily", "twice daily", "three times daily", "four times daily")
_ORDERED = concept("dose-rate-type", "ordered", "Ordered", False)
_COMMUNITY = concept("medicationrequest-category", "community", "Community", False)
_INPATIENT = concept("medicationrequest-category", "inpatient", "Inpatient", False)
_RENEWED_AFTER = 350
_ON_WARD = ("intravenous", "subcutaneous")


@dataclass(frozen=True, eq=False)
class Drug:
    """A row of data/drugs.csv.

    `effect` is what it does in physiology; of one `kind` nobody takes two at a time.
    """

    key: str
    rxnorm: str
    display: str
    atc: str
    atc_display: str
    dose: float
    unit: str
    code: str
    digits: int
    times: int
    route: str
    days: int
    price: float
    effect: str
    kind: str

    @property
    def instruction(self) -> str:
        """What the label says."""
        return f"{self.dose:g} {self.unit} {_ROUTES[self.route][1]} {_OFTEN[self.times]}"


@cache
def drugs() -> dict[str, Drug]:
    """The medicines by name."""
    return {drug.key: drug for drug in rows("drugs", Drug)}


@cache
def drug_code(drug: Drug, country: Country) -> Raw:
    """The medicine as a concept: RxNorm, and outside the US its ATC class first."""
    rxnorm = coding("rxnorm", drug.rxnorm, drug.display)
    atc = [] if country.code == "US" else [coding("atc", drug.atc, drug.atc_display)]
    return concepts([*atc, rxnorm], drug.atc_display)


@cache
def _dosage(drug: Drug) -> Json:
    often = {
        "frequency": max(1, drug.times),
        "period": 1,
        "periodUnit": "d" if drug.times else "wk",
    }
    dose = quantity(drug.dose, drug.digits, drug.unit, drug.code)
    body: Json = {"sequence": 1, "text": drug.instruction, "timing": {"repeat": often}}
    if drug.key in ("albuterol", "acetaminophen"):
        body["asNeededBoolean"] = True
    return body | {
        "route": _ROUTES[drug.route][0],
        "doseAndRate": [{"type": _ORDERED, "doseQuantity": dose}],
    }


class Pharmacy:
    """The medicines of one chart: what is taken, since when, and on which prescription."""

    def __init__(self, chart: Chart) -> None:
        self.chart = chart
        self.current: dict[str, tuple[Json, date]] = {}
        self.patience: dict[str, float] = {}

    def prescribe(
        self, visit: Visit, encounter: Json, doctor: Json, reason: Json | None, bill: Bill
    ) -> None:
        """All prescriptions of a visit: for its acute disease, and for the chronic ones."""
        if visit.acute:
            for name in visit.acute.drugs:
                self.acute(drugs()[name], visit, encounter, doctor, reason, bill)
        elif visit.kind.key in ("follow_up", "checkup", "telehealth"):
            for illness in self.chart.illnesses.values():
                if illness.onset <= visit.day:
                    self.chronic(illness, visit, encounter, doctor)

    def chronic(self, illness: Illness, visit: Visit, encounter: Json, doctor: Json) -> None:
        """The first medicine at once, a further one after some years; renewals."""
        chart = self.chart
        years = (visit.day - illness.onset).days / 365.25
        reason = chart.link("Condition", chart.conditions[illness.disease.key])
        for n, name in enumerate(illness.disease.drugs):
            drug = drugs()[name]
            if name in self.current:
                body, since = self.current[name]
                if (visit.day - since).days >= _RENEWED_AFTER:
                    body["status"] = "completed"
                    self.start(drug, visit, encounter, doctor, reason)
            elif years >= self.waits(name, n) and not self.excluded(drug):
                self.start(drug, visit, encounter, doctor, reason)

    def waits(self, name: str, step: int) -> float:
        """How many years of a disease pass before its next medicine is needed."""
        if name not in self.patience:
            self.patience[name] = step * self.chart.chance.uniform(1.5, 11)
        return self.patience[name]

    def excluded(self, drug: Drug) -> bool:
        """Whether another of its kind is taken."""
        return bool(drug.kind) and any(drugs()[name].kind == drug.kind for name in self.current)

    def start(self, drug: Drug, visit: Visit, encounter: Json, doctor: Json, reason: Json) -> None:
        """A prescription for good, or until renewed."""
        first = self.current.get(drug.key)
        body = self.request(drug, visit, encounter, doctor, reason, "active")
        body["dispenseRequest"]["numberOfRepeatsAllowed"] = 3
        self.current[drug.key] = (body, visit.day)
        if first is None:
            self.chart.body.take(drug.effect, visit.day)

    def acute(
        self,
        drug: Drug,
        visit: Visit,
        encounter: Json,
        doctor: Json,
        reason: Json | None,
        bill: Bill,
    ) -> None:
        """A course of some days; into the vein or under the skin it is given on the ward."""
        over = visit.start + timedelta(days=drug.days)
        status = "completed" if over < self.chart.closing else "active"
        if drug.key in self.current or self.excluded(drug) or (drug.days >= 60 and visit.died):
            return
        on_ward = visit.inpatient and drug.route in _ON_WARD
        body = self.request(drug, visit, encounter, doctor, reason, status, on_ward)
        if drug.days >= 60:
            body["status"] = "active"
            self.current[drug.key] = (body, visit.day)
            self.chart.body.take(drug.effect, visit.day)
        if on_ward:
            self.give(drug, visit, encounter, body, bill)

    def request(
        self,
        drug: Drug,
        visit: Visit,
        encounter: Json,
        doctor: Json,
        reason: Json | None,
        status: str,
        on_ward: bool = False,
    ) -> Json:
        chart, code = self.chart, drug_code(drug, self.chart.country)
        body: Json = {
            "status": status,
            "intent": "order",
            "category": [_INPATIENT if visit.inpatient else _COMMUNITY],
        }
        if on_ward:
            medication = chart.add(
                "Medication", {"code": code, "status": "active"}, visit.start, core="medication"
            )
            body["medicationReference"] = chart.link("Medication", medication)
        else:
            body["medicationCodeableConcept"] = code
        body |= {
            "subject": chart.subject,
            "encounter": encounter,
            "authoredOn": moment(chart.later(visit.start, chart.chance.between(5, 20))),
            "requester": doctor,
        }
        if reason:
            body["reasonReference"] = [reason]
        count = max(1, round(drug.dose * max(1, drug.times) * drug.days))
        body |= {
            "dosageInstruction": [_dosage(drug)],
            "dispenseRequest": {
                "validityPeriod": {
                    "start": on(visit.day),
                    "end": on(visit.day + timedelta(days=max(drug.days, 28))),
                },
                "quantity": quantity(count, 0, drug.unit, drug.code),
                "expectedSupplyDuration": quantity(drug.days, 0, "days", "d"),
            },
        }
        chart.add("MedicationRequest", body, visit.start, core="medicationrequest")
        return chart.resources[-1][1]

    def give(self, drug: Drug, visit: Visit, encounter: Json, request: Json, bill: Bill) -> None:
        """What the ward gave, once a day at most four times."""
        chart, code = self.chart, drug_code(drug, self.chart.country)
        at = chart.later(visit.start, chart.chance.between(70, 150))
        for _ in range(min(4, drug.days)):
            end = chart.later(at, 30)
            if end >= chart.end_of(visit):
                return
            body: Json = {
                "status": "completed",
                "medicationCodeableConcept": code,
                "subject": chart.subject,
                "context": encounter,
                "effectivePeriod": {"start": moment(at), "end": moment(end)},
                "request": chart.link("MedicationRequest", request["id"]),
                "dosage": {
                    "text": drug.instruction,
                    "route": _ROUTES[drug.route][0],
                    "dose": quantity(drug.dose, drug.digits, drug.unit, drug.code),
                },
            }
            chart.add("MedicationAdministration", body, end)
            bill.add(code, drug.price)
            at = (at + timedelta(days=1)).replace(hour=8)

    def close(self) -> None:
        """Death ends what was taken."""
        if self.chart.person.died:
            for body, _ in self.current.values():
                body["status"] = "stopped"
