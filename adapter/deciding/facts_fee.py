"""Facts of fees: what a sale's fee needs before Finance can post and invoice it."""

from decimal import Decimal

from adapter.deciding.dossier import Dossier
from adapter.deciding.facts import PER_COMPANY, Value, fact
from adapter.deciding.facts_basic import version_of
from adapter.deciding.facts_journal import state_of_map, unbilled_behind
from adapter.deciding.fold import Fold
from adapter.deciding.ledger_terms import fee_category, fee_of
from adapter.values.finance import ProjectCategory
from adapter.values.money import ZERO


@fact("fee.amount", "number", "fee of the chargeable sale, signed like its amount", "12.50",
      source="domain R-066, R-169")  # fmt: skip
def fee_amount(d: Dossier, _fold: Fold) -> Decimal:
    return fee_of(d.actual)


@fact("fee.category", "text", "project category of fee lines: the company's default", "FEE",
      group=PER_COMPANY, source="domain R-169")  # fmt: skip
def fee_category_name(d: Dossier, _fold: Fold) -> str | None:
    return fee_category(d)


@fact("fee.category_in_finance", "flag", "Finance has the project category of fee lines", "yes",
      group=PER_COMPANY, source="domain R-163, R-169")  # fmt: skip
def fee_category_in_finance(d: Dossier, _fold: Fold) -> bool:
    name = fee_category(d)
    return bool(name) and d.finance_records.one(ProjectCategory, f"{d.code}|{name}") is not None


@fact("fee.is_posted", "flag", "the unbilled sales behind a billed fee is posted in Finance", "yes",
      source="domain R-169")  # fmt: skip
def fee_is_posted(d: Dossier, _fold: Fold) -> bool | None:
    behind = unbilled_behind(d)
    if not behind or not fee_of(d.actual):
        return None
    return all(one.voucher for one in behind)


@fact("fee.behind", "number", "fees of the unbilled sales behind a billed one", "12.50",
      source="domain R-169")  # fmt: skip
def fee_behind(d: Dossier, _fold: Fold) -> Decimal | None:
    behind = unbilled_behind(d)
    return sum((fee_of(one) for one in behind), ZERO) if behind else None


@fact("dual_write.actuals_version", "version", "version of the dual-write map of actuals",
      "1.0.0.22", group=PER_COMPANY, source="domain 6.4b")  # fmt: skip
def actuals_map_version(d: Dossier, _fold: Fold) -> Value:
    row = state_of_map(d, "msdyn_actuals")
    return version_of(row.version) if row is not None and row.version else None
