"""The tools of the house can fail, and stay quiet where they should."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

import shape

ROOT = Path(__file__).parents[2]
MIGRATIONS = {
    "new table": ("CREATE TABLE ward (ward_id bigint PRIMARY KEY);", 0),
    "index that blocks writing": ("CREATE INDEX ward_name_idx ON ward (name);", 1),
    "index that does not": ("CREATE INDEX CONCURRENTLY IF NOT EXISTS i ON ward (name);", 0),
    "new type, rewritten": ("ALTER TABLE ward ALTER COLUMN name TYPE bigint;", 1),
    "key, checked at once": (
        "ALTER TABLE bed ADD CONSTRAINT k FOREIGN KEY (ward_id) REFERENCES ward;",
        1,
    ),
}


@pytest.mark.parametrize("name", MIGRATIONS)
def test_migration_that_holds_up_others_is_found(name, tmp_path):
    sql, code = MIGRATIONS[name]
    file = tmp_path / "0002_pre_ward.sql"
    file.write_text(sql)
    said = subprocess.run(
        [sys.executable, ROOT / "tools" / "lint_migrations.py", file],
        capture_output=True,
        text=True,
    )
    assert said.returncode == code, said.stdout + said.stderr


def test_shape_counts_lines_of_functions(tmp_path):
    file = tmp_path / "ward.py"
    file.write_text(
        "def one():\n    return 1\n\n\nclass Ward:\n    async def two(self):\n        pass\n"
    )
    sizes = {size.name.split()[-1]: size.lines for size in shape.functions(file)}
    assert sizes == {"one": 2, "two": 2}


def test_shape_has_nothing_to_say_of_nothing():
    assert list(shape.report("Modules", [])) == []


@pytest.mark.parametrize(("test", "says"), [("true", ""), ("false", "no-such-package")])
def test_what_cannot_be_installed_is_named_and_not_fatal(test, says, tmp_path):
    said = subprocess.run(
        ["/bin/sh", ROOT / "tools" / "need.sh", test, "no-such-package"],
        env={"PATH": str(tmp_path)},  # neither apt-get nor id is there
        capture_output=True,
        text=True,
    )
    assert said.returncode == 0
    assert says in said.stderr
    assert bool(said.stderr) == bool(says)


def test_every_target_is_listed():
    makefile = (ROOT / "Makefile").read_text()
    phony = set(re.search(r"^\.PHONY: (.*)$", makefile, re.M)[1].split())
    helped = set(re.findall(r"^([a-z-]+):.*## ", makefile, re.M))
    assert phony - helped == {"browser", "postgres"}
    assert helped <= phony
