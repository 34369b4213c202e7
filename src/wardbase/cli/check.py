"""`wardbase check`: whether what is stored is whole."""

import json
from typing import Annotated

import typer

from wardbase.access.session import LOCAL_ADMINISTRATOR
from wardbase.cli.show import AsJson
from wardbase.record.check import Checked
from wardbase.record.check import check as check_tenant

app = typer.Typer(help="Prove that what is stored is whole, and list what is not modelled.")
_MOST = 15


@app.command()
def check(
    tenant: Annotated[str, typer.Option(help="The tenant to look over.")],
    repair: Annotated[
        bool, typer.Option("--repair", help="Link references; make missing keys and indexes.")
    ] = False,
    deep: Annotated[
        bool, typer.Option("--deep", help="Read every resource back and compare its hash.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """References awaiting, what to model next, rows, keys, indexes. Exit code 1: needs repair."""
    found = check_tenant(tenant, LOCAL_ADMINISTRATOR, repair=repair, deep=deep)
    if as_json:
        typer.echo(json.dumps(found.as_dict(), default=str, indent=2))
    else:
        _tell(found)
    if not found.whole:
        raise typer.Exit(1)


def _tell(found: Checked) -> None:
    typer.echo("Resources")
    for type_, count in sorted(found.resources.items(), key=lambda each: -each[1]):
        typer.echo(f"{count:>12,}  {type_}")
    typer.echo(f"{sum(found.resources.values()):>12,}  in all")
    size = sum(each.bytes for each in found.sizes)
    typer.echo(f"\nTables and indexes: {size / 1e6:,.1f} MB in {len(found.sizes)} tables")
    if found.linked:
        typer.echo(f"\nLinked {found.linked:,} references whose target had arrived.")
    if found.awaiting:
        typer.echo("\nReferences whose target has not arrived (rows, distinct, column)")
        for waiting in found.awaiting[:_MOST]:
            typer.echo(
                f"{waiting.rows:>12,} {waiting.targets:>9,}  {waiting.table}.{waiting.reference}"
            )
    if found.remainder:
        typer.echo("\nNot in columns: what to model next (bytes, share of the type, element)")
        for rest in found.remainder[:_MOST]:
            typer.echo(f"{rest.bytes:>12,} {rest.share:>8.1%}  {rest.type}.{rest.element}")
    for words, names in (
        ("Indexes missing", found.missing_indexes),
        ("Keys missing", found.missing_keys),
        ("Keys not checked", found.unchecked_keys),
        ("Indexes invalid", found.invalid_indexes),
        ("Content is not what its hash says", found.damaged),
    ):
        if names:
            typer.echo(f"\n{words}: {len(names):,}, such as {', '.join(names[:3])}")
    typer.echo("\nWhole." if found.whole else "\nNot whole: run it again with --repair.")
