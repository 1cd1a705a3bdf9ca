"""Integration journals: headers by company and period, filled in a fixed order.

A header takes at most 200 lines unless the company says otherwise (domain R-164); what is
more opens the next one. What was sent before is not among the lines any more, so late
actuals open a new header and never move others (domain R-160). People post journals; this
only proposes them.
"""

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from functools import partial

import msgspec

from adapter.deciding.ledger_terms import period_start
from adapter.making.books import Books
from adapter.making.documents import (
    Document,
    business_key,
    check_kept,
    kept_sums,
    totals_of,
)
from adapter.making.fee_lines import source_of
from adapter.making.lined import JournalLine, Lined, Share
from adapter.values.finance import LegalEntity
from adapter.values.finding import Finding, Place, shown

_NUMBER = re.compile(r"\((\d{1,9})\)$")
LINES_PER_HEADER = 200  # Limit the integration journal lines per header (domain R-164)


def assemble_journals(
    books: Books, group: tuple[str, ...], lined: Iterable[Lined]
) -> Iterator[Document]:
    """The journals of one company and period. `lined` come in the order of their `order`.

    At most one header's lines are held at a time.
    """
    limit = lines_per_header(books, environment=group[1], company=group[2])
    number, taken, pending = 0, 0, list[Lined]()
    for one in lined:
        size = 1 + len(one.beside)  # a fee stands in the journal of its sale
        if pending and taken + size > limit:
            number = _next_number(books, group, number)
            yield _journal(books, group, number, pending)
            taken, pending = 0, []
        pending.append(one)
        taken += size
    if pending:
        yield _journal(books, group, _next_number(books, group, number), pending)


def journal_again(
    books: Books, group: tuple[str, ...], lined: list[Lined], name: str
) -> Document:
    """The journal that was sent with these lines, with the number that its name says."""
    said = _NUMBER.search(name)
    return _journal(books, group, int(said[1]) if said else 0, lined)


def _next_number(books: Books, group: tuple[str, ...], number: int) -> int:
    """The next number in the period that no journal has which was sent before."""
    number += 1
    while name_of(group, number) in books.names_taken:
        number += 1
    return number


def name_of(group: tuple[str, ...], number: int) -> str:
    """What people call the journal: company, period, what a rule divides by, and its number."""
    _, _, company, _, _, *parts = group
    return " ".join((company, *parts, f"({number})"))


def lines_per_header(books: Books, environment: str, company: str) -> int:
    """The company's limit: the workspace's word, else Finance's parameter, else 200."""
    setting = books.settings.companies.get(company)
    if setting is not None and setting.lines_per_header:
        return setting.lines_per_header
    entity = books.finance_of(environment).one(LegalEntity, company)
    if entity is not None and entity.lines_per_header:
        return entity.lines_per_header
    return LINES_PER_HEADER


def _journal(books: Books, group: tuple[str, ...], number: int, lined: list[Lined]) -> Document:
    _, environment, company, mapping, unit, period = group[:6]
    lines, rows = list[JournalLine](), list[dict[str, object]]()
    for line, is_fee in _lines_of(lined):
        lines.append(line)
        rows.append({"number": len(lines), "source": source_of(line, is_fee),
                     **msgspec.structs.asdict(line)})  # fmt: skip
    name = name_of(group, number)
    keeps = kept_sums([s for one in lined for s in one.money], _shares_in(lined))
    entity = books.finance_of(environment).one(LegalEntity, company)
    first = lines[0]
    return Document(
        key=business_key(*group, *(line.key for line in lines)),
        kind="journal",
        name=name,
        company=company,
        environment=environment,
        rule=lined[0].rule,
        mapping=mapping,
        header={
            "environment": environment,
            "company": company,
            "company_name": entity.name if entity is not None else None,
            "period_unit": unit,
            "period": period,
            "period_start": period_start(period),
            "number": number,
            "currency": first.accounting_currency,
            "accounting_date_first": min(line.accounting_date for line in lines),
            "accounting_date_last": max(line.accounting_date for line in lines),
            "description": f"Actuals {period}",
            "lines": len(lines),
        },
        lines=rows,
        totals=totals_of(_sums(lines), partial(books.canonical, environment)),
        actuals=tuple(one.line.actual for one in lined if one.line.actual is not None),
        memo={"discount_apart": sum((line.discount_amount for line in lines[1:]),
                                    first.discount_amount)},
        keeps=keeps,
        findings=(*check_kept(name, keeps), *check_sides(name, lines)),
    )  # fmt: skip


def _sums(lines: list[JournalLine]) -> Iterator[tuple[str, str, Decimal]]:
    """Cost and sales in their own currencies, then in the accounting currency."""
    for line in lines:
        yield line.side, line.currency, line.cost_amount + line.sales_amount
    for line in lines:
        if line.accounting_amount is not None:
            yield f"{line.side} accounting", line.accounting_currency or "", line.accounting_amount


def _shares_in(lined: list[Lined]) -> Iterator[Share]:
    """The money of the lines, with the discount that net posting took from them."""
    shares = (share for one in lined for share in one.money)
    for (line, _), share in zip(_lines_of(lined), shares, strict=True):
        amount = line.cost_amount + line.sales_amount + line.discount_deducted
        yield Share(share.company, line.currency, share.type, share.klass, amount)


def _lines_of(lined: list[Lined]) -> Iterator[tuple[JournalLine, bool]]:
    """The lines in their order, each with whether it is a fee that stands beside another."""
    for one in lined:
        assert isinstance(one.line, JournalLine)
        yield one.line, False
        for fee in one.beside:
            yield fee, True


def check_sides(name: str, lines: Iterable[JournalLine]) -> tuple[Finding, ...]:
    """JNL701 for a line that carries both cost and sales, or an amount on the wrong side."""
    return tuple(
        Finding(
            code="JNL701",
            level="error",
            message=f"{shown(name)}: the line of actual {shown(line.actual)} has cost "
            f"{line.cost_amount} and sales {line.sales_amount}",
            place=Place(name),
            help="report this as a fault of fieldledger; the journal is not sent",
            record=line.actual,
        )
        for line in lines
        if (line.sales_amount if line.side == "cost" else line.cost_amount) != 0
    )
