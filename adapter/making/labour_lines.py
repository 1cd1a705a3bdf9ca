"""Which time entries and expenses belong to a work order, and whether they are billed.

An entry belongs by its work order reference. Expenses have no documented column for it, so
one without a reference belongs by its task, of which a work order has its own (domain
R-024; inferred). Absence and vacation are no labour of a work order.
"""

from collections.abc import Sequence

from msgspec import Struct

from adapter.making.documents import sourced_finding
from adapter.reading.store import Records
from adapter.values.field_service import TimeEntry, WorkOrder, WorkOrderLine
from adapter.values.finding import Finding, shown
from adapter.values.prices import Expense, Role
from adapter.values.project_operations import ContractLine, Project, Task

TIME = "time"
EXPENSE = "expense"
INCLUDES = {TIME: "includes_time", EXPENSE: "includes_expense"}
WORK = ("work", "overtime")  # the kinds of time entry that are labour
LEFT_OUT = ("canceled",)  # neither approved nor to be approved
APPROVED = ("approved", "posted", "paid")
CHARGEABLE = "chargeable"


class Billing(Struct, frozen=True, kw_only=True):
    """How a class of a project is billed; `why` is why there is no sale, empty if there is one."""

    line: str | None = None  # contract line
    is_billed: bool = False
    why: str = ""
    findings: tuple[Finding, ...] = ()


def time_entries_of(work_order: WorkOrder, records: Records) -> tuple[TimeEntry, ...]:
    """The time entries of a work order that are labour, by key."""
    found = records.where(TimeEntry, "work_order", work_order.id)
    return tuple(
        one for one in found
        if (one.entry_type or "work") in WORK and one.entry_status not in LEFT_OUT
    )  # fmt: skip


def expenses_of(work_order: WorkOrder, records: Records) -> tuple[tuple[Expense, bool], ...]:
    """The expenses of a work order, by key, and whether the task alone says so."""
    own = records.where(Expense, "work_order", work_order.id)
    by_task = records.where(Expense, "task", work_order.task)
    if not own and not by_task:
        return ()
    found = {one.id: (one, False) for one in own}
    found |= {one.id: (one, True) for one in by_task if one.work_order is None}
    return tuple(
        found[key] for key in sorted(found) if found[key][0].expense_status not in LEFT_OUT
    )


def billing_of(
    record: str, klass: str, project: Project | None, records: Records
) -> Billing:
    """The contract line that includes the class of the project (domain R-030, R-031).

    Time and material is billed; fixed price, a class that no line includes and a project
    without contract give cost only. Which tasks a line has selected is in no row that is
    read: lines that disagree are LAB704, and nothing is billed.
    """
    if project is None:
        return Billing(why="no project")
    if project.contract is None:
        return Billing(why="the project has no contract")
    lines = [
        line for line in records.where(ContractLine, "contract", project.contract)
        if line.project == project.id and getattr(line, INCLUDES[klass])
    ]  # fmt: skip
    if not lines:
        return Billing(why=f"no contract line includes {klass}")
    methods = {line.billing_method for line in lines}
    if len(methods) > 1:
        return Billing(why="contract lines disagree", findings=(_not_clear(record, klass, lines),))
    line = lines[0].id if len(lines) == 1 else None
    if methods != {"time-and-material"}:
        return Billing(line=line, why="the contract line is not time and material")
    return Billing(line=line, is_billed=True)


def billing_type_of(task: str | None, role: str | None, records: Records) -> str:
    """Chargeability by the task, else by the role; chargeable where neither says (inferred)."""
    tasks, roles = records.one(Task, task), records.one(Role, role)
    by_task = None if tasks is None else tasks.billing_type
    return by_task or (None if roles is None else roles.billing_type) or CHARGEABLE


def labour_twice(
    work_order: WorkOrder, entries: Sequence[TimeEntry], records: Records
) -> tuple[Finding, ...]:
    """LAB701: a used work order service beside time entries (domain 2.1 note, R-074, R-075)."""
    services = [
        line for line in records.where(WorkOrderLine, "work_order", work_order.id)
        if line.kind == "service" and line.line_status == "used"
        and line.status != "inactive" and line.duration != 0
    ]  # fmt: skip
    if not services or not entries:
        return ()
    names = ", ".join(shown(line.name or line.id) for line in services)
    number = shown(work_order.number or work_order.id)
    finding = sourced_finding(
        "LAB701", work_order.id,
        f"work order {number} has used services ({names}) and {len(entries)} time entries: "
        "the labour may be costed and billed twice",
        "Bill labour by the service or by time entries, not by both.",
        "inferred: services are materials, time entries are time (domain 2.1)",
        ("services", names), ("time entries", ", ".join(one.id for one in entries)),
    )  # fmt: skip
    return (finding,)


def _not_clear(record: str, klass: str, lines: Sequence[ContractLine]) -> Finding:
    names = ", ".join(shown(line.name or line.id) for line in lines)
    return sourced_finding(
        "LAB704", record,
        f"contract lines with different billing methods include {klass}: {names}",
        "Let one contract line include the class of this project, or all have one method.",
        "domain R-029, R-030", ("lines", names),
    )  # fmt: skip
