"""What records are called, and where they belong: each name is looked up once."""

from collections.abc import Callable
from typing import TypeVar
from zoneinfo import ZoneInfo

from adapter.making.story_parts import NONE
from adapter.reading.settings import Settings
from adapter.reading.store import Records
from adapter.values.actuals import Actual
from adapter.values.field_service import (
    Agreement,
    PriceList,
    Product,
    Unit,
    Usage,
    Warehouse,
    WorkOrder,
    WorkOrderLine,
)
from adapter.values.project_operations import (
    Account,
    Company,
    ContractLine,
    Currency,
    Project,
)
from adapter.values.record import Record

R = TypeVar("R", bound=Record)
Places = tuple[str, str, str, str]


class Words:
    """Names and places of one environment's records."""

    def __init__(self, records: Records, settings: Settings, environment: str) -> None:
        self.records = records
        self._zones = {c: ZoneInfo(s.time_zone) for c, s in settings.companies.items()}
        self._utc = ZoneInfo("UTC")
        here = [c for c, s in settings.companies.items() if s.environment == environment]
        self._only = here[0] if len(here) == 1 else ""
        self._currencies = {c: s.currency or "" for c, s in settings.companies.items()}
        self._known: dict[tuple[str, str | None], str] = {}
        self._zone_of: dict[str | None, ZoneInfo] = {}
        self._places: dict[tuple[str | None, ...], Places] = {}

    def _name(self, kind: type[R], key: str | None, say: Callable[[R], str | None]) -> str:
        """A name, remembered; the key itself where the record is not there."""
        if key is None:
            return ""
        known = self._known.get((kind.__name__, key))
        if known is None:
            record = self.records.one(kind, key)
            known = (say(record) if record is not None else None) or key
            self._known[kind.__name__, key] = known
        return known

    def currency(self, key: str | None) -> str:
        """The ISO code of a currency."""
        return self._name(Currency, key, lambda c: c.code)

    def product(self, key: str | None) -> str:
        """The name of a product."""
        return self._name(Product, key, lambda p: p.name or p.number)

    def unit(self, key: str | None) -> str:
        """The symbol of a unit."""
        return self._name(Unit, key, lambda u: u.symbol or u.name)

    def warehouse(self, key: str | None) -> str:
        """The number of a warehouse."""
        return self._name(Warehouse, key, lambda w: w.number or w.name)

    def account(self, key: str | None) -> str:
        """The number of a customer."""
        return self._name(Account, key, lambda a: a.number or a.name)

    def price_list(self, key: str | None) -> str:
        """The name of a price list."""
        return self._name(PriceList, key, lambda p: p.name)

    def order(self, key: str | None) -> str:
        """The number of a work order, or `(none)`."""
        return self._name(WorkOrder, key, lambda o: o.number) or NONE

    def project(self, key: str | None) -> str:
        """The number of a project, or `(none)`."""
        return self._name(Project, key, lambda p: p.number or p.name) or NONE

    def contract_line(self, key: str | None) -> str:
        """The name of a contract line, or `(none)`."""
        return self._name(ContractLine, key, lambda line: line.name) or NONE

    def agreement(self, key: str | None) -> str:
        """The number of an agreement, or `(none)`."""
        return self._name(Agreement, key, lambda a: a.number) or NONE

    def agreement_of(self, order: str | None) -> str:
        """The agreement that a work order came from, or `(none)`."""
        found = self.records.one(WorkOrder, order)
        return self.agreement(found.agreement if found is not None else None)

    def order_currency(self, order: str | None) -> str:
        """The currency of a work order; else of the company, where there is only one."""
        found = self.records.one(WorkOrder, order)
        said = self.currency(found.currency) if found is not None else ""
        return said or self._currencies.get(self._only, "")

    def zone(self, project: str | None) -> ZoneInfo:
        """The time zone of the company that a project belongs to; else UTC."""
        known = self._zone_of.get(project)
        if known is None:
            found = self.records.one(Project, project)
            company = self.records.one(Company, found.company) if found is not None else None
            code = (company.code or "").upper() if company is not None else self._only
            known = self._zone_of[project] = self._zones.get(code, self._utc)
        return known

    def zone_of_line(self, line: WorkOrderLine) -> ZoneInfo:
        """The time zone of the company of a line's work order."""
        order = self.records.one(WorkOrder, line.work_order)
        return self.zone(order.project if order is not None else None)

    def line_places(self, line: WorkOrderLine) -> Places:
        """Where a work order line counts."""
        order = self.records.one(WorkOrder, line.work_order)
        project = order.project if order is not None else None
        return (self.order(line.work_order), self.project(project), self.only_line(project),
                self.agreement_of(line.work_order))  # fmt: skip

    def only_line(self, project: str | None) -> str:
        """The contract line of a project where it has one only: usage names none."""
        found = self.records.one(Project, project)
        if found is not None and found.contract_line is not None:
            return self.contract_line(found.contract_line)
        lines = self.records.where(ContractLine, "project", project)
        return self.contract_line(lines[0].id) if len(lines) == 1 else NONE

    def usage_places(self, usage: Usage) -> Places:
        """Where a usage log counts."""
        return (self.order(usage.work_order), self.project(usage.project),
                self.only_line(usage.project), self.agreement_of(usage.work_order))  # fmt: skip

    def places(self, actual: Actual) -> Places:
        """Where an actual counts: by its own links, else by those of its usage and line."""
        key = (actual.work_order, actual.project, actual.contract_line, actual.agreement)
        if actual.work_order is None and (actual.usage or actual.line):
            usage = self.records.one(Usage, actual.usage)
            line = self.records.one(WorkOrderLine, actual.line or (usage and usage.line) or None)
            order = (usage.work_order if usage is not None else None) or (
                line.work_order if line is not None else None
            )
            key = (order, *key[1:])
        known = self._places.get(key)
        if known is None:
            agreement = self.agreement(key[3]) if key[3] else self.agreement_of(key[0])
            known = self._places[key] = (
                self.order(key[0]), self.project(key[1]), self.contract_line(key[2]), agreement,
            )  # fmt: skip
        return known

    def event(self, actual: Actual) -> str:
        """The event that created an actual, where its records say so."""
        return ""
