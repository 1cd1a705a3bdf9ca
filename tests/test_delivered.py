"""A workspace of several deliveries says what we write and what is expected of others."""

import json
from collections.abc import Callable
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from adapter.telling.delivered import channels_of, companies_of_others
from tests.commands import Ended, ran, small_company

OURS = "USMF"
Planned = Callable[..., tuple[dict[str, Any], Ended, str, Path]]


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory) -> Planned:
    """Makes report, text and page of the sample, in which some companies deliver by files."""
    @cache
    def made(*ours: str) -> tuple[dict[str, Any], Ended, str, Path]:
        return plan_of(small_company(tmp_path_factory.mktemp("w") / "w", 40), ours)

    return made


def plan_of(folder: Path, ours: tuple[str, ...]) -> tuple[dict[str, Any], Ended, str, Path]:
    path = folder / "adapter.toml"
    text = path.read_text("utf-8")
    for company in ours:
        head, tail = text.split(f"[companies.{company}]\n")
        text = f'{head}[companies.{company}]\ndelivery = "files"\n' + tail.replace(
            'delivery    = "validate-only"\n', "", 1
        )
    path.write_text(text, "utf-8")
    for maps in folder.rglob("msdyn_dualwritemap.jsonl"):
        maps.unlink()
    outputs = ("--json", str(folder / "report.json"), "--html", str(folder / "report.html"))
    said = ran(["plan", str(folder), "--all", *outputs])
    assert said.code in (0, 1), said.err
    report = json.loads((folder / "report.json").read_text("utf-8"))
    return report, said, (folder / "report.html").read_text("utf-8"), folder


def new(report: dict[str, Any], company: str = "") -> list[dict[str, Any]]:
    return [d for d in report["documents"]
            if d["status"] == "new" and company in ("", d["company"])]  # fmt: skip


def test_the_headline_counts_ours_and_those_of_others(planned: Planned) -> None:
    report, said, _, _ = planned(OURS)
    ours, all_of_them = len(new(report, OURS)), len(new(report))

    assert 0 < ours < all_of_them == report["verdict"]["documents"]
    assert report["verdict"]["documents_expected"] == all_of_them - ours
    headline = (f"{ours} document{'s' * (ours > 1)} would be written, {all_of_them - ours} are"
                " expected from others.")  # fmt: skip
    assert report["verdict"]["headline"].startswith(headline)
    assert headline in " ".join(said.out.split())
    assert f"fieldledger send {report['plan']['id']}" in said.out


@pytest.mark.parametrize(
    ("ours", "word"),
    [((), "expected"), (("USMF", "GBSI", "USPM", "CAMF"), "written")],
)
def test_where_all_deliver_alike_one_word_stands_for_all(
    planned: Planned, ours: tuple[str, ...], word: str
) -> None:
    report, said, page, _ = planned(*ours)
    count = len(new(report))

    assert report["verdict"]["word"] == word and not companies_of_others(report)
    assert report["verdict"]["documents_expected"] == (count if word == "expected" else 0)
    assert "from others" not in said.out + page
    other = {"expected": "written", "written": "expected"}[word]
    assert f" {word} +" in said.out and f" {other} +" not in said.out


def test_the_equation_has_a_column_for_each(planned: Planned) -> None:
    report, said, page, _ = planned(OURS)
    written = {a["company"] for a in report["actuals"] if a["status"] == "written"}
    assert written > {OURS}

    for channel, seen in zip(report["equation"], channels_of(report), strict=True):
        mine, all_of_it = seen["records"], channel["records"]["written"]
        assert mine["written"] + mine["expected"] == all_of_it
        for line in seen["money"]:
            theirs = Decimal(line["written" if line["company"] != OURS else "expected"])
            assert not theirs
    ledger = channels_of(report)[0]["records"]
    billed = sum(a["ledger"]["answer"] == "send" and a["status"] == "written"
                 and a["company"] == OURS for a in report["actuals"])  # fmt: skip
    assert ledger["written"] == billed
    assert "= written + expected" in " ".join(said.out.split())
    assert '<th class="num">written</th><th class="num">expected</th>' in page


def test_each_actual_says_its_own_word(planned: Planned) -> None:
    report, said, page, _ = planned(OURS)
    rows = [a for a in report["actuals"] if a["status"] == "written"]
    theirs = sum(a["company"] != OURS for a in rows)

    assert said.out.count("  + written ") == len(rows) - theirs + _scheduled(report, True)
    assert said.out.count("  + expected ") == theirs + _scheduled(report, False)
    assert f"<b>{theirs:,}</b><span>expected from others</span>" in page
    assert f'<b class="ok">{len(rows) - theirs:,}</b><span>written</span>' in page
    assert page.count('data-s="expected"') == theirs
    assert "What will be written, and what is expected" in page


def _scheduled(report: dict[str, Any], is_ours: bool) -> int:
    return sum(s["status"] == "written" and (s["company"] == OURS) is is_ours
               for s in report["schedule"])  # fmt: skip


@pytest.mark.parametrize(
    ("company", "last"),
    [(OURS, "Would be written. Nothing was sent."),
     ("GBSI", "Expected from others, who make it. Nothing was sent.")],
)  # fmt: skip
def test_explain_says_who_makes_it(planned: Planned, company: str, last: str) -> None:
    report, _, _, folder = planned(OURS)
    actual = next(a["id"] for a in report["actuals"]
                  if a["company"] == company and a["status"] == "written")  # fmt: skip

    assert last in ran(["explain", actual, "--workspace", str(folder)]).out
