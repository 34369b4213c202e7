"""Resources as bytes: of the hospital, of a patient, of all in turn; and as bundles."""

from collections.abc import Iterator
from datetime import date

from wardbase.synthetic.fhir import Json, encode
from wardbase.synthetic.hospital import make_hospital
from wardbase.synthetic.recipe import HOSPITAL, REFERENCE_DATE, Recipe
from wardbase.synthetic.story import patient_resources

Encoded = tuple[str, bytes]


def generate(
    patients: int,
    seed: int = 1,
    country: str = "US",
    until: date = REFERENCE_DATE,
    hospital: str = HOSPITAL,
) -> Iterator[Encoded]:
    """Each resource with its type: first the hospital's, then patient by patient."""
    recipe = Recipe(patients, seed, country, until, hospital)
    yield from hospital_lines(recipe)
    for index in range(patients):
        yield from patient_lines(recipe, index)


def hospital_lines(recipe: Recipe) -> Iterator[Encoded]:
    """The organizations, locations and doctors all patients refer to."""
    return ((kind, encode(body)) for kind, body in make_hospital(recipe).resources)


def patient_lines(recipe: Recipe, index: int) -> Iterator[Encoded]:
    """The resources of one patient."""
    return ((kind, encode(body)) for kind, body in patient_resources(recipe, index))


def hospital_bundle(recipe: Recipe) -> bytes:
    """The hospital as a transaction: to be posted before the patients, who refer to it by id."""
    return _bundle(make_hospital(recipe).resources)


def patient_bundle(recipe: Recipe, index: int) -> tuple[str, list[str], bytes]:
    """The id of a patient, the type of each resource, and the transaction that holds them."""
    resources = patient_resources(recipe, index, bundled=True)
    return str(resources[0][1]["id"]), [kind for kind, _ in resources], _bundle(resources)


def _bundle(resources: list[tuple[str, Json]]) -> bytes:
    # PUT, not POST: a bundle posted twice, or after one that was cut off, has the effect of once.
    entries = [
        {
            "fullUrl": f"urn:uuid:{body['id']}",
            "resource": body,
            "request": {"method": "PUT", "url": f"{kind}/{body['id']}"},
        }
        for kind, body in resources
    ]
    return encode({"resourceType": "Bundle", "type": "transaction", "entry": entries})
