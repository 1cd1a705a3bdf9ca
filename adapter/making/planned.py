"""What a plan keeps of each actual and each document: the elements of report.json."""

from collections.abc import Iterator
from typing import Any

from msgspec import Struct, field

from adapter.making.books import Books
from adapter.making.documents import Document, business_key
from adapter.making.drafting import assemble
from adapter.making.lined import Lined
from adapter.making.routed import Channel
from adapter.making.spool import SpooledLine
from adapter.reading.settings import Settings
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
    sent: dict[str, str] | None = None  # digest, on: where it was sent with another body
    changes: list[dict[str, str]] = field(default_factory=list)  # actual, column, sent, now


def documents_of(
    books: Books, lines: Iterator[SpooledLine]
) -> Iterator[tuple[Document, list[int], Channel]]:
    """The documents of one group with the report entries that went into each."""
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
        entries = [waiting.pop(a) for a in document.actuals if a in waiting]
        yield document, entries, CHANNEL_OF[document.kind]


def kept_document(
    group: tuple[str, ...], lines: list[Lined], settings: Settings
) -> PlannedDocument:
    """The lines of one document that were sent before and have not changed."""
    kind, company, name = group
    sums: dict[tuple[str, str], Any] = {}
    for one in lines:
        for share in one.money:
            key = (share.type, share.currency)
            sums[key] = sums.get(key, ZERO) + share.amount
    setting = settings.companies.get(company)
    return PlannedDocument(
        key=business_key("sent", *group),
        kind=kind,
        name=name or f"{company} sent before",
        company=company,
        rule=lines[0].rule,
        status="same",
        delivery=setting.delivery if setting else "",
        lines=len(lines),
        totals=[
            {"label": label, "currency": currency, "amount": f"{amount:f}"}
            for (label, currency), amount in sorted(sums.items())
        ],
        actuals=[one.line.actual for one in lines if one.line.actual is not None],
    )
