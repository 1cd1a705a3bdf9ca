"""What a plan keeps of each actual and each document: the elements of report.json."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from msgspec import Struct, field

from adapter.making.books import Books
from adapter.making.documents import Document, Total
from adapter.making.drafting import assemble
from adapter.making.lined import Lined
from adapter.making.routed import Channel
from adapter.making.spool import SpooledLine
from adapter.values.money import ZERO

CHANNEL_OF: dict[str, Channel] = {
    "journal": "ledger",
    "invoice-proposal": "ledger",
    "on-account": "ledger",
    "proforma": "billing",
}


class PlannedDocument(Struct, kw_only=True):
    """One document with its payload, or one that was sent before and stays."""

    key: str
    kind: str
    name: str
    company: str
    rule: str
    status: str  # new, same, different, held
    delivery: str
    lines: int
    totals: list[dict[str, str]]
    header: dict[str, Any] = field(default_factory=dict)
    payload: Any = None
    digest: str = ""
    actuals: list[str] = field(default_factory=list)
    schedule: list[str] = field(default_factory=list)
    memo: dict[str, Any] = field(default_factory=dict)
    findings: list[str] = field(default_factory=list)
    sent: dict[str, str] | None = None  # digest, on: where it was sent before
    changes: list[dict[str, str]] = field(default_factory=list)  # actual, column, sent, now
    personal: dict[str, Any] = field(default_factory=dict)  # columns, digest: who is named in it

    @property
    def is_expected(self) -> bool:
        """Whether it is new, and others make it."""
        return self.status == "new" and self.delivery == "validate-only"


def documents_of(
    books: Books, lines: Iterator[SpooledLine]
) -> Iterator[tuple[Document, dict[str, int], Channel]]:
    """The documents of one group with the report entries of the actuals that went into each."""
    waiting: dict[str, int] = {}
    first = next(lines, None)
    if first is None:
        return
    group = first.line.group

    def lined() -> Iterator[Lined]:
        line: SpooledLine | None = first
        while line is not None:
            one = line.line
            if line.entry >= 0 and one.line.actual is not None:
                waiting[one.line.actual] = line.entry
            yield one
            line = next(lines, None)

    for document in assemble(books, group, lined()):
        entries = {a: waiting.pop(a) for a in document.actuals if a in waiting}
        yield document, entries, CHANNEL_OF[document.kind]


def totals_text(totals: Iterable[Total]) -> list[dict[str, str]]:
    """Totals as a report writes them; those of one label and currency as one."""
    sums: dict[tuple[str, str], Decimal] = {}
    for t in totals:
        sums[t.label, t.currency] = sums.get((t.label, t.currency), ZERO) + t.amount
    return [
        {"label": label, "currency": currency, "amount": f"{amount:f}"}
        for (label, currency), amount in sums.items()
    ]
