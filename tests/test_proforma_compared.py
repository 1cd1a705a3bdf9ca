"""Proformas that people made, beside what the pure functions expect of them."""

from datetime import date

import pytest
from msgspec.structs import replace

from adapter.making.new_actuals import Created
from adapter.making.proforma_close import confirm
from adapter.making.proforma_compared import compare_proformas, compare_schedules
from adapter.making.proforma_edit import edit
from adapter.making.proforma_life import Draft
from adapter.making.proforma_practice import Practice
from adapter.making.proforma_seen import original_of, seen_of
from adapter.making.proforma_sums import total_of
from adapter.making.standing import Standing, after
from adapter.values.actuals import Actual, Connection
from adapter.values.finding import Finding
from adapter.values.project_operations import (
    ContractCustomer,
    ContractLine,
    Invoice,
    InvoiceLineDetail,
    InvoiceSchedule,
)
from tests.drafts_given import BASELINE, OTHER, PRACTICE, READY, UPDATED, done, drafted
from tests.events_given import D
from tests.making_given import tables

DRAFT = drafted()
PAYER = ContractCustomer(id="pay", contract="pc", account="acc")
INVOICE = Invoice(id="INV-1", number="INV-01034", contract="pc", customer="acc", currency="usd",
                  invoice_date=date(2026, 3, 31), invoice_status="draft")  # fmt: skip
NOW = Standing(actuals={a.id: replace(a, billing_status="customer-invoice-created",
                                      invoice="INV-1") for a in (READY, OTHER)})  # fmt: skip


def details_of(draft: Draft) -> list[InvoiceLineDetail]:
    """The line details of a draft as the CRM has them."""
    found = []
    for entry in draft.entries:
        was = entry.actual
        quantity = was.quantity if entry.quantity is None else entry.quantity
        price = was.price if entry.price is None else entry.price
        found.append(InvoiceLineDetail(
            id=f"d-{entry.id}", invoice=draft.id, actual=entry.id, quantity=quantity, price=price,
            amount=quantity * price, billing_type=entry.billing_type or was.billing_type,
            transaction_class=was.transaction_class))  # fmt: skip
    return found


def said(
    now: Standing, *more: object, invoice: Invoice = INVOICE, practice: Practice = PRACTICE, **only
) -> list[Finding]:
    records = tables(*now.actuals.values(), *now.connections, PAYER, invoice, *more)
    return list(compare_proformas([invoice], records, lambda _: practice,
                                  actuals=now.actuals.values(), **only))  # fmt: skip


def codes(*given: object, **more) -> list[str]:
    return [f"{f.code} {f.level}" for f in said(*given, **more)]


def confirmed(draft: Draft) -> tuple[Standing, Invoice]:
    made = confirm(draft)
    assert made.findings == ()
    paper = replace(INVOICE, invoice_status="confirmed", total=total_of(draft))
    return after(NOW, made.created), paper


def test_a_draft_as_it_should_be_says_nothing() -> None:
    paper = replace(INVOICE, total=total_of(DRAFT))

    assert said(NOW, *details_of(DRAFT), invoice=paper) == []
    assert said(NOW) == []  # no details were exported: its transactions name it


@pytest.mark.parametrize(
    ("change", "why"),
    [({"nte_status": "failed"}, "not-to-exceed"), ({"contract_customer": "else"}, "another"),
     ({"adjustment_status": "adjusted"}, "adjusted"), ({"started_at": None}, "no transaction"),
     ({"billing_status": "customer-invoice-posted"}, "billing status"),
     ({"invoice": "INV-2"}, "another proforma, INV-2")],
)  # fmt: skip
def test_what_may_not_be_on_a_draft_is_said_with_its_reason(change, why: str) -> None:
    wrong = Standing(actuals={**NOW.actuals, "u1": replace(NOW.actuals["u1"], **change)})

    (found,) = said(wrong, *details_of(DRAFT))
    assert (found.code, found.record) == ("PRO715", "u1")
    assert why in found.message


def test_a_transaction_on_two_proformas_is_found() -> None:
    twice = InvoiceLineDetail(id="d-x", invoice="INV-2", actual="u2")
    corrective = InvoiceLineDetail(id="d-y", invoice="INV-3", actual="u1", is_correction=True)

    assert codes(NOW, *details_of(DRAFT), twice, corrective) == ["PRO717 error"]


def test_the_other_proforma_may_be_named_by_a_connection_only() -> None:
    """Which transaction a detail bills is documented as a transaction connection (4.4)."""
    twice = InvoiceLineDetail(id="d-x", invoice="INV-2")
    link = Connection(id="c-x", first="d-x", first_type="msdyn_invoicelinetransaction",
                      first_role="Billed Sales", second="u1", second_type="msdyn_actual",
                      second_role="Unbilled Sales")  # fmt: skip

    assert codes(NOW, *details_of(DRAFT), twice, link) == ["PRO717 error"]


def test_an_edit_is_judged_by_the_setting_of_the_workspace() -> None:
    edited = done(edit(DRAFT, "u1", UPDATED, {"quantity": D(3)}))
    rows = details_of(edited)
    (found,) = said(NOW, *rows, practice=Practice(editing=BASELINE))

    assert said(NOW, *rows) == []
    assert (found.code, dict(found.values)) == ("PRO716", {"quantity": "4 to 3"})
    assert said(NOW, *rows, practice=Practice()) == []  # nobody says what may be edited


def test_what_a_refresh_would_add_is_noted() -> None:
    third = replace(READY, id="u4", amount=D("7.00"))
    late = replace(READY, id="u5", started_at=None)
    grown = Standing(actuals={**NOW.actuals, "u4": third, "u5": late})
    (found,) = said(grown, *details_of(DRAFT))

    assert (found.code, found.level, dict(found.values)["amount"]) == ("PRO719", "note", "7.00")


def test_a_total_that_its_details_do_not_give_is_told() -> None:
    paper = replace(INVOICE, total=total_of(DRAFT) + 1)

    assert codes(NOW, *details_of(DRAFT), invoice=paper) == ["PRO720 warning"]


@pytest.mark.parametrize(
    "values",
    [{}, {"quantity": D(3)}, {"quantity": D(5)}, {"price": D("99.00")},
     {"billing_type": "complimentary"}, {"quantity": D(0)}],
)  # fmt: skip
def test_what_confirming_made_is_what_it_must_make(values) -> None:
    draft = done(edit(DRAFT, "u1", UPDATED, values))
    now, paper = confirmed(draft)

    assert said(now, *details_of(draft), invoice=paper) == []


def without(now: Standing, key: str) -> Standing:
    return replace(now, actuals={k: a for k, a in now.actuals.items() if k != key})


def test_what_was_not_made_or_made_twice_or_otherwise_is_found() -> None:
    now, paper = confirmed(DRAFT)
    rows = details_of(DRAFT)
    billed = next(a for a in now.actuals.values() if a.transaction_type == "billed-sales")
    again = replace(billed, id="again")
    link = Connection(id="l", first="again", first_role="Billed Sales", second="u1",
                      second_role="Unbilled Sales")  # fmt: skip
    twice = replace(now, actuals={**now.actuals, "again": again},
                    connections=(*now.connections, link))  # fmt: skip
    dearer = replace(now, actuals={**now.actuals, billed.id: replace(billed, amount=D(1))})
    stuck = replace(now, actuals={**now.actuals, "u1": NOW.actuals["u1"]})
    messages = [
        [f.message.rpartition(": ")[2] for f in said(one, *rows, invoice=paper)]
        for one in (without(now, billed.id), twice, dearer, stuck)
    ]

    assert messages == [
        ["1 missing"], ["1 too many"], ["1 missing, 1 too many"],
        ["billing_status is customer-invoice-created and not customer-invoice-posted"],
    ]  # fmt: skip
    assert {f.code for f in said(twice, *rows, invoice=paper)} == {"PRO718"}


def test_a_story_of_some_lines_is_not_told_of_the_others() -> None:
    now, paper = confirmed(DRAFT)
    broken = Standing(actuals=now.actuals, connections=now.connections[:1])
    rows = details_of(DRAFT)

    assert [f.record for f in said(broken, *rows, invoice=paper)] == ["u1", "u2"]
    assert [f.record for f in said(broken, *rows, invoice=paper, only={"u2"})] == ["u2"]


def test_without_connections_nothing_is_claimed() -> None:
    now, paper = confirmed(DRAFT)

    assert said(replace(now, connections=()), *details_of(DRAFT), invoice=paper) == []


def test_a_confirmed_proforma_beyond_a_limit_is_refused_like_the_draft() -> None:
    now, paper = confirmed(DRAFT)
    failed = replace(now, actuals={**now.actuals, "u1": replace(now.actuals["u1"],
                                                               nte_status="failed")})  # fmt: skip

    assert codes(failed, *details_of(DRAFT), invoice=paper) == ["PRO712 error"]


def test_a_corrective_proforma_is_compared_too() -> None:
    now, _ = confirmed(DRAFT)
    billed = next(a for a in now.actuals.values() if a.transaction_type == "billed-sales")
    note = replace(INVOICE, id="CN-1", invoice_status="confirmed")
    right = InvoiceLineDetail(id="d-c", invoice="CN-1", actual=billed.id, quantity=D(1),
                              price=billed.price, is_correction=True,
                              transaction_class="material")  # fmt: skip
    seen = seen_of(note, tables(*now.actuals.values(), right, PAYER, note))
    made = confirm(seen.draft)
    later = after(now, made.created)

    assert (made.findings, len(made.created.actuals)) == ((), 5)
    assert said(later, right, invoice=note) == []
    assert codes(now, right, invoice=note) == ["PRO718 error"]


def test_billed_milestones_are_those_of_the_details() -> None:
    now, paper = confirmed(DRAFT)
    paper = replace(paper, total=None)
    detail = InvoiceLineDetail(id="d-m", invoice="INV-1", transaction_class="milestone",
                               amount=D("5000.00"))  # fmt: skip
    billed = Actual(id="b-m", transaction_type="billed-sales", transaction_class="milestone",
                    amount=D("5000.00"), invoice="INV-1")  # fmt: skip
    with_it = replace(now, actuals={**now.actuals, "b-m": billed})
    rows = [*details_of(DRAFT), detail]

    assert said(with_it, *rows, invoice=paper) == []
    assert codes(now, *rows, invoice=paper) == ["PRO718 error"]


def test_a_detail_finds_its_transaction_by_a_connection() -> None:
    detail = InvoiceLineDetail(id="d", invoice="INV-1")
    link = Connection(id="l", first="d", first_role="Billed Sales", second="u1",
                      first_type="msdyn_invoicelinetransaction")  # fmt: skip

    assert original_of(detail, tables(READY, detail, link)) == READY
    assert original_of(detail, tables(READY, detail)) is None


def test_an_invoice_that_field_service_made_is_not_ours() -> None:
    theirs = replace(INVOICE, work_order="wo", total=D(1))

    assert said(NOW, *details_of(DRAFT), invoice=theirs) == []


def test_automatic_runs_that_did_not_happen_are_told() -> None:
    line = ContractLine(id="cl", contract="pc", name="T&M")
    rows = [InvoiceSchedule(id=key, contract_line="cl", run_date=day, run_status=status)
            for key, day, status in (
                ("a", date(2026, 3, 1), "successful"), ("b", date(2026, 3, 8), "failed"),
                ("c", date(2026, 3, 15), None), ("d", date(2026, 4, 1), "not-run"))]  # fmt: skip
    found = list(compare_schedules(["pc"], tables(line, *rows), date(2026, 3, 31)))

    assert [(f.code, f.record, f.message.rpartition("2026-03-")[2][3:]) for f in found] == [
        ("PRO721", "b", "failed"), ("PRO721", "c", "has not run"),
    ]  # fmt: skip
    assert after(Standing(), Created()) == Standing()
