"""Line details: the payer, the discount, the quantity that was used."""

from decimal import Decimal

import pytest

from adapter.values.actuals import Actual
from adapter.values.field_service import Usage
from adapter.values.project_operations import ContractCustomer
from tests.making_given import World, actual

D = Decimal


def unbilled(key: str, quantity: str, price: str, **more: object) -> Actual:
    return actual(key, "unbilled-sales", quantity, price, **more)


def test_without_a_named_payer_a_single_one_is_the_default_and_several_are_a_finding():
    second = ContractCustomer(id="pay-2", contract="pc", contract_line="cl", account="acc-2")

    alone = World().line(unbilled("u", "1", "10.00"), "proforma-line")
    unclear = World(second).line(unbilled("u", "1", "10.00"), "proforma-line")

    assert (alone.line.payer, alone.findings) == ("pay", ())
    assert [f.code for f in unclear.findings] == ["PRO701"]


@pytest.mark.parametrize(
    ("said", "discount", "extended"),
    [
        ({"discount_percent": D(15)}, "17.99", "101.95"),
        ({"discount_amount": D("18.00")}, "18.00", "101.94"),
        ({"discount_percent": D(15), "discount_amount": D("18.00")}, "17.99", "101.95"),
        ({"discount_percent": D(15), "billing_type": "complimentary"}, "0", "119.94"),
        ({"fee_amount": D("1.00")}, "0", "120.94"),
        ({}, "0", "119.94"),
    ],
)
def test_the_percentage_wins_and_only_chargeable_lines_are_discounted(said, discount, extended):
    line = World().line(unbilled("u", "6", "19.99", **said), "proforma-line").line

    assert (line.discount_amount, line.extended) == (D(discount), D(extended))


def test_a_payer_with_a_share_does_not_repeat_the_whole_usage():
    usage = Usage(id="mul", quantity=D(10))
    part = ContractCustomer(id="part", contract="pc", contract_line="cl", account="acc",
                            percent=D("33.33"))  # fmt: skip
    world = World(usage, part)

    whole = world.line(unbilled("u", "10", "1.00", usage="mul", contract_customer="pay"),
                       "proforma-line").line  # fmt: skip
    share = world.line(unbilled("v", "3.33", "1.00", usage="mul", contract_customer="part"),
                       "proforma-line").line  # fmt: skip

    assert (whole.quantity_used, share.quantity_used) == (D(10), None)


def test_without_split_billing_rules_the_account_pays():
    found = World().line(unbilled("u", "1", "1.00", contract_line=None, contract=None,
                                  project=None), "proforma-line")  # fmt: skip

    assert (found.line.payer, found.line.customer, found.findings) == (None, "ACC-1001", ())
