"""Approved usage beside the cost and the unbilled sales that are there: missing, too many,
different.

Only what the approval itself made is looked at. Reversals, what an invoice made of it and what
was taken back are left alone; what a confirmed contract or a correction made anew stands for
the original, at its own price.
"""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from adapter.deciding.dossier import latest_of
from adapter.making.approved_wanted import ANEW, Made, Part, Wanted, wanted_of
from adapter.making.expectation import Basis
from adapter.making.expected import Bucket, Difference
from adapter.making.new_actuals import BILLED, COST, POSTED, UNBILLED
from adapter.making.pairing import Cell
from adapter.making.submitted import CHARGEABLE
from adapter.making.usages import APPROVED, DEAD, DRAFT, SUBMITTED
from adapter.making.work_lines import is_inactive
from adapter.values.actuals import Actual, Approval
from adapter.values.field_service import Usage
from adapter.values.money import ZERO, CurrencyRule, amount_of, discount_of
from adapter.values.project_operations import Currency

GIVEN = ("approved", "recall-requested", "recall-request-rejected")
TAKEN_BACK = ("submitted", "rejected", "recall-request-approved")
BY_PRICE = (None, "quantity-times-price")
CALLED = {COST: "cost", UNBILLED: "unbilled sales"}


def compare_approved(usages: Iterable[Usage], made: Made) -> list[Difference]:
    """Where actuals are not what was approved: missing, too many or different.

    Not judged where no actual names its usage log, nor what an actual of a later day belongs to.
    """
    if not made.names_usage:
        return []
    found: list[Difference] = []
    for usage in usages:
        there = made.of(usage)
        if not is_inactive(usage) and not usage.is_return and all(map(made.is_by, there)):
            found += _of_usage(usage, there, made)
    return found


def _of_usage(usage: Usage, there: Sequence[Actual], made: Made) -> Iterator[Difference]:
    approval = latest_of(made.records.where(Approval, "usage", usage.id))
    stage = approval.stage if approval is not None else None
    live = [a for a in there if made.is_made_by_approval(a)]
    if usage.usage_status == APPROVED and stage in (None, *GIVEN):
        wanted: Wanted | None = wanted_of(usage, approval, live, made)
    elif _is_taken_back(usage, stage):
        said = stage or usage.usage_status
        is_billed = _is_on_invoice(there)  # a credit opened it again, and that was taken back
        wanted = Wanted(cost=None, sales=None if is_billed else (), rule="E10",
                        why=f"its usage is not approved, but {said}")  # fmt: skip
    else:
        return
    if wanted is None:
        return
    costs = [a for a in live if a.transaction_type == COST]
    sales = [a for a in live if a.transaction_type == UNBILLED
             and a.billing_type != "not-available"]  # fmt: skip
    asked = (wanted.cost,) if wanted.cost is not None else ()
    yield from _side(usage, COST, asked, costs, there, wanted, made)
    if wanted.sales is not None and (made.is_connected or not _is_on_invoice(there)):
        yield from _side(usage, UNBILLED, wanted.sales, sales, there, wanted, made)


def _is_taken_back(usage: Usage, stage: str | None) -> bool:
    """Recalled, rejected, cancelled or never approved; not where the two contradict."""
    is_open = usage.usage_status in (DRAFT, SUBMITTED, *DEAD)
    return stage in (None, *TAKEN_BACK) and is_open


def _is_on_invoice(there: Iterable[Actual]) -> bool:
    """Without connections nobody can tell what an invoice made from what an approval did."""
    return any(a.transaction_type == BILLED or a.billing_status == POSTED for a in there)


def _side(
    usage: Usage, type_: str, asked: Sequence[Part], there: Sequence[Actual],
    every: Sequence[Actual], wanted: Wanted, made: Made,
) -> Iterator[Difference]:  # fmt: skip
    """One side, cost or sales, of what was approved."""
    rows: dict[str | None, list[Actual]] = {}
    for actual in there:
        kind = None if type_ == COST else actual.billing_type or CHARGEABLE
        rows.setdefault(kind, []).append(actual)
    lacking = [part for part in asked if part.billing_type not in rows]
    for part in asked:
        if part.billing_type in rows:
            yield from _group(usage, part, rows.pop(part.billing_type), wanted, made)
    left = [rows[kind] for kind in sorted(rows, key=str)]
    is_none_there = not any(a.transaction_type == type_ for a in every)
    for part in lacking:
        if left:
            yield from _group(usage, part, left.pop(0), wanted, made)
        elif is_none_there or there:
            yield _difference("missing", usage, part, wanted)
    for some in left:
        for actual in some:
            yield _difference("unexpected", usage, None, wanted, actual)


def _group(
    usage: Usage, part: Part, there: list[Actual], wanted: Wanted, made: Made
) -> Iterator[Difference]:
    """The actuals of one type: one, or one for each customer who shares it (E26)."""
    if len(there) == 1:
        cells = _cells(usage, part, there[0], made)
        if cells:
            yield _difference("different", usage, part, wanted, there[0], cells)
        return
    right = next((a for a in there if not _cells(usage, part, a, made)), None)
    if right is not None:
        for extra in there:
            if extra is not right:
                is_other = bool(_cells(usage, part, extra, made))
                bucket: Bucket = "unexpected" if is_other else "duplicate"
                yield _difference(bucket, usage, part, wanted, extra)
        return
    total = sum((a.quantity or ZERO for a in there), ZERO)
    if total != part.quantity:
        cells = (Cell("quantity", f"{part.quantity:f}", f"{total:f} of {len(there)} together"),)
        yield _difference("different", usage, part, wanted, there[0], cells)


def _cells(usage: Usage, part: Part, there: Actual, made: Made) -> tuple[Cell, ...]:
    """Where an actual says something else than what was approved."""
    cells: list[Cell] = []

    def look(column: str, want: object, has: object) -> None:
        if want is not None and want != has:
            cells.append(Cell(column, _shown(want), _shown(has)))

    is_anew = made.events.get(there.id) in (*ANEW, "E33")
    if there.unit is not None:
        look("unit", usage.unit, there.unit)
    look("quantity", part.quantity, there.quantity or ZERO)
    look("billing type", part.billing_type, there.billing_type or part.billing_type)
    price = part.price if part.price is not None and not is_anew else there.price
    look("price", price, there.price)
    if price is None or there.amount_method not in BY_PRICE:
        return tuple(cells)
    rule = _rule(there, made)
    amount = amount_of(part.quantity, price, rule)
    look("amount", amount, there.amount or ZERO)
    if part.discount_percent is not None and there.discount_amount is not None:
        look("discount amount", discount_of(amount, part.discount_percent, rule),
             there.discount_amount)  # fmt: skip
    return tuple(cells)


def _rule(actual: Actual, made: Made) -> CurrencyRule:
    currency = made.records.one(Currency, actual.currency)
    return made.settings.currency_rule((currency.code if currency is not None else None) or "")


def _shown(value: object) -> str:
    return f"{value:f}" if isinstance(value, Decimal) else str(value or "(nothing)")


def _difference(
    bucket: Bucket, usage: Usage, part: Part | None, wanted: Wanted, there: Actual | None = None,
    cells: tuple[Cell, ...] = (),
) -> Difference:  # fmt: skip
    """A difference. A warning where the quantity is inferred, or where only the price differs
    and no journal line of the sale says it: a cost may have its own (domain 9.1)."""
    type_ = there.transaction_type if there is not None else part.type if part is not None else ""
    columns = {cell.column for cell in cells}
    is_by_price = "price" in columns and columns <= {"price", "amount"}
    is_sure = part is None or (part.is_price_sure if is_by_price else part.is_sure)
    basis: Basis = "documented" if is_sure else "inferred"
    called = CALLED.get(type_ or "", "actual")
    kind = part.billing_type if part is not None else there.billing_type if there else None
    if type_ == UNBILLED and kind not in (CHARGEABLE, None):
        called = f"{kind} {called}"
    return Difference(
        bucket=bucket, kind="actual", line=usage.line or usage.id, work_order=usage.work_order,
        present=there.id if there is not None else "", columns=cells, why=wanted.why,
        basis=basis, rules=(wanted.rule if part is None else part.rule,), called=called,
        approved=usage.id,
    )  # fmt: skip
