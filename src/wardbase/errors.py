"""The one tree of wardbase's own errors: each says what happened, where, and what to do next.

A message names files, lines, elements, columns and counts; never a value of a row.
"""

from typing import ClassVar


class WardbaseError(Exception):
    """Any error wardbase raises on purpose.

    A subclass gives its sentence in `says`, with `{names}` that the keywords of the call fill,
    and the exit code the command line ends with.
    """

    says: ClassVar[str] = "{what}"
    exit_code: ClassVar[int] = 1

    def __init__(self, **facts: object) -> None:
        self.facts = facts
        super().__init__(self.says.format(**facts))


class ServerError(WardbaseError):
    """The database server cannot be used."""

    exit_code = 10


class TenantError(WardbaseError):
    """A tenant cannot be used as asked."""

    exit_code = 11


class MigrationError(WardbaseError):
    """A schema change did not go through."""

    exit_code = 12


class AccessError(WardbaseError):
    """The caller may not do what was asked."""

    exit_code = 13


class ModelError(WardbaseError):
    """A declaration in `model` is wrong: a fault in wardbase itself."""

    exit_code = 14


class LoadError(WardbaseError):
    """A file cannot be loaded."""

    exit_code = 20


class ShapeError(WardbaseError):
    """A resource does not have the shape FHIR R4 gives its type."""

    says = "{path}: {expected}"
    exit_code = 21

    def __init__(self, path: str, expected: str) -> None:
        self.path = path
        self.expected = expected
        super().__init__(path=path, expected=expected)
