"""The documents of two reports side by side."""

from typing import Any

from adapter.telling.compare import compare_reports, comparison_text
from adapter.telling.figures import cells
from tests.report_sample import sample_report


def report_with(**changes: Any) -> dict[str, Any]:
    """The sample, with something of its first journal changed."""
    report = sample_report()
    report["documents"][0].update(digest="f" * 64, **changes)
    return report


def total(amount: str, label: str = "cost", currency: str = "USD") -> dict[str, str]:
    return {"label": label, "currency": currency, "amount": amount}


def test_a_changed_document_tells_its_totals_before_and_after() -> None:
    old = report_with(totals=[total("10.00"), total("5.00", "sales"), total("7", "cost", "EUR")])
    new = report_with(totals=[total("12.50"), total("5.0", "sales"), total("9", "sales", "EUR")])
    comparison = compare_reports(old, {**new, "actuals": old["actuals"]})
    (changed,) = compare_reports(old, _other_digest(new))["documents"]["changed"]

    assert comparison["documents"]["changed"] == []
    assert changed["totals"] == [
        {"label": "cost", "currency": "USD", "before": "10.00", "after": "12.50",
         "difference": "2.50"},
        {"label": "cost", "currency": "EUR", "before": "7", "after": "0", "difference": "-7"},
        {"label": "sales", "currency": "EUR", "before": "0", "after": "9", "difference": "9"},
    ]  # fmt: skip


def _other_digest(report: dict[str, Any]) -> dict[str, Any]:
    report["documents"][0]["digest"] = "e" * 64
    return report


def test_a_journal_whose_key_alone_is_another_has_changed() -> None:
    old = sample_report()
    new = report_with(key="9" * 64, totals=[total("1.00")])
    for actual in new["actuals"]:
        for channel in ("ledger", "billing"):
            if actual[channel]["document"] == old["documents"][0]["key"]:
                actual[channel]["document"] = "9" * 64
    found = compare_reports(old, new)
    (changed,) = found["documents"]["changed"]

    assert found["documents"]["appeared"] == found["documents"]["gone"] == []
    assert (changed["key"], changed["old_key"]) == ("9" * 64, old["documents"][0]["key"])
    assert "changed, new, under another key" in comparison_text(found)
    assert comparison_text(found).endswith(
        "No verdict moved among 20 actuals; 1 document says something else.\n"
    )


def test_what_all_documents_come_to_is_told_by_kind_side_and_currency() -> None:
    old, new = report_with(totals=[total("10.00")]), report_with(totals=[total("4.00")])
    held = _other_digest(report_with(totals=[total("4.00")], status="held"))
    sums = compare_reports(old, _other_digest(new))["sums"]

    assert [(s["kind"], s["label"], s["currency"], s["difference"]) for s in sums] == [
        ("journal", "cost", "USD", "-6.00")
    ]
    assert compare_reports(old, held)["sums"][0]["difference"] == "-10.00"
    assert compare_reports(old, report_with(totals=[total("10.0")]))["sums"] == []


def test_long_changes_stand_on_two_lines_and_nothing_is_cut() -> None:
    old, new = sample_report(), sample_report()
    for report, name in ((old, "USMF 2026-11 (1)"), (new, "USMF 2026-11-14 (1)")):
        report["documents"][0]["name"] = name
        report["actuals"][0]["ledger"] = {
            "answer": "send", "rule": "RTE420", "reason": "",
            "document": report["documents"][0]["key"],
        }  # fmt: skip
    text = comparison_text(compare_reports(old, new)).splitlines()

    assert any(line.endswith("journal USMF 2026-11 (1)") for line in text)
    assert any(line.endswith("journal USMF 2026-11-14 (1)") for line in text)
    assert not [line for line in text if "..." in line]
    assert max(cells(line) for line in text) <= 80
