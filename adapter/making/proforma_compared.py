"""Proformas that people made beside what the pure functions expect of them (issue 4, point 7).

A draft: may each detail be on it, was it edited as the workspace's setting allows, does its
total follow. A confirmed one: did confirming create what it must (E12 to E25), by the
connections of the records. Nothing is confirmed, corrected or sent here.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal

from msgspec.structs import replace

from adapter.deciding.facts_contract import cut_off_of
from adapter.making.billing_runs import is_due
from adapter.making.documents import finding_of
from adapter.making.expectation import warning_of
from adapter.making.links import Links
from adapter.making.new_actuals import BILLED, DRAFTED, READY, UNADJUSTABLE, UNBILLED
from adapter.making.proforma_close import confirm
from adapter.making.proforma_life import Draft, Entry, why_left
from adapter.making.proforma_practice import Practice
from adapter.making.proforma_seen import (
    DONE,
    OPEN,
    Seen,
    details_of,
    is_project_invoice,
    seen_of,
)
from adapter.making.proforma_sums import total_of
from adapter.reading.store import Records
from adapter.values.actuals import Actual, Connection
from adapter.values.finding import Finding
from adapter.values.money import ZERO
from adapter.values.project_operations import (
    ContractLine,
    Invoice,
    InvoiceSchedule,
)

LETTERS = {UNBILLED: "U", BILLED: "B"}
EDITED = ("quantity", "price", "billing_type")
SHOWN = 20
PracticeOf = Callable[[Invoice], Practice]
Told = tuple[str, str, Decimal, Decimal, Decimal]


def compare_proformas(
    invoices: Iterable[Invoice],
    records: Records,
    practice_of: PracticeOf,
    *,
    actuals: Iterable[Actual] = (),
    only: Collection[str] | None = None,
) -> Iterator[Finding]:
    """Where proformas are not what they should be: PRO715 to PRO720, by invoice.

    `actuals` are those among which is looked for what a draft left out: all of its contract.
    `only` are the transactions (ids) that a story is about: details of others are not looked
    at, and what was left out is counted whole and told where one of them is among it.
    """
    ready: dict[str | None, list[Actual]] = {}
    for actual in actuals:
        if actual.billing_status == READY:
            ready.setdefault(actual.contract, []).append(actual)
    for invoice in invoices:
        if not is_project_invoice(invoice):
            continue
        seen, practice = seen_of(invoice, records), practice_of(invoice)
        mine = [e for e in seen.draft.entries if only is None or e.id in only]
        yield from _edits(seen, mine, practice)
        if invoice.invoice_status in OPEN:
            yield from _standing(seen, mine, records, practice)
            yield from _left_out(seen.draft, ready.get(invoice.contract, ()), practice, invoice,
                                 only)  # fmt: skip
        elif invoice.invoice_status in DONE:
            yield from _confirmed(seen, mine, records, practice)
            if only is None:
                yield from _milestones(seen, records)
        yield from _total(seen, practice)


def _edits(seen: Seen, entries: Iterable[Entry], practice: Practice) -> Iterator[Finding]:
    """PRO716: what the setting says that nobody can edit was edited."""
    editing = practice.editing
    for entry in entries if editing.fields else ():
        if entry.is_correction or entry.actual is None:
            continue
        fields = [name for name in EDITED if getattr(entry, name) is not None]
        wrong = [name for name in fields if not editing.allows(entry.kind, name)]
        if wrong:
            yield warning_of(
                "PRO716", entry.id,
                f"on {_name(seen.invoice)} its {' and '.join(wrong)} was edited, which "
                f"{editing.name} editing does not allow",
                "Say in [settings] what your environment allows: invoice_editing, "
                "modern_invoicing.",
                *((name, f"{getattr(entry.actual, name)} to {getattr(entry, name)}")
                  for name in wrong))  # fmt: skip


def _standing(
    seen: Seen, entries: Iterable[Entry], records: Records, practice: Practice
) -> Iterator[Finding]:
    """PRO715: what may not be on this draft; PRO717: what stands on another proforma too."""
    for entry in entries:
        actual = records.one(Actual, entry.id)
        if actual is None or entry.is_correction:
            continue
        why = why_left(seen.draft, actual, practice, (DRAFTED, READY))
        if not why and actual.invoice not in (None, seen.draft.id):
            why = f"it names another proforma, {actual.invoice}"
        if why:
            yield finding_of(
                "PRO715", entry.id, f"it is on {_name(seen.invoice)} and may not be: {why}",
                "Remove it from the draft, correct it, then refresh the draft.",
                ("billing status", actual.billing_status), ("day", actual.started_at),
            )  # fmt: skip
        others = sorted({
            d.invoice for d in details_of(entry.id, records)
            if d.invoice not in (None, seen.draft.id) and not d.is_correction
        })  # fmt: skip
        if others:
            yield finding_of(
                "PRO717", entry.id,
                f"it is on {_name(seen.invoice)} and on {len(others)} other proforma",
                "Remove it from all drafts but one; it is billed once.",
                ("proformas", ", ".join(others)))  # fmt: skip


def _left_out(
    draft: Draft, ready: Iterable[Actual], practice: Practice, invoice: Invoice,
    only: Collection[str] | None,
) -> Iterator[Finding]:  # fmt: skip
    """PRO719: what is ready and due, and would come with a refresh."""
    there = {entry.id for entry in draft.entries}
    found = [a for a in ready if a.id not in there and not why_left(draft, a, practice)]
    mine = sum(only is None or a.id in only for a in found)
    if mine and draft.payer:
        amount = sum((a.amount or ZERO for a in found), ZERO)
        yield warning_of(
            "PRO719", invoice.id,
            f"{len(found):,} transactions are ready and due, and are not on {_name(invoice)}",
            "Refresh the invoice line transactions before it is confirmed.",
            ("amount", amount), ("first", min(a.id for a in found)),
            *([("of this story", mine)] if mine < len(found) else []), level="note")  # fmt: skip


def _confirmed(
    seen: Seen, entries: Iterable[Entry], records: Records, practice: Practice
) -> Iterator[Finding]:
    """PRO718: what confirming created is not what it must create; and what forbids it."""
    if not records.has(Connection):
        return  # nobody exported what belongs together
    for entry in entries:
        made = confirm(replace(seen.draft, entries=(entry,)), rule=practice.rule,
                       inferred=practice.inferred)  # fmt: skip
        yield from made.findings
        if made.findings or entry.actual is None:
            continue
        expected = sorted(_told(a) for a in made.created.actuals)
        present = sorted(_told(a) for a in present_of(entry, seen.invoice, records))
        if not practice.inferred.replacement_connected and entry.actual.transaction_type != BILLED:
            expected = [t for t in expected if t in present]
        now = records.one(Actual, entry.id)
        marks = [
            (field, value, getattr(now, field, None))
            for field in ("billing_status", "adjustment_status")
            if (value := made.created.changed(entry.id, field)) is not None
            and getattr(now, field, None) != value
        ]
        if expected != present or marks:
            yield _differs(seen, entry, _without(expected, present), _without(present, expected),
                           marks)  # fmt: skip


def _milestones(seen: Seen, records: Records) -> Iterator[Finding]:
    """PRO718 where the billed milestones are not those of the details (E18)."""
    asked = [d.amount or ZERO for d in seen.apart
             if d.transaction_class == "milestone" and not d.is_correction]  # fmt: skip
    billed = [
        a.amount or ZERO for a in records.where(Actual, "invoice", seen.invoice.id)
        if (a.transaction_type, a.transaction_class) == (BILLED, "milestone")
        and a.adjustment_status != UNADJUSTABLE
    ]  # fmt: skip
    if asked and sorted(asked) != sorted(billed):
        yield finding_of(
            "PRO718", seen.invoice.id,
            f"confirming {_name(seen.invoice)} did not bill its milestones as they stand on it",
            "Compare its details with the billed sales; credit the invoice where it is wrong.",
            ("details", " + ".join(map(str, sorted(asked)))),
            ("billed", " + ".join(map(str, sorted(billed))) or None))  # fmt: skip


def _differs(
    seen: Seen, entry: Entry, missing: list[Told], extra: list[Told],
    marks: Sequence[tuple[str, object, object]],
) -> Finding:  # fmt: skip
    said = [f"{len(found)} {word}" for found, word in ((missing, "missing"), (extra, "too many"))
            if found]  # fmt: skip
    said += [f"{field} is {is_} and not {should}" for field, should, is_ in marks]
    return finding_of(
        "PRO718", entry.id,
        f"confirming {_name(seen.invoice)} did not make what it must of it: {', '.join(said)}",
        "Compare with the events E12 to E25; correct by a corrective invoice, never by hand.",
        ("missing", "; ".join(map(_words, missing[:SHOWN])) or None),
        ("too many", "; ".join(map(_words, extra[:SHOWN])) or None))  # fmt: skip


def present_of(entry: Entry, invoice: Invoice, records: Records) -> list[Actual]:
    """The actuals that confirming a proforma made of one of its details, by connections."""
    links = Links(_around(entry.id, records))
    found = [*links.reversals(entry.id), *links.bills(entry.id)]
    for share in links.replacers(entry.id):
        found.append(share)
        of_share = Links(_around(share, records))
        bills = [key for key in of_share.bills(share) if _is_on(key, invoice, records)]
        found += bills
        if bills:
            found += of_share.reversals(share)
    known = (records.one(Actual, key) for key in dict.fromkeys(found))
    return [actual for actual in known if actual is not None]


def _is_on(key: str, invoice: Invoice, records: Records) -> bool:
    billed = records.one(Actual, key)
    return billed is not None and billed.invoice in (None, invoice.id)


def _around(key: str, records: Records) -> list[Connection]:
    return [*records.where(Connection, "first", key), *records.where(Connection, "second", key)]


def _told(actual: Actual) -> Told:
    return (LETTERS.get(actual.transaction_type or "", "?"), actual.billing_type or "",
            actual.quantity or ZERO, actual.price or ZERO, actual.amount or ZERO)  # fmt: skip


def _words(told: Told) -> str:
    letter, kind, quantity, price, amount = told
    return f"{letter} {quantity:+f} x {price:f} = {amount:f} {kind}"


def _without(some: Iterable[Told], others: Iterable[Told]) -> list[Told]:
    """Those that the others do not have, as often as they do not."""
    left = list(others)
    found = []
    for one in some:
        if one in left:
            left.remove(one)
        else:
            found.append(one)
    return found


def _total(seen: Seen, practice: Practice) -> Iterator[Finding]:
    """PRO720: the total is not the sum of what stands on it.

    Not asked where not every detail has its transaction: the tax of the others stands nowhere.
    """
    said = seen.invoice.total
    if said is None or not seen.has_details or seen.apart:
        return
    found = total_of(seen.draft, practice.rule)
    if found != said:
        yield warning_of(
            "PRO720", seen.invoice.id,
            f"{_name(seen.invoice)} has a total of {said}, its details come to {found}",
            "Look for a tax that was edited, or for a detail that was not exported.",
            ("total", said), ("details", found))  # fmt: skip


def compare_schedules(
    contracts: Iterable[str], records: Records, day: date
) -> Iterator[Finding]:
    """PRO721: automatic runs of these contracts that were due by `day` and did not happen."""
    for contract in contracts:
        for line in records.where(ContractLine, "contract", contract):
            for one in records.where(InvoiceSchedule, "contract_line", line.id):
                if is_due(one, day):
                    what = "failed" if one.run_status == "failed" else "has not run"
                    yield warning_of(
                        "PRO721", one.id,
                        f"the invoice of {line.name or line.id} that was due on {one.run_date} "
                        + what,
                        "Run the batch job of automatic invoicing, or create the proforma by hand.",
                        ("run date", one.run_date), ("cut-off", cut_off_of(one)),
                        ("status", one.run_status))  # fmt: skip


def _name(invoice: Invoice) -> str:
    return invoice.number or invoice.id
