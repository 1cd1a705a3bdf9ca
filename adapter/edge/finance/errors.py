"""What an answer of Finance means for one row: its statuses say little, its texts more."""

from typing import Any, Literal

from msgspec import Struct

from adapter.edge.http.answers import CODE_OF, Answer, short

# again: others wrote at the same time. doubtful: it may have been done, and nobody knows
Meaning = Literal["fine", "exists", "missing", "again", "refused", "too-large", "throttled",
                  "forbidden", "doubtful", "not-sent"]  # fmt: skip
THROTTLED_MS = 30_000  # where the answer does not say how long
RECORD_EXISTS = ("The record already exists",)
NOT_FOUND = ("No resources were found",)
CONFLICTS = ("update conflict", "cannot edit a record", "Cannot edit a record")
BUSINESS = "AxODataWriteException"  # of any status, 500 too: the row's transaction was rolled back
BARE = (404, 405, 409, 412, 415)  # say enough without a body


class Said(Struct, frozen=True, kw_only=True):
    """The meaning, with the message that people may read. Never a stack trace."""

    meaning: Meaning
    code: str = ""
    message: str = ""
    wait_ms: int = 0


def said_by(answer: Answer, now_ms: int) -> Said:
    """The meaning of an answer about one row."""
    if answer.failure:
        is_safe = answer.failure in ("not-sent", "foreign-host")
        return Said(meaning="not-sent" if is_safe else "doubtful", code=CODE_OF[answer.failure],
                    message=answer.message or answer.failure)  # fmt: skip
    if answer.is_fine:
        return Said(meaning="fine")
    message, kind = text_of(answer)
    status = f"FIN{answer.status}"
    if answer.status == 429:
        wait = answer.retry_after_ms(now_ms)
        why = message or answer.message or "too many requests"
        return Said(meaning="throttled", code=status, message=why,
                    wait_ms=THROTTLED_MS if wait is None else wait)  # fmt: skip
    meaning = _meaning(answer, message, kind)
    said = message or answer.message
    if not said:
        said = "refused without a reason" if meaning == "refused" else f"status {answer.status}"
    return Said(meaning=meaning, code=status, message=said)


def _meaning(answer: Answer, message: str, kind: str) -> Meaning:
    """By text, then by status. A page of a gateway on the way says nothing about the row."""
    status = answer.status
    if status in (401, 403):
        return "forbidden"
    if status == 413:
        return "too-large"
    if any(words in message for words in RECORD_EXISTS):
        return "exists"
    if any(words in message for words in NOT_FOUND):
        return "missing"
    if any(words in message for words in CONFLICTS):
        return "again"
    if BUSINESS in kind:
        return "refused"
    if not message and (answer.body.strip() or status not in BARE):
        return "doubtful"
    if status in (409, 412):
        return "again"
    if status == 404:
        return "missing"
    return "refused" if status in (400, 405, 415, 422) else "doubtful"


def text_of(answer: Answer) -> tuple[str, str]:
    """The message of an error body, and the type that it names; empty for a gateway's page."""
    table = answer.table()
    error = table.get("error")
    inner: Any = error.get("innererror") if isinstance(error, dict) else None
    kind = short(inner.get("type", "")) if isinstance(inner, dict) else ""
    for told in (inner, error):
        if isinstance(told, dict) and isinstance(told.get("message"), str) and told["message"]:
            return short(told["message"]), kind
    if isinstance(table.get("Message"), str):
        return short(table["Message"]), kind
    return "", kind
