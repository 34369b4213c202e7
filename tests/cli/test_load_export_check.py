"""The commands load, export and check, as a person or a script uses them."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from wardbase.errors import ShapeError
from wardbase.record.files import BrokenFile, NoSuchPath, NothingToLoad
from wardbase.record.load import StrictRefusal

FIXTURES = Path(__file__).parents[1] / "fixtures"
WARDBASE = [sys.executable, "-c", "from wardbase.cli import main; main()"]


def wardbase(*words: str | Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [*WARDBASE, *map(str, words)], capture_output=True, text=True, check=False
    )


@pytest.fixture
def files(tmp_path: Path) -> Path:
    folder = tmp_path / "in"
    folder.mkdir()
    for name in ("transaction.json", "odd.ndjson"):
        shutil.copy(FIXTURES / name, folder)
    return folder


def test_there_and_back(tenant: str, files: Path, tmp_path: Path) -> None:
    dry = json.loads(wardbase("load", files, "--tenant", tenant, "--dry-run", "--json").stdout)
    assert [Path(each["file"]).name for each in dry] == ["odd.ndjson", "transaction.json"]

    done = wardbase("load", files, "--tenant", tenant, "--json")
    assert done.returncode == 0, done.stderr
    facts = json.loads(done.stdout)
    assert (facts["resources"], facts["refused"]) == (19, 0)
    assert facts["new"]["Patient"] == 1
    assert facts["resources_per_second"] > 0

    out = tmp_path / "out"
    assert wardbase("export", "--tenant", tenant, "-o", out).returncode == 0
    assert sum(len(file.read_bytes().splitlines()) for file in out.iterdir()) == 19
    some = wardbase("export", "--tenant", tenant, "-o", tmp_path / "some", "--type", "Patient",
                    "--type", "Basic", "--json")  # fmt: skip
    assert [each["type"] for each in json.loads(some.stdout)] == ["Patient", "Basic"]
    later = wardbase("export", "--tenant", tenant, "-o", tmp_path / "later", "--json",
                     "--since", "2999-01-01")  # fmt: skip
    assert sum(each["resources"] for each in json.loads(later.stdout)) == 0

    found = json.loads(wardbase("check", "--tenant", tenant, "--deep", "--json").stdout)
    assert found["whole"] is True
    assert found["resources"]["Observation"] == 1


def test_what_is_refused(tenant: str, tmp_path: Path) -> None:
    file = tmp_path / "p.ndjson"
    file.write_text('{"resourceType":"Patient","id":"a","gender":"Geheimnis"}\n')
    done = wardbase("load", file, "--tenant", tenant)
    assert done.returncode == 0
    assert "1  refused" in done.stdout
    assert "p.ndjson.refused.ndjson" in done.stdout
    strict = wardbase("load", file, "--tenant", tenant, "--strict")
    assert strict.returncode == StrictRefusal.exit_code
    assert "line 1, Patient.gender" in strict.stderr
    assert "Geheimnis" not in done.stdout + done.stderr + strict.stdout + strict.stderr


def test_files_that_cannot_be_loaded(tenant: str, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "cut.ndjson.gz").write_bytes(b"\x1f\x8b\x08\x00")
    for path, kind in (
        ("none", NoSuchPath),
        ("empty", NothingToLoad),
        ("cut.ndjson.gz", BrokenFile),
    ):
        done = wardbase("load", tmp_path / path, "--tenant", tenant)
        assert done.returncode == kind.exit_code
        assert path in done.stderr
        assert "Traceback" not in done.stderr
    assert ShapeError.exit_code != StrictRefusal.exit_code


def test_a_missing_index_is_told_and_repaired(tenant: str) -> None:
    sql = "DROP INDEX observation_encounter_id_idx"
    assert wardbase("db", "psql", "--tenant", tenant, "-c", sql).returncode == 0
    found = wardbase("check", "--tenant", tenant)
    assert found.returncode == 1
    assert "observation_encounter_id_idx" in found.stdout
    assert wardbase("check", "--tenant", tenant, "--repair").returncode == 0
    assert wardbase("check", "--tenant", tenant).returncode == 0
