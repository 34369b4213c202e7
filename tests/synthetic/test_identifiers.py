"""Check digits agree with examples that the authorities publish, and with what is generated."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from wardbase.synthetic import identifiers
from wardbase.synthetic.chance import Chance

PUBLISHED = [
    (identifiers.luhn, "7992739871", 3),
    (identifiers.npi, "123456789", 3),
    (identifiers.nhs, "943476591", 9),
    (identifiers.kvnr, "A12345678", 0),
    (identifiers.nir, "2550814168025", 38),
    (identifiers.verhoeff, "236", 3),
    (identifiers.iknr, "26032682", 2),
]


@pytest.mark.parametrize(("check", "stem", "digit"), PUBLISHED)
def test_a_published_example(check: Callable[[str], int], stem: str, digit: int) -> None:
    assert check(stem) == digit


@pytest.mark.parametrize("wrong", ["1234567890", "1234567894"])
def test_a_wrong_digit_is_not_the_check_digit(wrong: str) -> None:
    assert identifiers.npi(wrong[:9]) != int(wrong[9])


def made(scheme: str) -> list[str]:
    chance = Chance(scheme)
    numbers = identifiers.SCHEMES[scheme]
    return [numbers(chance, "female", date(1961, 7, 3)) for _ in range(300)]


def test_every_nhs_number_is_of_the_test_range_and_checks() -> None:
    for number in made("nhs"):
        assert len(number) == 10
        assert number.startswith("999")
        assert identifiers.nhs(number[:9]) == int(number[9])


def test_every_kvnr_checks() -> None:
    assert all(identifiers.kvnr(n[:9]) == int(n[9]) for n in made("kvnr"))


def test_every_nir_tells_sex_and_birth_and_checks() -> None:
    for number in made("nir"):
        assert number.startswith("26107")
        assert identifiers.nir(number[:13]) == int(number[13:])


def test_every_abha_number_checks() -> None:
    for number in made("abha"):
        digits = number.replace("-", "")
        assert len(digits) == 14
        assert identifiers.verhoeff(digits[:13]) == int(digits[13])


def test_every_npi_checks() -> None:
    assert all(identifiers.npi(n[:9]) == int(n[9]) for n in made("npi"))


def test_medical_record_numbers_are_unique() -> None:
    assert len({identifiers.mrn(n, seed=3) for n in range(50_000)}) == 50_000


def test_people_carry_such_numbers(people: Any) -> None:
    for patient in people.of("Patient"):
        own = patient["identifier"][0]["value"]
        assert identifiers.luhn(own[:-1]) == int(own[-1])
