"""Findings with excerpt and caret."""

import pytest

from adapter.telling.figures import cells
from adapter.telling.show_findings import findings_text, summary_of
from adapter.values.finding import Finding, Note, Place

FILES = {
    "rules/requirements.toml": [
        "# rules", "", "when    = [", '  "present(project.contract)",',
        '  "work_order.billing_acount != contract_line.customer",', "]",
    ],
    "rules/routing.toml": ["", 'id      = "RTE420"', "", 'id      = "RTE421"'],
    "wide.toml": ["x = '" + "東" * 60 + "' BAD " + "y" * 100, "\tkey = 1"],
}  # fmt: skip
AT = Place("rules/requirements.toml", 5, 4, 25)
UNKNOWN = Finding(
    code="RUL102", level="error", message="unknown fact `work_order.billing_acount`", place=AT,
    notes=(Note(AT, "not in the catalogue"),),
    help="did you mean `work_order.billing_account`?",
)  # fmt: skip
HIDDEN = Finding(
    code="RUL106", level="warning", message="rule can never be reached",
    place=Place("rules/routing.toml", 4, 1, 18),
    notes=(Note(Place("rules/routing.toml", 2, 1, 18), "by this rule"),),
    help="move RTE421 above RTE420, or delete it",
)  # fmt: skip


def line(file: str, number: int) -> str | None:
    lines = FILES.get(file, [])
    return lines[number - 1] if 0 < number <= len(lines) else None


def test_a_finding_shows_its_line_with_a_caret_and_help() -> None:
    assert findings_text([UNKNOWN], line) == (
        "RUL102 unknown fact `work_order.billing_acount`\n"
        " --> rules/requirements.toml:5:4\n"
        "  |\n"
        "3 | when    = [\n"
        '4 |   "present(project.contract)",\n'
        '5 |   "work_order.billing_acount != contract_line.customer",\n'
        "  |    ^^^^^^^^^^^^^^^^^^^^^^^^^ not in the catalogue\n"
        "  |\n"
        "help: did you mean `work_order.billing_account`?\n"
        "\n"
    )


def test_a_second_place_is_underlined_too() -> None:
    assert findings_text([HIDDEN], line) == (
        "RUL106 warning: rule can never be reached\n"
        " --> rules/routing.toml:4:1\n"
        "  |\n"
        '2 | id      = "RTE420"\n'
        '4 | id      = "RTE421"\n'
        "  | ^^^^^^^^^^^^^^^^^^\n"
        " ::: rules/routing.toml:2:1\n"
        '2 | id      = "RTE420"\n'
        "  | ------------------ by this rule\n"
        "  |\n"
        "help: move RTE421 above RTE420, or delete it\n"
        "\n"
    )


def test_a_finding_about_a_record_shows_its_values() -> None:
    finding = Finding(
        code="SRC010", level="error", message="not a number", place=Place("records/a.jsonl", 3),
        record="g-1", values=(("msdyn_amount", "12,5"),),
        notes=(Note(Place("work order WO-1"), "this record"),),
    )  # fmt: skip
    text = findings_text([finding], line)

    assert "msdyn_amount = 12,5" in text
    assert "::: work order WO-1: this record" in text


@pytest.mark.parametrize(
    "place",
    [
        Place("wide.toml", 1, 69, 3),
        Place("wide.toml", 1, 1, 500),
        Place("wide.toml", 1, 170, 50),
        Place("wide.toml", 1, 9999, 1),
        Place("wide.toml", 2, 2, 3),
        Place("wide.toml", 99, 1, 1),
        Place("absent.toml", 1, 1, 1),
        Place("no line"),
        Place("a" * 300, 1, 1, 1),
    ],
)
def test_any_place_fits_the_terminal(place: Place) -> None:
    finding = Finding(
        code="RUL101", level="error", message="m " * 60, place=place, help="h " * 90,
        notes=(Note(place, "label " * 20), Note(Place("wide.toml", 1, 69, 3), "x " * 60)),
    )  # fmt: skip
    for ascii_only in (False, True):
        text = findings_text([finding], line, ascii_only=ascii_only)

        assert max(cells(row) for row in text.splitlines()) <= 80
        assert not ascii_only or text.isascii()


def test_the_caret_of_a_long_line_stands_under_its_word() -> None:
    finding = Finding(code="RUL101", level="error", message="m", place=Place("wide.toml", 1, 68, 3))
    rows = findings_text([finding], line).splitlines()
    marked = next(i for i, row in enumerate(rows) if "^" in row)
    offset = cells(rows[marked][: rows[marked].index("^")])
    above = rows[marked - 1]
    under = "".join(c for i, c in enumerate(above) if offset <= cells(above[:i]) < offset + 3)

    assert under == "BAD"


def test_many_findings_of_one_code_are_counted_not_repeated() -> None:
    many = [
        Finding(code="SRC010", level="error", message=f"row {i}", place=Place("a.jsonl", i))
        for i in range(1, 31)
    ]
    text = findings_text(many, line)

    assert text.count("\nSRC010 row") + text.startswith("SRC010 row") == 10
    assert "SRC010 and 20 more of the same" in text


def test_findings_stand_in_the_order_of_their_places() -> None:
    text = findings_text([HIDDEN, UNKNOWN], line)

    assert text.index("RUL102") < text.index("RUL106")


@pytest.mark.parametrize(
    ("findings", "checked", "said"),
    [
        ([UNKNOWN, HIDDEN], {"rule file": 3, "mapping": 1},
         "Checked 3 rule files, 1 mapping: 1 error, 1 warning."),
        ([], {"rule file": 3}, "Checked 3 rule files: 0 errors, 0 warnings."),
        ([], None, "Found 0 errors, 0 warnings."),
    ],
)  # fmt: skip
def test_the_summary_is_one_sentence(
    findings: list[Finding], checked: dict[str, int] | None, said: str
) -> None:
    assert summary_of(findings, checked) == said
    assert findings_text([], line) == ""
