"""What records are called, and where they belong: each name is looked up once."""

from collections.abc import Callable, Iterable
from datetime import date, datetime, tzinfo
from functools import partial
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from adapter.deciding.dossier import day_if
from adapter.deciding.fold import MIDNIGHT
from adapter.deciding.owner import Owners
from adapter.making.story_parts import NONE, Places
from adapter.reading.settings import Settings
from adapter.reading.store import Records
from adapter.values.actuals import Actual, Approval
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
from adapter.values.prices import Role
from adapter.values.project_operations import (
    Account,
    ContractLine,
    Currency,
    Project,
)
from adapter.values.record import Record

R = TypeVar("R", bound=Record)


class Names(dict[str | None, str]):
    """What records of one kind are called; each is looked up once.

    A record that is not there, or has no name, is called by its key; no key is `nothing`.
    """

    def __init__(
        self, records: Records, kind: type[R], say: Callable[[R], str | None], nothing: str = ""
    ) -> None:
        super().__init__({None: nothing})
        self._find: Callable[[str | None], Record | None] = partial(records.one, kind)
        self._say: Callable[[Any], str | None] = say

    def __missing__(self, key: str | None) -> str:
        record = self._find(key)
        name = (self._say(record) if record is not None else None) or key or ""
        self[key] = name
        return name


class Words:
    """Names and places of one environment's records."""

    def __init__(self, records: Records, settings: Settings, environment: str) -> None:
        self.records = records
        self.currency = Names(records, Currency, lambda c: c.code)
        self.product = Names(records, Product, lambda p: p.name or p.number)
        self.unit = Names(records, Unit, lambda u: u.symbol or u.name)
        self.warehouse = Names(records, Warehouse, lambda w: w.number or w.name)
        self.account = Names(records, Account, lambda a: a.number or a.name)
        self.price_list = Names(records, PriceList, lambda p: p.name)
        self.role = Names(records, Role, lambda r: r.name)
        self.order = Names(records, WorkOrder, lambda o: o.number, NONE)
        self.project = Names(records, Project, lambda p: p.number or p.name, NONE)
        self.contract_line = Names(records, ContractLine, lambda line: line.name, NONE)
        self.agreement = Names(records, Agreement, lambda a: a.number, NONE)
        self._zones = {c: ZoneInfo(s.time_zone) for c, s in settings.companies.items()}
        self._utc = ZoneInfo("UTC")
        self._own_zones: dict[str | None, ZoneInfo] = {}  # of projects that name a company
        self._work_zones: dict[str | None, ZoneInfo] = {}  # of projects that belong to one
        self.owners = Owners(settings, environment, records)
        self._currencies = {c: s.currency or "" for c, s in settings.companies.items()}
        self._of_order: dict[str | None, Places] = {}
        self._of_work: dict[tuple[str | None, str | None], Places] = {}
        self._places: dict[tuple[str | None, ...], Places] = {}

    def agreement_of(self, order: str | None) -> str:
        """The agreement that a work order came from, or `(none)`."""
        found = self.records.one(WorkOrder, order)
        return self.agreement[found.agreement if found is not None else None]

    def order_currency(self, order: str | None) -> str:
        """The currency of a work order; else of the company, where there is only one."""
        found = self.records.one(WorkOrder, order)
        said = self.currency[found.currency] if found is not None else ""
        return said or self._currencies.get(self.owners.only or "", "")

    def zone(self, company: str | None) -> ZoneInfo:
        """The time zone of a company (its code); UTC where nobody says it."""
        return self._zones.get(company or "", self._utc)

    def zone_of(self, actual: Actual) -> ZoneInfo:
        """The time zone of the company of an actual."""
        zone = self._own_zones.get(actual.project)
        if zone is None:
            zone = self.zone(self.owners.of_actual(actual))
            if self.owners.own_of(actual.project):
                self._own_zones[actual.project] = zone
        return zone

    def work_zone(self, order: str | None, project: str | None) -> ZoneInfo:
        """The time zone of the company of what names a work order, a project or both."""
        zone = self._work_zones.get(project)
        if zone is None:
            zone = self.zone(self.owners.of_work(project, order))
            if self.owners.of_project(project) is not None:
                self._work_zones[project] = zone
        return zone

    def line_places(self, line: WorkOrderLine) -> Places:
        """Where a work order line counts: where its work order does."""
        known = self._of_order.get(line.work_order)
        if known is None:
            order = self.records.one(WorkOrder, line.work_order)
            project = order.project if order is not None else None
            known = self._of_order[line.work_order] = (
                self.order[line.work_order], self.project[project], self.only_line(project),
                self.agreement_of(line.work_order),
            )  # fmt: skip
        return known

    def only_line(self, project: str | None) -> str:
        """The contract line of a project where it has one only: usage names none."""
        found = self.records.one(Project, project)
        if found is not None and found.contract_line is not None:
            return self.contract_line[found.contract_line]
        lines = self.records.where(ContractLine, "project", project)
        return self.contract_line[lines[0].id] if len(lines) == 1 else NONE

    def work_places(self, order: str | None, project: str | None) -> Places:
        """Where work counts that names a work order and a project: usage, time, expenses."""
        known = self._of_work.get((order, project))
        if known is None:
            known = self._of_work[order, project] = (
                self.order[order], self.project[project], self.only_line(project),
                self.agreement_of(order),
            )  # fmt: skip
        return known

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
            agreement = self.agreement[key[3]] if key[3] else self.agreement_of(key[0])
            known = self._places[key] = (
                self.order[key[0]], self.project[key[1]], self.contract_line[key[2]], agreement,
            )  # fmt: skip
        return known


def first_used(records: Records, line_id: str) -> datetime | None:
    """When something of a work order line was used first; None where nobody said it."""
    usages = records.where(Usage, "line", line_id)
    return min((u.used_at for u in usages if u.used_at is not None), default=None)


def approved_at(
    approval: Approval, actuals: Iterable[Actual], zone: tzinfo
) -> tuple[datetime | None, date | None]:
    """When an approval was given, as far as its row tells, and the company's day of it.

    Where the row tells a day only (`approved_day`), the instant is that of the first actual
    that the approval created on it.
    """
    at, day = approval.approved_on, approved_day(approval, zone)
    if at is None or at.timetz() != MIDNIGHT:
        return at, day
    made = min((a.created_on for a in actuals if a.created_on is not None), default=None)
    return made if day_if(made, zone) == day else None, day


def approved_day(approval: Approval, zone: tzinfo) -> date | None:
    """The company's day on which an approval was given.

    The CRM keeps a day only, which is read as midnight UTC: it is that day everywhere.
    """
    at = approval.approved_on
    return at.date() if at is not None and at.timetz() == MIDNIGHT else day_if(at, zone)
