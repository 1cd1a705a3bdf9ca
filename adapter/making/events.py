"""Every event of actuals as one pure function: `apply("E13", given)` (domain 4.3).

Pure and for comparison only: people and the CRM do these things, we compute what must come
of them. What confirm, revise and recall create stands in their own modules; approvals follow
the lines of the table of events; the rest stands here.
"""

from collections.abc import Callable, Mapping

from msgspec.structs import replace

from adapter.making.approved import approve, win_quote
from adapter.making.confirm import confirm_proforma
from adapter.making.documents import finding_of
from adapter.making.event_table import EVENTS, EventRow
from adapter.making.event_trace import event_of
from adapter.making.given import CONFIRMS, CREDITS, Given, check_given, closed
from adapter.making.links import Links
from adapter.making.new_actuals import (
    ADJUSTED,
    CANCELED,
    DRAFTED,
    POSTED,
    READY,
    Created,
    Creation,
)
from adapter.making.reverse import (
    invoiced_findings,
    is_invoiced,
    reverse_approval,
    revise_proforma,
)
from adapter.reading.event_file import INFERRED, Inferred
from adapter.values.actuals import Actual
from adapter.values.finding import Finding
from adapter.values.project_operations import Milestone, Retainer

__all__ = ["EVENTS", "Given", "Links", "apply", "event_of"]

Maker = Callable[[EventRow, Given, Inferred], Created]


def apply(event: str, given: Given, inferred: Inferred = INFERRED) -> Created:
    """What an event creates and changes; findings where it cannot happen, then nothing else.

    `event` is E1 to E35. `inferred` decides what the sources leave open. Findings: LAW706
    where the values are missing or another event's, LAW705 where an actual was already
    billed, reversed or replaced, PRO704, PRO706, PRO707, PRO712 and PRO714 of single events.
    """
    row = EVENTS.get(event)
    if row is None:
        return Created(findings=(finding_of(
            "LAW706", given.id, f"{event!r} is no event", "Name one of E1 to E35."),))  # fmt: skip
    faults = check_given(row, given) or closed(given, row)
    if faults:
        return Created(findings=faults)
    return _MAKERS[event](row, given, inferred)


def _nothing(_row: EventRow, _given: Given, _inferred: Inferred) -> Created:
    """E1: journal lines at submit, no actuals before the approval."""
    return Created()


def _drafted(_row: EventRow, given: Given, _inferred: Inferred) -> Created:
    """E11: what is on the draft is marked so and names the draft."""
    faults = tuple(_not_ready(a) for a in given.actuals if not _is_ready(a))
    if faults:
        return Created(findings=faults)
    creation = Creation(given.id)
    for actual in given.actuals:
        creation.change(actual.id, "billing_status", DRAFTED)
        creation.change(actual.id, "invoice", given.id)
    for due in (*given.milestones, *given.retainers):
        creation.change(due.id, "invoice_status", DRAFTED)
    return creation.done()


def _is_ready(actual: Actual) -> bool:
    return actual.billing_status == READY and actual.nte_status != "failed"


def _confirmed(_row: EventRow, given: Given, inferred: Inferred) -> Created:
    """E12 to E18, E20 to E22: what confirming a proforma does with its parts."""
    faults = [_not_ready(d.original) for d in given.details
              if d.original is not None and d.original.nte_status == "failed"]  # fmt: skip
    dues: tuple[Milestone | Retainer, ...] = (*given.milestones, *given.retainers)
    faults += [_twice(due.id) for due in dues if due.invoice_status == POSTED]
    faults += [_too_far(a.retainer, a.applied, a.available) for a in given.advances
               if not 0 <= a.applied <= a.available]  # fmt: skip
    faults += [_shapeless(given.id) for d in given.details
               if d.original is None and d.template is None]  # fmt: skip
    if faults:
        return Created(findings=tuple(faults))
    return confirm_proforma(given.details, given.milestones, given.retainers, given.advances,
                            invoice=given.id, rule=given.rule, inferred=inferred)  # fmt: skip


def _revised(_row: EventRow, given: Given, _inferred: Inferred) -> Created:
    """E19, E23 to E25: what confirming a corrective invoice does."""
    return revise_proforma(given.corrections, invoice=given.id, rule=given.rule)


def _recalled(_row: EventRow, given: Given, _inferred: Inferred) -> Created:
    """E10: the set of the approval is reversed and canceled."""
    return reverse_approval(given.actuals, event=given.id)


def _replaced(row: EventRow, given: Given, inferred: Inferred) -> Created:
    """E9 with other prices, E28 with other values: each actual is reversed and made anew."""
    blocked = invoiced_findings(given.actuals)
    if blocked:
        return Created(findings=blocked)
    creation = Creation(given.id, given.rule, "correction" if row.id == "E28" else None)
    made: dict[str, Actual] = {}
    for original in given.actuals:
        creation.change(original.id, "adjustment_status", ADJUSTED)
        creation.reverse(original, status=original.billing_status)
        new = creation.like(
            replace(original, **given.values) if row.id == "E28" else original,
            price=given.prices.get(original.id),
            status=original.billing_status,
        )
        made[original.id] = new
        if inferred.replacement_connected:
            creation.connect(new, "Replacing", original, "Original")
    for link in given.connections:  # what belonged together belongs together again
        first, second = made.get(link.first or ""), made.get(link.second or "")
        if first is not None and second is not None:
            creation.connect(first, link.first_role or "", second, link.second_role or "")
    return creation.done()


def _taken_back(row: EventRow, given: Given, inferred: Inferred) -> Created:
    """E29, E31, E35: reversed and not replaced; of a lost contract only what is not invoiced."""
    found = [a for a in given.actuals if row.id != "E31" or not is_invoiced(a)]
    blocked = invoiced_findings(found)
    if blocked:
        return Created(findings=blocked)
    creation = Creation(given.id)
    for original in found:
        if row.id == "E29":
            creation.change(original.id, "adjustment_status", "in-process")
        creation.change(original.id, "adjustment_status", ADJUSTED)
        if inferred.taken_back_is_canceled:
            creation.change(original.id, "billing_status", CANCELED)
        status = CANCELED if inferred.taken_back_is_canceled else original.billing_status
        creation.reverse(original, status=status)
    return creation.done()


def _adjusted(_row: EventRow, given: Given, _inferred: Inferred) -> Created:
    """E34: Finance writes what the issue cost more or less; the value is the whole of it."""
    creation = Creation(given.id)
    for cost in given.actuals:
        creation.change(cost.id, "adjustment_value", given.adjustment_value)
    return creation.done()


_MAKERS: Mapping[str, Maker] = {
    "E1": _nothing,
    **dict.fromkeys(("E2", "E3", "E4", "E5", "E6", "E7", "E26", "E27", "E30", "E32", "E33"),
                    approve),
    "E8": win_quote,
    **dict.fromkeys(("E9", "E28"), _replaced),
    "E10": _recalled,
    "E11": _drafted,
    **dict.fromkeys((*CONFIRMS, "E18", "E20", "E21", "E22"), _confirmed),
    **dict.fromkeys((*CREDITS, "E19"), _revised),
    **dict.fromkeys(("E29", "E31", "E35"), _taken_back),
    "E34": _adjusted,
}  # fmt: skip


def _not_ready(actual: Actual) -> Finding:
    return finding_of(
        "PRO712", actual.id, "the transaction is not ready to invoice",
        "Mark it ready to invoice in the billing backlog; raise the limit if it failed it.",
        ("billing status", actual.billing_status), ("not to exceed", actual.nte_status),
    )  # fmt: skip


def _twice(record: str) -> Finding:
    return finding_of("LAW705", record, "it was invoiced already",
                      "Credit the invoice that carries it first.")  # fmt: skip


def _too_far(record: str, applied: object, available: object) -> Finding:
    return finding_of(
        "PRO714", record, f"{applied} cannot be taken from a retainer that has {available}",
        "Lower the amount to what is available.",
        ("applied", applied), ("available", available),
    )  # fmt: skip


def _shapeless(record: str) -> Finding:
    return finding_of("LAW706", record, "a detail added by hand says nothing of itself",
                      "Give the template of the detail.")  # fmt: skip
