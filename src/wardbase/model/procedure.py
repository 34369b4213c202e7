"""What is done to a patient and with what: devices, procedures, supplies."""

from wardbase.model.datatype import coded_list, identifiers, reference_list
from wardbase.model.field import (
    ADMINISTRATIVE,
    CLINICAL,
    FREE_TEXT,
    IDENTIFYING,
    Code,
    Concept,
    Group,
    Mask,
    Moment,
    Reference,
    String,
    one_of,
    period,
    quantity,
)
from wardbase.model.shared import ACTORS, ANYONE, STAFF, encounter_of, patient_of, remark
from wardbase.model.table import child, resource

device = resource(
    "Device",
    "One row per implant, appliance, instrument or program, as one thing.",
    Group(
        "udiCarrier",
        (
            String(
                "deviceIdentifier",
                "The model, as the unique device identifier says it.",
                ADMINISTRATIVE,
                "udi_device_identifier",
            ),
            String("issuer", "Who issues the identifier, as a uri.", ADMINISTRATIVE, "udi_issuer"),
            String(
                "jurisdiction", "Under whose rules, as a uri.", ADMINISTRATIVE, "udi_jurisdiction"
            ),
            String(
                "carrierHRF",
                "The unique device identifier, as people read it.",
                IDENTIFYING,
                "udi",
                Mask.REPLACED,
            ),
            Code(
                "entryType",
                "How the identifier was read.",
                ADMINISTRATIVE,
                "udi_entry_type",
                rule=one_of("barcode", "rfid", "manual", "card", "self-reported", "unknown"),
            ),
        ),
    ),
    Code(
        "status",
        "Whether the device is in use.",
        ADMINISTRATIVE,
        rule=one_of("active", "inactive", "entered-in-error", "unknown"),
    ),
    Concept("statusReason", "On, off, not ready, ...", ADMINISTRATIVE),
    String(
        "distinctIdentifier",
        "What tells this lot or donation from others.",
        IDENTIFYING,
        mask=Mask.REPLACED,
    ),
    String("manufacturer", "Who made it.", ADMINISTRATIVE),
    Moment("manufactureDate", "When it was made.", ADMINISTRATIVE, "manufactured_at"),
    Moment("expirationDate", "Until when it may be used.", ADMINISTRATIVE, "expires_at"),
    String("lotNumber", "The lot it was made in.", IDENTIFYING, mask=Mask.REPLACED),
    String("serialNumber", "The serial number.", IDENTIFYING, mask=Mask.REPLACED),
    Group(
        "deviceName",
        (
            String("name", "What it is called.", ADMINISTRATIVE, "name"),
            Code(
                "type",
                "Who calls it so.",
                ADMINISTRATIVE,
                "name_type",
                rule=one_of(
                    "udi-label-name",
                    "user-friendly-name",
                    "patient-reported-name",
                    "manufacturer-name",
                    "model-name",
                    "other",
                ),
            ),
        ),
    ),
    String("modelNumber", "The maker's number of the model.", ADMINISTRATIVE),
    String("partNumber", "The maker's number of the part.", ADMINISTRATIVE),
    Concept("type", "What kind of device.", CLINICAL),
    Group(
        "version",
        (
            Concept(
                "type",
                "What has the version: hardware, software, ...",
                ADMINISTRATIVE,
                "version_type_id",
            ),
            String("value", "The version.", ADMINISTRATIVE, "version"),
        ),
    ),
    patient_of("patient"),
    Reference(
        "owner", "The organization responsible for it.", ADMINISTRATIVE, targets=("organization",)
    ),
    Reference("location", "Where it is.", ADMINISTRATIVE, targets=("location",)),
    remark(),
    Reference("parent", "The device it is part of.", ADMINISTRATIVE, targets=("device",)),
    sensitivity=CLINICAL,
    indexes=(("patient_id", "manufactured_at"),),
)
identifiers(device)

procedure = resource(
    "Procedure",
    "One row per act done to or with a patient: surgery, counselling, test, therapy.",
    Reference(
        "basedOn", "The request or plan for it.", CLINICAL, targets=("service_request", "care_plan")
    ),
    Reference("partOf", "The procedure it is part of.", CLINICAL, targets=("procedure",)),
    Code(
        "status",
        "How far it is.",
        CLINICAL,
        rule=one_of(
            "preparation",
            "in-progress",
            "not-done",
            "on-hold",
            "stopped",
            "completed",
            "entered-in-error",
            "unknown",
        ),
    ),
    Concept("statusReason", "Why it is in its status.", CLINICAL),
    Concept("category", "Surgical, diagnostic, counselling, ...", CLINICAL),
    Concept("code", "What was done.", CLINICAL),
    patient_of(),
    encounter_of(),
    Moment("performedDateTime", "When it was done.", CLINICAL, "performed_at"),
    period("performedPeriod", "When it was done."),
    String("performedString", "When it was done, in words.", FREE_TEXT, "performed", Mask.REDACTED),
    Reference("recorder", "Who recorded it.", IDENTIFYING, targets=(*STAFF, "patient")),
    Reference("asserter", "Who says so.", IDENTIFYING, targets=(*STAFF, "patient")),
    Reference("location", "Where it was done.", ADMINISTRATIVE, targets=("location",)),
    Concept("bodySite", "Where in the body.", CLINICAL),
    Concept("outcome", "What came of it.", CLINICAL),
    Reference(
        "report", "The report on it.", CLINICAL, targets=("diagnostic_report", "document_reference")
    ),
    Concept("complication", "What went wrong.", CLINICAL),
    Concept("followUp", "What is to follow.", CLINICAL),
    remark(),
    Group(
        "focalDevice",
        (
            Concept(
                "action",
                "What was done to the device: implanted, removed, ...",
                CLINICAL,
                "device_action_id",
            ),
            Reference(
                "manipulated",
                "The device put in, taken out or changed.",
                CLINICAL,
                "device_id",
                targets=("device",),
            ),
        ),
    ),
    Concept("usedCode", "What was used.", CLINICAL, "used_id"),
    sensitivity=CLINICAL,
    indexes=(("patient_id", "started_at"), ("code_id", "started_at"), ("encounter_id",)),
)
reference_list(
    procedure,
    "reasonReference",
    "One row per condition or finding for which it was done.",
    "The condition or finding.",
    "because_id",
    ("condition", "observation", "procedure"),
)
coded_list(
    procedure,
    "reasonCode",
    "One row per reason for which it was done, as a code.",
    "The reason.",
    "reason_id",
)

procedure_performer = child(
    procedure,
    "performer",
    "One row per person or organization that did it.",
    Concept("function", "What each did: surgeon, anaesthetist, ...", CLINICAL),
    Reference("actor", "Who did it.", IDENTIFYING, targets=ANYONE),
    Reference(
        "onBehalfOf",
        "The organization for which it was done.",
        ADMINISTRATIVE,
        "on_behalf_of_id",
        targets=("organization",),
    ),
)

supply_delivery = resource(
    "SupplyDelivery",
    "One row per delivery of things for a patient or a store.",
    Code(
        "status",
        "How far it is.",
        ADMINISTRATIVE,
        rule=one_of("in-progress", "completed", "abandoned", "entered-in-error"),
    ),
    patient_of("patient"),
    Concept("type", "Medication, device, ...", ADMINISTRATIVE),
    Group(
        "suppliedItem",
        (
            quantity("quantity", "How much was delivered.", "quantity"),
            Concept("itemCodeableConcept", "What was delivered.", CLINICAL, "item_id"),
            Reference(
                "itemReference",
                "The very thing delivered.",
                CLINICAL,
                "supplied_id",
                targets=("device", "medication"),
            ),
        ),
    ),
    Moment("occurrenceDateTime", "When it was delivered.", CLINICAL, "occurred_at"),
    period("occurrencePeriod", "When it was delivered."),
    Reference("supplier", "Who delivered it.", ADMINISTRATIVE, targets=ACTORS),
    Reference("destination", "Where it was delivered.", ADMINISTRATIVE, targets=("location",)),
    sensitivity=CLINICAL,
    indexes=(("patient_id", "occurred_at"),),
)
