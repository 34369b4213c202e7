"""`wardbase tenant`: the customers, each with a database of its own."""

from typing import Annotated

import typer

from wardbase.cli.show import AsJson, show, show_one
from wardbase.store import tenant as tenants

app = typer.Typer(no_args_is_help=True, help="Create, list, suspend and drop tenants.")

Name = Annotated[str, typer.Argument(help="Lower-case letters, digits, hyphen, underscore.")]
SHOWN = ("name", "display_name", "country", "state", "schema_version", "created_at")


@app.command()
def create(
    name: Name,
    country: Annotated[str, typer.Option(help="Where its data must stay: ISO 3166, such as DE.")],
    display_name: Annotated[str | None, typer.Option(help="How pages name it.")] = None,
    as_json: AsJson = False,
) -> None:
    """Create a tenant. If it was cut short, run it again."""
    made = tenants.create(name, country=country.upper(), display_name=display_name)
    show_one(made, as_json=as_json)


@app.command("list")
def list_(
    dropped: Annotated[bool, typer.Option("--dropped", help="Those dropped, too.")] = False,
    as_json: AsJson = False,
) -> None:
    """List the tenants."""
    found = tenants.every(dropped=dropped)
    if not found and not as_json:
        typer.echo("No tenants. Make one: wardbase tenant create NAME --country XX")
        return
    show(found, as_json=as_json, columns=SHOWN)


@app.command("show")
def show_(name: Name, as_json: AsJson = False) -> None:
    """Show one tenant."""
    show_one(tenants.get(name), as_json=as_json)


@app.command()
def suspend(name: Name, as_json: AsJson = False) -> None:
    """Close a tenant to everybody; sessions that are open end at once."""
    show_one(tenants.suspend(name), as_json=as_json)


@app.command()
def resume(name: Name, as_json: AsJson = False) -> None:
    """Open a suspended tenant again."""
    show_one(tenants.resume(name), as_json=as_json)


@app.command()
def drop(
    name: Name,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """Write all a tenant holds to an archive, then drop it."""
    found = tenants.get(name)
    if not yes:
        typer.confirm(f"Drop {found.name} ({found.display_name})?", abort=True, err=True)
    archive = tenants.drop(name)
    show_one({"dropped": name, "archive": archive}, as_json=as_json)
