"""What the manual tells people to type exists, and its links lead somewhere."""

import re
import shlex
from pathlib import Path

import pytest
from manual import PAGES, ROOT, commands

from wardbase.cli import CONTENTS, load

CALLS = sorted(set(commands("wardbase")))
TARGETS = sorted(set(commands("make")))
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")


def taken_by(words):
    """The command that some words call, and the words after it."""
    command, rest = load(CONTENTS[words[1]]), words[2:]
    if hasattr(command, "commands"):
        command, rest = command.commands[rest[0]], rest[1:]
    return command, rest


@pytest.mark.parametrize(("page", "call"), CALLS)
def test_command_and_its_options_exist(page, call):
    command, rest = taken_by(shlex.split(call + ('"' if call.count('"') % 2 else "")))
    known = {option for each in command.params for option in (*each.opts, *each.secondary_opts)}
    assert {word for word in rest if re.match(r"--?[a-z]", word)} <= {*known, "--help"}


def test_a_command_that_does_not_exist_is_found():
    with pytest.raises(KeyError):
        taken_by(["wardbase", "heal"])
    with pytest.raises(KeyError):
        taken_by(["wardbase", "tenant", "heal"])


@pytest.mark.parametrize(("page", "call"), TARGETS)
def test_target_exists(page, call):
    target = call.split()[1]
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.M)


def test_the_readme_says_the_commands_that_matter():
    said = [call for page, call in (*CALLS, *TARGETS) if page == "README.md"]
    assert said == ["wardbase demo", "make run", "make test"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path):
    found = LINK.findall(page.read_text(encoding="utf-8"))
    inside = {link for link in found if not re.match(r"[a-z]+:", link)}
    assert {link for link in inside if not (page.parent / link).exists()} == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_page_can_be_found(page: Path):
    """Every page but the decisions, and what a folder shows by itself, is linked from another."""
    if page.name in {"README.md", "CHANGELOG.md"} or "decisions" in page.parts:
        return
    linked = {
        (other.parent / link).resolve()
        for other in PAGES
        if other != page
        for link in LINK.findall(other.read_text(encoding="utf-8"))
    }
    assert page in linked
