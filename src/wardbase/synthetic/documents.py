"""Notes as plain text, and the Provenance of a chart."""

from base64 import b64encode
from datetime import timedelta

from wardbase.synthetic.chart import Chart, moment, period
from wardbase.synthetic.fhir import Json, coding, concept
from wardbase.synthetic.names import phone
from wardbase.synthetic.timeline import Visit

_TYPES = {
    "IMP": concept("loinc", "18842-5", "Discharge summary"),
    "EMER": concept("loinc", "34878-9", "Emergency medicine Note"),
    "AMB": concept("loinc", "11506-3", "Progress note"),
    "VR": concept("loinc", "11506-3", "Progress note"),
}
# How often a visit has a note.
_WRITTEN = {"IMP": 1.0, "EMER": 0.6, "AMB": 0.17, "VR": 0.15}
_CATEGORY = concept(
    "http://hl7.org/fhir/us/core/CodeSystem/us-core-documentreference-category",
    "clinical-note",
    "Clinical Note",
    False,
)
_FORMAT = coding(
    "http://ihe.net/fhir/ValueSet/IHE.FormatCode.codesystem",
    "urn:ihe:iti:xds:2017:mimeTypeSufficient",
    "mimeType Sufficient",
)
_AUTHOR = concept("provenance-participant-type", "author", "Author")
_TRANSMITTER = concept(
    "http://hl7.org/fhir/us/core/CodeSystem/us-core-provenance-participant-type",
    "transmitter",
    "Transmitter",
)
_MOST_TARGETS = 20


def record_note(
    chart: Chart, visit: Visit, encounter: Json, doctor: Json, drugs: list[str]
) -> None:
    """The note of a finished visit, where one was written."""
    act = visit.kind.act
    if visit.end is None or not chart.chance.happens(_WRITTEN[act]):
        return
    at = chart.later(visit.end, chart.chance.between(4, 90))
    data = b64encode(_text(chart, visit, doctor, drugs).encode()).decode()
    body: Json = {
        "identifier": [{"system": "urn:ietf:rfc:3986", "value": f"urn:uuid:{chart.chance.uuid()}"}],
        "status": "current",
        "type": _TYPES[act],
        "category": [_CATEGORY],
        "subject": chart.subject,
        "date": chart.instant(at),
        "author": [doctor],
        "custodian": chart.hospital.reference,
        "content": [
            {
                "attachment": {
                    "contentType": "text/plain; charset=utf-8",
                    "language": chart.country.language[0],
                    "data": data,
                },
                "format": _FORMAT,
            }
        ],
        "context": {"encounter": [encounter], "period": period(visit.start, visit.end)},
    }
    chart.add("DocumentReference", body, at, core="documentreference")


def _text(chart: Chart, visit: Visit, doctor: Json, drugs: list[str]) -> str:
    """The words of a note, with what names a patient in real ones: name, birth, phone."""
    person, note = chart.person, chart.country.note
    title = note["ms"] if person.female else note["mr"]
    born, seen = person.born.strftime(note["date"]), visit.day.strftime(note["date"])
    known = [i.disease.display for i in chart.illnesses.values() if i.onset <= visit.day]
    history = ", ".join(name.rpartition(" (")[0] for name in known) or note["none"]
    reason = visit.acute.display if visit.acute else visit.kind.display
    call = ""
    if chart.chance.happens(0.3):
        call = f" {note['phone']} {phone(chart.chance, chart.hospital.region, mobile=True)}."
    return (
        f"{chart.hospital.name}, {seen}\n\n"
        f"{title} {person.full_name}, {note['born']} {born}.{call}\n\n"
        f"{note['reason']}: {reason.rpartition(' (')[0]}\n"
        f"{note['history']}: {history}\n"
        f"{note['medication']}: {', '.join(drugs) or note['none']}\n"
        f"{note['signed']} {doctor['display']}\n"
    )


def record_provenance(chart: Chart) -> None:
    """Where the chart comes from: one Provenance, for its patient and first resources."""
    first = chart.resources[: _MOST_TARGETS - 1]
    targets = [chart.link(kind, body["id"]) for kind, body in first]
    if chart.subject not in targets:
        targets.insert(0, chart.subject)
    recorded = chart.closing
    agents = [
        {"type": kind, "who": chart.family_doctor, "onBehalfOf": chart.hospital.reference}
        for kind in (_AUTHOR, _TRANSMITTER)
    ]
    body: Json = {
        "target": targets,
        "occurredDateTime": moment(recorded - timedelta(minutes=1)),
        "recorded": chart.instant(recorded),
        "agent": agents,
    }
    chart.add("Provenance", body, recorded, core="provenance")
