"""A small work order with its project, for the tests of what its lines should give."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from msgspec.structs import replace

from adapter.making.expectation import Expectation
from adapter.making.priced import Priced
from adapter.making.work_lines import Around, surround
from adapter.reading.store import RecordsInMemory
from adapter.values.field_service import (
    Product,
    Site,
    Unit,
    Usage,
    Warehouse,
    WorkOrder,
    WorkOrderLine,
)
from adapter.values.project_operations import (
    Account,
    Contract,
    ContractLine,
    Currency,
    Project,
    Task,
)
from tests.making_given import tables

D = Decimal
START = datetime(2026, 3, 10, 9, tzinfo=UTC)
ORDER = WorkOrder(
    id="wo", number="WO-1", project="p", service_account="acc", agreement="agr",
    system_status="in-progress",
)  # fmt: skip
PROJECT = Project(id="p", number="P-7", contract="pc", company="us", currency="usd")
TERMS = ContractLine(
    id="cl", contract="pc", project="p", line_type="project-based",
    billing_method="time-and-material", includes_material=True, included_tasks="all-tasks",
)  # fmt: skip
AROUND = (
    Account(id="acc", number="ACC-1", company="us"),
    Contract(id="pc", number="PC-7", currency="usd"),
    Currency(id="usd", code="USD"),
    Product(id="filter", number="D0011", item_number="D0011", name="Filter",
            product_type="inventory", is_stocked=True, company="us"),
    Product(id="repair", number="S0001", name="Repair", product_type="service"),
    Unit(id="ea", name="ea", symbol="ea"),
    Site(id="s1", number="1"),
    Site(id="s2", number="2"),
    Warehouse(id="wh1", number="11", site="s1", name="Main"),
    Task(id="task", number="A-1", project="p", billing_type="chargeable"),
)  # fmt: skip


def priced(price: str, price_list: str | None = None, currency: str | None = "usd") -> Priced:
    """What one unit costs or sells for."""
    return Priced(price=D(price), numerator=D(price), currency=currency, price_list=price_list,
                  basis="price-list")  # fmt: skip


PRICE = priced("125.00", "sales")
COST = priced("80.00", "cost")
PART = WorkOrderLine(
    id="line", name="Filter", kind="product", line_status="estimated", work_order="wo",
    product="filter", unit="ea", warehouse="wh1", estimate_quantity=D(4),
)  # fmt: skip
USED = replace(PART, line_status="used", quantity=D(4))
SERVICE = WorkOrderLine(
    id="service", name="Repair", kind="service", line_status="used", work_order="wo",
    product="repair", duration=90,
)  # fmt: skip


def world(*more: object, order: WorkOrder = ORDER, project: Project = PROJECT,
          terms: ContractLine | None = TERMS) -> RecordsInMemory:  # fmt: skip
    """The records around a line; later ones replace earlier ones of the same id."""
    lines = () if terms is None else (terms,)
    return tables(order, project, *lines, *AROUND, *more)


def around(line: WorkOrderLine, *more: object, order: WorkOrder = ORDER,
           project: Project = PROJECT, terms: ContractLine | None = TERMS,
           is_deleted: bool = False) -> Around:  # fmt: skip
    records = world(line, *more, order=order, project=project, terms=terms)
    return surround(line, records, is_deleted=is_deleted)


def usage(key: str = "mul", **more: object) -> Usage:
    """A submitted usage log of the line, 4 pieces, as it should be."""
    said = {"quantity": D(4), "quantity_to_bill": D(4), "product": "filter", "unit": "ea",
            "unit_cost": D("80.00"), "unit_price": D("125.00"), "project": "p", "work_order": "wo",
            "agreement": "agr", "line": "line", "warehouse": "wh1", "site": "s1",
            "usage_status": "submitted", **more}  # fmt: skip
    return Usage(id=key, **said)


def later(hours: int) -> datetime:
    return START + timedelta(hours=hours)


def codes(one: Expectation) -> list[str]:
    return [f"{f.code} {f.level}" for f in one.findings]
