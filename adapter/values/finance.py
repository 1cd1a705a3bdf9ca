"""Reference records as the ERP (Finance and Supply Chain) holds them, in our field names.

Bound in `mappings/from-finance/*.toml`. `id` is the record's business key, made from its
parts by the mapping (`key = [...]`), since Finance keys are composite. Company codes are
upper case.
"""

from typing import Annotated as A

from adapter.values.record import Day, Flag, Number, Record, Text, Whole


class LegalEntity(Record, frozen=True, kw_only=True, gc=False):
    """A legal entity with its Project Operations parameters."""

    code: A[Text, "company code | USMF"] = None
    name: A[Text, "name | Contoso Entertainment System USA"] = None
    currency: A[Text, "accounting currency, ISO code | USD"] = None
    uses_project_operations: A[
        Flag, "opted in on Global project management and accounting parameters | yes"
    ] = None
    stocked_products: A[Flag, "feature: manage stocked products | yes"] = None
    period_unit: A[Text, "days, months, years, all | months"] = None
    lines_per_header: A[Whole, "limit of journal lines per header | 200"] = None
    opens_next_period: A[Flag, "automatically set accounting date to open ledger period | yes"] = (
        None
    )
    exchange_rate_type: A[Text, "exchange rate type of the ledger | Default"] = None
    default_item_category: A[Text, "default project category for items | ITEM"] = None
    default_hour_category: A[Text, "default project category for hours | HOUR"] = None
    default_expense_category: A[Text, "default project category for expenses | EXPENSE"] = None
    default_fee_category: A[Text, "default project category for fees | FEE"] = None
    line_discount_category: A[Text, "category of line discounts; blank posts net | DISC"] = None
    write_in_item: A[Text, "released product for write-in products | WRITEIN"] = None
    beginning_balance_cut_off: A[
        Day, "actuals up to this day go to the beginning balance journal | 2025-12-31"
    ] = None
    validates_actuals: A[Flag, "pre-validation of actuals is on | no"] = None
    sales_tax_group_from: A[
        Text,
        "billing sales tax group comes from: project, contract, customer, search | customer",
    ] = None
    item_tax_group_from: A[Text, "item or category, for materials | item"] = None
    has_profile_rule: A[
        Flag, "a cost and revenue profile rule exists for contract-linked projects | yes"
    ] = None
    invoice_numbers_free: A[
        Flag, "number sequence Invoice proposal may be changed lower and higher | yes"
    ] = None


class TrackingGroup(Record, frozen=True, kw_only=True, gc=False):
    """A tracking dimension group (`TrackingDimensionGroups`)."""

    name: A[Text, "name | Serial"] = None
    serial_active: A[Flag, "serial numbers are tracked | yes"] = None
    serial_blank_issue: A[Flag, "an issue may leave the serial number blank | no"] = None
    serial_blank_receipt: A[Flag, "a receipt may leave the serial number blank | no"] = None
    batch_active: A[Flag, "batches are tracked | yes"] = None
    batch_blank_issue: A[Flag, "an issue may leave the batch blank | no"] = None
    batch_blank_receipt: A[Flag, "a receipt may leave the batch blank | no"] = None


class StorageGroup(Record, frozen=True, kw_only=True, gc=False):
    """A storage dimension group."""

    name: A[Text, "name | SiteWH"] = None
    site_active: A[Flag, "site is a dimension | yes"] = None
    warehouse_mandatory: A[Flag, "warehouse is mandatory | yes"] = None
    warehouse_active: A[Flag, "stock is kept by warehouse | yes"] = None
    location_active: A[Flag, "location is a dimension | no"] = None
    location_blank_issue: A[Flag, "an issue may leave the location blank | no"] = None
    location_blank_receipt: A[Flag, "a receipt may leave the location blank | no"] = None


class ReleasedProduct(Record, frozen=True, kw_only=True, gc=False):
    """A product released to a company (`ReleasedProductsV2`)."""

    company: A[Text, "company code | USMF"] = None
    item_number: A[Text, "item number | D0011"] = None
    tracking_group: A[Text, "tracking dimension group | Serial"] = None
    storage_group: A[Text, "storage dimension group | SiteWH"] = None
    item_tax_group: A[Text, "item sales tax group | ALL"] = None
    unit: A[Text, "inventory unit | ea"] = None
    category: A[Text, "project category of the item | ITEM"] = None


class FinanceSite(Record, frozen=True, kw_only=True, gc=False):
    """A site in Finance (`OperationalSites`)."""

    company: A[Text, "company code | USMF"] = None
    number: A[Text, "site | 1"] = None


class FinanceWarehouse(Record, frozen=True, kw_only=True, gc=False):
    """A warehouse in Finance (`Warehouses`)."""

    company: A[Text, "company code | USMF"] = None
    number: A[Text, "warehouse | 11"] = None
    site: A[Text, "site | 1"] = None


class FiscalPeriod(Record, frozen=True, kw_only=True, gc=False):
    """A ledger period with its status for projects (`LedgerFiscalPeriods`)."""

    company: A[Text, "company code | USMF"] = None
    name: A[Text, "name | Period 11"] = None
    start: A[Day, "first day | 2026-11-01"] = None
    finish: A[Day, "last day | 2026-11-30"] = None
    status: A[Text, "open, on-hold, closed | open"] = None
    project_access: A[Text, "all, none, user: who may post from projects | all"] = None


class ExchangeRate(Record, frozen=True, kw_only=True, gc=False):
    """An exchange rate (`ExchangeRates`)."""

    rate_type: A[Text, "type | Default"] = None
    source: A[Text, "from currency | GBP"] = None
    target: A[Text, "to currency | USD"] = None
    start: A[Day, "first day | 2026-11-01"] = None
    finish: A[Day, "last day | 2026-11-30"] = None
    rate: A[Number, "units of target for `factor` units of source | 125.00"] = None
    factor: A[Whole, "how many source units the rate is quoted for | 100"] = None


class ProjectCategory(Record, frozen=True, kw_only=True, gc=False):
    """A project category (`ProjectCategoryEntities`)."""

    company: A[Text, "company code | USMF"] = None
    name: A[Text, "category | ITEM"] = None
    transaction_type: A[Text, "hour, expense, item, fee, on-account | item"] = None
    item_tax_group: A[Text, "item sales tax group | ALL"] = None
    is_active: A[Flag, "active in journals | yes"] = None


class LineProperty(Record, frozen=True, kw_only=True, gc=False):
    """A line property (`ProjectLineProperties`) and the billing type that it stands for."""

    company: A[Text, "company code | USMF"] = None
    name: A[Text, "line property | Charge"] = None
    billing_type: A[
        Text, "chargeable, non-chargeable, complimentary, not-available, not-specified | chargeable"
    ] = None
    accrues_revenue: A[Flag, "accrue revenue | yes"] = None


class OnHand(Record, frozen=True, kw_only=True, gc=False):
    """Stock by site and warehouse (`WarehousesOnHandV2`)."""

    company: A[Text, "company code | USMF"] = None
    item_number: A[Text, "item number | D0011"] = None
    site: A[Text, "site | 1"] = None
    warehouse: A[Text, "warehouse | 11"] = None
    available: A[Number, "available on hand | 12"] = None


class FinanceProject(Record, frozen=True, kw_only=True, gc=False):
    """What Finance knows of a project: tax groups, dimensions, stage (`ProjectsV2`)."""

    company: A[Text, "company code | USMF"] = None
    number: A[Text, "project | P-0007"] = None
    tax_group: A[Text, "sales tax group | AVATAX"] = None
    dimension_display: A[Text, "default financial dimensions, displayed | -022-001"] = None
    stage: A[Text, "created, in-process, finished | in-process"] = None


class FinanceCustomer(Record, frozen=True, kw_only=True, gc=False):
    """A customer in Finance (`CustomersV3`)."""

    company: A[Text, "company code | USMF"] = None
    account: A[Text, "customer account | ACC-1001"] = None
    tax_group: A[Text, "sales tax group | AVATAX"] = None


class IntercompanyPair(Record, frozen=True, kw_only=True, gc=False):
    """A lending and a borrowing company that may exchange resources."""

    lending: A[Text, "lending company | GBSI"] = None
    borrowing: A[Text, "borrowing company | USMF"] = None
    accrues_revenue: A[Flag, "accrue revenue | yes"] = None


class DualWriteMap(Record, frozen=True, kw_only=True, gc=False):
    """A dual-write map and its state in an environment."""

    table: A[Text, "Dataverse table | msdyn_actuals"] = None
    state: A[Text, "running, paused, stopped, not-installed | running"] = None
    version: A[Text, "map version | 1.0.0.22"] = None


class ItemForecast(Record, frozen=True, kw_only=True, gc=False):
    """A planned item of a project: both contexts of an estimate in one row.

    `ProjectItemForecasts`, the table behind is `ForecastSales`.
    """

    company: A[Text, "company code | USMF"] = None
    transaction: A[Text, "transaction id of the forecast | 000123_078"] = None
    project: A[Text, "project number | P-0007"] = None
    task: A[Text, "activity number | A-000123"] = None
    item_number: A[Text, "item number | D0011"] = None
    quantity: A[Number, "planned quantity in the sales unit | 4"] = None
    unit: A[Text, "sales unit | ea"] = None
    cost_price: A[Number, "cost of one unit | 80.00"] = None
    sales_price: A[Number, "price of one unit | 125.00"] = None
    currency: A[Text, "currency of the sale, ISO code | USD"] = None
    site: A[Text, "site | 1"] = None
    warehouse: A[Text, "warehouse | 11"] = None
    line_property: A[Text, "line property | Charge"] = None
    category: A[Text, "project category | ITEM"] = None
    forecast_model: A[Text, "forecast model | Forecast"] = None
    start: A[Day, "first day | 2026-11-02"] = None
    is_active: A[Flag, "it counts in reports | yes"] = None


class ForecastImport(Record, frozen=True, kw_only=True, gc=False):
    """Which estimate line became which item forecast (`ProjForecastSalesImport`)."""

    company: A[Text, "company code | USMF"] = None
    estimate_line: A[Text, "estimate line in the CRM | 5f2c8a10-0000-4000-8000-000000000001"] = None
    origin: A[Text, "the estimate line of the other context"] = None
    transaction: A[Text, "transaction id of the item forecast | 000123_078"] = None
    transaction_type: A[Text, "cost or unbilled-sales | cost"] = None
