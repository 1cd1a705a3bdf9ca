"""A workspace after its plan was sent, without a ledger: what was sent is a value."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from adapter.edge.workspace import read_workspace
from adapter.making.plan import Plan, make_plan
from adapter.making.steps import Consignment, Step
from adapter.making.workspace import SentLine, Workspace
from adapter.telling.report import make_report

DAY = date(2026, 12, 2)  # on which it was sent


class Sent(Struct, kw_only=True):
    """A plan and everything of it sent."""

    space: Workspace
    plan: Plan
    consignments: list[Consignment]

    @property
    def report(self) -> dict[str, Any]:
        return make_report(self.plan)

    @property
    def lines(self) -> dict[str, SentLine]:
        """What a ledger says was sent."""
        return {step.key: line_of(one, step, self.plan.as_of) for one in self.consignments
                for step in one.steps if step.source}  # fmt: skip

    @property
    def bodies(self) -> dict[str, str]:
        """The rows that were sent, by key."""
        return {step.key: step.body for one in self.consignments for step in one.steps}

    def again(
        self, lines: Mapping[str, SentLine] | None = None, *, space: Workspace | None = None,
        bodies: Mapping[str, str] | None = None, as_of: date | None = None,
    ) -> Plan:  # fmt: skip
        """The next plan, which knows what was sent."""
        told = replace(space or self.space, sent=self.lines if lines is None else lines,
                       row_sent=(self.bodies if bodies is None else bodies).get)  # fmt: skip
        return make_plan(told, as_of)


def line_of(one: Consignment, step: Step, as_of: date) -> SentLine:
    """What the ledger keeps of a row."""
    return SentLine(key=step.key, digest=step.source, document=one.name, batch=one.document,
                    on=DAY, as_of=as_of, amount=step.amount, currency=step.currency,
                    day=step.day)  # fmt: skip


def old_digests(lines: Mapping[str, SentLine]) -> dict[str, SentLine]:
    """The same as an older version wrote it: digests of the digits, no batch, no day of plan."""
    return {key: replace(line, digest=f"{at:016x}", batch="", as_of=None)
            for at, (key, line) in enumerate(lines.items())}  # fmt: skip


def all_sent(folder: Path) -> Sent:
    """The plan of a workspace, sent."""
    space = read_workspace(folder)
    consignments: list[Consignment] = []
    return Sent(space=space, plan=make_plan(space, ship=consignments.append),
                consignments=consignments)  # fmt: skip


