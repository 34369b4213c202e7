"""Procedures, the devices some leave in the body, and imaging."""

from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from uuid import UUID

from wardbase.synthetic.chart import Chart, moment, on, period
from wardbase.synthetic.claims import Bill
from wardbase.synthetic.fhir import Json, Raw, coding, concept
from wardbase.synthetic.tables import rows
from wardbase.synthetic.timeline import Visit

_DICOM = "http://dicom.nema.org/resources/ontology/DCM"
_SOP_CLASSES = {
    "DX": "urn:oid:1.2.840.10008.5.1.4.1.1.1.1",
    "CT": "urn:oid:1.2.840.10008.5.1.4.1.1.2",
    "US": "urn:oid:1.2.840.10008.5.1.4.1.1.6.1",
}
_SLICES = {"DX": (1, 2), "CT": (3, 6), "US": (2, 4)}
_RADIOLOGY = concept("loinc", "LP29684-5", "Radiology", False)


@dataclass(frozen=True)
class Act:
    """A row of data/procedures.csv."""

    key: str
    snomed: str
    display: str
    minutes: int
    price: float
    body: str
    body_display: str

    @property
    def code(self) -> Raw:
        return concept("snomed", self.snomed, self.display)


@dataclass(frozen=True)
class Image:
    """A row of data/imaging.csv."""

    key: str
    modality: str
    modality_display: str
    snomed: str
    display: str
    body: str
    body_display: str
    finding: str
    price: float


@dataclass(frozen=True)
class Implant:
    """A row of data/devices.csv: what a procedure leaves in the body."""

    key: str
    procedure: str
    snomed: str
    display: str
    manufacturer: str
    model: str


@cache
def _acts() -> dict[str, Act]:
    return {act.key: act for act in rows("procedures", Act)}


@cache
def _images() -> dict[str, Image]:
    return {image.key: image for image in rows("imaging", Image)}


@cache
def _implants() -> dict[str, Implant]:
    return {implant.procedure: implant for implant in rows("devices", Implant)}


def record_procedures(
    chart: Chart, visit: Visit, encounter: Json, doctor: Json, reason: Json | None, bill: Bill
) -> None:
    """What was done in a visit."""
    at = chart.later(visit.start, 30)
    for name in _planned(chart, visit):
        act = _acts()[name]
        start = at + timedelta(minutes=chart.chance.between(5, 40) if visit.inpatient else 0)
        end = start + timedelta(minutes=act.minutes)
        if end >= chart.closing:
            return
        body: Json = {
            "status": "completed",
            "code": act.code,
            "subject": chart.subject,
            "encounter": encounter,
            "performedPeriod": period(start, end),
            "performer": [{"actor": doctor, "onBehalfOf": chart.hospital.reference}],
            "location": chart.hospital.places[visit.kind.location],
        }
        if reason:
            body["reasonReference"] = [reason]
        if act.body:
            body["bodySite"] = [concept("snomed", act.body, act.body_display)]
        bill.add(act.code, act.price)
        if name in _implants():
            device = _record_device(chart, visit, _implants()[name])
            manipulated = concept("device-action", "implanted", "Implanted", False)
            body["focalDevice"] = [{"action": manipulated, "manipulated": device}]
        chart.add("Procedure", body, end, core="procedure")
        at = end
    if visit.acute and visit.acute.imaging:
        _record_imaging(chart, visit, encounter, doctor, _images()[visit.acute.imaging], bill)


def _planned(chart: Chart, visit: Visit) -> list[str]:
    """Which procedures this visit brings."""
    chance, kind, age = chart.chance, visit.kind.key, chart.person.age(visit.day)
    if visit.acute:
        return list(visit.acute.procedures)
    ill = {name for name, i in chart.illnesses.items() if i.onset <= visit.day}
    oncology = any(chart.illnesses[name].disease.marks == "oncology" for name in sorted(ill))
    rules: dict[str, tuple[tuple[str, bool, float], ...]] = {
        "delivery": (("cesarean", True, 0.27),),
        "prenatal": (("fetal_ultrasound", visit.week in (8, 20), 1.0),),
        "checkup": (
            ("mammography", chart.person.female and 50 <= age < 70, 0.4),
            ("colonoscopy", 50 <= age <= 75, 0.1),
            ("depression_screening", True, 0.25),
        ),
        "follow_up": (
            ("chemotherapy", oncology, 0.45),
            ("eye_exam", "diabetes" in ill, 0.3),
            ("foot_exam", "diabetes" in ill, 0.3),
            ("spirometry", bool(ill & {"asthma", "copd"}), 0.25),
            ("echocardiogram", "heart_failure" in ill, 0.2),
            ("ecg", "atrial_fibrillation" in ill, 0.4),
            ("medication_review", len(ill) > 2, 0.3),
        ),
    }
    found = [name for name, fits, p in rules.get(kind, ()) if fits and chance.happens(p)]
    if kind == "delivery" and not found:
        return ["delivery"]
    if kind == "follow_up" and "atrial_fibrillation" in ill and chance.happens(0.03):
        found.append("pacemaker")
    return found


def _record_device(chart: Chart, visit: Visit, implant: Implant) -> Json:
    """An implant, with its unique device identifier."""
    chance = chart.chance
    serial, lot = chance.digits(10), chance.digits(6)
    gtin = f"0{chance.digits(13)}"
    made = visit.day - timedelta(days=chance.between(40, 400))
    expires = made + timedelta(days=1825)
    carrier = f"(01){gtin}(11){made:%y%m%d}(17){expires:%y%m%d}(10){lot}(21){serial}"
    midnight = visit.start.replace(hour=0, minute=0)
    body: Json = {
        "udiCarrier": [{"deviceIdentifier": gtin, "carrierHRF": carrier}],
        "status": "active",
        "distinctIdentifier": gtin,
        "manufacturer": implant.manufacturer,
        "manufactureDate": moment(midnight - timedelta(days=(visit.day - made).days))[:10],
        "expirationDate": on(expires),
        "lotNumber": lot,
        "serialNumber": serial,
        "deviceName": [{"name": implant.model, "type": "model-name"}],
        "type": concept("snomed", implant.snomed, implant.display),
        "patient": chart.subject,
    }
    return chart.link("Device", chart.add("Device", body, visit.start, core="implantable-device"))


def _record_imaging(
    chart: Chart, visit: Visit, encounter: Json, doctor: Json, image: Image, bill: Bill
) -> None:
    """A study, and the radiologist's report on it."""
    chance = chart.chance
    start = chart.later(visit.start, chance.between(20, 60))
    reported = chart.later(start, chance.between(15, 200))
    code = concept("snomed", image.snomed, image.display)
    radiologist = chart.hospital.doctor(chance, "radiology")
    instances = [
        {
            "uid": _oid(chart),
            "sopClass": {"system": "urn:ietf:rfc:3986", "code": _SOP_CLASSES[image.modality]},
            "number": n,
            "title": f"Image {n}",
        }
        for n in range(1, chance.between(*_SLICES[image.modality]) + 1)
    ]
    modality = coding(_DICOM, image.modality, image.modality_display)
    study: Json = {
        "identifier": [
            {"use": "official", "system": "urn:dicom:uid", "value": f"urn:oid:{_oid(chart)}"}
        ],
        "status": "available",
        "modality": [modality],
        "subject": chart.subject,
        "encounter": encounter,
        "started": moment(start),
        "referrer": doctor,
        "numberOfSeries": 1,
        "numberOfInstances": len(instances),
        "procedureCode": [code],
        "location": chart.hospital.places["hospital"],
        "series": [
            {
                "uid": _oid(chart),
                "number": 1,
                "modality": modality,
                "numberOfInstances": len(instances),
                "bodySite": coding("snomed", image.body, image.body_display),
                "started": moment(start),
                "instance": instances,
            }
        ],
    }
    study_id = chart.add("ImagingStudy", study, reported)
    report: Json = {
        "status": "final",
        "category": [_RADIOLOGY],
        "code": code,
        "subject": chart.subject,
        "encounter": encounter,
        "effectiveDateTime": moment(start),
        "issued": chart.instant(reported),
        "performer": [radiologist],
        "imagingStudy": [chart.link("ImagingStudy", study_id)],
        "conclusion": image.finding,
    }
    chart.add("DiagnosticReport", report, reported, core="diagnosticreport-note")
    bill.add(code, image.price)


def _oid(chart: Chart) -> str:
    """A DICOM identifier made from a UUID."""
    return f"2.25.{UUID(chart.chance.uuid()).int}"
