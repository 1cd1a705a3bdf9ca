"""One actual as the report tells it."""

from msgspec import Struct


class Part(Struct, kw_only=True):
    """The answer of one channel."""

    answer: str
    rule: str
    reason: str = ""
    document: str | None = None


class Entry(Struct, kw_only=True, rename={"transaction_class": "class"}):
    """One actual in the report."""

    id: str
    name: str
    company: str
    work_order: str
    project: str
    description: str
    date: str
    type: str
    transaction_class: str
    quantity: str
    amount: str
    currency: str
    status: str
    ledger: Part
    billing: Part
    findings: list[str]
