"""Who gives care and where: organizations, their places, and the people who work in them."""

from wardbase.model.datatype import address_fields, addresses, identifiers, names, telecoms
from wardbase.model.field import (
    ADMINISTRATIVE,
    CONTACT,
    FREE_TEXT,
    IDENTIFYING,
    QUASI,
    Code,
    Coding,
    Concept,
    Day,
    Decimal,
    Extension,
    Extensions,
    Flag,
    Group,
    Leaf,
    Mask,
    Reference,
    String,
    Strings,
    Whole,
    one_of,
    period,
    renamed,
)
from wardbase.model.table import resource

_SYNTHEA = "http://synthetichealth.github.io/synthea/"


def _count(url: str, says: str, column: str) -> Extension:
    return Extension(_SYNTHEA + url, (Whole("valueInteger", says, ADMINISTRATIVE, column),))


organization = resource(
    "Organization",
    "One row per hospital, practice, payer, department or other body.",
    Extensions(
        (
            _count(
                "utilization-encounters-extension",
                "How many encounters it had, as Synthea counts.",
                "encounter_count",
            ),
            _count(
                "utilization-procedures-extension",
                "How many procedures it did, as Synthea counts.",
                "procedure_count",
            ),
            _count(
                "utilization-labs-extension",
                "How many laboratory tests it did, as Synthea counts.",
                "lab_count",
            ),
            _count(
                "utilization-prescriptions-extension",
                "How many prescriptions it wrote, as Synthea counts.",
                "prescription_count",
            ),
            _count("bed-count-extension", "How many beds it has.", "bed_count"),
        )
    ),
    Flag("active", "Whether the record is in use.", ADMINISTRATIVE),
    Concept("type", "What kind of organization.", ADMINISTRATIVE),
    String("name", "Its name.", ADMINISTRATIVE),
    Strings("alias", "Other names it goes or went by, in order.", ADMINISTRATIVE),
    Reference(
        "partOf",
        "The organization it is a part of.",
        ADMINISTRATIVE,
        targets=("organization",),
    ),
    sensitivity=ADMINISTRATIVE,
)
identifiers(organization, ADMINISTRATIVE)
telecoms(organization)
addresses(organization)

location = resource(
    "Location",
    "One row per place where care is given: a site, a ward, a room, a bed, a home.",
    Code(
        "status",
        "Whether the place is in use.",
        ADMINISTRATIVE,
        rule=one_of("active", "suspended", "inactive"),
    ),
    Coding("operationalStatus", "Whether a bed is free, occupied, ...", ADMINISTRATIVE),
    String("name", "Its name.", ADMINISTRATIVE),
    Strings("alias", "Other names it goes or went by, in order.", ADMINISTRATIVE),
    String("description", "What else to know of it.", FREE_TEXT, mask=Mask.REDACTED),
    Code(
        "mode",
        "Whether this is one place (instance) or a kind of place (kind).",
        ADMINISTRATIVE,
        rule=one_of("instance", "kind"),
    ),
    Concept("type", "What is done there.", ADMINISTRATIVE),
    Group(
        "telecom",
        (
            Code(
                "system",
                "phone, fax, email, pager, url, sms or other.",
                ADMINISTRATIVE,
                "telecom_system",
            ),
            String(
                "value", "How to reach it: number or address.", CONTACT, "telecom", Mask.REPLACED
            ),
            Code("use", "home, work, temp, old or mobile.", ADMINISTRATIVE, "telecom_use"),
        ),
    ),
    Group(
        "address",
        tuple(
            renamed(part, f"address_{part.column}")
            for part in address_fields()
            if isinstance(part, Leaf)
        ),
    ),
    Concept("physicalType", "Building, ward, room, bed, house, ...", ADMINISTRATIVE),
    Group(
        "position",
        (
            Decimal("longitude", "Longitude, degrees (WGS 84).", CONTACT, mask=Mask.NULL),
            Decimal("latitude", "Latitude, degrees (WGS 84).", CONTACT, mask=Mask.NULL),
            Decimal("altitude", "Altitude, metres (WGS 84).", CONTACT, mask=Mask.NULL),
        ),
    ),
    Reference(
        "managingOrganization",
        "The organization that runs the place.",
        ADMINISTRATIVE,
        targets=("organization",),
    ),
    Reference("partOf", "The place it is within.", ADMINISTRATIVE, targets=("location",)),
    sensitivity=ADMINISTRATIVE,
)
identifiers(location, ADMINISTRATIVE)

practitioner = resource(
    "Practitioner",
    "One row per person who gives care or has a part in it for an organization.",
    Extensions(
        (
            _count(
                "utilization-encounters-extension",
                "How many encounters the practitioner had, as Synthea counts.",
                "encounter_count",
            ),
        )
    ),
    Flag("active", "Whether the record is in use.", ADMINISTRATIVE),
    Code(
        "gender",
        "Administrative gender.",
        QUASI,
        rule=one_of("male", "female", "other", "unknown"),
    ),
    Day("birthDate", "Date of birth.", IDENTIFYING, "birth_on"),
    Group(
        "qualification",
        (
            Concept(
                "code",
                "What the practitioner is licensed or trained as.",
                QUASI,
                "qualification_id",
            ),
            period(
                "period",
                "When the qualification holds.",
                ADMINISTRATIVE,
                "qualified_at",
                "qualification_ended_at",
            ),
        ),
    ),
    Concept("communication", "A language to speak with patients in.", QUASI, "language_id"),
    sensitivity=IDENTIFYING,
)
identifiers(practitioner)
names(practitioner)
telecoms(practitioner)
addresses(practitioner)

practitioner_role = resource(
    "PractitionerRole",
    "One row per role a practitioner has for an organization over a time.",
    Flag("active", "Whether the record is in use.", ADMINISTRATIVE),
    period("period", "When the practitioner may act in the role.", ADMINISTRATIVE),
    Reference("practitioner", "Who acts in the role.", IDENTIFYING, targets=("practitioner",)),
    Reference(
        "organization", "For whom the role is done.", ADMINISTRATIVE, targets=("organization",)
    ),
    Concept("code", "What the practitioner does.", ADMINISTRATIVE),
    Concept("specialty", "The specialty.", ADMINISTRATIVE),
    Reference("location", "Where the role is done.", ADMINISTRATIVE, targets=("location",)),
    String(
        "availabilityExceptions",
        "When the practitioner is not there, in words.",
        FREE_TEXT,
        mask=Mask.REDACTED,
    ),
    sensitivity=ADMINISTRATIVE,
    indexes=(("practitioner_id",), ("organization_id",)),
)
identifiers(practitioner_role)
telecoms(practitioner_role)
