"""A made company of each model that moves: every kind of record that can be in flight."""

from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache

from msgspec.structs import replace

from adapter.edge.book import read_book
from adapter.edge.workspace import read_workspace
from adapter.making.flight import Flight
from adapter.making.moving import Move, Refusal, plan_move
from adapter.making.workspace import EnvironmentRecords, Workspace
from adapter.reading.move_table import MOVE_FILE, MoveTable, parse_move
from adapter.reading.settings import CompanySetting, EnvironmentSetting, Settings
from adapter.reading.store import RecordsInMemory
from adapter.values.actuals import Actual
from adapter.values.field_service import (
    PriceList,
    Product,
    Unit,
    Usage,
    Warehouse,
    WorkOrder,
    WorkOrderLine,
)
from adapter.values.finance import (
    LegalEntity,
    LineProperty,
    ProjectCategory,
    ReleasedProduct,
)
from adapter.values.project_operations import (
    Account,
    Contract,
    ContractCustomer,
    ContractLine,
    ContractPriceList,
    Currency,
    Project,
)
from tests.commands import CONTOSO
from tests.making_given import tables

D = Decimal
AS_OF = date(2026, 11, 20)
FENCE = date(2026, 12, 1)
TORONTO = "America/Toronto"  # five hours behind UTC in winter
BEFORE = datetime(2026, 11, 10, 15, tzinfo=UTC)
AFTER = datetime(2026, 12, 10, 15, tzinfo=UTC)

STANDING = (
    Currency(id="cad", code="CAD", decimals=2),
    Currency(id="usd", code="USD", decimals=2),
    Account(id="acc", number="ACC-1001", name="Adatum"),
    Project(id="p", number="P-0007", contract="pc", currency="cad", stage="deliver"),
    Contract(id="pc", number="PC-0007", currency="cad", order_type="work-based", state="active"),
    ContractLine(id="cl", name="T&M", contract="pc", project="p", line_type="project-based",
                 billing_method="time-and-material", includes_material=True),
    ContractCustomer(id="pay", contract="pc", contract_line="cl", account="acc", percent=D(100)),
    Product(id="prod", number="D0011", item_number="D0011", name="Filter", unit="ea"),
    Unit(id="ea", name="ea", symbol="ea"),
    Warehouse(id="wh", number="11", name="Main"),
    WorkOrder(id="wo", number="WO-1", project="p", system_status="posted", service_account="acc",
              billing_account="acc", currency="cad", completed_on=BEFORE, work_order_type="repair",
              price_list="list"),
    PriceList(id="list", name="Sales", currency="cad", context="sales"),
    ContractPriceList(id="of", contract="pc", price_list="list"),
)  # fmt: skip
FINANCE = (
    LegalEntity(id="XX", code="XX", currency="CAD", uses_project_operations=True,
                default_item_category="ITEM", has_profile_rule=True, period_unit="months"),
    ProjectCategory(id="XX|ITEM", company="XX", name="ITEM", transaction_type="item"),
    LineProperty(id="XX|Charge", company="XX", name="Charge", billing_type="chargeable"),
    ReleasedProduct(id="XX|D0011", company="XX", item_number="D0011"),
)  # fmt: skip


@cache
def shipped() -> Workspace:
    return read_workspace(CONTOSO)


@cache
def table() -> MoveTable:
    source = read_book(None, Settings()).sources[MOVE_FILE]
    found, findings = parse_move(source)
    assert found is not None, findings
    return found


def workspace(
    *records: object, model: str = "core", finance: tuple[object, ...] = (), unreadable: int = 0,
    setting: dict[str, object] | None = None, **environment: object,
) -> Workspace:  # fmt: skip
    """A workspace of one company XX in Toronto that runs a model."""
    has_finance = model == "integrated"
    beside = tables(*FINANCE, *finance) if has_finance else None
    said = {"field_service": "8.8.150.0", "project_operations": "4.170.0.0",
            "finance": "finance" if has_finance else None, **environment}  # fmt: skip
    settings = Settings(
        environments={"xx": EnvironmentSetting(name="xx", **said)},  # type: ignore[arg-type]
        companies={"XX": CompanySetting(code="XX", environment="xx", time_zone=TORONTO,
                                        **(setting or {}))},  # type: ignore[arg-type]
        as_of=AS_OF, options=shipped().settings.options,
    )  # fmt: skip
    rows: RecordsInMemory = tables(*STANDING, *records)
    mine = EnvironmentRecords(records=rows, finance=beside, unreadable=unreadable)
    return replace(shipped(), settings=settings, environments={"xx": mine}, findings=(), sent={})


def actual(key: str, kind: str = "unbilled-sales", **more: object) -> Actual:
    said: dict[str, object] = {
        "transaction_class": "material", "billing_type": "chargeable", "quantity": D(2),
        "price": D("75.05"), "amount": D("150.10"), "currency": "cad", "project": "p",
        "contract": "pc", "contract_line": "cl", "contract_customer": "pay", "customer": "acc",
        "product": "prod", "unit": "ea", "work_order": "wo", "started_at": BEFORE,
        "billing_status": "ready-to-invoice" if kind == "unbilled-sales" else None, **more,
    }  # fmt: skip
    return Actual(id=key, transaction_type=kind, **said)  # type: ignore[arg-type]


def line(key: str = "l", **more: object) -> WorkOrderLine:
    said = {"name": "Filter", "kind": "product", "line_status": "used", "work_order": "wo",
            "product": "prod", "unit": "ea", "quantity": D(3), "quantity_to_bill": D(2),
            "unit_price": D("125.00"), "unit_cost": D("80.00"), "discount_percent": D(10),
            "currency": "cad", **more}  # fmt: skip
    return WorkOrderLine(id=key, **said)  # type: ignore[arg-type]


def usage(state: str | None, key: str = "u", **more: object) -> Usage:
    said = {"project": "p", "work_order": "wo", "quantity": D(3), "unit_cost": D("80.00"),
            "used_at": BEFORE, **more}  # fmt: skip
    return Usage(id=key, usage_status=state, **said)  # type: ignore[arg-type]


def planned(space: Workspace, source: str = "core", target: str = "integrated",
            **more: object) -> Move:  # fmt: skip
    """The plan of a move that is not refused."""
    move = answer(space, source, target, **more)
    assert isinstance(move, Move), move
    return move


def answer(space: Workspace, source: str, target: str, **more: object) -> Move | Refusal:
    said = {"as_of": AS_OF, "cut_over": FENCE, **more}
    return plan_move(space, table(), "XX", source, target, **said)  # type: ignore[arg-type]


def flight(move: Move, kind: str) -> Flight:
    return next(one for one in move.flights if one.kind == kind)


def kinds(move: Move) -> dict[str, int]:
    """Kinds of which something is in flight, with how many records are in the way."""
    return {one.kind: one.in_the_way for one in move.flights if one.records}


def sums(one: Flight) -> dict[tuple[str, str, str], Decimal]:
    return {(a.currency, a.type, a.klass): a.amount for a, _ in one.money}
