"""What a story judges: the event behind each actual, the law of sales, what lines should have
given, what proformas should be, where prices came from, what labour is worth unapproved.

Events and the law are judged of every story. What looks at each line and detail anew takes
minutes of very large ones: it is left out of these unless the whole is asked for, and a
finding says so.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from datetime import date

from msgspec import Struct
from msgspec.structs import replace

from adapter.deciding.dossier import day_if
from adapter.deciding.owner import Owners
from adapter.making import expectation
from adapter.making.event_trace import events_of
from adapter.making.expectation import Expectation, warning_of
from adapter.making.expected import Difference, compare
from adapter.making.labour import LabourLine, LabourPrices, labour
from adapter.making.law import Terms, judged_law
from adapter.making.links import Links
from adapter.making.priced import Ask, Priced, ruled, said, switches_of
from adapter.making.pricing import cost_price, sales_price
from adapter.making.proforma_compared import compare_proformas, compare_schedules
from adapter.making.proforma_practice import Practice, practice_of
from adapter.making.story_parts import Subject
from adapter.making.story_rows import SCAN_FROM, Planned, there
from adapter.making.story_scope import Scope
from adapter.making.story_words import Words, first_used
from adapter.making.work_expected import Given, expect_lines
from adapter.making.work_lines import Around
from adapter.reading.event_file import EventFile
from adapter.reading.settings import EnvironmentSetting, Settings
from adapter.reading.store import NO_RECORDS, Records
from adapter.values.actuals import Actual, Connection
from adapter.values.field_service import WorkOrder, WorkOrderLine
from adapter.values.finding import Finding
from adapter.values.project_operations import Currency, Invoice

ALIKE_MAX = 100  # findings of one code that a very large story tells one by one
# Subjects that hold whole lives; of an invoice or a voucher there is only a part.
Unproven = Mapping[expectation.Kind, Collection[str]]
WHOLE = ("work-order", "project", "contract", "agreement")


class Judged(Struct, frozen=True, kw_only=True):
    """What was judged of the records of a story."""

    events: Mapping[str, str] = {}  # actual -> E1 to E35
    law: Mapping[tuple[str, str], Terms] = {}  # class and currency (a link)
    prices: Mapping[str, tuple[str, str]] = {}  # line -> where price and cost come from
    labour: Mapping[str, LabourLine] = {}  # time entry or expense -> its worth
    differences: tuple[Difference, ...] = ()
    findings: tuple[Finding, ...] = ()


def judged(
    subject: Subject, scope: Scope, planned: Planned, records: Records, settings: Settings,
    *, finance: Records | None = None, company: str = "", model: str = "", day: date,
    unproven: Unproven | None = None, events: EventFile | None = None, is_brief: bool = False,
    is_past: bool = False,
) -> Judged:  # fmt: skip
    """Judge the records of a story. `model` (core, integrated) is what a plan chose for the
    company; without it the lines are not compared with what they should have given. `day` is
    the last one of the story, `events` what the workspace says of events and editing. Brief:
    neither lines nor proformas are compared, and EXP705 says so; nor are they in the past,
    since lines and proformas hold their state of today.
    """
    file = events or EventFile()
    known = {actual.id: actual for actual in scope.actuals}
    pairs = connections_of(known, records)
    links = Links(pairs)
    is_whole = subject.kind in WHOLE
    law, found = (
        judged_law(known, links, bool(pairs), None, file.inferred) if is_whole else ({}, [])
    )
    prices: dict[str, tuple[str, str]] = {}
    differences: list[Difference] = []
    if is_brief:
        found = [*alike(sorted(found, key=_record_of)), *_not_compared(subject, scope)]
    else:
        asked = Prices(records, settings, Words(records, settings, subject.environment))
        for line in scope.lines:
            sale, cost = asked.of(line)
            prices[line.id] = (said(sale), said(cost))
        if is_whole and model and not is_past:
            given = Given(company=company, model=model, records=records,
                          finance=finance or NO_RECORDS, options=settings.options,
                          auto_approve=_auto_approves(settings, subject))  # fmt: skip
            differences = differences_of(scope, planned, given, asked, unproven)
        if not is_past:
            found += proformas_of(subject, scope, records, settings, file, day)
    worth: dict[str, LabourLine] = {}
    prices_of_labour = LabourPrices(records, settings)
    for order in scope.orders:
        made = labour(order.id, records, settings, prices_of_labour)
        found += [*made.findings, *(f for line in made.lines for f in line.findings)]
        worth |= {line.record: line for line in made.lines}
    found += [one.finding for one in differences]
    return Judged(
        events=events_of(known, links),
        law=law, prices=prices, labour=worth, differences=tuple(differences),
        findings=tuple(found),
    )  # fmt: skip


def proformas_of(
    subject: Subject, scope: Scope, records: Records, settings: Settings, file: EventFile,
    day: date,
) -> list[Finding]:  # fmt: skip
    """Where the proformas of a story are not what the pure functions expect of them."""
    owners = Owners(settings, subject.environment, records)

    def practice(invoice: Invoice) -> Practice:
        currency = records.one(Currency, invoice.currency)
        code = currency.code if currency is not None else None
        return practice_of(settings, file, owners.of_contract(invoice.contract) or "", code or "")

    is_all = subject.kind in ("contract", "invoice")
    only = None if is_all else {actual.id for actual in scope.actuals}
    ready = scope.actuals
    if subject.kind == "invoice":  # its story has what is on it, and asks for what is not
        ready = [a for key in {one.contract for one in scope.invoices} if key
                 for a in records.where(Actual, "contract", key)]  # fmt: skip
    found = list(compare_proformas(scope.invoices, records, practice, actuals=ready, only=only))
    if subject.kind == "contract":
        found += compare_schedules([subject.id], records, day)
    return found


def _record_of(found: Finding) -> str:
    """The actual that a finding of the law is about; the law itself is about all of them."""
    return "" if found.code == "LAW701" else found.record


def alike(found: Iterable[Finding]) -> list[Finding]:
    """The first findings of each code, and how many more there are of it."""
    every = list(found)
    counts = Counter(one.code for one in every)
    kept: Counter[str] = Counter()
    told: list[Finding] = []
    for one in every:
        kept[one.code] += 1
        if kept[one.code] <= ALIKE_MAX:
            told.append(one)
        elif kept[one.code] == ALIKE_MAX + 1:
            more = f"{counts[one.code] - ALIKE_MAX:,} more like this: {one.message}"
            told.append(replace(one, record="", message=more))
    return told


def _not_compared(subject: Subject, scope: Scope) -> Iterable[Finding]:
    parts = ((scope.lines, "work order lines"), (scope.invoices, "proformas"))
    counts = [f"{len(rows):,} {name}" for rows, name in parts if rows]
    if counts:
        yield warning_of(
            "EXP705", subject.id,
            f"{' and '.join(counts)} were not compared with what they should be",
            "Ask for one work order or proforma, or tell the whole story with --all.",
            level="note")  # fmt: skip


def connections_of(known: Collection[str], records: Records) -> list[Connection]:
    """The connections of these actuals (by id), each once, by key."""
    if len(known) > SCAN_FROM:  # one look at all of them is faster than one for each
        return [link for link in records.all(Connection)
                if link.first in known or link.second in known]  # fmt: skip
    found: dict[str, Connection] = {}
    for key in known:
        for side in ("first", "second"):
            found |= {link.id: link for link in records.where(Connection, side, key)}
    return [found[key] for key in sorted(found)]


def differences_of(
    scope: Scope, planned: Planned, given: Given, prices: "Prices",
    unproven: Unproven | None = None,
) -> list[Difference]:  # fmt: skip
    """Where rows that a line should have given are missing, too many or different.

    A kind of row is compared only where the records have any of it: tables that nobody
    exported say nothing.
    """
    expected = expect_lines(scope.lines, given, prices)
    kinds, present = there(scope, planned, given)
    apart = dict(unproven or {})
    if given.model == "core":  # sites are Finance's: only some records carry them there
        apart["usage"] = {*apart.get("usage", ()), "site"}
    return compare(_of_kinds(expected, kinds), present, unproven=apart)


def _of_kinds(found: Iterable[Expectation], kinds: Collection[str]) -> list[Expectation]:
    return [one for one in found if one.kind in kinds]


def _auto_approves(settings: Settings, subject: Subject) -> bool:
    said: EnvironmentSetting | None = settings.environments.get(subject.environment)
    return said is not None and said.auto_approve is True


class Prices:
    """Prices of work order lines; each is looked up once."""

    def __init__(self, records: Records, settings: Settings, words: Words) -> None:
        self.records = records
        self.settings = settings
        self.words = words
        self.switches = switches_of(settings)
        self._known: dict[str, tuple[Priced, Priced]] = {}

    def of(self, line: WorkOrderLine) -> tuple[Priced, Priced]:
        """Sale and cost of one unit, and where they came from."""
        known = self._known.get(line.id)
        if known is None:
            ask = Ask(line=line.id, work_order=line.work_order, product=line.product,
                      unit=line.unit, record=line.id, switches=self.switches,
                      day=self.day_of(line))  # fmt: skip
            sale, cost = sales_price(ask, self.records), cost_price(ask, self.records)
            known = ruled(sale, self.settings), ruled(cost, self.settings)
            self._known[line.id] = known
        return known

    def day_of(self, line: WorkOrderLine) -> date | None:
        """The company's day by which price lists are chosen: that of the usage (R-072).

        Before there is usage, that of the completed work order, else of the line's last
        change (inferred).
        """
        order = self.records.one(WorkOrder, line.work_order)
        used = first_used(self.records, line.id)
        at = used or (order.completed_on if order is not None else None) or line.modified_on
        return day_if(at, self.words.zone(self.words.owners.of_order(line.work_order)))

    def __call__(self, around: Around) -> tuple[Priced, Priced]:
        return self.of(around.line)
