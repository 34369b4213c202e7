"""Forms: fields declared once, read from what was typed, said again with every error beside it."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from starlette.datastructures import FormData

from wardbase.record.born import born

Values = dict[str, str]
Errors = dict[str, str]
_LONGEST = 4000
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


@dataclass(frozen=True)
class Field:
    """One input. `kind` is text, code, date, moment, number, choice or note."""

    name: str
    label: str
    kind: str = "text"
    hint: str = ""
    choices: Sequence[tuple[str, str]] = ()
    required: bool = False
    unit: str = ""
    least: str = ""
    most: str = ""
    wide: bool = False
    codes: str = ""
    initial: str = ""


@dataclass(frozen=True)
class Form:
    """The fields of one thing to record, and rules that concern several of them."""

    title: str
    fields: tuple[Field, ...]
    rules: tuple[Callable[[Values], Iterator[tuple[str, str]]], ...] = field(default=())

    def initial(self) -> Values:
        """What an empty form shows."""
        return {each.name: each.initial for each in self.fields}

    def typed(self, data: FormData) -> Values:
        """What was typed, without spaces around it and characters no keyboard has."""
        sent = {each.name: str(data.get(each.name) or "") for each in self.fields}
        return {
            name: _CONTROL.sub("", value.replace("\r\n", "\n")).strip()
            for name, value in sent.items()
        }

    def errors(self, values: Values, country: str) -> Errors:
        """What is wrong, by field: the first thing of each."""
        found: Errors = {}
        for each in self.fields:
            wrong = _wrong(each, values[each.name], country)
            if wrong:
                found[each.name] = wrong
        if not found:
            for rule in self.rules:
                for name, wrong in rule(values):
                    found.setdefault(name, wrong)
        return found

    def shown(self, name: str, value: str) -> str:
        """A value in the words of its field."""
        each = next(each for each in self.fields if each.name == name)
        return dict(each.choices).get(value, value)


def _wrong(each: Field, value: str, country: str) -> str:
    if not value:
        return f"{each.label} is needed." if each.required else ""
    if len(value) > _LONGEST:
        return f"At most {_LONGEST:,} characters; it has {len(value):,}."
    check = _CHECKS.get(each.kind)
    return check(each, value, country) if check else ""


def _wrong_choice(each: Field, value: str, _: str) -> str:
    return "" if value in dict(each.choices) else "Choose one of the list."


def _wrong_date(_: Field, value: str, country: str) -> str:
    day = fhir_date(value, country)
    if day is None:
        return "Not a date. Write 1998, 1998-03 or 1998-03-14."
    return "This is in the future." if day > date.today().isoformat()[: len(day)] else ""


def _wrong_moment(_: Field, value: str, __: str) -> str:
    at = _moment(value)
    if at is None:
        return "Not a date and time. Write 2024-03-14 09:30."
    return "This is in the future." if at > datetime.now() else ""


def _wrong_number(each: Field, value: str, _: str) -> str:
    number = decimal(value)
    if number is None:
        return "Not a number."
    if not Decimal(each.least) <= number <= Decimal(each.most):
        return f"From {each.least} to {each.most} {each.unit}."
    return ""


_CHECKS: Mapping[str, Callable[[Field, str, str], str]] = {
    "choice": _wrong_choice,
    "date": _wrong_date,
    "moment": _wrong_moment,
    "number": _wrong_number,
}


def fhir_date(value: str, country: str) -> str | None:
    """A date as FHIR writes it, as exactly as it was typed: 1998, 1998-03 or 1998-03-14."""
    if re.fullmatch(r"\d{4}-\d\d-\d\dT.*", value):
        value = value[:10]
    span, rest = born(value, country)
    if span is None or rest:
        return None
    whole = span.first.isoformat()
    if span.first == span.last:
        return whole
    return whole[:7] if span.first.month == span.last.month else whole[:4]


def decimal(value: str) -> Decimal | None:
    """A number as typed, with a point or a comma."""
    try:
        number = Decimal(value.replace(",", "."))
    except InvalidOperation:
        return None
    return number if number.is_finite() and len(value) < 20 and "e" not in value.lower() else None


def _moment(value: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        return None
    return at if at.tzinfo is None and at.year > 1900 else None


def fhir_moment(value: str) -> str:
    """A moment with the offset of this machine's clock."""
    at = _moment(value) or datetime.now()
    return at.astimezone().isoformat(timespec="seconds")


def now(exactly: str = "minutes") -> str:
    """This minute, as an input for date and time shows it; or this second."""
    return datetime.now().isoformat(timespec=exactly)
