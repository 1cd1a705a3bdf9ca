"""Figures and words as people read them."""

import pytest

from adapter.telling.figures import (
    cells,
    count_of,
    day_shown,
    fit,
    grouped,
    pad,
    plain,
    safe,
    sums_of,
    window_of,
    wrapped,
)


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ("128440.10", "128,440.10"),
        ("-35.00", "-35.00"),
        ("0", "0"),
        (412, "412"),
        ("1E+3", "1,000"),
        ("1E+400", "1E+400"),
        ("NaN", "NaN"),
        ("twelve", "twelve"),
        ("", ""),
        (None, ""),
        ("999999999999999999.99", "999,999,999,999,999,999.99"),
    ],
)
def test_amounts_are_grouped_and_stay_exact(given: object, found: str) -> None:
    assert grouped(given) == found


def test_counts_and_days_are_said_in_words() -> None:
    assert count_of(1, "actual") == "1 actual"
    assert count_of(1204, "actual") == "1,204 actuals"
    assert day_shown("2026-11-18") == "18 Nov 2026"
    assert day_shown("someday") == "someday"


@pytest.mark.parametrize(
    ("first", "last", "found"),
    [
        ("2026-11-01", "2026-11-30", "1-30 Nov 2026"),
        ("2026-11-01", "2026-11-01", "1 Nov 2026"),
        ("2026-10-30", "2026-11-02", "30 Oct 2026 - 2 Nov 2026"),
        (None, None, ""),
        (None, "2026-11-02", "2 Nov 2026"),
    ],
)
def test_a_window_is_said_shortly(first: str | None, last: str | None, found: str) -> None:
    assert window_of({"plan": {"from": first, "to": last}, "actuals": []}) == found


@pytest.mark.parametrize("c", list("\x1b\r\n\t\x00\u202e\u200f\u2066\ufeff"))
def test_characters_that_act_become_visible(c: str) -> None:
    shown = f"\\u{ord(c):04x}"

    assert safe(f"a{c}b") == f"a{shown}b"
    assert plain(f"a{c}b") == f"a{shown}b"


def test_names_in_any_script_stay_as_they_are() -> None:
    assert safe("Zoë שלום 東京") == "Zoë שלום 東京"
    assert plain("Zoë", ascii_only=True) == "Zo\\xeb"


def test_widths_are_counted_in_columns_of_the_terminal() -> None:
    assert cells("東京") == 4
    assert cells("e\u0301") == 1
    assert fit("東京東京東京", 8) == "東京..."
    assert fit("short", 8) == "short"
    assert pad("東", 4) == "東  "
    assert pad("7", 3, right=True) == "  7"


def test_wrapped_lines_never_pass_the_width_and_lose_no_word() -> None:
    text = "one two " + "x" * 25 + " three 東京東京東京 four"
    lines = wrapped(text, 10)

    assert max(cells(line) for line in lines) <= 10
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert wrapped("", 10) == [""]


def test_sums_keep_keys_apart() -> None:
    found = sums_of([("USD", "1.10"), ("CAD", "2"), ("USD", "2.20"), ("USD", "")])

    assert found == [("CAD", "2"), ("USD", "3.30")]
