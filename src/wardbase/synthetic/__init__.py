"""Realistic patients from a seed: FHIR R4, no real person, the same bytes every time."""

from wardbase.synthetic.generate import generate
from wardbase.synthetic.recipe import HOSPITAL, REFERENCE_DATE, Recipe, SyntheticError
from wardbase.synthetic.writer import Written, estimate, write

__all__ = [
    "HOSPITAL",
    "REFERENCE_DATE",
    "Recipe",
    "SyntheticError",
    "Written",
    "estimate",
    "generate",
    "write",
]
