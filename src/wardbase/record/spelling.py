"""How names are spelled: their letters without accents, and how many slips are between two."""

import unicodedata

_LETTERS = str.maketrans(
    {
        "ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th",
        "ı": "i", "'": None, "’": None, "-": None, ".": None, "`": None, "ʼ": None,
    }
)  # fmt: skip
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"})


def letters(name: str) -> str:
    """A name in small letters, without accents, hyphens and apostrophes."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    bare = "".join(c for c in plain if not unicodedata.combining(c))
    return bare.translate(_LETTERS)


def spellings(name: str) -> set[str]:
    """The ways a name's letters may be typed: Müller as muller and as mueller."""
    whole = unicodedata.normalize("NFC", name.casefold())
    return {letters(whole), letters(whole.translate(_UMLAUTS))} - {""}


def slips(a: str, b: str, most: int) -> int:
    """Letters added, left out, changed or swapped between two words; `most + 1` if more."""
    if abs(len(a) - len(b)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        older, before, row = before, row, [i]
        for j, y in enumerate(b, 1):
            least = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                least = min(least, older[j - 2] + 1)
            row.append(least)
        if min(row) > most:
            return most + 1
    return min(row[-1], most + 1)
