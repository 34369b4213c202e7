"""One patient whole: the person, the diseases, the visits, and all that is written of them."""

from datetime import datetime, time

from wardbase.synthetic.care import record_plans
from wardbase.synthetic.chance import Chance
from wardbase.synthetic.chart import Chart
from wardbase.synthetic.claims import Bill, record_claim
from wardbase.synthetic.conditions import illnesses_of
from wardbase.synthetic.documents import record_note, record_provenance
from wardbase.synthetic.encounters import record_conditions, record_encounter
from wardbase.synthetic.fhir import Json, concept
from wardbase.synthetic.hospital import Hospital, make_hospital
from wardbase.synthetic.labs import record_labs
from wardbase.synthetic.medications import Pharmacy, drugs
from wardbase.synthetic.patient import record_coverage, record_patient
from wardbase.synthetic.population import make_person
from wardbase.synthetic.prevention import Vaccinations, record_allergies
from wardbase.synthetic.procedures import record_procedures
from wardbase.synthetic.recipe import Recipe
from wardbase.synthetic.timeline import CLOSING_HOUR, Planner, Visit
from wardbase.synthetic.vitals import record_vitals


def patient_resources(recipe: Recipe, index: int, bundled: bool = False) -> list[tuple[str, Json]]:
    """The resources of one patient; of no other patient does the result depend."""
    hospital = make_hospital(recipe)
    chance = Chance(f"{recipe.key}/{index}")
    person = make_person(index, chance, hospital.country, hospital.region, recipe.until)
    last = datetime.combine(recipe.until, time(CLOSING_HOUR), hospital.region.tz)
    closing = person.died or last
    illnesses = illnesses_of(chance, person, closing.date())
    visits = Planner(chance, person, illnesses, closing).plan()
    chart = Chart(chance, person, hospital, illnesses, closing, bundled)
    _Story(recipe, chart, visits).tell()
    return chart.resources


class _Story:
    def __init__(self, recipe: Recipe, chart: Chart, visits: list[Visit]) -> None:
        self.chart = chart
        self.visits = visits
        record_patient(chart, recipe.seed)
        self.payer, self.coverage = record_coverage(chart)
        self.pharmacy = Pharmacy(chart)
        self.vaccinations = Vaccinations(chart)

    def tell(self) -> None:
        """Write every visit, and what is said of the chart as a whole."""
        for n, visit in enumerate(self.visits):
            self.visit(visit, first=n == 0)
        self.pharmacy.close()
        record_provenance(self.chart)

    def visit(self, visit: Visit, first: bool) -> None:
        """Everything one visit leaves in the chart."""
        chart, kind = self.chart, visit.kind
        key = chart.chance.uuid()
        encounter = chart.link("Encounter", key)
        doctor = self.doctor(chart.hospital, visit)
        bill = Bill(chart.country)
        nights = max(1, (chart.end_of(visit) - visit.start).days) if visit.inpatient else 1
        bill.add(concept("snomed", kind.snomed, kind.display), kind.price, nights)
        conditions = record_conditions(chart, visit, encounter)
        reason = conditions[0][0] if conditions else None
        record_encounter(chart, visit, key, doctor, conditions)
        if first:
            record_allergies(chart, visit, encounter, doctor)
        record_vitals(chart, visit, encounter)
        record_labs(chart, visit, encounter, doctor, bill)
        record_procedures(chart, visit, encounter, doctor, reason, bill)
        self.pharmacy.prescribe(visit, encounter, doctor, reason, bill)
        self.vaccinations.give(visit, encounter, doctor, bill)
        if kind.key == "follow_up":
            record_plans(chart, visit, encounter, doctor)
        taken = [drugs()[name].display for name in self.pharmacy.current]
        record_note(chart, visit, encounter, doctor, taken)
        diagnoses = [condition for condition, _ in conditions]
        record_claim(chart, visit, bill, encounter, doctor, diagnoses, self.payer, self.coverage)

    def doctor(self, hospital: Hospital, visit: Visit) -> Json:
        """Who saw the patient: in general practice mostly the family doctor."""
        chance = self.chart.chance
        if visit.kind.specialty in ("general", "pediatrics") and chance.happens(0.8):
            return self.chart.family_doctor
        return hospital.doctor(chance, visit.kind.specialty)
