"""Encounters, and the conditions found in them."""

from datetime import datetime, timedelta

from wardbase.synthetic.chart import Chart, moment, on, period
from wardbase.synthetic.conditions import Acute, Disease, Illness, diagnosis
from wardbase.synthetic.fhir import Json, coding, concept
from wardbase.synthetic.timeline import Visit

_SOURCES = {
    "birth": ("born", "Born in hospital"),
    "delivery": ("gp", "General Practitioner referral"),
}
_FROM_EMERGENCY = ("emd", "From accident/emergency department")
_WARDS = {
    "cardiac": "cardiac",
    "fluid": "cardiac",
    "bleeding": "surgery",
}


def record_conditions(chart: Chart, visit: Visit, encounter: Json) -> list[tuple[Json, str]]:
    """The conditions of a visit: new ones are written. References to all, with their role."""
    found: list[tuple[Json, str]] = []
    if visit.acute:
        key = _record_acute(chart, visit, visit.acute, encounter)
        found.append((chart.link("Condition", key), "CC"))
    for name, illness in chart.illnesses.items():
        if illness.onset > visit.day:
            continue
        if name not in chart.conditions:
            chart.conditions[name] = _record_chronic(chart, visit, illness, encounter)
        if len(found) < 3 and illness.disease.visit_days:
            found.append((chart.link("Condition", chart.conditions[name]), "CM"))
    return found


def _record_chronic(chart: Chart, visit: Visit, illness: Illness, encounter: Json) -> str:
    """A disease that stays. Found long ago, only the year or month of its beginning is known."""
    days = (visit.day - illness.onset).days
    onset = on(illness.onset)
    onset = onset[:4] if days > 3000 else onset[:7] if days > 900 else onset
    body = _condition(chart, illness.disease, encounter, "problem-list-item", "Problem List Item")
    body |= {"onsetDateTime": onset, "recordedDate": moment(visit.start)}
    return _write(chart, body, "active", visit.start)


def _record_acute(chart: Chart, visit: Visit, acute: Acute, encounter: Json) -> str:
    """A disease that passes."""
    body = _condition(chart, acute, encounter, "encounter-diagnosis", "Encounter Diagnosis")
    started = visit.start - timedelta(hours=chart.chance.between(2, 60))
    started = max(started, datetime.combine(chart.person.born, visit.start.timetz()))
    over = visit.start + timedelta(days=acute.days * chart.chance.uniform(0.6, 1.5))
    body["onsetDateTime"] = moment(started)
    status = "active"
    if over < chart.closing:
        status = "resolved"
        body["abatementDateTime"] = moment(over.replace(second=0, microsecond=0))
    body["recordedDate"] = moment(visit.start)
    return _write(chart, body, status, over if status == "resolved" else visit.start)


def _condition(chart: Chart, disease: Disease, encounter: Json, category: str, text: str) -> Json:
    return {
        "category": [concept("condition-category", category, text, False)],
        "code": diagnosis(disease, chart.country),
        "subject": chart.subject,
        "encounter": encounter,
    }


def _write(chart: Chart, body: Json, status: str, at: datetime) -> str:
    statuses: Json = {
        "clinicalStatus": concept("condition-clinical", status, status.title(), False),
        "verificationStatus": concept("condition-ver-status", "confirmed", "Confirmed", False),
    }
    return chart.add("Condition", statuses | body, at, core="condition")


def record_encounter(
    chart: Chart, visit: Visit, key: str, doctor: Json, diagnoses: list[tuple[Json, str]]
) -> None:
    """The Encounter itself."""
    kind = visit.kind
    body: Json = {
        "identifier": [
            {
                "use": "official",
                "system": chart.hospital.system("visit"),
                "value": f"V{visit.start:%y%m%d}-{chart.chance.digits(5)}",
            }
        ],
        "status": "finished" if visit.end else "in-progress",
        "class": coding("act", kind.act, kind.act_display),
        "type": [concept("snomed", kind.snomed, kind.display)],
        "subject": chart.subject | {"display": chart.person.full_name},
        "participant": [
            {
                "type": [concept("v3-ParticipationType", "PPRF", "primary performer")],
                "period": period(visit.start, visit.end),
                "individual": doctor,
            }
        ],
        "period": period(visit.start, visit.end),
    }
    if visit.acute:
        body["reasonCode"] = [diagnosis(visit.acute, chart.country)]
    if diagnoses:
        body["diagnosis"] = [
            {"condition": condition, "use": _ROLES[role], "rank": rank}
            for rank, (condition, role) in enumerate(diagnoses, start=1)
        ]
    if visit.inpatient:
        body["hospitalization"] = _hospitalization(chart, visit)
    body["location"] = _locations(chart, visit)
    body["serviceProvider"] = chart.hospital.reference
    chart.add("Encounter", body, chart.end_of(visit), key=key, core="encounter")


_ROLES = {
    "CC": concept("diagnosis-role", "CC", "Chief complaint"),
    "CM": concept("diagnosis-role", "CM", "Comorbidity diagnosis"),
}


def _hospitalization(chart: Chart, visit: Visit) -> Json:
    """How an inpatient came, whether for a second time, and where they went."""
    chance = chart.chance
    planned = visit.acute is not None and visit.acute.key == "knee_replacement"
    source = _SOURCES.get("delivery" if planned else visit.kind.key, _FROM_EMERGENCY)
    body: Json = {"admitSource": concept("admit-source", *source)}
    if visit.readmission:
        body["reAdmission"] = concept("v2-0092", "R", "Re-admission")
    if visit.end:
        frail = chart.person.age(visit.day) >= 75 and chance.happens(0.3)
        gone = (
            ("exp", "Expired")
            if visit.died
            else (
                chance.pick((("snf", "Skilled nursing facility"), ("rehab", "Rehabilitation")))
                if frail
                else ("home", "Home")
            )
        )
        body["dischargeDisposition"] = concept("discharge-disposition", *gone)
    return body


def _locations(chart: Chart, visit: Visit) -> list[Json]:
    """Where the patient was: emergency department first, some in intensive care, then a ward."""
    places = chart.hospital.places
    if not visit.inpatient or visit.kind.key != "inpatient" or visit.acute is None:
        ongoing = {"status": "active"} if visit.end is None else {"status": "completed"}
        return [{"location": places[visit.kind.location], **ongoing}]
    ward = _WARDS.get(visit.acute.marks, visit.kind.location)
    if "appendectomy" in visit.acute.procedures or "cholecystectomy" in visit.acute.procedures:
        ward = "surgery"
    admitted = chart.later(visit.start, chart.chance.between(60, 240))
    steps = [("emergency", visit.start, admitted)]
    if visit.acute.mortality >= 0.06:
        moved = min(chart.later(admitted, chart.chance.between(900, 3600)), chart.end_of(visit))
        steps += [("intensive", admitted, moved)]
        admitted = moved
    stays: list[Json] = [
        {"location": places[name], "status": "completed", "period": period(start, end)}
        for name, start, end in steps
        if start < end
    ]
    if visit.end is None or admitted < visit.end:
        status = "completed" if visit.end else "active"
        last = {"location": places[ward], "status": status, "period": period(admitted, visit.end)}
        stays.append(last)
    return stays
