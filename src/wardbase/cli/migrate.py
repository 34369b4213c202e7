"""`wardbase migrate`: bring every tenant's schema up to this version."""

from dataclasses import replace
from typing import Annotated

import typer

from wardbase.cli.show import AsJson, show
from wardbase.store import migrate as migrations
from wardbase.store.migrations.history import Phase

app = typer.Typer(help="Bring every tenant's schema up to this version.")


@app.command()
def migrate(
    tenant: Annotated[str | None, typer.Option(help="One tenant only.")] = None,
    phase: Annotated[
        Phase,
        typer.Option(help="pre: before the new code arrives. post: after the old code has gone."),
    ] = Phase.ALL,
    plan: Annotated[
        bool, typer.Option("--plan", help="Show what would run and what it locks; run nothing.")
    ] = False,
    workers: Annotated[int, typer.Option(min=1, help="Tenants at once.")] = migrations.WORKERS,
    as_json: AsJson = False,
) -> None:
    """Bring every tenant's schema up to this version. Can be run again at any time."""
    if plan:
        _show_plan(migrations.plan(tenant, phase), as_json=as_json)
        return
    outcomes: list[migrations.Outcome] = []
    try:
        migrations.migrate(tenant, phase, workers=workers, report=outcomes.append)
    finally:
        outcomes.sort(key=lambda outcome: outcome.tenant)
        if outcomes or as_json:
            show(outcomes, as_json=as_json)
        else:
            typer.echo("No tenants.")


def _show_plan(planned: list[migrations.Planned], *, as_json: bool) -> None:
    if not planned and not as_json:
        typer.echo("Nothing to run: every tenant is up to date.")
        return
    if not as_json:
        planned = [replace(each, statement=" ".join(each.statement.split())) for each in planned]
    show(planned, as_json=as_json)
