"""What a column's kind makes of a FHIR value: entries that know both faces, FHIR and PostgreSQL.

An entry is made from what was sent or from what was stored; its FHIR face (`text`, `raw`, `struct`)
is always computed from its stored face, never copied. So an entry that would not come back as it
was sent shows itself by being unequal, and the element goes to `rest`.
"""

from wardbase.exchange.fhir.kinds.blob import Blob, blob
from wardbase.exchange.fhir.kinds.concept import (
    Concept,
    Said,
    coding,
    concept,
    concept_out,
    concepts,
    fresh_concepts,
    unit,
)
from wardbase.exchange.fhir.kinds.key import hashed, is_key, key_of, key_wire, uuid_text
from wardbase.exchange.fhir.kinds.moment import (
    Day,
    Moment,
    day_back,
    days,
    instants,
    moment_back,
    moments,
)
from wardbase.exchange.fhir.kinds.number import Number, number, number_back, numbers
from wardbase.exchange.fhir.kinds.reference import NeedsEntry, Ref, fresh_refs, ref_back, refs
from wardbase.exchange.fhir.kinds.wire import (
    NULL,
    NULL2,
    UNBOUNDED,
    Memo,
    U,
    codes,
    flags,
    int_of_2,
    int_of_4,
    int_of_8,
    length,
    positions,
    strings,
    strings_wire,
    text_wire,
    wholes,
)

__all__ = [
    "NULL",
    "NULL2",
    "UNBOUNDED",
    "Blob",
    "Concept",
    "Day",
    "Memo",
    "Moment",
    "NeedsEntry",
    "Number",
    "Ref",
    "Said",
    "U",
    "blob",
    "codes",
    "coding",
    "concept",
    "concept_out",
    "concepts",
    "day_back",
    "days",
    "flags",
    "fresh_concepts",
    "fresh_refs",
    "hashed",
    "instants",
    "int_of_2",
    "int_of_4",
    "int_of_8",
    "is_key",
    "key_of",
    "key_wire",
    "length",
    "moment_back",
    "moments",
    "number",
    "number_back",
    "numbers",
    "positions",
    "ref_back",
    "refs",
    "strings",
    "strings_wire",
    "text_wire",
    "unit",
    "uuid_text",
    "wholes",
]
