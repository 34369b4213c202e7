"""The pages written from the code are as the code would write them."""

import pytest

import pages


@pytest.mark.parametrize("name", pages.PAGES)
def test_page_is_current(name):
    current = (pages.ROOT / name).read_text(encoding="utf-8")
    assert current == pages.PAGES[name](), "make docs"


def test_a_page_that_is_missing_or_changed_is_found(tmp_path):
    assert pages.stale(tmp_path) == list(pages.PAGES)
    for name, made in pages.PAGES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(made(), encoding="utf-8")
    assert pages.stale(tmp_path) == []
    with (tmp_path / "docs/reference/cli.md").open("a", encoding="utf-8") as page:
        page.write("changed by hand\n")
    assert pages.stale(tmp_path) == ["docs/reference/cli.md"]
