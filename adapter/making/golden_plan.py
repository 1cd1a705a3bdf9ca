"""Planning records that are given as values: what golden cases are run with.

The same steps as a plan of a workspace (fold order, choose, judge, route, lines, documents),
kept in memory because a case is small. Nothing is rendered.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from msgspec import Struct
from msgspec.structs import replace

from adapter.deciding.dossier import Assembler
from adapter.deciding.facts import FactDef
from adapter.deciding.fold import Fold
from adapter.making.billing_schedule import schedule_of
from adapter.making.books import Books
from adapter.making.documents import Document
from adapter.making.drafting import assemble, line_of
from adapter.making.lined import Lined
from adapter.making.plan import fold_record
from adapter.making.routed import CHANNELS, Answer, Routed
from adapter.making.verdicts import Choice, Decider, models_of
from adapter.reading.rulebook import Rulebook
from adapter.reading.settings import Settings
from adapter.reading.store import Records
from adapter.values.actuals import Actual
from adapter.values.finding import has_errors

# Rows of the domain that stand behind findings which no rule makes.
ROWS_BUILT_IN: Mapping[str, Sequence[str]] = {
    "JNL702": ("R-162",),
    "JNL703": ("R-161",),
    "PRO701": ("R-132", "R-191"),
    "PRO707": ("R-034",),
}


class PlannedRecords(Struct, frozen=True, kw_only=True):
    """Verdicts and documents of the records of one case."""

    verdicts: Mapping[str, Routed]
    documents: Sequence[Document]
    rows: Mapping[str, Sequence[str]]


class RecordsPlanner:
    """Plans records by one rulebook."""

    def __init__(self, rulebook: Rulebook, facts: Mapping[str, FactDef]) -> None:
        self.rulebook = rulebook
        self.facts = facts
        self.rows = {**ROWS_BUILT_IN, **{rule.id: rule.domain for rule in rulebook.rules}}

    def __call__(
        self,
        settings: Settings,
        records: Mapping[str, Records],
        finance: Mapping[str, Records],
        as_of: date,
    ) -> PlannedRecords:
        """The plan of all actuals, milestones and retainers that are given."""
        settings = replace(settings, as_of=as_of)
        decider, fold = Decider(self.rulebook, self.facts), Fold()
        assemblers = {
            name: Assembler(settings, environment, records[name], finance.get(name))
            for name, environment in settings.environments.items()
        }
        choices: dict[tuple[str, str | None], Choice] = {}

        def choice_of(name: str, code: str | None) -> Choice:
            if (name, code) not in choices:
                choices[name, code] = decider.choose(assemblers[name].company(code), fold)
                decider.vectors.forget()
            return choices[name, code]

        for company in settings.companies.values():
            choice_of(company.environment, company.code)
        verdicts: dict[str, Routed] = {}
        lines: list[Lined] = []
        for name, actual in _in_order(assemblers, records):
            dossier = assemblers[name].assemble(actual)
            choice = choice_of(name, dossier.code)
            dossier.model = choice.model
            routed, _, _ = decider.verdict(dossier, fold, choice)
            fold_record(dossier, fold)
            routed, mine = _lined(routed)
            verdicts[actual.id] = routed
            lines += mine
        books = Books(settings=settings, as_of=as_of, records=records, finance=finance,
                      models=models_of(settings, choices.values()))  # fmt: skip
        for name in assemblers:
            for one in schedule_of(books, name):
                lines += one.lines if one.status == "written" else ()
        documents = tuple(_documents(books, lines))
        return PlannedRecords(verdicts=verdicts, documents=documents, rows=self.rows)


def _in_order(
    assemblers: Mapping[str, Assembler], records: Mapping[str, Records]
) -> Iterator[tuple[str, Actual]]:
    keyed = [
        ((*assemblers[name].order_of(actual), name), name, actual)
        for name in assemblers
        for actual in records[name].all(Actual)
    ]
    for _, name, actual in sorted(keyed, key=lambda k: k[0]):
        yield name, actual


def _lined(routed: Routed) -> tuple[Routed, list[Lined]]:
    """The lines of a verdict; held altogether when one of them cannot be made."""
    lines = [lined for c in CHANNELS if (lined := line_of(routed, c)) is not None]
    found = tuple(finding for lined in lines for finding in lined.findings)
    if not has_errors(found):
        return routed, lines
    code = next(f.code for f in found if f.level == "error")
    held = [Answer(channel=c, kind="hold", rule=code) for c in CHANNELS]
    findings = (*routed.findings, *found)
    return replace(routed, findings=findings, ledger=held[0], billing=held[1]), []


def _documents(books: Books, lines: Sequence[Lined]) -> Iterator[Document]:
    groups: dict[tuple[str, ...], list[Lined]] = {}
    for lined in sorted(lines, key=lambda one: (one.group_text, one.order_text)):
        groups.setdefault(lined.group, []).append(lined)
    for group, mine in groups.items():
        yield from assemble(books, group, mine)
