"""Comparing a case with a plan: every wrong number is told, with both numbers."""

import pytest

from adapter.making.golden import GoldenCase, parse_golden
from adapter.making.golden_run import Difference, run_golden
from adapter.reading.source import parse_source
from tests.test_golden import BASES, FOLDER, plan_simply


def changed_case(old: str, new: str) -> GoldenCase:
    text = (FOLDER / "G01.toml").read_text("utf-8")
    assert old in text
    source, _ = parse_source("G01.toml", text.replace(old, new))
    return parse_golden(source, BASES)[0][0]


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("total = 500.00 }", "total = 500.01 }", "proforma PC-0001 ACC-1001 USD total total"),
        ("extended = 500.00", "extended = 1", "proforma PC-0001 ACC-1001 USD line U extended"),
        ('actuals = ["U"]', 'actuals = ["C"]', "proforma PC-0001 ACC-1001 USD actuals"),
        ("documents = 1", "documents = 2", "documents"),
        ('company = "USCO"', 'company = "X"', "proforma X"),
        ('C = "leave", U = "send', 'C = "hold", U = "send', "billing answer of C"),
        ("C = [], U = []", 'C = ["R-099"], U = []', "findings of C"),
        ("C = [], U = []", "C = [], V = []", "verdict of V"),
        ("B +4/+500.00", "B +4/+500.01", "event 1 (confirm) created"),
        ("backlog = 0", "backlog = 1", "event 1 (confirm) backlog"),
        ("\ntotal = 500.00", "\ntotal = 1", "event 1 (confirm) total"),
        ('billing_status = "customer-invoice-posted"', 'billing_status = "x"',
         "event 1 (confirm) U.billing_status"),
    ],
)  # fmt: skip
def test_every_wrong_number_is_a_difference(old, new, what):
    found = run_golden(changed_case(old, new), plan_simply)

    assert [d.what for d in found] == [what]
    assert all(isinstance(d, Difference) and d.expected != d.found for d in found)
