"""Facts of the ledger: period, accounting day, rate, category, line property, connections."""

from datetime import date
from decimal import Decimal

from adapter.deciding.carriers import CARRIED, STATES, map_of, map_state
from adapter.deciding.dossier import Dossier
from adapter.deciding.facts import PER_COMPANY, fact
from adapter.deciding.fold import Fold
from adapter.deciding.ledger_terms import (
    accounting_day,
    awaits_ledger,
    exchange_rate,
    line_property_of,
    period_of,
    period_unit_of,
    resolved_category,
)
from adapter.values.actuals import Actual, Connection
from adapter.values.finance import DualWriteMap, FiscalPeriod, IntercompanyPair, ProjectCategory
from adapter.values.project_operations import Company


@fact("actual.period", "text", "journal period of the accounting date, by the period unit",
      "2026-11", source="domain R-160")  # fmt: skip
def actual_period(d: Dossier, _fold: Fold) -> str | None:
    day = _posted_on(d) or d.day
    return None if day is None else period_of(day, period_unit_of(d))


@fact("actual.accounting_day", "day", "ledger date; the next open period's first day if it moves",
      "2026-11-14", source="domain R-162")  # fmt: skip
def actual_accounting_day(d: Dossier, _fold: Fold) -> date | None:
    return _posted_on(d)


def _posted_on(d: Dossier) -> date | None:
    day = d.actual.accounting_date or d.day
    return None if day is None else accounting_day(d, day)


@fact("actual.awaits_ledger", "flag", "Finance has yet to get it: no voucher, line or Skip Sync",
      "yes", source="domain R-158, R-159")  # fmt: skip
def actual_awaits_ledger(d: Dossier, _fold: Fold) -> bool:
    return awaits_ledger(d)


@fact("period.status", "choice", "status of the ledger period of the transaction date", "open",
      choices=("open", "on-hold", "closed", "no-access", "none", "not-read"),
      source="domain R-162")  # fmt: skip
def period_status(d: Dossier, _fold: Fold) -> str:
    day = d.actual.accounting_date or d.day
    key = ("period status", d.code, day)
    if key not in d.shared:
        d.shared[key] = _period_status(d, day)
    said: str = d.shared[key]
    return said


def _period_status(d: Dossier, day: date | None) -> str:
    periods = d.finance_records.where(FiscalPeriod, "company", d.code)
    if not periods or day is None:
        return "not-read"
    for period in periods:
        if (period.start or date.max) <= day <= (period.finish or date.min):
            is_shut = period.status == "open" and period.project_access == "none"
            return "no-access" if is_shut else period.status or "none"
    return "none"


@fact("period.moves", "flag", "the accounting date moves to another day", "no",
      source="domain R-162")  # fmt: skip
def period_moves(d: Dossier, _fold: Fold) -> bool:
    day = _posted_on(d)
    return day is not None and day != (d.actual.accounting_date or d.day)


@fact("rate.value", "number", "units of the company's currency for one of the actual's", "1.25",
      source="domain R-161, G12")  # fmt: skip
def rate_value(d: Dossier, _fold: Fold) -> Decimal | None:
    day = d.actual.accounting_date or d.day
    return None if day is None else exchange_rate(d, day)


@fact("rate.is_needed", "flag", "the actual is not in the company's accounting currency", "no",
      source="domain R-161")  # fmt: skip
def rate_is_needed(d: Dossier, _fold: Fold) -> bool:
    home = (d.finance.currency if d.finance else None) or (
        d.setting.currency if d.setting else None
    )
    return d.currency is not None and home is not None and d.currency.code != home


@fact("category.resolved", "text", "project category of the journal line, defaults included",
      "ITEM", source="domain R-163")  # fmt: skip
def category_resolved(d: Dossier, _fold: Fold) -> str | None:
    return resolved_category(d)


@fact("category.in_finance", "flag", "Finance has the resolved project category", "yes",
      source="domain R-163, R-175")  # fmt: skip
def category_in_finance(d: Dossier, _fold: Fold) -> bool:
    name = resolved_category(d)
    return name is not None and (
        d.finance_records.one(ProjectCategory, f"{d.code}|{name}") is not None
    )


@fact("line_property.name", "text", "line property of the actual's billing type in Finance",
      "Charge", source="domain R-008")  # fmt: skip
def line_property_name(d: Dossier, _fold: Fold) -> str | None:
    return line_property_of(d)


def _map_fact(name: str, table: str, what: str) -> None:
    @fact(name, "choice", f"state of the dual-write map that carries {what}", "running",
          group=PER_COMPANY, choices=STATES, source="domain 6.4b")  # fmt: skip
    def read(d: Dossier, _fold: Fold) -> str | None:
        return map_state((d.records, d.finance_records), table)


def state_of_map(d: Dossier, table: str) -> DualWriteMap | None:
    """The dual-write map of a table, from the rows of Dataverse or of Finance."""
    return map_of((d.records, d.finance_records), table)


for _name, _table in (("actuals", "msdyn_actuals"), ("invoices", "invoices"),
                      ("connections", "msdyn_transactionconnections"),
                      ("usages", "msdyn_materialusagelogs"),
                      ("milestones", "msdyn_contractlinescheduleofvalues")):  # fmt: skip
    _map_fact(f"dual_write.{_name}", _table, CARRIED[_table])


@fact("connection.has_pair", "flag",
      "a transaction connection names the actual; none when no connection was read at all", "yes",
      source="domain 4.4")  # fmt: skip
def connection_has_pair(d: Dossier, _fold: Fold) -> bool | None:
    if d.connections:
        return True
    if "connections read" not in d.shared:
        d.shared["connections read"] = any(True for _ in d.records.all(Connection))
    return False if d.shared["connections read"] else None


@fact("reversal.is_linked", "flag", "a transaction connection names the actual it reverses", "yes",
      source="domain 4.4")  # fmt: skip
def reversal_is_linked(d: Dossier, _fold: Fold) -> bool:
    return d.original is not None


@fact("reversal.keeps_amount", "flag", "the reversal takes back exactly what the original said",
      "yes", source="domain 4.2")  # fmt: skip
def reversal_keeps_amount(d: Dossier, _fold: Fold) -> bool | None:
    if d.original is None or d.original.amount is None or d.actual.amount is None:
        return None
    return d.original.amount == -d.actual.amount


@fact("reversal.count", "whole", "how many reversals of the same original there are", "1",
      source="domain 4.3: nothing is reversed twice")  # fmt: skip
def reversal_count(d: Dossier, _fold: Fold) -> int | None:
    if d.original is None:
        return None
    roles = [(role or "").casefold() for role, _ in connected(d, d.original.id)]
    return roles.count("reversing")


def connected(d: Dossier, key: str) -> list[tuple[str | None, str | None]]:
    """Role and id of the other side of every connection of an actual."""
    first = d.records.where(Connection, "first", key)
    second = d.records.where(Connection, "second", key)
    return [(c.second_role, c.second) for c in first] + [(c.first_role, c.first) for c in second]


@fact("billed.unbilled_is_posted", "flag",
      "the unbilled sales actual behind a billed one is posted in Finance", "yes",
      source="domain R-167")  # fmt: skip
def billed_unbilled_is_posted(d: Dossier, _fold: Fold) -> bool | None:
    behind = unbilled_behind(d)
    return bool(behind[0].voucher) if behind else None


def unbilled_behind(d: Dossier) -> list[Actual]:
    """The unbilled sales that a billed one was invoiced from, by transaction connections."""
    if d.actual.transaction_type != "billed-sales":
        return []
    found = (d.records.one(Actual, key) for role, key in connected(d, d.actual.id)
             if (role or "").casefold() == "unbilled sales")  # fmt: skip
    return [one for one in found if one is not None]


@fact("intercompany.company", "text", "company that lends the resource", "GBSI",
      source="domain R-044")  # fmt: skip
def intercompany_company(d: Dossier, _fold: Fold) -> str | None:
    return _lender(d)


def _lender(d: Dossier) -> str | None:
    key = d.actual.resourcing_company or (d.resource.company if d.resource else None)
    company = d.records.one(Company, key)
    return company.code.upper() if company is not None and company.code else None


@fact("intercompany.differs", "flag", "the resource belongs to another company", "no",
      source="domain R-044")  # fmt: skip
def intercompany_differs(d: Dossier, _fold: Fold) -> bool:
    code = _lender(d)
    return code is not None and d.code is not None and code != d.code


@fact("intercompany.pair_found", "flag", "Finance has lending and borrowing set up for the pair",
      "yes", source="domain R-044")  # fmt: skip
def intercompany_pair_found(d: Dossier, _fold: Fold) -> bool:
    pairs = d.finance_records.where(IntercompanyPair, "lending", _lender(d))
    return any(pair.borrowing == d.code for pair in pairs)


@fact("unit.in_finance", "flag", "the unit has a symbol that Finance knows", "yes", group="unit",
      source="domain R-175")  # fmt: skip
def unit_in_finance(d: Dossier, _fold: Fold) -> bool:
    return d.unit is not None and bool(d.unit.symbol)


@fact("actual.is_before_cut_off", "flag",
      "dated on or before the beginning balance cut-off of the company", "no",
      source="domain R-173")  # fmt: skip
def actual_is_before_cut_off(d: Dossier, _fold: Fold) -> bool:
    cut_off = d.finance.beginning_balance_cut_off if d.finance is not None else None
    return cut_off is not None and d.day is not None and d.day <= cut_off


@fact("actual.is_due", "flag", "its day is not after the cut-off of the plan", "yes",
      source="domain R-133")  # fmt: skip
def actual_is_due(d: Dossier, _fold: Fold) -> bool:
    as_of = d.settings.as_of
    return d.day is None or as_of is None or d.day <= as_of
