"""The rows that the vendor wrote for the work of one story: estimate lines, journal lines, item
forecasts. Which they are is told by the work order line, usage log or work order they name.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

from msgspec import Struct

from adapter.making.expectation import Kind
from adapter.making.new_actuals import COST, UNBILLED
from adapter.making.pairing import Present
from adapter.making.story_scope import Scope
from adapter.making.work_expected import Given
from adapter.reading.store import Records
from adapter.values.finance import ForecastImport, ItemForecast
from adapter.values.forecast_rows import EstimateLine, ProjectJournalLine
from adapter.values.record import Record

R = TypeVar("R", bound=Record)


class Planned(Struct, frozen=True, kw_only=True):
    """The rows of one story, each once, in the order of their keys."""

    estimates: Sequence[EstimateLine] = ()
    journal: Sequence[ProjectJournalLine] = ()
    forecasts: Sequence[Present] = ()  # with the work order line they came from


def planned_of(scope: Scope, records: Records, finance: Records, company: str) -> Planned:
    """Rows that name a line, a usage log or a work order of the story.

    An item forecast is known by the import row that names its estimate line (inferred).
    """
    estimates: dict[str, EstimateLine] = {}
    journal: dict[str, ProjectJournalLine] = {}
    for field, found in (("line", scope.lines), ("work_order", scope.orders)):
        for one in found:
            estimates |= {r.id: r for r in records.where(EstimateLine, field, one.id)}
            journal |= {r.id: r for r in records.where(ProjectJournalLine, field, one.id)}
    for usage in scope.usages:
        journal |= {r.id: r for r in records.where(ProjectJournalLine, "usage", usage.id)}
    return Planned(
        estimates=_sorted(estimates), journal=_sorted(journal),
        forecasts=forecasts_of(_sorted(estimates), finance, company),
    )  # fmt: skip


def there(scope: Scope, given: Given) -> tuple[set[Kind], list[Present | Record]]:
    """Which kinds of row were exported at all, and those that are there for the lines."""
    records, finance, company = given.records, given.finance, given.company
    rows = planned_of(scope, records, finance, company)
    kinds: set[Kind] = {"usage"}
    present: list[Present | Record] = [*scope.usages]
    sides = (COST, UNBILLED)
    if any(records.where(EstimateLine, "transaction_type", side) for side in sides):
        kinds.add("estimate")
        present += rows.estimates
    if any(records.where(ProjectJournalLine, "transaction_type", side) for side in sides):
        kinds.add("journal")
        present += rows.journal
    if given.model == "integrated" and finance.where(ItemForecast, "company", company):
        kinds.add("forecast")
        present += rows.forecasts
    return kinds, present


def forecasts_of(
    estimates: Iterable[EstimateLine], finance: Records, company: str
) -> tuple[Present, ...]:
    """The item forecasts of a company that came from these estimate lines, each once."""
    found: dict[str, Present] = {}
    for estimate in estimates:
        for field in ("estimate_line", "origin"):
            for row in finance.where(ForecastImport, field, estimate.id):
                for one in finance.where(ItemForecast, "transaction", row.transaction):
                    if one.company == row.company and company in ("", one.company):
                        found[one.id] = Present(row=one, line=estimate.line,
                                                work_order=estimate.work_order)  # fmt: skip
    return tuple(found[key] for key in sorted(found))


def _sorted(found: Mapping[str, R]) -> list[R]:
    return [found[key] for key in sorted(found)]
