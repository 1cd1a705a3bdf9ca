"""Submitting usage, and what approval, rejection, recall and cancellation then do (domain 2.1).

Submitting prices the usage in journal lines: a cost line, and for time and material the
unbilled sales (R-031, R-056..R-059). Actuals come with the approval, not before.
"""

from decimal import Decimal
from typing import Literal

from msgspec import Struct

from adapter.making.documents import business_key, finding_of
from adapter.making.estimates import sales_billing_type
from adapter.making.expectation import Basis, Expectation, nothing
from adapter.making.new_actuals import COST, UNBILLED
from adapter.making.priced import NO_PRICE, Priced
from adapter.making.usages import APPROVED, DEAD, DRAFT, REJECTED, SUBMITTED
from adapter.making.work_lines import Around
from adapter.values.field_service import Usage
from adapter.values.finding import Finding, has_errors
from adapter.values.forecast_rows import ProjectJournalLine
from adapter.values.money import ZERO, amount_of, discount_of

CHARGEABLE = "chargeable"
NON_CHARGEABLE = "non-chargeable"
TIME_AND_MATERIAL = "time-and-material"
Action = Literal["submit", "approve", "reject", "recall", "cancel"]
Actuals = Literal["none", "created", "reversed"]


class Share(Struct, frozen=True):
    """A part of the quantity that is sold one way."""

    quantity: Decimal
    billing_type: str
    rule: str


class After(Struct, frozen=True, kw_only=True):
    """Where an action leaves the usage, its approval and its actuals."""

    usage_status: str
    stage: str | None  # of the project approval; None: there is none yet
    actuals: Actuals = "none"
    billing_status: str | None = None  # of the reversed actuals and of their reversals
    rules: tuple[str, ...] = ()
    basis: Basis = "documented"
    findings: tuple[Finding, ...] = ()
    is_blocked: bool = False


def sold_shares(
    used: Decimal, to_bill: Decimal, billing_type: str | None = CHARGEABLE
) -> tuple[Share, ...]:
    """How a used quantity is sold under time and material, in the usage's unit.

    Billed as used: one chargeable part (R-056). Less: the rest is not charged (R-057). More:
    one part of what is billed (R-058). Nothing billed: all of it is not charged (R-059). For
    material the last three are inferred from time. What is non-chargeable or complimentary
    by its contract line stays whole (E5).
    """
    if billing_type not in (CHARGEABLE, None):
        return (Share(used, billing_type, "E5"),)
    if to_bill == 0:
        return (Share(used, NON_CHARGEABLE, "R-059"),)
    if to_bill < used:
        return (
            Share(to_bill, CHARGEABLE, "R-057"),
            Share(used - to_bill, NON_CHARGEABLE, "R-057"),
        )
    return (Share(to_bill, CHARGEABLE, "R-056" if to_bill == used else "R-058"),)


def expected_journal_lines(
    around: Around,
    usage: Usage,
    *,
    price: Priced = NO_PRICE,
    cost: Priced = NO_PRICE,
    billable_quantity: Decimal | None = None,
    billing_type: str | None = None,
) -> Expectation:
    """The journal lines of one usage log once it is submitted.

    `billable_quantity` and `billing_type` are what an approver chose instead of the usage's
    and the contract line's own. A fixed price line, and a project without one for material,
    has cost only (R-031). Several payers are split at approval, not here (inferred, E26). A
    draft has none. Amounts are gross; the discount stands beside a
    chargeable one (domain 10).
    """
    if usage.usage_status in (None, DRAFT):
        return nothing("journal", around, ("E1",), "the usage was not submitted")
    if usage.usage_status in DEAD:
        return nothing("journal", around, ("domain 8",), "the usage was taken back",
                       basis="inferred")  # fmt: skip
    used = usage.quantity or ZERO
    if not used:
        return nothing("journal", around, ("R-052",), "nothing was used", basis="inferred")
    bill = usage.quantity_to_bill if billable_quantity is None else billable_quantity
    covered = around.contract_line
    kind = billing_type or sales_billing_type(around)
    shares: tuple[Share, ...] = ()
    rules: tuple[str, ...] = ("R-031",)
    why = "cost only: " + ("no contract line covers it" if covered is None else "fixed price")
    if covered is not None and covered.billing_method == TIME_AND_MATERIAL:
        if kind == "not-available":
            rules, why = ("R-031", "R-123"), "cost only: the contract line leaves materials out"
        else:
            shares = sold_shares(used, used if bill is None else bill, kind)
            rules, why = ("R-031", *dict.fromkeys(s.rule for s in shares)), "time and material"
            if around.is_shared:
                why = "time and material; several customers share it from the approval on (E26)"
    contract = around.contract
    project = around.project
    cost_currency = cost.currency or (project.currency if project is not None else None)
    sale_currency = price.currency or (contract.currency if contract is not None else None)
    rows = [_line(around, usage, COST, used, None, cost, cost_currency)]
    rows += [
        _line(around, usage, UNBILLED, s.quantity, s.billing_type, price, sale_currency)
        for s in shares
    ]
    return Expectation(
        kind="journal", line=around.line.id, work_order=usage.work_order, rows=tuple(rows),
        rules=rules, why=why,
        basis="inferred"
        if shares and (around.is_shared or any(s.rule != "R-056" for s in shares))
        else "documented",
    )  # fmt: skip


def is_sold(around: Around) -> bool:
    """Whether usage of a line is sold as such: under time and material (R-031, R-123)."""
    covered = around.contract_line
    return (covered is not None and covered.billing_method == TIME_AND_MATERIAL
            and sales_billing_type(around) != "not-available")  # fmt: skip


def _line(
    around: Around,
    usage: Usage,
    type_: str,
    quantity: Decimal,
    billing_type: str | None,
    priced: Priced,
    currency: str | None,
) -> ProjectJournalLine:
    amount = amount_of(quantity, priced.price, priced.rule)
    percent = usage.discount_percent if billing_type == CHARGEABLE else None
    covered = around.contract_line
    return ProjectJournalLine(
        id=business_key("journal line", usage.id, type_, billing_type)[:32],
        description=around.line.name,
        transaction_type=type_,
        transaction_class="material",
        billing_type=billing_type,
        quantity=quantity,
        price=priced.price,
        amount=amount,
        discount_percent=percent,
        discount_amount=discount_of(amount, percent, priced.rule) if percent else None,
        currency=currency,
        unit=usage.unit,
        product=usage.product,
        write_in_product=usage.write_in_product,
        project=usage.project,
        task=usage.task,
        contract=covered.contract if covered is not None else None,
        contract_line=covered.id if covered is not None else None,
        resource=usage.resource,
        price_list=priced.price_list,
        started_at=usage.used_at,
        usage=usage.id,
        work_order=usage.work_order,
        line=around.line.id,
        site=usage.site,
        warehouse=usage.warehouse,
        batch_number=usage.batch_number,
        serial_number=usage.serial_number,
    )


# action, status before -> what it leaves; `recall` of a submitted usage is set by a setting
_STEPS: dict[tuple[str, str], After] = {
    ("submit", DRAFT): After(usage_status=SUBMITTED, stage="submitted", rules=("E1",)),
    ("submit", REJECTED): After(
        usage_status=SUBMITTED, stage="submitted", rules=("E1",), basis="inferred"
    ),
    ("approve", SUBMITTED): After(
        usage_status=APPROVED, stage="approved", actuals="created", rules=("E2",)
    ),
    ("reject", SUBMITTED): After(usage_status=REJECTED, stage="rejected", rules=("domain 8",)),
    ("recall", SUBMITTED): After(
        usage_status=DRAFT, stage="rejected", rules=("E1",), basis="inferred"
    ),
    ("recall", APPROVED): After(
        usage_status=REJECTED, stage="rejected", actuals="reversed", billing_status="canceled",
        rules=("E10",),
    ),
    ("cancel", APPROVED): After(
        usage_status=SUBMITTED, stage="submitted", actuals="reversed", billing_status="canceled",
        rules=("E10",),
    ),
}  # fmt: skip
_TAKES_BACK = ("recall", "cancel")


def after(
    action: Action,
    usage: Usage,
    *,
    is_invoiced: bool = False,
    stock: tuple[Finding, ...] = (),
    recalled_status: str = DRAFT,
) -> After:
    """Where an action leaves a usage log.

    `is_invoiced`: one of its actuals is on a draft or confirmed invoice, so that neither
    recall nor cancellation is possible (R-157). `stock` is what `check_stock` found; an error
    in it blocks submitting and approving (R-106). `recalled_status` is the setting
    `recall_before_approval`. What is blocked keeps its status and says why; an action that
    was done already, or comes out of turn, changes nothing.
    """
    status = usage.usage_status or DRAFT
    done = _STEPS.get((action, status))
    if done is None:
        return _out_of_turn(action, usage, status)
    if action in _TAKES_BACK and status == APPROVED and is_invoiced:
        return _blocked(usage, status, ("R-157",), _invoiced(action, usage))
    if action in ("submit", "approve") and has_errors(stock):
        return _blocked(usage, status, ("R-092", "R-106"), *stock)
    if action == "recall" and status == SUBMITTED:
        return After(usage_status=recalled_status, stage=done.stage, rules=done.rules,
                     basis=done.basis)  # fmt: skip
    return After(
        usage_status=done.usage_status, stage=done.stage, actuals=done.actuals,
        billing_status=done.billing_status, rules=done.rules, basis=done.basis, findings=stock,
    )  # fmt: skip


_STAGES = {DRAFT: None, SUBMITTED: "submitted", APPROVED: "approved", REJECTED: "rejected"}


def _blocked(usage: Usage, status: str, rules: tuple[str, ...], *found: Finding) -> After:
    return After(usage_status=status, stage=_STAGES.get(status), rules=rules, findings=found,
                 is_blocked=True)  # fmt: skip


def _out_of_turn(action: Action, usage: Usage, status: str) -> After:
    """Done before: nothing to say, a repeated message is harmless. Else: out of turn."""
    if status in {a.usage_status for (name, _), a in _STEPS.items() if name == action}:
        return After(usage_status=status, stage=_STAGES.get(status), rules=("repeated",))
    return _blocked(
        usage,
        status,
        ("domain 8",),
        finding_of(
            "USG708",
            usage.id,
            f"a usage that is {status} cannot take this step: {action}",
            "Look at the history of the usage and of its approval.",
            ("status", status),
            ("step", action),
        ),
    )


def _invoiced(action: Action, usage: Usage) -> Finding:
    return finding_of(
        "USG706",
        usage.id,
        f"the usage is on an invoice, so {action} is not possible",
        "Remove it from the draft, or confirm a corrective invoice with full credit first.",
        ("line", usage.line),
    )
