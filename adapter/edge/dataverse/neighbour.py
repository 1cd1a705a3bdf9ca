"""The port to Dataverse: rows with ids of ours, so that a second creation is refused."""

from collections.abc import Mapping, Sequence
from typing import Any

from adapter.edge.dataverse.client import DataverseClient, row_id
from adapter.edge.dataverse.errors import Said
from adapter.edge.http.answers import Answer, short
from adapter.edge.sending.ports import Found, compared
from adapter.making.compared import normal
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
        wait: int | None = None
        for number, step in enumerate(steps):
            if number < len(inside):
                receipt = self._receipt(step, inside[number].answer, wait)
                wait = wait if receipt.retry_after_ms is None else receipt.retry_after_ms
                receipts.append(receipt)
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

    def _receipt(self, step: Step, answer: Answer, wait: int | None = None) -> Receipt:
        """`wait`: we were told to wait, so nothing more is asked."""
        said = self.client.said(answer)
        if said.meaning == "fine":
            return Receipt(key=step.key, state="sent",
                           reference=row_id(answer) or next(iter(step.keys.values())))
        if said.meaning == "exists":
            found = Found(state="unreachable", retry_after_ms=wait) if wait else self._find(step)
            return compared(step, said.code, said.message, found, "DVE013")
        return _receipt_of(step, said)

    def find(self, steps: Sequence[Step]) -> dict[str, Found]:
        """Row by row, by id; nothing more is asked once we were told to wait."""
        found: dict[str, Found] = {}
        wait: int | None = None
        for step in steps:
            found[step.key] = self._find(step) if wait is None else Found(
                state="unreachable", retry_after_ms=wait
            )
            wait = found[step.key].retry_after_ms
        return found

    def _find(self, step: Step) -> Found:
        try:
            answer = self.client.row(step.entity, step.keys)
        except ValueError as error:
            return Found(state="unreachable", message=short(error))
        said = self.client.said(answer)
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
    return Receipt(key=step.key, state=state, code=said.code, message=said.message,
                   retry_after_ms=said.wait_ms if said.meaning == "throttled" else None)
