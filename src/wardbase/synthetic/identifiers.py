"""Numbers that people, practitioners and hospitals are known by, with valid check digits.

Where a country has numbers that nobody is given (US 999-, GB 999 ..., DE X..., FR communes above
900, provider identifiers that begin with 2) they are used, so that none is a real person's.
"""

from collections.abc import Callable
from datetime import date

from wardbase.synthetic.chance import Chance

Scheme = Callable[[Chance, str, date], str]

_VERHOEFF_TURN = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)


def luhn(number: str) -> int:
    """The Luhn check digit."""
    total = 0
    for position, digit in enumerate(reversed(number)):
        value = int(digit) * (2 if position % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return -total % 10


def npi(nine: str) -> int:
    """The check digit of a US national provider identifier: Luhn, with the prefix 80840."""
    return luhn("80840" + nine)


def nhs(nine: str) -> int:
    """The check digit of an NHS number, or 10 where there is none and the number is not used."""
    return -sum(int(d) * (10 - i) for i, d in enumerate(nine)) % 11


def kvnr(stem: str) -> int:
    """The check digit of a German health insurance number: letter and eight digits."""
    digits = f"{ord(stem[0]) - 64:02d}{stem[1:]}"
    products = (int(d) * (1 + i % 2) for i, d in enumerate(digits))
    return sum(p // 10 + p % 10 for p in products) % 10


def lanr(six: str) -> int:
    """The check digit of a German physician number."""
    return -sum(int(d) * (4, 9)[i % 2] for i, d in enumerate(six)) % 10


def iknr(stem: str) -> int:
    """The check digit of a German institution number, over its third to eighth digit."""
    products = (int(d) * (2, 1)[i % 2] for i, d in enumerate(stem[2:8]))
    return sum(p // 10 + p % 10 for p in products) % 10


def nir(thirteen: str) -> int:
    """The key of a French social security number."""
    return 97 - int(thirteen) % 97


def verhoeff(number: str) -> int:
    """The Verhoeff check digit, which India's health numbers carry."""
    check = 0
    for position, digit in enumerate(reversed(number), start=1):
        turned = int(digit)
        for _ in range(position % 8):
            turned = _VERHOEFF_TURN[turned]
        check = _dihedral(check, turned)
    return next(d for d in range(10) if _dihedral(check, d) == 0)


def _dihedral(a: int, b: int) -> int:
    """The product in the symmetry group of the pentagon: rotations 0 to 4, reflections 5 to 9."""
    if a < 5:
        return (a + b) % 5 + b // 5 * 5
    return (a - b) % 5 + (5 if b < 5 else 0)


def _nhs_number(chance: Chance, sex: str, born: date) -> str:
    while True:
        nine = "999" + chance.digits(6)
        if (check := nhs(nine)) < 10:
            return f"{nine}{check}"


def _kvnr_number(chance: Chance, sex: str, born: date) -> str:
    stem = f"X{chance.digits(8)}"
    return f"{stem}{kvnr(stem)}"


def _lanr_number(chance: Chance, sex: str, born: date) -> str:
    six = chance.digits(6)
    return f"{six}{lanr(six)}{chance.pick(('01', '03', '05', '10', '23', '34'))}"


def _iknr_number(chance: Chance, sex: str, born: date) -> str:
    stem = "26" + chance.digits(6)
    return f"{stem}{iknr(stem)}"


def _nir_number(chance: Chance, sex: str, born: date) -> str:
    department = chance.pick(("13", "31", "33", "35", "38", "59", "67", "69", "75", "92", "93"))
    first = 1 if sex == "male" else 2
    stem = f"{first}{born:%y%m}{department}9{chance.digits(2)}{chance.digits(3)}"
    return f"{stem}{nir(stem):02d}"


def _abha_number(chance: Chance, sex: str, born: date) -> str:
    stem = "91" + chance.digits(11)
    n = f"{stem}{verhoeff(stem)}"
    return f"{n[:2]}-{n[2:6]}-{n[6:10]}-{n[10:]}"


def _npi_number(chance: Chance, sex: str, born: date) -> str:
    nine = "2" + chance.digits(8)
    return f"{nine}{npi(nine)}"


def _luhn_number(prefix: str, free: int) -> Scheme:
    def number(chance: Chance, sex: str, born: date) -> str:
        stem = prefix + chance.digits(free)
        return f"{stem}{luhn(stem)}"

    return number


def _plain(pattern: str) -> Scheme:
    return lambda chance, sex, born: chance.fill(pattern)


SCHEMES: dict[str, Scheme] = {
    "ssn": _plain("999-##-####"),
    "npi": _npi_number,
    "nhs": _nhs_number,
    "gmc": _plain("7######"),
    "ods": _plain("R@#"),
    "kvnr": _kvnr_number,
    "lanr": _lanr_number,
    "iknr": _iknr_number,
    "nir": _nir_number,
    "rpps": _luhn_number("10", 8),
    "finess": _luhn_number("750", 5),
    "abha": _abha_number,
    "hpr": _plain("71-####-####-####"),
    "hfr": _plain("IN27########"),
}


def mrn(patient: int, seed: int) -> str:
    """The hospital's own number of a patient: unique within a hospital, ends in a Luhn digit.

    7,919 shares no factor with ten million, so no two of the first ten million patients collide.
    """
    stem = f"{(patient * 7919 + seed * 104729 + 1_234_567) % 10_000_000:07d}"
    return f"{stem}{luhn(stem)}"
