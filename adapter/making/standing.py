"""What there is after some events: the records that events create and change."""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from adapter.making.new_actuals import Created
from adapter.making.proforma_life import Draft
from adapter.values.actuals import Actual, Connection
from adapter.values.project_operations import InvoiceSchedule, Milestone, Retainer


class Standing(Struct, frozen=True, kw_only=True):
    """What there is after some events: records by id, and the connections between them."""

    actuals: Mapping[str, Actual] = {}
    milestones: Mapping[str, Milestone] = {}
    retainers: Mapping[str, Retainer] = {}
    connections: tuple[Connection, ...] = ()
    schedules: Mapping[str, InvoiceSchedule] = {}
    drafts: Mapping[str, Draft] = {}  # proformas in any state


HOLDS = ("actuals", "milestones", "retainers", "schedules")


def after(standing: Standing, created: Created, *drafts: Draft) -> Standing:
    """The records after an event: its changes made, its new actuals and connections there.

    `drafts` are proformas as the event leaves them.
    """
    tables: dict[str, dict[str, Any]] = {name: dict(getattr(standing, name)) for name in HOLDS}
    for change in created.changes:
        table = next((t for t in tables.values() if change.record in t), None)
        if table is not None:
            table[change.record] = replace(table[change.record], **{change.field: change.value})
    tables["actuals"].update((actual.id, actual) for actual in created.actuals)
    return Standing(
        **tables,
        connections=(*standing.connections, *created.connections),
        drafts={**standing.drafts, **{draft.id: draft for draft in drafts}},
    )
