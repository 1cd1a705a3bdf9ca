"""The equation as text."""

from adapter.telling.equation_text import equation_lines
from adapter.telling.figures import cells
from adapter.telling.paint import Paint
from tests.report_sample import sample_report


def test_the_equation_stands_in_columns() -> None:
    lines = list(equation_lines(sample_report(), 80, Paint()))

    assert lines[:3] == [
        "  ledger                   in = expected + unchanged +     left +     held",
        "  actuals                  20 =        7 +         2 +        5 +        6",
        "  CAMF CAD cost        578.00 =     0.00 +      0.00 +   578.00 +     0.00",
    ]


def test_a_column_of_zeros_is_left_out() -> None:
    lines = list(equation_lines(sample_report(), 80, Paint()))
    billing = next(line for line in lines if "billing" in line)

    assert billing.split() == ["billing", "in", "=", "expected", "+", "left", "+", "held"]


def test_amounts_too_long_for_columns_are_stacked() -> None:
    report = sample_report()
    for line in report["equation"][0]["money"]:
        line["in"] = line["written"] = "99999999999999.99"
    lines = list(equation_lines(report, 80, Paint()))

    assert max(cells(line) for line in lines) <= 80
    assert "    USMF USD cost 99,999,999,999,999.99 = 99,999,999,999,999.99 expected +" in lines


def test_what_is_missing_is_named_with_its_amount() -> None:
    report = sample_report()
    channel = report["equation"][0]
    channel["balanced"], channel["money"][2]["held"] = False, "194.00"
    lines = list(equation_lines(report, 80, Paint()))

    assert "  ! USMF USD cost: 1.00 unaccounted for" in lines
