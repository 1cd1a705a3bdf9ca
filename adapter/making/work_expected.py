"""All that the lines of work orders should have given, in one call, for a story or a check."""

from collections.abc import Callable, Collection, Iterable, Mapping

from msgspec import Struct
from msgspec.structs import replace

from adapter.deciding.dossier import latest_of
from adapter.making.estimates import expected_estimates, expected_forecast
from adapter.making.expectation import Expectation
from adapter.making.expected import present_forecasts
from adapter.making.pairing import Present, standing_of
from adapter.making.priced import Priced
from adapter.making.stock_check import StockRules
from adapter.making.submitted import expected_journal_lines, is_sold
from adapter.making.usages import expected_usage
from adapter.making.work_lines import Around, settle, surround
from adapter.reading.settings import EnvironmentSetting
from adapter.reading.store import NO_RECORDS, Records
from adapter.values.actuals import Actual, Approval
from adapter.values.field_service import Site, Unit, Usage, Warehouse, WorkOrderLine
from adapter.values.finance import LegalEntity
from adapter.values.finding import Finding
from adapter.values.forecast_rows import EstimateLine, ProjectJournalLine
from adapter.values.project_operations import Currency

Prices = Callable[[Around], tuple[Priced, Priced]]  # sale and cost of one unit
Options = Mapping[str, str | bool | int]  # settings by name


class Given(Struct, frozen=True, kw_only=True):
    """What a company and its environment decide for all of their lines."""

    company: str  # code of the legal entity
    model: str  # core or integrated
    records: Records
    finance: Records = NO_RECORDS
    options: Options = {}
    auto_approve: bool = False


def expect_lines(
    lines: Iterable[WorkOrderLine], given: Given, prices: Prices, deleted: Collection[str] = (),
    planned: Prices | None = None,
) -> tuple[Expectation, ...]:  # fmt: skip
    """Estimates, forecasts, usage and journal lines of these lines, ordered by line.

    The lines may have arrived in any order, any number of times; `deleted` are ids of lines
    that were deleted: they give nothing, and take their usage back. `prices` says what
    one unit sells for and costs when it is used, `planned` when it was planned, if that differs.
    """
    found: list[Expectation] = []
    for line in settle(lines):
        around = surround(line, given.records, is_deleted=line.id in deleted)
        found += expect_line(around, given, prices, planned)
    return tuple(found)


def expect_line(
    around: Around, given: Given, prices: Prices, planned: Prices | None = None
) -> tuple[Expectation, ...]:
    """What one line should have given: one expectation for each kind of row."""
    price, cost = prices(around)
    planned_price, planned_cost = (planned or prices)(around)
    estimates = expected_estimates(
        around, model=given.model, price=planned_price, cost=planned_cost,
        after_use=str(given.options.get("estimate_after_use", "keep")),
    )  # fmt: skip
    usage = expected_usage(
        around, model=given.model, price=price, cost=cost, auto_approve=given.auto_approve,
        actuals={u.id: given.records.where(Actual, "usage", u.id) for u in around.usages},
        after_approval=str(given.options.get("edit_after_approval", "reverse")),
        discount_amounts=str(given.options.get("discount_amounts", "reject")),
    )  # fmt: skip
    if estimates.rows:
        estimates = _with(estimates, planned_price.findings, planned_cost.findings)
    if usage.rows:
        usage = _with(usage, price.findings if is_sold(around) else (), cost.findings)
    found = [estimates, usage]
    if given.model == "integrated":
        found.append(_forecast(estimates, around, planned_price, given))
    for one in around.usages:
        if not usage.rows:
            found.append(replace(usage, kind="journal", findings=()))
            continue
        last = latest_of(given.records.where(Approval, "usage", one.id))
        chosen = last if last is not None and last.stage == "approved" else None
        found.append(
            expected_journal_lines(
                around, one, price=price, cost=cost,
                billable_quantity=chosen.billable_quantity if chosen is not None else None,
                billing_type=chosen.billing_type if chosen is not None else None,
            )
        )  # fmt: skip
    return tuple(found)


def _with(expected: Expectation, *found: tuple[Finding, ...]) -> Expectation:
    """The expectation with findings of its prices, each once; they block nothing."""
    more = [finding for said in found for finding in said]
    return replace(expected, findings=tuple(dict.fromkeys((*expected.findings, *more))))


def _forecast(
    estimates: Expectation, around: Around, price: Priced, given: Given
) -> Expectation:
    one = given.records.one
    warehouse = one(Warehouse, around.line.warehouse)
    contract = around.contract
    currency = price.currency or (contract.currency if contract is not None else None)
    return expected_forecast(
        estimates, around, model=given.model, company=given.company,
        unit=one(Unit, around.line.unit), site=one(Site, around.site), warehouse=warehouse,
        currency=one(Currency, currency),
    )  # fmt: skip


def present_of(given: Given) -> tuple[Present, ...]:
    """Estimate lines, usage logs, journal lines and item forecasts that are there."""
    records = given.records
    found = [standing_of(row) for row in records.all(EstimateLine)]
    found += [standing_of(row) for row in records.all(Usage)]
    found += [standing_of(row) for row in records.all(ProjectJournalLine)]
    if given.model == "integrated":
        found += present_forecasts(records, given.finance, given.company)
    return tuple(found)


def stock_rules_of(given: Given, environment: EnvironmentSetting) -> StockRules:
    """How an environment treats stock, from its settings and those of the legal entity."""
    entity = given.finance.one(LegalEntity, given.company)
    in_finance = entity.stocked_products if entity is not None else None
    return StockRules(
        model=given.model,
        policy=environment.stock_policy,
        threshold=environment.background_approval_threshold,
        stocked_products=environment.stocked_products and in_finance is not False,
        onhand_entity=environment.onhand_entity,
        counts_reserved=given.options.get("on_hand_counts_reserved", True) is True,
        after_use=given.options.get("stock_read_after_use", False) is True,
        options=given.options,
    )
