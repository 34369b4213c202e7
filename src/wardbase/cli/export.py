"""`wardbase export`: the record as FHIR files."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from wardbase.access.session import LOCAL_ADMINISTRATOR
from wardbase.cli.show import AsJson
from wardbase.record.export import export as export_types

app = typer.Typer(help="Write a tenant's resources as FHIR files.")


@app.command()
def export(
    tenant: Annotated[str, typer.Option(help="The tenant to export.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="The folder to write into.")],
    types: Annotated[
        list[str] | None, typer.Option("--type", help="Only this type; may be repeated.")
    ] = None,
    since: Annotated[
        datetime | None, typer.Option(help="Only what was written at or after this moment, UTC.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write NDJSON, one file a type: what was loaded comes back equal."""
    moment = since.replace(tzinfo=UTC) if since else None
    done = export_types(tenant, LOCAL_ADMINISTRATOR, output, types=types or (), since=moment)
    if as_json:
        facts = [{"type": e.type, "file": str(e.file), "resources": e.resources} for e in done]
        typer.echo(json.dumps(facts, indent=2))
        return
    total = 0
    for each in done:
        typer.echo(f"{each.resources:>12,}  {each.file}")
        total += each.resources
    typer.echo(f"{total:>12,}  resources in all")
