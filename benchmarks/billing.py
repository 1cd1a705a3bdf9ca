"""How contracts of the sample are billed, from draft to credit.

Proformas with their line details, one edited before it was confirmed, one still a draft;
automatic runs, of which one made a draft that needs a refresh and one never ran; a retainer
that is invoiced, applied and used up; a milestone that stays billed and one that was credited;
proformas that are not what they should be.

A detail names its transaction as the vendor says it: by a transaction connection.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from adapter.making.advances import advance_of
from adapter.making.confirm import Detail, confirm_proforma
from adapter.making.new_actuals import Created
from adapter.making.reverse import Correction, revise_proforma
from adapter.values.project_operations import Milestone, Retainer
from benchmarks.extras import moment, opened
from benchmarks.life import actual_of, kept, posted
from benchmarks.masters import MONTH, YEAR, Job, Row, finance_project, make_job
from benchmarks.usages import CENT, Crew

DRAFTED = "customer-invoice-created"


def billing(crew: Crew) -> None:
    """Add the four contracts; each has a work order or milestones of its own."""
    edited(crew, _job(crew, "tm"))
    scheduled(crew, _job(crew, "tm"))
    advanced(crew, _job(crew, "tm"))
    milestones(crew, _job(crew, "fixed"))
    crew.order, crew.left_on_order = None, 0


def edited(crew: Crew, job: Job) -> None:
    """`WO-..BILL`: a part billed as used, hose below what was used (E13), more on a draft."""
    code = crew.site.entity.code
    order = opened(crew, job, f"WO-{code}-BILL", "Pump overhaul, billed in two steps", 4)
    filter_ = _journalised(crew, crew.use(job, "D0011", Decimal(4), at=moment(3)), "000042")
    hose = _journalised(crew, crew.use(job, "D0012", Decimal(10), at=moment(4)), "000042")
    bill = _proforma(crew, job, "BILL-1", 12)
    fewer = Decimal(6)
    _detail(crew, bill, filter_)
    _detail(crew, bill, hose, quantity=fewer)
    made = confirm_proforma(
        [Detail(original=actual_of(filter_)), Detail(original=actual_of(hose), quantity=fewer)],
        invoice=bill["id"],
    )
    _confirmed(crew, job, bill, made, [filter_, hose], "0009")
    bearings = crew.use(job, "D0013", Decimal(3), at=moment(17))[1]
    hours = crew.hours(job, 120, moment(17), order)[1]
    draft = _proforma(crew, job, "BILL-2", 24)
    _detail(crew, draft, bearings, quantity=Decimal(2))
    _detail(crew, draft, hours)


def scheduled(crew: Crew, job: Job) -> None:
    """`WO-..RUN`: the run of the 16th made a draft; a part came late, and the 29th never ran."""
    assert job.line is not None
    code = crew.site.entity.code
    opened(crew, job, f"WO-{code}-RUN", "Quarterly service, invoiced by schedule", 2)
    gaskets = crew.use(job, "D0017", Decimal(8), at=moment(5))[1]
    draft = _proforma(crew, job, "RUN-1", 16)
    _detail(crew, draft, gaskets)
    late = crew.use(job, "D0018", Decimal(3), at=moment(12))
    for row in late:  # approved after the run
        row["created_on"] = moment(17)
    crew.world.rows[crew.place]["approval"][-1]["approved_on"] = moment(17)
    for month, day, status in ((MONTH, 16, "successful"), (MONTH, 29, "not-run"),
                               (MONTH + 1, 13, "not-run")):  # fmt: skip
        crew.world.add(
            crew.place, "invoice_schedule", contract_line=job.line["id"],
            run_date=date(YEAR, month, day), cut_off=date(YEAR, month, day - 1), run_status=status,
            invoice=draft["id"] if status == "successful" else None,
        )  # fmt: skip


def advanced(crew: Crew, job: Job) -> None:
    """`WO-..ADV`: a retainer is invoiced (E20), applied in part (E22), then used up (E21)."""
    assert job.contract is not None
    code = crew.site.entity.code
    retainer = crew.world.add(
        crew.place, "retainer", name="Advance on the overhaul", contract=job.contract["id"],
        contract_customer=job.payers[0]["id"], amount=Decimal("1000.00"),
        used_amount=Decimal("0.00"), is_invoiced=False, invoice_date=date(YEAR, MONTH, 2),
        invoice_status="ready", currency=crew.site.currency["id"],
    )  # fmt: skip
    bill = _proforma(crew, job, "ADV-1", 2)
    _due(crew, bill, "retainer", retainer["amount"])
    made = confirm_proforma([], retainers=[_retainer(retainer)], invoice=bill["id"],
                            day=bill["invoice_date"])  # fmt: skip
    _confirmed(crew, job, bill, made, [retainer], "0012")
    opened(crew, job, f"WO-{code}-ADV", "Overhaul on account", 2)
    for number, day, quantity, voucher in (
        ("ADV-2", 16, Decimal(10), "0013"), ("ADV-3", 25, Decimal(6), "0014"),
    ):  # fmt: skip
        used = crew.use(job, "D0013", quantity, at=moment(day - 6))
        sale = _journalised(crew, used, f"00004{voucher[-1]}")
        bill = _proforma(crew, job, number, day)
        _detail(crew, bill, sale)
        left = retainer["amount"] - retainer["used_amount"]
        applied = min(sale["amount"], left)
        _due(crew, bill, "retainer", -applied)
        made = confirm_proforma([Detail(original=actual_of(sale))], invoice=bill["id"],
                                advances=[advance_of(_retainer(retainer), applied)],
                                day=bill["invoice_date"])  # fmt: skip
        _confirmed(crew, job, bill, made, [sale, retainer], voucher)


def milestones(crew: Crew, job: Job) -> None:
    """Two milestones are billed (E18); the second was not accepted and is credited (E19)."""
    assert job.contract is not None
    rows = [row for row in crew.world.rows[crew.place]["milestone"]
            if row["contract"] == job.contract["id"]]  # fmt: skip
    billed: list[Row] = []
    for row, number, day, voucher in zip(rows, ("FIX-1", "FIX-2"), (11, 20), ("0010", "0011"),
                                         strict=True):  # fmt: skip
        bill = _proforma(crew, job, number, day)
        _due(crew, bill, "milestone", row["amount"], job.line)
        due = Milestone(**{k: v for k, v in row.items() if k in Milestone.__struct_fields__})
        made = confirm_proforma([], [due], invoice=bill["id"], day=bill["invoice_date"])
        billed = _confirmed(crew, job, bill, made, [row], voucher)
    credit = _proforma(crew, job, "FIX-3", 26)
    wrong = actual_of(billed[0])
    row = crew.world.add(
        crew.place, "invoice_line_detail", invoice=credit["id"], quantity=Decimal(0),
        contract_line=wrong.contract_line, price=wrong.price, amount=-(wrong.amount or Decimal(0)),
        billing_type="chargeable", transaction_class="milestone", is_correction=True,
    )  # fmt: skip
    _connect(crew, row, "Replacing", billed[0], "Original")
    credit["total"] = row["amount"]
    made = revise_proforma([Correction(original=wrong, milestone=due)], invoice=credit["id"])
    _confirmed(crew, job, credit, made, [*rows, *billed], "0015", is_correction=True)


def faulty(crew: Crew) -> None:
    """`INV-..-ODD-1` to `3`, on transactions that stay as they are: two drafts dated before what
    is on them (PRO715), which is the same (PRO717), the second with a wrong total (PRO720), and a
    proforma that was confirmed without making anything (PRO718).
    """
    job = next(j for j in crew.site.jobs if j.kind == "tm" and len(j.payers) == 1)
    assert job.contract is not None
    first, other = [  # the last ones, since those of a large company are written out before
        row for row in crew.world.rows[crew.place]["actual"]
        if row.get("contract") == job.contract["id"] and row["transaction_type"] == "unbilled-sales"
        and row["transaction_class"] == "material" and row["billing_type"] == "chargeable"
        and row.get("invoice") is None and row["billing_status"] == "ready-to-invoice"
    ][-2:]  # fmt: skip
    for number, day, sale in (("ODD-1", 1, first), ("ODD-2", 1, first), ("ODD-3", 29, other)):
        bill = _proforma(crew, job, number, day)
        kept_as_it_is = {name: sale.get(name) for name in ("invoice", "billing_status")}
        _detail(crew, bill, sale)
        sale |= kept_as_it_is
        if number == "ODD-2":
            bill["total"] += Decimal("10.00")
        elif number == "ODD-3":
            bill["invoice_status"] = "confirmed"


def _job(crew: Crew, kind: str) -> Job:
    """A project with a contract that nothing else is billed on."""
    job = make_job(crew.world, crew.site, len(crew.site.jobs), kind=kind)
    crew.site.jobs.append(job)
    if crew.site.entity.model != "core":
        finance_project(crew.world, crew.site.entity.code, job)
    return job


def _proforma(crew: Crew, job: Job, name: str, day: int) -> Row:
    """A draft without anything on it."""
    assert job.contract is not None
    return crew.world.add(
        crew.place, "invoice", number=f"INV-{crew.site.entity.code}-{name}",
        contract=job.contract["id"], customer=job.payers[0]["account"],
        currency=crew.site.currency["id"], invoice_date=date(YEAR, MONTH, day),
        invoice_status="draft", order_type="work-based", total=Decimal("0.00"),
    )  # fmt: skip


def _detail(crew: Crew, bill: Row, sale: Row, quantity: Decimal | None = None) -> None:
    """The line detail of unbilled sales, as they are or with an edited quantity (E11)."""
    asked = sale["quantity"] if quantity is None else quantity
    row = crew.world.add(
        crew.place, "invoice_line_detail", invoice=bill["id"], quantity=asked,
        contract_line=sale["contract_line"], price=sale["price"],
        amount=(asked * sale["price"]).quantize(CENT), billing_type=sale["billing_type"],
        transaction_class=sale["transaction_class"], is_correction=False,
    )  # fmt: skip
    _connect(crew, row, "Billed Sales", sale, "Unbilled Sales")
    sale |= {"invoice": bill["id"], "billing_status": DRAFTED}
    bill["total"] += row["amount"]


def _due(crew: Crew, bill: Row, klass: str, amount: Decimal, line: Row | None = None) -> None:
    """The detail of a milestone, of a retainer, or of what is applied of one (less than 0)."""
    crew.world.add(
        crew.place, "invoice_line_detail", invoice=bill["id"], amount=amount, price=abs(amount),
        quantity=Decimal(1 if amount > 0 else -1), billing_type="chargeable",
        contract_line=line["id"] if line else None, transaction_class=klass, is_correction=False,
    )  # fmt: skip
    bill["total"] += amount


def _connect(crew: Crew, detail: Row, role: str, actual: Row, other: str) -> None:
    crew.world.add(
        crew.place, "connection", first=detail["id"], first_role=role,
        first_type="msdyn_invoicelinetransaction", second=actual["id"], second_role=other,
        second_type="msdyn_actual",
    )  # fmt: skip


def _confirmed(
    crew: Crew, job: Job, bill: Row, made: Created, old: Sequence[Row], voucher: str,
    **changes: Any,
) -> list[Row]:  # fmt: skip
    """A draft is confirmed; where Finance is, posted the day after. Its billed sales."""
    day = bill["invoice_date"].day
    bill["invoice_status"] = "confirmed"
    rows = kept(crew, made, old, bill, moment(day), **changes)
    if crew.site.entity.model != "core":
        number = f"{crew.site.entity.code}-CI-{voucher}"
        posted(rows, number)
        bill |= {"posted_number": number, "posted_on": date(YEAR, MONTH, day + 1)}
    return [row for row in rows if row["transaction_type"] == "billed-sales"]


def _journalised(crew: Crew, used: list[Row], voucher: str) -> Row:
    """Cost and sales of what was used, posted where Finance is; the sales."""
    if crew.site.entity.model != "core":
        posted(used, f"{crew.site.entity.code}-{voucher}")
    return used[1]


def _retainer(row: Row) -> Retainer:
    return Retainer(**{k: v for k, v in row.items() if k in Retainer.__struct_fields__})
