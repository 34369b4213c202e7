"""What decides every byte of the output: the recipe of one synthetic hospital."""

from dataclasses import dataclass
from datetime import date

from wardbase.errors import WardbaseError

# The last day of the records unless another is asked for. A constant, so that the same command
# gives the same bytes next year.
REFERENCE_DATE = date(2026, 6, 30)

FIRST_END, LAST_END = date(1990, 1, 1), date(2099, 12, 31)

HOSPITAL = "Riverside General Hospital"


class SyntheticError(WardbaseError):
    """Synthetic patients cannot be made as asked."""

    exit_code = 22


class UnknownCountry(SyntheticError):
    """There are no names, addresses and identifiers for this country."""

    says = "no country {country}: choose one of {known}"


class OutOfRange(SyntheticError):
    """Records cannot end on this day: time zones and medicine were too different."""

    says = "records can end from {first} to {last}, not on {until}"


class NotEmpty(SyntheticError):
    """The output would mix with files of an earlier run."""

    says = (
        "{directory} already holds {files} .ndjson or .json files.\n"
        "Choose another directory, or pass --overwrite to delete them first."
    )


class CannotWrite(SyntheticError):
    """The disk or its rights do not let us write."""

    says = "cannot write {file}: {reason}"


class UnknownFormat(SyntheticError):
    """The files cannot be written in this format."""

    says = "no format {format}: choose one of {known}"


@dataclass(frozen=True)
class Recipe:
    """One hospital's worth of patients. Equal recipes give equal bytes."""

    patients: int
    seed: int = 1
    country: str = "US"
    until: date = REFERENCE_DATE
    hospital: str = HOSPITAL

    def __post_init__(self) -> None:
        if not FIRST_END <= self.until <= LAST_END:
            raise OutOfRange(first=FIRST_END, last=LAST_END, until=self.until)

    @property
    def key(self) -> str:
        """What the random streams hang on; `until` is left out, so that people stay the same
        people when the records are made to end on another day."""
        return f"{self.seed}/{self.country}/{self.hospital}"
