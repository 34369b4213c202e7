"""Prints how large modules and functions are. A report, not a rule: it never fails.

python tools/shape.py [FOLDER ...]
"""

import ast
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

HERE = Path(__file__).parents[1]
LARGEST = 12


@dataclass(frozen=True)
class Size:
    """Something with a name, and its lines."""

    lines: int
    name: str


def functions(file: Path) -> Iterator[Size]:
    """Every function of a module, with the lines from `def` to its end."""
    try:
        tree = ast.parse(file.read_text())
    except SyntaxError:  # half-written; the checks tell of it
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            yield Size(lines, f"{shown(file)}:{node.lineno} {node.name}")


def shown(file: Path) -> str:
    """The file's path as people here say it."""
    return str(file.relative_to(HERE) if file.is_relative_to(HERE) else file)


def report(title: str, sizes: list[Size]) -> Iterator[str]:
    """The middle, the ninth of ten, and the largest."""
    if not sizes:
        return
    ordered = sorted(sizes, key=lambda size: size.lines)
    ninth = ordered[len(ordered) * 9 // 10].lines
    middle = median(size.lines for size in ordered)
    total = sum(size.lines for size in ordered)
    yield f"{title}: {len(ordered)}, {total} lines; half {middle:g} or fewer, nine of ten {ninth}"
    yield from (f"{size.lines:6}  {size.name}" for size in ordered[: -LARGEST - 1 : -1])
    yield ""


def rooms(files: list[Path]) -> Iterator[str]:
    """Lines by folder of the package."""
    totals: dict[str, int] = {}
    for file in files:
        room = shown(file.parent)
        totals[room] = totals.get(room, 0) + len(file.read_text().splitlines())
    yield "Folders"
    yield from (f"{lines:6}  {room}" for room, lines in sorted(totals.items()))
    yield ""


def main() -> None:
    """Print the report."""
    folders = [Path(name).resolve() for name in sys.argv[1:]]
    folders = folders or [HERE / name for name in ("src", "tests", "bench", "tools")]
    files = sorted(file for folder in folders for file in folder.rglob("*.py"))
    modules = [Size(len(file.read_text().splitlines()), shown(file)) for file in files]
    for part in (rooms(files), report("Modules", modules)):
        print("\n".join(part))
    print("\n".join(report("Functions", [size for file in files for size in functions(file)])))


if __name__ == "__main__":
    try:
        main()
    except BrokenPipeError:  # the reader has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
