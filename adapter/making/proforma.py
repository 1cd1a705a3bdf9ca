"""Proforma drafts: one per contract, contract customer and currency, up to a cut-off.

One line per contract line, made even where nothing happened, with its details apart by
billing type. Totals as the CRM computes them (domain 5): a line's amount adds chargeable
details only, extended = amount - discount + fee + tax of those, the total comes after
advances. Nothing here confirms an invoice.
"""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from functools import partial

import msgspec

from adapter.making.advances import Advance, apply_advances
from adapter.making.books import Books
from adapter.making.documents import (
    Document,
    business_key,
    check_kept,
    kept_sums,
    totals_of,
    with_canonical,
)
from adapter.making.drafts import existing_draft, limit_lines
from adapter.making.lined import BillingLine, Lined, Share
from adapter.making.proforma_memo import CHARGEABLE, KINDS, UNPAID, memo_of
from adapter.values.finding import Finding, Place, shown
from adapter.values.money import ZERO
from adapter.values.project_operations import (
    Account,
    Contract,
    ContractCustomer,
    ContractLine,
)

LINES_MAX = 1000  # line details of one invoice that synchronise in real time (domain R-139)


def assemble_proforma(
    books: Books, group: tuple[str, ...], lined: Iterable[Lined]
) -> Iterator[Document]:
    """The draft of one group. `lined` come in the order of their `order`."""
    _, environment, company, contract_key, payer_key, currency = group[:6]
    given = list(lined)
    details = [one.line for one in given if isinstance(one.line, BillingLine)]
    if not details:
        return
    first = next((one for one in given if one.rule), given[0])
    advances = apply_advances(books, environment, contract_key, payer_key, currency, details)
    lines = [*contract_lines(books, environment, contract_key, details)]
    lines += [advance_line(advance) for advance in advances]
    key = business_key(*group, *(detail.key for detail in details))
    exact = partial(books.canonical, environment, currency)
    lines = [with_canonical(line, exact) for line in lines]
    for at, line in enumerate(lines, start=1):
        source = str(line["contract_line"] or line["retainer"] or "")
        line |= {"key": business_key("proforma-line", key, str(line["kind"]), source),
                 "number": at, "currency": currency}  # fmt: skip
    header = with_canonical(header_of(books, group, details), exact)
    number = header["contract_number"] or contract_key
    parts = (number, header["customer"] or payer_key, currency, *group[6:])
    name = " ".join(str(part) for part in parts)
    money = [share for one in given for share in one.money]
    keeps = kept_sums(money, shares_in(lines))
    yield Document(
        key=key,
        kind="proforma",
        name=name,
        company=company,
        environment=environment,
        rule=first.rule,
        mapping=first.mapping,
        header=header,
        lines=lines,
        totals=totals_of(sums_of(lines, currency), partial(books.canonical, environment)),
        actuals=tuple(d.actual for d in details if d.actual is not None),
        schedule=tuple(d.source_id for d in details if d.source in ("milestone", "retainer")
                       and d.actual is None),
        memo=with_canonical(memo_of(details, advances), exact),
        keeps=keeps,
        findings=(*check_kept(name, keeps), *_too_many(name, len(details))),
    )  # fmt: skip


def contract_lines(
    books: Books, environment: str, contract: str, details: Sequence[BillingLine]
) -> Iterator[dict[str, object]]:
    """A line for each project-based contract line and for what has no contract line."""
    records = books.records_of(environment)
    by_line: dict[str | None, list[BillingLine]] = {}
    for detail in details:
        by_line.setdefault(detail.contract_line, []).append(detail)
    for line in records.where(ContractLine, "contract", contract):
        mine = by_line.pop(line.id, [])
        if mine or line.line_type in (None, "project-based"):
            limits = limit_lines(records, line, sums_chargeable(mine))
            yield _line(line.id, line.name, line.billing_method, mine, limits)
    for key, rest in by_line.items():
        found = records.one(ContractLine, key)
        yield _line(key, found.name if found is not None else None,
                    found.billing_method if found is not None else None, rest, [])  # fmt: skip


def _line(
    key: str | None,
    name: str | None,
    method: str | None,
    details: Sequence[BillingLine],
    limits: list[dict[str, object]],
) -> dict[str, object]:
    paid = [d for d in details if d.billing_type == CHARGEABLE]
    extended = sum((d.extended for d in paid), ZERO)
    tax = sum((d.tax for d in paid), ZERO)
    return {
        "kind": "contract-line",
        "contract_line": key,
        "name": name,
        "billing_method": method,
        "amount": sum((d.amount for d in paid), ZERO),
        "discount": sum((d.discount_amount for d in paid), ZERO),
        "fee": sum((d.fee_amount for d in paid), ZERO),
        "tax": tax,
        "extended": extended + tax,
        "non_chargeable": sum((d.amount for d in details if d.billing_type in UNPAID), ZERO),
        "complimentary": sum((d.amount for d in details if d.billing_type == KINDS[2]), ZERO),
        "not_to_exceed": limits,
        "details": [values_of(d) for d in sorted(details, key=_by_kind)],
        "retainer": None,
        "available": None,
        "applied": None,
    }




def _by_kind(detail: BillingLine) -> tuple[int, str, str]:
    at = KINDS.index(detail.billing_type) if detail.billing_type in KINDS else len(KINDS)
    return (at, "~" if detail.date is None else detail.date.isoformat(), detail.source_id)


def values_of(detail: BillingLine) -> dict[str, object]:
    """A detail as source values, with the group it stands in."""
    values = msgspec.structs.asdict(detail)
    at = detail.billing_type if detail.billing_type in KINDS else "not-available"
    return {"kind": at, **values}


def advance_line(advance: Advance) -> dict[str, object]:
    """A retainer applied: takes from the invoice, never more than it has or owes."""
    return {
        "kind": "advance",
        "contract_line": None,
        "name": advance.name,
        "billing_method": None,
        "amount": -advance.applied,
        "discount": ZERO,
        "fee": ZERO,
        "tax": ZERO,
        "extended": -advance.applied,
        "non_chargeable": ZERO,
        "complimentary": ZERO,
        "not_to_exceed": [],
        "details": [],
        "retainer": advance.retainer,
        "available": advance.available,
        "applied": advance.applied,
    }


def sums_chargeable(details: Iterable[BillingLine]) -> Decimal:
    """What the chargeable details add to a line, before tax."""
    return sum((d.extended for d in details if d.billing_type == CHARGEABLE), ZERO)


def sums_of(
    lines: Sequence[dict[str, object]], currency: str
) -> Iterator[tuple[str, str, Decimal]]:
    """Totals: amount, discount, fee, tax, advance, and the total after all of them."""

    def sum_of(field: str, *kinds: str) -> Decimal:
        return sum((_number(x[field]) for x in lines if x["kind"] in kinds), ZERO)

    for field in ("amount", "discount", "fee", "tax"):
        yield field, currency, sum_of(field, "contract-line")
    yield "advance", currency, sum_of("amount", "advance")
    yield "total", currency, sum_of("extended", "contract-line", "advance")


def _number(value: object) -> Decimal:
    assert isinstance(value, Decimal)
    return value


def shares_in(lines: Sequence[dict[str, object]]) -> Iterator[Share]:
    """The money that the details of a document carry, read back from its lines."""
    for line in lines:
        details = line["details"]
        assert isinstance(details, list)
        for d in details:
            yield Share(d["company"], d["currency"], d["transaction_type"],
                        d["transaction_class"] or "", d["amount"])  # fmt: skip


def header_of(
    books: Books, group: tuple[str, ...], details: Sequence[BillingLine]
) -> dict[str, object]:
    """Who is billed, under which contract, up to when, and the draft it is added to."""
    _, environment, company, contract_key, payer_key, currency = group[:6]
    records = books.records_of(environment)
    contract = records.one(Contract, contract_key)
    payer = records.one(ContractCustomer, payer_key)
    account = records.one(Account, payer.account) if payer is not None else None
    customer = (account.number or account.id) if account is not None else details[0].customer
    draft = existing_draft(books, environment, contract_key, account, customer, currency)
    return {
        "environment": environment,
        "company": company,
        "contract": contract_key or None,
        "contract_number": contract.number if contract is not None else None,
        "contract_name": contract.name if contract is not None else None,
        "payer": payer.id if payer is not None else None,
        "customer": customer,
        "customer_id": account.id if account is not None else None,
        "customer_name": account.name if account is not None else None,
        "currency": currency,
        "currency_id": books.currency_id(environment, currency),
        "cut_off": books.as_of,
        "project": _only({d.project for d in details}),
        "existing_draft": draft["number"] if draft else None,
        "existing_draft_id": draft["id"] if draft else None,
        "existing_draft_lines": draft["lines"] if draft else 0,
        "existing_draft_amount": draft["amount"] if draft else ZERO,
        "price_list": _only({d.price_list for d in details}),
    }


def _only(values: set[str | None]) -> str | None:
    return next(iter(values)) if len(values) == 1 else None


def _too_many(name: str, count: int) -> tuple[Finding, ...]:
    if count <= LINES_MAX:
        return ()
    return (
        Finding(
            code="PRO702",
            level="warning",
            message=f"{shown(name)} has {count} line details, more than {LINES_MAX}",
            place=Place(name),
            help="Invoice more often, or turn on asynchronous synchronisation of invoices.",
            values=(("lines", str(count)),),
        ),
    )
