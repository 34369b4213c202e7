"""Declarations only: every table and column of a tenant's database, and what each means.

`metadata` is the schema, `RESOURCES` the clinical core by FHIR type.
"""

# The order is that of `RESOURCES`: what is pointed to mostly comes before what points to it.
# isort: off
from wardbase.model import dictionary, keeping
from wardbase.model import organization, patient, encounter, condition
from wardbase.model import procedure, observation, medication, financial, document

# isort: on
from wardbase.model.table import RESOURCES, Child, Resource, metadata

__all__ = [
    "RESOURCES",
    "Child",
    "Resource",
    "condition",
    "dictionary",
    "document",
    "encounter",
    "financial",
    "keeping",
    "medication",
    "metadata",
    "observation",
    "organization",
    "patient",
    "procedure",
]
