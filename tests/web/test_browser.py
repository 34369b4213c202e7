"""The pages in a real browser: search to conflict, by keyboard, on a phone, in the dark."""

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

_ARGUMENTS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
PHONE = {"width": 375, "height": 740}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    found = shutil.which("chromium")
    if found is None:
        pytest.skip("no chromium: make setup installs it")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=found, args=[*_ARGUMENTS])
        yield started
        started.close()


@pytest.fixture
def context(browser: Browser, address: str) -> Iterator[BrowserContext]:
    made = browser.new_context(base_url=address)
    made.set_default_timeout(10_000)
    yield made
    made.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    made = context.new_page()
    said: list[str] = []
    made.on("console", lambda message: said.append(message.text) if message.type == "error" else 0)
    made.on("request", lambda request: said.append(request.url) if "127.0.0.1" not in request.url
            else 0)  # fmt: skip
    yield made
    # The browser notes an answer of 409 as an error; a script refused by the policy is a real one.
    assert [line for line in said if "status of 409" not in line] == []


def test_search_chart_add_diagnosis_and_conflict(
    context: BrowserContext, page: Page, hospital: str, patient: str
) -> None:
    page.goto(f"/{hospital}/patients")
    page.get_by_placeholder("Name, birth date or identifier").press_sequentially("mollr zoe")
    page.wait_for_function("document.querySelectorAll('#found tbody tr').length > 0")
    page.goto(f"/{hospital}/patients/{patient}")
    page.get_by_role("link", name="Add a diagnosis").click()
    page.get_by_label("Diagnosis").press_sequentially("hypertens", delay=20)
    option = page.locator("datalist option").first
    option.wait_for(state="attached")
    page.get_by_label("Diagnosis").fill(option.get_attribute("value") or "")
    page.get_by_label("Since").fill("2015")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_have_text("The diagnosis is saved.")
    expect(page.locator("#problems tbody tr")).to_have_count(1)

    other = context.new_page()
    page.locator("#problems").get_by_role("link", name="Correct").click()
    other.goto(page.url)
    other.get_by_label("Remark").fill("from the ward")
    other.get_by_role("button", name="Save").click()
    page.get_by_label("Remark").fill("from the clinic")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("Somebody else changed this meanwhile")
    expect(page.get_by_role("alert")).to_contain_text("from the ward")
    expect(page.get_by_label("Remark")).to_have_value("from the clinic")
    page.get_by_role("button", name="Save mine over theirs").click()
    expect(page.locator("#problems")).to_contain_text("from the clinic")


def test_by_keyboard_alone(page: Page, hospital: str, patient: str) -> None:
    page.goto(f"/{hospital}/")
    page.keyboard.press("Tab")
    expect(page.get_by_text("Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.type("3.5.1980")
    page.keyboard.press("Enter")
    page.wait_for_url("**/patients?q=*")
    page.locator(f"a[href$='{patient}']").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/{patient}")
    page.get_by_role("link", name="Add an allergy").focus()
    page.keyboard.press("Enter")
    page.get_by_role("combobox", name="Substance", exact=True).focus()
    page.keyboard.type("Latex")
    page.keyboard.press("Enter")
    expect(page.locator("#allergies li").first).to_contain_text("Latex")


def test_focus_can_be_seen(page: Page, hospital: str) -> None:
    page.goto(f"/{hospital}/")
    for _ in range(4):
        page.keyboard.press("Tab")
        width = page.evaluate("getComputedStyle(document.activeElement).outlineWidth")
        assert float(width.removesuffix("px")) >= 2


@pytest.mark.parametrize(
    "path", ["/", "/{h}/", "/{h}/patients?q=m", "/{h}/patients/new", "/{p}", "/{p}/conditions/new",
             "/{p}/vitals/new", "/{h}/questions/latest_hba1c", "/-/tables", "/-/tables/observation",
             "/{h}/fhir/Patient/{id}"],
)  # fmt: skip
def test_phone_shows_all_without_scrolling_sideways(
    page: Page, hospital: str, busy: str, path: str
) -> None:
    page.set_viewport_size(PHONE)
    page.goto(path.format(h=hospital, p=f"{hospital}/patients/{busy}", id=busy))
    page.wait_for_load_state("networkidle")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_colours_can_be_told_apart(
    browser: Browser, address: str, hospital: str, busy: str, scheme: str
) -> None:
    context = browser.new_context(base_url=address, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(f"/{hospital}/patients/{busy}")
    weak = page.evaluate(_CONTRAST)
    context.close()
    assert weak == []


def test_without_scripts_a_diagnosis_can_be_added(
    browser: Browser, address: str, hospital: str, patient: str
) -> None:
    context = browser.new_context(base_url=address, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"/{hospital}/patients/{patient}")
    page.get_by_role("link", name="Add a diagnosis").click()
    page.get_by_label("Diagnosis").fill("Plain old cold")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#problems")).to_contain_text("Plain old cold")
    context.close()


# Every text against the first ground behind it (WCAG 2.1, 1.4.3 and relative luminance).
_CONTRAST = """
() => {
  const numbers = c => c.match(/[\\d.]+/g).map(Number);
  const luminance = ([r, g, b]) => [r, g, b].map(v => v / 255)
    .map(v => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
  const ground = e => {
    for (; e; e = e.parentElement) {
      const c = numbers(getComputedStyle(e).backgroundColor);
      if (c.length < 4 || c[3] > 0) return c;
    }
    return [255, 255, 255];
  };
  const weak = new Set();
  for (const e of document.querySelectorAll('body *')) {
    const own = [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim());
    if (!own || !e.getClientRects().length) continue;
    const style = getComputedStyle(e);
    const text = numbers(e.closest('svg') ? style.fill : style.color);
    const [a, b] = [luminance(text), luminance(ground(e))].sort((x, y) => y - x);
    const name = e.tagName + '.' + (e.className.baseVal ?? e.className);
    if ((a + .05) / (b + .05) < 4.5) weak.add(name);
  }
  return [...weak];
}
"""
