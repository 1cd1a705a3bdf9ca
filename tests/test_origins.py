"""deciding/origins.py: what made an actual, from what the records prove."""

import pytest

from adapter.deciding.origins import origin_of
from adapter.reading.store import RecordsInMemory
from adapter.values.actuals import Actual, TransactionOrigin


def records(*types: str) -> RecordsInMemory:
    rows = [TransactionOrigin(id=f"o{at}", transaction="a", origin_type=word)
            for at, word in enumerate(types)]  # fmt: skip
    return RecordsInMemory({TransactionOrigin: {row.id: row for row in rows}})


def actual(**values: object) -> Actual:
    return Actual(id="a", transaction_type="cost", **values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("rows", "kind", "found"),
    [
        (("time", "journal-line"), "cost", ("time", "transaction-origins")),
        (("journal-line", "expense"), "cost", ("expense", "transaction-origins")),
        (("usage", "journal-line"), "unbilled-sales", ("usage", "transaction-origins")),
        (("usage", "vendor-invoice"), "cost", ("vendor-invoice", "transaction-origins")),
        (("time", "invoice"), "billed-sales", ("invoice-confirmation", "transaction-origins")),
        (("time", "invoice"), "unbilled-sales", ("invoice-edit", "transaction-origins")),
        (("journal-line",), "cost", (None, "nothing")),
        ((), "cost", (None, "nothing")),
    ],
)
def test_transaction_origins_say_what_made_it(rows, kind, found):
    one = Actual(id="a", transaction_type=kind)

    assert origin_of(one, None, records(*rows)) == found


def test_a_column_of_the_tenant_wins():
    one = actual(origin="packing-slip", usage="u")

    assert origin_of(one, None, records("usage")) == ("packing-slip", "column")


@pytest.mark.parametrize(
    ("links", "found"),
    [
        ({"work_order": "wo", "transaction_class": "material"}, ("usage", "links")),
        ({"work_order": "wo", "transaction_class": "time"}, ("time", "links")),
        ({"work_order": "wo", "transaction_class": "expense"}, (None, "nothing")),
        ({"line": "wol"}, ("usage", "links")),
        ({"transaction_class": "material"}, (None, "nothing")),
    ],
)
def test_a_work_order_proves_usage_and_labour(links, found):
    assert origin_of(actual(**links), None, records()) == found


def test_a_material_usage_log_proves_usage_and_a_proforma_its_confirmation():
    billed = Actual(id="a", transaction_type="billed-sales", invoice="i")

    assert origin_of(actual(usage="u"), None, records()) == ("usage", "links")
    assert origin_of(billed, None, records()) == ("invoice-confirmation", "links")


@pytest.mark.parametrize(
    ("original", "own", "found"),
    [
        ("customer-invoice-posted", "customer-invoice-posted", "invoice-confirmation"),
        ("customer-invoice-posted", "canceled", "usage"),
        ("canceled", "canceled", "usage"),
    ],
)
def test_a_reversal_of_what_was_invoiced_comes_from_the_confirmation(original, own, found):
    before = Actual(id="b", billing_status=original)
    one = Actual(id="a", transaction_type="unbilled-sales", billing_status=own, usage="u")

    assert origin_of(one, before, records("time") if found != "usage" else records()) == (
        found, "links",
    )  # fmt: skip
