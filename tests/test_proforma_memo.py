"""making/proforma_memo.py: what stands beside the total of a proforma."""

from adapter.values.field_service import Usage
from adapter.values.money import ZERO
from tests.test_proforma import D, World, drafts, unbilled


def test_the_memo_counts_all_kinds_by_unit_and_what_was_used_once() -> None:
    [draft] = drafts(
        World(Usage(id="mul", quantity=D(10), quantity_to_bill=D(6))),
        unbilled("ch", "6", "19.99", usage="mul"),
        unbilled("nc", "4", "19.99", usage="mul", billing_type="non-chargeable"),
        unbilled("ex", "3", "10.00"),
        unbilled("co", "7", "12.50", billing_type="complimentary"),
        unbilled("hr", "1.5", "110.00", unit=None),
    )  # fmt: skip

    assert draft.memo["units"] == [
        {"unit": None, "used": D("1.5"), "chargeable": D("1.5"), "non_chargeable": ZERO,
         "complimentary": ZERO, "open": ZERO},
        {"unit": "ea", "used": D(20), "chargeable": D(9), "non_chargeable": D(4),
         "complimentary": D(7), "open": ZERO},
    ]  # fmt: skip
