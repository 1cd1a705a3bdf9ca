"""What an answer of Finance means for one row: its statuses say little, its texts more."""

from typing import Any, Literal

from msgspec import Struct

from adapter.edge.http.answers import Answer, short

# fine, exists, missing, again (read anew), refused, throttled, forbidden, doubtful, not-sent
Meaning = Literal["fine", "exists", "missing", "again", "refused", "throttled", "forbidden",
                  "doubtful", "not-sent"]  # fmt: skip
THROTTLED_MS = 30_000
RECORD_EXISTS = ("already exists",)
NOT_FOUND = ("No resources were found",)
CONFLICTS = ("update conflict", "cannot edit a record", "Cannot edit a record")
BUSINESS = "AxODataWriteException"


class Said(Struct, frozen=True, kw_only=True):
    """The meaning, with the message that people may read. Never a stack trace."""

    meaning: Meaning
    code: str = ""
    message: str = ""
    wait_ms: int = 0


def said_by(answer: Answer, now_ms: int) -> Said:
    """The meaning of an answer about one row."""
    if answer.failure in ("not-sent", "foreign-host"):
        return Said(meaning="not-sent", code="HTT001", message=answer.message)
    if answer.failure:
        return Said(meaning="doubtful", code="HTT002", message=answer.message or answer.failure)
    if answer.is_fine:
        return Said(meaning="fine")
    message, kind = text_of(answer)
    status = f"FIN{answer.status}"
    if answer.status == 429:
        wait = answer.retry_after_ms(now_ms)
        return Said(meaning="throttled", code=status, message=message,
                    wait_ms=THROTTLED_MS if wait is None else wait)  # fmt: skip
    if answer.status in (401, 403):
        return Said(meaning="forbidden", code=status, message=message or "not allowed")
    if any(words in message for words in RECORD_EXISTS):
        return Said(meaning="exists", code=status, message=message)
    if answer.status == 404 or any(words in message for words in NOT_FOUND):
        return Said(meaning="missing", code=status, message=message)
    if answer.status in (409, 412) or any(words in message for words in CONFLICTS):
        return Said(meaning="again", code=status, message=message)
    if BUSINESS in kind or answer.status in (400, 405, 413, 415, 422):
        return Said(meaning="refused", code=status, message=message or "refused without a reason")
    return Said(meaning="doubtful", code=status, message=message or f"status {answer.status}")


def text_of(answer: Answer) -> tuple[str, str]:
    """The message of an error body, and the type that it names."""
    table = answer.table()
    error = table.get("error")
    inner: Any = error.get("innererror") if isinstance(error, dict) else None
    if isinstance(inner, dict) and inner.get("message"):
        return short(inner["message"]), short(inner.get("type", ""))
    if isinstance(error, dict) and error.get("message"):
        return short(error["message"]), ""
    if table.get("Message"):
        return short(table["Message"]), ""
    return "", ""
