"""The port to Finance by OData: rows with keys of ours, asked for before anything is believed."""

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any

from adapter.edge.finance.client import BATCH_MAX, FinanceClient
from adapter.edge.finance.errors import Said, said_by
from adapter.edge.finance.literals import (
    FILTER_LENGTH_MAX,
    columns_of,
    filter_of,
    length_of,
    name,
    with_columns,
)
from adapter.edge.http.answers import Answer, short
from adapter.edge.sending.ports import Found, compared
from adapter.making.compared import normal
from adapter.making.steps import Receipt, Step

COMPANY = "dataAreaId"
STATES = {"refused": "refused", "missing": "refused", "too-large": "refused", "again": "planned",
          "throttled": "planned", "forbidden": "planned", "not-sent": "planned",
          "doubtful": "unknown"}  # fmt: skip
NOBODY_KNOWS = "the batch gave no answer for the row"
PLAIN_MAX = 120  # letters of a key that stand in an address as they are
_PLAIN = re.compile(rf"[A-Za-z0-9._-]{{0,{PLAIN_MAX}}}")
Ready = Sequence[tuple[Step, str]]  # with the text that leaves


class FinanceNeighbour:
    """Creates rows by POST; many in one batch."""

    def __init__(
        self, client: FinanceClient, gate: str, *, companies: frozenset[str],
        enforces_keys: bool = False, chunk: int = 50,
    ) -> None:  # fmt: skip
        self.client = client
        self.name = gate
        self.companies = companies
        self.enforces_keys = enforces_keys
        self.chunk = min(max(chunk, 1), BATCH_MAX)

    def send(self, steps: Sequence[Step], header: Mapping[str, str]) -> list[Receipt]:
        """The header alone, so that its answer gives its number; lines in one batch."""
        ready: list[tuple[Step, str]] = []
        receipts: dict[str, Receipt] = {}
        columns: dict[tuple[tuple[str, str], ...], str | None] = {}  # mostly one for all rows
        for step in steps:
            links = (*step.links.items(),)
            if links not in columns:
                columns[links] = columns_of(step.links, header)
            added = columns[links]
            body = None if added is None else with_columns(step.body, added)
            why = self._why_not(step, body)
            if why:
                receipts[step.key] = Receipt(key=step.key, state="refused", code="FIN010",
                                             message=why)  # fmt: skip
            elif body is not None:
                ready.append((step, body))
        for start in range(0, len(ready), BATCH_MAX):
            receipts |= self._sent(ready[start : start + BATCH_MAX])
        return [receipts[step.key] for step in steps]

    def _why_not(self, step: Step, body: str | None) -> str:
        """What would make Finance guess: a row without its company, or without its header."""
        if body is None:
            return "the header's answer does not give what the row is linked by"
        if step.company.upper() not in self.companies:
            return f"company {step.company} is not one that this workspace sends for"
        company = step.keys.get(COMPANY, step.company)
        if company != step.company and normal(COMPANY, company) != step.company.upper():
            return f"the row names company {company or '(none)'}, its document {step.company}"
        why = _cannot_ask(step)  # sent, nobody could ever ask for it
        return f"its key cannot be asked for: {why}" if why else ""

    def _sent(self, ready: Ready) -> dict[str, Receipt]:
        """One call, or more where the other side says that one is too large."""
        if len(ready) > 1:
            return self._in_batch(ready)
        step, body = ready[0]
        return {step.key: self._receipt(step, self.client.post(step.entity, body))}

    def _in_batch(self, ready: Ready) -> dict[str, Receipt]:
        answer, inside = self.client.post_each([(step.entity, body) for step, body in ready])
        whole = said_by(answer, self.client.session.clock.now_ms())
        if whole.meaning == "too-large":
            return self._halved(ready)
        receipts: dict[str, Receipt] = {}
        there: list[tuple[Step, Said]] = []
        for number, (step, _) in enumerate(ready, start=1):
            part = inside.get(str(number))
            if part is None:
                receipts[step.key] = _left_out(step, whole)
            elif part.is_fine:
                receipts[step.key] = _made(step, part.table())
            else:
                said = said_by(part, self.client.session.clock.now_ms())
                if said.meaning == "exists":
                    there.append((step, said))
                else:
                    receipts[step.key] = _receipt_of(step, said)
        waits = [r.retry_after_ms for r in receipts.values() if r.retry_after_ms is not None]
        return receipts | self._there(there, max(waits, default=None))

    def _halved(self, ready: Ready) -> dict[str, Receipt]:
        """In two calls; nothing follows once we were told to wait or are locked out."""
        middle = len(ready) // 2
        first = self._sent(ready[:middle])
        waits = next((r for r in first.values() if r.state == "planned"), None)
        if waits is None:
            return first | self._sent(ready[middle:])
        return first | {
            s.key: Receipt(key=s.key, state="planned", code=waits.code, message=waits.message,
                           retry_after_ms=waits.retry_after_ms)
            for s, _ in ready[middle:]
        }  # fmt: skip

    def _receipt(self, step: Step, answer: Answer) -> Receipt:
        said = said_by(answer, self.client.session.clock.now_ms())
        if said.meaning == "fine":
            return _made(step, answer.table())
        if said.meaning == "exists":
            return self._there([(step, said)], None)[step.key]
        return _receipt_of(step, said)

    def _there(
        self, there: Sequence[tuple[Step, Said]], wait_ms: int | None
    ) -> dict[str, Receipt]:
        """Rows that are there already: ours from an earlier call, or somebody else's.

        `wait_ms`: we were told to wait, so nothing more is asked.
        """
        if wait_ms is None:
            found = self.find([step for step, _ in there])
        else:
            found = {s.key: Found(state="unreachable", retry_after_ms=wait_ms) for s, _ in there}
        return {step.key: _compared(step, said, found[step.key]) for step, said in there}

    def find(self, steps: Sequence[Step]) -> dict[str, Found]:
        """The rows by their key columns; several keys in one call, within the length of a URL.

        Nothing more is asked once we were told to wait, are locked out, or reach nobody.
        """
        found: dict[str, Found] = {}
        askable = []
        for step in steps:
            why = _cannot_ask(step)
            if why:
                found[step.key] = Found(state="unreachable", message=why)
            else:
                askable.append(step)
        stop: Found | None = None
        for group in _groups(askable):
            if stop is not None:
                found |= dict.fromkeys((s.key for s in group), stop)
                continue
            rows, said = self.client.rows(group[0].entity, filter_of([s.keys for s in group]))
            if said.meaning == "fine":
                found |= {step.key: _found(step, rows) for step in group}
                continue
            wait = said.wait_ms if said.meaning == "throttled" else None
            none = Found(state="unreachable", message=said.message, retry_after_ms=wait)
            found |= dict.fromkeys((s.key for s in group), none)
            if said.meaning in ("throttled", "forbidden", "not-sent"):
                stop = none
        return found


def _made(step: Step, row: Mapping[str, object]) -> Receipt:
    """The receipt of an answer that says the row was made: only with our row in it."""
    is_there = {n: _same(n, v, row.get(n)) for n, v in step.keys.items()}
    company = row.get(COMPANY)
    is_elsewhere = isinstance(company, str) and company.upper() != step.company.upper()
    if is_elsewhere and all(same for n, same in is_there.items() if n != COMPANY):
        why = f"the row went to company {short(company)}"  # asked for in its own, it is missing
        return Receipt(key=step.key, state="unknown", code="FIN012", message=why, park=why)
    if not all(is_there.values()):
        return Receipt(key=step.key, state="unknown", code="FIN014",
                       message="the answer does not hold the row that was sent")
    return Receipt(key=step.key, state="sent", reference=_reference(step, row),
                   answer=_texts(row) if step.part == "header" else {})  # fmt: skip


def _compared(step: Step, said: Said, found: Found) -> Receipt:
    if found.state == "missing":
        return Receipt(key=step.key, state="refused", code="FIN015",
                       message=short(f"another row has the same key: {said.message}"))
    try:
        receipt = compared(step, said.code, said.message, found, "FIN013")
    except ValueError as error:  # our own text is no table: nothing can be said of it
        return Receipt(key=step.key, state="refused", code="FIN013", message=short(error))
    if receipt.state != "sent" or not found.more:
        return receipt
    return Receipt(key=step.key, state="sent", reference=receipt.reference, answer=receipt.answer,
                   park=f"stands {found.more + 1} times on the other side")


def _receipt_of(step: Step, said: Said) -> Receipt:
    state: Any = STATES[said.meaning]
    return Receipt(key=step.key, state=state, code=said.code, message=said.message,
                   retry_after_ms=said.wait_ms if said.meaning == "throttled" else None)


def _left_out(step: Step, whole: Said) -> Receipt:
    """A row that a batch says nothing about: certainly not done only if the batch was not."""
    if whole.meaning in ("throttled", "forbidden", "not-sent"):
        return _receipt_of(step, whole)
    because = f": {whole.message}" if whole.message else ""
    return Receipt(key=step.key, state="unknown", code="FIN011",
                   message=short(NOBODY_KNOWS + because))  # fmt: skip


def _cannot_ask(step: Step) -> str:
    """Why a row can never be asked for by its key; empty if it can."""
    values = step.keys.values()
    if not all(values):
        empty = next(n for n, v in step.keys.items() if not v)
        return f"its key column {empty} is empty"  # would find every row without one
    try:
        if _PLAIN.fullmatch("".join(values)) and _has_room(step.entity, (*step.keys,)):
            return ""
        name(step.entity)
        where = filter_of([step.keys])
    except ValueError as error:
        return short(error)
    return "" if length_of(where) <= FILTER_LENGTH_MAX else "it is too long for an address"


@lru_cache(256)
def _has_room(entity: str, columns: tuple[str, ...]) -> bool:
    """Whether plain values of these columns can always be asked for. Raises ValueError for what
    is no name.
    """
    name(entity)
    longest = filter_of([dict.fromkeys(columns, "x" * PLAIN_MAX)])
    return length_of(longest) <= FILTER_LENGTH_MAX


def _found(step: Step, rows: Sequence[dict[str, Any]]) -> Found:
    mine = [row for row in rows if all(_same(n, v, row.get(n)) for n, v in step.keys.items())]
    if not mine:
        return Found(state="missing")
    return Found(state="found", row=mine[0], more=len(mine) - 1,
                 reference=_reference(step, mine[0]), answer=_texts(mine[0]))  # fmt: skip


def _same(column: str, sent: str, now: object) -> bool:
    """Whether a key column says what was sent: `1.10` and `1.1` are two texts, not one."""
    if sent == now:
        return True
    one, other = normal(column, sent), normal(column, now)
    return one == other and not (isinstance(one, Decimal) and isinstance(now, str))


def _groups(steps: Sequence[Step]) -> Iterator[list[Step]]:
    """Steps of one set whose keys fit into one address."""
    group: list[Step] = []
    length = 0
    for step in sorted(steps, key=lambda s: s.entity):
        mine = length_of(filter_of([step.keys])) + len("%20or%20")
        if group and (step.entity != group[0].entity or length + mine > FILTER_LENGTH_MAX):
            yield group
            group, length = [], 0
        group.append(step)
        length += mine
    if group:
        yield group


def _texts(row: Mapping[str, object]) -> dict[str, str]:
    """Short texts and numbers of an answer, which rows below may be linked by."""
    return {n: str(v) for n, v in row.items()
            if isinstance(v, str | int) and not isinstance(v, bool)
            and not n.startswith("@") and 0 < len(str(v)) <= 100}  # fmt: skip


def _reference(step: Step, row: Mapping[str, object]) -> str:
    """What Finance calls the row: the first column it filled itself that looks like a number."""
    for column, value in row.items():
        looks_so = column.endswith(("Id", "Number")) and isinstance(value, str | int)
        if looks_so and column not in step.keys and f'"{column}"' not in step.body and str(value):
            return str(value)
    return ",".join(step.keys.values())
