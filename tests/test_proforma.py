"""Proforma drafts: who pays what, what stands apart, what a total is made of."""

from datetime import date
from decimal import Decimal

import pytest

from adapter.making.billing_schedule import schedule_of
from adapter.reading.document_facts import DOCUMENT_KINDS
from adapter.values.actuals import Actual
from adapter.values.field_service import Usage
from adapter.values.project_operations import (
    ContractCustomer,
    ContractLine,
    Milestone,
    Retainer,
)
from tests.making_given import ENVIRONMENT, World, actual, on

D = Decimal
ZERO = D(0)


def unbilled(key: str, quantity: str, price: str, **more: object) -> Actual:
    return actual(key, "unbilled-sales", quantity, price, **more)


def drafts(world: World, *actuals: Actual) -> list:
    scheduled = [line for s in schedule_of(world.books, ENVIRONMENT) for line in s.lines]
    return world.assembled([world.line(a, "proforma-line") for a in actuals] + scheduled)


def details(document, kind: str) -> list:
    return [d for line in document.lines for d in line["details"] if d["kind"] == kind]


def test_a_used_part_billed_in_full_gives_one_line_with_one_detail():
    [draft] = drafts(World(), unbilled("u", "4", "125.00"))

    assert draft.name == "PC-0007 ACC-1001 USD"
    assert [len(line["details"]) for line in draft.lines] == [1]
    assert draft.total("total") == D("500.00")
    assert draft.memo["non_chargeable"] == ZERO


def test_a_discount_percentage_is_taken_from_the_chargeable_part_only():
    usage = Usage(id="mul", quantity=D(10), quantity_to_bill=D(6))

    [draft] = drafts(
        World(usage),
        unbilled("ch", "6", "19.99", discount_percent=D(15), usage="mul"),
        unbilled("nc", "4", "19.99", discount_percent=D(15), usage="mul",
                 billing_type="non-chargeable"),
    )  # fmt: skip

    assert draft.total("amount") == D("119.94")
    assert draft.total("discount") == D("17.99")
    assert draft.total("total") == D("101.95")
    assert draft.memo["non_chargeable"] == D("79.96")
    assert draft.memo["used_and_billed"] == [
        {"usage": "mul", "used": D(10), "unit": "ea", "chargeable": D(6),
         "non_chargeable": D(4), "complimentary": ZERO, "open": ZERO}
    ]  # fmt: skip


def test_a_discount_amount_is_taken_as_it_was_recorded():
    [draft] = drafts(World(), unbilled("ch", "6", "19.99", discount_amount=D("18.00")))

    assert draft.total("total") == D("101.94")


def test_complimentary_details_stand_apart_and_add_nothing():
    [draft] = drafts(
        World(),
        unbilled("ch", "1", "10.00"),
        unbilled("free", "2", "10.00", billing_type="complimentary"),
    )

    assert [d["actual"] for d in details(draft, "complimentary")] == ["free"]
    assert draft.total("total") == D("10.00")
    assert draft.memo["complimentary"] == D("20.00")
    assert all(kept.is_kept for kept in draft.keeps)


def test_tax_of_chargeable_details_is_added_and_of_others_is_not():
    [draft] = drafts(
        World(),
        unbilled("ch", "1", "10.00", tax=D("0.80"), fee_amount=D("1.00")),
        unbilled("nc", "1", "10.00", tax=D("0.80"), billing_type="non-chargeable"),
    )

    assert draft.total("tax") == D("0.80")
    assert draft.total("total") == D("11.80")


def test_every_contract_line_has_a_line_even_without_transactions():
    idle = ContractLine(id="cl-2", name="Repairs", contract="pc", line_type="project-based")
    goods = ContractLine(id="cl-3", name="Spares", contract="pc", line_type="product-based")

    [draft] = drafts(World(idle, goods), unbilled("u", "1", "10.00"))

    assert [(x["name"], x["extended"]) for x in draft.lines] == [
        ("T&M", D("10.00")),
        ("Repairs", ZERO),
    ]


def test_payers_and_currencies_have_drafts_of_their_own():
    second = ContractCustomer(id="pay-2", contract="pc", contract_line="cl", account="acc-2",
                              percent=D(50))  # fmt: skip
    world = World(second)

    found = drafts(
        world,
        unbilled("a", "1", "10.00", contract_customer="pay"),
        unbilled("b", "1", "20.00", contract_customer="pay-2"),
        unbilled("c", "1", "30.00", contract_customer="pay", currency="gbp"),
    )

    sums = {(d.header["payer"], d.header["currency"]): d.total("total") for d in found}
    assert sums == {
        ("pay", "USD"): D("10.00"),
        ("pay", "GBP"): D("30.00"),
        ("pay-2", "USD"): D("20.00"),
    }


@pytest.mark.parametrize(
    ("status", "due", "expected"),
    [
        ("ready", date(2026, 3, 31), ("written", "")),
        ("ready", None, ("written", "")),
        ("ready", date(2026, 4, 1), ("left", "due on 2026-04-01, after the cut-off 2026-03-31")),
        ("not-ready", date(2026, 3, 1), ("left", "not ready to invoice")),
        ("customer-invoice-created", None, ("left", "already on a customer invoice")),
    ],
)
def test_a_milestone_is_billed_when_it_is_ready_and_due(status, due, expected):
    milestone = Milestone(id="m", name="M1", contract="pc", contract_line="cl",
                          amount=D("5000.00"), invoice_date=due, invoice_status=status,
                          currency="usd")  # fmt: skip
    world = World(milestone)

    [found] = schedule_of(world.books, ENVIRONMENT)

    assert (found.status, found.reason) == expected
    assert [d.total("total") for d in drafts(world)] == (
        [D("5000.00")] if found.status == "written" else []
    )


def retainer(**more: object) -> Retainer:
    said = {"amount": D("1000.00"), "used_amount": ZERO, "is_invoiced": True,
            "invoice_status": "customer-invoice-posted", **more}  # fmt: skip
    return Retainer(id="r", name="Advance", contract="pc", contract_customer="pay",
                    currency="usd", **said)  # fmt: skip


@pytest.mark.parametrize(
    ("said", "advance", "total"),
    [
        ({}, "-640.00", "0.00"),
        ({"used_amount": D("700.00")}, "-300.00", "340.00"),
        ({"is_invoiced": False, "invoice_status": "not-ready"}, "0", "640.00"),
        ({"contract_customer": "someone-else"}, "0", "640.00"),
    ],
)
def test_a_retainer_is_applied_up_to_what_it_has_and_what_is_owed(said, advance, total):
    record = Retainer(**{f: getattr(retainer(), f) for f in Retainer.__struct_fields__} | said)

    [draft] = drafts(World(record), unbilled("u", "64", "10.00"))

    assert (draft.total("advance"), draft.total("total")) == (D(advance), D(total))


def test_a_retainer_that_is_ready_is_billed_to_its_payer_and_not_applied_to_itself():
    ready = retainer(is_invoiced=False, invoice_status="ready")

    [draft] = drafts(World(ready))

    assert draft.total("total") == D("1000.00")
    assert draft.schedule == ("r",)


def test_more_than_a_thousand_details_are_a_warning():
    actuals = [unbilled(f"u{i:04}", "1", "1.00") for i in range(1001)]

    [draft] = drafts(World(), *actuals)

    assert [(f.code, f.level) for f in draft.findings] == [("PRO702", "warning")]


def test_a_rule_may_group_further_but_never_wider():
    plain = drafts(World(group_by=("pc", "pay", "USD")), unbilled("u", "1", "1.00"))
    apart = World(group_by=("WO-1",)).line(unbilled("u", "1", "1.00"), "proforma-line")

    assert len(plain) == 1
    assert apart.group[-1] == "WO-1"


@pytest.mark.parametrize(("by", "customer"), [("acc", "acc"), ("(none)", None)])
def test_usage_and_what_is_billed_by_schedule_stand_on_one_proforma_of_their_payer(by, customer):
    ready = retainer(is_invoiced=False, invoice_status="ready")
    world = World(ready, group_by=("pc", by, "USD"))  # the facts that RTE540 groups by

    [draft] = drafts(world, unbilled("u", "64", "10.00", customer=customer))

    assert draft.total("total") == D("1640.00")
    assert (draft.actuals, draft.schedule) == (("u",), ("r",))


def test_usage_that_names_another_account_than_its_payer_stands_apart():
    other = World(group_by=("pc", "acc-2", "USD")).line(unbilled("u", "1", "1.00"), "proforma-line")

    assert other.group[-1] == "acc-2"
    assert [d.name for d in World().assembled([other])] == ["PC-0007 ACC-1001 USD acc-2"]


@pytest.mark.parametrize("kind", ["journal", "proforma", "invoice-proposal", "on-account"])
def test_documents_have_exactly_the_values_that_mappings_may_read(kind):
    said = {"journal": "journal-line", "proforma": "proforma-line",
            "invoice-proposal": "invoice-proposal-line", "on-account": "on-account"}  # fmt: skip
    world = World(retainer())
    [document] = world.documents([unbilled("u", "1", "10.00", started_at=on(9))], said[kind])
    parts = DOCUMENT_KINDS[kind]

    assert set(document.header) == {name for name, _, _ in parts["header"]}
    for line in document.lines:
        assert set(line) == {name for name, _, _ in parts["line"]}
        for detail in line.get("details") or ():
            assert set(detail) == {name for name, _, _ in parts["detail"]}
