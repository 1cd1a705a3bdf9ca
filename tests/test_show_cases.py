"""telling/show_cases.py: a mark per case, what each file lacks, what failed and why."""

from typing import Any

import pytest

from adapter.telling.figures import cells
from adapter.telling.show_cases import MARKS_MAX, NAME_MAX, cases_text


def file(name: str = "routing", marks: str = "...", **more: Any) -> dict[str, Any]:
    said = {"name": name, "marks": marks, "cases": len(marks), "fired": 2, "rules": 2,
            "lacking": []}  # fmt: skip
    return {**said, **more}


def results(*files: dict[str, Any], failures: Any = (), skipped: int = 0) -> dict[str, Any]:
    count = sum(f["cases"] for f in files)
    return {"files": list(files), "failures": list(failures), "failed": len(failures),
            "passed": count - len(failures) - skipped, "skipped": skipped}  # fmt: skip


FAILURE = {"name": "a serialized piece is held", "place": "cases/x.toml:61:1",
           "gaps": [{"expected": "REQ308", "found": "nothing; nearest rule REQ308 failed on "
                     "actual.quantity != 1 (actual.quantity 1)"}]}  # fmt: skip


def test_files_stand_below_each_other() -> None:
    assert cases_text(results(file(), file("traits", "....", fired=3, rules=4))).splitlines() == [
        "  routing  ...     3 cases  2/2 rules",
        "  traits   ....    4 cases  3/4 rules",
        "",
        "7 cases: 7 passed, 0 failed.",
    ]


def test_a_file_without_rules_counts_cases_only() -> None:
    first = cases_text(results(file("golden/G01", ".", rules=0, fired=0))).splitlines()[0]

    assert first == "  golden/G01  .     1 case"


def test_many_cases_go_on_in_the_next_line_and_are_counted_at_the_end() -> None:
    first, second, *_ = cases_text(results(file(marks="." * (MARKS_MAX + 2)))).splitlines()

    assert first == "  routing  " + "." * MARKS_MAX
    assert second.startswith(" " * 11 + "..") and second.endswith(" 32 cases  2/2 rules")


def test_an_empty_file_still_has_its_line() -> None:
    assert "0 cases" in cases_text(results(file(marks=""))).splitlines()[0]


@pytest.mark.parametrize(
    ("lacking", "said"),
    [
        (["A1"], "A1 has no case (RUL108)"),
        (["A1", "A2"], "A1, A2 have no case (RUL108)"),
        (["A1", "A2", "A3", "A4", "A5"], "A1, A2, A3 and 2 more have no case (RUL108)"),
    ],
)
def test_rules_without_a_case_are_named_below_their_file(lacking: list[str], said: str) -> None:
    assert cases_text(results(file(lacking=lacking))).splitlines()[1].strip() == said


def test_a_failure_says_where_what_was_expected_and_what_was_found() -> None:
    text = cases_text(results(file(marks="..✗"), failures=[FAILURE]))

    assert text.splitlines()[2:] == [
        "✗ a serialized piece is held",
        "    cases/x.toml:61:1",
        "    expected  REQ308",
        "    found     nothing; nearest rule REQ308 failed on actual.quantity != 1",
        "              (actual.quantity 1)",
        "",
        "3 cases: 2 passed, 1 failed.",
    ]


def test_cases_about_changed_rules_are_counted_apart() -> None:
    last = cases_text(results(file(marks=".--"), skipped=2)).splitlines()[-1]

    assert last == "3 cases: 1 passed, 0 failed, 2 about rules that this workspace changed."


def test_own_rules_that_fire_in_shipped_cases_are_told_before_the_sum() -> None:
    said = {**results(file(marks="...")), "also": {"OWN101": 2, "OWN102": 1}}

    assert cases_text(said).splitlines()[-3:] == [
        "OWN101 fires in 2 shipped cases as well; they judge the shipped rules only.",
        "OWN102 fires in 1 shipped case as well; it judges the shipped rules only.",
        "3 cases: 3 passed, 0 failed.",
    ]


@pytest.mark.parametrize("width", [60, 80, 120])
def test_it_fits_the_terminal_and_takes_hostile_names(width: int) -> None:
    hostile = {**FAILURE, "name": "\x1b[31mred " + "very long " * 30}
    told = results(file("n" * NAME_MAX, "✗"), failures=[hostile])
    text = cases_text(told, width, ascii_only=True)

    assert max(cells(line) for line in text.splitlines()) <= width
    assert text.isascii() and "\x1b" not in text


def test_colour_marks_the_file_that_failed() -> None:
    good, bad = (cases_text(results(file(marks=m)), colour=True).splitlines()[0] for m in ".✗")

    assert "\x1b[32m" in good and "\x1b[31m" in bad
