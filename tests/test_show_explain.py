"""Explanations as text."""

import copy
from typing import Any

import pytest

from adapter.telling.figures import cells
from adapter.telling.show_explain import explanation_text
from tests.explain_sample import ALL


@pytest.mark.parametrize("name", sorted(ALL))
@pytest.mark.parametrize("width", [60, 80, 120])
def test_every_explanation_fits_the_terminal(name: str, width: int) -> None:
    for ascii_only in (False, True):
        text = explanation_text(ALL[name], width, ascii_only=ascii_only)

        assert max(cells(line) for line in text.splitlines()) <= width
        assert not ascii_only or text.isascii()


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("held", "  model    integrated  DEP210 company-integrated-with-finance"),
        ("held", "  checks   1 error, 1 nearly, 31 passed, 12 not applicable"),
        ("held", "             ✓ company.in_finance                    yes"),
        ("held", "             ✓ present(project.contract)             project.contract PC-0007"),
        ("held", "                 contract_line.customer ACC-1001"),
        ("held", "             help: Change the billing account on the work order, or add the"),
        ("held", "           · nearly REQ308 serial-quantity-not-one"),
        ("held", "             ✗ actual.tracked in ['serial', 'both']  actual.tracked none"),
        ("held", "Held. To release it, fix REQ304 and run `fieldledger plan` again."),
        ("written", "Would be written. Nothing was sent."),
        ("written", "  document journal USMF 2026-11 (1), 358 lines" + " " * 31 + "new"),
        ("unchanged", "Sent before and unchanged. Nothing is to be sent."),
        ("left", "Left where it is. Nothing is to be sent."),
        ("line", "2 actuals came from it."),
        ("contract line", "  payer    ACC-1001 60 %"),
        ("contract line", "           ACC-1002 40 %"),
        ("contract line", "  bills    2 milestones"),
        ("contract line", "  actuals  2: 1 written, 1 held"),
        ("contract line", "  why not  held REQ304 billing-account-not-on-contract" + " " * 18
                          + "1 actual"),
        ("contract line", "             priceperunit                   150.10"),
        ("contract line", "Nothing was sent."),
        ("contract line of nothing", "No actual and no milestone names this contract line: there "
                                     "is nothing to bill."),
        ("milestone held", "  decided  USD 3,000.00, due 10 Nov 2026" + " " * 36 + "held"),
        ("milestone held", "           ✗ PRO723 milestones-do-not-add-up"),
        ("milestone held", "Held. To release it, fix PRO723 and run `fieldledger plan` again."),
        ("milestone held by its company", "Held: the milestones come to 5000.00, contracted are "
                                          "5500.00. Nothing was sent."),
        ("milestone written", "Would be written. Nothing was sent."),
        ("document", "  cost USD 128,440.10"),
        ("code", "  owner    project manager"),
        ("code", '    find = ["REQ304"]'),
    ],
)  # fmt: skip
def test_the_explanation_says(name: str, said: str) -> None:
    assert said in explanation_text(ALL[name]).splitlines()


def test_a_held_actual_names_the_route_it_would_take() -> None:
    assert "would be RTE420 integrated-to-journal" in explanation_text(ALL["held"])


def test_hostile_text_gives_no_escape_code_and_no_extra_line() -> None:
    given: Any = copy.deepcopy(ALL["held"])
    lines = explanation_text(given).count("\n")
    given["actual"]["description"] = "a\x1b[2J\r\nb"
    given["checks"]["fired"][0]["lines"][0]["values"][0][1] = "\x1b]0;x\x07"
    text = explanation_text(given)

    assert "\x1b" not in text and "\r" not in text
    assert text.count("\n") == lines


def test_an_actual_held_by_a_route_names_that_rule() -> None:
    given: Any = copy.deepcopy(ALL["held"])
    given["checks"]["fired"] = []
    given["routes"][0]["because"]["rule"] = "RTE499"

    assert "Held. To release it, fix RTE499" in explanation_text(given)
