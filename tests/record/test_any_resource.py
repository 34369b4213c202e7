"""Resources made at random, through the database."""

from pathlib import Path

from hospital import bring, exact, exported, named, stripped, write_lines
from made import Maker, text

from wardbase.access.session import LOCAL_ADMINISTRATOR
from wardbase.model import RESOURCES
from wardbase.record.check import check


def test_any_resource_comes_back_from_the_database(tenant: str, tmp_path: Path) -> None:
    given = {}
    for n in range(20):
        for k, type_ in enumerate([*RESOURCES, "Basic", "Questionnaire"]):
            made = Maker(1000 * n + k, (0.1, 0.3, 0.6)[n % 3]).resource(type_)
            given[type_, made["id"]] = made
    file = write_lines(tmp_path / "all.ndjson", *map(text, given.values()))
    assert bring(tenant, file).refused == 0
    back = exported(tenant, tmp_path / "back")
    wrong = []
    for each in given.values():
        resource = exact(text(each))
        for name in ("_versionId", "_lastUpdated"):
            resource.get("meta", {}).pop(name, None)
        if back[named(resource)] != stripped(resource):
            wrong.append(named(resource))
    assert wrong == []
    assert len(back) == len(given)
    assert check(tenant, LOCAL_ADMINISTRATOR, deep=True).whole
