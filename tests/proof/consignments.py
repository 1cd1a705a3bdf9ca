"""Documents to send, made by seed: journals with lines, proformas with lines and details."""

import random
from decimal import Decimal
from hashlib import sha256
from uuid import NAMESPACE_URL, uuid5

from adapter.edge.ledger import Ledger, PlanNote
from adapter.edge.twin.store import TwinTable
from adapter.making.steps import Consignment, Step
from adapter.reading.json_text import json_text

COMPANIES = ("USMF", "GBSI", "DEMF")
FINANCE = (
    TwinTable(entity="Journals", keys=("dataAreaId", "SourceKey"), filled=("JournalId",)),
    TwinTable(entity="Lines", keys=("dataAreaId", "SourceActualId")),
)
DATAVERSE = (
    TwinTable(entity="invoices", keys=("invoiceid",), table="invoice"),
    TwinTable(entity="invoicedetails", keys=("invoicedetailid",), table="invoicedetail"),
)


def digest_of(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def step(key: str, number: int, part: str, entity: str, keys: dict[str, str],
         row: dict[str, object], company: str, links: dict[str, str] | None = None,
         amount: str = "") -> Step:  # fmt: skip
    body = json_text({**keys, **row})
    return Step(
        key=digest_of(key), number=number, part=part, entity=entity, keys=keys, body=body,
        digest=digest_of(body)[:16], links=links or {}, source="" if part == "header" else "x",
        actual=key if part != "header" else "", company=company, currency="USD", type="cost",
        klass="material", day="2026-11-02", amount=amount,
    )  # fmt: skip


def journal(name: str, company: str, lines: int) -> Consignment:
    steps = [step(f"{name}-head", 0, "header", "Journals",
                  {"dataAreaId": company, "SourceKey": name}, {"Description": name}, company)]
    for number in range(1, lines + 1):
        key = f"{name}-{number}"
        amount = Decimal(f"{number}.10") if number % 5 else Decimal("12345678901234567.89")
        steps.append(step(
            key, number, "line", "Lines", {"dataAreaId": company, "SourceActualId": key},
            {"Amount": amount, "LineNumber": number}, company,
            {"Journal": "JournalId"}, f"{amount:f}",
        ))  # fmt: skip
    return Consignment(document=digest_of(name), kind="journal", name=name, company=company,
                       environment="us", system="finance", delivery="odata",
                       lane=f"us|{company}|journal", steps=tuple(steps))  # fmt: skip


def guid(text: str) -> str:
    return str(uuid5(NAMESPACE_URL, text))


def proforma(name: str, company: str, lines: int) -> Consignment:
    head = guid(name)
    steps = [step(f"{name}-head", 0, "header", "invoices", {"invoiceid": head}, {"name": name},
                  company)]  # fmt: skip
    for number in range(1, lines + 1):
        key = f"{name}-{number}"
        steps.append(step(
            key, number, "line", "invoicedetails", {"invoicedetailid": guid(key)},
            {"invoiceid@odata.bind": f"/invoices({head})", "extendedamount": f"{number}.25"},
            company, amount=f"{number}.25",
        ))  # fmt: skip
    return Consignment(document=digest_of(name), kind="proforma", name=name, company=company,
                       environment="us", system="dataverse", delivery="dataverse",
                       lane=f"us|{company}|proforma", steps=tuple(steps))  # fmt: skip


def consignments(seed: int, documents: int, lines: int) -> list[Consignment]:
    """Documents of several companies, two in three of them journals."""
    chance = random.Random(f"documents {seed}")
    made = []
    for number in range(documents):
        company = chance.choice(COMPANIES)
        count = chance.randint(1, lines)
        kind = proforma if number % 3 == 2 else journal
        made.append(kind(f"d{seed}-{number}", company, count))
    return made


def entered(ledger: Ledger, made: list[Consignment], plan: str = "plan-1") -> None:
    """The documents in a ledger, ready to go."""
    ledger.note_plan(PlanNote(id=plan, as_of="2026-11-30"))
    assert ledger.enter(plan, made).conflicts == ()
