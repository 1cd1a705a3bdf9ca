"""What an answer of Dataverse means for one row, by its status and its error code."""

from collections.abc import Mapping
from typing import Any, Literal

from msgspec import Struct

from adapter.edge.http.answers import Answer, short

Meaning = Literal["fine", "exists", "changed", "missing", "refused", "throttled", "forbidden",
                  "expired", "doubtful", "not-sent"]  # fmt: skip

# codes as they stand in error bodies
THROTTLES: Mapping[str, str] = {
    "0x80072322": "more than 6,000 requests in 5 minutes",
    "0x80072321": "more than 20 minutes of execution time in 5 minutes",
    "0x80072326": "more than 52 requests at once",
}
EXISTS = ("0x80060892", "0x80040237")
EXISTS_TEXT = "matching key values already exists"
CHANGED = ("0x80060882",)
EXPIRED = ("0x80044352",)
THROTTLED_MS = 60_000  # where the answer does not say how long


class Said(Struct, frozen=True, kw_only=True):
    """The meaning, with code and message for people."""

    meaning: Meaning
    code: str = ""
    message: str = ""
    wait_ms: int = 0


def said_by(answer: Answer, now_ms: int) -> Said:
    """The meaning of an answer about one row or one page."""
    if answer.failure in ("not-sent", "foreign-host"):
        return Said(meaning="not-sent", code="HTT001", message=answer.message)
    if answer.failure:
        return Said(meaning="doubtful", code="HTT002", message=answer.message or answer.failure)
    if answer.is_fine:
        return Said(meaning="fine")
    code, message = text_of(answer)
    shown = code or f"DVE{answer.status}"
    if answer.status == 429 or code in THROTTLES:
        wait = answer.retry_after_ms(now_ms)
        return Said(meaning="throttled", code=shown, message=THROTTLES.get(code, message),
                    wait_ms=THROTTLED_MS if wait is None else wait)  # fmt: skip
    if answer.status in (401, 403):
        return Said(meaning="forbidden", code=shown, message=message or "not allowed")
    if code in EXPIRED:
        return Said(meaning="expired", code=shown, message=message)
    if answer.status == 412 and (code in EXISTS or EXISTS_TEXT in message):
        return Said(meaning="exists", code=shown, message=message)
    if code in CHANGED or answer.status in (409, 412):
        return Said(meaning="changed", code=shown, message=message)
    if answer.status == 404:
        return Said(meaning="missing", code=shown, message=message)
    if 400 <= answer.status < 500:
        return Said(meaning="refused", code=shown, message=message or "refused without a reason")
    return Said(meaning="doubtful", code=shown, message=message or f"status {answer.status}")


def text_of(answer: Answer) -> tuple[str, str]:
    """Code and message of an error body; empty where the body is none, such as a gateway page."""
    error: Any = answer.table().get("error")
    if not isinstance(error, dict):
        return "", ""
    return short(error.get("code", "")), short(error.get("message", ""))
