"""`wardbase db`: the database server."""

from typing import Annotated

import typer

from wardbase.cli.show import AsJson, show_one
from wardbase.store import server

app = typer.Typer(no_args_is_help=True, help="The database server: start, stop, status, psql.")


@app.command()
def start(as_json: AsJson = False) -> None:
    """Start the embedded server, made on first use. Does nothing if it runs."""
    show_one(server.start(), as_json=as_json)


@app.command()
def stop(as_json: AsJson = False) -> None:
    """Stop the embedded server; open transactions are rolled back."""
    show_one(server.stop(), as_json=as_json)


@app.command()
def status(as_json: AsJson = False) -> None:
    """Whether the server runs, and where."""
    show_one(server.status(), as_json=as_json)


@app.command()
def psql(
    tenant: Annotated[
        str | None, typer.Option(help="Whose database; else the control one.")
    ] = None,
    command: Annotated[
        str | None, typer.Option("-c", "--command", help="Run this SQL and end.")
    ] = None,
) -> None:
    """Open PostgreSQL's own shell as the administrator. What is read here is not audited."""
    # Only here, for they read the whole model, which the other commands need not wait for.
    from wardbase.store import client, control

    with control.connect() as connection:
        database = control.known(tenant, connection).database if tenant else control.DATABASE
    raise typer.Exit(client.psql(database, command))
