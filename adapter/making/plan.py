"""make_plan: records -> facts -> choose -> require -> route -> lines -> documents -> Plan.

Pure: the same workspace and the same `as_of` give a byte-identical plan. Nothing is
written anywhere; `sent` (what was sent before) comes with the workspace.
"""

from collections.abc import Callable, Iterator
from datetime import date
from hashlib import sha256

import msgspec
from msgspec import Struct

from adapter.deciding.dossier import Assembler, Dossier, lives_elsewhere
from adapter.deciding.facts_billing import fold_nte
from adapter.deciding.facts_inventory import fold_inventory
from adapter.deciding.facts_line import fold_entries
from adapter.deciding.fold import Fold
from adapter.deciding.judge import Decision
from adapter.deciding.vector import Values
from adapter.making.equation import ChannelEquation
from adapter.making.halves import note_halves
from adapter.making.outcome import Draw, Outcome, Ship
from adapter.making.planned import PlannedDocument
from adapter.making.routed import CHANNELS, Routed
from adapter.making.spool import Spool, SpoolInMemory
from adapter.making.tally import Tally
from adapter.making.verdicts import Choice, Decider, models_of
from adapter.making.workspace import Workspace
from adapter.reading.connect import LedgerSetting, SendingSetting
from adapter.reading.json_text import json_text
from adapter.reading.rulebook import Rulebook
from adapter.reading.settings import Settings
from adapter.values.actuals import Actual
from adapter.values.arithmetic import our_arithmetic
from adapter.values.collector import collector_rests
from adapter.values.finding import Finding

VERSION = "0.1.0"
ID_LENGTH = 12

Progress = Callable[[int], None]


class Window(Struct, frozen=True):
    """Which transaction days are planned; others are only counted by the fold."""

    first: date | None = None
    last: date | None = None

    def holds(self, day: date | None) -> bool:
        """Whether a day is inside; a record without a day always is."""
        if day is None:
            return True
        return (self.first is None or day >= self.first) and (
            self.last is None or day <= self.last
        )


class Traced(Struct, frozen=True):
    """Everything that was known when one actual was judged, for `explain`."""

    routed: Routed
    decision: Decision
    facts: dict[str, object]
    vector: int


class Plan(Struct, frozen=True, kw_only=True):
    """What would be done, and why; `id` stands for all its inputs."""

    id: str
    as_of: date
    window: Window
    names: bool = False  # persons are named, not masked
    workspace: Workspace
    choices: tuple[Choice, ...]
    equations: tuple[ChannelEquation, ...]
    tally: Tally
    spool: Spool
    traced: dict[str, Traced] = {}

    @property
    @our_arithmetic()
    def balanced(self) -> bool:
        """Whether in = written + unchanged + left + held on every channel."""
        return all(equation.balanced for equation in self.equations)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Findings about records and documents that no rule made."""
        return (*self.workspace.findings, *self.tally.faults)

    def documents(self) -> Iterator[PlannedDocument]:
        """The documents, in order of kind and group."""
        for body in self.spool.documents():
            yield msgspec.json.decode(body, type=PlannedDocument)


@collector_rests()
@our_arithmetic()
def make_plan(
    workspace: Workspace,
    as_of: date | None = None,
    *,
    window: Window | None = None,
    spool: Spool | None = None,
    names: bool = False,
    watch: frozenset[str] = frozenset(),
    ship: Ship | None = None,
    draw: Draw | None = None,
    progress: Progress | None = None,
) -> Plan:
    """Judge every actual of a workspace and draft the documents it leads to.

    `as_of` is the company date of the plan (default: the workspace's). `watch` names actuals
    (ids) whose every fact is kept for `explain`; `ship` is given the steps of each new document,
    `draw` the document. Raises ValueError without any date, and for a day on which other
    switches of rules hold than on the one it was read for; EngineDisagrees for ENG901.
    """
    day = as_of or workspace.settings.as_of
    if day is None:
        raise ValueError("a plan needs a date: as_of in adapter.toml or --as-of")
    _same_switches(workspace.rulebook, day)
    settings = msgspec.structs.replace(workspace.settings, as_of=day)
    workspace = msgspec.structs.replace(workspace, settings=settings)
    window = window or Window()
    spool = spool if spool is not None else SpoolInMemory()
    decider = Decider(workspace.rulebook, workspace.facts, names)
    fold = Fold()
    assemblers = {
        name: Assembler(settings, settings.environments[name], env.records, env.finance)
        for name, env in workspace.environments.items()
    }
    choices: dict[tuple[str, str | None], Choice] = {}
    for company in settings.companies.values():
        if company.environment in assemblers:
            _choice(assemblers[company.environment], company.code, decider, fold, choices)
    outcome = Outcome(workspace, spool, day, ship, draw, names)
    traced: dict[str, Traced] = {}
    in_order = in_fold_order(workspace, assemblers, spool)
    for judged, (name, actual) in enumerate(in_order, start=1):
        dossier = assemblers[name].assemble(actual)
        choice = _choice(assemblers[name], dossier.code, decider, fold, choices)
        dossier.model = choice.model
        routed, decision, values = decider.verdict(dossier, fold, choice)
        if actual.id in watch and not (actual.id in traced and lives_elsewhere(dossier)):
            traced[actual.id] = _trace(decider, routed, decision, values)
        fold_record(dossier, fold)
        if window.holds(routed.day):
            outcome.take(routed, decision)
            decider.concerned.take(decision.vector)
        if progress is not None and judged % 1000 == 0:
            progress(judged)
    outcome.take_unreadable(sum(env.unreadable for env in workspace.environments.values()))
    outcome.take_schedule(assemblers, models_of(settings, choices.values()))
    outcome.close()
    note_halves(workspace, outcome.tally, spool)
    outcome.tally.applied = decider.applied()
    return Plan(
        id=plan_id(workspace, day, window, names),
        as_of=day,
        window=window,
        names=names,
        workspace=workspace,
        choices=tuple(choices[k] for k in sorted(choices, key=lambda k: (k[0], k[1] or ""))),
        equations=tuple(outcome.equations[channel] for channel in CHANNELS),
        tally=outcome.tally,
        spool=spool,
        traced=traced,
    )


def _same_switches(rulebook: Rulebook, day: date) -> None:
    """Raises ValueError where a switch of a rule expired between a day and the one read for."""
    for switch in rulebook.allowed:
        if switch.expires is not None and switch.expired != (day > switch.expires):
            was = "after" if switch.expired else "before"
            raise ValueError(f"the switch of {switch.rule} expires on {switch.expires} and the"
                             f" workspace was read for a day {was} that: read it for {day}")


def fold_record(d: Dossier, fold: Fold) -> None:
    """Count a record for those that come after it; independent of its verdict.

    Rows of a company in another environment than its own are its rows once more: not counted.
    """
    if lives_elsewhere(d):
        return
    fold_inventory(d, fold)
    fold_nte(d, fold)
    fold_entries(d, fold)


def in_fold_order(
    workspace: Workspace, assemblers: dict[str, Assembler], spool: Spool
) -> Iterator[tuple[str, Actual]]:
    """All actuals by approval time, transaction date, id, whatever order the files had."""
    for name, actual in workspace.actuals():
        spool.add_order("\x1f".join(assemblers[name].order_of(actual)), name, actual.id)
    for name, key in spool.ordered():
        actual_then = workspace.environments[name].records.one(Actual, key)
        assert actual_then is not None
        yield name, actual_then


def _choice(
    assembler: Assembler,
    code: str | None,
    decider: Decider,
    fold: Fold,
    choices: dict[tuple[str, str | None], Choice],
) -> Choice:
    key = (assembler.environment.name, code)
    choice = choices.get(key)
    if choice is None:
        choice = choices[key] = decider.choose(assembler.company(code), fold)
        decider.vectors.forget()  # facts of the company know its model from here on
    return choice


def _trace(decider: Decider, routed: Routed, decision: Decision, values: Values) -> Traced:
    facts: dict[str, object] = {**decider.vectors.facts(values), **dict(decision.concluded)}
    return Traced(routed, decision, facts, decision.vector)


def deciding_settings(settings: Settings) -> Settings:
    """The settings that change what a plan says: not where they stand, nor how it is sent."""
    plain = {
        name: msgspec.structs.replace(environment, connect=None)
        for name, environment in settings.environments.items()
    }
    return msgspec.structs.replace(
        settings, environments=plain, ledger=LedgerSetting(), sending=SendingSetting(),
        rule_places={},
    )


def plan_id(workspace: Workspace, as_of: date, window: Window, names: bool) -> str:
    """First hex digits of a digest over all inputs: records, files, settings, date, sent."""
    digest = sha256()

    def add(*parts: object) -> None:
        for part in parts:
            body = str(part).encode()
            digest.update(b"%d:" % len(body) + body)

    add(VERSION, as_of, window.first, window.last, names, workspace.rulebook.digest)
    for group in (workspace.files, workspace.record_files):
        for file in sorted(group, key=lambda f: (f.path, f.digest)):
            add(file.path, file.digest)
    add(msgspec.json.encode(deciding_settings(workspace.settings), order="deterministic"))
    for key in sorted(workspace.sent):
        line = workspace.sent[key]
        add(key, line.digest, line.document, *(["gone"] if line.is_gone else []))
        if line.body is not None:
            add(json_text(line.body))
    return digest.hexdigest()[:ID_LENGTH]
