"""Events in the order of their own records: any order of arrival gives the same end.

Technicians sync days later, twice and out of order, and edits overtake creations. What counts
is the records' own order: time of approval, version, id (issue 4, point 10). An event that
arrives again, or in an older version, changes nothing. What refers to something that has not
arrived is left with a finding; it happens once everything is there.
"""

from collections.abc import Iterable
from datetime import datetime

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from adapter.making.advances import Advance, advance_of, applied_of, available_of
from adapter.making.confirm import Detail
from adapter.making.documents import finding_of
from adapter.making.events import apply
from adapter.making.given import Given
from adapter.making.proforma_practice import Practice
from adapter.making.proforma_steps import PRACTICE, Step, take
from adapter.making.reverse import Correction
from adapter.making.standing import Standing, after
from adapter.reading.event_file import INFERRED, Inferred
from adapter.values.actuals import Actual
from adapter.values.finding import Finding


class Happening(Struct, frozen=True, kw_only=True):
    """One event as a record: what, when, in which version. `at` must know its time zone.

    `event` is E1 to E35 with the values `given`, or empty where people moved a proforma: then
    `step` says how.
    """

    id: str
    at: datetime
    event: str = ""
    given: Given = Given(id="")
    step: Step | None = None
    version: int = 0

    @property
    def order(self) -> tuple[datetime, int, str]:
        """The order that counts: approval time, version, id."""
        return (self.at, self.version, self.id)


def in_order(happenings: Iterable[Happening]) -> list[Happening]:
    """Each event once, in its newest version, in the order of the records.

    Two that differ in one version are a contradiction; the later one counts, else the last
    by content, so that the order of arrival decides nothing.
    """
    newest: dict[str, Happening] = {}
    for one in happenings:
        before = newest.get(one.id)
        if before is None or _is_newer(one, before):
            newest[one.id] = one
    return sorted(newest.values(), key=lambda one: one.order)


def _is_newer(one: Happening, before: Happening) -> bool:
    this, that = (one.version, one.at), (before.version, before.at)
    if this != that or one == before:
        return this > that
    return msgspec.json.encode(one) > msgspec.json.encode(before)


def replay(
    happenings: Iterable[Happening],
    standing: Standing | None = None,
    inferred: Inferred = INFERRED,
    practice: Practice = PRACTICE,
) -> tuple[Standing, tuple[Finding, ...]]:
    """The end state of all events, whatever order and how often they arrived.

    `standing` is what was there before the first of them, `practice` how the company bills:
    what people may do to its proformas (its own `inferred` counts for them). Findings are those
    of the events that could not happen, in the order of the records.
    """
    now = standing if standing is not None else Standing()
    found: list[Finding] = []
    for one in in_order(happenings):
        if one.step is not None:
            now, faults = take(one.step, now, practice)
            found += faults
            continue
        given, missing = brought_up(one.given, now)
        if missing:
            found.append(_not_there(one, missing))
            continue
        created = apply(one.event, given, inferred)
        found += created.findings
        now = after(now, created)
    return now, tuple(found)


def brought_up(given: Given, standing: Standing) -> tuple[Given, str]:
    """The event's records as they stand now; the id of the first that is not there."""
    missing: list[str] = []

    def now(actual: Actual) -> Actual:
        if actual.id not in standing.actuals:
            missing.append(actual.id)
        return standing.actuals.get(actual.id, actual)

    def detail(one: Detail) -> Detail:
        return one if one.original is None else replace(one, original=now(one.original))

    def due(one: Correction) -> Correction:
        milestone = one.milestone
        if milestone is not None:
            milestone = standing.milestones.get(milestone.id, milestone)
        return replace(one, original=now(one.original), milestone=milestone)

    fresh = replace(
        given,
        actuals=tuple(now(one) for one in given.actuals),
        connections=standing.connections if given.actuals else (),
        details=tuple(detail(one) for one in given.details),
        corrections=tuple(due(one) for one in given.corrections),
        milestones=tuple(standing.milestones.get(m.id, m) for m in given.milestones),
        retainers=tuple(standing.retainers.get(r.id, r) for r in given.retainers),
        advances=tuple(_advance(one, standing) for one in given.advances),
    )
    return fresh, missing[0] if missing else ""


def _advance(one: Advance, standing: Standing) -> Advance:
    """The advance as the retainer allows it now."""
    retainer = standing.retainers.get(one.retainer)
    if retainer is None:
        return one
    return advance_of(retainer, applied_of(available_of(retainer), one.applied, one.applied))


def _not_there(one: Happening, missing: str) -> Finding:
    return finding_of(
        "LAW707",
        one.id,
        f"{one.event} refers to `{missing}`, which has not arrived",
        "Read again once everything has synchronised; nothing was made of it.",
        ("event", one.event),
        ("actual", missing),
    )
