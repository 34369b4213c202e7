"""Writes the pages of the manual that say what the code already says.

python tools/pages.py            # write them
python tools/pages.py --check    # name those that are not current, and end with 1
"""

import sys
from collections.abc import Callable, Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

import typer

import diagram
from wardbase.cli import CONTENTS, app, load
from wardbase.record.describe import ColumnEntry, TableEntry, every

ROOT = Path(__file__).parents[1]
NOTICE = "<!-- Written by tools/pages.py from {source} (make docs). Change that instead. -->\n\n"


def dictionary() -> str:
    """Every table and column of a tenant's database."""
    tables = every()
    columns = sum(len(table.columns) for table in tables)
    lines = [
        NOTICE.format(source="wardbase.model") + "# The data dictionary\n",
        f"{len(tables)} tables with {columns} columns. `wardbase describe TABLE` says the same in",
        "a terminal, and the database itself in its comments (`\\d+ TABLE` in psql).",
        "",
        "*Sensitivity* decides who may read a column; *in a copy* is what a de-identified copy is",
        "to hold in its place. *FHIR* is where the column stands in the JSON of its resource. A",
        "column of the primary key is marked with \\*. Names end alike: `_id` a key or an entry of",
        "a dictionary, `_at` a moment, `_on` a day, `_form` how a moment or a day was written,",
        "`_ref` the text of a reference that no key says, `_display` and `_text` words as sent,",
        "`_code` a code.",
        "",
        "![Diagram of the tables](diagram.svg)",
    ]
    for subject, group in groupby(tables, lambda table: table.subject):
        lines += ["", f"## {subject.capitalize()}"]
        for table in group:
            lines += _table(table)
    return "\n".join(lines) + "\n"


def _table(table: TableEntry) -> Iterator[str]:
    yield from ("", f"### {table.name}", "", table.grain)
    facts = [f"FHIR: `{table.fhir}`"] if table.fhir else []
    facts += [f"Part of: [{table.parent}](#{table.parent})"] if table.parent else []
    if table.children:
        links = ", ".join(f"[{child}](#{child})" for child in table.children)
        facts.append(f"Children: {links}")
    if facts:
        yield from ("", ". ".join(facts) + ".")
    yield ""
    yield "| column | type | meaning | sensitivity | in a copy | FHIR |"
    yield "|---|---|---|---|---|---|"
    yield from map(_row, table.columns)
    for title, facts in (("Indexes", list(table.indexes)), ("Checks", list(table.checks))):
        if facts:
            yield from ("", f"{title}:", "", *(f"- `{fact}`" for fact in facts))


def _row(column: ColumnEntry) -> str:
    meaning = column.meaning
    if column.rule:
        meaning += f" Rule: {column.rule}."
    if column.refers_to:
        target = column.refers_to.partition(".")[0]
        meaning += f" → [{target}](#{target})"
    name = f"`{column.name}`" + (" \\*" if column.is_key else "")
    fhir = f"`{column.fhir}`" if column.fhir else ""
    cells = (name, column.type, meaning, column.sensitivity, column.mask, fhir)
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def commands() -> str:
    """Every command with its arguments and options."""
    lines = [
        NOTICE.format(source="wardbase.cli") + "# The command line\n",
        "`wardbase COMMAND --help` says the same. Every command that shows something takes",
        "`--json`. A command ends with 0 when all went well, with 2 when it was called wrongly,",
        "and with another number, and one message, when wardbase refuses.",
        "",
        "Where the data are: `WARDBASE_HOME` names a folder for the embedded PostgreSQL;",
        "`WARDBASE_URL` an own PostgreSQL to use in its place.",
    ]
    contents: Any = typer.main.get_command(app)
    for name in contents.list_commands(None):
        entry = CONTENTS[name]
        command = load(entry)
        lines += ["", f"## wardbase {name}", "", entry.line]
        if hasattr(command, "commands"):
            for sub, each in command.commands.items():
                lines += ["", f"### wardbase {name} {sub}", "", *_command(each)]
        else:
            lines += ["", *_command(command)]
    return "\n".join(lines) + "\n"


def _command(command: Any) -> Iterator[str]:
    yield _unwrapped(command.help)
    shown = [each for each in command.params if not each.hidden and each.name != "help"]
    if shown:
        yield from ("", "| | |", "|---|---|")
        yield from (f"| {_call(each)} | {_meaning(each)} |" for each in shown)


def _unwrapped(text: str | None) -> str:
    paragraphs = (text or "").strip().split("\n\n")
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)


def _call(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        several = "..." if parameter.nargs != 1 else ""
        name = f"{parameter.name.upper()}{several}"
        return f"`{name}`" if parameter.required else f"`[{name}]`"
    return ", ".join(f"`{option}`" for option in (*parameter.opts, *parameter.secondary_opts))


def _meaning(parameter: Any) -> str:
    words = _unwrapped(parameter.help)
    if parameter.required and parameter.param_type_name == "option":
        return f"{words} Must be given."
    default = parameter.default
    if parameter.secondary_opts:
        default = (parameter.opts if default else parameter.secondary_opts)[0]
    if default is None or default is False or callable(default):
        return words
    return f"{words} Default: `{getattr(default, 'value', default)}`."


PAGES: dict[str, Callable[[], str]] = {
    "docs/reference/data-dictionary.md": dictionary,
    "docs/reference/cli.md": commands,
    "docs/reference/diagram.svg": diagram.svg,
    "src/wardbase/web/static/diagram.svg": diagram.svg,
}


def stale(root: Path = ROOT) -> list[str]:
    """The pages that are not as the code would have them."""
    return [
        name
        for name, made in PAGES.items()
        if not (root / name).exists() or (root / name).read_text(encoding="utf-8") != made()
    ]


def main() -> int:
    """Write the pages, or check them."""
    if "--check" in sys.argv[1:]:
        for name in (found := stale()):
            print(f"{name} is not current: make docs")
        return bool(found)
    for name, made in PAGES.items():
        (ROOT / name).parent.mkdir(parents=True, exist_ok=True)
        (ROOT / name).write_text(made(), encoding="utf-8")
        print(name)
    return 0


if __name__ == "__main__":
    sys.exit(main())
