"""What one work order line should have given: rows, the rules that say so, what stands in the way.

The vendor writes these rows. We compute them, compare them with what is there and explain
the difference; nothing here is sent.
"""

from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from adapter.making.documents import finding_of
from adapter.making.work_lines import Around
from adapter.values.finding import Finding, Level
from adapter.values.record import Record

Kind = Literal["estimate", "forecast", "usage", "journal", "actual"]
Basis = Literal["documented", "inferred"]
MODELS_WITH_PROJECTS = ("core", "integrated")


class Expectation(Struct, frozen=True, kw_only=True):
    """The rows of one kind that one work order line should have, and why."""

    kind: Kind
    line: str
    work_order: str | None = None
    rows: tuple[Record, ...] = ()
    rules: tuple[str, ...] = ()
    why: str = ""
    basis: Basis = "documented"
    findings: tuple[Finding, ...] = ()
    is_blocked: bool = False  # what people asked for cannot be done now: see the findings
    reverses: tuple[str, ...] = ()  # usage logs whose actuals are to be reversed (E10)


def nothing(
    kind: Kind, around: Around, rules: tuple[str, ...], why: str, *found: Finding,
    basis: Basis = "documented",
) -> Expectation:  # fmt: skip
    """No row is expected of this line, and why."""
    return Expectation(
        kind=kind, line=around.line.id, work_order=around.line.work_order, rules=rules, why=why,
        findings=found, basis=basis,
    )  # fmt: skip


def warning_of(
    code: str, record: str, message: str, help: str, *values: tuple[str, object],
    level: Level = "warning",
) -> Finding:  # fmt: skip
    """Like `finding_of`, for what does not stand in the way."""
    return replace(finding_of(code, record, message, help, *values), level=level)


def without_project(kind: Kind, around: Around, model: str) -> Expectation | None:
    """Why a line can give no row at all: no project, or none that Dataverse keeps.

    A project that was linked after its work order was posted does not count (domain R-021);
    a company that runs project management and accounting has no such rows (R-001, R-018).
    """
    order, project = around.work_order, around.project
    if order is None or order.project is None:
        return nothing(kind, around, ("E35",), "the work order has no project")
    if project is None:
        lost = finding_of(
            "SRC030",
            around.line.id,
            "the project of the work order was not read",
            "Export the project, then compare again.",
            ("project", order.project),
        )
        return replace(nothing(kind, around, (), "the project was not read", lost),
                       is_blocked=True)  # fmt: skip
    if model not in MODELS_WITH_PROJECTS or project.is_pma:
        return nothing(kind, around, ("R-001", "R-018"), "the company keeps no Dataverse projects")
    linked, closed = order.project_linked_on, order.closed_on
    if order.system_status == "posted" and linked and closed and linked > closed:
        late = finding_of(
            "USG704",
            around.line.id,
            "the project was linked after the work order was posted, which gives nothing",
            "Record the usage on the project itself.",
            ("work order", order.number),
            ("linked", linked),
            ("posted", closed),
        )
        return nothing(kind, around, ("R-021",), "linked after posting", late)
    return None
