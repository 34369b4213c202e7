"""How commands show rows: a table for people, JSON for programs."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, is_dataclass
from typing import Annotated, Any

import typer

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]


def show(rows: Sequence[Any], *, as_json: bool, columns: Iterable[str] | None = None) -> None:
    """Many things of one kind: dataclasses or mappings."""
    plain = [_plain(row) for row in rows]
    if as_json:
        typer.echo(json.dumps(plain, default=str, indent=2))
        return
    shown = list(columns or (plain[0] if plain else ()))
    cells = [shown, *([_cell(row[column]) for column in shown] for row in plain)]
    widths = [max(len(row[i]) for row in cells) for i in range(len(shown))]
    for row in cells:
        typer.echo("  ".join(map(str.ljust, row, widths)).rstrip())


def show_one(thing: Any, *, as_json: bool) -> None:
    """One thing, a line for each of its facts."""
    facts = _plain(thing)
    if as_json:
        typer.echo(json.dumps(facts, default=str, indent=2))
        return
    widest = max(map(len, facts))
    for name, value in facts.items():
        typer.echo(f"{name.replace('_', ' '):<{widest}}  {_cell(value)}")


def _plain(thing: Any) -> dict[str, Any]:
    if is_dataclass(thing) and not isinstance(thing, type):
        return asdict(thing)
    if isinstance(thing, Mapping):
        return dict(thing)
    raise TypeError(type(thing))


def _cell(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
