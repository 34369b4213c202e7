"""What the tests of the manual share: its pages, and the commands on them."""

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
_BLOCK = re.compile(r"^```sh\n(.*?)^```", re.M | re.S)


def blocks(page: Path) -> list[str]:
    """The commands of a page, block by block."""
    return _BLOCK.findall(page.read_text(encoding="utf-8"))


def commands(program: str) -> Iterator[tuple[str, str]]:
    """Every line of a block that calls this program, after the name of its page."""
    for page in PAGES:
        for block in blocks(page):
            for line in block.splitlines():
                for call in line.split("&&"):
                    words = call.split()
                    if words and words[0] == program:
                        yield str(page.relative_to(ROOT)), call.strip()
