"""Children that many types have alike: identifiers, names, addresses, telecoms, coded lists."""

from collections.abc import Sequence

from sqlalchemy import Index, text

from wardbase.model.field import (
    ADMINISTRATIVE,
    CLINICAL,
    CONTACT,
    FREE_TEXT,
    IDENTIFYING,
    ITEM,
    QUASI,
    Code,
    Concept,
    Decimal,
    Extension,
    Extensions,
    Group,
    Mask,
    Moment,
    Reference,
    Sensitivity,
    String,
    Strings,
    period,
)
from wardbase.model.table import Child, Resource, child

_GEOLOCATION = "http://hl7.org/fhir/StructureDefinition/geolocation"


def identifiers(of: Resource, sensitivity: Sensitivity = IDENTIFYING) -> Child:
    """The identifiers others know it by."""
    made = child(
        of,
        "identifier",
        f"One row per identifier of the {of.table.name}.",
        Code("use", "usual, official, temp, secondary or old.", ADMINISTRATIVE),
        Concept("type", "What kind of identifier.", ADMINISTRATIVE),
        Code("system", "The namespace of the value, as a uri.", ADMINISTRATIVE),
        String("value", "The identifier.", sensitivity, mask=Mask.REPLACED),
        period("period", "When it is valid.", ADMINISTRATIVE),
    )
    # Hash: an identifier may be longer than a b-tree entry, and is only ever asked for whole.
    Index(f"{made.table.name}_value_idx", made.table.c.value, postgresql_using="hash")
    return made


def names(of: Resource, element: str = "name") -> Child:
    """The names of a person."""
    made = child(
        of,
        element,
        f"One row per name of the {of.table.name}.",
        Code("use", "official, usual, maiden, nickname, ...", ADMINISTRATIVE),
        String("text", "The whole name, as written.", IDENTIFYING, mask=Mask.RANDOM_NAME),
        String("family", "Family name.", IDENTIFYING, mask=Mask.RANDOM_NAME),
        Strings("given", "Given names, in order.", IDENTIFYING, mask=Mask.RANDOM_NAME),
        Strings("prefix", "Titles before the name.", IDENTIFYING),
        Strings("suffix", "What follows the name.", IDENTIFYING),
        period("period", "When it is in use.", ADMINISTRATIVE),
        name="name",
    )
    Index(f"{made.table.name}_family_idx", text("lower(left(family, 100))"), _table=made.table)
    return made


def telecoms(of: Resource) -> Child:
    """Telephone numbers, e-mail addresses and the like."""
    return child(
        of,
        "telecom",
        f"One row per telephone number or address of the {of.table.name}.",
        Code("system", "phone, fax, email, pager, url, sms or other.", ADMINISTRATIVE),
        String("value", "The number or address.", CONTACT, mask=Mask.REPLACED),
        Code("use", "home, work, temp, old or mobile.", ADMINISTRATIVE),
        period("period", "When it is in use.", ADMINISTRATIVE),
    )


def address_fields() -> tuple[Code | String | Strings | Extensions | Group, ...]:
    """The parts of an address."""
    return (
        Extensions(
            (
                Extension(
                    _GEOLOCATION,
                    (
                        Extension(
                            "latitude",
                            (
                                Decimal(
                                    "valueDecimal",
                                    "Latitude, degrees.",
                                    CONTACT,
                                    "latitude",
                                    Mask.NULL,
                                ),
                            ),
                        ),
                        Extension(
                            "longitude",
                            (
                                Decimal(
                                    "valueDecimal",
                                    "Longitude, degrees.",
                                    CONTACT,
                                    "longitude",
                                    Mask.NULL,
                                ),
                            ),
                        ),
                    ),
                ),
            )
        ),
        Code("use", "home, work, temp, old or billing.", ADMINISTRATIVE),
        Code("type", "postal, physical or both.", ADMINISTRATIVE),
        String("text", "The whole address, as written.", CONTACT, mask=Mask.REDACTED),
        Strings("line", "Street, house, box, in order.", CONTACT, mask=Mask.REPLACED),
        String("city", "City.", QUASI, mask=Mask.SHUFFLED),
        String("district", "District, county.", QUASI, mask=Mask.SHUFFLED),
        String("state", "State, province.", QUASI, mask=Mask.SHUFFLED),
        String("postalCode", "Postal code.", QUASI, mask=Mask.ZIP3),
        String("country", "Country.", QUASI),
        period("period", "When it is in use.", ADMINISTRATIVE),
    )


def addresses(of: Resource) -> Child:
    """Where it, she or he is."""
    return child(of, "address", f"One row per address of the {of.table.name}.", *address_fields())


def notes(of: Resource) -> Child:
    """What was remarked, by whom and when."""
    return child(
        of,
        "note",
        f"One row per remark on the {of.table.name}.",
        String("text", "The remark.", FREE_TEXT, mask=Mask.REDACTED),
        Moment("time", "When it was made.", CLINICAL, "noted_at"),
        String("authorString", "Who made it.", IDENTIFYING, "author", Mask.RANDOM_NAME),
        Reference(
            "authorReference",
            "Who made it.",
            IDENTIFYING,
            "author_id",
            targets=("practitioner", "patient", "organization"),
        ),
    )


def coded_list(
    of: Resource | Child,
    element: str,
    sentence: str,
    says: str,
    column: str,
    sensitivity: Sensitivity = CLINICAL,
    name: str | None = None,
) -> Child:
    """A repeating CodeableConcept."""
    return child(of, element, sentence, Concept(ITEM, says, sensitivity, column), name=name)


def reference_list(
    of: Resource | Child,
    element: str,
    sentence: str,
    says: str,
    column: str,
    targets: Sequence[str],
    sensitivity: Sensitivity = CLINICAL,
    name: str | None = None,
) -> Child:
    """A repeating Reference."""
    return child(
        of,
        element,
        sentence,
        Reference(ITEM, says, sensitivity, column, targets=tuple(targets)),
        name=name,
    )
