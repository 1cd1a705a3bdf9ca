"""The plan as text."""

import re

import pytest

from adapter.telling.figures import cells
from adapter.telling.narrow import Narrow
from adapter.telling.show_text import as_text
from tests.report_sample import sample_report

TEXT = as_text(sample_report())


@pytest.mark.parametrize(
    "line",
    [
        "  USMF     integrated  DEP210  company-integrated-with-finance       15",
        "  CAMF CAD unbilled  1,378.00 =     0.00 +      0.00 + 1,018.00 +   360.00",
        "  - 8 left  RTE470  Cost is never billed to the customer.",
        "  fieldledger plan --html report.html",
    ],
)
def test_the_view_says(line: str) -> None:
    assert line in TEXT.splitlines()


@pytest.mark.parametrize(
    "pattern",
    [
        r"  \+ new +journal +USMF 2026-11 \(1\) +7 lines  cost +USD +994\.65$",
        r"  = same +journal +USMF 2026-11 \(2\)",
        r"  ! differs +proforma +ACC-1044",
        r"  ! held +USMF  3 actuals  cost +USD +120\.00  REQ304  billing-acc",
        r"  \? warned +CAMF +1 actual +REQ330",
        r"  ! SRC010  `msdyn_amount` holds",
        r"  - left +retainer +Retainer November",
        r"  \+ expected +milestone +M1 Commissioning",
    ],
)
def test_each_sign_comes_with_its_word(pattern: str) -> None:
    assert re.search(pattern, TEXT, re.M)


def test_the_last_sentence_says_what_was_not_done() -> None:
    assert " ".join(TEXT.splitlines()[-2:]) == (
        "Plan 7f3a9c0042ab: 3 documents would be written. 7 actuals are held. "
        "Nothing was sent."
    )


@pytest.mark.parametrize("width", [80, 100, 132, 200])
@pytest.mark.parametrize("ascii_only", [False, True])
@pytest.mark.parametrize("narrow", [Narrow(), Narrow(whole=True), Narrow(only=frozenset({"held"}))])
def test_no_line_is_wider_than_the_terminal(width: int, ascii_only: bool, narrow: Narrow) -> None:
    text = as_text(sample_report(), width, ascii_only=ascii_only, narrow=narrow)

    assert max(cells(line) for line in text.splitlines()) <= width
    assert not ascii_only or text.isascii()


def test_hostile_text_gives_no_escape_code_and_no_extra_line() -> None:
    report = sample_report()
    lines = as_text(report).count("\n")
    report["documents"][0]["name"] = "a\x1b[2Jb\nNothing was held."[:16]
    report["companies"][0]["code"] = "C\r\nF"
    text = as_text(report)

    assert "\x1b" not in text and "\r" not in text
    assert text.count("\n") == lines


def test_colour_changes_no_letter() -> None:
    coloured = as_text(sample_report(), colour=True)

    assert "\x1b[33m! held" in coloured
    assert re.sub(r"\x1b\[\d+m", "", coloured) == TEXT


def test_wider_terminals_show_the_place_of_the_rule() -> None:
    assert "rules/deployment.toml:18" in as_text(sample_report(), 132)
    assert "sent 18 Nov 2026" in as_text(sample_report(), 132)


def test_narrowing_is_said_and_changes_no_figure_of_the_plan() -> None:
    text = as_text(sample_report(), narrow=Narrow(codes=frozenset({"REQ308"})))

    assert "Shown: code REQ308. The plan covers everything." in text
    assert "A-000352" in text and "A-000347  " not in text
    assert "  actuals                  20 =        7" in text


def test_long_lists_are_cut_unless_all_is_asked() -> None:
    report = sample_report(4)
    some = as_text(report, narrow=Narrow(only=frozenset({"held"})))
    every = as_text(report, narrow=Narrow(only=frozenset({"held"}), whole=True))

    assert "4 more actuals; `--all` shows every one" in some
    assert sum(line.startswith("  ! held") and "WO-" in line for line in every.splitlines()) == 24


def test_an_equation_that_does_not_add_up_is_all_that_is_shown() -> None:
    report = sample_report()
    report["verdict"]["balanced"] = report["equation"][0]["balanced"] = False
    report["equation"][0]["money"][0]["in"] = "579.00"
    text = as_text(report)

    assert "The equation does not add up. Nothing else is shown." in text
    assert "CAMF CAD cost: 1.00 unaccounted for" in text
    assert "DEP210" not in text and "A-000347" not in text and "proforma" not in text


def test_an_empty_report_is_still_a_report() -> None:
    report = sample_report(0)
    report["documents"], report["faults"], report["schedule"] = [], [], []
    report["companies"] = []

    assert "Contoso · 0 approved actuals" in as_text(report)


def test_a_long_name_of_a_document_goes_on_below_and_costs_no_label() -> None:
    report = sample_report()
    journal = next(d for d in report["documents"] if d["kind"] == "journal")
    journal["name"] = "USMF 2026-11 WO-00912-A (1)"
    journal["totals"] = [{"label": label, "currency": "USD", "amount": "123456789.00"}
                         for label in ("cost", "sales")]  # fmt: skip

    text = as_text(report)

    assert "WO-00912-A" in text
    assert re.search(r"cost +USD +123,456,789\.00$", text, re.M)
    assert max(map(len, text.splitlines())) <= 80
