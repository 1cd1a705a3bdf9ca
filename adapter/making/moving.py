"""Moving a company between deployment models: what is in flight, and that nothing is lost.

There is no vendor migration (domain 1.1). This plans one: what must be closed in the old
model and by whom, what changes, the fence, and a proof that the totals of both sides are
those of before. Pure; it decides nothing about a record and writes nothing.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date, timedelta

from msgspec import Struct
from msgspec.structs import replace

from adapter.deciding.fold import Fold
from adapter.making.fence import Fence, model_on, statement_of
from adapter.making.flight import (
    Absent,
    Flight,
    Flown,
    Proof,
    Sums,
    absences,
    flights,
    prove,
)
from adapter.making.in_flight import LEGACY, records_in_flight
from adapter.making.in_flight_actuals import ActualSeen, actuals_seen
from adapter.making.in_flight_ledger import Entered, of_ledger
from adapter.making.scene import Scene
from adapter.making.verdicts import Choice, Decider
from adapter.making.workspace import Workspace
from adapter.reading.move_table import MODELS, Direction, MoveTable
from adapter.reading.settings import CompanySetting
from adapter.values.actuals import Actual
from adapter.values.finding import shown
from adapter.values.project_operations import Contract

YEARS = range(1900, 3000)


class Refusal(Struct, frozen=True, kw_only=True):
    """A move that cannot be planned, and why."""

    company: str
    source: str
    target: str
    reason: str
    because: str = ""  # where that is written down
    tag: str = "documented"


class Move(Struct, frozen=True, kw_only=True):
    """The plan of one move."""

    company: str
    source: str
    target: str
    as_of: date
    time_zone: str
    direction: Direction
    evidence: str  # the model that the records prove: source or target
    rule: str
    is_moved: bool  # the switch is done: the company already runs the new model
    fence: Fence
    fence_from: str  # option, adapter.toml, proposed
    is_in_force: bool  # adapter.toml says this fence, so that `plan` keeps it
    statement: tuple[str, ...]
    notes: tuple[str, ...]
    flights: tuple[Flight, ...]
    absent: tuple[Absent, ...]
    proof: Proof

    @property
    def in_the_way(self) -> int:
        """Records that must be closed first."""
        return sum(flight.in_the_way for flight in self.flights)

    @property
    def is_clear(self) -> bool:
        """Whether nothing is in the way and the totals agree."""
        return not self.in_the_way and self.proof.agrees


def plan_move(
    workspace: Workspace,
    table: MoveTable,
    company: str,
    source: str,
    target: str,
    *,
    as_of: date,
    cut_over: date | None = None,
    entries: Sequence[Entered] = (),
) -> Move | Refusal:
    """The plan of moving one company from one model to another, or why there is none.

    `cut_over` is the first transaction day of the new model (company time zone); default:
    `model_from` of the company, else the first day of the month after `as_of`. `entries` are
    the rows of our ledger. Raises ValueError for a company or model that does not
    exist, or a day out of all reason.
    """
    setting = _setting_of(workspace, company)
    for day in (as_of, cut_over, *setting.model_from.values()):
        if day is not None and day.year not in YEARS:
            raise ValueError(f"{day} is no day of a move: years are {YEARS[0]} to {YEARS[-1]}")
    for option, model in (("--from", source), ("--to", target)):
        if model not in MODELS:
            raise ValueError(f"{option} is one of {', '.join(MODELS)}, not {shown(model)}")
    direction = table.direction_of(source, target)
    if direction is None or not direction.plans:
        return _no_way(setting.code, source, target, direction)
    scene = Scene(replace(workspace, settings=replace(workspace.settings, as_of=as_of)), setting)
    choice = Decider(workspace.rulebook, workspace.facts).choose(
        scene.assembler.company(setting.code), Fold()
    )
    evidence = _evidence(scene, choice, source, target)
    if isinstance(evidence, Refusal):
        return evidence
    is_moved = evidence == target
    fence, fence_from = _fence(setting, source, target, as_of, cut_over)
    in_force = setting.model_from.get(target) == fence.day
    seen = list(actuals_seen(scene, source, fence, is_moved))
    absent = absences((), table, source)
    names = {one.kind for one in absent}
    found = list(_owned(scene, source, names, seen, of_ledger(entries, fence, is_moved)))
    kinds = [
        (row.name, row.title, close, change)
        for row in table.kind
        if source in row.models
        and (close := table.close_of(row.name, source)) is not None
        and (change := table.change_of(row.name, target)) is not None
    ]
    return Move(
        company=setting.code, source=source, target=target, as_of=as_of,
        time_zone=setting.time_zone, direction=direction, evidence=evidence,
        rule=choice.rule.id if choice.rule is not None else "", is_moved=is_moved, fence=fence,
        fence_from=fence_from, is_in_force=in_force,
        statement=statement_of(fence, setting.time_zone, in_force),
        notes=tuple(_notes(scene, setting, fence, is_moved)),
        flights=tuple(flights(found, kinds, fence, is_moved)),
        absent=tuple(absences(found, table, source)),
        proof=proof_of(scene, seen, fence, workspace),
    )  # fmt: skip


def _setting_of(workspace: Workspace, company: str) -> CompanySetting:
    setting = workspace.settings.companies.get(company.upper())
    setting = setting or workspace.settings.companies.get(company)
    if setting is None or setting.environment not in workspace.environments:
        known = ", ".join(sorted(workspace.settings.companies))
        raise ValueError(f"adapter.toml names no company {shown(company)}; it names {known}")
    return setting


def _no_way(company: str, source: str, target: str, direction: Direction | None) -> Refusal:
    if direction is not None:
        return Refusal(company=company, source=source, target=target, reason=direction.reason,
                       because=direction.source, tag=direction.tag)  # fmt: skip
    reason = "both are the same model" if source == target else "move.toml describes no such move"
    return Refusal(company=company, source=source, target=target, reason=reason,
                   because="mappings/tables/move.toml", tag="inferred")  # fmt: skip


def _evidence(scene: Scene, choice: Choice, source: str, target: str) -> str | Refusal:
    """The model that the records prove; evidence decides, never what somebody asks for."""
    environment = scene.environment
    if environment.legacy_integration or environment.prospect_to_cash:
        if source == LEGACY:
            return LEGACY
    elif choice.model in (source, target):
        return choice.model
    rule = choice.rule.id if choice.rule is not None else "DEP290"
    said = choice.reason or f"it runs {choice.model}"
    if source == LEGACY and choice.model not in (source, target):
        said += "; neither legacy_integration nor prospect_to_cash is set for its environment"
    return Refusal(
        company=scene.company, source=source, target=target,
        reason=f"{scene.company} does not run {source} ({rule}): {said}",
        because=choice.rule.source if choice.rule is not None else "rules/deployment.toml",
        tag=choice.rule.tag if choice.rule is not None else "inferred",
    )  # fmt: skip


def _fence(
    setting: CompanySetting, source: str, target: str, as_of: date, cut_over: date | None
) -> tuple[Fence, str]:
    said = setting.model_from.get(target)
    day, origin = cut_over or said, "option" if cut_over else "adapter.toml"
    if day is None:
        day, origin = (as_of.replace(day=1) + timedelta(days=32)).replace(day=1), "proposed"
    return Fence(company=setting.code, source=source, target=target, day=day), origin


def _owned(
    scene: Scene, source: str, absent: Collection[str], seen: Iterable[ActualSeen],
    ledger: Iterable[Flown],
) -> Iterator[Flown]:  # fmt: skip
    """What is the company's, and what can be in flight and nobody can tell whose it is."""
    mine = scene.company.upper()
    of_actuals = ((one.company, flown) for one in seen for flown in one.flown)
    for code, flown in (*records_in_flight(scene, source), *of_actuals):
        if code is not None and code.upper() == mine:
            yield flown
        elif code is None and flown.kind not in absent:
            yield replace(flown, kind="without-company", name=f"{flown.name} ({flown.kind})")
    yield from ledger


def proof_of(
    scene: Scene, seen: Sequence[ActualSeen], fence: Fence, workspace: Workspace
) -> Proof:
    """before = stays with the old model + goes to the new one, of every actual of the company.

    Before is summed without looking at any day; the sides are told by the function that
    `plan` asks (model_on).
    """
    before, stays, goes = Sums(), Sums(), Sums()
    undated = homeless = faulty = 0
    for one in seen:
        if one.company is None:
            homeless += 1
        if (one.company or "").upper() != scene.company.upper():
            continue
        before.take(one.key, one.amount)
        if scene.records.has_faults and scene.records.faults(Actual, one.id):
            faulty += 1
        if one.day is None:
            undated += 1
        elif model_on(one.day, {fence.target: fence.day}) is None:
            stays.take(one.key, one.amount)
        else:
            goes.take(one.key, one.amount)
    broken = sum(1 for f in workspace.findings if f.level == "error")
    faults = [
        f"{count:,} {what}"
        for count, what in (
            (undated, "actuals have no transaction day, and so no side"),
            (homeless, "actuals have no company: they may be of this one"),
            (faulty, "actuals have rows that do not fit: their money or day may be wrong"),
            (scene.unreadable, "rows of actuals have no usable key: their money is not known"),
            (broken, "faults of files or rows: `fieldledger check` lists them"),
        )
        if count
    ]
    return prove(before, stays, goes, faults)


def _notes(scene: Scene, setting: CompanySetting, fence: Fence, is_moved: bool) -> Iterator[str]:
    said = setting.model_from.get(fence.target)
    if said is not None and said != fence.day:
        yield f"adapter.toml has another fence: {fence.target} from {said}."
    if is_moved:
        yield (f"{fence.company} already runs {fence.target}: what is listed before the fence was"
               f" left open in {fence.source}.")  # fmt: skip
    environment = scene.environment
    if fence.source == LEGACY and not (
        environment.legacy_integration or environment.prospect_to_cash
    ):
        contracts = scene.records.all(Contract)
        found = "no rows of salesorder were read" if not scene.records.has(Contract) else (
            f"{sum(c.order_type not in (None, 'work-based') for c in contracts):,} sales orders"
            " of it were found")  # fmt: skip
        yield (f"Nothing proves that {fence.company} ever ran the legacy integration: its settings"
               f" legacy_integration and prospect_to_cash are not set, and {found}.")  # fmt: skip
    if fence.target != "integrated":
        return
    last = fence.day - timedelta(days=1)
    finance = scene.assembler.company(setting.code).finance
    cut_off = finance.beginning_balance_cut_off if finance is not None else None
    if cut_off != last:
        there = f" (it is {cut_off})" if cut_off is not None else ""
        yield (f"Set the beginning balance cut-off of {fence.company} in Finance to {last}{there}:"
               " what is dated up to it comes by beginning balance journal and is left by"
               " RTE419.")  # fmt: skip
