"""Journal lines on submit, and what approving, rejecting, recalling and cancelling leave."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from adapter.making.documents import finding_of
from adapter.making.expectation import Expectation
from adapter.making.submitted import after, expected_journal_lines, sold_shares
from adapter.values.money import CurrencyRule
from adapter.values.project_operations import ContractCustomer
from tests.work_given import COST, ORDER, PRICE, SERVICE, TERMS, USED, around, priced, usage

D = Decimal
SIDES = {"cost": "C", "unbilled-sales": "U"}
KINDS = {None: "", "chargeable": " ch", "non-chargeable": " nc", "complimentary": " compl"}
FIXED = replace(TERMS, billing_method="fixed-price")
SHORT = finding_of("USG711", "mul", "short", "receive")


def lines(used: str = "4", to_bill: str | None = None, *, terms=TERMS, line=USED, order=ORDER,
          price="125.00", cost="80.00", discount=None, status="submitted",
          **said) -> Expectation:  # fmt: skip
    log = usage(quantity=D(used), quantity_to_bill=None if to_bill is None else D(to_bill),
                discount_percent=discount, usage_status=status)  # fmt: skip
    return expected_journal_lines(
        around(line, terms=terms, order=order), log,
        price=priced(price, "sales"), cost=priced(cost, "cost"), **said,
    )  # fmt: skip


def told(one: Expectation) -> list[str]:
    """As the domain writes it: C 4 x 80.00 = 320.00."""
    return [
        f"{SIDES[r.transaction_type]}{KINDS[r.billing_type]} {r.quantity} x {r.price} = {r.amount}"
        for r in one.rows
    ]


@pytest.mark.parametrize(
    ("used", "to_bill", "found", "rule", "basis"),
    [
        ("4", "4", ["C 4 x 80.00 = 320.00", "U ch 4 x 125.00 = 500.00"], "R-056", "documented"),
        ("4", None, ["C 4 x 80.00 = 320.00", "U ch 4 x 125.00 = 500.00"], "R-056", "documented"),
        ("4", "3", ["C 4 x 80.00 = 320.00", "U ch 3 x 125.00 = 375.00",
                    "U nc 1 x 125.00 = 125.00"], "R-057", "inferred"),
        ("4", "3.99", ["C 4 x 80.00 = 320.00", "U ch 3.99 x 125.00 = 498.75",
                       "U nc 0.01 x 125.00 = 1.25"], "R-057", "inferred"),
        ("4", "6", ["C 4 x 80.00 = 320.00", "U ch 6 x 125.00 = 750.00"], "R-058", "inferred"),
        ("4", "0", ["C 4 x 80.00 = 320.00", "U nc 4 x 125.00 = 500.00"], "R-059", "inferred"),
    ],
    ids=["as used", "R-055", "less", "a cent of it less", "more", "nothing"],
)  # fmt: skip
def test_time_and_material_gives_cost_and_unbilled_sales(
    used, to_bill, found, rule, basis
) -> None:
    one = lines(used, to_bill)

    assert told(one) == found
    assert (one.rules, one.basis) == (("R-031", rule), basis)


@pytest.mark.parametrize(
    ("terms", "order", "why"),
    [
        (FIXED, ORDER, "cost only: fixed price"),
        (None, ORDER, "cost only: no contract line covers it"),
        (replace(TERMS, includes_material=False), ORDER, "cost only: no contract line covers it"),
        (replace(TERMS, project="other"), ORDER, "cost only: no contract line covers it"),
        (replace(TERMS, included_tasks="selected-tasks"), ORDER,
         "cost only: no contract line covers it"),
    ],
    ids=["R-031 fixed price", "R-031 internal", "R-123", "R-030 other project", "R-181"],
)  # fmt: skip
def test_cost_only(terms, order, why) -> None:
    one = lines("5", "5", terms=terms, order=order)

    assert told(one) == ["C 5 x 80.00 = 400.00"]
    assert (one.why, one.basis) == (why, "documented")


@pytest.mark.parametrize(
    ("kind", "found"),
    [
        ("non-chargeable", ["U nc 4 x 125.00 = 500.00"]),
        ("complimentary", ["U compl 4 x 125.00 = 500.00"]),
        ("chargeable", ["U ch 3 x 125.00 = 375.00", "U nc 1 x 125.00 = 125.00"]),
        ("not-available", []),
    ],
)
def test_e5_what_the_approver_chose_decides(kind, found) -> None:
    one = lines("4", "4", billing_type=kind, billable_quantity=D(3))

    assert told(one)[1:] == found


def test_g2_discount_stands_beside_the_chargeable_part_only() -> None:
    one = lines("10", "6", price="19.99", cost="11.25", discount=D(15))

    assert told(one) == ["C 10 x 11.25 = 112.50", "U ch 6 x 19.99 = 119.94",
                         "U nc 4 x 19.99 = 79.96"]  # fmt: skip
    assert [(r.discount_percent, r.discount_amount) for r in one.rows] == [
        (None, None), (D(15), D("17.99")), (None, None),
    ]  # fmt: skip


def test_g4_fixed_price_product_and_service_cost_427_50() -> None:
    product = lines("3", "3", terms=FIXED, price="200.00", cost="120.00")
    log = usage(quantity=D("1.5"), quantity_to_bill=D("1.5"), line="service", unit=None)
    service = expected_journal_lines(around(SERVICE, terms=FIXED), log,
                                     cost=priced("45.00", currency=None))  # fmt: skip

    (row,) = service.rows
    assert (row.transaction_class, row.amount) == ("material", D("67.50"))
    assert product.rows[0].amount + row.amount == D("427.50")


def test_g1_references_are_carried_and_lines_are_priced_in_their_own_currency() -> None:
    cost, sale = lines().rows

    assert (cost.currency, sale.currency) == ("usd", "usd")
    assert (cost.price_list, sale.price_list) == ("cost", "sales")
    assert {(r.usage, r.line, r.work_order, r.project, r.contract_line) for r in (cost, sale)} == {
        ("mul", "line", "wo", "p", "cl")
    }


def test_e26_several_payers_are_not_split_before_approval_which_is_inferred() -> None:
    payers = [ContractCustomer(id=k, contract="pc", contract_line="cl") for k in "ab"]
    one, two = (
        expected_journal_lines(around(USED, *payers[:n]), usage(), price=PRICE, cost=COST)
        for n in (1, 2)
    )

    assert told(one) == told(two)
    assert (one.basis, two.basis) == ("documented", "inferred")


def test_each_side_is_rounded_as_its_own_currency_is() -> None:
    yen = replace(priced("33.33", "sales"), rule=CurrencyRule(decimals=0))
    one = expected_journal_lines(around(USED), usage(), price=yen, cost=COST)

    assert [str(r.amount) for r in one.rows] == ["320.00", "133"]


@pytest.mark.parametrize("status", ["draft", None, "rejected", "recalled"])
def test_e1_what_is_not_submitted_has_no_journal_lines(status) -> None:
    assert lines(status=status).rows == ()


def test_r052_nothing_used_has_none() -> None:
    assert lines("0").rows == ()


quantities = st.decimals(min_value=0, max_value=1000, places=2)


@given(quantities.filter(bool), quantities)
def test_shares_add_up_to_the_larger_of_used_and_billed(used, to_bill) -> None:
    shares = sold_shares(used, to_bill)

    assert sum(s.quantity for s in shares) == max(used, to_bill)
    assert sum(s.quantity for s in shares if s.billing_type == "chargeable") == to_bill
    assert all(s.quantity > 0 for s in shares)


@pytest.mark.parametrize(
    ("status", "action", "left", "stage", "actuals", "billing"),
    [
        ("draft", "submit", "submitted", "submitted", "none", None),
        (None, "submit", "submitted", "submitted", "none", None),
        ("rejected", "submit", "submitted", "submitted", "none", None),
        ("submitted", "approve", "approved", "approved", "created", None),
        ("submitted", "reject", "rejected", "rejected", "none", None),
        ("submitted", "recall", "draft", "rejected", "none", None),
        ("approved", "recall", "rejected", "rejected", "reversed", "canceled"),
        ("approved", "cancel", "submitted", "submitted", "reversed", "canceled"),
    ],
)
def test_each_step_leaves_usage_approval_and_actuals(
    status, action, left, stage, actuals, billing
) -> None:
    found = after(action, usage(usage_status=status))

    assert (found.usage_status, found.stage) == (left, stage)
    assert (found.actuals, found.billing_status) == (actuals, billing)
    assert not found.is_blocked


def test_the_status_that_a_recall_leaves_is_a_setting() -> None:
    found = after("recall", usage(), recalled_status="rejected")

    assert (found.usage_status, found.basis) == ("rejected", "inferred")


@pytest.mark.parametrize("action", ["recall", "cancel"])
def test_r157_an_invoiced_approval_cannot_be_taken_back(action) -> None:
    found = after(action, usage(usage_status="approved"), is_invoiced=True)

    assert (found.usage_status, found.stage, found.actuals) == ("approved", "approved", "none")
    assert (found.rules, [f.code for f in found.findings]) == (("R-157",), ["USG706"])


def test_a_recall_before_approval_asks_for_no_invoice() -> None:
    assert after("recall", usage(), is_invoiced=True).usage_status == "draft"


@pytest.mark.parametrize(("action", "status"), [("submit", "draft"), ("approve", "submitted")])
def test_r106_missing_stock_blocks_submitting_and_approving(action, status) -> None:
    found = after(action, usage(usage_status=status), stock=(SHORT,))

    assert (found.usage_status, found.actuals, found.is_blocked) == (status, "none", True)
    assert found.findings == (SHORT,)


def test_a_stock_warning_goes_along_and_a_rejection_asks_for_no_stock() -> None:
    warned = after("approve", usage(), stock=(replace(SHORT, level="warning"),))

    assert (warned.usage_status, len(warned.findings)) == ("approved", 1)
    assert after("reject", usage(), stock=(SHORT,)).usage_status == "rejected"


@pytest.mark.parametrize(
    ("action", "status"),
    [("submit", "submitted"), ("approve", "approved"), ("reject", "rejected"),
     ("cancel", "submitted"), ("recall", "rejected")],
)  # fmt: skip
def test_a_step_that_arrives_twice_changes_nothing(action, status) -> None:
    found = after(action, usage(usage_status=status))

    assert (found.usage_status, found.actuals, found.findings) == (status, "none", ())


@pytest.mark.parametrize(
    ("action", "status"),
    [("approve", "draft"), ("approve", "rejected"), ("cancel", "draft"), ("reject", "approved"),
     ("submit", "approved"), ("recall", "recalled")],
)  # fmt: skip
def test_a_step_out_of_turn_is_blocked(action, status) -> None:
    found = after(action, usage(usage_status=status))

    assert (found.usage_status, found.is_blocked) == (status, True)
    assert [f.code for f in found.findings] == ["USG708"]
