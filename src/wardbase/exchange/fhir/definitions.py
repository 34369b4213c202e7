"""The elements of every FHIR R4 type: names, types, cardinalities and required codes, in order.

Read from `r4.json.gz`, which `tools/compact_definitions.py` makes from HL7's package
`hl7.fhir.r4.core` 4.0.1; see there for how a line is written.

A *type* is called as FHIR calls it: `Patient`, `HumanName`, and a backbone element by its path,
`Patient.contact`. An *element* is a line of the definition (`deceased[x]`); a *property* is what
may stand in JSON (`deceasedBoolean`, `deceasedDateTime`).
"""

import gzip
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import msgspec


class _Primitive(msgspec.Struct, frozen=True):
    regex: str | None = None
    lowest: int | None = msgspec.field(name="minValueInteger", default=None)
    highest: int | None = msgspec.field(name="maxValueInteger", default=None)


class _File(msgspec.Struct, frozen=True):
    primitives: dict[str, _Primitive]
    types: dict[str, list[str]]
    resources: dict[str, list[str]]
    codes: dict[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Element:
    """One element of a type: `deceased[x]` of `Patient`, with all its types."""

    name: str
    types: tuple[str, ...]
    required: bool
    many: bool
    # the codes of a required binding, where the package can list them
    codes: tuple[str, ...] | None
    # an attribute in XML, or xhtml: has no companion `_name` in JSON
    bare: bool

    @property
    def choice(self) -> bool:
        """Whether one of several properties stands for it, as `valueQuantity` for `value[x]`."""
        return self.name.endswith("[x]")


@dataclass(frozen=True, slots=True)
class Property:
    """One name that may stand in the JSON of a type, and what its value is."""

    name: str
    type: str
    element: Element

    @property
    def primitive(self) -> bool:
        """Whether the value is a JSON string, number or boolean."""
        return is_primitive(self.type)

    @property
    def companion(self) -> str | None:
        """The name that carries the id and extensions of a primitive: `_birthDate`."""
        return None if self.element.bare or not self.primitive else f"_{self.name}"


@cache
def _file() -> _File:
    packed = files(__package__).joinpath("r4.json.gz").read_bytes()
    return msgspec.json.decode(gzip.decompress(packed), type=_File)


@cache
def resource_types() -> frozenset[str]:
    """The names of the 146 concrete resource types."""
    return frozenset(name for name in _file().resources if "." not in name)


@cache
def primitive_types() -> frozenset[str]:
    """The names of the primitive types, `xhtml` among them."""
    return frozenset(_file().primitives)


def is_primitive(type_name: str) -> bool:
    """Whether values of the type are a JSON string, number or boolean."""
    return type_name in primitive_types()


def regex(primitive: str) -> str | None:
    """The regular expression R4 gives a primitive type (datatypes, 2.24.0.1)."""
    return _file().primitives[primitive].regex


def limits(primitive: str) -> tuple[int, int] | None:
    """The lowest and highest integer of a type; None for types that are no integers."""
    if primitive not in ("integer", "positiveInt", "unsignedInt"):
        return None
    integer = _file().primitives["integer"]
    assert integer.lowest is not None
    assert integer.highest is not None
    lowest = {"integer": integer.lowest, "positiveInt": 1, "unsignedInt": 0}[primitive]
    return lowest, integer.highest


@cache
def elements(type_name: str) -> tuple[Element, ...]:
    """The elements of a type, in the order of its definition; KeyError if there is no such type."""
    file = _file()
    lines = file.resources.get(type_name) or file.types[type_name]
    return tuple(_element(line, file) for line in lines)


def _element(line: str, file: _File) -> Element:
    name, least, most, types, *value_set = line.split(" ")
    return Element(
        name=name,
        types=tuple(types.replace("!", "").split("|")),
        required=least != "0",
        many=most == "*",
        codes=file.codes[value_set[0]] if value_set else None,
        bare="!" in types,
    )


@cache
def properties(type_name: str) -> tuple[Property, ...]:
    """What may stand in the JSON of a type, choices spelt out, companions not counted."""
    return tuple(
        Property(_spelt(element, kind), kind, element)
        for element in elements(type_name)
        for kind in element.types
    )


def _spelt(element: Element, kind: str) -> str:
    if not element.choice:
        return element.name
    return element.name.removesuffix("[x]") + kind[0].upper() + kind[1:]


@cache
def property_named(type_name: str, name: str) -> Property | None:
    """The property of that name, or None."""
    return next((p for p in properties(type_name) if p.name == name), None)
