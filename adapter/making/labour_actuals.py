"""Labour of a story beside its actuals: what is missing (LAB705), what is left (LAB707)."""

from collections.abc import Iterable, Iterator, Mapping

from adapter.making.documents import sourced_finding
from adapter.making.labour import LabourLine
from adapter.making.labour_matched import NOT_BACKED, Backed, DayOf, entry_of, matched
from adapter.making.links import Links
from adapter.making.story_effects import LABOUR
from adapter.reading.store import Records
from adapter.values.actuals import Actual
from adapter.values.field_service import TimeEntry
from adapter.values.finding import Finding
from adapter.values.prices import Expense

RECALL_REQUESTED = "recall-requested"  # approved until somebody grants it


def backed_by(
    lines: Iterable[LabourLine], actuals: Iterable[Actual], records: Records, links: Links,
    day_of: DayOf,
) -> dict[str, Backed]:  # fmt: skip
    """The actuals of each entry of a story, by its id; those without any are not in it.

    `actuals` are those of the story. Approved entries that have none of them may have some of
    their resource that name no work order, which no story of one has.
    """
    own = {actual.id: actual for actual in actuals if actual.transaction_class in LABOUR}
    entries = []
    for line in lines:
        one = records.one(TimeEntry, line.record) or records.one(Expense, line.record)
        if one is not None:
            entries.append(entry_of(one, records, line.work_order))
    found = matched(entries, own.values(), records, links, day_of)
    left = [one for one in entries if one.is_approved and one.id not in found]
    elsewhere = [
        actual for resource in sorted({one.trace.resource or "" for one in left})
        for actual in records.where(Actual, "resource", resource)
        if actual.work_order is None and actual.id not in own
    ]  # fmt: skip
    return found | matched(left, elsewhere, records, links, day_of, is_told=False)


def labour_findings(
    lines: Iterable[LabourLine], backed: Mapping[str, Backed]
) -> Iterator[Finding]:
    """LAB705: approved, but actuals are missing. LAB707: not approved, but actuals are live."""
    for line in lines:
        one = backed.get(line.record, NOT_BACKED)
        kind = "time entry" if line.transaction_class == "time" else "expense"
        if line.is_approved:
            lacks = [name for name, is_there in (
                ("cost", one.cost), ("unbilled sales", one.sales or line.sales is None),
            ) if not is_there]  # fmt: skip
            if lacks:
                yield sourced_finding(
                    "LAB705", line.record,
                    f"the {kind} is {line.status}, and actuals are missing: {', '.join(lacks)}",
                    "Look for a failed approval, or for actuals that were not exported; until "
                    "then it counts at the price of its role or category.",
                    "domain E2", ("day", line.day), ("quantity", line.quantity),
                    ("sales", line.sales.extended if line.sales is not None else None),
                )  # fmt: skip
        elif one != NOT_BACKED and line.status != RECALL_REQUESTED:
            yield sourced_finding(
                "LAB707", line.record,
                f"the {kind} is {line.status or 'of no status'}, and its actuals are not reversed",
                "Recall or cancel the approval, which reverses them; what stands on an invoice "
                "needs a corrective invoice with full credit first.",
                "domain E10, R-157", ("actuals", ", ".join(a for a in (one.cost, one.sales) if a)),
            )  # fmt: skip
