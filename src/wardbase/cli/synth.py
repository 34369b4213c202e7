"""`wardbase synth`: synthetic patients as files."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from wardbase.cli.show import AsJson
from wardbase.synthetic import HOSPITAL, REFERENCE_DATE, Recipe, Written, estimate, write
from wardbase.synthetic.writer import Watch

app = typer.Typer(help="Make synthetic patients from a seed.")


@app.command()
def synth(
    output: Annotated[Path, typer.Option("-o", "--output", help="The directory to write into.")],
    patients: Annotated[int, typer.Option(min=1, max=10_000_000, help="How many.")] = 100,
    seed: Annotated[int, typer.Option(help="The same seed makes the same patients.")] = 1,
    country: Annotated[str, typer.Option(help="US, DE, FR, GB or IN.")] = "US",
    until: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"], help=f"The last day of the records; else {REFERENCE_DATE}."
        ),
    ] = None,
    hospital: Annotated[str, typer.Option(help="The hospital's name.")] = HOSPITAL,
    form: Annotated[
        str, typer.Option("--format", help="ndjson, or bundles: a transaction for each patient.")
    ] = "ndjson",
    workers: Annotated[
        int | None, typer.Option(min=1, help="Processes; one for each core.")
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Delete the files of an earlier run.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only tell what would be written.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Write realistic FHIR R4 patients. No real person; the same command, the same bytes."""
    recipe = Recipe(
        patients, seed, country.upper(), until.date() if until else REFERENCE_DATE, hospital
    )
    if dry_run:
        found = estimate(recipe, form)
        typer.echo(json.dumps(facts(found), indent=2) if as_json else _would(found, output))
        return
    with _progress(patients, as_json) as watch:
        done = write(output, recipe, form, workers, overwrite, watch)
    typer.echo(json.dumps(facts(done), indent=2) if as_json else _told(done, output))


def facts(done: Written) -> dict[str, Any]:
    """What was written, for programs."""
    return {
        "patients": done.patients,
        "resources": done.resources,
        "types": dict(done.counts.most_common()),
        "bytes": done.bytes,
        "files": len(done.files),
        "seconds": round(done.seconds, 3),
        "resources_per_second": round(done.resources / done.seconds) if done.seconds else None,
    }


def _types(done: Written) -> list[str]:
    return [f"{number:>12,}  {kind}" for kind, number in done.counts.most_common()]


def _told(done: Written, output: Path) -> str:
    rate = done.resources / max(done.seconds, 1e-9)
    head = (
        f"{done.patients:,} patients, {done.resources:,} resources, {done.bytes / 1e6:,.1f} MB "
        f"in {done.seconds:.1f} s, {rate:,.0f}/s"
    )
    return "\n".join([head, *_types(done), f"{len(done.files):,} files in {output}"])


def _would(found: Written, output: Path) -> str:
    head = f"About {found.resources:,} resources, {found.bytes / 1e6:,.1f} MB, would be written:"
    return "\n".join([head, *_types(found), f"into {output}; nothing was written."])


@contextmanager
def _progress(patients: int, quiet: bool) -> Iterator[Watch | None]:
    """A bar on the terminal, for people."""
    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        yield None
        return
    columns = (
        TextColumn("{task.completed:,.0f} of {task.total:,.0f} patients"),
        BarColumn(),
        TextColumn("{task.fields[resources]:,} resources"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=patients, resources=0)
        yield lambda made, resources: bar.update(task, completed=made, resources=resources)
