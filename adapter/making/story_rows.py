"""The rows that the vendor wrote for the work of one story: estimate lines, journal lines, item
forecasts. Which they are is told by the work order line, usage log or work order they name.
"""

from collections.abc import Iterable, Mapping, Sequence, Set
from operator import attrgetter
from typing import TypeVar

from msgspec import Struct

from adapter.making.expectation import Kind
from adapter.making.pairing import Present
from adapter.making.story_scope import Scope
from adapter.making.work_expected import Given
from adapter.reading.store import Records
from adapter.values.finance import ForecastImport, ItemForecast
from adapter.values.forecast_rows import EstimateLine, ProjectJournalLine
from adapter.values.record import Record

R = TypeVar("R", bound=Record)
Named = Mapping[str, Set[str]]  # ids, by the field that names them
SCAN_FROM = 5_000  # ids; above, one look at all rows is faster than one for each of them


class Planned(Struct, frozen=True, kw_only=True):
    """The rows of one story, each once, in the order of their keys."""

    estimates: Sequence[EstimateLine] = ()
    journal: Sequence[ProjectJournalLine] = ()
    forecasts: Sequence[Present] = ()  # with the work order line they came from


def planned_of(scope: Scope, records: Records, finance: Records, company: str) -> Planned:
    """Rows that name a line, a usage log or a work order of the story.

    An item forecast is known by the import row that names its estimate line (inferred).
    """
    estimates: Sequence[EstimateLine] = ()
    journal: Sequence[ProjectJournalLine] = ()
    named: Named = {"line": _ids(scope.lines), "work_order": _ids(scope.orders)}
    if records.has(EstimateLine):
        estimates = _naming(EstimateLine, named, records)
    if records.has(ProjectJournalLine):
        journal = _naming(ProjectJournalLine, {**named, "usage": _ids(scope.usages)}, records)
    return Planned(
        estimates=estimates, journal=journal,
        forecasts=forecasts_of(estimates, finance, company),
    )  # fmt: skip


def _ids(records: Iterable[Record]) -> set[str]:
    return {record.id for record in records}


def _naming(kind: type[R], named: Named, records: Records) -> list[R]:
    """The rows that name one of these ids in the field that is for them."""
    if sum(map(len, named.values())) > SCAN_FROM:
        return _scanned(kind, named, records)
    found: dict[str, R] = {}
    for field, ids in named.items():
        naming = records.finder_by(kind, field)
        for id in ids:
            for row in naming(id):
                found[row.id] = row
    return _sorted(found)


def _scanned(kind: type[R], named: Named, records: Records) -> list[R]:
    found: list[R] = []
    wanted = [(attrgetter(field), ids) for field, ids in named.items()]
    for row in records.all(kind):
        for named_by, ids in wanted:
            if named_by(row) in ids:
                found.append(row)
                break
    return found


def there(
    scope: Scope, rows: Planned, given: Given
) -> tuple[set[Kind], list[Present | Record]]:
    """Which kinds of row were exported at all, and those that are there for the lines."""
    kinds: set[Kind] = {"usage"}
    present: list[Present | Record] = [*scope.usages]
    if given.records.has(EstimateLine):
        kinds.add("estimate")
        present += rows.estimates
    if given.records.has(ProjectJournalLine):
        kinds.add("journal")
        present += rows.journal
    if given.model == "integrated" and given.finance.where(ItemForecast, "company", given.company):
        kinds.add("forecast")
        present += rows.forecasts
    return kinds, present


def forecasts_of(
    estimates: Iterable[EstimateLine], finance: Records, company: str
) -> tuple[Present, ...]:
    """The item forecasts of a company that came from these estimate lines, each once."""
    found: dict[str, Present] = {}
    if not finance.has(ForecastImport):
        return ()
    ways = [finance.finder_by(ForecastImport, field) for field in ("estimate_line", "origin")]
    forecasts = finance.finder_by(ItemForecast, "transaction")
    for estimate in estimates:
        for naming in ways:
            for row in naming(estimate.id):
                for one in forecasts(row.transaction) if row.transaction is not None else ():
                    if one.company == row.company and company in ("", one.company):
                        found[one.id] = Present(row=one, line=estimate.line,
                                                work_order=estimate.work_order)  # fmt: skip
    return tuple(found[key] for key in sorted(found))


def _sorted(found: Mapping[str, R]) -> list[R]:
    return [found[key] for key in sorted(found)]
