"""Usage: the material usage log that a used work order line should have (domain 2.1, 8).

A line that is edited or un-used takes its usage with it as far as approval and invoices
allow: before approval at once, after approval by a reversal, and not at all while the usage
is on an invoice (R-157).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from msgspec.structs import replace

from adapter.making.documents import business_key, finding_of
from adapter.making.expectation import (
    Basis,
    Expectation,
    nothing,
    without_project,
)
from adapter.making.line_checks import check_used, discount_percent_of, rules_of
from adapter.making.new_actuals import BILLED, DRAFTED
from adapter.making.priced import NO_PRICE, Priced
from adapter.making.reverse import is_invoiced
from adapter.making.work_lines import Around, is_inactive, to_bill_of, used_of
from adapter.values.actuals import Actual
from adapter.values.field_service import Usage
from adapter.values.finding import Finding, has_errors
from adapter.values.record import Record

DRAFT, SUBMITTED, APPROVED, REJECTED = "draft", "submitted", "approved", "rejected"
DEAD = (REJECTED, "recalled")
REVERSE = "reverse"
# What a person may edit on the line, so that approved usage is another one. Prices are not
# among them: a price list may change without anybody touching the line.
MOVING = (
    "product", "quantity", "quantity_to_bill", "unit", "discount_percent", "serial_number",
    "batch_number", "site", "warehouse", "project", "task",
)  # fmt: skip
OPTIONAL = ("quantity_to_bill", "discount_percent", "unit", "site", "task")  # missing: not told
CHOSEN_LATER = ("task",)


def expected_usage(
    around: Around,
    *,
    model: str,
    price: Priced = NO_PRICE,
    cost: Priced = NO_PRICE,
    auto_approve: bool = False,
    actuals: Mapping[str, Sequence[Actual]] | None = None,
    after_approval: str = REVERSE,
    discount_amounts: str = "reject",
    resource: str | None = None,
    used_at: datetime | None = None,
) -> Expectation:
    """The usage log of one work order line, or why there is none or another one.

    `around.usages` are the logs that are there; `actuals` are the actuals of each log, by its
    id, to know what is on an invoice. `after_approval` is the setting `edit_after_approval`
    (reverse or keep), `discount_amounts` that of the same name. Quantities are in the line's
    unit, of services in hours; price and cost are per unit.
    """
    wanted = _wanted(around, model, price, cost, discount_amounts)
    if wanted.rows:
        usage = wanted.rows[0]
        assert isinstance(usage, Usage)
        status = APPROVED if auto_approve else None
        usage = replace(usage, usage_status=status, resource=resource, used_at=used_at)
        wanted = replace(wanted, rows=(usage,))
        if auto_approve:
            wanted = replace(wanted, rules=(*wanted.rules, "R-120"))
    live = [u for u in around.usages if is_live(u)]
    approved = [u for u in live if u.usage_status == APPROVED]
    if wanted.is_blocked and live:
        return replace(wanted, rows=tuple(live), why=wanted.why + ": its usage stays as it is")
    if not approved:
        return wanted if wanted.rows or not live else _withdrawn(wanted)
    return _after_approval(wanted, approved, actuals or {}, after_approval)


def is_live(usage: Usage) -> bool:
    """Whether a usage log still counts: not rejected, not recalled, active, no return."""
    return usage.usage_status not in DEAD and not is_inactive(usage) and not usage.is_return


def is_before_approval(usage: Usage) -> bool:
    """Whether a usage log is still to be submitted or approved."""
    return is_live(usage) and usage.usage_status in (None, DRAFT, SUBMITTED)


def _wanted(
    around: Around, model: str, price: Priced, cost: Priced, discount_amounts: str
) -> Expectation:
    """What the line as it stands now asks for, whatever was recorded before."""
    line = around.line
    if around.is_deleted:
        return nothing("usage", around, ("domain 8",), "the line was deleted", basis="inferred")
    if is_inactive(line):
        return nothing("usage", around, (), "the line was deactivated", basis="inferred")
    stopped = without_project("usage", around, model)
    if stopped is not None:
        return stopped
    if line.line_status != "used":
        return nothing("usage", around, ("R-051",), "the line is not used")
    used, to_bill = used_of(line), to_bill_of(line)
    found = check_used(around, price, discount_amounts)
    if has_errors(found):
        return replace(nothing("usage", around, rules_of(found), "the line has a fault", *found),
                       is_blocked=True)  # fmt: skip
    if not used:
        return nothing("usage", around, ("R-052",), "nothing was used", *found, basis="inferred")
    order, project = around.work_order, around.project
    assert order is not None and project is not None  # else it was stopped
    usage = Usage(
        id=business_key("usage", line.id)[:32],
        product=line.product,
        quantity=used,
        quantity_to_bill=to_bill,
        unit=line.unit,
        unit_price=price.price,
        unit_cost=cost.price,
        discount_percent=discount_percent_of(around, to_bill, price, discount_amounts)[0],
        project=project.id,
        task=order.task,
        work_order=order.id,
        agreement=order.agreement,
        line=line.id,
        site=around.site,
        warehouse=line.warehouse,
        serial_number=line.serial_number,
        batch_number=line.batch_number,
    )
    rules = ["R-051", "R-055"] if _says_nothing_to_bill(around) else ["R-051"]
    return Expectation(
        kind="usage", line=line.id, work_order=order.id, rows=(usage,),
        rules=(*rules, "R-105"), why="the line is used", findings=found,
    )  # fmt: skip


def _withdrawn(wanted: Expectation) -> Expectation:
    """Un-used before approval: the log is recalled and deleted; that it is, is inferred."""
    return replace(wanted, rules=(*wanted.rules, "domain 8"), basis="inferred",
                   why=wanted.why + ": its usage is recalled and deleted, no actuals")  # fmt: skip


def _after_approval(
    wanted: Expectation,
    approved: Sequence[Usage],
    actuals: Mapping[str, Sequence[Actual]],
    after_approval: str,
) -> Expectation:
    """The line against its approved usage: the same, on an invoice, kept or reversed."""
    new = wanted.rows[0] if wanted.rows else None
    moved = [u for u in approved if new is None or changes_of(new, u)]
    if not moved or wanted.rules == ("R-001", "R-018") or wanted.rules == ("R-021",):
        return wanted
    if after_approval != REVERSE:
        return replace(wanted, rows=tuple(approved), rules=(*wanted.rules, "domain 8"),
                       why="an edit after approval changes nothing", basis="inferred")  # fmt: skip
    on_invoice = [u for u in moved if is_on_invoice(actuals.get(u.id, ()))]
    if on_invoice:
        found = tuple(_on_invoice(u, actuals[u.id]) for u in on_invoice)
        return replace(
            wanted, rows=tuple(approved), is_blocked=True, rules=("R-157",), basis="documented",
            findings=(*wanted.findings, *found), why="its usage is on an invoice",
        )  # fmt: skip
    gone = tuple(replace(u, usage_status=REJECTED) for u in moved)
    kept = tuple(u for u in approved if u not in moved)
    basis: Basis = "documented" if wanted.rules == ("E35",) else "inferred"
    return replace(
        wanted,
        rows=(*(wanted.rows if not kept else ()), *kept, *gone),
        reverses=tuple(u.id for u in moved),
        rules=(*wanted.rules, "E10"),
        why=wanted.why + ": the approved usage is reversed",
        basis=basis,
    )


def is_on_invoice(actuals: Sequence[Actual]) -> bool:
    """Whether usage is on a draft or confirmed invoice that nobody credited in full (R-157).

    What was billed and credited stays on its invoices; what it opened again is on none (E23).
    """
    found = [a for a in actuals if is_invoiced(a)]
    billed = [a for a in found if a.transaction_type == BILLED]
    drafted = [a for a in found if a.billing_status == DRAFTED and a.adjustment_status is None]
    if not billed or drafted:
        return bool(found)
    return any(a.adjustment_status is None for a in billed)


def changes_of(new: Record, old: Usage) -> tuple[str, ...]:
    """Fields that the line now says otherwise.

    What the usage does not tell is no change, nor a task that the work order never named:
    people choose one on the usage.
    """
    return tuple(
        name
        for name in MOVING
        if (getattr(new, name) or None) != (getattr(old, name) or None)
        and not (getattr(old, name) is None and name in OPTIONAL)
        and not (getattr(new, name) is None and name in CHOSEN_LATER)
    )


def _on_invoice(usage: Usage, actuals: Sequence[Actual]) -> Finding:
    """Why an approved usage cannot be taken back: draft, or confirmed without full credit."""
    posted = any(a.billing_status == "customer-invoice-posted" for a in actuals)
    return finding_of(
        "USG706",
        usage.id,
        "the line was changed, and its usage is on "
        + ("a confirmed invoice" if posted else "a draft invoice"),
        "Confirm a corrective invoice with full credit, then recall the approval."
        if posted
        else "Remove it from the draft, then recall the approval.",
        ("line", usage.line),
        ("invoice", next((a.invoice for a in actuals if a.invoice), None)),
    )


def _says_nothing_to_bill(around: Around) -> bool:
    line = around.line
    said = line.duration_to_bill if line.kind == "service" else line.quantity_to_bill
    return said is None


