"""The HTML report in a real headless Chromium.

Without a browser these tests are skipped and say so; `FIELDLEDGER_BROWSER=required` makes
that a failure, as in `.ci/run`.
"""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from adapter.telling.show_html import as_html
from tests.hostile import PAYLOADS
from tests.report_sample import sample_report

TEMPLATE = (Path(__file__).parents[1] / "templates" / "report.html.j2").read_text("utf-8")
A4_WIDTH, A4_HEIGHT = 595, 842  # points


Opener = Callable[..., Page]


@pytest.fixture
def show(browser: Browser, tmp_path: Path) -> Iterator[Opener]:
    """Opens a report and, at the end, fails on console errors and outside requests."""
    contexts: list[BrowserContext] = []
    wrong: list[str] = []

    def opened(report: dict[str, Any] | None = None, **options: Any) -> Page:
        file = tmp_path / "report.html"
        file.write_text(as_html(report or sample_report(), TEMPLATE), "utf-8")
        context = browser.new_context(viewport={"width": 1200, "height": 900}, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda said: wrong.append(said.text))
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("dialog", lambda dialog: (wrong.append(dialog.message), dialog.dismiss()))
        page.on("request", lambda asked: asked.url == file.as_uri() or wrong.append(asked.url))
        page.goto(file.as_uri())
        return page

    yield opened
    for context in contexts:
        context.close()

    assert wrong == []


def visible(page: Page, row: str = "actual") -> list[str]:
    rows = page.locator(f"[data-row={row}]")
    return [text for text in rows.filter(visible=True).all_inner_texts() if text]


@pytest.mark.parametrize(
    ("words", "count"),
    [
        ("s:held", 7),
        ("s:expected", 9),
        ("s:left", 3),
        ("c:REQ304", 4),
        ("c:req3", 9),
        ("co:USMF", 15),
        ("co:USMF s:held", 6),
        ("!WO-00912", 18),
        ("!s:held !co:CAMF", 9),
        ("wo-00912", 2),
        ("WO-00912 unbilled", 1),
        ("nothing-like-this", 0),
        ("", 20),
    ],
)
def test_the_filter_narrows(show: Opener, words: str, count: int) -> None:
    page = show()
    page.fill("#filter", words)

    assert len(visible(page)) == count
    assert page.inner_text("#tally") == (f"{count} of 20 actuals" if words else "")


def test_the_filter_narrows_findings_and_documents_too(show: Opener) -> None:
    page = show()
    page.fill("#filter", "c:REQ308")

    assert page.locator("article.card:visible").count() == 1
    assert page.locator("#f-REQ308").is_visible()
    assert len(visible(page, "document")) == 0
    page.fill("#filter", "!proforma")
    assert len(visible(page, "document")) == 2


def test_a_filter_opens_what_is_folded(show: Opener) -> None:
    page = show(sample_report(20))

    assert len(visible(page, "occurrence")) == 60
    page.fill("#filter", "c:REQ304")
    assert len(visible(page, "occurrence")) == 80


def test_slash_focuses_the_filter_and_escape_leaves_it(show: Opener) -> None:
    page = show()
    page.keyboard.press("/")
    page.keyboard.type("s:held")

    assert page.input_value("#filter") == "s:held"
    page.keyboard.press("Escape")
    assert page.input_value("#filter") == ""
    assert len(visible(page)) == 20


def test_n_and_p_go_from_finding_to_finding(show: Opener) -> None:
    page = show()
    seen = []
    for key in "nnnnpp":
        page.keyboard.press(key)
        seen.append(page.evaluate("document.activeElement.id"))

    assert seen == ["f-REQ304", "f-REQ308", "f-REQ330", "f-REQ304", "f-REQ330", "f-REQ308"]
    box = page.locator("#f-REQ308").bounding_box()
    assert box is not None and 0 <= box["y"] < 200


def test_n_and_p_pass_over_what_the_filter_hides(show: Opener) -> None:
    page = show()
    page.fill("#filter", "co:CAMF")
    page.locator("#filter").blur()
    page.keyboard.press("n")
    page.keyboard.press("n")

    assert page.evaluate("document.activeElement.id") == "f-REQ330"


def test_the_copy_button_gives_the_finding_as_plain_text(show: Opener) -> None:
    page = show(permissions=["clipboard-read", "clipboard-write"])
    page.locator("#f-REQ308 button").click()
    page.get_by_role("button", name="copied").wait_for()
    text = page.evaluate("navigator.clipboard.readText()")

    assert text.startswith("REQ308 serial quantity not one: 2 actuals, USD 206.30")
    assert "help: Split the usage" in text


def test_copying_works_without_the_clipboard_interface(show: Opener) -> None:
    page = show()
    page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    page.evaluate("document.addEventListener('copy', () => { window.copied ="
                  " document.activeElement.value; })")  # fmt: skip
    page.locator("#f-REQ304 button").click()

    assert page.evaluate("window.copied").startswith("REQ304 billing account not on contract")
    assert page.locator("textarea").count() == 0


def test_a_link_to_a_row_leads_to_it(show: Opener) -> None:
    page = show()
    page.locator("#f-REQ304 a", has_text="A-000347").click()
    marked = page.locator("tr:target")

    assert "A-000347" in marked.inner_text()
    assert marked.is_visible()


def test_everything_is_there_without_javascript(show: Opener) -> None:
    page = show(java_script_enabled=False)

    assert len(visible(page)) == 20
    assert len(visible(page, "occurrence")) == 9
    assert len(visible(page, "document")) == 5
    assert page.locator("button:visible, form:visible").count() == 0
    assert page.locator("text=Rule coverage").first.is_visible()
    page.locator("#documents summary").first.click()
    assert page.locator("text=Business key").first.is_visible()


@pytest.mark.parametrize("part", range(4))
def test_hostile_text_stays_text(show: Opener, part: int) -> None:
    assert len(PAYLOADS) == 60
    for payload in PAYLOADS[part::4]:
        page = show(poisoned(payload))
        counts = page.evaluate(
            """() => {
              const all = [...document.querySelectorAll('*')];
              return {
                scripts: document.scripts.length,
                styles: document.querySelectorAll('style, link').length,
                events: all.flatMap(e => [...e.attributes]).filter(a => /^on/i.test(a.name)).length,
                foreign: all.filter(e => /^(img|iframe|object|embed|svg|math|base|video|textarea)$/i
                  .test(e.tagName)).length,
                links: [...document.links].map(a => a.getAttribute('href'))
                  .filter(to => !/^(#|https:\\/\\/learn\\.microsoft\\.com\\/)/.test(to)).length,
                inside: document.getElementById('report').content.children.length,
                report: document.getElementById('report').content.textContent,
              };
            }"""
        )
        embedded = json.loads(counts.pop("report"))

        assert counts == {
            "scripts": 1, "styles": 1, "events": 0, "foreign": 0, "links": 0, "inside": 0,
        }, payload  # fmt: skip
        assert embedded["actuals"][0]["description"] == payload
        page.context.close()


def poisoned(payload: str) -> dict[str, Any]:
    """The sample with the payload in every text of it, but for words the views know."""
    kept = {
        "status", "level", "amount", "in", "written", "unchanged", "left", "held", "quantity",
        "word", "answer",
    }  # fmt: skip

    def spoil(value: Any, key: str = "") -> Any:
        if isinstance(value, dict):
            return {k: spoil(v, k) for k, v in value.items()}
        if isinstance(value, list):
            return [spoil(v, key) for v in value]
        return payload if isinstance(value, str) and key not in kept else value

    report: dict[str, Any] = spoil(sample_report())
    return report


def test_the_policy_stops_a_script_that_gets_in(browser: Browser, tmp_path: Path) -> None:
    page_text = as_html(sample_report(), TEMPLATE)
    script = "<script>document.title = 'got in'</script>"
    poisoned_page = page_text.replace("</main>", f"{script}</main>")
    file = tmp_path / "poisoned.html"
    file.write_text(poisoned_page, "utf-8")
    context = browser.new_context()
    page = context.new_page()
    page.goto(file.as_uri())
    title = page.title()
    context.close()

    assert title == "Contoso: dry run 7f3a9c0042ab"


def test_it_prints_on_a4(show: Opener) -> None:
    page = show()
    pdf = page.pdf(prefer_css_page_size=True)
    boxes = {
        tuple(round(float(n)) for n in box.split()[2:4])
        for line in pdf.decode("latin-1").split("/MediaBox")[1:]
        for box in [line.split("[")[1].split("]")[0]]
    }

    assert pdf.startswith(b"%PDF-")
    assert boxes == {(A4_WIDTH, A4_HEIGHT)}


def test_nothing_is_cut_off_on_paper(show: Opener) -> None:
    page = show()
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 703, "height": 1000})  # A4 without its margins

    assert page.locator(".bar").is_hidden()
    assert page.evaluate("document.documentElement.scrollWidth") <= 703


@pytest.mark.parametrize("width", [360, 800, 1200])
def test_the_page_itself_never_scrolls_sideways(show: Opener, width: int) -> None:
    page = show()
    page.set_viewport_size({"width": width, "height": 900})

    assert page.evaluate("document.documentElement.scrollWidth") <= width


def contrast(page: Page, path: str) -> float:
    """The contrast between a text and the page's paper (WCAG 2.2, 1.4.3)."""
    ratio: float = page.evaluate(
        """(path) => {
          const light = (text) => {
            const [r, g, b] = text.match(/[0-9.]+/g).slice(0, 3).map(Number).map(v => v / 255)
              .map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
            return 0.2126 * r + 0.7152 * g + 0.0722 * b;
          };
          const ink = light(getComputedStyle(document.querySelector(path)).color);
          const paper = light(getComputedStyle(document.body).backgroundColor);
          return (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05);
        }""",
        path,
    )
    return ratio


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_light_and_dark_are_both_readable(show: Opener, scheme: str) -> None:
    page = show(color_scheme=scheme)
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")

    assert paper == {"light": "rgb(255, 255, 255)", "dark": "rgb(23, 25, 28)"}[scheme]
    for path in ("h1", ".quiet", ".status.s-held", ".status.s-written", ".status.s-error", "a"):
        assert contrast(page, path) >= 4.5, path


def test_the_whole_report_can_be_read_from_the_page(show: Opener) -> None:
    page = show()
    text = page.evaluate("document.getElementById('report').content.textContent")

    assert json.loads(text) == sample_report()
