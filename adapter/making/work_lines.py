"""Work order lines as they finally stand, their quantities, and what surrounds them.

Technicians synchronise late, twice and out of order. What counts is the row's own version,
then its modification time, then its content: any order of arrival gives the same line.
"""

from collections.abc import Collection, Iterable
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import TypeVar

import msgspec
from msgspec import Struct

from adapter.making.documents import finding_of
from adapter.reading.store import Records
from adapter.values.field_service import Agreement, Product, Usage, Warehouse, WorkOrder
from adapter.values.field_service import WorkOrderLine as Line
from adapter.values.finding import Finding
from adapter.values.money import ZERO
from adapter.values.project_operations import (
    Account,
    Contract,
    ContractCustomer,
    ContractLine,
    Project,
    Task,
)
from adapter.values.record import Record

R = TypeVar("R", bound=Record)

MINUTES = Decimal(60)
CENT = Decimal("0.01")  # quantities have two decimals (domain R-054)
_NEVER = datetime.min.replace(tzinfo=UTC)
_encode = msgspec.json.Encoder().encode


class Around(Struct, frozen=True, kw_only=True):
    """A work order line with the records that decide what it gives; None is not there."""

    line: Line
    work_order: WorkOrder | None = None
    project: Project | None = None
    task: Task | None = None
    contract: Contract | None = None
    contract_line: ContractLine | None = None
    product: Product | None = None
    agreement: Agreement | None = None
    company: str | None = None  # id; the service account's, else the project's
    site: str | None = None  # of the line, else of its warehouse (domain R-097)
    usages: tuple[Usage, ...] = ()
    is_shared: bool = False  # several customers pay the contract line (E26)
    is_deleted: bool = False


def settle(rows: Iterable[R], deleted: Collection[str] = ()) -> tuple[R, ...]:
    """The last state of each row that arrived, in any order and any number of times.

    A later version overtakes; without versions the modification time decides. A deleted id
    never comes back, however late its edits arrive. Of two rows of one version that differ
    the same one is taken every time; `contradictions` names them. Rows are ordered by id.
    """
    last: dict[str, R] = {}
    for row in rows:
        if row.id in deleted:
            continue
        before = last.get(row.id)
        if before is None or _rank(row) > _rank(before):
            last[row.id] = row
    return tuple(last[key] for key in sorted(last))


def contradictions(rows: Iterable[Record], deleted: Collection[str] = ()) -> tuple[Finding, ...]:
    """SRC038 for each id whose newest version says two different things, ordered by id."""
    said: dict[str, tuple[tuple[int, datetime], list[Record]]] = {}
    for row in rows:
        age = _rank(row)[:2]
        known = said.get(row.id)
        if known is None or age > known[0]:
            said[row.id] = (age, [row])
        elif age == known[0] and row not in known[1]:
            known[1].append(row)
    return tuple(
        finding_of(
            "SRC038",
            key,
            "rows of one version say different things",
            "Export the row again; until then the same one of them is taken every time.",
            ("version", age[0] if age[0] >= 0 else None),
            ("different rows", len(states)),
        )
        for key, (age, states) in sorted(said.items())
        if len(states) > 1 and key not in deleted
    )


def _rank(row: Record) -> tuple[int, datetime, bytes]:
    """What makes one state of a row later than another; equal only for equal states."""
    version = getattr(row, "version", None)
    modified: datetime | None = getattr(row, "modified_on", None)
    return (-1 if version is None else version, modified or _NEVER, _encode(row))


def surround(line: Line, records: Records, *, is_deleted: bool = False) -> Around:
    """The line with its work order, project, contract line and usage logs."""
    one = records.one
    order = one(WorkOrder, line.work_order)
    project = one(Project, order.project) if order is not None else None
    task = one(Task, order.task) if order is not None else None
    warehouse = one(Warehouse, line.warehouse)
    account = one(Account, order.service_account) if order is not None else None
    company = account.company if account is not None else None
    covered = contract_line_of(project, task, records)
    return Around(
        line=line,
        work_order=order,
        project=project,
        task=task,
        contract=one(Contract, project.contract) if project is not None else None,
        contract_line=covered,
        is_shared=covered is not None and len(payers_of(covered, records)) > 1,
        product=one(Product, line.product),
        agreement=one(Agreement, order.agreement) if order is not None else None,
        company=company or (project.company if project is not None else None),
        site=line.site or (warehouse.site if warehouse is not None else None),
        usages=records.where(Usage, "line", line.id),
        is_deleted=is_deleted,
    )


def contract_line_of(
    project: Project | None, task: Task | None, records: Records
) -> ContractLine | None:
    """The contract line for material of a project and task (domain R-030).

    A line with selected tasks needs a task (R-181); that a task belongs to it is told by
    the task's billing type, which is inferred. None when no line or more than one fits.
    """
    if project is None or project.contract is None:
        return None
    lines = [
        line
        for line in records.where(ContractLine, "contract", project.contract)
        if line.project in (None, project.id)
        and line.line_type in (None, "project-based")
        and line.includes_material is not False
    ]
    for_all = [line for line in lines if line.included_tasks != "selected-tasks"]
    if task is not None and task.billing_type is not None:
        selected = [line for line in lines if line.included_tasks == "selected-tasks"]
        lines = selected or for_all
    else:
        lines = for_all
    return lines[0] if len(lines) == 1 else None


def payers_of(line: ContractLine, records: Records) -> tuple[ContractCustomer, ...]:
    """Who pays a contract line: its own customers, else those of its whole contract."""
    own = records.where(ContractCustomer, "contract_line", line.id)
    every = records.where(ContractCustomer, "contract", line.contract)
    return own or tuple(payer for payer in every if payer.contract_line is None)


def hours(minutes: int | None) -> Decimal | None:
    """Minutes as hours, per which services and labour are priced (domain R-076, inferred).

    Quantities of work order lines and actuals have two decimals (R-054, domain 4.1), so these
    have too, wherever hours are told; an amount is made of the quantity that is recorded.
    """
    return None if minutes is None else two_decimals(Decimal(minutes) / MINUTES)


def two_decimals(quantity: Decimal) -> Decimal:
    """A quantity with two decimals, half up; how others are rounded is inferred (R-054)."""
    return quantity.quantize(CENT, rounding=ROUND_HALF_UP)


def estimated_of(line: Line) -> Decimal:
    """The planned quantity, of a service in hours; nothing said is zero (domain R-050)."""
    said = hours(line.estimate_duration) if line.kind == "service" else line.estimate_quantity
    return ZERO if said is None else two_decimals(said)


def used_of(line: Line) -> Decimal:
    """The quantity used, of a service in hours; nothing said is zero."""
    said = hours(line.duration) if line.kind == "service" else line.quantity
    return ZERO if said is None else two_decimals(said)


def to_bill_of(line: Line) -> Decimal:
    """The quantity to bill; nothing said is the quantity used (domain R-055)."""
    is_service = line.kind == "service"
    said = hours(line.duration_to_bill) if is_service else line.quantity_to_bill
    return used_of(line) if said is None else two_decimals(said)


def is_inactive(row: Record) -> bool:
    """Whether somebody deactivated the row."""
    return getattr(row, "status", None) == "inactive"
