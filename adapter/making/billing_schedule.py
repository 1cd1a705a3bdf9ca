"""What is billed by a schedule and not by usage: milestones and retainers.

A milestone that is ready and due by the cut-off goes to the proforma of each payer of its
contract line; a retainer that is ready goes to its payer's. What is not due, or already on
an invoice, is left with its reason; what cannot be placed is held (domain 5, E18, E20).
"""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from adapter.making.advances import is_invoiced
from adapter.making.books import Books
from adapter.making.documents import business_key, finding_of
from adapter.making.lined import BillingLine, Lined, Share, settle
from adapter.reading.store import Records
from adapter.values.finding import Finding
from adapter.values.money import HUNDRED, ZERO, split_by_percent
from adapter.values.project_operations import (
    Account,
    Contract,
    ContractCustomer,
    ContractLine,
    Milestone,
    Project,
    Retainer,
)

REFUSED = "refused"
ON_INVOICE = ("customer-invoice-created", "customer-invoice-posted")

HELP = {
    "PRO701": "Name the customer that pays on the contract line, or on the contract of a retainer,"
    " then plan again.",
    "PRO703": "Open the milestone on the contract line, or the retainer on the contract, and enter"
    " its amount, then plan again.",
    "PRO707": "Open Customers on the contract line and let the percentages add up to 100, then plan"
    " again.",
    "PRO723": "Add, change or delete milestones on the invoice schedule of the contract line until"
    " they come to its contracted amount, then plan again.",
}


class Scheduled(Struct, frozen=True, kw_only=True):
    """One milestone or retainer: where it goes, or why it stays."""

    kind: Literal["milestone", "retainer"]
    id: str
    name: str
    company: str
    environment: str
    amount: Decimal | None
    currency: str
    decimals: int = 2  # of the currency
    contract: str = ""  # number, or id where it has none
    project: str = ""
    status: Literal["written", "left", "held"]
    reason: str = ""
    lines: tuple[Lined, ...] = ()
    findings: tuple[Finding, ...] = ()


def schedule_of(books: Books, environment: str) -> Iterator[Scheduled]:
    """All milestones, then all retainers, of one environment, ordered by key."""
    records = books.records_of(environment)
    for milestone in records.all(Milestone):
        yield _milestone(books, environment, milestone)
    for retainer in records.all(Retainer):
        yield _retainer(books, environment, retainer)


def _milestone(books: Books, environment: str, milestone: Milestone) -> Scheduled:
    records = books.records_of(environment)
    line = records.one(ContractLine, milestone.contract_line)
    contract = records.one(Contract, milestone.contract or (line.contract if line else None))
    payers = payers_at(records, milestone.contract_line, contract)
    own = records.one(ContractCustomer, milestone.contract_customer)
    if own is not None:  # a milestone of one customer is that customer's alone
        payers = (sole_payer(own),)
    short = schedule_gap(records, line)
    return _scheduled(books, environment, milestone, contract, payers, short)


def keys_due(
    records: Records, environment: str, milestones: Iterable[Milestone],
    retainers: Iterable[Retainer],
) -> list[str]:  # fmt: skip
    """The keys of the rows in which milestones and retainers may have left, whoever of their
    contract pays: they stay what they were when it is on an invoice, or others pay by now.
    """
    due: list[Milestone | Retainer] = [*milestones, *retainers]
    found = (key for one in due for key in _keys(records, environment, one))
    return list(dict.fromkeys(found))


def _keys(records: Records, environment: str, due: Milestone | Retainer) -> Iterator[str]:
    kind = "milestone" if isinstance(due, Milestone) else "retainer"
    line = records.one(ContractLine, getattr(due, "contract_line", None))
    contract = due.contract or (line.contract if line is not None else None)
    own = records.one(ContractCustomer, due.contract_customer)
    payers = [*records.where(ContractCustomer, "contract", contract),
              *records.where(ContractCustomer, "contract_line", line.id if line else None),
              *(() if own is None else (own,))]  # fmt: skip
    return (_key(environment, kind, due.id, payer) for payer in payers)


def _key(environment: str, kind: str, due: str, payer: ContractCustomer) -> str:
    return business_key("proforma", environment, kind, due, payer.id)


def payers_at(
    records: Records, line: str | None, contract: Contract | None
) -> tuple[ContractCustomer, ...]:
    """The payers of a contract line (its id), else those of the whole contract."""
    payers = records.where(ContractCustomer, "contract_line", line)
    if payers or contract is None:
        return payers
    of_contract = records.where(ContractCustomer, "contract", contract.id)
    return tuple(p for p in of_contract if p.contract_line is None)


def schedule_gap(records: Records, line: ContractLine | None) -> str:
    """Why no milestone of a line is invoiced: its milestones do not add up (domain R-033)."""
    if line is None or line.contracted_amount is None:
        return ""
    total = sum((m.amount or ZERO for m in records.where(Milestone, "contract_line", line.id)),
                ZERO)  # fmt: skip
    if total == line.contracted_amount:
        return ""
    return f"the milestones of {line.name} come to {total}, contracted are {line.contracted_amount}"


def _retainer(books: Books, environment: str, retainer: Retainer) -> Scheduled:
    records = books.records_of(environment)
    contract = records.one(Contract, retainer.contract)
    payer = records.one(ContractCustomer, retainer.contract_customer)
    if payer is None and contract is not None and retainer.contract_customer is None:
        named = records.where(ContractCustomer, "contract", contract.id)
        payer = named[0] if len(named) == 1 else None
    alone = () if payer is None else (sole_payer(payer),)
    return _scheduled(books, environment, retainer, contract, alone)


def sole_payer(payer: ContractCustomer) -> ContractCustomer:
    """The payer as the only one: a retainer is never split."""
    return ContractCustomer(id=payer.id, contract=payer.contract, account=payer.account,
                            percent=HUNDRED, is_rounding=True)  # fmt: skip


def _scheduled(
    books: Books,
    environment: str,
    due: Milestone | Retainer,
    contract: Contract | None,
    payers: tuple[ContractCustomer, ...],
    short: str = "",
) -> Scheduled:
    kind: Literal["milestone", "retainer"] = (
        "milestone" if isinstance(due, Milestone) else "retainer"
    )
    company = books.company_of(environment, contract)
    key = due.currency or (contract.currency if contract is not None else None)
    currency = books.currency_code(environment, key)
    number = (contract.number or contract.id) if contract is not None else due.contract or ""
    project = books.records_of(environment).one(Project, getattr(due, "project", None))
    known = Scheduled(
        kind=kind, id=due.id, name=due.name or due.id, company=company, environment=environment,
        amount=due.amount, currency=currency, contract=number,
        decimals=books.rule_of(environment, currency).decimals,
        project=(project.number or project.id) if project is not None else "", status="written",
    )  # fmt: skip

    def stay(status: Literal["left", "held"], reason: str, code: str = "") -> Scheduled:
        found = (_held(known, code, reason),) if code else ()
        return replace(known, status=status, reason=reason, findings=found)

    was_invoiced = isinstance(due, Retainer) and is_invoiced(due)
    if due.invoice_status in ON_INVOICE or was_invoiced:
        return stay("left", "already on a customer invoice")
    if due.invoice_status != "ready":
        return stay("left", "not ready to invoice")
    if due.invoice_date is not None and due.invoice_date > books.as_of:
        return stay("left", f"due on {due.invoice_date}, after the cut-off {books.as_of}")
    own = books.settings.companies.get(company)
    if own is not None and own.environment != environment:
        return stay("held", f"its company lives in the environment {own.environment}")
    if books.models and books.models.get(company, REFUSED) == REFUSED:
        return stay("held", "its company runs no deployment model that is served")
    if due.amount is None:
        return stay("held", "it has no amount", "PRO703")
    if short:
        return stay("held", short, "PRO723")
    if contract is None or not payers:
        return stay("held", "nobody is named to pay it", "PRO701")
    percents = [HUNDRED if p.percent is None and len(payers) == 1 else p.percent or ZERO
                for p in payers]  # fmt: skip
    if sum(percents, ZERO) != HUNDRED:
        return stay("held", f"its payers share {sum(percents, ZERO)} percent, not 100", "PRO707")
    lines = _lines(books, environment, due, kind, company, currency, contract, payers, percents)
    return replace(known, lines=tuple(lines))


def _held(due: Scheduled, code: str, reason: str) -> Finding:
    """Why a milestone or retainer is held, with the names under which people find it."""
    of = ", ".join(part for part in (
        f"contract {due.contract}" if due.contract else "",
        f"project {due.project}" if due.project else "", due.company) if part)  # fmt: skip
    named = f"{due.kind} {due.name} of {of}" if of else f"{due.kind} {due.name}"
    return finding_of(code, due.id, f"{named}: {reason}", HELP[code],
                      ("company", due.company), ("contract", due.contract),
                      ("project", due.project), ("amount", due.amount))  # fmt: skip


def _lines(  # type: ignore[no-untyped-def]
    books, environment, due, kind, company, currency, contract, payers, percents
) -> Iterator[Lined]:
    records = books.records_of(environment)
    decimals = books.rule_of(environment, currency).decimals
    at = next((i for i, p in enumerate(payers) if p.is_rounding), None)
    amounts = split_by_percent(due.amount, percents, at, decimals)
    taxes = split_by_percent(getattr(due, "tax", None) or ZERO, percents, at, decimals)
    project = records.one(Project, getattr(due, "project", None))
    for payer, amount, tax in zip(payers, amounts, taxes, strict=True):
        account = records.one(Account, payer.account)
        line = BillingLine(
            key=_key(environment, kind, due.id, payer),
            source=kind,
            source_id=due.id,
            source_name=due.name,
            transaction_type=kind,
            company=company,
            contract=contract.id,
            contract_line=getattr(due, "contract_line", None),
            payer=payer.id,
            customer=(account.number or account.id) if account is not None else payer.account,
            project=project.number if project is not None else None,
            date=due.invoice_date,
            transaction_class=kind,
            billing_type="chargeable",
            description=due.name,
            quantity=Decimal(1),
            price=amount,
            amount=amount,
            tax=tax,
            extended=amount,
            currency=currency,
        )
        settle(line, decimals)
        yield Lined(
            kind="proforma", rule="", mapping="",
            group=("proforma", environment, company, contract.id, payer.id, currency),
            order=(line.contract_line or "~", "~" if line.date is None else line.date.isoformat(),
                   due.id),
            line=line,
            money=(Share(company, currency, kind, kind, amount),),
        )  # fmt: skip
