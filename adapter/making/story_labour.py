"""Time entries and expenses as moments of a story.

Its actuals tell what it costs and sells for. Without them it is pending, or used once it is
approved, at the price of its role or category.
"""

from collections.abc import Iterable, Iterator
from decimal import Decimal

from msgspec.structs import replace

from adapter.making.labour import LabourLine
from adapter.making.labour_lines import expenses_of
from adapter.making.labour_matched import Backed
from adapter.making.priced import said
from adapter.making.story_judged import Judged
from adapter.making.story_parts import Effects, Moment
from adapter.making.story_scope import Scope
from adapter.making.story_words import Words
from adapter.reading.store import Records
from adapter.values.prices import Expense


def expenses_in(scope: Scope, records: Records) -> list[Expense]:
    """The expenses of a story's work orders, by reference or by task, each once, by key."""
    found = {one.id: one for order in scope.orders for one, _ in expenses_of(order, records)}
    return [found[key] for key in sorted(found)]


def told_expenses(expenses: Iterable[Expense], words: Words, judged: Judged) -> Iterator[Moment]:
    """A moment for each expense, in no order."""
    for one in expenses:
        moment = Moment(
            stage="expense", key=one.id, name=f"expense {one.id[:8]}", day=one.day,
            what=f"{one.name or 'expense'}, {one.expense_status or 'no status'}",
            places=words.work_places(one.work_order, one.project),
        )  # fmt: skip
        yield with_worth(moment, judged.labour.get(one.id), judged.backed.get(one.id))


def with_worth(
    moment: Moment, worth: LabourLine | None, backed: Backed | None = None
) -> Moment:
    """A moment of labour with what it is worth."""
    if worth is None:
        return moment
    currency, amount, effects = worth_of(worth, backed)
    return replace(
        moment, currency=currency, amount=amount, type=moment.stage, effects=effects,
        values=(("cost", worth.cost.extended), ("cost of one", said(worth.cost.priced)),
                ("price", said(worth.sales.priced) if worth.sales is not None else None),
                ("not sold", worth.why_no_sales or None)),
    )  # fmt: skip


def worth_of(
    worth: LabourLine, backed: Backed | None
) -> tuple[str, Decimal | None, Effects]:
    """The currency of labour, and what it adds: what is sold and has no actuals is pending
    until it is approved, and used from then on. What has actuals is told by these.
    """
    sold = worth.sales if worth.sales is not None else worth.cost
    currency = sold.priced.currency_code
    if worth.sales is None:
        return currency, None, ()
    if backed is not None and backed.is_told and (backed.sales or not worth.is_approved):
        return currency, None, ()
    figure = "used" if worth.is_approved else "pending"
    return currency, sold.extended, ((figure, sold.extended),)
