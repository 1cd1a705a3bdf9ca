"""A dossier: one actual with every record that is needed to judge it.

Records are joined by their keys. A lookup that leads nowhere is a finding on the actual
(SRC030), never an exception; the others go on.
"""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from msgspec import Struct, field

from adapter.deciding.fold import order_of
from adapter.reading.settings import CompanySetting, EnvironmentSetting, Settings
from adapter.reading.store import NO_RECORDS, R, Records
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
    day: date | None = None  # transaction date in the company's time zone
    model: str | None = None  # deployment model of the company, once it was chosen
    dangling: tuple[tuple[str, str], ...] = ()  # field of the actual, key that leads nowhere
    memo: dict[object, object] = field(default_factory=dict)  # computed once for this actual

    def __post_init__(self) -> None:
        at = self.actual.started_at
        self.day = self.actual.document_date if at is None else day_in(at, self.zone)


def day_in(at: datetime, zone: ZoneInfo) -> date:
    """The calendar day of an instant (aware) in a time zone."""
    return at.astimezone(zone).date()


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
        here = [c for c, s in settings.companies.items() if s.environment == environment.name]
        self._only_company = here[0] if len(here) == 1 else None

    def company_code(self, *owners: str | None) -> str | None:
        """The code of the first company that is known, upper case.

        An environment with a single company needs no company columns (core has none).
        """
        for key in owners:
            company = self.records.one(Company, key)
            if company is not None and company.code:
                return company.code.upper()
        return self._only_company

    def order_of(self, actual: Actual) -> tuple[str, str, str]:
        """Where the actual stands in the fold: approval time, transaction date, id."""
        usage = actual.usage
        approvals = self.records.where(Approval, "usage", usage) if usage else ()
        approved_on = approvals[-1].approved_on if approvals else actual.created_on
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
        one = self.records.one
        dangling: list[tuple[str, str]] = []

        def follow(kind: type[R], field: str, source: Record = actual) -> R | None:
            key: str | None = getattr(source, field)
            if key is None:
                return None
            found = one(kind, key)
            if found is None:
                dangling.append((field, key))
            return found

        usage = follow(Usage, "usage")
        line = follow(WorkOrderLine, "line") or (one(WorkOrderLine, usage.line) if usage else None)
        work_order = follow(WorkOrder, "work_order")
        if work_order is None and line is not None:
            work_order = one(WorkOrder, line.work_order)
        if work_order is None and usage is not None:
            work_order = one(WorkOrder, usage.work_order)
        project = follow(Project, "project")
        contract = follow(Contract, "contract") or (
            one(Contract, project.contract) if project else None
        )
        account = follow(Account, "service_account", work_order) if work_order else None
        code = self.company_code(
            project.company if project else None,
            contract.company if contract else None,
            account.company if account else None,
        )
        dossier = Dossier(
            actual=actual,
            records=self.records,
            finance_records=self.finance,
            settings=self.settings,
            environment=self.environment,
            code=code,
            setting=self.settings.companies.get(code or ""),
            zone=self._zones.get(code or "", self._utc),
            project=project,
            contract=contract,
            contract_line=follow(ContractLine, "contract_line"),
            task=follow(Task, "task"),
            payer=follow(ContractCustomer, "contract_customer"),
            customer=follow(Account, "customer"),
            account=account,
            billing_account=follow(Account, "billing_account", work_order) if work_order else None,
            work_order=work_order,
            line=line,
            usage=usage,
            agreement=follow(Agreement, "agreement"),
            product=follow(Product, "product"),
            unit=follow(Unit, "unit"),
            warehouse=follow(Warehouse, "warehouse"),
            site=follow(Site, "site"),
            resource=follow(Resource, "resource"),
            currency=follow(Currency, "currency"),
            category=follow(Category, "category"),
            invoice=follow(Invoice, "invoice"),
        )
        self._join_lists(dossier)
        self._join_finance(dossier)
        dossier.dangling = tuple(dangling)
        return dossier

    def _join_lists(self, d: Dossier) -> None:
        where = self.records.where
        key = d.actual.id
        if d.usage is not None:
            approvals = where(Approval, "usage", d.usage.id)
            d.approval = approvals[-1] if approvals else None
        d.connections = where(Connection, "first", key) + where(Connection, "second", key)
        for pair in d.connections:
            role, other = (
                (pair.first_role, pair.second)
                if pair.first == key
                else (pair.second_role, pair.first)
            )
            if role is not None and role.casefold() == "reversing":
                d.original = self.records.one(Actual, other)

    def _join_finance(self, d: Dossier) -> None:
        code = d.code
        if code is None:
            return
        d.company = next(iter(self.records.where(Company, "code", code)), None)
        one = self.finance.one
        d.finance = one(LegalEntity, code)
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
