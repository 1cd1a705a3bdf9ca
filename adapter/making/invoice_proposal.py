"""Invoice proposals and on-account documents: what Finance invoices from billed sales.

Billed sales never become journal lines (domain 6.1). An invoice proposal collects the
billed sales of one confirmed proforma and has its number; milestones and retainers are
on-account transactions.
"""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from functools import partial

import msgspec

from adapter.making.books import Books
from adapter.making.documents import (
    Document,
    business_key,
    check_kept,
    kept_sums,
    totals_of,
)
from adapter.making.lined import BillingLine, Lined, Share
from adapter.values.money import ZERO
from adapter.values.project_operations import Account, Contract, ContractCustomer


def assemble_billed(
    books: Books, group: tuple[str, ...], lined: Iterable[Lined]
) -> Iterator[Document]:
    """The document of one proforma (invoice proposal) or of one payer (on account)."""
    kind, environment, company, contract_key, payer_key, currency, invoice = group[:7]
    given = list(lined)
    details = [one.line for one in given if isinstance(one.line, BillingLine)]
    if not details:
        return
    records = books.records_of(environment)
    contract = records.one(Contract, contract_key)
    payer = records.one(ContractCustomer, payer_key)
    account = records.one(Account, payer.account) if payer is not None else None
    number = contract.number if contract is not None and contract.number else contract_key
    name = invoice or f"{number} {currency}"
    keeps = kept_sums([s for one in given for s in one.money], _shares_in(details))
    yield Document(
        key=business_key(*group, *(detail.key for detail in details)),
        kind=kind,
        name=name,
        company=company,
        environment=environment,
        rule=given[0].rule,
        mapping=given[0].mapping,
        header={
            "environment": environment,
            "company": company,
            "contract": contract_key or None,
            "contract_number": number,
            "payer": payer.id if payer is not None else None,
            "customer": details[0].customer,
            "customer_name": account.name if account is not None else None,
            "currency": currency,
            "invoice": invoice or None,
            "lines": len(details),
        },
        lines=[{"number": at, **msgspec.structs.asdict(line)}
               for at, line in enumerate(details, start=1)],
        totals=totals_of(_sums(details), partial(books.canonical, environment)),
        actuals=tuple(d.actual for d in details if d.actual is not None),
        keeps=keeps,
        findings=check_kept(name, keeps),
    )  # fmt: skip


def _sums(details: list[BillingLine]) -> Iterator[tuple[str, str, Decimal]]:
    for d in details:
        paid = d.billing_type == "chargeable"
        yield "amount", d.currency, d.amount if paid else ZERO
        yield "discount", d.currency, d.discount_amount
        yield "fee", d.currency, d.fee_amount
        yield "tax", d.currency, d.tax
        yield "total", d.currency, d.extended + d.tax if paid else ZERO


def _shares_in(details: list[BillingLine]) -> Iterator[Share]:
    for d in details:
        yield Share(d.company, d.currency, d.transaction_type, d.transaction_class or "", d.amount)
