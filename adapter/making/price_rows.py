"""Which row of a price list prices it: product and unit, role and company, category and unit.

Material prices are never converted between units (domain R-069); prices of roles are, since
time has fixed units. A list without a row is a price of zero and a warning (domain R-068).
"""

from collections.abc import Callable, Sequence
from decimal import Decimal
from fractions import Fraction

from msgspec import Struct

from adapter.making.priced import Ask, priced_finding
from adapter.making.units import factor_between, measured, short, unit_name
from adapter.reading.store import Records
from adapter.values.field_service import PriceList, PriceListItem, Product
from adapter.values.finding import Finding, shown
from adapter.values.money import decimal_of
from adapter.values.prices import CategoryPrice, Role, RolePrice
from adapter.values.project_operations import Category
from adapter.values.record import Record

PER_UNIT = "price-per-unit"
NOT_SERVED = "not-served"
SALES = "learn: project-operations/pricing-costing/sales-price-resolution"
COSTS = "learn: project-operations/pricing-costing/cost-price-resolution"
MATERIALS = "learn: project-operations/pricing-costing/set-up-cost-sales-rates-materials"
LABOUR = "learn: project-operations/pricing-costing/set-up-labor-cost-rate"


class Row(Struct, frozen=True, kw_only=True):
    """What one row of a price list says, in our words."""

    id: str
    unit: str | None
    amount: Decimal | None
    percent: Decimal | None = None
    method: str = PER_UNIT  # at-cost, markup, not-served
    said_method: str = ""  # as the row has it, where it is not served
    currency: str | None = None
    factor: Fraction = Fraction(1)  # how many of the asked unit one unit of the row holds
    how: str = ""


class Found(Struct, frozen=True, kw_only=True):
    """The row that prices, or why none does; the unit that the price is for."""

    row: Row | None = None
    unit: str | None = None
    findings: tuple[Finding, ...] = ()


def row_of(ask: Ask, price_list: PriceList, kind: str, records: Records) -> Found:
    """The row of a list for what is asked; `kind` is sales or cost.

    What was wrong with the row of the list, or of the price, when it was read is said too.
    """
    table: type[Record] = CategoryPrice
    if ask.product is not None:
        table, found = PriceListItem, _material(ask, price_list, kind, records)
    elif ask.role is not None:
        table, found = RolePrice, _role(ask, price_list, kind, records)
    else:
        found = _category(ask, price_list, kind, records)
    if not records.has_faults:
        return found
    faults = records.faults(PriceList, price_list.id)
    if found.row is not None:
        faults += records.faults(table, found.row.id)
    return Found(row=found.row, unit=found.unit, findings=(*faults, *found.findings))


def subject(ask: Ask, records: Records) -> str:
    """What is priced, by its name."""
    product, role = records.one(Product, ask.product), records.one(Role, ask.role)
    category = records.one(Category, ask.category)
    name = next((one.name for one in (product, role, category) if one is not None), None)
    return shown(name or ask.product or ask.role or ask.category)


def _material(ask: Ask, price_list: PriceList, kind: str, records: Records) -> Found:
    product = records.one(Product, ask.product)
    unit = ask.unit or (None if product is None else product.unit)
    items = records.where(PriceListItem, "product", ask.product)
    rows = [_of_item(one, ask) for one in items if one.price_list == price_list.id]
    return _of_unit(ask, rows, unit, price_list, kind, records)


def _of_item(one: PriceListItem, ask: Ask) -> Row:
    """Project pricing first, the table's own method without it (domain R-070)."""
    listed = one.method or "currency-amount"
    own = PER_UNIT if listed == "currency-amount" else NOT_SERVED
    method = one.project_method or own
    if ask.switches.material_pricing_methods == "currency-amount" and method != PER_UNIT:
        method = NOT_SERVED
    return Row(
        id=one.id,
        unit=one.unit,
        amount=one.amount,
        percent=one.percent,
        method=method,
        said_method=one.project_method or listed,
    )


def _category(ask: Ask, price_list: PriceList, kind: str, records: Records) -> Found:
    prices = records.where(CategoryPrice, "category", ask.category)
    rows = [
        Row(id=one.id, unit=one.unit, amount=one.price, percent=one.percent,
            method=one.method or PER_UNIT)
        for one in prices
        if one.price_list == price_list.id
    ]  # fmt: skip
    return _of_unit(ask, rows, ask.unit, price_list, kind, records)


def _of_unit(
    ask: Ask, rows: Sequence[Row], unit: str | None, price_list: PriceList, kind: str,
    records: Records,
) -> Found:  # fmt: skip
    """The row in exactly this unit: prices are not converted (domain R-069)."""
    here = [one for one in rows if unit is not None and one.unit == unit]
    if here:
        return Found(row=here[0], unit=unit, findings=_twice(ask, here, price_list, records))
    if not rows:
        return Found(unit=unit, findings=(_no_row(ask, price_list, kind, records),))
    others = ", ".join(sorted({unit_name(one.unit, records) for one in rows}))
    finding = priced_finding(
        ask, "PRC703",
        f"{shown(price_list.name)} prices {subject(ask, records)} in {others}, "
        f"not in {unit_name(unit, records)}",
        f"Add a price in {unit_name(unit, records)}, or record the quantity in {others}; "
        "prices are not converted between units.",
        MATERIALS, ("unit", unit_name(unit, records)), ("priced in", others),
    )  # fmt: skip
    return Found(unit=unit, findings=(finding,))


def _role(ask: Ask, price_list: PriceList, kind: str, records: Records) -> Found:
    """The row that names most of what is asked: what it leaves empty serves all.

    Of two rows that name one each, the company comes before the unit (a setting, inferred).
    Hours are asked where no unit is: the base unit of the group of time (inferred).
    """
    prices = records.where(RolePrice, "role", ask.role)
    fitting = [one for one in prices if one.price_list == price_list.id and _fits(one, ask)]
    if not fitting:
        return Found(unit=ask.unit, findings=(_no_row(ask, price_list, kind, records),))
    rank = _rank(ask)
    best = max(rank(one) for one in fitting)
    rows = [_of_role(one) for one in fitting if rank(one) == best]
    row = rows[0]
    base = measured(row.unit, records)
    unit = ask.unit if ask.unit is not None else (None if base is None else base.base)
    factor = factor_between(row.unit, unit, records)
    if factor is None:
        return Found(unit=unit, findings=(_no_time(ask, row, price_list, unit, records),))
    how = ""
    if factor != 1 and row.amount is not None:
        how = (
            f"{short(row.amount)} per {unit_name(row.unit, records)} of "
            f"{short(decimal_of(factor))} {unit_name(unit, records)}"
        )
    row = Row(
        id=row.id, unit=row.unit, amount=row.amount, percent=row.percent, method=row.method,
        currency=row.currency, factor=factor, how=how,
    )  # fmt: skip
    return Found(row=row, unit=unit, findings=_twice(ask, rows, price_list, records))


def _of_role(one: RolePrice) -> Row:
    return Row(
        id=one.id,
        unit=one.unit,
        amount=one.price,
        percent=one.percent,
        method=one.method or PER_UNIT,
        currency=one.currency,
    )


def _fits(one: RolePrice, ask: Ask) -> bool:
    pairs = (
        (one.company, ask.company),
        (one.resourcing_unit, ask.resourcing_unit),
        (one.resource, ask.resource),
        (one.category, ask.category),
    )
    return all(said is None or said == asked for said, asked in pairs)


def _rank(ask: Ask) -> Callable[[RolePrice], tuple[bool, ...]]:
    if ask.switches.role_price_priority == "resourcing-unit":
        return lambda one: (
            one.resource is not None, one.resourcing_unit is not None,
            one.company is not None, one.category is not None,
        )  # fmt: skip
    return lambda one: (
        one.resource is not None, one.company is not None,
        one.resourcing_unit is not None, one.category is not None,
    )  # fmt: skip


def _twice(
    ask: Ask, rows: Sequence[Row], price_list: PriceList, records: Records
) -> tuple[Finding, ...]:
    """PRC708 where rows for the same thing and unit say different prices."""
    if len({(one.unit, one.amount, one.method, one.percent, one.currency) for one in rows}) < 2:
        return ()
    ids = ", ".join(one.id for one in rows)
    finding = priced_finding(
        ask, "PRC708", f"{shown(price_list.name)} prices {subject(ask, records)} more than once",
        "Keep one of the rows.", "domain R-068", ("rows", ids),
    )  # fmt: skip
    return (finding,)


def _no_row(ask: Ask, price_list: PriceList, kind: str, records: Records) -> Finding:
    return priced_finding(
        ask, "PRC702", f"{shown(price_list.name)} has no price of {subject(ask, records)}",
        f"Add it to the {kind} price list; until then its {kind} price is 0.",
        SALES if kind == "sales" else COSTS, ("price list", price_list.name or price_list.id),
    )  # fmt: skip


def _no_time(
    ask: Ask, row: Row, price_list: PriceList, unit: str | None, records: Records
) -> Finding:
    return priced_finding(
        ask, "PRC707",
        f"{shown(price_list.name)} prices {subject(ask, records)} per "
        f"{unit_name(row.unit, records)}: how many hours that is, no row says",
        "Export the units (uom) with their base units, or price the role per hour.",
        LABOUR, ("from", unit_name(row.unit, records)), ("to", unit_name(unit, records)),
    )  # fmt: skip
