"""Two reports side by side."""

from typing import Any

import pytest

from adapter.telling.compare import compare_reports, comparison_text
from adapter.telling.figures import cells
from tests.report_sample import sample_report


def changed() -> dict[str, Any]:
    """The sample after REQ304 was fixed for WO-00912, with one actual less and one more."""
    report = sample_report()
    report["plan"]["id"] = "aaaaaaaaaaaa"
    for actual in report["actuals"]:
        if actual["work_order"] == "WO-00912":
            actual["status"], actual["findings"] = "written", []
            actual["ledger"] = {"answer": "send", "rule": "RTE420", "document": None, "reason": ""}
    report["actuals"][0]["amount"] = "100.00"
    gone = report["actuals"].pop()
    report["actuals"].append({**gone, "id": "new", "name": "A-000500", "amount": "10.00"})
    report["documents"].pop(1)
    report["documents"][0]["digest"] = "f" * 64
    report["documents"][0]["totals"] = [{"label": "cost", "currency": "USD", "amount": "1.00"}]
    return report


COMPARISON = compare_reports(sample_report(), changed())


def test_a_report_and_itself_do_not_differ() -> None:
    same = compare_reports(sample_report(), sample_report())

    assert [same[word] for word in ("moved", "appeared", "gone", "money")] == [[], [], [], []]
    assert comparison_text(same).splitlines()[-1] == "No verdict moved among 20 actuals."


def test_numbers_that_are_written_differently_have_not_moved() -> None:
    other = sample_report()
    for actual in other["actuals"]:
        actual["amount"] += "0" if "." in actual["amount"] else ".0"
    for document in other["documents"]:
        document["digest"] += "x"
        document["totals"] = [{**t, "amount": t["amount"] + "0"} for t in document["totals"]]
    same = compare_reports(sample_report(), other)

    assert [same[word] for word in ("moved", "appeared", "gone", "money")] == [[], [], [], []]
    assert not any(same["documents"].values())


def test_each_verdict_that_moved_is_named_with_what_changed() -> None:
    moved = {one["name"]: one["changes"] for one in COMPARISON["moved"]}

    assert sorted(moved) == ["A-000341", "A-000347", "A-000348"]
    assert moved["A-000341"] == [{"what": "amount", "old": "96.40", "new": "100.00"}]
    assert moved["A-000347"] == [
        {"what": "status", "old": "held", "new": "written"},
        {"what": "ledger", "old": "hold REQ304", "new": "send RTE420"},
        {"what": "findings", "old": "REQ304", "new": ""},
    ]


def test_actuals_of_one_report_only_are_listed() -> None:
    assert [one["name"] for one in COMPARISON["appeared"]] == ["A-000500"]
    assert [one["name"] for one in COMPARISON["gone"]] == ["A-000405"]


@pytest.mark.parametrize(
    "line",
    [
        ("CAMF", "CAD", "unbilled-sales", "absent", "held", "10.00", 1),
        ("CAMF", "CAD", "unbilled-sales", "held", "absent", "360.00", 1),
        ("USMF", "USD", "cost", "absent", "written", "3.60", 1),
        ("USMF", "USD", "cost", "held", "written", "120.00", 1),
        ("USMF", "USD", "unbilled-sales", "held", "written", "2150.10", 1),
    ],
)
def test_money_moves_by_company_currency_and_type(line: tuple[object, ...]) -> None:
    keys = ("company", "currency", "type", "old", "new", "amount", "records")

    assert dict(zip(keys, line, strict=True)) in COMPARISON["money"]
    assert len(COMPARISON["money"]) == 5


def test_documents_that_appeared_went_or_changed_are_listed() -> None:
    documents = COMPARISON["documents"]

    assert [d["name"] for d in documents["gone"]] == ["USMF 2026-11 (2)"]
    assert [d["name"] for d in documents["changed"]] == ["USMF 2026-11 (1)"]
    assert documents["appeared"] == []


def test_an_actual_that_changed_its_currency_leaves_one_sum_and_joins_another() -> None:
    report = sample_report()
    report["actuals"][0]["currency"] = "EUR"
    money = compare_reports(sample_report(), report)["money"]

    assert [(m["currency"], m["old"], m["new"], m["amount"]) for m in money] == [
        ("EUR", "absent", "written", "96.40"),
        ("USD", "written", "absent", "96.40"),
    ]


def test_the_text_fits_the_terminal_and_ends_with_a_sentence() -> None:
    for ascii_only in (False, True):
        text = comparison_text(COMPARISON, ascii_only=ascii_only)

        assert max(cells(line) for line in text.splitlines()) <= 80
        assert text.splitlines()[-1] == (
            "3 verdicts moved, 1 actual appeared, 1 actual gone. Nothing was sent."
        )
    assert "  USMF  unbilled  USD  2,150.10  held    ->  written  1 actual" in text
