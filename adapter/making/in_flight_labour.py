"""Time entries and expenses that were approved and that no actual came of."""

from collections.abc import Iterator
from datetime import date

from adapter.deciding.dossier import day_of
from adapter.making.flight import Amount, Flown
from adapter.making.in_flight_planned import Owned
from adapter.making.labour_lines import LEFT_OUT, WORK
from adapter.making.labour_matched import NOT_BACKED, entry_of, matched
from adapter.making.links import Links
from adapter.making.scene import Scene
from adapter.making.story_effects import LABOUR
from adapter.making.verdict_parts import name_of
from adapter.making.work_lines import hours
from adapter.values.actuals import Actual, Connection
from adapter.values.field_service import TimeEntry, WorkOrder
from adapter.values.prices import Expense


def labour_without_actual(scene: Scene) -> Iterator[Owned]:
    """What was approved, and has no cost actual of its class; what it is worth is not guessed.

    Entries that nobody approved are looked at too: live actuals may be theirs (LAB707).
    """
    records = scene.records
    times = [
        one for one in records.all(TimeEntry)
        if one.entry_status not in LEFT_OUT and (one.entry_type or WORK[0]) in WORK
    ]  # fmt: skip
    spent = [one for one in records.all(Expense) if one.expense_status not in LEFT_OUT]
    every: list[TimeEntry | Expense] = [*times, *spent]
    entries = {one.id: entry_of(one, records) for one in every}
    if not any(entry.is_approved for entry in entries.values()):
        return
    actuals = {a.id: a for a in records.all(Actual) if a.transaction_class in LABOUR}
    links = Links(link for link in records.all(Connection)
                  if link.first in actuals or link.second in actuals)  # fmt: skip

    def day(a: Actual) -> date | None:
        return a.document_date or day_of(a, scene.zone_of(scene.owners.of_actual(a)))

    found = matched(entries.values(), actuals.values(), records, links, day)

    def is_missing(one: TimeEntry | Expense) -> bool:
        return entries[one.id].is_approved and found.get(one.id, NOT_BACKED).cost is None

    for entry in filter(is_missing, times):
        yield _owned(scene, entry, "time-without-actual", "T",
                     quantity=hours(entry.duration), unit="h")  # fmt: skip
    for cost in filter(is_missing, spent):
        money = () if cost.amount is None else (
            Amount(scene.currency(cost.currency), "cost", "expense", cost.amount),)  # fmt: skip
        yield _owned(scene, cost, "expense-without-actual", "X", money=money)


def _owned(scene: Scene, one: TimeEntry | Expense, kind: str, letter: str, **more: object) -> Owned:
    order = scene.records.one(WorkOrder, one.work_order)
    name = f"{letter}{name_of(one.id)[1:]} {order.number or '' if order else ''}".strip()
    flown = Flown(kind=kind, id=one.id, name=name, day=one.day,
                  is_priced=False, **more)  # type: ignore[arg-type]  # fmt: skip
    return scene.owners.of_work(one.project, one.work_order), flown
