"""Usage: what a used line gives, and what editing and un-using do to it (domain 2.1, 8)."""

from decimal import Decimal

import pytest
from msgspec.structs import replace

from adapter.making.expectation import Expectation
from adapter.making.reverse import reverse_approval
from adapter.making.usages import changes_of, expected_usage
from adapter.values.actuals import Actual
from tests.work_given import (
    COST,
    ORDER,
    PART,
    PRICE,
    PROJECT,
    SERVICE,
    USED,
    around,
    codes,
    later,
    priced,
    usage,
)

D = Decimal
APPROVED = usage(usage_status="approved")


def expected(line=USED, *more, **said) -> Expectation:
    around_said = {k: said.pop(k) for k in ("order", "project", "is_deleted") if k in said}
    given = {"model": "integrated", "price": PRICE, "cost": COST, **said}
    return expected_usage(around(line, *more, **around_said), **given)


def actual(type_: str, quantity: str, price: str, **more: object) -> Actual:
    said = {"transaction_type": type_, "transaction_class": "material", "usage": "mul",
            "quantity": D(quantity), "price": D(price), "amount": D(quantity) * D(price), **more}
    return Actual(id=type_, **said)


def test_a_used_line_gives_a_usage_log_with_all_it_says() -> None:
    line = replace(USED, serial_number="SN-1", batch_number="B-1", discount_percent=D(15),
                   quantity_to_bill=D(3))  # fmt: skip
    one = expected(line, order=replace(ORDER, task="task"), resource="res", used_at=later(1))
    (row,) = one.rows

    assert (row.quantity, row.quantity_to_bill, row.unit) == (D(4), D(3), "ea")
    assert (row.unit_price, row.unit_cost, row.discount_percent) == (D(125), D(80), D(15))
    assert (row.serial_number, row.batch_number, row.site, row.warehouse) == (
        "SN-1", "B-1", "s1", "wh1",
    )  # fmt: skip
    assert (row.line, row.work_order, row.agreement) == ("line", "wo", "agr")
    assert (row.project, row.task, row.resource, row.used_at) == ("p", "task", "res", later(1))
    assert (row.usage_status, one.rules, codes(one)) == (None, ("R-051", "R-105"), [])


@pytest.mark.parametrize(
    ("line", "used", "to_bill", "rules"),
    [
        (USED, "4.00", "4.00", ("R-051", "R-055", "R-105")),
        (replace(USED, quantity_to_bill=D(0)), "4.00", "0.00", ("R-051", "R-105")),
        (replace(USED, quantity_to_bill=D(6)), "4.00", "6.00", ("R-051", "R-105")),
        (SERVICE, "1.50", "1.50", ("R-051", "R-055", "R-105")),
        (replace(SERVICE, duration_to_bill=60), "1.50", "1.00", ("R-051", "R-105")),
        (replace(SERVICE, duration=100), "1.67", "1.67", ("R-051", "R-055", "R-105")),
    ],
    ids=["R-055 not said", "zero is said", "more than used", "R-076", "service billed less",
         "R-076 thirds"],
)  # fmt: skip
def test_quantity_used_and_quantity_to_bill(line, used, to_bill, rules) -> None:
    one = expected(line)

    assert [(str(r.quantity), str(r.quantity_to_bill)) for r in one.rows] == [(used, to_bill)]
    assert one.rules == rules


@pytest.mark.parametrize(
    ("line", "said", "why", "found", "is_blocked"),
    [
        (PART, {}, "the line is not used", [], False),
        (replace(USED, line_status=None), {}, "the line is not used", [], False),
        (replace(USED, quantity=D(0)), {}, "nothing was used", ["USG705 warning"], False),
        (replace(USED, quantity=None), {}, "nothing was used", ["USG705 warning"], False),
        (replace(USED, quantity=D(-1)), {}, "the line has a fault",
         ["USG701 error", "USG701 error"], True),
        (replace(USED, quantity_to_bill=D(-1)), {}, "the line has a fault", ["USG701 error"],
         True),
        (replace(SERVICE, duration=-1), {}, "the line has a fault",
         ["USG701 error", "USG701 error"], True),
        (replace(USED, discount_percent=D("100.01")), {}, "the line has a fault",
         ["USG702 error"], True),
        (replace(USED, discount_percent=D(-1)), {}, "the line has a fault", ["USG702 error"],
         True),
        (replace(USED, discount_amount=D(18)), {}, "the line has a fault", ["USG703 error"], True),
        (replace(USED, discount_amount=D(501)), {"discount_amounts": "convert"},
         "the line has a fault", ["USG703 error"], True),
        (replace(USED, status="inactive"), {}, "the line was deactivated", [], False),
        (USED, {"is_deleted": True}, "the line was deleted", [], False),
        (USED, {"order": replace(ORDER, project=None)}, "the work order has no project", [],
         False),
        (USED, {"order": replace(ORDER, system_status="posted", closed_on=later(1),
                                 project_linked_on=later(2))}, "linked after posting",
         ["USG704 error"], False),
        (USED, {"project": replace(PROJECT, is_pma=True)},
         "the company keeps no Dataverse projects", [], False),
    ],
    ids=["R-051", "no status", "R-052", "R-052 none", "R-053", "R-053 to bill", "R-053 minutes",
         "R-060", "R-060 below", "R-061", "R-061 more than the line", "inactive", "deleted",
         "E35", "R-021", "R-018"],
)  # fmt: skip
def test_no_usage_is_expected(line, said, why, found, is_blocked) -> None:
    one = expected(line, **said)

    assert (one.rows, one.why, codes(one), one.is_blocked) == ((), why, found, is_blocked)


@pytest.mark.parametrize(
    ("line", "convert", "percent", "found"),
    [
        (replace(USED, discount_percent=D(0)), "reject", D(0), []),
        (replace(USED, discount_percent=D(100)), "reject", D(100), []),
        (replace(USED, discount_percent=D(15), discount_amount=D(1)), "reject", D(15), []),
        (replace(USED, discount_amount=D(0)), "reject", None, []),
        (replace(USED, discount_amount=D(75)), "convert", D("15.00"), ["USG703 warning"]),
        (replace(USED, additional_cost=D(25)), "reject", None, ["USG707 warning"]),
        (replace(USED, commission=D(5)), "reject", None, ["USG707 warning"]),
        (replace(USED, quantity=D("4.005")), "reject", None, ["MAP521 warning"]),
        (replace(USED, quantity=D("4.000")), "reject", None, []),
    ],
    ids=["R-060 lowest", "R-060 highest", "R-062 percentage wins", "no amount",
         "R-061 converted", "additional cost", "commission", "R-054", "R-054 only zeros"],
)  # fmt: skip
def test_discounts_and_remarks_let_the_usage_through(line, convert, percent, found) -> None:
    one = expected(line, discount_amounts=convert)

    assert [r.discount_percent for r in one.rows] == [percent]
    assert codes(one) == found


def test_g2_a_discount_amount_of_18_is_15_01_percent() -> None:
    line = replace(USED, quantity=D(10), quantity_to_bill=D(6), discount_amount=D("18.00"))
    price = priced("19.99", "sales")

    (row,) = expected(line, discount_amounts="convert", price=price).rows
    assert row.discount_percent == D("15.01")


def test_automatic_approval_expects_an_approved_log() -> None:
    one = expected(auto_approve=True)

    assert [r.usage_status for r in one.rows] == ["approved"]
    assert one.rules[-1] == "R-120"


@pytest.mark.parametrize("status", ["draft", "submitted", None])
def test_before_approval_an_edit_is_taken_at_once(status) -> None:
    one = expected(replace(USED, quantity=D(5)), usage(usage_status=status))

    assert [(r.quantity, r.usage_status) for r in one.rows] == [(D(5), None)]
    assert one.reverses == ()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (PART, {}),
        (USED, {"is_deleted": True}),
        (USED, {"order": replace(ORDER, project=None)}),
    ],
    ids=["un-used", "deleted", "project removed"],
)
def test_before_approval_taking_back_leaves_nothing(line, said) -> None:
    one = expected(line, usage(), **said)

    assert (one.rows, one.reverses, one.basis) == ((), (), "inferred")
    assert one.why.endswith("recalled and deleted, no actuals")


def test_approved_usage_that_still_fits_stays_and_reverses_nothing() -> None:
    one = expected(USED, APPROVED)

    assert (len(one.rows), one.reverses, one.basis) == (1, (), "documented")


@pytest.mark.parametrize(
    ("line", "said", "left"),
    [
        (PART, {}, [("mul", D(4), "rejected")]),
        (USED, {"is_deleted": True}, [("mul", D(4), "rejected")]),
        (USED, {"order": replace(ORDER, project=None)}, [("mul", D(4), "rejected")]),
        (replace(USED, quantity=D(0)), {}, [("mul", D(4), "rejected")]),
        (replace(USED, quantity=D(5)), {}, [(None, D(5), None), ("mul", D(4), "rejected")]),
        (replace(USED, serial_number="SN-2"), {},
         [(None, D(4), None), ("mul", D(4), "rejected")]),
        (USED, {"project": replace(PROJECT, id="p2"), "order": replace(ORDER, project="p2")},
         [(None, D(4), None), ("mul", D(4), "rejected")]),
    ],
    ids=["un-used", "deleted", "E35", "nothing used any more", "quantity", "serial number",
         "other project"],
)  # fmt: skip
def test_after_approval_the_old_set_is_reversed_and_a_new_one_made(line, said, left) -> None:
    one = expected(line, APPROVED, **said)

    found = [(r.id if r.id == "mul" else None, r.quantity, r.usage_status) for r in one.rows]
    assert found == left
    assert one.reverses == ("mul",)
    assert one.rules[-1] == "E10"


def test_what_the_setting_keeps_is_left_as_it_was() -> None:
    for line in (PART, replace(USED, quantity=D(5))):
        one = expected(line, APPROVED, after_approval="keep")

        assert ([r.id for r in one.rows], one.reverses, one.basis) == (["mul"], (), "inferred")


@pytest.mark.parametrize(
    ("actual_", "help_"),
    [
        (actual("unbilled-sales", "4", "125", billing_status="customer-invoice-created",
                invoice="inv"), "Remove it from the draft"),
        (actual("unbilled-sales", "4", "125", invoice="inv"), "Remove it from the draft"),
        (actual("unbilled-sales", "4", "125", billing_status="customer-invoice-posted"),
         "Confirm a corrective invoice"),
    ],
    ids=["draft", "draft by its line detail", "confirmed"],
)  # fmt: skip
@pytest.mark.parametrize("line", [PART, replace(USED, quantity=D(5))], ids=["un-used", "edited"])
def test_r157_usage_on_an_invoice_cannot_be_taken_back(line, actual_, help_) -> None:
    one = expected(line, APPROVED, actuals={"mul": [actual_]})

    assert (one.rows, one.is_blocked, one.reverses) == ((APPROVED,), True, ())
    assert (one.rules, codes(one)) == (("R-157",), ["USG706 error"])
    assert one.findings[0].help.startswith(help_)


def test_g11_unused_after_approval_nets_to_zero() -> None:
    two = usage(quantity=D(2), quantity_to_bill=D(2), usage_status="approved")
    set_ = [actual("cost", "2", "55.00"), actual("unbilled-sales", "2", "90.00")]
    one = expected(PART, two, actuals={"mul": set_})
    created = reverse_approval(set_, event="recall")

    assert one.reverses == ("mul",)
    assert [(a.transaction_type, a.quantity, a.amount) for a in created.actuals] == [
        ("cost", D(-2), D("-110.00")), ("unbilled-sales", D(-2), D("-180.00")),
    ]  # fmt: skip
    assert sum(a.amount for a in (*set_, *created.actuals)) == 0


@pytest.mark.parametrize(
    "said",
    [
        {"order": replace(ORDER, project="lost")},
        {"line": replace(USED, quantity=D(-1))},
    ],
    ids=["project not read", "fault on the line"],
)
def test_what_cannot_be_told_reverses_nothing(said) -> None:
    line = said.pop("line", USED)
    one = expected(line, APPROVED, **said)

    assert ([r.id for r in one.rows], one.reverses, one.is_blocked) == (["mul"], (), True)


@pytest.mark.parametrize("status", ["canceled", "posted", "completed"])
def test_the_end_of_a_work_order_leaves_its_usage_alone(status) -> None:
    one = expected(USED, APPROVED, order=replace(ORDER, system_status=status, status="inactive"))

    assert ([r.quantity for r in one.rows], one.reverses) == ([D(4)], ())


@pytest.mark.parametrize("dead", [{"usage_status": "rejected"}, {"usage_status": "recalled"},
                                  {"usage_status": "approved", "status": "inactive"},
                                  {"usage_status": "approved", "is_return": True}])  # fmt: skip
def test_rejected_recalled_and_returned_logs_do_not_count(dead) -> None:
    assert expected(PART, usage(**dead)).reverses == ()


def test_what_the_usage_does_not_tell_is_no_edit() -> None:
    (new,) = expected(replace(USED, site="s2")).rows
    silent = usage(site=None, unit=None, quantity_to_bill=None)

    assert changes_of(new, silent) == ()
    assert changes_of(new, usage(site="s1")) == ("site",)
    assert changes_of(new, usage(site="s2", unit_cost=D(1), unit_price=D(1))) == ()
    assert changes_of(new, usage(site="s2", warehouse=None)) == ("warehouse",)
