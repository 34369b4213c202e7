"""`wardbase load`: FHIR files into a tenant."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)

from wardbase.access.session import LOCAL_ADMINISTRATOR
from wardbase.cli.show import AsJson
from wardbase.record.files import sources
from wardbase.record.load import Loaded, Watch
from wardbase.record.load import load as load_files

app = typer.Typer(help="Load FHIR files into a tenant.")


@app.command()
def load(
    paths: Annotated[
        list[Path], typer.Argument(help="JSON, NDJSON, .gz, .zip, .tar.xz, or folders of these.")
    ],
    tenant: Annotated[str, typer.Option(help="The tenant to load into.")],
    workers: Annotated[int | None, typer.Option(help="Processes; one for each core.")] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Stop at the first refusal.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only list what is read.")] = False,
    as_json: AsJson = False,
) -> None:
    """Load FHIR R4 bundles, resources and NDJSON. Interrupted, run it again: it goes on."""
    if dry_run:
        _list(paths, as_json)
        return
    with _progress(as_json) as watch:
        done = load_files(
            paths, tenant, LOCAL_ADMINISTRATOR, workers=workers, strict=strict, watch=watch
        )
    typer.echo(json.dumps(facts(done), indent=2) if as_json else _told(done))


def _list(paths: list[Path], as_json: bool) -> None:
    found = [{"file": str(each.path), "bytes": each.size} for each in sources(paths)]
    if as_json:
        typer.echo(json.dumps(found, indent=2))
        return
    for each in found:
        typer.echo(f"{each['bytes']:>14,}  {each['file']}")
    typer.echo(f"{len(found)} files would be read; nothing was written.")


def facts(done: Loaded) -> dict[str, Any]:
    """What became of a load, for programs."""
    written = done.written
    return {
        "resources": done.resources,
        "new": dict(sorted(written.new.items())),
        "same": dict(sorted(written.same.items())),
        "replaced": dict(sorted(written.replaced.items())),
        "conflicts": dict(sorted(written.conflicts.items())),
        "linked": done.linked,
        "refused": done.refused,
        "refused_files": [str(path) for path in done.refused_files],
        "bulk": done.bulk,
        "seconds": round(done.seconds, 3),
        "resources_per_second": round(done.resources / max(done.seconds, 1e-9)),
    }


def _told(done: Loaded) -> str:
    counts = done.written
    lines = [f"{done.resources:,} resources in {done.seconds:.1f} s, "
             f"{done.resources / max(done.seconds, 1e-9):,.0f}/s"]  # fmt: skip
    for words, counter in (
        ("new", counts.new),
        ("there already, unchanged", counts.same),
        ("replaced an older content, which is kept as a version", counts.replaced),
        ("older than what is there, kept as a version", counts.conflicts),
    ):
        if number := sum(counter.values()):
            lines.append(f"{number:>12,}  {words}")
    if done.linked:
        lines.append(f"{done.linked:>12,}  references linked")
    if done.refused:
        lines.append(f"{done.refused:>12,}  refused, with the reason of each, in")
        lines += [f"{'':>14}{path}" for path in done.refused_files]
        lines.append("              Repair them there, and load that file.")
    return "\n".join(lines)


@contextmanager
def _progress(quiet: bool) -> Iterator[Watch]:
    console = Console(file=sys.stderr)
    if quiet or not console.is_terminal:
        yield Watch()
        return
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(),
               TextColumn("{task.fields[done]:,} resources, {task.fields[rate]:,.0f}/s"),
               TimeRemainingColumn())  # fmt: skip
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("loading", total=None, done=0, rate=0.0)
        counted = 0

        def done(resources: int) -> None:
            nonlocal counted
            counted += resources
            elapsed = progress.tasks[0].elapsed or 1e-9
            progress.update(task, done=counted, rate=counted / elapsed)

        yield Watch(
            total=lambda size: progress.update(task, total=size),
            read=lambda size: progress.advance(task, size),
            done=done,
            stage=lambda name: progress.update(task, description=name),
        )
