"""The floors name every room, and a wrong import is found."""

import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]


def test_every_room_is_on_a_floor():
    (layers,) = (each["layers"] for each in SETTINGS["contracts"] if each["type"] == "layers")
    placed = {room.strip() for floor in layers for room in floor.split("|")}
    package = ROOT / "src" / "wardbase"
    rooms = {f"wardbase.{each.parent.name}" for each in package.glob("*/__init__.py")}
    assert placed == rooms | {"wardbase.errors"}


def test_a_wrong_import_is_found(tmp_path):
    for name, text in {"__init__": "", "low": "import house.high", "high": ""}.items():
        (tmp_path / "house").mkdir(exist_ok=True)
        (tmp_path / "house" / f"{name}.py").write_text(text)
    (tmp_path / ".importlinter").write_text(
        "[importlinter]\nroot_package = house\n"
        "[importlinter:contract:floors]\nname = floors\ntype = layers\n"
        "layers =\n    house.high\n    house.low\n"
    )
    said = subprocess.run(
        [Path(sys.executable).parent / "lint-imports"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert said.returncode == 1
    assert "house.low is not allowed to import house.high" in said.stdout
