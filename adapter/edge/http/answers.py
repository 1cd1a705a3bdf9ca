"""What came back: an answer that was read as a whole, or why there is none."""

from datetime import UTC, datetime
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Any, Literal

import msgspec
from msgspec import Struct

# not-sent: certainly not executed. no-answer, cut, too-large: it may have been.
Failure = Literal["", "not-sent", "no-answer", "cut", "too-large", "foreign-host"]
MESSAGE_MAX = 500
DEPTH_MAX = 64
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
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None

    def table(self) -> dict[str, Any]:
        """The body as a table; an empty one for anything else."""
        said = self.json()
        return said if isinstance(said, dict) else {}

    def retry_after_ms(self, now_ms: int) -> int | None:
        """`Retry-After` in milliseconds, from seconds or an HTTP date; None if there is none."""
        return retry_after(self.headers.get("retry-after", ""), now_ms)


def retry_after(said: str, now_ms: int) -> int | None:
    """`Retry-After` in milliseconds; None for a value that says nothing."""
    said = said.strip()
    if said.isascii() and said.isdecimal() and len(said) <= 7:
        return int(said) * 1000
    try:
        at = parsedate_to_datetime(said)
    except (ValueError, TypeError, IndexError):
        return None
    if at.tzinfo is None:
        at = at.replace(tzinfo=UTC)
    until = round((at - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() * 1000) - now_ms
    return max(0, until)


def short(text: object) -> str:
    """A message of the other side in one line: no control characters, not endless."""
    plain = "".join(c if c.isprintable() else " " for c in str(text)[: 4 * MESSAGE_MAX])
    return " ".join(plain.split())[:MESSAGE_MAX]
