"""What asking by key says about steps whose outcome is unknown. Never a guess.

Found and equal: it was sent. Found with another body: a person or another program has it;
parked. Missing: it may be sent again where the other side enforces the key, since a request
that still lands later is refused then; elsewhere only after the longest late commit.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from adapter.edge.finance.literals import linked
from adapter.edge.ledger import ACCEPTED, GONE, TOLD_TO_WAIT, Claim, Ledger, ReadBack, StepRow
from adapter.edge.sending.ports import Found, Neighbour, NoConnection
from adapter.making.compared import GONE as GONE_MARK
from adapter.making.compared import differences, mark_of
from adapter.making.steps import DONE, Receipt
from adapter.reading.setting_bounds import FILES

ASK_AGAIN_MS = 1_000
ASK_AGAIN_MAX_MS = 60_000
DELETED = "is not there any more: a person deleted it"
NOT_IMPORTED = "not imported yet"
NO_CONNECTION = "no connection"
UNSEEN = f"cannot be seen: {NO_CONNECTION}"
RETAINED = "cannot be compared: retention removed their text"


class Asked(Struct, frozen=True, kw_only=True):
    """What was learned: receipts to record, and how long to wait if at all."""

    receipts: tuple[Receipt, ...] = ()
    wait_ms: int | None = None
    because: str = ""
    is_attempt: bool = False
    gate_ms: int | None = None  # throttled while asking


def ask(
    neighbour: Neighbour, rows: Sequence[StepRow], now_ms: int, late_ms: int, attempts: int
) -> Asked:
    """Ask for rows by key, as many at a time as the other side takes.

    `late_ms`: how long after its intent a request may still take effect: the lease, within
    which it must leave, and the longest late commit.
    """
    found: dict[str, Found] = {}
    size = max(1, neighbour.chunk)
    for start in range(0, len(rows), size):
        if gate_of(found) is None:
            found |= neighbour.find([row.step for row in rows[start : start + size]])
    receipts: list[Receipt] = []
    waits: list[tuple[int, str, bool]] = []
    for row in rows:
        key = row.step.key
        there = found.get(key, Found(state="unreachable"))
        if there.state == "found":
            receipts.append(_sent(row, there))
        elif there.state == "missing":
            left = 0 if neighbour.enforces_keys else row.intended_ms + late_ms - now_ms
            if left > 0:
                waits.append((left, "an unknown outcome may still take effect", False))
            else:
                receipts.append(Receipt(key=key, state="planned", message="not there"))
        else:  # never parked for that: the network comes back, and then it is asked again
            wait = min(ASK_AGAIN_MAX_MS, ASK_AGAIN_MS << min(attempts, 6))
            waits.append((wait, there.message or "the other side does not answer", True))
    if not waits:
        return Asked(receipts=tuple(receipts))
    gate = gate_of(found)
    if gate is not None:
        return Asked(receipts=tuple(receipts), wait_ms=gate, gate_ms=gate,
                     because=TOLD_TO_WAIT)  # fmt: skip
    wait, because, is_attempt = max(waits)
    return Asked(receipts=tuple(receipts), wait_ms=wait, because=because,
                 is_attempt=is_attempt)  # fmt: skip


def gate_of(found: Mapping[str, Found]) -> int | None:
    """How long nobody may ask; None where nobody was told to wait."""
    waits = [f.retry_after_ms for f in found.values() if f.retry_after_ms is not None]
    return max(waits) if waits else None


def read_back(
    ledger: Ledger, asked_of: Callable[[Claim], Neighbour], *, again: bool = False
) -> Counter[str]:
    """Read what was sent where it must be: equal rows are settled, others parked with what is
    wrong. Of files, that is where they are imported; what is not there yet just waits.

    `again`: what was settled before is read once more. Counts by word: equal, different,
    missing, not imported yet, unreachable, cannot be seen, cannot be compared. Raises
    CannotConnect, LedgerError.
    """
    done: Counter[str] = Counter()
    states = DONE if again else ("sent",)
    for every in by_batch(ledger.steps()).values():
        wanted = [row for row in with_links(every) if row.state in states and not row.parked]
        rows = [row for row in wanted if row.step.body != GONE]
        done[RETAINED] += len(wanted) - len(rows)
        if not rows:
            continue
        try:
            neighbour = asked_of(claim_of(rows))
        except NoConnection:
            done[UNSEEN] += len(rows)
            continue
        if ledger.gate(neighbour.name):
            done["unreachable"] += len(rows)
            continue
        found = neighbour.find([row.step for row in to_ask(rows, every)])
        wait = gate_of(found)
        if wait is not None:
            ledger.close_gate(neighbour.name, wait)
        read = []
        head = next((found.get(r.step.key) for r in every if r.step.part == "header"), None)
        was, now = renumbered(every, head)
        for row in as_imported(rows, every, found):
            there = found[row.step.key]
            if there.state == "unreachable":
                done["unreachable"] += 1
                continue
            if there.state == "missing" and row.delivery == FILES and row.state == "sent" and (
                row.answer.get(ACCEPTED) != GONE_MARK
            ):
                done[NOT_IMPORTED] += 1
                continue
            if astray(row, there, was, now):
                done["different"] += 1  # its header waits for a person; nothing is said of it
                continue
            why = DELETED if there.state == "missing" else _odd(row, there)
            if row.answer.get(ACCEPTED) == GONE_MARK and there.state == "missing":
                why = ""
            read.append(ReadBack(key=row.step.key, reference=there.reference, park=why))
            done["equal" if not why else "missing" if why == DELETED else "different"] += 1
        if read:
            ledger.settle(read)
    return +done  # what counts nothing is not told


def by_batch(rows: Iterable[StepRow]) -> dict[str, list[StepRow]]:
    """Rows of the ledger by their batch, in the order in which they come."""
    batches: dict[str, list[StepRow]] = {}
    for row in rows:
        batches.setdefault(row.batch, []).append(row)
    return batches


def with_links(rows: Sequence[StepRow]) -> list[StepRow]:
    """Rows of one document as they left: those below the header with what its answer gave, and
    the header with that itself: it must still be so.
    """
    header = next((row.answer for row in rows if row.step.part == "header"), {})
    numbers = {name: name for name in links_of(rows) if header.get(name)}

    def whole(row: StepRow) -> StepRow:
        links = row.step.links
        if row.step.part == "header" and row.delivery != FILES:  # there the import numbers it
            links = numbers
        body = linked(row.step.body, links, header) if row.step.body != GONE else None
        return replace(row, step=replace(row.step, body=body)) if links and body else row

    return [whole(row) for row in rows]


def links_of(rows: Iterable[StepRow]) -> list[str]:
    """The columns of a header's answer that rows below it are linked by."""
    return sorted({theirs for row in rows for theirs in row.step.links.values()})


def renumbered(rows: Sequence[StepRow], there: Found | None) -> tuple[str, str]:
    """What the rows of a document name its header by, and what it is called there by now, where
    the two differ: a person imported it anew. `there`: the header as it was found.
    """
    header = next((row.answer for row in rows
                   if row.step.part == "header" and row.delivery != FILES), {})  # fmt: skip
    for name in links_of(rows) if there is not None and there.state == "found" else ():
        was, now = header.get(name, ""), there.answer.get(name, "") if there else ""
        if was and was != now:
            return was, now or "(nothing)"
    return "", ""


def astray(row: StepRow, there: Found, was: str, now: str) -> str:
    """Why a row hangs on a header that is not there; empty where it does not."""
    if not was or was not in {there.row.get(column) for column in row.step.links}:
        return ""
    return f"its header {was} is {now} there by now: the row hangs on none"


def to_ask(rows: Sequence[StepRow], every: Sequence[StepRow]) -> list[StepRow]:
    """Rows to ask for, as they stand in the ledger, and the header whose number they name."""
    plain = {row.step.key: row for row in every}
    rows = [plain.get(row.step.key, row) if row.step.part == "header" else row for row in rows]
    keys = {row.step.key for row in rows}
    linked = any(row.step.links for row in rows)
    heads = [r for r in every if (r.delivery == FILES or (linked and r.answer))
             and r.step.part == "header" and r.step.key not in keys
             and r.step.body != GONE]  # fmt: skip
    return [*heads, *rows]


def as_imported(
    rows: Sequence[StepRow], every: Sequence[StepRow], found: Mapping[str, Found]
) -> Sequence[StepRow]:
    """Rows as they should be there. In files, lines name their header by our key; where the
    import gave it a number, they may name that.
    """
    head = next((r for r in every if r.step.part == "header"), None)
    if head is None or head.delivery != FILES:
        return rows
    there = found.get(head.step.key, Found(state="missing"))
    numbered = {
        row.step.key: row
        for row in with_links([replace(head, answer=there.answer),
                               *(r for r in every if r is not head)])
    }  # fmt: skip

    def fits(row: StepRow) -> bool:
        one = found.get(row.step.key)
        if one is None or one.state != "found" or row.step.body == GONE:
            return False
        return not differences(row.step.body, one.row)

    return [other if row.step.links and not fits(row) and fits(other := numbered[row.step.key])
            else row for row in rows]  # fmt: skip


def claim_of(rows: Sequence[StepRow]) -> Claim:
    """Rows of one batch as a claim that nobody holds: only to ask, never to send."""
    first = rows[0]
    return Claim(
        batch=first.batch, fence=0, holder="", attempts=0, kind=first.kind, name=first.document,
        company=first.step.company, environment=first.environment, system=first.system,
        delivery=first.delivery, steps=tuple(rows),
    )  # fmt: skip


def _sent(row: StepRow, there: Found) -> Receipt:
    return Receipt(key=row.step.key, state="sent", reference=there.reference, answer=there.answer,
                   message="found by its key", park=_odd(row, there))  # fmt: skip


def _odd(row: StepRow, there: Found) -> str:
    """Why a row that was found is not simply ours; empty if it is."""
    if there.more:
        return f"stands {there.more + 1} times on the other side"
    changed = differences(row.step.body, there.row)
    if changed and mark_of(changed) != row.answer.get(ACCEPTED):
        first = changed[0]
        return f"is there with another body: {first.column} is {first.now}, sent {first.sent}"
    return ""
