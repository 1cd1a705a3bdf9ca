"""telling/show_check.py: names that nobody has proven, as text."""

import pytest

from adapter.telling.figures import cells
from adapter.telling.show_check import unverified_text

NAMES = {
    "sending": {"msdyn_invoice": ["msdyn_a inferred", "msdyn_b unknown"]},
    "reading": {"uom": ["msdyn_c inferred"], "account": ["x unknown", "y unknown"]},
}


def test_what_sending_touches_is_listed_and_what_only_reading_touches_is_counted() -> None:
    assert unverified_text(NAMES).splitlines() == [
        "Names of the other side that nobody has proven and that sending would touch:",
        "  msdyn_invoice",
        "    msdyn_a inferred, msdyn_b unknown",
        "Compare them with your environment's $metadata: put it into schema/ of the",
        "workspace.",
        "",
        "3 more names that only reading touches: `fieldledger check --all` lists them.",
        "",
    ]


def test_all_of_them_are_listed_when_asked() -> None:
    text = unverified_text(NAMES, whole=True)

    assert "3 more names" not in text
    assert [line for line in text.splitlines() if line.startswith("    ")] == [
        "    msdyn_a inferred, msdyn_b unknown", "    msdyn_c inferred",
        "    x unknown, y unknown",
    ]  # fmt: skip


@pytest.mark.parametrize("names", [{}, {"sending": {}, "reading": {}}, {"sending": {"t": []}}])
def test_where_all_is_proven_nothing_is_said(names: dict[str, dict[str, list[str]]]) -> None:
    assert unverified_text(names) == ""


@pytest.mark.parametrize("width", [40, 80])
def test_it_fits_the_terminal(width: int) -> None:
    many = {"sending": {"table": [f"msdyn_column{n} inferred" for n in range(50)]}}
    lines = unverified_text(many, width, whole=True).splitlines()

    assert max(cells(line) for line in lines) <= width


def test_control_characters_of_a_schema_are_not_printed() -> None:
    assert "\x1b" not in unverified_text({"sending": {"t\x1b[2J": ["a\x1b[2J unknown"]}})
