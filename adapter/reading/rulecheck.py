"""Rules against each other: contradictions, rules that can never be reached, overlaps.

Nothing is guessed: a question is answered by a search over the points of `rulespace.py`,
bounded, and where the bound is met nothing is claimed.
"""

from collections.abc import Iterator, Sequence
from itertools import groupby

from msgspec import Struct

from adapter.reading.catalogue import Catalogue
from adapter.reading.expressions import All, Expr
from adapter.reading.rulebook import Rule, Rulebook
from adapter.reading.rulespace import Space, Way, told, ways_of
from adapter.values.finding import Finding, Note

STEPS_MAX = 5_000  # of one search
SHOWN_MAX = 3  # places that one finding cites

Ways = tuple[Way, ...]
State = tuple[int, ...]


class _Unknown(Exception):
    """The bound was met: nothing is claimed."""


class _Sides(Struct, frozen=True):
    """How a rule can hold, and how it can fail."""

    rule: Rule
    holds: Ways
    fails: Ways


def check_rules(rulebook: Rulebook, catalogue: Catalogue) -> tuple[Finding, ...]:
    """Findings RUL105, RUL106 (errors), RUL121, RUL122 (warnings), RUL110 and RUL111 (notes)."""
    found: list[Finding] = []
    sides: dict[str, _Sides | None] = {}
    impossible: set[str] = set()
    for rule in rulebook.rules:
        expr = All(tuple(line.expr for line in rule.lines))
        holds, fails = ways_of(expr, True), ways_of(expr, False)
        is_known = holds is not None and fails is not None
        sides[rule.id] = _Sides(rule, holds or (), fails or ()) if is_known else None
        if not is_known:
            found.append(_not_proven(rule))
        else:
            alone = tuple(_check_alone(rule, holds or (), catalogue))
            impossible |= {rule.id for f in alone if f.code == "RUL105"}
            found.extend(alone)
    for rules in _sequences(rulebook):
        mine = [s for r in rules if (s := sides[r.id]) is not None and r.id not in impossible]
        found.extend(_check_sequence(mine, catalogue))
    found.extend(_repeated(rulebook))
    return tuple(dict.fromkeys(found))


def _sequences(rulebook: Rulebook) -> Iterator[list[Rule]]:
    """Rules of which the first that holds answers, in order."""
    ordered = [r for r in rulebook.rules if r.asks in ("choose", "route", "conclude")]
    ordered.sort(key=lambda r: (r.asks, r.channel))
    for _, rules in groupby(ordered, key=lambda r: (r.asks, r.channel)):
        yield list(rules)


def _check_alone(rule: Rule, holds: Ways, catalogue: Catalogue) -> Iterator[Finding]:
    space = Space(rule.atoms, catalogue)
    if all(space.narrowed(space.everywhere, way) is None for way in holds):
        yield _contradiction(rule)
    elif not space.is_tried(rule.atoms):
        yield _not_proven(rule)


def _repeated(rulebook: Rulebook) -> Iterator[Finding]:
    """Requirements that ask exactly what an earlier one asks."""
    first: dict[frozenset[Expr], Rule] = {}
    for rule in rulebook.rules:
        if rule.asks == "require":
            same = first.setdefault(frozenset(line.expr for line in rule.lines), rule)
            if same is not rule:
                yield Finding(
                    code="RUL121", level="warning", place=rule.place,
                    message=f"{rule.id} has the same lines as {same.id}",
                    notes=(Note(same.place, f"{same.id} stands earlier"),),
                    help="Delete one of them, or correct its lines.",
                )  # fmt: skip


def _check_sequence(rules: Sequence[_Sides], catalogue: Catalogue) -> Iterator[Finding]:
    space = Space([atom for s in rules for atom in s.rule.atoms], catalogue)
    put_aside: dict[Rule, list[Rule]] = {}  # by an own rule: shipped ones that it hides
    for at, later in enumerate(rules):
        earlier = [s for s in rules[:at] if _answers_for(s.rule, later.rule)]
        if earlier and not space.is_tried(later.rule.atoms):
            yield _not_proven(later.rule)
        if not earlier or (not later.rule.lines and not any(not s.rule.lines for s in earlier)):
            continue
        try:
            if _search(space, [later.holds, *(s.fails for s in earlier)]) is None:
                by = _hiding(space, earlier, later)
                own = next((s.rule for s in by if s.rule.origin != "shipped"), None)
                if own is not None and later.rule.origin == "shipped":
                    put_aside.setdefault(own, []).append(later.rule)
                else:
                    yield _hidden(space, by, later)
                continue
        except _Unknown:
            yield _not_proven(later.rule)
        yield from _overlaps(space, earlier, later)
    yield from (_put_aside(own, hidden) for own, hidden in put_aside.items())


def _answers_for(first: Rule, later: Rule) -> bool:
    """Whether the earlier rule leaves the later one nothing to say."""
    if later.asks != "conclude":
        return True
    said = {name for name, _ in first.outcome.concludes}
    return {name for name, _ in later.outcome.concludes} <= said


def _search(space: Space, needs: Sequence[Ways]) -> State | None:
    """Points at which every need is met in one of its ways; None when there are none.

    Raises _Unknown when the search takes more than STEPS_MAX steps.
    """
    steps = 0

    def step(state: State, open_needs: Sequence[Ways]) -> State | None:
        nonlocal steps
        steps += 1
        if steps > STEPS_MAX:
            raise _Unknown
        best: list[State] | None = None
        rest: list[Ways] = []
        for need in open_needs:
            states = [s for way in need if (s := space.narrowed(state, way)) is not None]
            if not states:
                return None
            if state in states:
                continue  # met already
            if best is None or len(states) < len(best):
                best = states
            rest.append(need)
        if best is None:
            return state
        for narrower in best:
            found = step(narrower, rest)
            if found is not None:
                return found
        return None

    return step(space.everywhere, needs)


def _hiding(space: Space, earlier: Sequence[_Sides], later: _Sides) -> Sequence[_Sides]:
    """The one rule that takes all that the later one accepts; else those that take a part."""
    alone = [s for s in earlier if _hides(space, s, later)]
    return alone[:1] or [s for s in earlier if _meets(space, s, later)]


def _put_aside(own: Rule, hidden: Sequence[Rule]) -> Finding:
    """One warning for all shipped rules that a workspace's rule stands before."""
    ids = [rule.id for rule in hidden]
    count = f"{len(ids)} shipped rules" if len(ids) > 1 else "a shipped rule"
    off = f'{ids[0]} = {{ enabled = false, because = "...", expires = 2027-01-31 }}'
    return Finding(
        code="RUL122", level="warning", place=own.place,
        message=f"{own.id} takes all that {count} would answer: {', '.join(ids)}",
        notes=tuple(Note(rule.place, f"{rule.id} can never be reached")
                    for rule in hidden[:SHOWN_MAX]),
        help=f"Narrow {own.id}. If it is meant so, switch {'them' if len(ids) > 1 else 'it'} off"
        f" in [rules] of adapter.toml: {off}.",
    )  # fmt: skip


def _hidden(space: Space, hiding: Sequence[_Sides], later: _Sides) -> Finding:
    alone = len(hiding) == 1 and _hides(space, hiding[0], later)
    by = hiding[:SHOWN_MAX]
    text = "by this rule" if alone else "by this rule and others"
    above = by[0].rule.id if by else "the earlier rules"
    return Finding(
        code="RUL106", level="error", message="rule can never be reached", place=later.rule.place,
        notes=(Note(later.rule.place, f"all that {later.rule.id} accepts is taken earlier"),
               *(Note(s.rule.place, text) for s in by)),
        help=f"Move {later.rule.id} above {above}, or delete it.",
    )  # fmt: skip


def _hides(space: Space, first: _Sides, later: _Sides) -> bool:
    try:
        return _search(space, [later.holds, first.fails]) is None
    except _Unknown:
        return False


def _meets(space: Space, first: _Sides, later: _Sides) -> State | None:
    try:
        return _search(space, [later.holds, first.holds])
    except _Unknown:
        return None


def _overlaps(space: Space, earlier: Sequence[_Sides], later: _Sides) -> Iterator[Finding]:
    """One note for a rule that shares records with earlier ones of another answer."""
    met: list[tuple[Rule, State]] = []
    for first in earlier:
        is_tried = space.is_tried([*first.rule.atoms, *later.rule.atoms])
        if is_tried and first.rule.lines and first.rule.outcome != later.rule.outcome:
            state = _meets(space, first, later)
            if state is not None:
                met.append((first.rule, state))
    if met:
        rule, state = met[0]
        facts = [name for r in (rule, later.rule) for line in r.lines for name in line.facts]
        more = f" and {len(met) - 1} more" if len(met) > 1 else ""
        yield Finding(
            code="RUL110", level="note", place=later.rule.place,
            message=f"{later.rule.id} shares records with {rule.id}{more}, which answer earlier"
            if more else f"{later.rule.id} shares records with {rule.id}, which answers earlier",
            notes=tuple(Note(r.place, f"{r.id} stands earlier") for r, _ in met[:SHOWN_MAX]),
            help=f"For instance: {told(space.witness(state, facts))}.",
        )  # fmt: skip


def _contradiction(rule: Rule) -> Finding:
    if rule.since is not None and rule.until is not None and rule.since > rule.until:
        until = next(x for x in rule.applies if x.text == f"actual.date <= '{rule.until}'")
        return Finding(
            code="RUL105", level="error", place=until.place,
            message=f"{rule.id} is never in force: its `until` {rule.until} lies before its `since`"
            f" {rule.since}",
            help="Correct one of the two dates.",
        )  # fmt: skip
    return Finding(
        code="RUL105", level="error", place=rule.place,
        message=f"the lines of {rule.id} can never hold together",
        help="Read `applies` and `when` together; correct the line that excludes the others.",
    )  # fmt: skip


def _not_proven(rule: Rule) -> Finding:
    return Finding(
        code="RUL111", level="note", place=rule.place,
        message=f"{rule.id} has too many combinations to prove that it can be reached",
        help="Split the rule, or shorten its `or`.",
    )  # fmt: skip
