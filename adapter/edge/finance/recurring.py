"""Recurring integration: files into and out of a scheduled job of Finance.

What was fetched appears again every half hour until it is acknowledged: keep it first, then
acknowledge with the whole answer that named it.
"""

import re
from typing import Any, Literal
from urllib.parse import quote

from msgspec import Struct

from adapter.edge.finance.errors import Said, said_by
from adapter.edge.finance.package_jobs import PATH
from adapter.edge.http.answers import Answer
from adapter.edge.http.session import Session

_GUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
State = Literal["sent", "refused", "partly", "waiting", "unknown"]
STATES: dict[str, State] = {
    "Processed": "sent", "PreProcessingError": "refused", "ProcessedWithErrors": "partly",
    "PostProcessingFailed": "unknown", "Enqueued": "waiting", "Dequeued": "waiting",
    "Acked": "waiting", "Preprocessing": "waiting", "Processing": "waiting",
}  # fmt: skip


class Fetched(Struct, frozen=True, kw_only=True):
    """One file: its bytes, its id, and the answer to acknowledge with."""

    id: str = ""
    content: bytes = b""
    answer: bytes = b""
    said: Said = Said(meaning="fine")


class Recurring:
    """One scheduled job (an activity) of one environment."""

    def __init__(self, session: Session, activity: str) -> None:
        """Raises ValueError for an activity that is no GUID."""
        if not _GUID.fullmatch(activity):
            raise ValueError(f"{activity} is no id of a recurring job")
        self.session = session
        self.activity = quote(f"{{{activity}}}", safe="")

    def _said(self, answer: Answer) -> Said:
        return said_by(answer, self.session.clock.now_ms())

    def enqueue(self, content: bytes, *, entity: str = "", company: str = "") -> tuple[str, Said]:
        """The message id of a file (`entity`) or a package (`company`).

        An outcome that is doubtful may have been enqueued: nothing can ask for it without its
        id, so that a person compares before it is sent again. Raises ValueError for both or none.
        """
        if bool(entity) == bool(company):
            raise ValueError("a file names its entity, a package its company")
        params = {"entity": entity} if entity else {"company": company}
        answer = self.session.call("POST", f"api/connector/enqueue/{self.activity}",
                                   body=content, params=params,
                                   headers={"Content-Type": "application/octet-stream"})
        said = self._said(answer)
        id = answer.body.decode("utf-8", "replace").strip().strip('"')
        if said.meaning == "fine" and not _GUID.fullmatch(id.strip("{}")):
            return "", Said(meaning="doubtful", code="HTT002", message="no id of a message")
        return (id if said.meaning == "fine" else ""), said

    def dequeue(self) -> Fetched | None:
        """The next file; None when there is none."""
        answer = self.session.call("GET", f"api/connector/dequeue/{self.activity}")
        said = self._said(answer)
        if said.meaning != "fine":
            return Fetched(said=said)
        told: dict[str, Any] = answer.table()
        link = told.get("DownloadLocation")
        if answer.status == 204 or not isinstance(link, str) or not link:
            return None
        file = self.session.call("GET", link)
        return Fetched(id=str(told.get("CorrelationId", "")), content=file.body,
                       answer=answer.body, said=self._said(file))  # fmt: skip

    def acknowledge(self, fetched: Fetched) -> Said:
        """Say that a file was kept. Raises ValueError for one that was not read whole."""
        if fetched.said.meaning != "fine" or not fetched.answer:
            raise ValueError("only what was read whole and kept is acknowledged")
        return self._said(self.session.call(
            "POST", f"api/connector/ack/{self.activity}", body=fetched.answer,
            headers={"Content-Type": "application/json"},
        ))  # fmt: skip

    def state(self, message: str) -> tuple[State, str]:
        """What became of a message, in our word and in Finance's."""
        answer = self.session.call(
            "POST", f"{PATH}GetMessageStatus", headers={"Content-Type": "application/json"},
            body=f'{{"messageId":"{quote(message, safe="-{}")}"}}'.encode(),
        )  # fmt: skip
        said = self._said(answer)
        word = str(answer.table().get("value", "")) if said.meaning == "fine" else said.message
        return STATES.get(word, "unknown"), word
