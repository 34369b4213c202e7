"""Resources of any type, made at random from the R4 definitions: valid, as odd as is allowed."""

import base64
import json
import random
import uuid
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from wardbase.exchange.fhir import definitions
from wardbase.exchange.fhir.definitions import Element


class Token(str):
    """A number as its text."""

    __slots__ = ()


def text(value: Any, *, ascii: bool = False) -> str:
    """JSON, with the numbers as they are."""
    if isinstance(value, dict):
        parts = (f"{json.dumps(k)}:{text(v, ascii=ascii)}" for k, v in value.items())
        return "{" + ",".join(parts) + "}"
    if isinstance(value, list):
        return "[" + ",".join(text(v, ascii=ascii) for v in value) + "]"
    return str(value) if isinstance(value, Token) else json.dumps(value, ensure_ascii=ascii)


WORDS = ["x", "Müller", "日本", "😀", "a b", 'say "hi"', "back\\slash", "tab\tline\nend", " lead",
         "0", "null", "\u2028", "e\u0301", "{}", "[]", "a" * 300]  # fmt: skip
DECIMALS = ["0", "1", "-1", "1.10", "0.000", "7.0", "1e2", "1E+2", "1.0e-7", "-0.0", "-0.10", "0e0",
            "123456789012345678901234567890.123456789", "0.00000000000000000001", "10000",
            "9999.0001", "1e400", "12345678.87654321", "100000000"]  # fmt: skip
URLS = [
    "http://a.org/x",
    "urn:oid:1.2.3",
    "urn:uuid:c757873d-ec9a-4326-a141-556f43239520",
    "rel/path",
]
OFFSETS = ["Z", "Z", "+00:00", "-00:00", "+05:45", "-03:30", "+14:00", "-12:00", "+05:50", "+13:59"]


class Maker:
    """Makes values by chance; `richness` is the share of optional elements it adds."""

    def __init__(self, seed: int, richness: float) -> None:
        self.random = random.Random(seed)
        self.richness = richness

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def resource(self, type_: str, depth: int = 0) -> dict[str, Any]:
        made = self.object(type_, depth)
        made.pop("id", None)
        made = {"resourceType": type_, "id": self.id(), **made}
        return (
            made
            if self.chance(0.7)
            else dict(sorted(made.items(), key=lambda _: self.random.random()))
        )

    def object(self, type_: str, depth: int) -> dict[str, Any]:
        share = self.richness / (1 + depth)
        made: dict[str, Any] = {}
        for element in definitions.elements(type_):
            if element.name in ("contained", "resource") and "Resource" in element.types and depth:
                continue
            if element.required or (depth < 5 and self.chance(share)):
                self.element(made, type_, element, depth)
        if not made:
            made["id"] = "e1"
        return made

    def element(self, made: dict[str, Any], type_: str, element: Element, depth: int) -> None:
        kind = self.random.choice(element.types)
        name = element.name
        if element.choice:
            name = name.removesuffix("[x]") + kind[0].upper() + kind[1:]
        if not definitions.is_primitive(kind):
            count = self.count() if element.many else 0
            values = [self.value(kind, depth + 1) for _ in range(count or 1)]
            made[name] = values if element.many else values[0]
            return
        count = self.count() if element.many else 1
        values = [self.primitive(kind, element) for _ in range(count)]
        companions = [
            self.companion(depth) if not element.bare and self.chance(0.08) else None
            for _ in values
        ]
        for n, companion in enumerate(companions):
            if companion is not None and self.chance(0.4):
                values[n] = None
        if any(value is not None for value in values):
            made[name] = values if element.many else values[0]
        if any(each is not None for each in companions):
            made[f"_{name}"] = companions if element.many else companions[0]

    def count(self) -> int:
        return self.random.choice([1, 1, 1, 2, 2, 3, 5])

    def value(self, kind: str, depth: int) -> Any:
        if kind == "Resource":
            type_ = self.random.choice(
                ["Patient", "Practitioner", "Observation", "Basic", "Medication"]
            )
            return self.resource(type_, depth + 2)
        if kind == "Reference" and self.chance(0.9):
            made = {"reference": self.reference()}
            return {**made, "display": self.word()} if self.chance(0.4) else made
        if kind in ("CodeableConcept", "Coding", "Quantity") and self.chance(0.5):
            return getattr(self, f"usual_{kind.lower()}")()
        return self.object(kind, depth)

    def usual_coding(self) -> dict[str, Any]:
        made: dict[str, Any] = {"system": "http://loinc.org", "code": self.random.choice("abc")}
        for name, value in (("display", "A"), ("version", "1"), ("userSelected", self.chance(0.5))):
            if self.chance(0.3):
                made[name] = value
        return made

    def usual_codeableconcept(self) -> dict[str, Any]:
        made: dict[str, Any] = {}
        if self.chance(0.8):
            made["coding"] = [self.usual_coding() for _ in range(self.count())]
        if not made or self.chance(0.6):
            made["text"] = self.random.choice(["A", "B", self.word()])
        return made

    def usual_quantity(self) -> dict[str, Any]:
        made: dict[str, Any] = {"value": Token(self.random.choice(DECIMALS))}
        for name, value in (("unit", "mg"), ("system", "http://u.org"), ("code", "mg")):
            if self.chance(0.7):
                made[name] = value
        return made

    def companion(self, depth: int) -> dict[str, Any]:
        if self.chance(0.4):
            return {"id": "c1"}
        return {"extension": [self.object("Extension", depth + 3)]}

    def primitive(self, kind: str, element: Element) -> Any:
        if element.codes:
            return self.random.choice(element.codes)
        if limits := definitions.limits(kind):
            return self.random.choice([*limits, limits[0] + 1, 7])
        return _PRIMITIVES.get(kind, Maker.word)(self)

    def word(self) -> str:
        return self.random.choice(WORDS)

    def id(self) -> str:
        return self.random.choice(
            [str(uuid.UUID(int=self.random.getrandbits(128))), "a.b-C", "x" * 64, "7",
             str(uuid.UUID(int=self.random.getrandbits(128))).upper(),
             str(uuid.UUID(int=self.random.getrandbits(128), version=4))]
        )  # fmt: skip

    def reference(self) -> str:
        type_ = self.random.choice(
            ["Patient", "Practitioner", "Organization", "Encounter", "Basic"]
        )
        return self.random.choice(
            [f"{type_}/{self.id()}"] * 4
            + [f"{type_}?identifier=urn:s|{self.word()}", f"{type_}/7/_history/2", "#p1",
               f"https://a.org/fhir/{type_}/1", "urn:uuid:c757873d-ec9a-4326-a141-556f43239520"]
        )  # fmt: skip

    def date(self) -> str:
        year = self.random.choice(["0001", "1899", "1956", "2000", "2024", "9999"])
        month, day = self.random.choice([("02", "28"), ("12", "31"), ("01", "01"), ("06", "15")])
        return self.random.choice([year, f"{year}-{month}", f"{year}-{month}-{day}"])

    def instant(self) -> str:
        day = ""
        while len(day) != 10:
            day = self.date()
        digits = self.random.choice([0, 0, 1, 2, 3, 6, 7, 9])
        fraction = "".join(self.random.choice("0123456789") for _ in range(digits))
        clock = self.random.choice(["00:00:00", "23:59:59", "12:34:56", "03:15:00", "23:59:60"])
        return f"{day}T{clock}{'.' if digits else ''}{fraction}{self.random.choice(OFFSETS)}"

    def base64(self) -> str:
        raw = self.random.randbytes(self.random.choice([1, 2, 3, 30]))
        made = base64.b64encode(raw).decode()
        return made if self.chance(0.8) else made.rstrip("=") + "\n"


_PRIMITIVES: dict[str, Callable[[Maker], Any]] = {
    "boolean": lambda m: m.chance(0.5),
    "decimal": lambda m: Token(m.random.choice(DECIMALS)),
    "date": Maker.date,
    "dateTime": lambda m: m.random.choice([m.date, m.instant])(),
    "instant": Maker.instant,
    "time": lambda m: m.random.choice(["00:00:00", "23:59:59.123456789", "12:30:00.5"]),
    "base64Binary": Maker.base64,
    "id": lambda m: "an-id.1",
    "oid": lambda m: "urn:oid:2.16.840.1",
    "uuid": lambda m: "urn:uuid:c757873d-ec9a-4326-a141-556f43239520",
    "uri": lambda m: m.random.choice(URLS),
    "url": lambda m: m.random.choice(URLS),
    "canonical": lambda m: m.random.choice(URLS) + m.random.choice(["", "|1.0"]),
    "xhtml": lambda m: '<div xmlns="http://www.w3.org/1999/xhtml">Ø <b>b</b></div>',
    "code": lambda m: m.random.choice(["a", "b c", "1.2"]),
}


@st.composite
def resources(draw: st.DrawFn, type_: str) -> dict[str, Any]:
    """A valid resource. It shrinks to one of few elements."""
    richness = draw(st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.9]))
    return Maker(draw(st.integers(0, 2**32)), richness).resource(type_)
