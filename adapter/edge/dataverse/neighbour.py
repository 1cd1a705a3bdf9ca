"""The port to Dataverse: rows with ids of ours, so that a second creation is refused."""

from collections.abc import Mapping, Sequence
from typing import Any

from adapter.edge.dataverse.client import DataverseClient, row_id
from adapter.edge.dataverse.errors import Said
from adapter.edge.http.answers import Answer, short
from adapter.edge.sending.ports import Found
from adapter.making.compared import differences
from adapter.making.steps import Receipt, Step

STATES = {"refused": "refused", "missing": "refused", "changed": "refused", "throttled": "planned",
          "forbidden": "planned", "not-sent": "planned", "doubtful": "unknown",
          "expired": "unknown"}  # fmt: skip


class DataverseNeighbour:
    """Creates rows by PATCH with `If-None-Match: *`; many in one batch."""

    enforces_keys = True

    def __init__(self, client: DataverseClient, gate: str, *, chunk: int = 50) -> None:
        self.client = client
        self.name = gate
        self.chunk = chunk

    def send(self, steps: Sequence[Step], header: Mapping[str, str]) -> list[Receipt]:
        """One receipt per row, in order. Rows refer to each other by ids of ours."""
        if len(steps) == 1:
            return [self._one(steps[0])]
        try:
            rows = [(step.entity, step.keys, step.body) for step in steps]
            answer, inside = self.client.put_each(rows)
        except ValueError as error:
            return [Receipt(key=s.key, state="refused", code="DVE010", message=short(error))
                    for s in steps]  # fmt: skip
        whole = self.client.said(answer)
        receipts = []
        for number, step in enumerate(steps):
            if number < len(inside):
                receipts.append(self._receipt(step, inside[number].answer))
            elif whole.meaning in ("throttled", "forbidden", "not-sent"):
                receipts.append(_receipt_of(step, whole))
            else:
                receipts.append(Receipt(key=step.key, state="unknown", code="DVE011",
                                        message="the batch gave no answer for the row"))
        return receipts

    def _one(self, step: Step) -> Receipt:
        try:
            return self._receipt(step, self.client.put(step.entity, step.keys, step.body))
        except ValueError as error:
            return Receipt(key=step.key, state="refused", code="DVE010", message=short(error))

    def _receipt(self, step: Step, answer: Answer) -> Receipt:
        said = self.client.said(answer)
        if said.meaning == "fine":
            return Receipt(key=step.key, state="sent",
                           reference=row_id(answer) or next(iter(step.keys.values())))
        if said.meaning == "exists":
            return self._compared(step, said)
        return _receipt_of(step, said)

    def _compared(self, step: Step, said: Said) -> Receipt:
        """The row is there already: ours from an earlier call, or changed since."""
        found = self.find([step])[step.key]
        if found.state != "found":
            return Receipt(key=step.key, state="unknown", code=said.code, message=said.message)
        changed = differences(step.body, found.row)
        if changed:
            return Receipt(key=step.key, state="refused", code="DVE013",
                           message=f"is there with another body: {changed[0].column} is "
                           f"{changed[0].now}, sent {changed[0].sent}")  # fmt: skip
        return Receipt(key=step.key, state="sent", reference=found.reference,
                       message="it was there")  # fmt: skip

    def find(self, steps: Sequence[Step]) -> dict[str, Found]:
        """Row by row, by id."""
        return {step.key: self._find(step) for step in steps}

    def _find(self, step: Step) -> Found:
        try:
            answer = self.client.row(step.entity, step.keys)
        except ValueError as error:
            return Found(state="unreachable", message=short(error))
        said = self.client.said(answer)
        if said.meaning == "missing":
            return Found(state="missing")
        row = answer.table()
        if said.meaning != "fine" or not row:
            return Found(state="unreachable", message=said.message or "no row in the answer")
        return Found(state="found", reference=next(iter(step.keys.values())), row=row)


def _receipt_of(step: Step, said: Said) -> Receipt:
    state: Any = STATES[said.meaning]
    return Receipt(key=step.key, state=state, code=said.code, message=said.message,
                   retry_after_ms=said.wait_ms if said.meaning == "throttled" else None)
