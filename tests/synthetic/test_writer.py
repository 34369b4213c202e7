"""The files, and the command that makes them."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from wardbase.cli.synth import app
from wardbase.exchange.fhir.validate import validate
from wardbase.synthetic import Recipe, generate, write
from wardbase.synthetic import writer as writer_module
from wardbase.synthetic.recipe import NotEmpty, UnknownFormat

RECIPE = Recipe(100, seed=4, country="FR")


def contents(directory: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in sorted(directory.iterdir())}


@pytest.mark.parametrize("form", ["ndjson", "bundles"])
def test_the_bytes_do_not_depend_on_the_number_of_processes(tmp_path: Path, form: str) -> None:
    write(tmp_path / "one", RECIPE, form, workers=1)
    write(tmp_path / "two", RECIPE, form, workers=2)
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_files_hold_what_generate_yields(tmp_path: Path) -> None:
    done = write(tmp_path, Recipe(12, seed=4, country="FR"), workers=1)
    lines = [line for file in contents(tmp_path).values() for line in file.splitlines()]
    made = [raw for _, raw in generate(12, seed=4, country="FR")]
    assert sorted(lines) == sorted(made)
    assert done.resources == len(made)
    assert done.bytes == sum(len(raw) + 1 for raw in made)


def test_a_large_file_is_in_parts(tmp_path: Path) -> None:
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    write(whole, RECIPE, workers=1)
    write(parts, RECIPE, workers=1, part_bytes=300_000)
    names = sorted(file.name for file in parts.glob("Observation*"))
    assert names[:2] == ["Observation.001.ndjson", "Observation.002.ndjson"]
    assert names[-1] == "Observation.ndjson"
    joined = b"".join((parts / name).read_bytes() for name in [names[-1], *names[:-1]])
    assert joined == (whole / "Observation.ndjson").read_bytes()


def references(value: Any) -> set[str]:
    if isinstance(value, dict):
        own = {value["reference"]} if isinstance(value.get("reference"), str) else set()
        return own.union(*(references(v) for v in value.values()))
    return set().union(*(references(v) for v in value)) if isinstance(value, list) else set()


def test_bundles_refer_within_by_urn_and_to_the_hospital_by_id(tmp_path: Path) -> None:
    write(tmp_path, Recipe(15, seed=4), "bundles", workers=1)
    bundles = {name: json.loads(raw) for name, raw in contents(tmp_path).items()}
    hospital = {e["request"]["url"] for e in bundles.pop("hospital.json")["entry"]}
    assert len(bundles) == 15
    for name, bundle in bundles.items():
        validate("Bundle", (tmp_path / name).read_bytes())
        inside = {entry["fullUrl"] for entry in bundle["entry"]}
        assert references(bundle) <= inside | hospital


def test_files_of_an_earlier_run_are_not_mixed_with(tmp_path: Path) -> None:
    write(tmp_path, RECIPE, workers=1)
    before = contents(tmp_path)
    with pytest.raises(NotEmpty, match="--overwrite"):
        write(tmp_path, Recipe(1), workers=1)
    assert contents(tmp_path) == before
    write(tmp_path, Recipe(1), "bundles", workers=1, overwrite=True)
    assert len(contents(tmp_path)) == 2


def test_a_run_cut_off_leaves_no_file_that_looks_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut_off(done: int, resources: int) -> None:
        if done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write(tmp_path, RECIPE, workers=1, watch=cut_off)
    assert not contents(tmp_path)


def test_an_unknown_format_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(UnknownFormat, match="ndjson, bundles"):
        write(tmp_path / "new", RECIPE, "csv")
    assert not (tmp_path / "new").exists()


def run(*arguments: str) -> Any:
    return CliRunner().invoke(app, arguments, catch_exceptions=False)


def test_the_command_tells_what_it_wrote(tmp_path: Path) -> None:
    result = run("--patients", "8", "--seed", "2", "-o", str(tmp_path / "out"), "--json")
    told = json.loads(result.stdout)
    lines = [line for f in contents(tmp_path / "out").values() for line in f.splitlines()]
    assert told["patients"] == 8 == told["types"]["Patient"]
    assert told["resources"] == len(lines) == sum(told["types"].values())
    assert told["bytes"] == sum(len(line) + 1 for line in lines)


def test_a_dry_run_writes_nothing(tmp_path: Path) -> None:
    out = tmp_path / "out"
    result = run("--patients", "2000", "-o", str(out), "--dry-run", "--country", "de")
    assert "nothing was written" in result.stdout
    assert not out.exists()


def test_the_estimate_of_a_dry_run_is_near(monkeypatch: pytest.MonkeyPatch) -> None:
    few = writer_module.estimate(Recipe(400))
    monkeypatch.setattr(writer_module, "SAMPLE", 400)
    exact = writer_module.estimate(Recipe(400))
    assert few.counts["Patient"] == exact.counts["Patient"] == 400
    assert few.resources == pytest.approx(exact.resources, rel=0.5)
