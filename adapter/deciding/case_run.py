"""Running cases: the facts of a case through the judge, compared with what it expects."""

from collections.abc import Iterable, Mapping
from functools import cached_property

from msgspec import Struct
from msgspec.structs import replace

from adapter.deciding.evaluate import RuleTrace, explain_rule
from adapter.deciding.judge import Decision, Judge, vector_of_facts
from adapter.deciding.wording import shown_fact
from adapter.reading.cases import Case, CaseFile
from adapter.reading.rulebook import Rule, Rulebook
from adapter.values.finding import Finding

CHANNELS = ("ledger", "billing")


class Gap(Struct, frozen=True):
    """Where a case and the rules do not say the same."""

    expected: str
    found: str


class CaseResult(Struct, frozen=True, kw_only=True):
    """What the rules said of one case; no gaps: it holds."""

    case: Case
    fired: frozenset[str]  # rules that fired, answered or concluded
    gaps: tuple[Gap, ...] = ()
    is_replaced: bool = False  # about rules that the workspace changed: not compared
    also: frozenset[str] = frozenset()  # rules that the workspace added and that fire as well


class CaseJudge:
    """Judges cases by one rulebook."""

    def __init__(self, rulebook: Rulebook) -> None:
        self.rulebook = rulebook
        self.judge = Judge(rulebook)
        self.names = sorted({n for a in self.judge.fact_atoms for n in (a.fact, a.other) if n})
        self._vector = vector_of_facts(self.judge, self.names)
        self.changed = {a.rule for a in rulebook.allowed if a.kind != "level" and not a.expired}
        replaced = {a.rule for a in rulebook.allowed if a.kind == "replaced"}
        own = (rule.id for rule in rulebook.rules if rule.origin == "workspace")
        self.added = frozenset(own) - replaced

    @cached_property
    def of_shipped(self) -> "CaseJudge":
        """The judge of shipped cases: they speak of the rules that the workspace did not add."""
        rules = tuple(rule for rule in self.rulebook.rules if rule.id not in self.added)
        return CaseJudge(replace(self.rulebook, rules=rules))

    def run(self, case: Case, is_shipped: bool = False) -> CaseResult:
        """The result of one case.

        A shipped case is judged without the rules that the workspace added; those that fire in
        it are told beside. One that meets a rule which the workspace replaced or switched off
        says nothing of the workspace: it is not compared.
        """
        if not is_shipped or not self.added:
            return self._run(case, is_shipped)
        also = self.added & self._run(case, False).fired
        return replace(self.of_shipped._run(case, True), also=also)

    def _run(self, case: Case, is_shipped: bool) -> CaseResult:
        vector = self._vector([case.facts.get(name) for name in self.names])
        decision = self.judge.decide(vector)
        chosen = self.judge.choose(vector)
        rules = [*decision.rules, *([chosen] if chosen is not None else [])]
        fired = frozenset(rule.id for rule in rules)
        if is_shipped and self.changed & {*fired, *case.named}:
            return CaseResult(case=case, fired=fired, is_replaced=True)
        gaps = tuple(self._gaps(case, decision, chosen, vector, fired))
        return CaseResult(case=case, fired=fired, gaps=gaps)

    def _gaps(
        self, case: Case, decision: Decision, chosen: Rule | None, vector: int,
        fired: frozenset[str],
    ) -> Iterable[Gap]:  # fmt: skip
        said = {rule.id for rule in decision.fired}
        if case.find is not None and set(case.find) != said:
            missing = [code for code in case.find if code not in said]
            hints = "; ".join(self.missed(code, case, decision) for code in missing)
            found = ", ".join(sorted(said)) or "nothing"
            yield Gap(", ".join(case.find) or "nothing", f"{found}{'; ' if hints else ''}{hints}")
        if case.choose or case.refuse:
            yield from self._choice(case, chosen, vector)
        concluded = dict(decision.concluded)
        for name, value in case.concludes.items():
            if str(concluded.get(name)) != value:
                yield Gap(f"{name} {value}", f"{name} {concluded.get(name)}")
        for channel, code in case.routes.items():
            answer = decision.answers[CHANNELS.index(channel)]
            if answer is None or answer.id != code:
                hint = self.missed(code, case, decision)
                said_by = answer.id if answer is not None else "no rule"
                yield Gap(f"{channel} {code}", f"{channel} {said_by}; {hint}")
        if case.is_near and case.rule in fired:
            yield Gap(f"{case.rule} does not fire (near miss)", f"{case.rule} fired")
        if case.rule and not case.is_near and case.rule not in fired:
            yield Gap(case.rule, self.missed(case.rule, case, decision))

    def _choice(self, case: Case, chosen: Rule | None, vector: int) -> Iterable[Gap]:
        wanted = case.choose or case.refuse
        found = "no rule"
        if chosen is not None:
            is_choice = chosen.outcome.kind == "choose"
            found = f"{chosen.outcome.value if is_choice else 'refused'} by {chosen.id}"
            fits = {chosen.id, chosen.outcome.value} if is_choice else {chosen.id}
            if wanted in fits and is_choice == bool(case.choose):
                return
        hint = ""
        if wanted in self.rulebook.rules_by_id:
            hint = "; " + self.missed(wanted, case, Decision(vector, (), (), (), ()))
        yield Gap(f"{'choose' if case.choose else 'refuse'} {wanted}", found + hint)

    def trace(self, code: str, case: Case, decision: Decision) -> RuleTrace | None:
        """What became of one rule; None when it is not in force."""
        rule = self.rulebook.rules_by_id.get(code)
        if rule is None:
            return None
        facts = {**case.facts, **dict(decision.concluded)}
        return explain_rule(rule, decision.vector, self.judge.bit_of, facts)

    def missed(self, code: str, case: Case, decision: Decision) -> str:
        """Which lines of a rule did not hold, with the values."""
        trace = self.trace(code, case, decision)
        if trace is None:
            return f"{code} is not in force"
        lines = [line for line in trace.lines if not line.held]
        if not lines:
            return f"{code} holds, but an earlier rule answers"
        said = "; ".join(
            f"{line.text} ({', '.join(_told(n, v) for n, v in line.values)})" for line in lines
        )
        return f"nearest rule {code} failed on {said}"


def _told(name: str, value: object) -> str:
    return f"{name} {shown_fact(name, value)}"  # type: ignore[arg-type]


def uncovered(
    rulebook: Rulebook, results: Mapping[str, Iterable[CaseResult]], files: Iterable[CaseFile]
) -> tuple[Finding, ...]:
    """RUL108: rules in force that no case fires, or that have no near miss."""
    fired = {code for done in results.values() for result in done for code in result.fired}
    near = {case.rule for file in files for case in file.cases if case.is_near}
    found = []
    for rule in rulebook.rules:
        lacks = []
        if rule.id not in fired:
            lacks.append("case that fires it")
        if rule.id not in near and rule.lines:
            lacks.append("near miss")
        if lacks:
            found.append(
                Finding(code="RUL108", level="warning", place=rule.place,
                        message=f"{rule.id} has no {' and no '.join(lacks)}",
                        help="Add a [[case]] to the cases folder; `explain` with --as-case"
                        " makes one of an actual.")
            )  # fmt: skip
    return tuple(found)
