"""`wardbase describe`: what each table and column means."""

import json
import re
from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated

import typer
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from wardbase.cli.show import AsJson, show
from wardbase.record import describe as dictionary
from wardbase.record.describe import ColumnEntry, TableEntry

WIDTHS = {"column, type": 27, "meaning": 33, "sensitivity,\nin a copy": 18, "FHIR": 22}
"""Of each column's share of the terminal, so that the sentences are not squeezed by long paths."""

app = typer.Typer(help="What each table and column means.")


@app.command()
def describe(
    table: Annotated[
        str | None, typer.Argument(help="A table, or the FHIR type it is for; all if not given.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List the tables and what a row of each is; or say all there is to say of one TABLE."""
    entries = dictionary.every() if table is None else [dictionary.one(table)]
    if as_json:
        plain = [asdict(entry) for entry in entries]
        typer.echo(json.dumps(plain if table is None else plain[0], indent=2))
    elif table is None:
        _print([_line(entry) for entry in entries])
    else:
        _print_one(entries[0])


def _line(entry: TableEntry) -> dict[str, str]:
    return {"table": entry.name, "one row per": entry.grain.removeprefix("One row per ")}


def _print_one(entry: TableEntry) -> None:
    typer.echo(f"{entry.name}: {entry.grain}")
    _facts("FHIR", [entry.fhir] if entry.fhir else [])
    _facts("part of", [entry.parent] if entry.parent else [])
    _facts("children", entry.children)
    typer.echo()
    if Console().is_terminal:
        _print([_cells(column) for column in entry.columns])
    else:
        _print([_plain(column) for column in entry.columns])
    typer.echo("\n* part of the primary key")
    _facts("indexes", entry.indexes)
    _facts("checks", entry.checks)


def _facts(name: str, facts: Sequence[str]) -> None:
    if facts:
        typer.echo(f"{name}: {facts[0]}" if len(facts) == 1 else f"{name}:")
        for fact in facts if len(facts) > 1 else ():
            typer.echo(f"  {fact}")


def _cells(column: ColumnEntry) -> dict[str, str]:
    """Two facts to a cell, so that a row fits a terminal."""
    plain = _plain(column)
    return {
        "column, type": f"{plain['column']}\n  {plain['type']}",
        "meaning": plain["meaning"],
        "sensitivity,\nin a copy": f"{plain['sensitivity']},\n{plain['in a copy']}",
        "FHIR": plain["FHIR"],
    }


def _plain(column: ColumnEntry) -> dict[str, str]:
    return {
        "column": f"{column.name} *" if column.is_key else column.name,
        "type": column.type,
        "sensitivity": column.sensitivity,
        "in a copy": column.mask,
        "FHIR": short(column.fhir),
        "meaning": " ".join(_said(column)),
    }


def _said(column: ColumnEntry) -> list[str]:
    said = [column.meaning]
    if column.rule:
        said.append(f"Rule: {column.rule}.")
    if column.refers_to:
        said.append(f"-> {column.refers_to}")
    return said


def short(path: str | None) -> str:
    """A path without its type, and each extension by the last word of its address."""
    below = (path or "").partition(".")[2]
    return re.sub(r"\((?:[^()]*/)?([^()/]*)\)", r"(\1)", below)


def _print(rows: list[dict[str, str]]) -> None:
    """A table as wide as the terminal; to a file, plain and as wide as it needs."""
    console = Console()
    if not console.is_terminal:
        show(rows, as_json=False)
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_lines="FHIR" in rows[0])
    for name in rows[0]:
        table.add_column(name, ratio=WIDTHS.get(name))
    for row in rows:
        table.add_row(*(Text(cell, overflow="fold") for cell in row.values()))
    console.print(table)
