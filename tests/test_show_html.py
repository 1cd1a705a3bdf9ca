"""The HTML report, read as HTML without a browser."""

import json
import re
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path

import pytest

from adapter.telling.show_html import as_html, finding_plain, source_link
from tests.report_sample import sample_report

TEMPLATE = (Path(__file__).parents[1] / "templates" / "report.html.j2").read_text("utf-8")
PAGE = as_html(sample_report(), TEMPLATE)


class Parts(HTMLParser):
    """What a page is made of: its tags with attributes, and its texts."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.texts: dict[str, list[str]] = {}
        self._open: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {k: v or "" for k, v in attrs}))
        self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self._open:
            while self._open.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        self.texts.setdefault(self._open[-1] if self._open else "", []).append(data)


PARTS = Parts(PAGE)


def test_sections_stand_in_reading_order() -> None:
    ids = [attrs["id"] for tag, attrs in PARTS.tags if tag == "section"]

    assert ids == [
        "verdict", "needs", "models", "documents", "schedule", "actuals", "rules", "provenance",
    ]  # fmt: skip


def test_a_finding_opens_with_its_sentence_and_help_and_the_rule_is_folded() -> None:
    page = as_html(sample_report(), TEMPLATE)
    verdict = page[page.index('<section id="verdict">') : page.index('<section id="needs">')]
    card = page[page.index('<article class="card') :]
    card = card[: card.index("</article>")]
    rule = card.index('<details class="rule">')

    assert card.index("<h3>") < card.index('class="help"') < card.index("<tbody>") < rule
    assert rule < card.index('<pre class="evidence">') < card.index("</details>", rule)
    assert verdict.count('<details class="sums">') == 2, "the tables are folded where they add up"
    assert "adds up, and so does the money" in verdict


def test_the_policy_allows_exactly_the_one_style_and_the_one_script() -> None:
    policy = next(a["content"] for t, a in PARTS.tags if "http-equiv" in a)
    for tag, directive in (("style", "style-src"), ("script", "script-src")):
        body = re.findall(rf"<{tag}>(.*?)</{tag}>", PAGE, re.S)
        digest = b64encode(sha256(body[0].encode()).digest()).decode()

        assert len(body) == 1
        assert f"{directive} 'sha256-{digest}';" in policy
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy


def test_nothing_is_loaded_and_nothing_is_inline() -> None:
    loading = {"src", "srcset", "data", "action", "background", "poster", "style"}

    assert not [a for _, attrs in PARTS.tags for a in attrs if a in loading or a.startswith("on")]
    assert not [t for t, _ in PARTS.tags if t in ("link", "img", "iframe", "object", "embed")]
    assert "url(" not in PAGE and "@import" not in PAGE


def test_every_actual_finding_and_document_has_an_anchor() -> None:
    ids = [attrs["id"] for _, attrs in PARTS.tags if "id" in attrs]
    report = sample_report()

    assert len(ids) == len(set(ids))
    for wanted in (
        *(f"a-{a['id']}" for a in report["actuals"]),
        *(f"f-{f['code']}" for f in report["findings"]),
        *(f"d-{d['key']}" for d in report["documents"]),
    ):
        assert wanted in ids


def test_every_link_inside_the_page_leads_somewhere() -> None:
    ids = {attrs["id"] for _, attrs in PARTS.tags if "id" in attrs}
    links = {a["href"][1:] for t, a in PARTS.tags if t == "a" and a["href"].startswith("#")}

    assert links - ids == set()


def test_the_report_is_embedded_whole_and_exact() -> None:
    text = re.search(r'<template id="report">(.*?)</template>', PAGE, re.S)

    assert text is not None
    assert not set(text[1]) & set("<>&")
    assert json.loads(text[1]) == sample_report()


def test_hostile_names_are_text() -> None:
    assert [t for t, _ in PARTS.tags].count("script") == 1
    assert "<script>alert(1)</script>" in "".join(PARTS.texts["small"])
    assert '"><img src=x onerror=alert(2)>' in "".join(PARTS.texts["small"])
    assert "\u202e" not in PAGE
    assert "\\u202e" in "".join(PARTS.texts["small"])


@pytest.mark.parametrize(
    "said",
    [
        "3 documents would be written. 7 actuals are held. Nothing was sent.",
        "billing account not on contract",
        "work_order.billing_account is ACC-1044",
        "For the project manager",
        "Fired, though not documented by the vendor",
        "Allowed, lowered or switched off",
        "31 Oct 2026, expired",
        "Milestones and retainers",
        "7 lines",
        "Amount",
        "masked",
        "(hidden)",
    ],
)
def test_the_page_says(said: str) -> None:
    assert said in PAGE


def test_a_finding_can_be_copied_as_plain_text() -> None:
    text = finding_plain(sample_report()["findings"][1])

    assert text.splitlines() == [
        "REQ308 serial quantity not one: 2 actuals, USD 206.30",
        "place: rules/requirements-inventory.toml:58",
        "why: One number names one piece.",
        "owner: warehouse manager",
        "source: learn: supply-chain/inventory/tracking-dimensions",
        "- A-000352 WO-00915 USD 75.00: Water meter carries a serial number and quantity 2.00.",
        "- A-000353 WO-00915 USD 131.30: Water meter carries a serial number and quantity 2.00.",
        "help: Split the usage into one line per serial number on the work order product.",
    ]


@pytest.mark.parametrize(
    ("source", "link"),
    [
        ("learn: field-service/a#b", "https://learn.microsoft.com/dynamics365/field-service/a#b"),
        ("inferred: usual practice", ""),
        ("javascript: alert(1)", ""),
        ("learn: ", ""),
        ('learn: a" onclick="x', ""),
        ("", ""),
    ],
)
def test_only_documented_sources_become_links(source: str, link: str) -> None:
    assert source_link(source) == link


def test_an_equation_that_does_not_add_up_is_all_that_is_on_the_page() -> None:
    report = sample_report()
    report["verdict"]["balanced"] = report["equation"][0]["balanced"] = False
    report["equation"][0]["money"][0]["in"] = "579.00"
    page = as_html(report, TEMPLATE)
    sections = [attrs["id"] for tag, attrs in Parts(page).tags if tag == "section"]

    assert sections == ["verdict"]
    assert "does not add up" in page and "unaccounted for" in page


def test_four_hundred_actuals_stay_below_two_mebibytes_with_everything_on_the_page() -> None:
    page = as_html(sample_report(20), TEMPLATE)

    assert page.count('data-row="actual"') == 400
    assert "this page would be too large" not in page
    assert len(page.encode()) < 2 * 1024 * 1024


def test_above_two_thousand_only_held_and_changed_rows_are_on_the_page() -> None:
    page = as_html(sample_report(101), TEMPLATE)

    assert page.count('data-row="actual"') == 101 * 7
    assert 'data-s="written' not in page.split('id="actuals"')[1].split("</section>")[0]
    assert '<a href="report.json">report.json</a>' in page
    assert "707 of 2,020" in page
    assert len(page.encode()) < 2 * 1024 * 1024


def test_the_first_twenty_of_a_finding_are_open_and_the_rest_folded() -> None:
    page = as_html(sample_report(20), TEMPLATE)
    card = page.split('id="f-REQ304"')[1].split("</article>")[0]

    assert card.split('<details class="more">')[0].count('data-row="occurrence"') == 20
    assert "60 more" in card


def test_the_same_report_gives_the_same_page() -> None:
    assert as_html(sample_report(), TEMPLATE) == PAGE


def test_optional_keys_may_be_absent() -> None:
    report = sample_report(0)
    for key in ("run", "unreadable", "schedule", "inferred", "allowed", "faults", "findings"):
        del report[key]
    for document in report["documents"]:
        for key in ("sent", "changes", "memo", "payload"):
            del document[key]

    assert "What needs you" not in as_html(report, TEMPLATE)
