"""Estimates: what a planned work order line should have on its project (domain 7).

Cost and sales are two estimate lines. Where Finance is integrated, both are folded into one
item forecast. The rows follow the line: changed with it, gone with it (R-050, E35).
"""

from datetime import date
from decimal import Decimal

from adapter.making.documents import business_key, finding_of
from adapter.making.expectation import (
    Basis,
    Expectation,
    nothing,
    warning_of,
    without_project,
)
from adapter.making.line_checks import below_zero
from adapter.making.new_actuals import COST, UNBILLED
from adapter.making.priced import NO_PRICE, Priced
from adapter.making.work_lines import Around, estimated_of, is_inactive
from adapter.values.field_service import Site, Unit, Warehouse
from adapter.values.finance import ItemForecast
from adapter.values.finding import Finding
from adapter.values.forecast_rows import EstimateLine
from adapter.values.money import amount_of
from adapter.values.project_operations import Currency, Task

KEEP = "keep"


def expected_estimates(
    around: Around,
    *,
    model: str,
    price: Priced = NO_PRICE,
    cost: Priced = NO_PRICE,
    after_use: str = KEEP,
    is_asked: bool = False,
    day: date | None = None,
) -> Expectation:
    """The cost and the sales estimate line of one work order line, or why there is none.

    `model` is core or integrated; `after_use` is the setting `estimate_after_use`;
    `is_asked` says that somebody asked for the estimate, so that a quantity of zero is an
    error and not just nothing (domain R-050). Quantities are in the line's unit, of services
    in hours; amounts in the currency of price and cost, zero where no price was found (7).
    """
    line = around.line
    stopped = _stopped(around, model, after_use)
    if stopped is not None:
        return stopped
    quantity = estimated_of(line)
    if quantity <= 0:
        return _no_quantity(around, quantity, is_asked)
    project, order = around.project, around.work_order
    assert project is not None and order is not None  # else it was stopped
    billing_type = sales_billing_type(around)
    rows = tuple(
        EstimateLine(
            id=business_key("estimate", line.id, type_)[:32],
            description=line.name,
            transaction_type=type_,
            transaction_class="material",
            billing_type=billing_type if type_ == UNBILLED else None,
            quantity=quantity,
            price=priced.price,
            amount=amount_of(quantity, priced.price, priced.rule),
            currency=priced.currency or fallback,
            unit=line.unit,
            product=line.product,
            project=project.id,
            task=around.task.id if around.task is not None else None,
            price_list=priced.price_list,
            document_date=day,
            work_order=order.id,
            line=line.id,
            site=around.site,
            warehouse=line.warehouse,
        )
        for type_, priced, fallback in (
            (COST, cost, project.currency),
            (UNBILLED, price, around.contract.currency if around.contract is not None else None),
        )
    )
    is_used = line.line_status == "used"
    return Expectation(
        kind="estimate", line=line.id, work_order=order.id, rows=rows,
        rules=("R-050", "R-051") if is_used else ("R-050",),
        why="kept beside the usage" if is_used else "planned with a quantity above zero",
        basis="inferred" if is_used else "documented",
        findings=_remarks(around),
    )  # fmt: skip


def expected_forecast(
    estimates: Expectation,
    around: Around,
    *,
    model: str,
    company: str,
    unit: Unit | None = None,
    site: Site | None = None,
    warehouse: Warehouse | None = None,
    currency: Currency | None = None,
) -> Expectation:
    """The item forecast that both estimate lines are folded into (domain 7, integrated only).

    `company` is the code of the legal entity; unit, site, warehouse and currency are those
    of the sales line. A product of another company is not synchronised (R-041).
    """
    if model != "integrated":
        return nothing("forecast", around, ("R-090",), "Finance is not integrated")
    if not estimates.rows:
        return nothing("forecast", around, estimates.rules, estimates.why, basis=estimates.basis)
    held = _other_company(around)
    if held is not None:
        return nothing("forecast", around, ("R-041",), "not synchronised until it is put right",
                       held)  # fmt: skip
    both = {row.transaction_type: row for row in estimates.rows if isinstance(row, EstimateLine)}
    cost, sale = both[COST], both[UNBILLED]
    row = ItemForecast(
        id=business_key("forecast", around.line.id)[:32],
        company=company,
        project=around.project.number if around.project is not None else None,
        task=_number_of(around.task),
        item_number=around.product.item_number if around.product is not None else None,
        quantity=sale.quantity,
        unit=(unit.symbol or unit.name) if unit is not None else None,
        cost_price=cost.price,
        sales_price=sale.price,
        currency=currency.code if currency is not None else None,
        site=site.number if site is not None else None,
        warehouse=warehouse.number if warehouse is not None else None,
    )
    return Expectation(
        kind="forecast", line=around.line.id, work_order=around.line.work_order, rows=(row,),
        rules=(*estimates.rules, "domain 7"), why="cost and sales folded into one forecast",
        basis=estimates.basis,
    )  # fmt: skip


def sales_billing_type(around: Around) -> str | None:
    """Whether the sale of material is chargeable (domain R-122, R-123); None if not known.

    Without a contract line, or where it leaves materials out, it is not available. The
    task's own billing type counts only where the line bills selected tasks.
    """
    covered = around.contract_line
    if covered is None or covered.includes_material is False:
        return "not-available"
    if covered.included_tasks == "selected-tasks" and around.task is not None:
        return around.task.billing_type
    return "chargeable"


def _stopped(around: Around, model: str, after_use: str) -> Expectation | None:
    """What ends the estimate whatever its quantity."""
    line = around.line
    if around.is_deleted:
        return nothing("estimate", around, ("domain 7",), "the line was deleted")
    if is_inactive(line):
        return nothing("estimate", around, (), "the line was deactivated", basis="inferred")
    stopped = without_project("estimate", around, model)
    if stopped is not None:
        return stopped
    if line.line_status == "used" and after_use != KEEP:
        return nothing("estimate", around, ("R-051",), "the line was used", basis="inferred")
    return None


def _no_quantity(around: Around, quantity: Decimal, is_asked: bool) -> Expectation:
    line = around.line
    found: tuple[Finding, ...] = ()
    basis: Basis = "documented"
    if quantity < 0:
        found = (below_zero(line.id, "estimated quantity", quantity),)
    elif is_asked:
        basis = "inferred"
        found = (
            finding_of(
                "EST701",
                line.id,
                "an estimate was asked for, and the estimated quantity is not above zero",
                "Enter the estimated quantity, of a service the estimated duration.",
                ("estimated", quantity),
            ),
        )
    return nothing("estimate", around, ("R-050",), "no estimated quantity", *found, basis=basis)


def _remarks(around: Around) -> tuple[Finding, ...]:
    """An estimated discount is not carried to the project (domain R-063)."""
    line = around.line
    if not (line.estimate_discount_percent or line.estimate_discount_amount):
        return ()
    return (
        warning_of(
            "EST702",
            line.id,
            "the estimated discount is not carried to the project",
            "Leave it out of the comparison, or lower the price.",
            ("percent", line.estimate_discount_percent),
            ("amount", line.estimate_discount_amount),
        ),
    )


def _other_company(around: Around) -> Finding | None:
    product = around.product
    if product is None or not product.company or not around.company:
        return None
    if product.company == around.company:
        return None
    return finding_of(
        "EST703",
        around.line.id,
        "the product belongs to another company than the work order: nothing is synchronised",
        "Use a product of the company of the service account.",
        ("product", product.number),
        ("company of the product", product.company),
        ("company of the work order", around.company),
    )


def _number_of(task: Task | None) -> str | None:
    return task.number if task is not None else None
