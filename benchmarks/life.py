"""One work order of each company whose whole life is over: estimated, used, approved, invoiced,
corrected, and where Finance is there, posted. What people's confirming and correcting created
is made by the same pure functions that stories compare with.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from adapter.making.confirm import Detail, confirm_proforma
from adapter.making.new_actuals import Created
from adapter.making.reverse import Correction, revise_proforma
from adapter.values.actuals import Actual
from benchmarks.masters import MONTH, YEAR, Job, Row
from benchmarks.usages import Crew

DRIFT = Decimal("1.35")  # what Finance's weighted average adds to the cost of the first line


def whole_life(crew: Crew) -> None:
    """Add the work order `WO-..LIFE` with everything that became of it."""
    job = next(j for j in crew.site.jobs if j.kind == "tm" and len(j.payers) == 1)
    code = crew.site.entity.code
    is_core = crew.site.entity.model == "core"
    end = "invoice" if is_core else "voucher"
    order = {"number": f"WO-{code}-LIFE", "summary": f"Pump replaced, from estimate to {end}"}
    pump = crew.use(
        job, "D0011", Decimal(4), at=_at(3), order=order, line={"estimate_quantity": Decimal(3)}
    )
    row = next(r for r in crew.world.rows[crew.place]["work_order"]
               if r["number"] == order["number"])  # fmt: skip
    crew.order, crew.left_on_order = (job, row), 9
    hose = crew.use(
        job, "D0012", Decimal(10), to_bill=Decimal(6), at=_at(4), discount=Decimal(15),
        line={"estimate_quantity": Decimal(6)},
    )  # fmt: skip
    _planned_only(crew, job, row)
    crew.order, crew.left_on_order = None, 0
    hours = crew.hours(job, 120, _at(4), row)
    toll = crew.expense(job, "Toll road", "Travel", Decimal("18.00"), _at(4), row)
    labour = [*hours, *toll]
    sales = [*pump[1:], *hose[1:], *hours[1:], *toll[1:]]
    bill = _proforma(crew, job, f"INV-{code}-LIFE-1", 12, sales)
    made = confirm_proforma([Detail(original=actual_of(s)) for s in sales], invoice=bill["id"])
    billed = kept(crew, made, sales, bill, _at(13))
    if not is_core:
        pump[0]["adjustment_value"] = DRIFT
        posted([*pump, *hose, *labour], f"{code}-000041")
        posted(billed, f"{code}-CI-0007")
        bill |= {"posted_number": f"{code}-CI-0007", "posted_on": date(YEAR, MONTH, 14)}
    credit = _proforma(crew, job, f"INV-{code}-LIFE-2", 20, [])
    wrong = next(b for b in billed if b["transaction_type"] == "billed-sales")
    corrected = revise_proforma(
        [Correction(original=actual_of(wrong), quantity=Decimal(3))], invoice=credit["id"]
    )
    credited = kept(crew, corrected, billed, credit, _at(21), is_correction=True)
    if not is_core:
        posted(credited, f"{code}-CI-0008")
        credit |= {"posted_number": f"{code}-CI-0008", "posted_on": date(YEAR, MONTH, 22)}


def _at(day: int) -> datetime:
    return datetime(YEAR, MONTH, day, 15, 30, tzinfo=UTC)


def _planned_only(crew: Crew, job: Job, order: Row) -> None:
    """A part that was estimated and never used."""
    product = crew.site.products["D0017"]
    crew.world.add(
        crew.place, "work_order_line", kind="product", name=product["name"],
        line_status="estimated", work_order=order["id"], product=product["id"],
        unit=product["unit"], price_list=crew.site.price_list["id"],
        warehouse=crew.site.warehouses[0]["id"], estimate_quantity=Decimal(2),
        unit_price=Decimal("7.35"), unit_cost=Decimal("4.20"), status="active",
        currency=crew.site.currency["id"],
    )  # fmt: skip


def _proforma(crew: Crew, job: Job, number: str, day: int, sales: Iterable[Row]) -> Row:
    row = crew.world.add(
        crew.place, "invoice", number=number, contract=job.contract["id"] if job.contract else None,
        customer=job.payers[0]["account"], currency=crew.site.currency["id"],
        invoice_date=date(YEAR, MONTH, day), invoice_status="confirmed", order_type="work-based",
    )  # fmt: skip
    for sale in sales:
        sale["invoice"] = row["id"]
    return row


def actual_of(row: Row) -> Actual:
    """The actual of a row."""
    return Actual(**{k: v for k, v in row.items() if k in Actual.__struct_fields__})


def kept(
    crew: Crew, made: Created, old: Iterable[Row], invoice: Row, at: datetime,
    **changes: Any,
) -> list[Row]:  # fmt: skip
    """New actuals and connections as rows, and what changed on old ones."""
    by_id = {row["id"]: row for row in old}
    for change in made.changes:
        if change.record in by_id:
            by_id[change.record][change.field] = change.value
    ids = {actual.id: crew.world.key() for actual in made.actuals}
    rows = []
    for number, actual in enumerate(made.actuals):
        said = {n: getattr(actual, n) for n in Actual.__struct_fields__}
        said |= {"id": ids[actual.id], "created_on": at + timedelta(seconds=number),
                 "document_date": at.date(), "started_at": at, "origin": "invoice-confirmation",
                 "invoice": None if actual.invoice is None else invoice["id"],
                 **changes}  # fmt: skip
        if actual.transaction_type == "unbilled-sales" and (actual.quantity or 0) < 0:
            said["skip_sync"] = True
        rows.append(crew.world.add(crew.place, "actual",
                                   **{k: v for k, v in said.items() if v is not None}))  # fmt: skip
    for pair in made.connections:
        first, second = (ids.get(k or "", k) for k in (pair.first, pair.second))
        crew.world.add(
            crew.place, "connection", first=first, first_role=pair.first_role,
            first_type="msdyn_actual", second=second, second_role=pair.second_role,
            second_type="msdyn_actual",
        )  # fmt: skip
    return rows


def posted(rows: Iterable[Row], voucher: str) -> None:
    """What Finance writes back when a journal or an invoice is posted."""
    for row in rows:
        if not row.get("skip_sync") and row.get("billing_status") != "unbilled-sales-created":
            row |= {"voucher": voucher, "is_journalized": True}
