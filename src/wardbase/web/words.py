"""Values as words on a page."""

import re
from decimal import Decimal
from typing import Any

_LOW, _HIGH = frozenset({"L", "LL", "LU", "<"}), frozenset({"H", "HH", "HU", ">"})
_KINDS = {
    "vital-signs": "Vital signs",
    "laboratory": "Laboratory",
    "survey": "Questionnaires",
    "social-history": "Social history",
    "procedure": "Procedures",
    "imaging": "Imaging",
    "exam": "Examination",
}


def day(written: str | None) -> str:
    """The day of a moment, as exactly as it was written."""
    return (written or "")[:10]


def moment(written: str | None) -> str:
    """Day and time by the sender's clock."""
    text = written or ""
    return f"{text[:10]} {text[11:16]}" if len(text) > 10 else text


def number(value: Any) -> str:
    """A number as it was sent, unless a machine sent more digits than anyone measured."""
    if isinstance(value, Decimal):
        text = f"{value:f}"
        if "." in text and len(text.replace(".", "").lstrip("-0")) > 5:
            whole = len(text.split(".")[0].lstrip("-"))
            return f"{value:.{max(0, min(2, 5 - whole))}f}"
        return text
    return "" if value is None else str(value)


def amount(value: Any) -> str:
    """An amount of money, to the cent."""
    return "" if value is None else f"{value:,.2f}"


def plain(text: str | None) -> str:
    """A term without SNOMED's remark on its kind: `Asthma (disorder)` as `Asthma`."""
    return re.sub(
        r" \((disorder|finding|procedure|situation|substance|organism|product|event|regime/therapy"
        r"|observable entity|morphologic abnormality|record artifact|person)\)",
        "",
        text or "",
    )


def heading(category: str | None) -> str:
    """The heading for a category of results."""
    return _KINDS.get(category or "", (category or "Other results").replace("-", " ").capitalize())


def flag(row: dict[str, Any]) -> str:
    """high, low or abnormal: what the laboratory said, else by the range it sent; else nothing."""
    said = row.get("interpretation")
    if said in _LOW or said in _HIGH:
        return "low" if said in _LOW else "high"
    if said in ("A", "AA", "POS"):
        return "abnormal"
    value, low, high = row.get("value"), row.get("low"), row.get("high")
    if said is not None or value is None:
        return ""
    if low is not None and value < low:
        return "low"
    return "high" if high is not None and value > high else ""


def range_of(row: dict[str, Any]) -> str:
    """The range a result is judged by, as printed."""
    low, high = row.get("low"), row.get("high")
    if low is not None and high is not None:
        return f"{number(low)}–{number(high)}"
    if high is not None:
        return f"≤ {number(high)}"
    if low is not None:
        return f"≥ {number(low)}"
    return row.get("range_text") or ""
