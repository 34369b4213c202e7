"""Values: what a column can say comes back as it was written, what it cannot is not taken."""

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wardbase.exchange.fhir import kinds
from wardbase.exchange.fhir.kinds import Ref

quick = settings(deadline=None, database=None, derandomize=True, max_examples=300)

MOMENTS = [
    "2024-02-29T08:00:00Z",
    "2024-02-29T08:00:00+00:00",
    "2024-02-29T08:00:00.000Z",
    "2024-02-29T08:00:00.120+05:45",
    "2024-02-29T23:59:59.999999-12:00",
    "2024-02-29T00:00:00+14:00",
    "1899-12-31T23:59:59.9Z",
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59.999999Z",
    "2024-02-29",
    "2024-02",
    "2024",
    "0001",
    "9999",
]

NOT_IN_COLUMNS = [
    "2024-02-29T08:00:00-00:00",
    "2024-02-29T08:00:00.1234567Z",
    "2024-02-29T08:00:00+05:50",
    "2024-06-30T23:59:60Z",
    "2024-02-29T24:00:00Z",
    "2023-02-29",
    "2024-13",
    "0000",
    "24",
    "2024-02-29T08:00Z",
    "2024-02-29T08:00:00",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-14:00",
    "２０２４",
]


@pytest.mark.parametrize("text", MOMENTS)
def test_a_moment_comes_back(text: str) -> None:
    made = kinds.moments[text]
    assert made
    back = kinds.moment_back(made.micros, made.form or None)
    assert (back.text, back.wire) == (text, made.wire)


@pytest.mark.parametrize("text", NOT_IN_COLUMNS)
def test_a_moment_that_columns_cannot_say(text: str) -> None:
    assert kinds.moments[text] is None


@quick
@given(
    st.datetimes(), st.integers(0, 6),
    st.one_of(st.none(), st.integers(-48, 56)),
)  # fmt: skip
def test_any_moment_comes_back_or_is_left(at, digits: int, quarters: int | None) -> None:
    fraction = f".{at.microsecond:06}"[: digits + 1] if digits else ""
    zone = "Z"
    if quarters is not None:
        sign = "+" if quarters >= 0 else "-"
        zone = f"{sign}{abs(quarters) // 4:02}:{abs(quarters) % 4 * 15:02}"
    text = f"{at:%Y}".rjust(4, "0") + f"-{at:%m-%dT%H:%M:%S}{fraction}{zone}"
    made = kinds.moments[text]
    if 2 <= at.year <= 9998:
        assert made
        assert kinds.moment_back(made.micros, made.form or None).text == text


def test_moments_are_in_order_whatever_their_offset() -> None:
    early, late = kinds.moments["2024-01-01T12:00:00+02:00"], kinds.moments["2024-01-01T10:00:01Z"]
    assert early and late  # noqa: PT018
    assert early.micros == late.micros - 1_000_000


@pytest.mark.parametrize("text", ["2024-02-29", "2024-02", "2024", "0001-01-01", "9999-12-31"])
def test_a_day_comes_back(text: str) -> None:
    made = kinds.days[text]
    assert made
    assert made.text == text


@pytest.mark.parametrize(
    "text", ["2023-02-29", "20240229", "2024-W01", "2024-2", "", "0000", "٢٠٢٤"]
)
def test_a_day_that_columns_cannot_say(text: str) -> None:
    assert kinds.days[text] is None


NUMBERS = ["0", "1", "-1", "1.10", "0.000", "-0.10", "10000", "9999.0001", "0.00000001",
           "123456789012345678901234567890.123456789", "100000000", "1" + "0" * 999]  # fmt: skip


@pytest.mark.parametrize("text", NUMBERS)
def test_a_decimal_as_postgresql_takes_it(text: str) -> None:
    """The binary numeric: digits to the base 10,000, weight, sign, scale."""
    made = kinds.numbers[text.encode()]
    assert made
    size, count, weight, sign, scale = struct.unpack(">ihhHH", made.wire[:12])
    digits = struct.unpack(f">{count}H", made.wire[12:])
    assert size == len(made.wire) - 4
    value = sum(digit * 10_000 ** (weight - n + 300) for n, digit in enumerate(digits))
    whole, _, fraction = text.lstrip("-").partition(".")
    assert value == int(whole + fraction) * 10 ** (1200 - len(fraction))
    assert (sign == 0x4000, scale) == (text.startswith("-"), len(fraction))
    assert not digits or (digits[0] and digits[-1])


@pytest.mark.parametrize(
    "text", ["-0", "-0.0", "1e2", "1E+2", "01", ".5", "1.", "+1", '"1"', "null", "1" * 1001, "NaN"]
)
def test_a_number_that_columns_cannot_say(text: str) -> None:
    assert kinds.numbers[text.encode()] is None


KEY = "5b1c7a52-0d7e-4a0e-9a1b-3f7d2c9e1a01"


@pytest.mark.parametrize(
    ("text", "type_", "canonical", "conditional"),
    [
        (f"Patient/{KEY}", "Patient", True, False),
        (f"Patient/{KEY.upper()}", "Patient", False, False),
        (f"Patient/{KEY}/_history/1", "Patient", False, False),
        ("Patient/7", "Patient", False, False),
        ("Ward/7", None, False, False),
        ("#p", None, False, False),
        ("https://a.org/Patient/7", None, False, False),
        ("Practitioner?identifier=s|7", "Practitioner", False, True),
        ("Practitioner?name=x", None, False, False),
        ("", None, False, False),
    ],
)
def test_where_a_reference_leads(
    text: str, type_: str | None, canonical: bool, conditional: bool
) -> None:
    ref = Ref(text)
    assert (ref.type, ref.canonical, ref.value is not None) == (type_, canonical, conditional)


def test_keys() -> None:
    assert kinds.uuid_text(kinds.key_of("Patient", KEY)) == KEY
    hashed = kinds.uuid_text(kinds.key_of("Patient", "7"))
    assert hashed[14] == "8"
    assert hashed != kinds.uuid_text(kinds.key_of("Observation", "7"))
    assert kinds.key_of("Patient", hashed) != kinds.key_of("Patient", "7"), "an id is no hash"
    assert not kinds.is_key(KEY.upper())


@pytest.mark.parametrize("text", ["SGVsbG8=", "AA=="])
def test_bytes_come_back(text: str) -> None:
    made = kinds.blob(text)
    assert made
    assert made.text == text


@pytest.mark.parametrize("text", ["SGVsbG8", "SGVs\nbG8=", "AB==", "====", "", "Ä"])
def test_bytes_written_otherwise(text: str) -> None:
    assert kinds.blob(text) is None
