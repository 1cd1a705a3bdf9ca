"""What came back: an answer that was read as a whole, or why there is none."""

from datetime import UTC, datetime
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Any, Literal

import msgspec
from msgspec import Struct

from adapter.edge.http.redactor import REDACTOR
from adapter.values.codes import CODES
from adapter.values.finding import Finding, Place

# not-sent: certainly not executed. no-answer, cut, too-large: it may have been.
# foreign-host: an address that leads elsewhere was not asked.
Failure = Literal["", "not-sent", "no-answer", "cut", "too-large", "foreign-host"]
CODE_OF: dict[str, str] = {
    "not-sent": "HTT001", "no-answer": "HTT002", "cut": "HTT002", "too-large": "HTT002",
    "foreign-host": "HTT003",
}  # fmt: skip
MESSAGE_MAX = 500
WAIT_MS_MAX = 3_600_000  # nobody is believed who asks for more than an hour
# DecimalException is an ArithmeticError: a number that Decimal cannot hold
UNREADABLE = (ValueError, ArithmeticError, RecursionError, msgspec.MsgspecError)
_decode = msgspec.json.Decoder(float_hook=Decimal).decode


class Answer(Struct, frozen=True, kw_only=True):
    """One answer. `status` 0: there is none, `failure` says why."""

    status: int = 0
    headers: dict[str, str] = {}  # names in lower case
    body: bytes = b""
    failure: Failure = ""
    message: str = ""

    @property
    def is_fine(self) -> bool:
        """A status of 2xx, read to its end."""
        return not self.failure and 200 <= self.status < 300

    @property
    def is_doubtful(self) -> bool:
        """The request may have been executed, and nobody knows."""
        return self.failure in ("no-answer", "cut", "too-large") or self.status >= 500

    def json(self) -> Any:
        """The body as values, numbers exact; None for a body that is no JSON."""
        try:
            return _decode(self.body) if self.body else None
        except UNREADABLE:
            return None

    def table(self) -> dict[str, Any]:
        """The body as a table; an empty one for anything else."""
        said = self.json()
        return said if isinstance(said, dict) else {}

    def retry_after_ms(self, now_ms: int) -> int | None:
        """`Retry-After` in milliseconds, from seconds or an HTTP date; None if there is none."""
        return retry_after(self.headers.get("retry-after", ""), now_ms)

    def finding(self, place: str) -> Finding | None:
        """The finding about `place`, a host or a set, if this is no whole answer."""
        if not self.failure:
            return None
        code = CODE_OF[self.failure]
        said = CODES[code].name.replace("-", " ")
        return Finding(
            code=code,
            level=CODES[code].level,
            place=Place(place),
            message=f"{said}: {short(self.message)}" if self.message else said,
        )


def retry_after(said: str, now_ms: int) -> int | None:
    """`Retry-After` in milliseconds, an hour at most; None for a value that says nothing."""
    said = said.strip()
    whole, _, part = said.partition(".")
    if said.isascii() and whole.isdecimal() and (not part or part.isdecimal()):
        if len(whole) > 7:
            return WAIT_MS_MAX
        return min(int(whole) * 1000 + int((part + "000")[:3]), WAIT_MS_MAX)
    try:
        at = parsedate_to_datetime(said)
        at = at.replace(tzinfo=UTC) if at.tzinfo is None else at
        since = at - datetime(1970, 1, 1, tzinfo=UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    until = (since.days * 86_400 + since.seconds) * 1000 - now_ms
    return min(max(0, until), WAIT_MS_MAX)


def short(text: object) -> str:
    """A message of the other side in one line: no secret, no control characters, not endless."""
    said = REDACTOR.clean(str(text)[: 8 * MESSAGE_MAX])
    plain = "".join(c if c.isprintable() else " " for c in said)
    return " ".join(plain.split())[:MESSAGE_MAX]
