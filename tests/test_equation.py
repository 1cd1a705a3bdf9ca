"""making/equation.py: in = written + unchanged + left + held, per channel."""

from decimal import Decimal as D

from adapter.making.equation import ChannelEquation

USD = ("USMF", "USD", "cost")
GBP = ("GBSI", "GBP", "cost")


def test_the_equation_adds_up_when_every_record_has_an_answer() -> None:
    equation = ChannelEquation("ledger")
    for key, amount, status in [
        (USD, D("10.10"), "written"),
        (USD, D("0.20"), "held"),
        (GBP, D(5), "left"),
        (USD, D(1), "unchanged"),
        (USD, D(-1), "different"),
    ]:
        equation.take(key, amount)
        equation.put(status, key, amount)  # type: ignore[arg-type]

    assert equation.balanced
    assert {"in": 5, "written": 1, "unchanged": 1, "left": 1, "held": 2} == equation.records
    assert D("10.30") == equation.money[USD].total
    assert D("-0.80") == equation.money[USD].held


def test_a_record_without_an_answer_breaks_the_equation() -> None:
    equation = ChannelEquation("ledger")
    equation.take(USD, D(1))

    assert not equation.balanced


def test_money_that_goes_to_another_currency_breaks_the_equation() -> None:
    equation = ChannelEquation("ledger")
    equation.take(USD, D(1))
    equation.put("written", GBP, D(1))

    assert not equation.balanced


def test_an_amount_that_could_not_be_read_counts_as_a_record_only() -> None:
    equation = ChannelEquation("billing")
    equation.take(USD, None)
    equation.put("held", USD, None)

    assert equation.balanced
    assert {} == equation.money
