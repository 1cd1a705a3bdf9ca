"""A dossier: one actual with every record that is needed to judge it.

Records are joined by their keys. A lookup that leads nowhere is a finding on the actual
(SRC030), never an exception; the others go on.
"""

from datetime import date, datetime, tzinfo
from operator import attrgetter
from typing import Any
from zoneinfo import ZoneInfo

from msgspec import Struct, field

from adapter.deciding.fold import approval_time, order_of
from adapter.deciding.origins import COLUMN, with_origin
from adapter.deciding.owner import Owners
from adapter.reading.settings import CompanySetting, EnvironmentSetting, Settings
from adapter.reading.store import NO_RECORDS, Records
from adapter.values.actuals import Actual, Approval, Connection
from adapter.values.field_service import (
    Agreement,
    Product,
    Resource,
    Site,
    Unit,
    Usage,
    Warehouse,
    WorkOrder,
    WorkOrderLine,
)
from adapter.values.finance import (
    FinanceCustomer,
    FinanceProject,
    LegalEntity,
    ReleasedProduct,
    StorageGroup,
    TrackingGroup,
)
from adapter.values.project_operations import (
    Account,
    Category,
    Company,
    Contract,
    ContractCustomer,
    ContractLine,
    Currency,
    Invoice,
    Project,
    Task,
)
from adapter.values.record import Record


class Dossier(Struct, kw_only=True, gc=True):
    """One actual and its joined records; what is not there is None."""

    actual: Actual
    records: Records
    finance_records: Records
    settings: Settings
    environment: EnvironmentSetting
    code: str | None  # code of the legal entity
    setting: CompanySetting | None
    zone: ZoneInfo
    company: Company | None = None
    finance: LegalEntity | None = None
    project: Project | None = None
    task: Task | None = None
    contract: Contract | None = None
    contract_line: ContractLine | None = None
    payer: ContractCustomer | None = None
    customer: Account | None = None
    account: Account | None = None
    billing_account: Account | None = None
    work_order: WorkOrder | None = None
    line: WorkOrderLine | None = None
    usage: Usage | None = None
    approval: Approval | None = None
    agreement: Agreement | None = None
    product: Product | None = None
    unit: Unit | None = None
    warehouse: Warehouse | None = None
    site: Site | None = None
    resource: Resource | None = None
    currency: Currency | None = None
    category: Category | None = None
    invoice: Invoice | None = None
    released: ReleasedProduct | None = None
    tracking: TrackingGroup | None = None
    storage: StorageGroup | None = None
    finance_project: FinanceProject | None = None
    finance_customer: FinanceCustomer | None = None
    connections: tuple[Connection, ...] = ()
    original: Actual | None = None  # the actual that this one reverses
    origin_by: str = COLUMN  # what proves `actual.origin`
    day: date | None = None  # transaction date in the company's time zone
    model: str | None = None  # deployment model of the company, once it was chosen
    dangling: tuple[tuple[str, str], ...] = ()  # field of the actual, key that leads nowhere
    memo: dict[object, object] = field(default_factory=dict)  # computed once for this actual
    shared: dict[object, Any] = field(default_factory=dict)  # ... once for its environment


def lives_elsewhere(d: Dossier) -> bool:
    """Whether the settings say that the company lives in another environment than its rows."""
    return d.setting is not None and d.setting.environment != d.environment.name


def day_in(at: datetime, zone: tzinfo) -> date:
    """The calendar day of an instant (aware) in a time zone."""
    return at.astimezone(zone).date()


def day_if(at: datetime | None, zone: tzinfo) -> date | None:
    """`day_in`, where there is an instant."""
    return None if at is None else at.astimezone(zone).date()


def day_of(actual: Actual, zone: tzinfo) -> date | None:
    """The transaction day of an actual in a time zone, else the day of its document."""
    at = actual.started_at
    return actual.document_date if at is None else at.astimezone(zone).date()


def latest_of(approvals: tuple[Approval, ...]) -> Approval | None:
    """The approval given last; of several without a date, the last by key."""
    if len(approvals) < 2:
        return approvals[0] if approvals else None
    dated = [a for a in approvals if a.approved_on is not None] or [approvals[-1]]
    return max(dated, key=lambda a: (str(a.approved_on), a.id))


# field of the actual, role in the dossier, kind of record
_JOINS: tuple[tuple[str, str, type[Record]], ...] = (
    ("usage", "usage", Usage),
    ("line", "line", WorkOrderLine),
    ("work_order", "work_order", WorkOrder),
    ("project", "project", Project),
    ("contract", "contract", Contract),
    ("contract_line", "contract_line", ContractLine),
    ("task", "task", Task),
    ("contract_customer", "payer", ContractCustomer),
    ("customer", "customer", Account),
    ("agreement", "agreement", Agreement),
    ("product", "product", Product),
    ("unit", "unit", Unit),
    ("warehouse", "warehouse", Warehouse),
    ("site", "site", Site),
    ("resource", "resource", Resource),
    ("currency", "currency", Currency),
    ("category", "category", Category),
    ("invoice", "invoice", Invoice),
)
_KEYS = attrgetter(*(field for field, _, _ in _JOINS))


class Assembler:
    """Joins the records of one environment around an actual."""

    def __init__(
        self,
        settings: Settings,
        environment: EnvironmentSetting,
        records: Records,
        finance_records: Records | None,
    ) -> None:
        self.settings = settings
        self.environment = environment
        self.records = records
        self.finance = finance_records or NO_RECORDS
        self._zones = {c: ZoneInfo(s.time_zone) for c, s in settings.companies.items()}
        self._utc = ZoneInfo("UTC")
        self._finders = [records.finder(kind) for _, _, kind in _JOINS]
        self._shared: dict[object, Any] = {}
        self.owners = Owners(settings, environment.name, records)
        self._approvals = records.finder_by(Approval, "usage")
        self._first = records.finder_by(Connection, "first")
        self._second = records.finder_by(Connection, "second")
        self._entities: dict[str, tuple[Company | None, LegalEntity | None]] = {}

    def order_of(self, actual: Actual) -> tuple[str, str, str]:
        """Where the actual stands in the fold: approval time, transaction date, id."""
        usage = actual.usage
        approval = latest_of(self._approvals(usage)) if usage else None
        approved_on = approval_time(approval.approved_on if approval else None, actual.created_on)
        return order_of(approved_on, actual.started_at or actual.document_date, actual.id)

    def company(self, code: str | None) -> Dossier:
        """A dossier that holds the legal entity only, to choose its deployment model."""
        dossier = Dossier(
            actual=Actual(id=""),
            records=self.records,
            finance_records=self.finance,
            settings=self.settings,
            environment=self.environment,
            code=code,
            setting=self.settings.companies.get(code or ""),
            zone=self._zones.get(code or "", self._utc),
        )
        self._join_finance(dossier)
        return dossier

    def assemble(self, actual: Actual) -> Dossier:
        """The dossier of one actual."""
        dangling: list[tuple[str, str]] = []
        joined: dict[str, Any] = {}
        for (name, role, _), key, find in zip(_JOINS, _KEYS(actual), self._finders, strict=True):
            if key is not None:
                joined[role] = record = find(key)
                if record is None:
                    dangling.append((name, key))
        dossier = Dossier(
            actual=actual,
            records=self.records,
            finance_records=self.finance,
            settings=self.settings,
            environment=self.environment,
            code=None,
            setting=None,
            zone=self._utc,
            shared=self._shared,
            **joined,
        )
        self._join_work(dossier, dangling)
        dossier.code = code = self.owners.code(
            dossier.project.company if dossier.project is not None else None,
            dossier.contract.company if dossier.contract is not None else None,
            dossier.account.company if dossier.account is not None else None,
        )
        dossier.setting = self.settings.companies.get(code or "")
        dossier.zone = self._zones.get(code or "", self._utc)
        dossier.day = day_of(actual, dossier.zone)
        self._join_lists(dossier)
        self._join_finance(dossier)
        dossier.dangling = tuple(dangling)
        return dossier

    def _join_work(self, d: Dossier, dangling: list[tuple[str, str]]) -> None:
        """What an actual does not name itself: by its usage, line, work order and project."""
        one = self.records.one
        if d.line is None and d.usage is not None:
            d.line = one(WorkOrderLine, d.usage.line)
        if d.work_order is None and d.line is not None:
            d.work_order = one(WorkOrder, d.line.work_order)
        if d.work_order is None and d.usage is not None:
            d.work_order = one(WorkOrder, d.usage.work_order)
        if d.contract is None and d.project is not None:
            d.contract = one(Contract, d.project.contract)
        order = d.work_order
        if order is None:
            return
        d.account = one(Account, order.service_account)
        if d.account is None and order.service_account is not None:
            dangling.append(("service_account", order.service_account))
        d.billing_account = one(Account, order.billing_account)
        if d.billing_account is None and order.billing_account is not None:
            dangling.append(("billing_account", order.billing_account))

    def _join_lists(self, d: Dossier) -> None:
        key = d.actual.id
        if d.usage is not None:
            d.approval = latest_of(self._approvals(d.usage.id))
        d.connections = self._first(key) + self._second(key)
        for pair in d.connections:
            role, other = (
                (pair.first_role, pair.second)
                if pair.first == key
                else (pair.second_role, pair.first)
            )
            if role is not None and role.casefold() == "reversing":
                d.original = self.records.one(Actual, other)
        if d.actual.origin is None:
            d.actual, d.origin_by = with_origin(d.actual, d.original, self.records)

    def _join_finance(self, d: Dossier) -> None:
        code = d.code
        if code is None:
            return
        one = self.finance.one
        entity = self._entities.get(code)
        if entity is None:
            company = next(iter(self.records.where(Company, "code", code)), None)
            entity = self._entities[code] = (company, one(LegalEntity, code))
        d.company, d.finance = entity
        if d.project is not None and d.project.number:
            d.finance_project = one(FinanceProject, f"{code}|{d.project.number}")
        if d.customer is not None and d.customer.number:
            d.finance_customer = one(FinanceCustomer, f"{code}|{d.customer.number}")
        item = d.product.item_number if d.product is not None else None
        if item:
            d.released = one(ReleasedProduct, f"{code}|{item}")
        if d.released is not None:
            d.tracking = one(TrackingGroup, d.released.tracking_group)
            d.storage = one(StorageGroup, d.released.storage_group)
