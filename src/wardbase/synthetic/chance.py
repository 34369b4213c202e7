"""The random stream of one patient (or one hospital): independent of all others."""

from collections.abc import Sequence
from datetime import date, timedelta
from random import Random
from typing import TypeVar

T = TypeVar("T")

_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ"


class Chance:
    """Draws from one stream, which its key alone decides.

    Only `random`, `getrandbits` and `gauss` of the standard generator are used: their sequences
    are the same in every Python version.
    """

    def __init__(self, key: str) -> None:
        stream = Random(key)
        self.random = stream.random
        self._bits = stream.getrandbits
        self._gauss = stream.gauss

    def happens(self, probability: float) -> bool:
        """True with this probability."""
        return self.random() < probability

    def between(self, low: int, high: int) -> int:
        """A whole number from low to high, both included."""
        return low + int(self.random() * (high - low + 1))

    def uniform(self, low: float, high: float) -> float:
        """A number from low to high."""
        return low + self.random() * (high - low)

    def normal(self, mean: float, deviation: float) -> float:
        """A number near the mean."""
        return self._gauss(mean, deviation)

    def pick(self, choices: Sequence[T]) -> T:
        """One of the choices, each as likely."""
        return choices[int(self.random() * len(choices))]

    def ranked(self, choices: Sequence[T]) -> T:
        """One of the choices, the first ones likelier, as with family names."""
        draw = self.random()
        return choices[int(draw * draw**0.5 * len(choices))]

    def weighted(self, choices: Sequence[T], weights: Sequence[float]) -> T:
        """One of the choices, as likely as its weight."""
        draw = self.random() * sum(weights)
        for choice, weight in zip(choices, weights, strict=True):
            draw -= weight
            if draw < 0:
                return choice
        return choices[-1]

    def day(self, first: date, last: date) -> date:
        """A day from first to last, both included."""
        return first + timedelta(days=self.between(0, max(0, (last - first).days)))

    def digits(self, count: int) -> str:
        """A string of decimal digits."""
        return f"{int(self.random() * 10**count):0{count}d}"

    def fill(self, pattern: str) -> str:
        """The pattern with each # a digit and each @ a letter."""
        return "".join(
            self.digits(1) if c == "#" else self.pick(_ALPHABET) if c == "@" else c for c in pattern
        )

    def uuid(self) -> str:
        """A version 4 UUID from this stream."""
        h = f"{self._bits(128):032x}"
        return f"{h[:8]}-{h[8:12]}-4{h[13:16]}-{'89ab'[int(h[16], 16) & 3]}{h[17:20]}-{h[20:]}"
