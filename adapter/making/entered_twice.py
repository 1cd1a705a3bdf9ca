"""What people may have entered twice: suspected and told, never merged (issue 4, point 10).

Two rows are alike when everything people enter is the same; their ids and states may differ.
Two short visits on one day look the same, so it is a warning, and a person decides.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator
from datetime import date
from itertools import chain
from typing import TypeVar

from adapter.making.documents import sourced_finding
from adapter.making.work_lines import used_of
from adapter.values.field_service import TimeEntry, WorkOrderLine
from adapter.values.finding import Finding, shown
from adapter.values.prices import Expense
from adapter.values.record import Record

R = TypeVar("R", bound=Record)
TAKEN_BACK = ("canceled", "returned", "rejected", "recalled")  # what stands there no longer counts


def labour_entered_twice(
    entries: Iterable[TimeEntry], expenses: Iterable[Expense]
) -> Iterator[Finding]:
    """LAB706: time entries, or expenses, of one work order that are alike."""
    for alike in _alike(entries, _of_entry):
        yield _finding(alike, "time entries", alike[0].day)
    for spent in _alike(expenses, _of_expense):
        yield _finding(spent, "expenses", spent[0].day)


def lines_entered_twice(
    lines: Iterable[WorkOrderLine], used_on: Callable[[WorkOrderLine], date | None]
) -> Iterator[Finding]:
    """LAB706: used lines of one work order that are alike and were used on the same day.

    A line whose day nobody knows may be of any.
    """
    rough: dict[Hashable, list[WorkOrderLine]] = {}
    for line in lines:  # most lines are like no other in this already
        rough.setdefault((line.work_order, line.quantity, line.product, line.duration),
                         []).append(line)  # fmt: skip
    few = chain.from_iterable(group for group in rough.values() if len(group) > 1)
    for alike in _alike(few, _of_line):
        days: dict[date | None, list[WorkOrderLine]] = {}
        for line in alike:
            days.setdefault(used_on(line), []).append(line)
        unknown = days.pop(None, [])
        for day, group in sorted(days.items(), key=lambda item: str(item[0])) or [(None, [])]:
            if len(group) + len(unknown) > 1:
                yield _finding([*group, *unknown], "used lines", day)
                unknown = []


def _of_entry(one: TimeEntry) -> Hashable:
    if not one.duration or one.entry_status in TAKEN_BACK:
        return None
    return (one.resource, one.day, one.duration, one.project, one.task, one.role, one.category,
            one.entry_type)  # fmt: skip


def _of_expense(one: Expense) -> Hashable:
    if not one.quantity or one.expense_status in TAKEN_BACK:
        return None
    return (one.resource, one.day, one.quantity, one.project, one.task, one.category,
            one.unit_cost, one.amount, one.currency)  # fmt: skip


def _of_line(one: WorkOrderLine) -> Hashable:
    if one.line_status != "used" or one.status == "inactive" or not used_of(one):
        return None
    return (one.work_order, one.product or one.name, one.kind, one.unit, one.quantity,
            one.duration, one.quantity_to_bill, one.duration_to_bill, one.unit_price,
            one.discount_percent, one.warehouse, one.serial_number, one.batch_number)  # fmt: skip


def _alike(rows: Iterable[R], key_of: Callable[[R], Hashable]) -> Iterator[list[R]]:
    groups: dict[Hashable, list[R]] = {}
    for row in rows:
        key = key_of(row)
        if key is not None:
            groups.setdefault(key, []).append(row)
    return (sorted(group, key=lambda row: row.id) for group in groups.values() if len(group) > 1)


def _finding(rows: list[R], what: str, day: object) -> Finding:
    name = shown(getattr(rows[0], "name", None) or "")
    return sourced_finding(
        "LAB706", rows[0].id,
        f"{len(rows)} {what}{f' of {name}' if name else ''} are alike: maybe entered twice",
        "Ask who entered them; take one back if it is the same work. Nothing is merged.",
        "inferred: all that people enter is the same",
        ("rows", ", ".join(row.id for row in rows)), *((("day", day),) if day else ()),
    )  # fmt: skip
