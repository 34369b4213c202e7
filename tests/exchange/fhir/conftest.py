"""Public sets of FHIR: those beside the checkout, or in the folder WARDBASE_DATA names."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


def part_of_data(name: str) -> Path:
    folder = Path(os.environ.get("WARDBASE_DATA", ROOT.parent / "shared" / "data")) / name
    if not folder.exists():
        pytest.skip(f"needs {name} in the folder that WARDBASE_DATA names")
    return folder


@pytest.fixture(scope="session")
def official_examples() -> dict[str, bytes]:
    """HL7's 475 example resources of R4, by file name."""
    folder = part_of_data("fhir-examples/r4-4.0.1")
    return {path.name: path.read_bytes() for path in sorted(folder.glob("*.json"))}


@pytest.fixture(scope="session")
def synthea_bundles() -> dict[str, bytes]:
    """A few small transaction bundles of Synthea, by file name."""
    folder = part_of_data("fhir-synthea/smoke")
    return {path.name: path.read_bytes() for path in sorted(folder.glob("*.json"))}


@pytest.fixture(scope="session")
def core_package() -> Path:
    """HL7's package of the R4 definitions."""
    return part_of_data("fhir-definitions/hl7.fhir.r4.core-4.0.1.zip")
