"""FHIR R4 types as msgspec structs: to decode a resource is to check its shape.

`struct("Patient")` is the class of a Patient, `struct("Patient.contact")` that of its backbone
element, `struct("HumanName")` that of a data type. Fields are named as in JSON, except for
Python's keywords (`class_`); a primitive's companion keeps its name (`_birthDate`). What is absent
is `UNSET`; null is refused, but for the gaps in lists of primitives.

Checked: names, kinds of JSON value, cardinality, required codes, the limits of integers, the
`resourceType`. Not checked here, but in `validate`: regular expressions, that one choice at most is
there, that a required primitive is there (its companion may stand for it), contained resources.

Decimals and contained resources are `msgspec.Raw`, so a decimal keeps its text (R4 datatypes,
2.24.0.1: precision is significant). Of duplicate keys the last wins.
"""

import keyword
import re
import sys
from collections.abc import Iterator
from functools import cache
from types import ModuleType
from typing import Annotated, Any, Literal, TypeVar

import msgspec
from msgspec import UNSET, Meta, Raw, UnsetType

from wardbase.errors import ShapeError
from wardbase.exchange.fhir import definitions, text, validate
from wardbase.exchange.fhir.definitions import Property

T = TypeVar("T")
Some = Annotated[list[T], Meta(min_length=1)]

# msgspec looks names in annotations up in the module of a class. This one holds all classes made,
# so that types may refer to each other (Reference.identifier, Identifier.assigner).
_home = ModuleType(f"{__name__}.structs", "The structs made so far, by Python name.")
_home.__dict__.update(Some=Some, UnsetType=UnsetType)
sys.modules[_home.__name__] = _home


def python_name(json_name: str) -> str:
    """The attribute that holds a JSON property: the same name, or `class_` for a keyword."""
    return f"{json_name}_" if keyword.iskeyword(json_name) else json_name


@cache
def struct(name: str) -> type[msgspec.Struct]:
    """The class of a FHIR type, made with all it refers to; KeyError if there is no such type."""
    wanted = [name]
    while wanted:
        kind = wanted.pop()
        if _class_name(kind) not in vars(_home):
            setattr(_home, _class_name(kind), _made(kind))
            wanted += _referred(kind)
    made: type[msgspec.Struct] = getattr(_home, _class_name(name))
    return made


def _class_name(name: str) -> str:
    return name.replace(".", "_")


def _referred(name: str) -> Iterator[str]:
    for found in definitions.properties(name):
        if found.companion:
            yield "Element"
        elif found.type != "Resource" and not found.primitive:
            yield found.type


def _made(name: str) -> type[msgspec.Struct]:
    is_resource = name in definitions.resource_types()
    return msgspec.defstruct(
        _class_name(name),
        list(_fields(name)),
        module=_home.__name__,
        tag_field="resourceType" if is_resource else None,
        tag=name if is_resource else None,
        rename={python_name(p.name): p.name for p in definitions.properties(name)},
        kw_only=True,
        forbid_unknown_fields=True,
        omit_defaults=True,
        gc=False,  # what is decoded has no cycles
    )


def _fields(name: str) -> Iterator[tuple[str, Any] | tuple[str, Any, Any]]:
    for found in definitions.properties(name):
        attribute = python_name(found.name)
        if in_struct_required(found):
            yield attribute, _annotation(found)
        else:
            yield attribute, _optional(_annotation(found)), UNSET
        if found.companion:
            companion = "Some[Element | None]" if found.element.many else "Element"
            yield found.companion, _optional(companion), UNSET


def in_struct_required(found: Property) -> bool:
    """Whether decoding insists on a property: no choice, and nothing can stand in for it."""
    return found.element.required and not found.element.choice and not found.companion


def _optional(annotation: Any) -> Any:
    if isinstance(annotation, str):
        return f"{annotation} | UnsetType"
    return annotation | UnsetType


def _annotation(found: Property) -> Any:
    if found.type == "Resource":
        return Some[Raw] if found.element.many else Raw
    if found.primitive:
        kind = _primitive(found)
        return Some[kind | None] if found.element.many else kind  # type: ignore[valid-type]
    name = _class_name(found.type)
    return f"Some[{name}]" if found.element.many else name


def _primitive(found: Property) -> Any:
    if found.element.codes:
        return Literal[found.element.codes]
    if limits := definitions.limits(found.type):
        return Annotated[int, Meta(ge=limits[0], le=limits[1])]
    return {"boolean": bool, "decimal": Raw}.get(found.type, str)


@cache
def required_primitives(name: str) -> tuple[str, ...]:
    """The primitives a type must have, though its companion (`_status`) may stand for one."""
    return tuple(
        p.name
        for p in definitions.properties(name)
        if p.element.required and p.companion and not p.element.choice
    )


@cache
def decoder(resource_type: str) -> msgspec.json.Decoder[Any]:
    """The decoder of a resource type, as it is: its errors are msgspec's and may hold values."""
    return msgspec.json.Decoder(struct(resource_type))


class _Top(msgspec.Struct):
    resourceType: str | UnsetType = UNSET  # noqa: N815


_FIRST = re.compile(rb'\s*\{\s*"resourceType"\s*:\s*"(\w+)"')
_top = msgspec.json.Decoder(_Top)


def resource_type_of(raw: bytes) -> str:
    """The type of a resource as its top level says; ShapeError if it says none, or none of R4."""
    first = _FIRST.match(raw)
    named = first[1].decode() if first else _top_level_type(raw)
    if named not in definitions.resource_types():
        raise ShapeError("Resource.resourceType", "expected a resource type of FHIR R4")
    return named


def _top_level_type(raw: bytes) -> str:
    try:
        named = _top.decode(raw).resourceType
    except msgspec.ValidationError:
        raise ShapeError("Resource", "expected an object with a resourceType") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise text.broken(raw, error, "Resource") from None
    if named is UNSET:
        raise ShapeError("Resource", "resourceType is missing")
    return str(named)


def decode(raw: bytes, resource_type: str) -> Any:
    """A resource as its struct. Raises ShapeError: the path, what was expected, never a value."""
    text.check_text(raw, resource_type)
    try:
        decoded = decoder(resource_type).decode(raw)
    except msgspec.ValidationError as error:
        raise _misfit(resource_type, str(error)) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise text.broken(raw, error, resource_type) from None
    # an integer -0 has been read as 0, and would come back as such
    if text.MINUS_ZERO.search(raw):
        validate.validate(resource_type, raw)
    return decoded


_PATH = re.compile(r" - at `\$((?:\.\w+|\[\d+\])+)`$")
_GOT = re.compile(r"Expected `([a-z| ]+)`(?:, got `([a-z]+)`)?$")
_BOUND = re.compile(r"Expected `(int|array)`(?: of length)? (>=|<=) (-?\d+)$")
_FIELD = re.compile(r"Object (contains unknown|missing required) field `(\w{1,64})`$")

_WORDS = {
    "str": "a string",
    "int": "an integer",
    "float": "a number",
    "bool": "true or false",
    "object": "an object",
    "array": "a list",
    "null": "null",
    "str | null": "a string",
    "int | null": "an integer",
    "bool | null": "true or false",
    "object | null": "an object",
}


def _misfit(resource_type: str, says: str) -> ShapeError:
    """What msgspec says of a shape, as a path in FHIR's way and words without any value."""
    found = _PATH.search(says)
    steps = found[1] if found else ""
    path = resource_type + steps
    says = says[: found.start()] if found else says
    if steps.endswith(".resourceType") and not says.startswith("Object"):
        return ShapeError(path, f"expected {resource_type}")
    if says.startswith("Invalid enum value"):
        return ShapeError(path, text.one_of(codes_at(resource_type, steps)))
    return ShapeError(path, _words(says))


def _words(says: str) -> str:
    if got := _GOT.match(says):
        instead = f", got {_WORDS[got[2]]}" if got[2] in _WORDS else ""
        return f"expected {_WORDS.get(got[1], 'another kind of value')}{instead}"
    if bound := _BOUND.match(says):
        if bound[1] == "array":
            return "expected a list that is not empty"
        return f"expected an integer {bound[2]} {bound[3]}"
    if named := _FIELD.match(says):
        unknown = named[1].startswith("contains")
        return f"unknown element {named[2]}" if unknown else f"{named[2]} is missing"
    if says.startswith("Object contains unknown field"):
        return "unknown element"
    return "expected another kind of value"


def codes_at(resource_type: str, steps: str) -> tuple[str, ...]:
    """The codes of the element at a path such as `.contact[0].gender`; none if it is not coded."""
    kind = resource_type
    codes: tuple[str, ...] = ()
    for step in re.findall(r"\.(\w+)", steps):
        found = definitions.property_named(kind, step)
        if found is None:
            return ()
        kind, codes = found.type, found.element.codes or ()
    return codes
