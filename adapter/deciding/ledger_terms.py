"""Terms of a journal line that follow from reference data: period, accounting day, rate ..."""

from datetime import date
from decimal import Decimal

from adapter.deciding.dossier import Dossier
from adapter.values.actuals import Actual
from adapter.values.finance import ExchangeRate, FiscalPeriod, LineProperty, ProjectCategory
from adapter.values.money import ZERO

ONE = Decimal(1)
SALES = ("unbilled-sales", "billed-sales")
ALL = "all"
_PERIOD_LENGTHS = {"days": 10, "months": 7, "years": 4}  # letters of 2026-11-14


def awaits_ledger(d: Dossier) -> bool:
    """Whether Finance has yet to get the actual: no voucher, no line, no Skip Sync.

    What Finance has already needs nothing checked for its sake any more (domain R-158, R-159).
    """
    actual = d.actual
    return not (actual.voucher or actual.is_journalized or actual.skip_sync)


def period_unit_of(d: Dossier) -> str:
    """days, months, years or all: the workspace's word, else Finance's; days if neither."""
    said = d.setting.period_unit if d.setting is not None else None
    return said or (d.finance.period_unit if d.finance is not None else None) or "days"


def period_of(day: date, unit: str) -> str:
    """The journal period of a day: 2026-11-14, 2026-11, 2026 or `all` (domain R-160)."""
    length = _PERIOD_LENGTHS.get(unit)
    return ALL if length is None else day.isoformat()[:length]


def period_start(period: str) -> date | None:
    """The first day of a journal period; None for `all`, which has none (domain 6.2)."""
    if period == ALL:
        return None
    year, month, day = (*(int(part) for part in period.split("-")), 1, 1)[:3]
    return date(year, month, day)


def accounting_day(d: Dossier, day: date) -> date | None:
    """The ledger date: the day itself, else the first day of the next open period (R-162)."""
    key = ("accounting day", d.code, day)
    if key not in d.shared:
        d.shared[key] = _accounting_day(d, day)
    posted: date | None = d.shared[key]
    return posted


def _accounting_day(d: Dossier, day: date) -> date | None:
    periods = d.finance_records.where(FiscalPeriod, "company", d.code)
    if not periods:
        return day
    usable = sorted(
        (p for p in periods
         if p.status == "open" and p.project_access != "none" and p.start and p.finish),
        key=lambda p: p.start or date.max,
    )  # fmt: skip
    for period in usable:
        assert period.start and period.finish
        if period.start <= day <= period.finish:
            return day
    if d.finance is None or not d.finance.opens_next_period:
        return None
    return next((p.start for p in usable if p.start and p.start > day), None)


def exchange_rate(d: Dossier, day: date) -> Decimal | None:
    """Units of the company's currency for one unit of the actual's; None if unknown.

    A rate agreed on the project wins for the contract's currency (domain G12); otherwise
    the rate of Finance with the latest first day on or before `day`. A rate that is not above
    zero, or of which nobody said for how many units it is, is unknown.
    """
    key = ("rate", day)
    if key not in d.memo:
        d.memo[key] = _exchange_rate(d, day)
    return d.memo[key]  # type: ignore[return-value]


def _exchange_rate(d: Dossier, day: date) -> Decimal | None:
    home = (d.finance.currency if d.finance else None) or (
        d.setting.currency if d.setting else None
    )
    code = d.currency.code if d.currency is not None else None
    if home is None or code is None:
        return None
    if code == home:
        return ONE
    if d.project is not None and d.project.fixed_rate is not None and _is_contract_currency(d):
        return d.project.fixed_rate if d.project.fixed_rate > 0 else None
    kind = d.finance.exchange_rate_type if d.finance is not None else None
    fitting = [
        row
        for row in d.finance_records.where(ExchangeRate, "source", code)
        if row.target == home and (kind is None or row.rate_type == kind)
        and (row.start or date.min) <= day <= (row.finish or date.max)
    ]  # fmt: skip
    best = max(fitting, key=lambda row: row.start or date.min, default=None)
    if best is None or not best.factor or best.rate is None or best.rate <= 0:
        return None
    return best.rate / best.factor


def _is_contract_currency(d: Dossier) -> bool:
    """Whether the agreed rate is for the actual's currency: sales always, cost if it fits.

    Sales exist in the contract's currency only (domain R-073), cost in any.
    """
    agreed = d.contract.currency if d.contract is not None else None
    is_sales = d.actual.transaction_type in SALES
    return is_sales or agreed is None or agreed == d.actual.currency


CLASS_TYPES = {"time": "hour", "expense": "expense", "material": "item", "fee": "fee"}


def resolved_category(d: Dossier) -> str | None:
    """The project category: the actual's if Finance has it, else the default (R-163)."""
    if "category" not in d.memo:
        d.memo["category"] = _resolved_category(d)
    return d.memo["category"]  # type: ignore[return-value]


def _resolved_category(d: Dossier) -> str | None:
    kind = CLASS_TYPES.get(d.actual.transaction_class or "", "item")
    names = [d.category.name if d.category is not None else None]
    if kind == "item" and d.released is not None:
        names.append(d.released.category)
    if d.finance is not None:
        names.append(getattr(d.finance, f"default_{kind}_category"))
    for name in names:
        if name and d.finance_records.one(ProjectCategory, f"{d.code}|{name}") is not None:
            return name
    return names[-1]


def fee_of(actual: Actual) -> Decimal:
    """The fee of a chargeable sale, signed like its amount; zero for every other actual.

    Fees act on sales only (domain R-065); a reversal takes its fee back.
    """
    fee = actual.fee_amount or ZERO
    if actual.billing_type != "chargeable" or actual.transaction_type not in SALES:
        return ZERO
    return -fee if (actual.amount or ZERO) < 0 < fee else fee


def fee_category(d: Dossier) -> str | None:
    """The project category of fee lines: the company's default (domain R-169)."""
    return d.finance.default_fee_category if d.finance is not None else None


def line_property_of(d: Dossier) -> str | None:
    """The line property of the actual's billing type (domain R-008)."""
    for row in d.finance_records.where(LineProperty, "company", d.code):
        if row.billing_type == d.actual.billing_type:
            return row.name
    return None
