"""The demo: two hospitals made once, found the second time."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from typer.testing import CliRunner

from wardbase.access.session import LOCAL_ADMINISTRATOR, session
from wardbase.cli import demo, serve


def test_two_hospitals_are_made_once(
    database_server: None, forget: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = tuple(replace(each, tenant=f"demo-{each.tenant}") for each in demo.HOSPITALS)
    monkeypatch.setattr(demo, "HOSPITALS", mine)
    try:
        for says in ("Klinikum Lindenhof: 2 patients", ""):
            ran = CliRunner().invoke(demo.app, ["--patients", "2", "--no-serve"])
            assert ran.exit_code == 0, ran.output
            assert (says in ran.output) if says else (ran.output == "")
        for each in mine:
            with session(each.tenant, LOCAL_ADMINISTRATOR, "test") as own:
                assert own.connection.execute("SELECT count(*) FROM patient").fetchone() == (2,)
    finally:
        for each in mine:
            forget(each.tenant)


def test_only_this_machine_is_listened_to() -> None:
    assert serve.HOST == "127.0.0.1"
