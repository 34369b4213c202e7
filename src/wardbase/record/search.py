"""Finding patients by name, birth date or identifier, forgiving of typos and accents.

Names are forgiven in Python: every distinct name of a tenant is kept in memory by its letters
without accents and by its groups of three, so that what was typed becomes the few names it may have
meant; the database then finds the patients of these by an index.
"""

import re
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from difflib import SequenceMatcher
from typing import Any
from uuid import UUID

from psycopg import Connection

from wardbase.exchange.fhir.kinds import is_key
from wardbase.record import view
from wardbase.record.born import Born, born
from wardbase.record.spelling import letters, slips, spellings

MOST = 50
_STALE = 300.0
_MOST_WORDS = 40
_DIGITS = "0123456789"
Row = view.Row


@dataclass(frozen=True)
class Query:
    """What was typed, taken apart."""

    words: tuple[str, ...]
    identifiers: tuple[str, ...]
    born: Born | None
    is_name: bool = True

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to search for."""
        return not (self.words or self.identifiers or self.born)


@dataclass(frozen=True)
class Found:
    """Patients found, and whether there are more."""

    rows: list[Row]
    more: bool
    sql: str


def understand(typed: str, country: str) -> Query:
    """Take what was typed apart; a country says how its dates are written."""
    text = " ".join(typed.split())[:200]
    when, rest = born(text, country)
    tokens = [token.strip(",;") for token in rest.split() if token.strip(",;")]
    # A name can have digits only at its end, as Synthea's have.
    words = tuple(t.casefold() for t in tokens if re.match(r"[^\W\d_]", t))[:6]
    numbers = {t for t in tokens if re.search(r"\d", t)}
    if numbers and len(tokens) > 1:
        numbers.add(" ".join(tokens))
    return Query(words, tuple(sorted(numbers)), when, len(words) == len(tokens))


def search(connection: Connection[Any], tenant: str, typed: str, country: str) -> Found:
    """The patients that may be meant, the best matches first."""
    asked = understand(typed, country)
    keys: list[UUID] = []
    shown = ""
    if asked.identifiers:
        keys, shown = _by_identifier(connection, asked)
    if not keys and asked.words and asked.is_name:
        keys, shown = _by_name(connection, tenant, asked)
    if not keys and asked.born and not asked.words and not asked.identifiers:
        keys, shown = _by_birth(connection, asked.born)
    return Found(cards(connection, keys[:MOST]), len(keys) > MOST, shown)


def recent(connection: Connection[Any], most: int = 12) -> list[Row]:
    """The patients last written."""
    found = view.run(connection, "search", "recent", most=most)
    return cards(connection, [row["patient_id"] for row in found.rows])


def cards(connection: Connection[Any], keys: Sequence[UUID]) -> list[Row]:
    """What a list shows of patients, in the order given."""
    rows = view.run(connection, "search", "cards", keys=list(keys)).rows if keys else []
    for row in rows:
        row["name"] = view.listed_name(row)
        row["age"] = view.age(row["birth_on"], row["deceased_at"])
    return rows


def likely_same(
    connection: Connection[Any], names: Sequence[str], birth: date, identifiers: Sequence[str]
) -> list[Row]:
    """Patients who may be the one about to be registered: by identifier, or birth date and name."""
    values = {"values": list(identifiers), "keys": [], "most": MOST}
    found = view.run(connection, "search", "identifiers", **values).rows if identifiers else []
    same_number = {row["patient_id"] for row in found}
    same_day = view.run(connection, "search", "born", born_from=birth, born_to=birth, most=500).rows
    rows = cards(connection, [*same_number, *(r["patient_id"] for r in same_day)][:500])
    return [
        row | {"why": "same identifier" if row["patient_id"] in same_number else "same birth date"}
        for row in {row["patient_id"]: row for row in rows}.values()
        if row["patient_id"] in same_number or _alike(names, row)
    ]


def _alike(names: Sequence[str], row: Row) -> bool:
    """Whether two names may be one person's: by any two words that nearly agree."""
    mine = [letters(word).rstrip(_DIGITS) for name in names for word in name.split()]
    theirs = [
        letters(word).rstrip(_DIGITS)
        for name in (row["family"], *(row["given"] or ()), row["text"])
        for word in (name or "").split()
    ]
    return any(SequenceMatcher(None, a, b).ratio() >= 0.75 for a in mine for b in theirs)


def _by_identifier(connection: Connection[Any], asked: Query) -> tuple[list[UUID], str]:
    values = [form for each in asked.identifiers for form in {each, each.upper(), each.lower()}]
    keys = [UUID(each) for each in asked.identifiers if is_key(each.lower())]
    found = view.run(connection, "search", "identifiers", values=values, keys=keys, most=MOST + 1)
    return [row["patient_id"] for row in found.rows], found.sql


def _by_birth(connection: Connection[Any], when: Born) -> tuple[list[UUID], str]:
    found = view.run(
        connection, "search", "born", born_from=when.first, born_to=when.last, most=MOST + 1
    )
    return [row["patient_id"] for row in found.rows], found.sql


def _by_name(connection: Connection[Any], tenant: str, asked: Query) -> tuple[list[UUID], str]:
    known = vocabulary(connection, tenant)
    hits = [(i, *hit) for i, word in enumerate(asked.words, 1) for hit in known.near(word)]
    values: dict[str, Any] = {
        "tokens": [hit[0] for hit in hits],
        "words": [hit[1] for hit in hits],
        "family": [hit[2] for hit in hits],
        "scores": [hit[3] for hit in hits],
        "prefixes": list(asked.words),
        "token_count": len(asked.words),
        "born_from": asked.born and asked.born.first,
        "born_to": asked.born and asked.born.last,
        "most": MOST + 1,
    }
    # Names are mostly asked for with the family's, which has an index.
    several = len(asked.words) > 1
    found = view.run(connection, "search", "names", anywhere=not several, **values)
    if not found.rows and several:
        found = view.run(connection, "search", "names", anywhere=True, **values)
    return [row["patient_id"] for row in found.rows], found.sql


@dataclass
class Vocabulary:
    """The distinct names of one tenant, by their letters and by their groups of three."""

    read_at: float
    names: dict[str, list[tuple[str, bool]]] = field(default_factory=lambda: defaultdict(list))
    groups: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def add(self, words: Iterable[tuple[str, bool]]) -> None:
        """Take names in, each under every way its letters may be typed."""
        for word, is_family in words:
            for plain in spellings(word):
                if plain not in self.names:
                    for group in _threes(plain):
                        self.groups[group].append(plain)
                if (word, is_family) not in self.names[plain]:
                    self.names[plain].append((word, is_family))

    def near(self, typed: str) -> list[tuple[str, bool, float]]:
        """Names that may be meant: as stored, whether a family's, and how near, the best first."""
        scored: dict[str, float] = {}
        for plain in spellings(typed):
            shared = Counter(
                name for group in _threes(plain) for name in self.groups.get(group, ())
            )
            for name, _ in shared.most_common(400):
                scored[name] = max(scored.get(name, 0.0), _nearness(plain, name))
        best = sorted((name for name in scored if scored[name]), key=lambda name: -scored[name])
        return [
            (word, is_family, scored[name])
            for name in best[:_MOST_WORDS]
            for word, is_family in self.names[name]
        ]


def _threes(plain: str) -> set[str]:
    padded = f"  {plain} "
    return {padded[i : i + 3] for i in range(len(padded) - 2)}


def _nearness(typed: str, name: str) -> float:
    """1 for the same, less for a beginning, less for each slip; 0 for too many slips."""
    if typed == name:
        return 1.0
    if name.startswith(typed):
        return 0.9 + 0.05 * len(typed) / len(name)
    allowed = 0 if len(typed) < 4 else 1 if len(typed) < 6 else 2
    for stem, worth in ((name, 0.8), (name.rstrip(_DIGITS), 0.8), (name[: len(typed)], 0.6)):
        made = slips(typed, stem, allowed)
        if made <= allowed:
            return worth - 0.15 * made
    return 0.0


_known: dict[str, Vocabulary] = {}
_lock = threading.Lock()


def vocabulary(connection: Connection[Any], tenant: str) -> Vocabulary:
    """The names of a tenant, read anew from time to time; newer families are found by prefix."""
    known = _known.get(tenant)
    if known is not None and time.monotonic() - known.read_at < _STALE:
        return known
    # One reads them anew; the others go on with what is known, if anything is.
    if not _lock.acquire(blocking=known is None):
        return known or _known[tenant]
    try:
        fresh = Vocabulary(time.monotonic())
        rows = view.run(connection, "search", "words").rows
        fresh.add((row["word"], row["is_family"]) for row in rows)
        _known[tenant] = fresh
    finally:
        _lock.release()
    return fresh


def learn(tenant: str, family: str, given: Sequence[str]) -> None:
    """Note the names of a patient just registered."""
    with _lock:
        if tenant in _known:
            words = [(family.lower()[:100], True), *((g.lower()[:100], False) for g in given)]
            _known[tenant].add(words)


def forget(tenant: str) -> None:
    """Read the names anew at the next search."""
    _known.pop(tenant, None)
