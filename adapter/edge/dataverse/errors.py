"""What an answer of Dataverse means for one row, by its status and its error code."""

from collections.abc import Mapping
from typing import Any, Literal

from msgspec import Struct

from adapter.edge.http.answers import CODE_OF, Answer, short

Meaning = Literal["fine", "exists", "changed", "missing", "refused", "too-large", "throttled",
                  "forbidden", "expired", "doubtful", "not-sent"]  # fmt: skip
Advice = Literal["", "slower", "smaller", "fewer"]  # requests, batches, calls at once

# codes as they stand in error bodies
THROTTLES: Mapping[str, tuple[Advice, str]] = {
    "0x80072322": ("slower", "more than 6,000 requests in 5 minutes"),
    "0x80072321": ("smaller", "more than 20 minutes of execution time in 5 minutes"),
    "0x80072326": ("fewer", "more than 52 requests at once"),
}
KEY_TAKEN = "0x80060892"  # by an alternate key: it may be another row than the one asked for
LOOKS_LIKE_ANOTHER = "0x80040333"  # a duplicate detection rule; 412, once 500
EXISTS = (KEY_TAKEN, "0x80040237")
EXISTS_TEXT = "matching key values already exists"
CHANGED = ("0x80060882", "-2147088254")
CHANGED_TEXT = "doesn't match the RowVersion"
EXPIRED = ("0x80044352",)
EXPIRED_TEXT = "Version stamp associated with the client has expired"
TOO_LARGE = ("0x80040216", "-2147220970")
GONE = ("", "0x80040217")
GONE_TEXT = "does not exist"
THROTTLED_MS = 60_000  # where the answer does not say how long


class Said(Struct, frozen=True, kw_only=True):
    """The meaning, with code and message for people."""

    meaning: Meaning
    code: str = ""
    message: str = ""
    wait_ms: int = 0
    advice: Advice = ""


def said_by(answer: Answer, now_ms: int) -> Said:
    """The meaning of an answer about one row or one page."""
    if answer.failure:
        is_safe = answer.failure in ("not-sent", "foreign-host")
        return Said(meaning="not-sent" if is_safe else "doubtful", code=CODE_OF[answer.failure],
                    message=answer.message or answer.failure)  # fmt: skip
    if answer.is_fine:
        return Said(meaning="fine")
    code, message, is_theirs = text_of(answer)
    shown = code or f"DVE{answer.status}"
    if answer.status == 429 or code in THROTTLES:
        wait = answer.retry_after_ms(now_ms)
        plain = message or answer.message or "too many requests"
        advice, why = THROTTLES.get(code, ("slower", plain))
        return Said(meaning="throttled", code=shown, message=why, advice=advice,
                    wait_ms=THROTTLED_MS if wait is None else wait)  # fmt: skip
    meaning = _meaning(answer.status, code, message, is_theirs)
    said = message or answer.message
    if not said:
        said = "refused without a reason" if meaning == "refused" else f"status {answer.status}"
    return Said(meaning=meaning, code=shown, message=said)


def _meaning(status: int, code: str, message: str, is_theirs: bool) -> Meaning:
    """By status and code. What has not the shape of Dataverse's errors came from a gateway
    on the way, and says nothing about the row.
    """
    if status in (401, 403):
        return "forbidden"
    if status == 413 or code in TOO_LARGE:
        return "too-large"
    if code == LOOKS_LIKE_ANOTHER or status == 501:
        return "refused"
    if code in EXPIRED or EXPIRED_TEXT in message or status == 410:
        return "expired"
    if not is_theirs or not 400 <= status < 500 or status == 408:
        return "doubtful"
    if code in EXISTS or (status == 412 and EXISTS_TEXT in message):
        return "exists"
    if status in (409, 412) or code in CHANGED or CHANGED_TEXT in message:
        return "changed"
    if status == 404 and code in GONE and GONE_TEXT in message.lower():
        return "missing"
    return "refused"


def text_of(answer: Answer) -> tuple[str, str, bool]:
    """Code and message of an error body, and whether it is one of Dataverse: a gateway's
    page is none.
    """
    error: Any = answer.table().get("error")
    if not isinstance(error, dict) or not isinstance(error.get("message"), str):
        return "", "", False
    code = error.get("code")
    return short(code if code is not None else "").lower(), short(error["message"]), True
