"""Facts every rule file needs: dates, company, environment, settings, money of the actual."""

from datetime import date
from decimal import Decimal

from adapter.deciding.dossier import Dossier
from adapter.deciding.facts import PER_COMPANY, Value, fact
from adapter.deciding.fold import Fold
from adapter.deciding.origins import EVIDENCE
from adapter.values.money import ZERO, amount_of
from adapter.values.project_operations import Company


@fact("actual.date", "day", "transaction date in the company's time zone", "2026-11-14",
      source="domain R-072, R-133")  # fmt: skip
def actual_date(d: Dossier, _fold: Fold) -> date | None:
    return d.day


@fact("actual.is_reversal", "flag", "its quantity or amount is below zero", "no",
      source="domain 4.2")  # fmt: skip
def actual_is_reversal(d: Dossier, _fold: Fold) -> bool:
    return (d.actual.quantity or ZERO) < 0 or (d.actual.amount or ZERO) < 0


@fact("actual.origin_by", "choice", "what proves the origin of the actual", "column",
      choices=EVIDENCE, source="domain 4.4")  # fmt: skip
def actual_origin_by(d: Dossier, _fold: Fold) -> str:
    return d.origin_by


@fact("actual.amount_expected", "number", "quantity times price, rounded by the currency",
      "150.10", source="domain 10, conventions")  # fmt: skip
def actual_amount_expected(d: Dossier, _fold: Fold) -> Decimal | None:
    return amount_expected(d)


def amount_expected(d: Dossier) -> Decimal | None:
    """Quantity times price, computed once for the facts that compare it."""
    if "amount expected" not in d.memo:
        d.memo["amount expected"] = _quantity_times_price(d)
    return d.memo["amount expected"]  # type: ignore[return-value]


def _quantity_times_price(d: Dossier) -> Decimal | None:
    if d.actual.quantity is None or d.actual.price is None:
        return None
    rule = d.settings.currency_rule(d.currency.code if d.currency else None)
    return amount_of(d.actual.quantity, d.actual.price, rule)


@fact("actual.amount_gap", "choice",
      "what parts the amount from quantity times price; rounding: at most one minor unit, and "
      "half of one for each piece", "none",
      choices=("none", "rounding", "contradiction"), source="domain 10, conventions")  # fmt: skip
def actual_amount_gap(d: Dossier, _fold: Fold) -> str | None:
    expected, amount = amount_expected(d), d.actual.amount
    if expected is None or amount is None:
        return None
    if amount == expected:
        return "none"
    rule = d.settings.currency_rule(d.currency.code if d.currency else None)
    minor = Decimal(1).scaleb(-rule.decimals)
    most = minor + minor * abs(d.actual.quantity or ZERO) / 2
    return "rounding" if abs(amount - expected) <= most else "contradiction"


@fact("company.code", "text", "code of the legal entity that owns the project", "USMF",
      group=PER_COMPANY, source="domain R-002, R-040")  # fmt: skip
def company_code(d: Dossier, _fold: Fold) -> str | None:
    return d.code


@fact("company.is_configured", "flag", "adapter.toml names the company", "yes",
      group=PER_COMPANY)  # fmt: skip
def company_is_configured(d: Dossier, _fold: Fold) -> bool:
    return d.setting is not None


@fact("company.environment", "text", "environment that adapter.toml says the company lives in",
      "contoso-us", group=PER_COMPANY)  # fmt: skip
def company_environment(d: Dossier, _fold: Fold) -> str | None:
    return d.setting.environment if d.setting else None


@fact("company.in_finance", "flag", "Finance knows the company as a legal entity", "yes",
      group=PER_COMPANY, source="domain R-001")  # fmt: skip
def company_in_finance(d: Dossier, _fold: Fold) -> bool:
    return d.finance is not None


@fact("company.time_zone", "text", "time zone of the company", "America/Chicago",
      group=PER_COMPANY)  # fmt: skip
def company_time_zone(d: Dossier, _fold: Fold) -> str | None:
    return d.setting.time_zone if d.setting else None


@fact("company.currency", "text", "accounting currency of the company", "USD",
      group=PER_COMPANY)  # fmt: skip
def company_currency(d: Dossier, _fold: Fold) -> str | None:
    if d.finance is not None and d.finance.currency:
        return d.finance.currency
    return d.setting.currency if d.setting else None


@fact("company.delivery", "choice", "how documents of the company leave", "validate-only",
      group=PER_COMPANY, choices=("validate-only", "files", "odata", "dataverse"))  # fmt: skip
def company_delivery(d: Dossier, _fold: Fold) -> str | None:
    return d.setting.delivery if d.setting else None


def version_of(text: str) -> tuple[int, ...] | None:
    """`8.8.142.0` as numbers; None when it is not a version."""
    parts = text.split(".")
    return tuple(int(p) for p in parts) if all(p.isdigit() for p in parts) else None


def _environment_fact(name: str, type: str, description: str, example: str, source: str) -> None:
    field = name.partition(".")[2]

    @fact(name, type, description, example, source=source, group=PER_COMPANY)
    def read(d: Dossier, _fold: Fold) -> Value:
        value: Value = getattr(d.environment, field)
        return version_of(str(value)) if type == "version" and value is not None else value


for _line in (
    ("environment.name", "text", "name of the environment", "contoso-us", "adapter.toml"),
    ("environment.field_service", "version", "version of Field Service", "8.8.142.0", "R-003"),
    ("environment.project_operations", "version", "version of Project Operations in Dataverse",
     "4.162.0.0", "R-003"),
    ("environment.project_operations_app", "flag", "the Project Operations app is used", "yes",
     "domain 2.5"),
    ("environment.legacy_integration", "flag",
     "the legacy Field Service integration with finance is installed", "no", "R-004"),
    ("environment.prospect_to_cash", "flag", "Prospect to Cash templates are in use", "no",
     "R-005"),
    ("environment.onhand_entity", "flag", "virtual entity ProjInventOnHandEntity is enabled",
     "yes", "R-006"),
    ("environment.stocked_products", "flag", "manage stocked products is on in Dataverse", "yes",
     "R-007"),
    ("environment.background_approval_threshold", "whole", "background approval threshold", "10",
     "R-109, R-110"),
    ("environment.auto_approve", "flag", "auto-approve project approval", "yes", "R-120"),
    ("environment.work_order_invoices", "flag",
     "Field Service makes its own invoice when a work order is posted", "no", "R-193"),
    ("environment.stock_policy", "text", "use of products out of stock: restrict or confirm",
     "restrict", "R-092"),
):  # fmt: skip
    _environment_fact(*_line)


@fact("environment.has_finance", "flag", "Finance is connected to the environment", "yes",
      group=PER_COMPANY, source="R-001")  # fmt: skip
def environment_has_finance(d: Dossier, _fold: Fold) -> bool:
    return d.environment.finance is not None


def _company_code_fact(role: str, description: str) -> None:
    @fact(f"{role}.company_code", "text", f"company code of the {description}", "USMF",
          group=role, source="R-041")  # fmt: skip
    def read(d: Dossier, _fold: Fold) -> str | None:
        record = getattr(d, role)
        if record is None:
            return None
        company = d.records.one(Company, record.company)
        return company.code.upper() if company is not None and company.code else None


for _role, _description in (
    ("account", "service account, which is the work order's company"),
    ("product", "product"),
    ("warehouse", "warehouse"),
    ("site", "site"),
    ("resource", "bookable resource"),
    ("project", "project"),
    ("contract", "contract"),
    ("customer", "customer"),
):
    _company_code_fact(_role, _description)


@fact("deployment.model", "choice", "the model that the company runs, chosen by deployment.toml",
      "integrated", group=PER_COMPANY, choices=("core", "integrated", "refused"),
      source="domain R-001, R-002")  # fmt: skip
def deployment_model(d: Dossier, _fold: Fold) -> str | None:
    return d.model


@fact("deployment.variant", "choice", "whether the Project Operations app is used", "with-app",
      group=PER_COMPANY, choices=("with-app", "field-service-only"),
      source="domain 2.5")  # fmt: skip
def deployment_variant(d: Dossier, _fold: Fold) -> str | None:
    return "with-app" if d.environment.project_operations_app else "field-service-only"
