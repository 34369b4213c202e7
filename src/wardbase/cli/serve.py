"""`wardbase serve`: the pages of all tenants."""

from typing import Annotated

import typer

app = typer.Typer(help="Serve the pages of all tenants, on this machine only.")

HOST = "127.0.0.1"
Port = Annotated[int, typer.Option(min=1, max=65535, help="The port on 127.0.0.1.")]


@app.command()
def serve(port: Port = 8080) -> None:
    """Serve the pages. They are reachable from this machine only, as there is no sign-in yet."""
    run(port)


def run(port: int) -> None:
    """Run the web server until it is interrupted."""
    import uvicorn

    from wardbase.access.session import close_kept
    from wardbase.store import tenant as tenants
    from wardbase.web.app import create_app

    tenants.every()  # starts the database, or says why it cannot be
    typer.echo(f"http://{HOST}:{port}/  (this machine only: sign-in does not exist yet)", err=True)
    try:
        # Paths name patients, so they are kept out of the log: the audit has them.
        uvicorn.run(
            create_app(), host=HOST, port=port, log_level="warning", access_log=False,
            server_header=False, proxy_headers=False,
        )  # fmt: skip
    finally:
        close_kept()
