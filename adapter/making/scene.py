"""The records of one company's environment, and whose each of them is."""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from adapter.deciding.dossier import Assembler, day_if
from adapter.making.equation import UNKNOWN
from adapter.making.flight import Amount
from adapter.making.work_lines import hours
from adapter.making.workspace import Workspace
from adapter.reading.settings import CompanySetting
from adapter.values.field_service import Product, Unit, WorkOrder, WorkOrderLine
from adapter.values.money import amount_of, discount_of
from adapter.values.project_operations import Currency

UTC = ZoneInfo("UTC")
DONE = ("posted", "canceled")  # states of a work order that nothing follows


class Scene:
    """What a move needs to know of the company's records, and of their neighbours."""

    def __init__(self, workspace: Workspace, company: CompanySetting) -> None:
        self.company = company.code
        self.settings = workspace.settings
        environment = workspace.environments[company.environment]
        self.unreadable = environment.unreadable
        self.records = environment.records
        self.environment = self.settings.environments[company.environment]
        self.assembler = Assembler(
            self.settings, self.environment, environment.records, environment.finance
        )
        self.finance = self.assembler.finance
        self.zone = self.assembler.company(company.code).zone
        self.owners = self.assembler.owners
        self._zones = {c: ZoneInfo(s.time_zone) for c, s in self.settings.companies.items()}

    def zone_of(self, code: str | None) -> ZoneInfo:
        """The time zone of a company; UTC where nobody says it."""
        return self._zones.get(code or "", UTC)

    def day(self, at: datetime | None) -> date | None:
        """The company day of an instant."""
        return day_if(at, self.zone)

    def currency(self, *keys: str | None) -> str:
        """ISO code of the first currency that is named; its key where it was not read."""
        key = next((key for key in keys if key), None)
        found = self.records.one(Currency, key)
        return (found.code if found is not None else None) or key or UNKNOWN

    def unit(self, key: str | None, product: str | None) -> str:
        """Name of a unit; of the product's own where none is named."""
        of_product = self.records.one(Product, product)
        unit = self.records.one(Unit, key or (of_product.unit if of_product else None))
        return (unit.symbol or unit.name or "" if unit is not None else "") or UNKNOWN

    def money_of(self, line: WorkOrderLine, order: WorkOrder | None) -> tuple[Amount, ...]:
        """Cost and sale of a used line at its own prices; what has no price is left out.

        Services are priced by the hour; the discount is the percent of the line (R-066).
        """
        currency = self.currency(line.currency, order.currency if order is not None else None)
        used = line.quantity if line.kind != "service" else hours(line.duration)
        billed = line.quantity_to_bill if line.kind != "service" else hours(line.duration_to_bill)
        return tuple(self._amounts(line, currency, used, used if billed is None else billed))

    def _amounts(
        self, line: WorkOrderLine, currency: str, used: Decimal | None, billed: Decimal | None
    ) -> Iterator[Amount]:
        rule = self.settings.currency_rule(currency)
        if used is not None and line.unit_cost is not None:
            yield Amount(currency, "cost", "material", amount_of(used, line.unit_cost, rule))
        if billed is not None and line.unit_price is not None:
            gross = amount_of(billed, line.unit_price, rule)
            less = discount_of(gross, line.discount_percent or Decimal(0), rule)
            yield Amount(currency, "unbilled-sales", "material", gross - less)


def is_open(order: WorkOrder) -> bool:
    """Whether work may still come of a work order."""
    return order.system_status not in DONE and order.status != "inactive"
