"""Time entries and expenses as moments of a story.

Once one is approved its actuals tell what it costs and sells for; until then it is pending, at
the price of its role or category.
"""

from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from adapter.making.labour import LabourLine
from adapter.making.labour_lines import expenses_of
from adapter.making.priced import said
from adapter.making.story_judged import Judged
from adapter.making.story_parts import Moment, Places
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
        order, project = one.work_order, one.project
        places: Places = (words.order[order], words.project[project], words.only_line(project),
                          words.agreement_of(order))  # fmt: skip
        moment = Moment(
            stage="expense", key=one.id, name=f"expense {one.id[:8]}", day=one.day,
            what=f"{one.name or 'expense'}, {one.expense_status or 'no status'}", places=places,
        )  # fmt: skip
        yield with_worth(moment, judged.labour.get(one.id))


def with_worth(moment: Moment, worth: LabourLine | None) -> Moment:
    """A moment of labour with what it is worth; what is not approved yet counts as pending."""
    if worth is None:
        return moment
    sold = worth.sales if worth.sales is not None else worth.cost
    pending = None if worth.is_approved else worth.sales
    return replace(
        moment, currency=sold.priced.currency_code,
        amount=sold.extended if pending is not None else None, type=moment.stage,
        effects=() if pending is None else (("pending", pending.extended),),
        values=(("cost", worth.cost.extended), ("cost of one", said(worth.cost.priced)),
                ("price", said(sold.priced) if worth.sales is not None else None),
                ("not sold", worth.why_no_sales or None)),
    )  # fmt: skip
