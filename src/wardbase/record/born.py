"""Birth dates as people type them: 1980-05-03, 3.5.1980, 5/3/1980, 3 May 1980, 05/1980, 1980."""

import calendar
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan januar jän janvier", "february feb februar février",
            "march mar märz mär mrz mars", "april apr avril", "may mai", "june jun juni juin",
            "july jul juli juillet", "august aug août",
            "september sep sept septembre", "october oct oktober okt octobre",
            "november nov novembre", "december dec dezember dez décembre",
        ),
        1,
    )
    for name in names.split()
}  # fmt: skip
_MONTH_FIRST = frozenset({"US"})


@dataclass(frozen=True)
class Born:
    """A day, or all days of a month or a year."""

    first: date
    last: date


def born(text: str, country: str) -> tuple[Born | None, str]:
    """The birth date in a text, if there is one, and the text without it."""
    for pattern, read in _FORMS:
        for found in re.finditer(pattern, text, re.IGNORECASE):
            span = _span(read(found, country))
            if span is not None:
                return span, f"{text[: found.start()]} {text[found.end() :]}".strip()
    return None, text


Parts = tuple[int, int | None, int | None] | None


def _span(parts: Parts) -> Born | None:
    """All days of a year, a month or a day; None if there is no such day, or nobody so old."""
    if parts is None or not 1860 <= parts[0] <= date.today().year:
        return None
    year, month, day = parts
    try:
        first = date(year, month or 1, day or 1)
    except ValueError:
        return None
    if day is not None:
        return Born(first, first)
    last_month = month or 12
    return Born(first, date(year, last_month, calendar.monthrange(year, last_month)[1]))


def _in_order(found: re.Match[str], country: str) -> Parts:
    """Two numbers and a year: month first in some countries, unless it can be no month."""
    first, second, year = int(found[1]), int(found[2]), int(found[3])
    month_first = country in _MONTH_FIRST and "." not in found[0]
    month, day = (first, second) if month_first else (second, first)
    return (year, day, month) if month > 12 >= day else (year, month, day)


def _worded(day: str | None, word: str, year: str) -> Parts:
    month = _MONTHS.get(word.casefold().rstrip("."))
    return (int(year), month, int(day) if day else None) if month else None


Reader = Callable[[re.Match[str], str], Parts]
_FORMS: tuple[tuple[str, Reader], ...] = (
    (r"(?<![\w./-])(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?![\w-])",
     lambda m, c: (int(m[1]), int(m[2]), int(m[3]))),
    (r"(?<![\w./-])(\d{1,2})[-/. ]{1,2}(\d{1,2})[-/. ]{1,2}(\d{4})(?![\w-])", _in_order),
    (r"(?<![\w./-])(\d{1,2})(?:st|nd|rd|th|\.)? ?([^\W\d_]{3,9})\.?,? ?(\d{4})(?![\w-])",
     lambda m, c: _worded(m[1], m[2], m[3])),
    (r"(?<![\w./-])([^\W\d_]{3,9})\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})(?![\w-])",
     lambda m, c: _worded(m[2], m[1], m[3])),
    (r"(?<![\w./-])([^\W\d_]{3,9}) (\d{4})(?![\w-])", lambda m, c: _worded(None, m[1], m[2])),
    (r"(?<![\w./-])(\d{4})(\d\d)(\d\d)(?![\w-])", lambda m, c: (int(m[1]), int(m[2]), int(m[3]))),
    (r"(?<![\w./-])(\d{4})-(\d\d)(?![\w-])", lambda m, c: (int(m[1]), int(m[2]), None)),
    (r"(?<![\w./-])(\d\d?)[/.](\d{4})(?![\w-])", lambda m, c: (int(m[2]), int(m[1]), None)),
    (r"(?<![\w./-])(\d{4})(?![\w-])", lambda m, c: (int(m[1]), None, None)),
)  # fmt: skip
