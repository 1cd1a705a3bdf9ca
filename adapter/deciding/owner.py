"""Which company a record belongs to: one answer for plans, stories and moves (domain R-040).

A project belongs to its own company, else to that of its contract; a work order to that of its
project, else of its service account. An environment with a single company needs no company
columns (core has none).
"""

from collections.abc import Sequence

from adapter.reading.settings import Settings
from adapter.reading.store import Records
from adapter.values.actuals import Actual
from adapter.values.field_service import Usage, WorkOrder, WorkOrderLine
from adapter.values.project_operations import Account, Company, Contract, Project


class Owners:
    """The companies of one environment's records, by their codes in upper case."""

    def __init__(self, settings: Settings, environment: str, records: Records) -> None:
        self.records = records
        here = [c for c, s in settings.companies.items() if s.environment == environment]
        self.only = here[0] if len(here) == 1 else None
        self._own: dict[str | None, str | None] = {}  # project -> its own company
        self._projects: dict[str | None, str | None] = {}
        self._work: dict[tuple[str | None, ...], str | None] = {}

    def code(self, *owners: str | None) -> str | None:
        """The code of the first of these companies (ids) that is known; else of the only one."""
        return next((found for key in owners if (found := self._code(key))), self.only)

    def _code(self, key: str | None) -> str | None:
        company = self.records.one(Company, key)
        return company.code.upper() if company is not None and company.code else None

    def of_project(self, key: str | None) -> str | None:
        """Of a project: its own company, else that of its contract; None without a project."""
        if key not in self._projects:
            project = self.records.one(Project, key)
            self._projects[key] = None if project is None else self.code(
                project.company, self._of_contract(project.contract)
            )  # fmt: skip
        return self._projects[key]

    def of_work(self, project: str | None, order: str | None) -> str | None:
        """Of what names a project, a work order or both."""
        own = self.of_project(project)
        if own is not None:
            return own
        key = (order,)  # of this alone, as the project gave none
        if key not in self._work:
            self._work[key] = self.of_order(order) or self.only
        return self._work[key]

    def of_order(self, key: str | None) -> str | None:
        """Of a work order: of its project, else of its service account; None without one."""
        order = self.records.one(WorkOrder, key)
        if order is None:
            return None
        return self.of_project(order.project) or self.code(self._of_account(order))

    def of_contract(self, key: str | None) -> str | None:
        """Of a contract; the only company where the contract is not known."""
        return self.code(self._of_contract(key))

    def of_actual(self, actual: Actual) -> str | None:
        """Of an actual: of its project, its contract, the account that its work is done for."""
        return self.own_of(actual.project) or self._of_rest(actual)

    def of_actuals(self, actuals: Sequence[Actual]) -> set[str | None]:
        """Of all of these: where their projects name companies, nothing else is asked."""
        projects = {actual.project for actual in actuals}
        found = {self.own_of(project) for project in projects}
        return found if all(found) else {self.of_actual(actual) for actual in actuals}

    def own_of(self, project: str | None) -> str | None:
        """The company that a project itself names; None where it names none that is known."""
        own = self._own.get(project, "")
        if own == "":
            found = self.records.one(Project, project)
            own = None if found is None else self._code(found.company)
            self._own[project] = own
        return own

    def _of_rest(self, actual: Actual) -> str | None:
        """Where the project names no company."""
        key = (actual.project, actual.contract, self.order_of(actual))
        if key not in self._work:
            project = self.records.one(Project, actual.project)
            contract = self._of_contract(actual.contract)
            if project is not None and self.records.one(Contract, actual.contract) is None:
                contract = self._of_contract(project.contract)
            order = self.records.one(WorkOrder, key[2])
            account = None if order is None else self._of_account(order)
            self._work[key] = self.code(contract, account)
        return self._work[key]

    def order_of(self, actual: Actual) -> str | None:
        """The work order of an actual: its own, else that of its line or usage, if it was read."""
        one = self.records.one
        if one(WorkOrder, actual.work_order) is not None:
            return actual.work_order
        usage = one(Usage, actual.usage)
        line = one(WorkOrderLine, actual.line)
        if line is None and usage is not None:
            line = one(WorkOrderLine, usage.line)
        for found in (line, usage):
            if found is not None and one(WorkOrder, found.work_order) is not None:
                return found.work_order
        return None

    def _of_contract(self, key: str | None) -> str | None:
        contract = self.records.one(Contract, key)
        return contract.company if contract is not None else None

    def _of_account(self, order: WorkOrder) -> str | None:
        account = self.records.one(Account, order.service_account)
        return account.company if account is not None else None
