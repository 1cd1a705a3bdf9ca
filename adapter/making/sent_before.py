"""What was sent before beside a line of now: new, unchanged, or different.

A digest of today's kind decides. One of an older kind depended on how the numbers were written
(150.00 or 150.0), so the row that was sent is compared by its values instead; see
docs/decisions/same-document.md.
"""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal

from adapter.making.books import Books
from adapter.making.changed import ChangedLine, changes_of, rows_now
from adapter.making.equation import Status
from adapter.making.lined import JournalLine, Lined
from adapter.making.payloads import Renderer
from adapter.making.verdict_parts import DIGEST, digest_of
from adapter.making.workspace import BodyOf, SentLine

_NUMBER = re.compile(r" \(\d+\)$")  # of a journal within its period


class SentBefore:
    """Answers for one line after the other whether it was sent, and as what.

    `books` is asked for once, when an old digest must be looked into.
    """

    def __init__(
        self, sent: Mapping[str, SentLine], books: Callable[[], Books], renderer: Renderer,
        body_of: BodyOf,
    ) -> None:  # fmt: skip
        self.sent = sent
        self.body_of = body_of
        self._books = books
        self._renderer = renderer
        self._known: Books | None = None

    def seen(self, lined: Lined) -> tuple[Status, SentLine | None]:
        """`written` for a line that is new, `unchanged` or `different` with what was sent."""
        before = self.sent.get(lined.line.key)
        if before is None:
            return "written", None
        is_same = before.digest == digest_of(lined) or (
            not before.digest.startswith(DIGEST) and self._says_the_same(lined, before)
        )
        return ("unchanged" if is_same else "different"), before

    def _says_the_same(self, lined: Lined, before: SentLine) -> bool:
        """Whether the row that was sent has the values and the document of the line."""
        if self._known is None:
            self._known = self._books()
        one = ChangedLine(lined, before)
        rows, names = rows_now(self._known, self._renderer, [one])
        key = lined.line.key
        if key not in rows or not _is_home(before.document, names[key]):
            return False
        if self.body_of(key) is None:
            return has_money_of(lined, before)
        return not any(changes_of(one, self.body_of, rows))


def _is_home(sent: str, now: str) -> bool:
    """Whether a line still belongs to the document it was sent with: its number may differ."""
    return not sent or _NUMBER.sub("", sent) == _NUMBER.sub("", now)


def has_money_of(lined: Lined, before: SentLine) -> bool:
    """Whether a line has the money that was sent: all that retention leaves of a row."""
    line = lined.line
    if not before.amount or before.currency != line.currency:
        return False
    now = line.cost_amount + line.sales_amount if isinstance(line, JournalLine) else line.amount
    day = line.accounting_date if isinstance(line, JournalLine) else line.date
    return Decimal(before.amount) == now and before.day == ("" if day is None else str(day))
