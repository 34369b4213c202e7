"""Plans for chronic diseases: CarePlan, CareTeam and Goal."""

from dataclasses import dataclass
from functools import cache

from wardbase.synthetic.chart import Chart, on
from wardbase.synthetic.conditions import Illness
from wardbase.synthetic.fhir import Json, Raw, concept, fixed
from wardbase.synthetic.tables import rows
from wardbase.synthetic.timeline import Visit

_ASSESS = concept(
    "http://hl7.org/fhir/us/core/CodeSystem/careplan-category", "assess-plan", "", False
)
_PATIENT = concept("snomed", "116154003", "Patient (person)")
_PROFESSIONAL = concept("snomed", "223366009", "Healthcare professional (occupation)")
_IN_PROGRESS = concept("goal-achievement", "in-progress", "In Progress", False)


@dataclass(frozen=True)
class Plan:
    """A row of data/plans.csv."""

    key: str
    system: str
    code: str
    display: str
    activities: tuple[str, ...]
    goal: str
    loinc: str
    loinc_display: str
    limit: float
    unit: str
    ucum: str


@dataclass(frozen=True)
class Activity:
    """A row of data/activities.csv."""

    key: str
    snomed: str
    display: str


@cache
def _plans() -> dict[str, Plan]:
    return {plan.key: plan for plan in rows("plans", Plan)}


@cache
def _activities() -> dict[str, Raw]:
    return {a.key: concept("snomed", a.snomed, a.display) for a in rows("activities", Activity)}


def record_plans(chart: Chart, visit: Visit, encounter: Json, doctor: Json) -> None:
    """A plan, a goal and a team for each chronic disease that has them, at its first control."""
    for illness in chart.illnesses.values():
        name = illness.disease.plan
        if name and illness.onset <= visit.day and name not in chart.planned:
            chart.planned.add(name)
            _record_plan(chart, visit, encounter, doctor, illness, _plans()[name])


def _record_plan(
    chart: Chart, visit: Visit, encounter: Json, doctor: Json, illness: Illness, plan: Plan
) -> None:
    condition = chart.link("Condition", chart.conditions[illness.disease.key])
    status = "completed" if chart.person.died else "active"
    start = {"start": on(visit.day)}
    if chart.person.died:
        start["end"] = on(chart.person.died.date())
    goal = chart.link("Goal", _record_goal(chart, visit, condition, plan))
    team: Json = {
        "status": "inactive" if chart.person.died else "active",
        "subject": chart.subject,
        "encounter": encounter,
        "period": start,
        "participant": [
            {"role": [_PATIENT], "member": chart.subject},
            {"role": [_PROFESSIONAL], "member": doctor},
            {"role": [_PROFESSIONAL], "member": chart.hospital.reference},
        ],
        "reasonReference": [condition],
        "managingOrganization": [chart.hospital.reference],
    }
    team_id = chart.add("CareTeam", team, visit.start, core="careteam")
    body: Json = {
        "status": status,
        "intent": "plan",
        "category": [_ASSESS, concept(plan.system, plan.code, plan.display)],
        "subject": chart.subject,
        "encounter": encounter,
        "period": start,
        "careTeam": [chart.link("CareTeam", team_id)],
        "addresses": [condition],
        "goal": [goal],
        "activity": [
            {
                "detail": {
                    "code": _activities()[name],
                    "status": "completed" if chart.person.died else "in-progress",
                    "location": chart.hospital.places["clinic"],
                }
            }
            for name in plan.activities
        ],
    }
    chart.add("CarePlan", body, visit.start, core="careplan")


def _record_goal(chart: Chart, visit: Visit, condition: Json, plan: Plan) -> str:
    body: Json = {
        "lifecycleStatus": "completed" if chart.person.died else "active",
        "achievementStatus": _IN_PROGRESS,
        "description": {"text": plan.goal},
        "subject": chart.subject,
        "startDate": on(visit.day),
        "addresses": [condition],
    }
    if plan.loinc:
        high = {
            "value": fixed(plan.limit, 1),
            "unit": plan.unit,
            "system": "http://unitsofmeasure.org",
            "code": plan.ucum,
        }
        measure = concept("loinc", plan.loinc, plan.loinc_display)
        body["target"] = [{"measure": measure, "detailQuantity": high}]
    return chart.add("Goal", body, visit.start, core="goal")
