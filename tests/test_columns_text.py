"""Rows in columns."""

from adapter.telling.columns_text import cell, drawn
from adapter.telling.figures import cells
from adapter.telling.paint import Paint

ROWS = [
    [cell("USMF"), cell("128,440.10", right=True), cell("a long remark that can give way")],
    [cell("C"), cell("1.00", right=True), cell("short")],
]


def test_figures_stand_right_and_words_left() -> None:
    assert drawn(ROWS, 80, Paint(), ["co", "amount", "remark"]) == [
        "  co        amount  remark",
        "  USMF  128,440.10  a long remark that can give way",
        "  C           1.00  short",
    ]


def test_the_spare_column_gives_way() -> None:
    lines = drawn(ROWS, 40, Paint(), spare=(2,))

    assert max(cells(part) for line in lines for part in line.split("\n")) <= 40
    assert len(lines) == len(ROWS), "one entry for each row"
    assert lines[0] == "  USMF  128,440.10  a long remark that\n" + " " * 20 + "can give way"


def test_a_spare_column_without_room_is_left_out() -> None:
    assert drawn(ROWS, 28, Paint(), spare=(2,)) == ["  USMF  128,440.10", "  C           1.00"]


def test_no_rows_make_no_lines() -> None:
    assert drawn([], 80, Paint(), ["head"]) == []


def test_without_a_spare_column_the_widest_text_goes_on_below_and_never_a_figure() -> None:
    lines = drawn([[cell("x" * 50), cell("123,456.00", right=True)]], 40, Paint())

    assert lines == [f"  {'x' * 26}  123,456.00\n  {'x' * 24}"]


def test_a_long_name_goes_on_between_its_parts() -> None:
    [line] = drawn([[cell("billing-account-not-on-contract"), cell("1", right=True)]], 24, Paint())

    assert line == "  billing-account-     1\n  not-on-contract"
