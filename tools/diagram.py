"""The entity diagram, drawn as lines of a railway: one line for each table that others lead to.

A row of the drawing is a table with its children. A line begins at its table's own row, with a
square; it stops, with a dot, at each table that has a foreign key to it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from textwrap import wrap
from xml.sax.saxutils import escape

from wardbase.model import RESOURCES, Resource
from wardbase.model.dictionary import concept, concept_coding, meta, reference
from wardbase.model.keeping import attachment, audit, resource, rest, version
from wardbase.record.describe import one

HUBS = ("organization", "location", "practitioner", "patient", "encounter")
"""What nearly all lead to: their lines are on the left."""
ANYWHERE = "provenance"
"""It leads to every table, so its stops would say nothing."""
SAME_LINE = {"practitioner_role": "practitioner"}
"""A reference to staff leads to either: one line for both."""
TITLES = {
    "organization": "Who gives care, and where",
    "patient": "The patient",
    "encounter": "Visits and stays",
    "condition": "Problems, goals and plans",
    "procedure": "Acts and things",
    "observation": "Orders, samples and findings",
    "medication": "Medicines",
    "financial": "Coverage and claims",
    "document": "Documents and origin",
}
PANELS = (
    ("Said once, pointed to by all", (concept, concept_coding, reference, meta)),
    ("What keeps everything whole", (rest, resource, version, attachment, audit)),
)
COLOURS = ("#0f766e", "#b45309", "#4f46e5", "#be123c", "#1d7fbf", "#7c3aed", "#4d7c0f", "#c026a0")

LEFT, LANE, GAP = 24, 22, 14
BOX, BOX_WIDTH, LETTERS = LEFT + LANE * len(HUBS) + GAP, 420, 72
RIGHT = BOX + BOX_WIDTH + GAP + 8
TOP, LINE, PADDING, BETWEEN, HEADING = 104, 14, 8, 7, 30

STYLE = """
  svg { --page: #ffffff; --box: #f6f7f9; --edge: #d5d9e0; --ink: #1b2430; --soft: #5b6675 }
  @media (prefers-color-scheme: dark) {
    svg { --page: #12161c; --box: #1c222b; --edge: #39424f; --ink: #e8ecf1; --soft: #9aa6b5 }
    .line { filter: brightness(1.45) }
  }
  .page { fill: var(--page) } .box { fill: var(--box); stroke: var(--edge) }
  .hair { stroke: var(--edge) } .hollow { fill: var(--page); stroke-width: 2 }
  text { font: 11px ui-sans-serif, system-ui, "Segoe UI", Arial, sans-serif; fill: var(--soft) }
  .name { font-size: 13.5px; font-weight: 600; fill: var(--ink) }
  .title { font-size: 20px; font-weight: 650; fill: var(--ink) }
  .subject { font-size: 12.5px; font-weight: 600; fill: var(--ink) }
"""


@dataclass
class Row:
    """One table and where it is drawn."""

    made: Resource
    top: int
    words: list[str]
    direct: set[str] = field(default_factory=set)
    by_child: set[str] = field(default_factory=set)

    @property
    def name(self) -> str:
        """The table's name."""
        return self.made.table.name

    @property
    def height(self) -> int:
        """Of the box."""
        return 2 * PADDING + LINE * (1 + len(self.words)) - 2

    @property
    def middle(self) -> int:
        """Where lines stop."""
        return self.top + self.height // 2


@dataclass(frozen=True)
class Track:
    """The line of one table: where it runs, and who stops at it."""

    target: str
    x: int
    colour: str
    first: int
    last: int


def targets(made: Resource, *, children: bool) -> set[str]:
    """The tables that a table, or its children, have foreign keys to."""
    roots = {each.table.name for each in RESOURCES.values()}
    tables = [part.table for part in made.everything()]
    keys = {
        key.column.table.name
        for table in (tables[1:] if children else tables[:1])
        for column in table.c
        if not (children and column.primary_key)
        for key in column.foreign_keys
    }
    return {SAME_LINE.get(name, name) for name in keys & roots} - {made.table.name}


def rows() -> tuple[list[Row], list[tuple[str, int]], int]:
    """All rows, the headings with their places, and where the drawing has come to."""
    placed, headings, y, subject = [], [], TOP, ""
    for made in RESOURCES.values():
        if (now := one(made.table.name).subject) != subject:
            subject, y = now, y + HEADING
            headings.append((TITLES[subject], y - 8))
        row = Row(made, y, wrap(", ".join(_children(made)), LETTERS))
        if row.name != ANYWHERE:
            row.direct = targets(made, children=False)
            row.by_child = targets(made, children=True) - row.direct
        placed.append(row)
        y += row.height + BETWEEN
    return placed, headings, y


def _children(made: Resource) -> list[str]:
    names = [part.table.name for part in made.everything()][1:]
    return [name.removeprefix(f"{made.table.name}_") for name in names]


def tracks(placed: list[Row]) -> list[Track]:
    """The lines: hubs on the left, the others on the right, as near to the boxes as there is room.

    A lane may be used again where the line before has ended.
    """
    made, free, used = [], [0] * len(placed), [0] * len(placed)
    for row in placed:
        stops = [r.middle for r in placed if row.name in r.direct | r.by_child]
        if not stops:
            continue
        first, last = min([row.middle, *stops]), max([row.middle, *stops])
        if row.name in HUBS:
            lane = colour = HUBS.index(row.name)
            x = LEFT + LANE * lane
        else:
            lane = next(lane for lane, until in enumerate(free) if until < first)
            colour = len(HUBS) + lane + 3 * used[lane]
            free[lane] = last
            used[lane] += 1
            x = RIGHT + LANE * lane
        made.append(Track(row.name, x, COLOURS[colour % len(COLOURS)], first, last))
    return made


def svg() -> str:
    """The whole drawing."""
    placed, headings, y = rows()
    lines = tracks(placed)
    width = max(line.x for line in lines) + LEFT
    parts = [
        *_heading(width),
        *(f'<text class="subject" x="{BOX}" y="{at}">{title}</text>' for title, at in headings),
        *(part for row in placed for part in _hairs(row, lines)),
        *(_track(line) for line in lines),
        *(part for row in placed for part in _box(row)),
        *(part for row in placed for part in _stops(row, lines)),
    ]
    panels, height = _panels(y + HEADING, width)
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img"'
            ' aria-labelledby="title about">',
            "<!-- Written from wardbase.model by tools/diagram.py (make docs). -->",
            '<title id="title">The tables of wardbase</title>',
            '<desc id="about">Each table of the clinical core with its children, and the tables'
            " it has foreign keys to.</desc>",
            f"<style>{STYLE}</style>",
            f'<rect class="page" width="{width}" height="{height}" rx="10"/>',
            *parts,
            *panels,
            "</svg>\n",
        ]
    )


def _heading(width: int) -> Iterator[str]:
    count = sum(1 for made in RESOURCES.values() for _ in made.everything())
    about = f"{len(RESOURCES)} types of FHIR R4 in {count} tables; its children below"
    yield f'<text class="title" x="{LEFT}" y="38">The tables of wardbase</text>'
    yield f'<text x="{LEFT}" y="58">{about}.</text>'
    legend = (
        (0, '<rect x="-5" y="-5" width="10" height="10" rx="2" fill="{c}"/>', "a line begins here"),
        (150, '<circle r="5" fill="{c}"/>', "this table has a foreign key to where it begins"),
        (440, '<circle class="hollow" r="4.5" stroke="{c}"/>', "one of its children has"),
    )
    for x, mark, words in legend:
        drawn = mark.format(c=COLOURS[0])
        yield f'<g transform="translate({LEFT + x + 6} 78)"><g class="line">{drawn}</g>'
        yield f'<text x="12" y="4">{words}</text></g>'


def _track(line: Track) -> str:
    return (
        f'<path class="line" d="M{line.x} {line.first}V{line.last}" stroke="{line.colour}"'
        ' stroke-width="3" stroke-linecap="round" opacity=".8"/>'
    )


def _at(row: Row, lines: list[Track]) -> list[Track]:
    here = row.direct | row.by_child | {row.name}
    return [line for line in lines if line.target in here]


def _hairs(row: Row, lines: list[Track]) -> Iterator[str]:
    """From the box out to the farthest line that stops here."""
    xs = [line.x for line in _at(row, lines)] + [BOX]
    yield f'<path class="hair" d="M{min(xs)} {row.middle}H{max(*xs, BOX)}"/>'


def _box(row: Row) -> Iterator[str]:
    yield (
        f'<rect class="box" x="{BOX}" y="{row.top}" width="{BOX_WIDTH}" height="{row.height}"'
        ' rx="6"/>'
    )
    y = row.top + PADDING + 10
    yield f'<text class="name" x="{BOX + 12}" y="{y}">{row.name}'
    yield f"<title>{escape(row.made.table.comment or '')}</title></text>"
    for number, words in enumerate(row.words, 1):
        yield f'<text x="{BOX + 12}" y="{y + LINE * number}">{words}</text>'
    if row.name == ANYWHERE:
        yield f'<text x="{RIGHT}" y="{row.middle + 4}">to any of the others</text>'


def _stops(row: Row, lines: list[Track]) -> Iterator[str]:
    for line in _at(row, lines):
        x, y, colour = line.x, row.middle, line.colour
        says = f"<title>{row.name} to {line.target}</title>"
        if line.target == row.name:
            mark = f'<rect x="{x - 7}" y="{y - 7}" width="14" height="14" rx="3" fill="{colour}">'
            yield f'<g class="line">{mark}<title>{row.name}</title></rect></g>'
        elif line.target in row.direct:
            yield f'<circle class="line" cx="{x}" cy="{y}" r="5" fill="{colour}">{says}</circle>'
        else:
            yield (
                f'<circle class="line hollow" cx="{x}" cy="{y}" r="4.5" stroke="{colour}">'
                f"{says}</circle>"
            )


def _panels(y: int, width: int) -> tuple[list[str], int]:
    parts, bottom, each = [], y, (width - 2 * LEFT - GAP) // len(PANELS)
    for number, (title, tables) in enumerate(PANELS):
        x, at = LEFT + number * (each + GAP), y + LINE
        parts.append(f'<text class="subject" x="{x}" y="{y - 8}">{title}</text>')
        for table in tables:
            at += PADDING
            parts.append(f'<text class="name" x="{x}" y="{at}">{table.name}</text>')
            for words in wrap((table.comment or "").removeprefix("One row per "), LETTERS - 12):
                at += LINE
                parts.append(f'<text x="{x}" y="{at}">{escape(words)}</text>')
            at += LINE
        bottom = max(bottom, at)
    return parts, bottom + LEFT - LINE
