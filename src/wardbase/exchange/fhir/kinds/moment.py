"""Dates and moments: the value to ask by, and the form it was written in."""

import re
from datetime import date

from wardbase.exchange.fhir.kinds.wire import NULL, Memo, int_of_2, int_of_4, int_of_8

_MOMENT = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?(Z|[+-]\d\d:\d\d))?)?)?"
)
_EPOCH = date(2000, 1, 1).toordinal()
_SECOND = 1_000_000
_DAY = 86_400 * _SECOND
_QUARTER = 15 * 60 * _SECOND
_FIRST, _LAST = (1 - _EPOCH) * _DAY, (date.max.toordinal() + 1 - _EPOCH) * _DAY
"""In UTC: what is earlier or later PostgreSQL can keep, but few who read it could take it."""
BY_DAY, BY_MONTH, BY_YEAR = 1000, 1001, 1002


class Moment:
    """A dateTime or instant (FHIR R4 2.24.0.1): microseconds since 2000 UTC, and its form.

    The form is 128 times the digits of the fraction, plus 0 for `Z` or 57 plus the offset in
    quarter hours; 1000, 1001 and 1002 say that only the day, month or year was given.
    """

    __slots__ = ("form", "micros", "text", "wire")

    def __init__(self, micros: int, form: int) -> None:
        self.micros = micros
        self.form = form
        self.text = _moment_text(micros, form)
        self.wire = int_of_8(8, micros) + (int_of_2(2, form) if form else NULL)


def _moment_text(micros: int, form: int) -> str:
    zone = form % 128 if form < BY_DAY else 0
    local = micros + (zone - 57) * _QUARTER if zone else micros
    days, rest = divmod(local, _DAY)
    day = date.fromordinal(days + _EPOCH).isoformat()
    if form >= BY_DAY:
        return day[: {BY_DAY: 10, BY_MONTH: 7, BY_YEAR: 4}[form]]
    seconds, fraction = divmod(rest, _SECOND)
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    clock = f"{day}T{hour:02}:{minute:02}:{second:02}"
    if digits := form // 128:
        clock += f".{fraction:06}"[: digits + 1]
    if not zone:
        return clock + "Z"
    sign, quarters = ("-", 57 - zone) if zone < 57 else ("+", zone - 57)
    return f"{clock}{sign}{quarters // 4:02}:{quarters % 4 * 15:02}"


def _moment(text: str) -> Moment | None:
    found = _MOMENT.fullmatch(text)
    if found is None:
        return None
    year, month, day, hour, minute, second, fraction, zone = found.groups()
    try:
        days = date(int(year), int(month or 1), int(day or 1)).toordinal() - _EPOCH
        micros, form = days * _DAY, BY_DAY if day else BY_MONTH if month else BY_YEAR
        if hour is not None:
            micros += (int(hour) * 3600 + int(minute) * 60 + int(second)) * _SECOND
            micros += int(fraction.ljust(6, "0")) if fraction else 0
            form = 128 * len(fraction or "")
            if zone != "Z":
                offset = int(zone[1:3]) * 4 + int(zone[4:6]) / 15
                quarters = int(offset) if zone[0] == "+" else -int(offset)
                micros -= quarters * _QUARTER
                form += 57 + quarters
        if not _FIRST <= micros < _LAST:
            return None
        made = Moment(micros, form)
    except (ValueError, OverflowError):
        return None
    return made if made.text == text else None


moments: Memo[str, Moment | None] = Memo(_moment)


def _instant(text: str) -> Moment | None:
    made = moments[text]
    return made if made and made.form < BY_DAY else None


instants: Memo[str, Moment | None] = Memo(_instant)


def moment_back(micros: int | None, form: int | None) -> Moment | None:
    """The moment of a stored row."""
    return None if micros is None else Moment(micros, form or 0)


class Day:
    """A date (FHIR R4 2.24.0.1): days since 2000, and 1 or 2 if only month or year are known."""

    __slots__ = ("text", "wire")

    def __init__(self, days: int, form: int) -> None:
        whole = date.fromordinal(days + _EPOCH).isoformat()
        self.text = whole[: (10, 7, 4)[form]]
        self.wire = int_of_4(4, days) + (int_of_2(2, form) if form else NULL)


def _day(text: str) -> Day | None:
    form = {10: 0, 7: 1, 4: 2}.get(len(text), 0)
    try:
        days = date.fromisoformat(text + ("", "-01", "-01-01")[form]).toordinal() - _EPOCH
    except ValueError:
        return None
    made = Day(days, form)
    return made if made.text == text else None


days: Memo[str, Day | None] = Memo(_day)


def day_back(since: int | None, form: int | None) -> Day | None:
    """The date of a stored row."""
    return None if since is None else Day(since, form or 0)
