"""docs/codes: every page is complete, and its example gives exactly the code it explains."""

import re
from pathlib import Path

import pytest

from adapter.edge.book import options
from adapter.reading.rulebook import make_rulebook
from adapter.reading.rulecheck import check_rules
from adapter.reading.rulefile import parse_rule_file
from adapter.reading.settings import parse_settings
from adapter.reading.source import parse_source
from adapter.values.codes import CODES
from adapter.values.finding import Finding, Place
from tests.rule_texts import catalogue

PAGES = sorted((Path(__file__).parents[1] / "docs" / "codes").glob("*.md"))
HEADINGS = ["What it says", "Why it matters", "Example", "What to do"]
FENCE = re.compile(r"```(\w+)\n(.*?)```", re.S)


def example_of(page: Path) -> tuple[str, str, str]:
    """Kind, first line's file and text of the example."""
    found = FENCE.search(page.read_text())
    assert found is not None, f"{page.name} has no example"
    text = found[2]
    return found[1], text.split("\n", 1)[0].lstrip("# "), text


RULE_PAGES = [p for p in PAGES if example_of(p)[0] == "toml" and p.stem[:3] in
              ("RUL", "SRC") and example_of(p)[1].startswith("rules/")]
SETTING_PAGES = [p for p in PAGES if example_of(p)[1] == "adapter.toml"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_has_its_title_and_headings(page: Path) -> None:
    text = page.read_text()
    line = CODES[page.stem]

    assert text.startswith(f"# {line.code} {line.name}\n")
    assert HEADINGS == re.findall(r"^## (.*)$", FENCE.sub("", text), re.M)


@pytest.mark.parametrize("page", RULE_PAGES, ids=lambda page: page.stem)
def test_the_example_of_a_rule_code_has_that_fault(page: Path) -> None:
    _, path, text = example_of(page)
    source, found = parse_source(path, text)
    findings: list[Finding] = list(found)
    if source is not None:
        known = catalogue(source)
        file, found = parse_rule_file(source, known)
        findings += found
        if file is not None and not findings:
            book, found = make_rulebook([file], [], {}, Place("adapter.toml"))
            findings += [*found, *check_rules(book, known)]

    assert page.stem in {f.code for f in findings if f.level == CODES[page.stem].level}


@pytest.mark.parametrize("page", SETTING_PAGES, ids=lambda page: page.stem)
def test_the_example_of_a_setting_code_has_that_fault(page: Path) -> None:
    source, _ = parse_source("adapter.toml", example_of(page)[2])
    assert source is not None

    _, found = parse_settings(source, None, options())

    assert {page.stem} == {f.code for f in found}


def test_there_are_pages_that_run() -> None:
    assert len(RULE_PAGES) > 12
    assert len(SETTING_PAGES) >= 2
