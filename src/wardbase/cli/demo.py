"""`wardbase demo`: two hospitals of synthetic patients, in the browser."""

import shutil
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from wardbase.cli.serve import HOST, Port, run

app = typer.Typer(help="Two hospitals of synthetic patients, in the browser.")


@dataclass(frozen=True)
class Hospital:
    """One of the demo's hospitals: a tenant, and the recipe of its patients."""

    tenant: str
    name: str
    country: str
    seed: int


HOSPITALS = (
    Hospital("riverside", "Riverside General Hospital", "US", 1),
    Hospital("lindenhof", "Klinikum Lindenhof", "DE", 2),
)


@app.command()
def demo(
    patients: Annotated[int, typer.Option(min=1, help="Patients of each hospital.")] = 150,
    port: Port = 8080,
    serve: Annotated[
        bool, typer.Option(help="Serve the pages after; --no-serve only makes the hospitals.")
    ] = True,
) -> None:
    """Make two hospitals with synthetic patients, if they are not there yet, and serve them."""
    for hospital in HOSPITALS:
        _prepare(hospital, patients)
    if serve:
        typer.echo(_where(port))
        run(port)


def _prepare(hospital: Hospital, patients: int) -> None:
    """Make the tenant and load its patients, unless they are there."""
    from wardbase.store import tenant as tenants

    started = time.monotonic()
    known = {each.name: each for each in tenants.every()}
    if hospital.tenant not in known:
        tenants.create(hospital.tenant, country=hospital.country, display_name=hospital.name)
    elif known[hospital.tenant].state != "active" or _is_whole(hospital, patients):
        return
    loaded = _load(hospital, patients)
    took = time.monotonic() - started
    typer.echo(f"{hospital.name}: {patients:,} patients, {loaded:,} resources, {took:.1f} s")


def _is_whole(hospital: Hospital, patients: int) -> bool:
    """Whether all patients are there, and no load was cut short before its keys were checked."""
    from wardbase.access.session import LOCAL_ADMINISTRATOR, session
    from wardbase.record import bulk

    with session(hospital.tenant, LOCAL_ADMINISTRATOR, "demo") as opened:
        row = opened.connection.execute("SELECT count(*) FROM patient").fetchone()
        return bool(row and row[0] >= patients) and not any(bulk.missing(opened.connection))


def _load(hospital: Hospital, patients: int) -> int:
    """Write the patients to files, load those, and remove the files."""
    from wardbase.access.session import LOCAL_ADMINISTRATOR
    from wardbase.record.load import load
    from wardbase.synthetic import Recipe, write

    folder = Path(tempfile.mkdtemp(prefix="wardbase-demo-"))
    try:
        recipe = Recipe(patients, hospital.seed, hospital.country, hospital=hospital.name)
        # One process: a second would take longer to start than to help.
        write(folder / "fhir", recipe, workers=1)
        return load([folder / "fhir"], hospital.tenant, LOCAL_ADMINISTRATOR).resources
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _where(port: int) -> str:
    home = f"http://{HOST}:{port}"
    lines = [f"The hospitals:     {home}/"]
    for hospital in HOSPITALS:
        lines.append(f"{hospital.name + ':':<28} {home}/{hospital.tenant}/")
    lines += [
        f"Find a patient:    {home}/riverside/patients?q=smi  (a slip does no harm)",
        f"Ask a question:    {home}/lindenhof/questions/latest_hba1c",
        "The same in SQL:   wardbase db psql --tenant riverside",
        "Ctrl-C ends it; the hospitals stay.",
    ]
    return "\n".join(lines)
