"""The page of a story in a real headless Chromium: complete, still, and nothing from outside."""

from pathlib import Path

from playwright.sync_api import Browser

from tests.commands import CONTOSO, ran

LIFE = "WO-USMF-LIFE"


def test_the_page_needs_no_network_and_no_script(browser: Browser, tmp_path: Path) -> None:
    report, stories = tmp_path / "report.html", tmp_path / "stories"
    assert ran(["plan", CONTOSO, "--html", report, "--stories", stories]).code == 1
    file = next(stories.glob(f"work-order-{LIFE}-*.html"))
    wrong: list[str] = []
    size = {"width": 1100, "height": 900}
    context = browser.new_context(viewport=size, java_script_enabled=False)  # type: ignore[arg-type]
    page = context.new_page()
    page.on("console", lambda said: wrong.append(said.text))
    page.on("request", lambda asked: (
        asked.url.startswith(("file:", "data:image/svg")) or wrong.append(asked.url)
    ))  # fmt: skip
    page.goto(file.as_uri())

    assert LIFE in page.inner_text("h1")
    assert page.locator(".tiles b").all_inner_texts() == ["721.91", "75.05", "566.90", "392.65",
                                                          "174.25", "249.30"]  # fmt: skip
    box = page.locator("figure img").bounding_box()
    assert box is not None and box["width"] > 500 and box["height"] > 100
    assert page.evaluate("document.querySelector('figure img').naturalWidth") > 0
    page.click("a:text('plan report')")
    assert page.url == report.as_uri()
    page.click(f"td a:text('{LIFE}') >> nth=0")
    assert page.url == file.as_uri()
    context.close()

    assert wrong == []


def test_a_finding_leads_to_its_moment(browser: Browser, tmp_path: Path) -> None:
    stories = tmp_path / "stories"
    assert ran(["plan", CONTOSO, "--html", tmp_path / "r.html", "--stories", stories]).code == 1
    file = next(stories.glob("work-order-WO-USMF-DIFF-*.html"))
    page = browser.new_page()
    page.goto(file.as_uri())
    page.click(".finding:has-text('EXP703') a:text-matches('^journal ')")
    row = page.locator(page.evaluate("location.hash"))

    assert "price expected 75.05, is 70.00" in row.inner_text()
    assert "EXP703" in row.locator(".s-apart").inner_text()
    page.close()
