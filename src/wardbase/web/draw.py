"""Small pictures in SVG, drawn here so that pages need no script: courses, plots, a timeline."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from markupsafe import Markup, escape

from wardbase.web.words import number

Row = dict[str, Any]
_LANES = (("Inpatient", ("IMP", "ACUTE", "NONAC", "OBSENC", "SS")), ("Emergency", ("EMER",)))
_YEAR = 365.25 * 86_400


def spark(row: Row, width: int = 110, height: int = 26) -> Markup:
    """The course of a result as a line, the usual range behind it, the last value a dot."""
    values, times = row.get("recent_values") or [], row.get("recent_times") or []
    if len(values) < 2:
        return Markup("")
    low, high = _float(row.get("low")), _float(row.get("high"))
    scale = _Scale(times, values, (4, width - 5), (height - 4, 4), ())
    points = [scale.at(t, v) for t, v in zip(times, values, strict=True)]
    band = scale.band(low, high, 0, width)
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    x, y = points[0]
    label = f"{len(values)} values from {min(values):g} to {max(values):g}"
    return Markup(
        f'<svg class="spark" width="{width}" height="{height}" role="img" aria-label="{label}">'
        f'{band}<polyline points="{line}"/><circle cx="{x:.1f}" cy="{y:.1f}" r="2.6"/></svg>'
    )


def plot(rows: Sequence[Row], width: int = 860, height: int = 300) -> Markup:
    """The course of one result: axes, the usual range, a dot for each value."""
    dated = [r for r in rows if r["value"] is not None and r["seconds"] is not None]
    if not dated:
        return Markup("")
    low, high = _float(dated[0].get("low")), _float(dated[0].get("high"))
    values, times = [float(r["value"]) for r in dated], [r["seconds"] for r in dated]
    scale = _Scale(times, values, (66, width - 26), (height - 32, 14), (low, high))
    parts = [scale.band(low, high, 56, width - 16)]
    for tick in _ticks(scale.bottom, scale.top):
        y = scale.at(times[0], tick)[1]
        parts.append(f'<line class="grid" x1="56" x2="{width - 16}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(f'<text x="48" y="{y + 4:.1f}" text-anchor="end">{tick:g}</text>')
    for seconds, label in _dates(min(times), max(times)):
        x = scale.at(seconds, values[0])[0]
        parts.append(f'<text x="{x:.1f}" y="{height - 8}" text-anchor="middle">{label}</text>')
    points = [scale.at(t, v) for t, v in zip(times, values, strict=True)]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    parts.append(f'<polyline points="{line}"/>')
    for (x, y), row in zip(points, dated, strict=True):
        title = escape(f"{row['effective_at'][:10]}: {number(row['value'])} {row['unit'] or ''}")
        parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5"><title>{title}</title></circle>')
    return Markup(
        f'<svg class="plot" viewBox="0 0 {width} {height}" role="img" aria-label="Course of '
        f'{len(dated)} values; the table below has them all.">{"".join(parts)}</svg>'
    )


def timeline(rows: Sequence[Row], width: int = 1100) -> Markup:
    """Encounters in time: a lane each for stays, emergencies and other visits."""
    dated = [
        (s, e, r) for r in rows if (s := _when(r["started_at"])) for e in [_when(r["ended_at"])]
    ]
    if not dated:
        return Markup("")
    first = min(start for start, _, _ in dated)
    last = max(end or start for start, end, _ in dated)
    first, last = first - (last - first) * 0.01 - 86_400, last + (last - first) * 0.01 + 86_400
    left, right, lane_height = 92, width - 12, 24

    def x(seconds: float) -> float:
        return left + (seconds - first) / (last - first) * (right - left)

    lanes: dict[str, list[str]] = {"Inpatient": [], "Emergency": [], "Ambulatory": [], "Other": []}
    for start, end, row in dated:
        lanes[_lane(row["class"])].append(_mark(x(start), x(end or start), row))
    lanes = {name: marks for name, marks in lanes.items() if marks}
    height = len(lanes) * lane_height + 26
    parts = []
    for seconds, label in _dates(first, last):
        parts.append(
            f'<line class="grid" x1="{x(seconds):.1f}" x2="{x(seconds):.1f}" y1="0" '
            f'y2="{height - 20}"/><text x="{x(seconds):.1f}" y="{height - 6}" '
            f'text-anchor="middle">{label}</text>'
        )
    for i, (name, marks) in enumerate(lanes.items()):
        middle = i * lane_height + lane_height / 2 + 2
        parts.append(
            f'<g class="{name.lower()}" transform="translate(0 {middle:g})">'
            f'<text x="0" y="4">{name}</text>'
            f'<line class="lane" x1="{left}" x2="{right}"/>{"".join(marks)}</g>'
        )
    return Markup(
        f'<svg class="timeline" viewBox="0 0 {width} {height}" role="img" aria-label="Timeline of '
        f'{len(dated)} encounters; the table below has them all.">{"".join(parts)}</svg>'
    )


def _mark(start: float, end: float, row: Row) -> str:
    title = f"<title>{escape(row['started_at'][:10])}: {escape(row['encounter'] or '')}</title>"
    wide = max(end - start, 0)
    if wide < 7:
        return f'<circle cx="{start + wide / 2:.1f}" r="4">{title}</circle>'
    return f'<rect x="{start:.1f}" y="-4" width="{wide:.1f}" height="8" rx="4">{title}</rect>'


def _lane(code: str | None) -> str:
    for name, codes in _LANES:
        if code in codes:
            return name
    return "Ambulatory" if code in ("AMB", "HH", "VR", "FLD", None) else "Other"


def _when(written: str | None) -> float | None:
    """Seconds since 1970 of a moment as written."""
    if not written:
        return None
    text = f"{written}-01-01"[:10] if len(written) < 10 else written
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()


def _float(value: Any) -> float | None:
    return None if value is None else float(value)


class _Scale:
    """From time and value to places in a picture."""

    def __init__(
        self,
        times: Sequence[float],
        values: Sequence[float],
        x: tuple[float, float],
        y: tuple[float, float],
        also: Sequence[float | None],
    ) -> None:
        shown = [*values, *(v for v in also if v is not None)]
        self.bottom, self.top = min(shown), max(shown)
        margin = (self.top - self.bottom) * 0.08 or abs(self.top) * 0.1 or 1
        self.bottom, self.top = self.bottom - margin, self.top + margin
        self.first, self.last = min(times), max(times)
        self.x, self.y = x, y

    def at(self, time: float, value: float) -> tuple[float, float]:
        share = (time - self.first) / (self.last - self.first) if self.last > self.first else 0.5
        height = (value - self.bottom) / (self.top - self.bottom)
        return (
            self.x[0] + share * (self.x[1] - self.x[0]),
            self.y[0] + height * (self.y[1] - self.y[0]),
        )

    def band(self, low: float | None, high: float | None, left: float, right: float) -> str:
        """The usual range, as far as it is in the picture."""
        if low is None and high is None:
            return ""
        upper = self.top if high is None else min(high, self.top)
        lower = self.bottom if low is None else max(low, self.bottom)
        if upper <= lower:
            return ""
        y, y_low = self.at(self.first, upper)[1], self.at(self.first, lower)[1]
        return (
            f'<rect class="usual" x="{left}" y="{y:.1f}" width="{right - left}" '
            f'height="{y_low - y:.1f}"/>'
        )


def _ticks(low: float, high: float) -> list[float]:
    """Round numbers between two, four to eight of them."""
    raw = (high - low) / 5
    power = 10.0 ** int(f"{raw:e}".split("e")[1])
    step = next(s * power for s in (1, 2, 5, 10) if s * power >= raw)
    first = int(low / step) - 1
    return [round(i * step, 10) for i in range(first, first + 12) if low <= i * step <= high]


def _dates(first: float, last: float) -> list[tuple[float, str]]:
    """Where to write years, or months where it is less than three years."""
    begin = datetime.fromtimestamp(0, UTC) + timedelta(seconds=first)
    end = datetime.fromtimestamp(0, UTC) + timedelta(seconds=last)
    years = (last - first) / _YEAR
    if years >= 3:
        step = next(s for s in (1, 2, 5, 10, 20, 50) if years / s <= 11)
        days = [date(y, 1, 1) for y in range(begin.year, end.year + 1) if y % step == 0]
        named = [(day, f"{day.year}") for day in days]
    else:
        step = next((s for s in (1, 2, 3, 6) if years * 12 / s <= 11), 6)
        months = [
            date(y, m, 1) for y in range(begin.year, end.year + 1) for m in range(1, 13, step)
        ]
        named = [(day, f"{day:%b %Y}") for day in months]
    seconds = [(datetime(d.year, d.month, d.day, tzinfo=UTC).timestamp(), t) for d, t in named]
    return [(s, label) for s, label in seconds if first <= s <= last]
