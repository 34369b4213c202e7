"""What was loaded comes back equal, resource by resource, numbers digit for digit."""

from pathlib import Path
from typing import Any

import pytest
from hospital import FIXTURES, Named, borrowed, bring, exported, refusals, rows, sent

from wardbase.access.session import LOCAL_ADMINISTRATOR
from wardbase.model import RESOURCES
from wardbase.record import export
from wardbase.record.check import check


def differing(given: dict[Named, list[Any]], back: dict[Named, Any]) -> list[Named]:
    """What did not come back as one of the contents that were sent under its name."""
    return [name for name, contents in given.items() if back.get(name) not in contents]


def prove(tenant: str, folder: Path, *paths: Path) -> None:
    done = bring(tenant, *paths)
    given = sent(paths)
    assert given
    back = exported(tenant, folder / "back")
    assert differing(given, back) == []
    assert len(back) == len(given), "no resource comes out that did not go in"
    turned_away = sum(len(contents) - 1 for contents in given.values())
    assert rows(tenant, "SELECT count(*) FROM version") == [(turned_away,)]
    found = check(tenant, LOCAL_ADMINISTRATOR, deep=True)
    assert found.whole, found.damaged
    told = [each["reason"] for file in done.refused_files for each in refusals(file)]
    assert done.refused == len(told)
    assert [reason for reason in told if "without a resource" not in reason] == []


def test_our_own_small_set(tenant: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "_KEYS", 2)
    prove(tenant, tmp_path, FIXTURES / "transaction.json", FIXTURES / "odd.ndjson")


def test_every_official_example(tenant: str, tmp_path: Path) -> None:
    folder = borrowed("fhir-examples/r4-4.0.1", tmp_path)
    given = sent([folder])
    assert len({type_ for type_, _ in given} - RESOURCES.keys()) > 50, "types of no table, too"
    prove(tenant, tmp_path, folder)


def test_synthea_in_small(tenant: str, tmp_path: Path) -> None:
    prove(tenant, tmp_path, borrowed("fhir-synthea/smoke", tmp_path))


@pytest.mark.long
@pytest.mark.parametrize(
    "name", ["bulk-10-patients", "bulk-1000-patients", "r4-2019", "r4-2021-hiv", "r4-2022"]
)
def test_synthea_in_full(tenant: str, tmp_path: Path, name: str) -> None:
    prove(tenant, tmp_path, borrowed(f"fhir-synthea/{name}", tmp_path))
