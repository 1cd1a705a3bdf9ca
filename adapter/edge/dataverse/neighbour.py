"""The port to Dataverse: rows with ids of ours, so that a second creation is refused."""

from collections.abc import Mapping, Sequence
from typing import Any

from adapter.edge.dataverse.addresses import address, is_guid, row_id
from adapter.edge.dataverse.client import BATCH_MAX, DataverseClient
from adapter.edge.dataverse.errors import KEY_TAKEN, Said
from adapter.edge.http.answers import Answer, short
from adapter.edge.sending.ports import Found
from adapter.making.compared import differences, normal
from adapter.making.steps import Receipt, Step

STATES = {"refused": "refused", "missing": "refused", "too-large": "refused",
          "throttled": "planned", "forbidden": "planned", "not-sent": "planned",
          "doubtful": "unknown", "expired": "unknown"}  # fmt: skip
NOBODY_KNOWS = "the batch gave no answer for the row"
HIDES_LENGTH = 120  # of a value that is shown in a message


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
        return {
            step.key: self._receipt(step, one) if one is not None else _left_out(step, whole)
            for step, one in zip(steps, inside, strict=True)
        }

    def _receipt(self, step: Step, answer: Answer) -> Receipt:
        said = self.client.said(answer)
        if said.meaning == "fine":
            own = next(iter(step.keys.values()))
            named = row_id(answer)
            if named and is_guid(own) and named != own.lower():
                return Receipt(
                    key=step.key,
                    state="unknown",
                    code="DVE011",
                    message=f"the answer is about another row: {named}",
                )
            return Receipt(key=step.key, state="sent", reference=named or own)
        if said.meaning in ("exists", "changed"):
            return self._compared(step, said)
        return _receipt_of(step, said)

    def _compared(self, step: Step, said: Said) -> Receipt:
        """The row is there already: ours from an earlier call, or changed since."""
        found = self._find(step)
        if found.state == "missing" and said.code == KEY_TAKEN:
            return Receipt(
                key=step.key,
                state="refused",
                code="DVE012",
                message=f"another row has the same key: {said.message}",
            )
        if found.state != "found":
            return Receipt(key=step.key, state="unknown", code=said.code, message=said.message)
        try:
            changed = differences(step.body, found.row)
        except ValueError as error:
            return Receipt(key=step.key, state="refused", code="DVE013", message=short(error))
        if changed:
            now, sent = changed[0].now[:HIDES_LENGTH], changed[0].sent[:HIDES_LENGTH]
            return Receipt(key=step.key, state="refused", code="DVE013", message=short(
                f"is there with another body: {changed[0].column} is {now}, sent {sent}"
            ))  # fmt: skip
        return Receipt(key=step.key, state="sent", reference=found.reference,
                       message="it was there")  # fmt: skip

    def find(self, steps: Sequence[Step]) -> dict[str, Found]:
        """Row by row, by id; after a throttle nobody else is asked for."""
        found: dict[str, Found] = {}
        stop = ""
        for step in steps:
            if stop:
                found[step.key] = Found(state="unreachable", message=stop)
                continue
            try:
                answer = self.client.row(step.entity, step.keys)
            except ValueError as error:
                found[step.key] = Found(state="unreachable", message=short(error))
                continue
            said = self.client.said(answer)
            found[step.key] = _found(step, answer, said)
            if said.meaning in ("throttled", "forbidden", "not-sent"):
                stop = said.message or said.meaning
        return found

    def _find(self, step: Step) -> Found:
        return self.find([step])[step.key]


def _found(step: Step, answer: Answer, said: Said) -> Found:
    if said.meaning == "missing":
        return Found(state="missing")
    row = answer.table()
    if said.meaning != "fine" or not row or "error" in row:
        return Found(state="unreachable", message=said.message or "no row in the answer")
    for column, value in step.keys.items():  # a row that is not the one we asked for is none
        if column in row and normal(column, row[column]) != normal(column, value):
            return Found(state="unreachable", message=f"the answer has another {column}")
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
