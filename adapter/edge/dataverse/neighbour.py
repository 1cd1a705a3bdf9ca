"""The port to Dataverse: rows with ids of ours, so that a second creation is refused."""

from collections.abc import Mapping, Sequence
from typing import Any

from adapter.edge.dataverse.addresses import address, is_guid, row_id
from adapter.edge.dataverse.client import BATCH_MAX, DataverseClient
from adapter.edge.dataverse.errors import KEY_TAKEN, Said
from adapter.edge.http.answers import Answer, short
from adapter.edge.sending.ports import Found, compared
from adapter.making.compared import normal
from adapter.making.steps import Receipt, Step

STATES = {"refused": "refused", "missing": "refused", "too-large": "refused",
          "throttled": "planned", "forbidden": "planned", "not-sent": "planned",
          "doubtful": "unknown", "expired": "unknown"}  # fmt: skip
NOBODY_KNOWS = "the batch gave no answer for the row"


class DataverseNeighbour:
    """Creates rows by PATCH with `If-None-Match: *`; many in one batch."""

    enforces_keys = True

    def __init__(self, client: DataverseClient, gate: str, *, chunk: int = 50) -> None:
        self.client = client
        self.name = gate
        self.chunk = min(max(chunk, 1), BATCH_MAX)

    def send(self, steps: Sequence[Step], header: Mapping[str, str]) -> list[Receipt]:
        """One receipt per row, in order. Rows refer to each other by ids of ours."""
        receipts: dict[str, Receipt] = {}
        ready = []
        for step in steps:
            try:
                address(step.entity, step.keys)
                ready.append(step)
            except ValueError as error:
                receipts[step.key] = Receipt(key=step.key, state="refused", code="DVE010",
                                             message=short(error))  # fmt: skip
        for start in range(0, len(ready), BATCH_MAX):
            receipts |= self._sent(ready[start : start + BATCH_MAX])
        return [receipts[step.key] for step in steps]

    def _sent(self, steps: Sequence[Step]) -> dict[str, Receipt]:
        """One call, or more where the other side says that one is too large."""
        if len(steps) == 1:
            step = steps[0]
            answer = self.client.put(step.entity, step.keys, step.body)
            return {step.key: self._receipt(step, answer)}
        answer, inside = self.client.put_each([(s.entity, s.keys, s.body) for s in steps])
        whole = self.client.said(answer)
        if whole.meaning == "too-large" and not inside[0]:
            middle = len(steps) // 2
            first = self._sent(steps[:middle])
            waits = [r for r in first.values() if r.state == "planned"]
            if not waits:
                return first | self._sent(steps[middle:])
            rest = {s.key: _again(s.key, waits[0]) for s in steps[middle:]}
            return first | rest
        receipts: dict[str, Receipt] = {}
        wait: int | None = None
        for step, one in zip(steps, inside, strict=True):
            receipt = _left_out(step, whole) if one is None else self._receipt(step, one, wait)
            wait = wait if receipt.retry_after_ms is None else receipt.retry_after_ms
            receipts[step.key] = receipt
        return receipts

    def _receipt(self, step: Step, answer: Answer, wait: int | None = None) -> Receipt:
        """`wait`: we were told to wait, so nothing more is asked."""
        said = self.client.said(answer)
        if said.meaning == "fine":
            own = next(iter(step.keys.values()))
            named = row_id(answer)
            if named and is_guid(own) and named != own.lower():
                return Receipt(key=step.key, state="unknown", code="DVE011",
                               message=f"the answer is about another row: {named}")
            return Receipt(key=step.key, state="sent", reference=named or own)
        if said.meaning in ("exists", "changed"):
            found = Found(state="unreachable", retry_after_ms=wait) if wait else self._find(step)
            return self._compared(step, said, found)
        return _receipt_of(step, said)

    def _compared(self, step: Step, said: Said, found: Found) -> Receipt:
        """The row is there already: ours from an earlier call, or another's."""
        if found.state == "missing" and said.code == KEY_TAKEN:
            return Receipt(key=step.key, state="refused", code="DVE012",
                           message=f"another row has the same key: {said.message}")
        try:
            return compared(step, said.code, said.message, found, "DVE013")
        except ValueError as error:  # our own text is no table: nothing can be said of it
            return Receipt(key=step.key, state="refused", code="DVE013", message=short(error))

    def find(self, steps: Sequence[Step]) -> dict[str, Found]:
        """Row by row, by id; nothing more is asked once we were told to wait or are locked out."""
        found: dict[str, Found] = {}
        stop: Found | None = None
        for step in steps:
            if stop is not None:
                found[step.key] = stop
                continue
            try:
                answer = self.client.row(step.entity, step.keys)
            except ValueError as error:
                found[step.key] = Found(state="unreachable", message=short(error))
                continue
            said = self.client.said(answer)
            found[step.key] = _found(step, answer, said)
            if said.meaning in ("throttled", "forbidden", "not-sent"):
                stop = found[step.key]
        return found

    def _find(self, step: Step) -> Found:
        return self.find([step])[step.key]


def _found(step: Step, answer: Answer, said: Said) -> Found:
    if said.meaning == "missing":
        return Found(state="missing")
    row = answer.table()
    is_it = all(normal(n, row.get(n)) == normal(n, v) for n, v in step.keys.items())
    if said.meaning != "fine" or not is_it:
        return Found(state="unreachable", message=said.message or "no row in the answer",
                     retry_after_ms=said.wait_ms if said.meaning == "throttled" else None)
    return Found(state="found", reference=next(iter(step.keys.values())), row=row)


def _receipt_of(step: Step, said: Said) -> Receipt:
    state: Any = STATES[said.meaning]
    return Receipt(
        key=step.key,
        state=state,
        code=said.code,
        message=said.message,
        retry_after_ms=said.wait_ms if said.meaning == "throttled" else None,
    )


def _left_out(step: Step, whole: Said) -> Receipt:
    """A row that a batch says nothing about: certainly not done only if the batch was not."""
    if whole.meaning in ("throttled", "forbidden", "not-sent"):
        return _receipt_of(step, whole)
    because = f": {whole.message}" if whole.message else ""
    return Receipt(key=step.key, state="unknown", code="DVE011",
                   message=short(NOBODY_KNOWS + because))  # fmt: skip


def _again(key: str, like: Receipt) -> Receipt:
    return Receipt(key=key, state="planned", code=like.code, message=like.message,
                   retry_after_ms=like.retry_after_ms)  # fmt: skip
