"""Facts of contracts: lines, payers, classes included, price lists, milestones."""

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal

from adapter.deciding.dossier import Dossier
from adapter.deciding.facts import fact
from adapter.deciding.fold import Fold
from adapter.values.field_service import PriceList
from adapter.values.money import HUNDRED, ZERO
from adapter.values.project_operations import (
    Account,
    Company,
    ContractCustomer,
    ContractLine,
    ContractPriceList,
    Currency,
    InvoiceSchedule,
    Milestone,
)

INCLUDES = {
    "time": "includes_time", "expense": "includes_expense", "material": "includes_material",
    "fee": "includes_fee",
}  # fmt: skip
BILLING_METHODS = ("time-and-material", "fixed-price")


def lines_of(d: Dossier) -> tuple[ContractLine, ...]:
    """The lines of the contract."""
    return () if d.contract is None else d.records.where(ContractLine, "contract", d.contract.id)


def payers_of(d: Dossier) -> tuple[ContractCustomer, ...]:
    """The payers of the contract line: its own, or those of its whole contract.

    Unlike the payers of an actual they depend on the line's record alone.
    """
    line = d.contract_line
    if line is None:
        return ()
    found = d.records.where(ContractCustomer, "contract_line", line.id)
    every = found or d.records.where(ContractCustomer, "contract", line.contract)
    return found or tuple(p for p in every if p.contract_line is None)


@fact("contract.project_lines", "whole",
      "project-based lines with billing method time and material or fixed price, none when no"
      " line of the contract was read", "1",
      group="contract", source="domain R-012")  # fmt: skip
def contract_project_lines(d: Dossier, _fold: Fold) -> int | None:
    found = lines_of(d)
    return sum(
        line.line_type == "project-based" and line.billing_method in BILLING_METHODS
        for line in found
    ) if found else None  # fmt: skip


@fact("contract.lines_overlap", "flag",
      "two lines include the same project and class for all tasks", "no",
      group="contract", source="domain R-029")  # fmt: skip
def contract_lines_overlap(d: Dossier, _fold: Fold) -> bool:
    seen: Counter[tuple[str | None, str]] = Counter()
    has_all: set[tuple[str | None, str]] = set()
    for line in lines_of(d):
        for name in INCLUDES.values():
            if getattr(line, name):
                key = (line.project, name)
                seen[key] += 1
                if line.included_tasks != "selected-tasks":
                    has_all.add(key)
    return any(count > 1 and key in has_all for key, count in seen.items())


@fact("contract.has_price_list_on_date", "flag",
      "a price list of the contract is in force on the transaction date", "yes",
      source="domain R-186")  # fmt: skip
def contract_has_price_list_on_date(d: Dossier, _fold: Fold) -> bool | None:
    if d.contract is None or d.day is None:
        return None
    for row in d.records.where(ContractPriceList, "contract", d.contract.id):
        found = d.records.one(PriceList, row.price_list)
        if found is not None and (found.start is None or found.start <= d.day) and (
            found.finish is None or d.day <= found.finish
        ):
            return True
    return False


@fact("contract.currency_code", "text", "ISO code of the contract currency", "USD",
      group="contract", source="domain R-073")  # fmt: skip
def contract_currency_code(d: Dossier, _fold: Fold) -> str | None:
    currency = d.records.one(Currency, d.contract.currency) if d.contract is not None else None
    return currency.code if currency is not None else None


@fact("contract.customers_include_billing_account", "flag",
      "the work order's billing account is a customer of the contract or of its lines; none"
      " when no customer of the contract was read", "yes",
      source="domain R-013")  # fmt: skip
def contract_customers_include(d: Dossier, _fold: Fold) -> bool | None:
    if d.work_order is None or d.contract is None or d.work_order.billing_account is None:
        return None
    payers = d.records.where(ContractCustomer, "contract", d.contract.id) or payers_of(d)
    accounts = {p.account for p in payers}
    if d.work_order.billing_account in accounts | {d.contract.customer}:
        return True
    return False if accounts else None


@fact("contract_line.customers_count", "whole", "payers of the contract line", "1",
      group="contract_line", source="domain R-034, R-191")  # fmt: skip
def customers_count(d: Dossier, _fold: Fold) -> int:
    return len(payers_of(d))


@fact("contract_line.percent_total", "number", "sum of the payers' percentages", "100",
      group="contract_line", source="domain R-034")  # fmt: skip
def percent_total(d: Dossier, _fold: Fold) -> Decimal | None:
    found = payers_of(d)
    return sum((p.percent or ZERO for p in found), ZERO) if found else None


@fact("contract_line.percent_is_whole", "flag", "the payers' percentages add up to 100", "yes",
      group="contract_line", source="domain R-034")  # fmt: skip
def percent_is_whole(d: Dossier, fold: Fold) -> bool | None:
    total = percent_total(d, fold)
    return None if total is None else total == HUNDRED


@fact("contract_line.customers_companies", "whole", "legal entities that its payers belong to",
      "1", group="contract_line", source="domain R-014")  # fmt: skip
def customers_companies(d: Dossier, _fold: Fold) -> int:
    accounts = [d.records.one(Account, p.account) for p in payers_of(d)]
    codes = {d.records.one(Company, a.company) for a in accounts if a is not None and a.company}
    return len({c.code for c in codes if c is not None})


@fact("contract_line.milestone_total", "number", "sum of the milestones of the line", "5000.00",
      group="contract_line", source="domain R-033")  # fmt: skip
def milestone_total(d: Dossier, _fold: Fold) -> Decimal | None:
    line = d.contract_line
    if line is None:
        return None
    found = d.records.where(Milestone, "contract_line", line.id)
    return sum((m.amount or ZERO for m in found), ZERO) if found else None


@fact("contract_line.class_included", "flag", "the line includes the actual's transaction class",
      "yes", source="domain R-015, R-030")  # fmt: skip
def class_included(d: Dossier, _fold: Fold) -> bool | None:
    name = INCLUDES.get(d.actual.transaction_class or "")
    if d.contract_line is None or name is None:
        return None
    included: bool | None = getattr(d.contract_line, name)
    return included


@fact("contract_line.matches", "whole",
      "contract lines that include the project and the class of the actual", "1",
      source="domain R-030")  # fmt: skip
def matches(d: Dossier, _fold: Fold) -> int:
    name = INCLUDES.get(d.actual.transaction_class or "")
    if name is None:
        return 0
    return sum(
        line.project == d.actual.project and bool(getattr(line, name)) for line in lines_of(d)
    )


@fact("contract_line.is_of_contract", "flag", "the line belongs to the actual's contract", "yes",
      source="domain R-030")  # fmt: skip
def is_of_contract(d: Dossier, _fold: Fold) -> bool | None:
    if d.contract_line is None or d.contract is None:
        return None
    return d.contract_line.contract == d.contract.id


@fact("contract_line.next_cut_off", "day", "last transaction day of its next invoice run",
      "2026-11-29", group="contract_line", source="domain R-134")  # fmt: skip
def next_cut_off(d: Dossier, _fold: Fold) -> date | None:
    line = d.contract_line.id if d.contract_line is not None else None
    waiting = [row for row in d.records.where(InvoiceSchedule, "contract_line", line)
               if row.run_status != "successful" and row.run_date is not None]  # fmt: skip
    if not waiting:
        return None
    return cut_off_of(min(waiting, key=lambda row: (row.run_date, row.id)))


def cut_off_of(schedule: InvoiceSchedule) -> date | None:
    """The last transaction day that a run takes: the day before its run date (R-134)."""
    if schedule.cut_off is not None or schedule.run_date is None:
        return schedule.cut_off
    return schedule.run_date - timedelta(days=1)
