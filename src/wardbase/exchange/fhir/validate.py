"""The whole check of a resource against FHIR R4: what the structs of `shape` cannot say, too.

Checked: names, kinds of JSON value, cardinality, required codes, the text of primitives, that one
choice at most is there, that required primitives are there or their companions (`_status`), that
lists and objects are not empty and null stands only for a gap in a list of primitives, contained
resources by their own types. Not checked: invariants, other bindings, targets of references,
profiles. Of duplicate keys the last wins.

Source: R4, JSON representation (2.6.2), and the StructureDefinitions.
"""

import json
from collections.abc import Callable, Collection, Mapping
from functools import cache
from typing import Any

import msgspec

from wardbase.errors import ShapeError
from wardbase.exchange.fhir import definitions, text
from wardbase.exchange.fhir.definitions import Property
from wardbase.exchange.fhir.primitive import DecimalText, MinusZero, check_of

_exactly = msgspec.json.Decoder(float_hook=DecimalText)
_top_level = msgspec.json.Decoder(dict[str, msgspec.Raw])


class _Misfit(Exception):
    """What was expected; the steps of the path are added on the way out, innermost first."""

    def __init__(self, expected: str, *steps: str) -> None:
        self.expected = expected
        self.steps = list(steps)
        super().__init__(expected)


def validate(
    resource_type: str,
    raw: bytes | Mapping[str, msgspec.Raw],
    only: Collection[str] | None = None,
) -> None:
    """Raise ShapeError, with the path and no value, if a resource is not what R4 says.

    `raw` is the resource, or its top level. With `only`, names, choices and what is required are
    checked for the whole top level, but the values of those elements and their companions alone.
    """
    try:
        _validate(resource_type, raw, only)
    except _Misfit as misfit:
        path = resource_type + "".join(reversed(misfit.steps))
        raise ShapeError(path, misfit.expected) from None
    except RecursionError:
        raise ShapeError(resource_type, "nested too deeply") from None


def _validate(
    resource_type: str, raw: bytes | Mapping[str, msgspec.Raw], only: Collection[str] | None
) -> None:
    shape = _resource(resource_type)
    if isinstance(raw, bytes) and only is None:
        text.check_text(raw, resource_type)
        shape.check(_read(raw, resource_type))
        return
    parts = top_level(raw, resource_type) if isinstance(raw, bytes) else raw
    wanted = parts.keys() if only is None else _with_companions(only, parts)
    shape.check_names(parts)
    values = {}
    for name in wanted:
        part = bytes(parts[name])
        where = f"{resource_type}{text.step(name)}"
        text.check_text(part, where)
        values[name] = _read(part, where)
    shape.check_values(values)


def _with_companions(only: Collection[str], parts: Mapping[str, msgspec.Raw]) -> list[str]:
    names = {name.removeprefix("_") for name in only}
    return [name for name in parts if name.removeprefix("_") in names]


def top_level(raw: bytes, where: str = "Resource") -> dict[str, msgspec.Raw]:
    """The elements of a resource, each as its text. Raises ShapeError for what is no object."""
    text.check_text(raw, where)
    try:
        return _top_level.decode(raw)
    except msgspec.ValidationError:
        raise ShapeError(where, "expected an object") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise text.broken(raw, error, where) from None


def _read(raw: bytes, where: str) -> Any:
    try:
        value = _exactly.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise text.broken(raw, error, where) from None
    # msgspec reads -0 as 0; where one may be, the standard library tells them apart
    if text.MINUS_ZERO.search(raw):
        return json.loads(raw, parse_float=DecimalText, parse_int=_int)
    return value


def _int(digits: str) -> int:
    return MinusZero() if digits == "-0" else int(digits)


class _Shape:
    """The checks of one type, each made when first needed, so types may refer to each other."""

    def __init__(self, name: str, *, contained: bool = False) -> None:
        self.name = name
        self.contained = contained
        self.is_resource = name in definitions.resource_types()
        self.checks: dict[str, Callable[[Any], None]] = {}
        found = definitions.properties(name)
        # property or companion to its choice, `value[x]`
        self.choices = {
            key: (p.element.name, p.name)
            for p in found
            if p.element.choice
            for key in (p.name, p.companion)
            if key
        }
        self.required = [
            (p.name, p.companion or p.name)
            for p in found
            if p.element.required and not p.element.choice
        ]
        self.required_choices = [
            e.name for e in definitions.elements(name) if e.required and e.choice
        ]
        self.lists = [(p.name, f"_{p.name}") for p in found if p.companion and p.element.many]

    def check(self, value: Any) -> None:
        if type(value) is not dict:
            raise _Misfit("expected an object")
        self.check_names(value)
        self.check_values(value)

    def check_names(self, value: Mapping[str, Any]) -> None:
        """Names, choices and what is required, without a look at the values."""
        if not value:
            raise _Misfit("expected an object that is not empty")
        chosen: dict[str, str] = {}
        for key in value:
            if key not in self.checks:
                self._learn(key)
            if key in self.choices:
                choice, name = self.choices[key]
                if chosen.setdefault(choice, name) != name:
                    raise _Misfit(f"expected one {choice}, got {chosen[choice]} and {name}")
        for name, companion in self.required:
            if name not in value and companion not in value:
                raise _Misfit(f"{name} is missing")
        for choice in self.required_choices:
            if choice not in chosen:
                raise _Misfit(f"{choice} is missing")
        if self.is_resource and "resourceType" not in value:
            raise _Misfit("resourceType is missing")

    def check_values(self, value: dict[str, Any]) -> None:
        """The values of elements whose names are known to be right."""
        for key, inner in value.items():
            try:
                self.checks[key](inner)
            except _Misfit as misfit:
                misfit.steps.append(f".{key}")
                raise
        for name, companion in self.lists:
            if name in value:
                _check_gaps(name, value[name], value.get(companion, ()))
            elif companion in value and None in value[companion]:
                raise _Misfit("expected no null where there is no value", f".{companion}")

    def _learn(self, key: str) -> None:
        bare = key.removeprefix("_")
        found = definitions.property_named(self.name, bare)
        if key == "resourceType" and self.is_resource:
            self.checks[key] = _same_type(self.name)
        elif found is None or (key != bare and not found.companion):
            raise _Misfit(f"unknown element {text.step(key)[1:]}")
        elif self.contained and key == "contained":
            raise _Misfit("contained resources cannot contain resources")
        else:
            self.checks[key] = _check_of(found) if key == bare else _companion_of(found)


def _same_type(name: str) -> Callable[[Any], None]:
    def check(value: Any) -> None:
        if value != name:
            raise _Misfit(f"expected {name}")

    return check


def _check_of(found: Property) -> Callable[[Any], None]:
    if found.primitive:
        return _repeated(_primitive(found), gaps=True) if found.element.many else _primitive(found)
    one = (
        _any_resource(found.name == "contained")
        if found.type == "Resource"
        else _complex(found.type)
    )
    return _repeated(one, gaps=False) if found.element.many else one


def _companion_of(found: Property) -> Callable[[Any], None]:
    one = _complex("Element")
    return _repeated(one, gaps=True) if found.element.many else one


def _primitive(found: Property) -> Callable[[Any], None]:
    right = check_of(found.type, found.element.codes)

    def check(value: Any) -> None:
        if says := right(value):
            raise _Misfit(says)

    return check


def _complex(type_name: str) -> Callable[[Any], None]:
    return _type(type_name).check


def _any_resource(contained: bool) -> Callable[[Any], None]:
    def check(value: Any) -> None:
        if type(value) is not dict:
            raise _Misfit("expected an object")
        named = value.get("resourceType")
        if not isinstance(named, str) or named not in definitions.resource_types():
            raise _Misfit("expected a resource type of FHIR R4", ".resourceType")
        _resource(named, contained=contained).check(value)

    return check


def _repeated(one: Callable[[Any], None], *, gaps: bool) -> Callable[[Any], None]:
    """A list that is not empty; with gaps, null may stand where a companion has something."""

    def check(value: Any) -> None:
        if type(value) is not list or not value:
            raise _Misfit("expected a list that is not empty")
        for n, item in enumerate(value):
            if gaps and item is None:
                continue
            try:
                one(item)
            except _Misfit as misfit:
                misfit.steps.append(f"[{n}]")
                raise

    return check


def _check_gaps(name: str, values: list[Any], companions: Collection[Any]) -> None:
    """Null in one of the two lists needs something at the same place of the other.

    The standard wants both lists as long; but HAPI, so most servers, ends the companions with the
    last that has something. What is missing there counts as null.
    """
    if len(companions) > len(values):
        raise _Misfit("expected no more companions than values", f"._{name}")
    beside = list(companions) + [None] * (len(values) - len(companions))
    for n, (value, companion) in enumerate(zip(values, beside, strict=True)):
        if value is None and companion is None:
            raise _Misfit("expected a value or a companion, got null", f"[{n}]", f".{name}")


@cache
def _type(name: str) -> _Shape:
    return _Shape(name)


@cache
def _resource(name: str, *, contained: bool = False) -> _Shape:
    if name not in definitions.resource_types():
        raise _Misfit("expected a resource type of FHIR R4", ".resourceType")
    return _Shape(name, contained=contained)
