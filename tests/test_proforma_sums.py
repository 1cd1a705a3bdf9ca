"""What a draft asks for."""

import pytest
from msgspec.structs import replace

from adapter.making.proforma_life import Draft, Entry
from adapter.making.proforma_sums import amounts_of, total_of
from tests.drafts_given import EMPTY, MILESTONE, READY, RETAINER, drafted
from tests.events_given import D

USAGE = Entry(id="u1", kind="time-and-material", actual=READY)
DISCOUNTED = replace(READY, discount_percent=D(10), discount_amount=D("50.00"), tax=None)


@pytest.mark.parametrize(
    ("entry", "amount", "tax"),
    [
        (USAGE, "500.00", "40.00"),
        (replace(USAGE, quantity=D(3)), "375.00", "30.00"),
        (replace(USAGE, actual=replace(READY, discount_amount=D("50.00")), quantity=D(2)),
         "225.00", "20.00"),
        (replace(USAGE, actual=replace(READY, fee_amount=D("8.00")), quantity=D(2)),
         "254.00", "20.00"),
        (replace(USAGE, actual=replace(READY, amount=None)), "500.00", "40.00"),
        (replace(USAGE, price=D("100.00"), tax=D("32.00")), "400.00", "32.00"),
        (replace(USAGE, billing_type="complimentary"), "0", "0"),
        (replace(USAGE, actual=DISCOUNTED), "450.00", "0"),
        (replace(USAGE, actual=DISCOUNTED, quantity=D(2)), "225.00", "0"),
        (Entry(id="m", kind="milestone", milestone=MILESTONE), "5000.00", "0.00"),
        (Entry(id="m", kind="milestone", milestone=MILESTONE, price=D(9), tax=D(1)), "9", "1"),
        (Entry(id="m", kind="milestone", milestone=MILESTONE,
               billing_type="complimentary"), "0", "0"),
        (Entry(id="r", kind="milestone", retainer=RETAINER), "1000.00", "0"),
    ],
)  # fmt: skip
def test_a_detail_adds_its_chargeable_amount_and_tax(entry: Entry, amount: str, tax: str) -> None:
    assert amounts_of(entry) == (D(amount), D(tax))


def test_the_total_adds_details_and_corrections_ask_for_the_difference() -> None:
    right = replace(USAGE, quantity=D(3), tax=D("30.00"), is_correction=True,
                    actual=replace(READY, transaction_type="billed-sales"))  # fmt: skip
    corrective = Draft(id="c", contract="pc", payer="pay", currency="usd", day=EMPTY.day,
                       entries=(right,))  # fmt: skip

    assert total_of(drafted()) == D("790.00")
    assert total_of(corrective) == D("375.00") + D("30.00") - D("540.00")
    assert total_of(EMPTY) == 0
