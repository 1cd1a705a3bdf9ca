"""What a story judges: the event behind each actual, the law of sales, what lines should have
given, where prices came from, what labour is worth before it is approved.

All of it looks at every pair of records, so it is left out of very large stories.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence

from msgspec import Struct

from adapter.making import expectation
from adapter.making.event_trace import Links, event_of
from adapter.making.expectation import Expectation
from adapter.making.expected import Difference, compare
from adapter.making.labour import LabourLine, labour
from adapter.making.law import Terms, balance, broken
from adapter.making.priced import Ask, Priced, said, switches_of
from adapter.making.pricing import cost_price, sales_price
from adapter.making.story_parts import Subject
from adapter.making.story_rows import there
from adapter.making.story_scope import Scope
from adapter.making.work_expected import Given, expect_lines
from adapter.making.work_lines import Around
from adapter.reading.settings import EnvironmentSetting, Settings
from adapter.reading.store import NO_RECORDS, Records
from adapter.values.actuals import Actual, Connection
from adapter.values.field_service import WorkOrderLine
from adapter.values.finding import Finding
from adapter.values.money import ZERO

ACTUALS_MAX = 20_000
LINES_MAX = 2_000
# Subjects that hold whole lives; of an invoice or a voucher there is only a part.
Unproven = Mapping[expectation.Kind, Collection[str]]
WHOLE = ("work-order", "project", "contract", "agreement")


class Judged(Struct, frozen=True, kw_only=True):
    """What was judged; empty where a story is too large for it."""

    events: Mapping[str, str] = {}  # actual -> E1 to E35
    law: Mapping[tuple[str, str], Terms] = {}  # class and currency (a link)
    prices: Mapping[str, tuple[str, str]] = {}  # line -> where price and cost come from
    labour: Mapping[str, LabourLine] = {}  # time entry or expense -> its worth
    differences: tuple[Difference, ...] = ()
    findings: tuple[Finding, ...] = ()


def judged(
    subject: Subject, scope: Scope, records: Records, settings: Settings,
    *, finance: Records | None = None, company: str = "", model: str = "",
    unproven: Unproven | None = None,
) -> Judged:  # fmt: skip
    """Judge the records of a story. `model` (core, integrated) is what a plan chose for the
    company; without it the lines are not compared with what they should have given.
    """
    if len(scope.actuals) > ACTUALS_MAX:
        return Judged()
    pairs = connections_of(scope.actuals, records)
    links = Links(pairs)
    known = {actual.id: actual for actual in scope.actuals}
    is_whole = subject.kind in WHOLE
    found = list(broken(scope.actuals, pairs)) if is_whole else []
    prices: dict[str, tuple[str, str]] = {}
    differences: list[Difference] = []
    if len(scope.lines) <= LINES_MAX:
        asked = _Prices(records, settings)
        for line in scope.lines:
            sale, cost = asked.of(line)
            prices[line.id] = (said(sale), said(cost))
        if is_whole and model:
            given = Given(company=company, model=model, records=records,
                          finance=finance or NO_RECORDS, options=settings.options,
                          auto_approve=_auto_approves(settings, subject))  # fmt: skip
            differences = differences_of(scope, given, asked, unproven)
    worth: dict[str, LabourLine] = {}
    for order in scope.orders[:LINES_MAX]:
        made = labour(order.id, records, settings)
        found += [*made.findings, *(f for line in made.lines for f in line.findings)]
        worth |= {line.record: line for line in made.lines}
    found += [one.finding for one in differences]
    return Judged(
        events={a.id: event_of(a, links, known) for a in scope.actuals},
        law=balance(scope.actuals, pairs) if is_whole else {},
        prices=prices, labour=worth, differences=tuple(differences), findings=tuple(found),
    )  # fmt: skip


def connections_of(actuals: Sequence[Actual], records: Records) -> list[Connection]:
    """The connections of these actuals, each once, by key."""
    found: dict[str, Connection] = {}
    for actual in actuals:
        for side in ("first", "second"):
            found |= {pair.id: pair for pair in records.where(Connection, side, actual.id)}
    return [found[key] for key in sorted(found)]


def differences_of(
    scope: Scope, given: Given, prices: "_Prices", unproven: Unproven | None = None
) -> list[Difference]:
    """Where rows that a line should have given are missing, too many or different.

    A kind of row is compared only where the records have any of it: tables that nobody
    exported say nothing.
    """
    expected = expect_lines(scope.lines, given, prices)
    kinds, present = there(scope, given)
    apart = dict(unproven or {})
    if given.model == "core":  # sites are Finance's: only some records carry them there
        apart["usage"] = {*apart.get("usage", ()), "site"}
    return compare(_of_kinds(expected, kinds), present, unproven=apart)


def _of_kinds(found: Iterable[Expectation], kinds: Collection[str]) -> list[Expectation]:
    return [one for one in found if one.kind in kinds]


def _auto_approves(settings: Settings, subject: Subject) -> bool:
    said: EnvironmentSetting | None = settings.environments.get(subject.environment)
    return said is not None and said.auto_approve is True


class _Prices:
    """Prices of work order lines, in both shapes that making them needs."""

    def __init__(self, records: Records, settings: Settings) -> None:
        self.records = records
        self.settings = settings
        self.switches = switches_of(settings)
        self._known: dict[str, tuple[Priced, Priced]] = {}

    def of(self, line: WorkOrderLine) -> tuple[Priced, Priced]:
        """Sale and cost of one unit, and where they came from."""
        known = self._known.get(line.id)
        if known is None:
            ask = Ask(line=line.id, work_order=line.work_order, product=line.product,
                      unit=line.unit, record=line.id, switches=self.switches)  # fmt: skip
            known = sales_price(ask, self.records), cost_price(ask, self.records)
            self._known[line.id] = known
        return known

    def __call__(self, around: Around) -> tuple[expectation.Priced, expectation.Priced]:
        sale, cost = self.of(around.line)
        return self._plain(sale), self._plain(cost)

    def _plain(self, priced: Priced) -> expectation.Priced:
        return expectation.Priced(
            amount=None if priced.basis == "none" else priced.price or ZERO,
            currency=priced.currency, price_list=priced.price_list,
            rule=self.settings.currency_rule(priced.currency_code),
        )  # fmt: skip
