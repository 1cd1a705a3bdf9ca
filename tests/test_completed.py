"""Optional keys of a report."""

from adapter.telling.completed import completed
from tests.report_sample import sample_report


def test_a_whole_report_is_not_changed() -> None:
    report = sample_report()
    whole = completed(report)

    assert all(whole["actuals"][i] == a for i, a in enumerate(report["actuals"]))
    assert [d["payload"] for d in whole["documents"]] == [
        d["payload"] for d in report["documents"]
    ]


def test_absent_keys_become_empty() -> None:
    report = sample_report()
    del report["schedule"], report["documents"][0]["sent"], report["coverage"][0]["applied"]
    whole = completed(report)

    assert whole["schedule"] == []
    assert whole["documents"][0]["sent"] is None
    assert whole["coverage"][0]["applied"] is None
    assert "sent" not in report["documents"][0]
