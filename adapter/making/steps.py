"""What is to be done on the other side: one step per row, one consignment per document.

A step carries its row as the exact text that is sent, the columns that make it the same row
twice, and the money it stands for. It is made once, by a plan; sending never builds it again.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from hashlib import sha256
from typing import Any, Literal

from msgspec import Struct

from adapter.making.documents import Document
from adapter.making.outlet import Outlet, line_key
from adapter.making.payload import DETAILS, HEADER, LINES
from adapter.reading.json_text import json_text
from adapter.reading.out_mapping import OutMapping

# planned -> intended (before the first byte leaves) -> sent | refused | unknown -> settled
State = Literal["planned", "intended", "sent", "refused", "unknown", "settled"]
STATES: tuple[State, ...] = ("planned", "intended", "sent", "refused", "unknown", "settled")
DONE: tuple[State, ...] = ("sent", "settled")  # certainly there
UNDONE: tuple[State, ...] = ("planned", "refused")  # certainly had no effect
Part = Literal["header", "line", "detail"]
System = Literal["finance", "dataverse"]
RowOf = tuple[Part, dict[str, Any], OutMapping, str, str, Mapping[str, object]]
DIGEST_LENGTH = 16
FINANCE_KINDS = ("journal", "invoice-proposal", "on-account")


class Step(Struct, frozen=True, kw_only=True, gc=False):  # holds texts only
    """One row that must exist on the other side, exactly once.

    `amount` is a decimal as text in `currency`, "" for a header; `day` an ISO company date.
    """

    key: str  # business key: the same row for ever
    number: int  # 0 the header, then lines and details in order
    part: Part
    entity: str  # entity set
    keys: dict[str, str]  # key columns and their values
    body: str  # the row as JSON text, numbers with all their digits
    digest: str  # of the body
    links: dict[str, str] = {}  # column of this row <- column of the header's answer
    source: str = ""  # digest of our own line, which the next plan compares
    actual: str = ""
    company: str = ""
    currency: str = ""
    type: str = ""  # side of a journal line (cost, sales), transaction type of another
    klass: str = ""  # transaction class
    day: str = ""
    amount: str = ""


class Consignment(Struct, frozen=True, kw_only=True):
    """One document on its way. Consignments of one lane keep their order."""

    document: str  # key of the document
    kind: str
    name: str
    company: str
    environment: str
    system: System
    delivery: str  # validate-only, files, odata, dataverse
    lane: str
    steps: tuple[Step, ...]


class Receipt(Struct, frozen=True, kw_only=True, gc=False):  # holds texts only
    """What the other side said about one step.

    `planned` means: certainly not done, it may be sent again. `unknown`: it may have been
    done; only asking by key can tell.
    """

    key: str
    state: Literal["sent", "refused", "unknown", "planned"]
    reference: str = ""  # what the other side calls the row
    answer: dict[str, str] = {}  # columns that rows below are linked by
    code: str = ""
    message: str = ""
    park: str = ""  # why a person must look at it, although it is there
    retry_after_ms: int | None = None  # throttled: wait, and it costs no attempt


def consign(
    document: Document, payload: Mapping[str, object], outlet: Outlet, delivery: str,
    sources: Mapping[str, str],
) -> Consignment:  # fmt: skip
    """The steps of a rendered document. `sources` are digests of our lines by their key.

    The rows of the payload stand in the order of the document's lines, which the check of
    the payload has proven (MAP530, MAP531).
    """
    system: System = "finance" if document.kind in FINANCE_KINDS else "dataverse"
    steps: list[Step] = []
    for part, row, mapping, key, entity, of in rows_of(document, payload, outlet):
        fields = {n: v for n, v in row.items() if n != DETAILS}
        body = json_text(fields)
        steps.append(Step(
            key=key, number=len(steps), part=part, entity=entity,
            keys={name: _text(fields.get(name)) for name in mapping.key},
            body=body, digest=sha256(body.encode()).hexdigest()[:DIGEST_LENGTH],
            links=dict(mapping.links), source=sources.get(key, ""),
            actual=_text(of.get("actual")), company=document.company,
            currency=_text(of.get("currency")),
            type=_text(of.get("side") or of.get("transaction_type")),
            klass=_text(of.get("transaction_class") or of.get("transaction_type")),
            day=_text(of.get("accounting_date") or of.get("date")), amount=_amount_of(of),
        ))  # fmt: skip
    return Consignment(
        document=document.key, kind=document.kind, name=document.name, company=document.company,
        environment=document.environment, system=system, delivery=delivery,
        lane=f"{document.environment}|{document.company}|{document.kind}", steps=tuple(steps),
    )  # fmt: skip


def rows_of(document: Document, payload: Mapping[str, Any], outlet: Outlet) -> Iterator[RowOf]:
    """Each row of a payload in the order of its steps: part, row, mapping, key, set, and the
    line or detail of the document that it is made of (empty for what is above those).
    """
    assert outlet.header_mapping is not None
    yield ("header", payload[HEADER], outlet.header_mapping, document.key, outlet.header_set, {})
    for line, row in zip(document.lines, payload[LINES], strict=True):
        is_leaf = outlet.details is None
        key = _text(line.get("key")) or line_key(document, line)
        yield ("line", row, outlet.mapping, key, outlet.line_set, line if is_leaf else {})
        details = line.get(DETAILS)
        if outlet.details is None or not isinstance(details, list):
            continue
        for detail, below in zip(details, row.get(DETAILS, []), strict=True):
            yield ("detail", below, outlet.details, _text(detail["key"]), outlet.detail_set, detail)


def _amount_of(line: Mapping[str, object]) -> str:
    """The money of the actual: cost or sales of a journal line, the amount of another."""
    if "amount" in line:
        return _text(line["amount"])
    sides = [v for n in ("cost_amount", "sales_amount") if isinstance(v := line.get(n), Decimal)]
    return _text(sum(sides, Decimal(0))) if sides else ""


def _text(value: object) -> str:
    if value is None:
        return ""
    return f"{value:f}" if isinstance(value, Decimal) else str(value)
