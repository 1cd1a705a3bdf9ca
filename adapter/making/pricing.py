"""The price of a sale and the cost of one unit, by the documented rules (domain 3.4).

Pure: an `Ask` and the records in, a `Priced` out, never an exception for what records say.
A price that is not there is zero with a warning, as in Project Operations (domain R-068).
"""

from decimal import Decimal
from fractions import Fraction

from msgspec.structs import replace

from adapter.making.price_lists import (
    Chosen,
    cost_list,
    currency_code,
    other_currency,
    sale_currency,
    sales_list,
)
from adapter.making.price_rows import PER_UNIT, Row, row_of, subject
from adapter.making.priced import Ask, Priced, Switches, priced_finding
from adapter.making.units import short, unit_name
from adapter.reading.store import Records
from adapter.values.field_service import PriceList, Product, WorkOrder, WorkOrderLine
from adapter.values.finding import Finding, shown
from adapter.values.money import HUNDRED
from adapter.values.project_operations import Contract, Project


def sales_price(ask: Ask, records: Records) -> Priced:
    """The sales price of one unit (domain R-067 to R-074).

    Material on a work order line has the line's price where Field Service calculates it
    (with the minimum charge of a service, R-076). Roles and categories are always priced by
    the project's price lists (R-074). Currency is the contract's; another is PRC705.
    """
    ask = completed_ask(ask, records)
    if _is_material(ask):
        line = records.one(WorkOrderLine, ask.line)
        price = None if line is None else price_on(line, ask.switches)
        if line is not None and price is not None:
            return _of_line("sales", ask, line, price, records)
    return _listed("sales", ask, sales_list(ask, records), records)


def cost_price(ask: Ask, records: Records) -> Priced:
    """The cost of one unit (domain R-067, R-068, R-071, R-072).

    Material on a work order line has the line's cost where Field Service calculates it; an
    expense has the cost that was entered (inferred); else the cost price lists, in whatever
    currency they are (R-073).
    """
    ask = completed_ask(ask, records)
    line = records.one(WorkOrderLine, ask.line)
    if line is not None and _is_material(ask):
        cost = cost_on(line, ask.switches)
        if cost is not None:
            return _of_line("cost", ask, line, cost, records)
    if ask.entered is not None:
        return _entered(ask, ask.entered, records)
    return _listed("cost", ask, cost_list(ask, records), records)


def price_on(line: WorkOrderLine, switches: Switches) -> Decimal | None:
    """The price that a work order line says, with the minimum charge; None where price lists
    are asked (domain R-067, R-076).
    """
    if not switches.calculate_price_in_field_service:
        return None
    calculated = line.calculated_unit_price
    return line.unit_price if calculated is None else calculated


def cost_on(line: WorkOrderLine, switches: Switches) -> Decimal | None:
    """The cost that a work order line says; None where price lists are asked."""
    return line.unit_cost if switches.calculate_cost_in_field_service else None


def _is_material(ask: Ask) -> bool:
    """A line may name no product (a write-in): what neither role nor category has is material."""
    return ask.product is not None or (ask.role is None and ask.category is None)


def completed_ask(ask: Ask, records: Records) -> Ask:
    """What is missing in an ask, from its work order line, work order, project and contract."""
    line = records.one(WorkOrderLine, ask.line)
    if line is not None:
        ask = replace(
            ask,
            work_order=ask.work_order or line.work_order,
            product=ask.product or (None if ask.role or ask.category else line.product),
            unit=ask.unit or line.unit,
        )
    order = records.one(WorkOrder, ask.work_order)
    project_id = ask.project or (None if order is None else order.project)
    project = records.one(Project, project_id)
    contract_id = ask.contract or (None if project is None else project.contract)
    contract = records.one(Contract, contract_id)
    units = (one.contracting_unit for one in (project, contract) if one is not None)
    return replace(
        ask,
        project=project_id,
        contract=contract_id,
        contracting_unit=ask.contracting_unit or next((u for u in units if u is not None), None),
    )


def _of_line(
    kind: str, ask: Ask, line: WorkOrderLine, price: Decimal, records: Records
) -> Priced:
    """The price that Field Service put on the work order line; it is for the line's unit."""
    order = records.one(WorkOrder, line.work_order)
    currency = line.currency or (None if order is None else order.currency)
    price_list = records.one(PriceList, line.price_list)
    found = other_currency(ask, currency, records) if kind == "sales" else ()
    if ask.unit is not None and line.unit is not None and ask.unit != line.unit:
        return _none(kind, ask, line.currency, (_other_unit(ask, line, records),), records)
    unit = line.unit or ask.unit
    return Priced(
        kind=kind,
        price=price,
        numerator=price,
        currency=currency,
        currency_code=currency_code(currency, records),
        unit=unit,
        unit_name="" if unit is None else unit_name(unit, records),
        basis="line",
        level="work order line",
        price_list=line.price_list,
        price_list_name="" if price_list is None else shown(price_list.name or price_list.id),
        row=line.id,
        findings=found,
    )


def _entered(ask: Ask, price: Decimal, records: Records) -> Priced:
    currency = ask.entered_currency
    return Priced(
        kind="cost",
        price=price,
        numerator=price,
        currency=currency,
        currency_code=currency_code(currency, records),
        unit=ask.unit,
        unit_name="" if ask.unit is None else unit_name(ask.unit, records),
        basis="entry",
        row=ask.record or None,
    )


def _listed(kind: str, ask: Ask, chosen: Chosen, records: Records) -> Priced:
    """The price of the chosen list; zero where there is none, with the reason last."""
    home = sale_currency(ask, records) if kind == "sales" else _cost_currency(ask, records)
    if ask.product is None and ask.role is None and ask.category is None:
        nothing = priced_finding(
            ask, "PRC709", "neither a product, nor a role, nor a category is named",
            "Enter the role of the time entry, the category of the expense or the product.",
            "domain R-068, R-074",
        )  # fmt: skip
        return _none(kind, ask, home, (nothing,), records)
    if chosen.price_list is None:
        return _none(kind, ask, home, chosen.findings, records)
    found = row_of(ask, chosen.price_list, kind, records)
    findings = (*chosen.findings, *found.findings)
    ask = replace(ask, unit=found.unit)
    row = found.row
    currency = chosen.price_list.currency
    if row is None:
        return _none(kind, ask, currency or home, findings, records)
    if kind == "cost" and row.currency is not None:
        currency = row.currency  # a role may cost in another currency than its list's
    blank = Priced(
        kind=kind,
        currency=currency,
        currency_code=currency_code(currency, records),
        unit=found.unit,
        unit_name="" if found.unit is None else unit_name(found.unit, records),
        basis="price-list",
        level=chosen.level,
        price_list=chosen.price_list.id,
        price_list_name=shown(chosen.price_list.name or chosen.price_list.id),
        row=row.id,
        method=row.method,
        how=row.how,
        findings=findings,
    )
    if row.method == PER_UNIT:
        return _per_unit(ask, blank, row, records)
    return _by_cost(ask, blank, row, records)


def _per_unit(ask: Ask, blank: Priced, row: Row, records: Records) -> Priced:
    if row.amount is None:
        missing = priced_finding(
            ask, "PRC702", f"{blank.price_list_name} has {subject(ask, records)} without a price",
            "Enter the price in the price list.", "domain R-068",
            ("price list", blank.price_list_name),
        )  # fmt: skip
        return replace(blank, basis="none", findings=(*blank.findings, missing))
    if row.factor == 1:
        return replace(blank, price=row.amount, numerator=row.amount)
    return _priced_at(blank, Fraction(row.amount) / row.factor)


def _by_cost(ask: Ask, blank: Priced, row: Row, records: Records) -> Priced:
    """At cost, or a mark-up on it (domain R-070): sales only, in the currency of the cost."""
    if row.method not in ("at-cost", "markup") or blank.kind == "cost":
        return _not_served(ask, blank, row, "this pricing method prices nothing on a project")
    if row.method == "markup" and row.percent is None:
        return _not_served(ask, blank, row, "the mark-up has no percentage")
    cost = cost_price(replace(ask, unit=blank.unit), records)
    blank = replace(blank, findings=(*blank.findings, *cost.findings))
    if cost.basis == "none":
        return _not_served(ask, blank, row, "there is no cost to begin with")
    if cost.currency != blank.currency:
        why = f"the cost is in {cost.currency_code}, the sale in {blank.currency_code}"
        return _not_served(ask, blank, row, why)
    percent = row.percent if row.method == "markup" and row.percent is not None else Decimal(0)
    exact = cost.exact * (1 + Fraction(percent) / Fraction(HUNDRED))
    on_top = f" and {short(percent)} %" if row.method == "markup" else ""
    how = f"cost {short(cost.price)}{on_top}"
    return _priced_at(replace(blank, how=how), exact)


def _priced_at(blank: Priced, exact: Fraction) -> Priced:
    top, bottom = Decimal(exact.numerator), Decimal(exact.denominator)
    return replace(blank, price=(top / bottom), numerator=top, denominator=bottom)


def _not_served(ask: Ask, blank: Priced, row: Row, why: str) -> Priced:
    said = row.said_method or row.method
    finding = priced_finding(
        ask, "PRC706", f"{blank.price_list_name} prices by {said}: {why}",
        "Price it per unit, or at cost or with a mark-up in the currency of its cost.",
        "conflicting: project-operations/pricing-costing/set-up-cost-sales-rates-materials",
        ("method", said),
    )  # fmt: skip
    return replace(blank, basis="none", findings=(*blank.findings, finding))


def _cost_currency(ask: Ask, records: Records) -> str | None:
    project = records.one(Project, ask.project)
    return None if project is None else project.currency


def _other_unit(ask: Ask, line: WorkOrderLine, records: Records) -> Finding:
    here, there = unit_name(ask.unit, records), unit_name(line.unit, records)
    product = records.one(Product, ask.product)
    name = shown(ask.product if product is None else product.name or product.id)
    return priced_finding(
        ask, "PRC703", f"the work order line prices {name} in {there}, not in {here}",
        f"Record the quantity in {there}; prices are not converted between units.",
        "domain R-069", ("unit", here), ("priced in", there),
    )  # fmt: skip


def _none(
    kind: str, ask: Ask, currency: str | None, findings: tuple[Finding, ...], records: Records
) -> Priced:
    return Priced(
        kind=kind,
        currency=currency,
        currency_code=currency_code(currency, records),
        unit=ask.unit,
        unit_name="" if ask.unit is None else unit_name(ask.unit, records),
        findings=findings,
    )
