"""The command line. This page is its table of contents; each command's file is read when called."""

import importlib
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from wardbase.errors import WardbaseError


@dataclass(frozen=True)
class Entry:
    """Where a command is, and its line on this page.

    The file has a `typer.Typer` of that name: with one command and no callback it is a plain
    command, else a group.
    """

    file: str
    line: str
    app: str = "app"


CONTENTS = {
    "demo": Entry("demo", "Two hospitals of synthetic patients, in the browser."),
    "serve": Entry("serve", "Serve the pages of all tenants, on this machine only."),
    "load": Entry("load", "Load FHIR files into a tenant."),
    "export": Entry("export", "Write a tenant's resources as FHIR files."),
    "check": Entry("check", "Prove that what is stored is whole, and list what is not modelled."),
    "describe": Entry("describe", "What each table and column means."),
    "synth": Entry("synth", "Make synthetic patients from a seed."),
    "tenant": Entry("tenant", "Create, list, suspend and drop tenants."),
    "migrate": Entry("migrate", "Bring every tenant's schema up to this version."),
    "db": Entry("db", "The database server: start, stop, status, psql."),
}


class Contents(TyperGroup):
    """Lists commands from CONTENTS, and imports one only when it is called."""

    def list_commands(self, ctx: Any) -> list[str]:
        return [name for name, entry in CONTENTS.items() if find_spec(_module(entry))]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in self.list_commands(ctx):
            return None
        # Whoever looks up a command to describe it gets its line; to run it, see below.
        return TyperCommand(cmd_name, help=CONTENTS[cmd_name].line)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        name, _, rest = super().resolve_command(ctx, args)
        return name, load(CONTENTS[str(name)]), rest


def load(entry: Entry) -> Any:
    sub = getattr(importlib.import_module(_module(entry)), entry.app)
    sub._add_completion = False  # it is the whole program's, not each command's
    return typer.main.get_command(sub)


def _module(entry: Entry) -> str:
    return f"{__name__}.{entry.file}"


app = typer.Typer(
    cls=Contents,
    no_args_is_help=True,
    # A traceback with locals would show values of rows.
    pretty_exceptions_enable=False,
    help="wardbase: a relational database for healthcare.",
)


@app.callback()
def _wardbase() -> None:
    """wardbase: a relational database for healthcare."""


def main() -> None:
    """Run the command line; an error of ours is one message, and no traceback."""
    try:
        app()
    except WardbaseError as problem:
        typer.secho(str(problem), err=True, fg=typer.colors.RED)
        sys.exit(problem.exit_code)
