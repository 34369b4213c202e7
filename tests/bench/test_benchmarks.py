"""Every benchmark runs, and prints one JSON object that says what it measured. No times here."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

BENCH = Path(__file__).parents[2] / "bench"
SAID = {"name", "figure", "unit", "peer", "peer_figure", "ratio", "machine", "details"}
QUICK = ("synth", "rows", "medplum")
LOADING = ("load", "disk", "read", "questions", "cost", "chart")


def run(name: str, home: Path) -> dict[str, Any]:
    """What a benchmark prints, at its smallest, on the server of the tests."""
    more = ["--patients", "20"] if name == "rows" else []
    said = subprocess.run(
        [sys.executable, BENCH / f"{name}.py", "--size", "tiny", "--here", *more],
        env={**os.environ, "WARDBASE_HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert said.returncode == 0, said.stderr
    found = json.loads(said.stdout)
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize("name", QUICK)
def test_a_benchmark_prints_one_object(name: str, database_server: None, home: Path) -> None:
    found = run(name, home)
    assert set(found) == SAID
    assert found["name"] == name
    assert found["figure"] > 0


@pytest.mark.long
@pytest.mark.parametrize("name", LOADING)
def test_a_benchmark_of_loads_prints_one_object(
    name: str, database_server: None, home: Path
) -> None:
    found = run(name, home)
    assert set(found) == SAID
    assert found["name"] == name
    assert found["figure"] > 0


@pytest.mark.long
def test_the_same_files_again_write_nothing_but_the_audit(
    database_server: None, home: Path
) -> None:
    (first,) = run("load", home)["details"]["rounds"]
    assert first["again"]["new"] == 0
    assert set(first["again"]["rows_written"]) <= {"audit"}


@pytest.mark.long
def test_the_questions_have_the_same_answers_on_one_jsonb_table(
    database_server: None, home: Path
) -> None:
    assert run("questions", home)["details"]["answers_equal"]


def test_every_benchmark_is_run_here() -> None:
    ours = {path.stem for path in BENCH.glob("*.py") if "__main__" in path.read_text()}
    others = {"tenants", "pages"}
    assert ours - others == {*QUICK, *LOADING}
