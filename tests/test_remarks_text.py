"""What a plan remarks beside its verdicts."""

from typing import Any

import pytest

from adapter.telling.narrow import Narrow
from adapter.telling.paint import Paint
from adapter.telling.remarks_text import ALLOWED_MAX, allowed_lines, fault_lines
from adapter.telling.show_text import as_text
from tests.report_sample import sample_report

PAINT = Paint(False, False)


def allowed(**more: Any) -> dict[str, Any]:
    return {"rule": "REQ383", "kind": "disabled", "because": "see ticket 4711",
            "expires": "2026-12-31", "expired": False, **more}  # fmt: skip


@pytest.mark.parametrize(
    ("one", "line"),
    [
        (allowed(), "  - REQ383  off until 31 Dec 2026: see ticket 4711"),
        (allowed(expired=True), "  - REQ383  off until 31 Dec 2026, expired: see ticket 4711"),
        (allowed(kind="level", expires=None), "  - REQ383  level: see ticket 4711"),
        (allowed(kind="level", levels=["error", "warning"], expires=None),
         "  - REQ383  level error -> warning: see ticket 4711"),
        (allowed(kind="replaced", expires=None, because=""), "  - REQ383  replaced"),
    ],
)
def test_a_rule_that_is_not_in_force_as_shipped_is_told(one: dict[str, Any], line: str) -> None:
    report = {"allowed": [one]}

    assert allowed_lines(report, Narrow(), 80, PAINT) == [line]
    assert allowed_lines(report, Narrow(codes=frozenset({"REQ999"})), 80, PAINT) == []


def test_the_text_of_a_plan_says_what_is_switched_off() -> None:
    report = sample_report()
    report["allowed"] = [allowed()]

    assert "  - REQ383  off until 31 Dec 2026: see ticket 4711" in as_text(report).splitlines()


def test_many_are_cut_and_counted_and_long_reasons_are_wrapped() -> None:
    report = {"allowed": [allowed(because="long " * 40)] * (ALLOWED_MAX + 3)}
    lines = allowed_lines(report, Narrow(), 80, PAINT)

    assert lines[-1] == "    and 3 rules more in the report"
    assert max(map(len, lines)) <= 80
    assert lines[1].startswith(" " * 12 + "long")


def test_faults_are_told_once_for_each_code() -> None:
    fault = {"code": "SRC030", "level": "error", "message": "a lookup leads nowhere",
             "place": "records/x.jsonl:3"}  # fmt: skip

    assert fault_lines({"faults": [fault, fault]}, Narrow(), 80, PAINT) == [
        "  ! SRC030  a lookup leads nowhere (and 1 more)",
        "            records/x.jsonl:3",
    ]
