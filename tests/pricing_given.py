"""Given records for the tests of prices and labour: one company, its lists, roles and units."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from decimal import Decimal

from adapter.making.priced import Ask, Priced, Switches
from adapter.reading.store import RecordsInMemory
from adapter.values.field_service import (
    PriceList,
    PriceListItem,
    Product,
    Resource,
    TimeEntry,
    Unit,
    WorkOrder,
    WorkOrderLine,
)
from adapter.values.prices import CategoryPrice, Expense, Role, RolePrice, UnitPriceList
from adapter.values.project_operations import (
    Category,
    Company,
    Contract,
    ContractingUnit,
    ContractLine,
    ContractPriceList,
    Currency,
    Project,
    Task,
)
from adapter.values.record import Record

D = Decimal
DAY = date(2026, 11, 14)
OWN = Switches(calculate_price_in_field_service=False, calculate_cost_in_field_service=False)


def created(year: int, month: int = 1) -> datetime:
    return datetime(year, month, 1, 9, tzinfo=UTC)


BASE: tuple[Record, ...] = (
    Company(id="c-us", code="USPM"), Company(id="c-in", code="INPM"),
    Currency(id="usd", code="USD"), Currency(id="eur", code="EUR"), Currency(id="inr", code="INR"),
    Unit(id="ea", name="ea", group="count", factor=D(1)),
    Unit(id="box", name="box", group="count", base="ea", factor=D(12)),
    Unit(id="pallet", name="pallet", group="count", base="box", factor=D(40)),
    Unit(id="kg", name="kg", group="mass", factor=D(1)),
    Unit(id="hour", name="Hour", group="time", factor=D(1)),
    Unit(id="day", name="Day", group="time", base="hour", factor=D(8)),
    Product(id="filter", name="Filter", unit="ea"),
    Product(id="visit", name="Visit", unit="hour", product_type="service"),
    Role(id="tech", name="Technician", billing_type="chargeable"),
    Role(id="trainee", name="Trainee", billing_type="non-chargeable"),
    Category(id="parking", name="Parking"),
    Resource(id="ann", name="Ann", company="c-us"), Resource(id="raj", name="Raj", company="c-in"),
    PriceList(id="sales", name="Sales 2026", currency="usd", context="sales",
              start=date(2026, 1, 1), finish=date(2026, 12, 31), created_on=created(2025)),
    PriceList(id="cost", name="Cost 2026", currency="usd", context="cost",
              start=date(2026, 1, 1), finish=date(2026, 12, 31), created_on=created(2025)),
    ContractingUnit(id="cu", name="Contoso US", currency="usd"),
    Contract(id="pc", number="PC-0007", currency="usd", contracting_unit="cu"),
    ContractLine(id="cl", name="T&M", contract="pc", project="p",
                 billing_method="time-and-material", includes_time=True, includes_expense=True,
                 includes_material=True),
    Project(id="p", number="P-0007", contract="pc", contracting_unit="cu", currency="usd"),
    Task(id="t", name="Inspection", project="p"),
    ContractPriceList(id="pc-sales", contract="pc", price_list="sales"),
    UnitPriceList(id="cu-cost", contracting_unit="cu", price_list="cost"),
    PriceListItem(id="s-filter", price_list="sales", product="filter", unit="ea",
                  amount=D("125.00")),
    PriceListItem(id="c-filter", price_list="cost", product="filter", unit="ea",
                  amount=D("80.00")),
    RolePrice(id="s-tech", price_list="sales", role="tech", unit="hour", price=D("95.00")),
    RolePrice(id="c-tech", price_list="cost", role="tech", unit="hour", price=D("40.00"),
              currency="usd"),
    RolePrice(id="s-trainee", price_list="sales", role="trainee", unit="hour", price=D("50.00")),
    RolePrice(id="c-trainee", price_list="cost", role="trainee", unit="hour", price=D("20.00")),
    CategoryPrice(id="s-parking", price_list="sales", category="parking", unit="ea",
                  method="markup", percent=D(10)),
    WorkOrder(id="wo", number="WO-00912", project="p", task="t", currency="usd"),
    WorkOrderLine(id="wop", name="Filter", kind="product", work_order="wo", product="filter",
                  unit="ea", line_status="used", quantity=D(4), unit_price=D("119.00"),
                  unit_cost=D("77.00"), currency="usd"),
)  # fmt: skip


def world(*more: Record, without: Iterable[str] = ()) -> RecordsInMemory:
    """The base, with records added or replaced (same kind and id) and some left out."""
    tables: dict[type[Record], dict[str, Record]] = {}
    for record in (*BASE, *more):
        tables.setdefault(type(record), {})[record.id] = record
    for table in tables.values():
        for key in without:
            table.pop(key, None)
    return RecordsInMemory(tables)


def ask(**changed: object) -> Ask:
    """A filter on the contract, priced by Project Operations, unless said otherwise."""
    said = {"product": "filter", "unit": "ea", "day": DAY, "project": "p", "switches": OWN}
    return Ask(**{**said, **changed})  # type: ignore[arg-type]


def role_ask(**changed: object) -> Ask:
    return ask(**{"product": None, "unit": None, "role": "tech", **changed})


def codes(priced: Priced) -> list[str]:
    return [finding.code for finding in priced.findings]


def entry(key: str = "te", **changed: object) -> TimeEntry:
    said = {"work_order": "wo", "project": "p", "resource": "ann", "role": "tech", "day": DAY,
            "duration": 90, "entry_type": "work", "entry_status": "approved"}  # fmt: skip
    return TimeEntry(id=key, **{**said, **changed})  # type: ignore[arg-type]


def expense(key: str = "ex", **changed: object) -> Expense:
    said = {"work_order": "wo", "project": "p", "resource": "ann", "category": "parking",
            "unit": "ea", "quantity": D(2), "unit_cost": D("9.00"), "amount": D("18.00"),
            "currency": "usd", "day": DAY, "expense_status": "approved"}  # fmt: skip
    return Expense(id=key, **{**said, **changed})  # type: ignore[arg-type]


def service(**changed: object) -> WorkOrderLine:
    said = {"name": "Visit", "kind": "service", "work_order": "wo", "product": "visit",
            "unit": "hour", "line_status": "used", "duration": 90, "unit_cost": D("45.00"),
            "unit_price": D("90.00"), "currency": "usd", "status": "active"}  # fmt: skip
    return WorkOrderLine(id="wos", **{**said, **changed})  # type: ignore[arg-type]
