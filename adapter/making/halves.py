"""What goes out while its other half is held, and proposals that would be incomplete.

Cost and unbilled sales of one usage are judged apart, as Finance imports them apart (domain
G12: without an exchange rate the cost is imported and the sales is not). So a held half never
holds the other, but an operator must see usages that would be posted by half, sales that are
invoiced before their unbilled sales, and proposals that Finance would hold because lines are
missing (domain R-168). Asked of held actuals only, after all verdicts are known.
"""

from collections.abc import Iterator
from decimal import Decimal
from itertools import islice

from msgspec import Struct

from adapter.making.entry import Entry
from adapter.making.holding import occurrence_of
from adapter.making.spool import Spool
from adapter.making.tally import Tally
from adapter.making.verdict_parts import name_of
from adapter.making.workspace import Workspace
from adapter.reading.store import Records
from adapter.values.actuals import Actual, Connection
from adapter.values.codes import CODES
from adapter.values.finding import Finding, Place, shown
from adapter.values.project_operations import Invoice

HALF, EARLY, INCOMPLETE = "JNL706", "JNL707", "PRO722"
ON_ACCOUNT = ("milestone", "retainer")
AFTERWARDS = (HALF, EARLY)  # of single actuals, found when every verdict is known
HELD_MAX = 200_000  # held actuals beyond which other halves are not looked for
_RELATION = {
    frozenset(("cost", "unbilled sales")): HALF,
    frozenset(("unbilled sales", "billed sales")): EARLY,
}
_HELP = {
    HALF: "Correct what holds the other half, so that cost and sales of the usage post together.",
    EARLY: "Correct what holds the unbilled sales; Finance makes no proposal line before it posts.",
}


class Held(Struct, frozen=True):
    """A held actual: where it lives, and the code that holds it."""

    id: str
    records: Records
    code: str

    @property
    def actual(self) -> Actual:
        """Its record, read anew: a large company has more of them than memory."""
        found = self.records.one(Actual, self.id)
        assert found is not None, self.id
        return found


def note_halves(workspace: Workspace, tally: Tally, spool: Spool) -> None:
    """Enter JNL706, JNL707 and PRO722 into the tally, with what they concern."""
    held = {one.id: one for one in islice(_held(workspace, tally, spool), HELD_MAX + 1)}
    if len(held) > HELD_MAX:
        tally.faults.append(_too_many())
        return
    wanted: dict[str, tuple[str, str]] = {}  # id of the other half: code, id that is held
    invoices: dict[str, list[str]] = {}  # key of an invoice: its billed sales that are held
    for key, one in held.items():
        for code, other in _others(one):
            if other not in held:
                wanted.setdefault(other, (code, key))
        actual = one.actual
        if _is_proposed(actual):
            invoices.setdefault(actual.invoice or "", []).append(key)
    billed = {id: key for key in invoices for id in _billed_of(held[invoices[key][0]], key)}
    if not wanted and not billed:
        return
    ends: dict[str, dict[str, int]] = {key: {} for key in invoices}
    for number, entry in enumerate(spool.entries()):
        if entry.id in wanted and _goes(entry):
            code, other = wanted[entry.id]
            _enter(tally, number, entry, code, other, held[other].code)
        if entry.id in billed and number not in tally.elsewhere:
            counts = ends[billed[entry.id]]
            word = "held" if entry.id in held else entry.status if _goes(entry) else "left"
            counts[word] = counts.get(word, 0) + 1
    for key, counts in sorted(ends.items()):
        if counts.get("written") or counts.get("unchanged"):
            tally.faults.append(_incomplete(held[invoices[key][0]], key, counts))


def _held(workspace: Workspace, tally: Tally, spool: Spool) -> Iterator[Held]:
    spaces = [env.records for env in workspace.environments.values()]
    for number, entry in enumerate(spool.entries()):
        code = next(iter(tally.holds.get(number, ())), None)
        if number in tally.elsewhere:
            continue  # at home it stands once more, and there it counts
        is_held = entry.status in ("held", "different") and entry.ledger.answer == "hold"
        if code is None and not is_held:
            continue
        for records in spaces:
            if records.one(Actual, entry.id) is not None:
                yield Held(entry.id, records, code or entry.ledger.rule)


def _others(one: Held) -> Iterator[tuple[str, str]]:
    """The other halves of a held actual: code of the relation, id."""
    kind = one.actual.transaction_type
    for side in ("first", "second"):
        for pair in one.records.where(Connection, side, one.id):
            roles = frozenset(r.casefold() for r in (pair.first_role, pair.second_role) if r)
            code = _RELATION.get(roles)
            other = pair.second if side == "first" else pair.first
            early = code == EARLY and kind != "unbilled-sales"
            if code is not None and other is not None and not early:
                yield code, other


def _goes(entry: Entry) -> bool:
    """Whether it goes to the ledger, now or because it went there before."""
    return entry.ledger.answer == "send" and entry.status in ("written", "unchanged")


def _is_proposed(actual: Actual) -> bool:
    return (
        actual.transaction_type == "billed-sales"
        and actual.transaction_class not in ON_ACCOUNT
        and actual.invoice is not None
    )


def _billed_of(one: Held, invoice: str) -> Iterator[str]:
    """Ids of all billed sales that the proposal of an invoice should have."""
    for actual in one.records.where(Actual, "invoice", invoice):
        if _is_proposed(actual):
            yield actual.id


def _enter(tally: Tally, number: int, entry: Entry, code: str, other: str, by: str) -> None:
    finding = Finding(
        code=code, level=CODES[code].level, place=Place(entry.name), record=entry.id,
        message=f"goes to the ledger while {_other_of(code, entry)} {name_of(other)} is held "
                f"({by})",
        help=_HELP[code], values=(("held", other), ("by", by)),
    )  # fmt: skip
    tally.noted.setdefault(number, []).append(code)
    amount = Decimal(entry.amount) if entry.amount else None
    seen = occurrence_of(entry.id, entry, finding)
    tally.count(finding, seen, (entry.currency, entry.type), amount, True)


def _other_of(code: str, entry: Entry) -> str:
    if code == EARLY:
        return "the unbilled sales behind it"
    return "its unbilled sales" if entry.type == "cost" else "its cost"


def _incomplete(one: Held, key: str, counts: dict[str, int]) -> Finding:
    invoice = one.records.one(Invoice, key)
    name = (invoice.number if invoice is not None else None) or key
    planned, before = counts.get("written", 0), counts.get("unchanged", 0)
    return Finding(
        code=INCOMPLETE, level=CODES[INCOMPLETE].level, place=Place(shown(name)), record=key,
        message=f"{shown(name)} has {sum(counts.values())} billed sales: {planned} in the plan, "
                f"{before} sent before, {counts.get('held', 0)} held, {counts.get('left', 0)} "
                "left; Finance holds a proposal whose lines are not all there",
        help="Correct what holds the missing billed sales, then plan again.",
        values=tuple((word, str(count)) for word, count in sorted(counts.items())),
    )  # fmt: skip


def _too_many() -> Finding:
    return Finding(
        code=HALF, level=CODES[HALF].level, place=Place("plan"),
        message=f"more than {HELD_MAX:,} actuals are held: their other halves were not looked for",
        help="Correct what holds most of them, then plan again.",
    )  # fmt: skip
