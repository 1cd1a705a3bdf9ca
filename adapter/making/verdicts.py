"""Verdicts: from a dossier to findings and one answer per channel."""

from collections.abc import Iterable, Mapping
from datetime import date

from msgspec import Struct

from adapter.deciding.applied import AppliedCount
from adapter.deciding.dossier import Dossier
from adapter.deciding.evaluate import explain_rule
from adapter.deciding.facts import ROLES, FactDef, Value
from adapter.deciding.fold import Fold
from adapter.deciding.judge import Decision, Judge
from adapter.deciding.vector import Values, VectorMaker
from adapter.deciding.wording import Wording, shown_fact
from adapter.making.routed import CHANNELS, Answer, Routed
from adapter.reading.rulebook import Rule, Rulebook
from adapter.reading.settings import Settings
from adapter.values.actuals import Actual
from adapter.values.finding import Finding, Note, Place, shown

NO_MODEL = "refused"
HELD_BY_FINDING = "a finding of level error keeps it here"


class Choice(Struct, frozen=True, kw_only=True):
    """Which deployment model a company runs, and the rule that says so."""

    company: str
    environment: str
    model: str  # core, integrated, refused
    rule: Rule | None
    reason: str = ""
    values: tuple[tuple[str, str], ...] = ()
    because: tuple[tuple[str, bool, tuple[tuple[str, str], ...]], ...] = ()  # line by line


def models_of(settings: Settings, choices: Iterable[Choice]) -> dict[str, str]:
    """The model of each company: of one that is declared, the one in its own environment."""
    companies = settings.companies
    return {
        c.company: c.model for c in choices
        if c.company not in companies or companies[c.company].environment == c.environment
    }


class _Words(Struct, frozen=True):
    message: Wording
    help: Wording
    facts: tuple[str, ...]


class Decider:
    """Judges dossiers by one rulebook."""

    def __init__(
        self, rulebook: Rulebook, facts: Mapping[str, FactDef], names: bool = False
    ) -> None:
        self.rulebook = rulebook
        self.judge = Judge(rulebook)
        self.names = names
        self._words = {rule.id: _words_of(rule) for rule in rulebook.rules}
        used = {name for words in self._words.values() for name in words.facts}
        used |= {name for rule in rulebook.rules for name in rule.outcome.group_by}
        self.vectors = VectorMaker(
            self.judge.fact_atoms, self.judge.fact_bits, facts, used | {"actual.date"}
        )
        self._concluded = self.judge.declared
        choosing = [rule for rule in rulebook.rules if rule.asks == "choose"]
        others = [rule for rule in rulebook.rules if rule.asks != "choose"]
        self._companies = AppliedCount(choosing, self.judge.bit_of)
        self.concerned = AppliedCount(others, self.judge.bit_of)  # of the actuals of a plan
        self._answers: dict[tuple[str, ...], Answer] = {}

    def choose(self, company: Dossier, fold: Fold) -> Choice:
        """The model of a company, from a dossier that holds the company only."""
        vector, values = self.vectors(company, fold)
        self._companies.take(vector)
        rule = self.judge.choose(vector)
        model, reason = NO_MODEL, "no rule chooses a deployment model"
        if rule is not None:
            is_choice = rule.outcome.kind == "choose"
            model = rule.outcome.value if is_choice else NO_MODEL
            reason = "" if is_choice else self._text(rule, values, {})
        return Choice(
            company=company.code or "",
            environment=company.environment.name,
            model=model,
            rule=rule,
            reason=reason,
            values=self._shown(rule, values, {}) if rule is not None else (),
            because=self._because(rule, vector, values),
        )

    def applied(self) -> dict[str, int]:
        """Rule -> actuals that it concerned; choose rule -> companies."""
        return {**self._companies.counts(), **self.concerned.counts()}

    def _because(
        self, rule: Rule | None, vector: int, values: Values
    ) -> tuple[tuple[str, bool, tuple[tuple[str, str], ...]], ...]:
        if rule is None:
            return ()
        facts = {name: self._value(name, values, {}) for name in self._words[rule.id].facts}
        lines = explain_rule(rule, vector, self.judge.bit_of, facts).lines
        return tuple(
            (line.text, line.held,
             tuple((n, shown_fact(n, facts[n], self.names)) for n, _ in line.values))
            for line in lines
        )  # fmt: skip

    def verdict(self, d: Dossier, fold: Fold, choice: Choice) -> tuple[Routed, Decision, Values]:
        """The verdict on one actual: all findings, and one answer per channel."""
        vector, values = self.vectors(d, fold)
        decision = self.judge.decide(vector)
        concluded = dict(decision.concluded)
        findings = [*join_faults(d)]
        findings += [self._finding(rule, d, values, concluded) for rule in decision.fired]
        if choice.model == NO_MODEL:
            findings.append(self._refusal(choice, d))
        answers = [
            self._answer(channel, rule, values, concluded)
            for channel, rule in zip(CHANNELS, decision.answers, strict=True)
        ]
        blocking = next((f for f in findings if f.level == "error"), None)
        findings += [
            self._finding(rule, d, values, concluded)
            for rule in decision.answers if rule is not None and rule.outcome.kind == "hold"
        ]  # fmt: skip
        holding = next((a for a in answers if a.kind == "hold"), None)
        if blocking is not None:
            answers = [_held(a, blocking.code, blocking.message) for a in answers]
        elif holding is not None:
            answers = [a if a is holding else _held(a, holding.rule, holding.reason)
                       for a in answers]  # fmt: skip
        day = self.vectors.value(values, "actual.date")
        routed = Routed(
            dossier=d,
            day=day if isinstance(day, date) else None,
            model=choice.model,
            findings=tuple(findings),
            ledger=answers[0],
            billing=answers[1],
            concluded=concluded,
        )
        return routed, decision, values

    def _value(self, name: str, values: Values, concluded: Mapping[str, Value]) -> Value:
        return concluded[name] if name in concluded else self.vectors.value(values, name)

    def _text(self, rule: Rule, values: Values, concluded: Mapping[str, Value]) -> str:
        wording = self._words[rule.id].message
        return wording.fill(lambda name: self._value(name, values, concluded), self.names)

    def _shown(
        self, rule: Rule, values: Values, concluded: Mapping[str, Value]
    ) -> tuple[tuple[str, str], ...]:
        return tuple(
            (name, shown_fact(name, self._value(name, values, concluded), self.names))
            for name in self._words[rule.id].facts
        )

    def _finding(
        self, rule: Rule, d: Dossier, values: Values, concluded: Mapping[str, Value]
    ) -> Finding:
        words = self._words[rule.id]
        order = f"work order {d.work_order.number}, " if d.work_order is not None else ""
        return Finding(
            code=rule.id,
            level=rule.level,
            message=self._text(rule, values, concluded),
            place=rule.place,
            notes=(Note(Place(f"{order}actual {d.actual.id}"), "this record"),),
            help=words.help.fill(lambda n: self._value(n, values, concluded), self.names),
            values=self._shown(rule, values, concluded),
            record=d.actual.id,
            source=rule.source,
        )

    def _refusal(self, choice: Choice, d: Dossier) -> Finding:
        rule = choice.rule
        return Finding(
            code=rule.id if rule is not None else "DEP290",
            level="error",
            message=choice.reason,
            place=rule.place if rule is not None else d.settings.place,
            help=rule.help if rule is not None else "Add a rule to rules/deployment.toml.",
            values=choice.values,
            record=d.actual.id,
            source=rule.source if rule is not None else "",
        )

    def _answer(
        self, channel: str, rule: Rule | None, values: Values, concluded: Mapping[str, Value]
    ) -> Answer:
        if rule is None:
            return Answer(channel=channel, kind="hold", rule="RTE491",  # type: ignore[arg-type]
                          reason="no routing rule claims this actual")  # fmt: skip
        outcome = rule.outcome
        group = [self._value(n, values, concluded) for n in outcome.group_by]
        reason = "" if outcome.kind == "send" else self._text(rule, values, concluded)
        # By their text: numbers may be equal and be written in two ways.
        key = (rule.id, reason, *[v if v.__class__ is str else shown(v) for v in group])
        answer = self._answers.get(key)
        if answer is None:
            if len(self._answers) > 100_000:
                self._answers.clear()
            answer = self._answers[key] = Answer(
                channel=channel,  # type: ignore[arg-type]
                kind=outcome.kind,  # type: ignore[arg-type]
                rule=rule.id,
                document=outcome.document,
                mapping=outcome.mapping,
                group=tuple(map(shown, group)),
                reason=reason,
            )
        return answer


def _words_of(rule: Rule) -> _Words:
    outcome = rule.outcome
    said = rule.message or (outcome.value if outcome.kind in ("refuse", "leave", "hold") else "")
    message, help_ = Wording(said), Wording(rule.help)
    named = dict.fromkeys(
        name
        for line in (*rule.applies, *rule.when)
        for name in line.facts
    )
    return _Words(message, help_, tuple(dict.fromkeys([*named, *message.facts, *help_.facts])))


def _held(answer: Answer, rule: str, reason: str) -> Answer:
    return Answer(channel=answer.channel, kind="hold", rule=rule, reason=reason)


def join_faults(d: Dossier) -> list[Finding]:
    """Lookups that lead nowhere, and faults of the rows that the dossier joins."""
    found = [
        Finding(
            code="SRC030",
            level="error",
            message=f"lookup `{field}` leads to no record that was read",
            place=Place(f"actual {d.actual.id}"),
            help=f"Include the table that holds {shown(key)}, or correct the lookup.",
            values=((field, shown(key)),),
            record=d.actual.id,
        )
        for field, key in d.dangling
    ]
    if not (d.records.has_faults or d.finance_records.has_faults):
        return found
    for role, kind in ROLES.items():
        record = getattr(d, role)
        if record is None:
            continue
        store = d.records if kind not in FINANCE_KINDS else d.finance_records
        for fault in store.faults(kind, record.id):
            found.append(fault if kind is Actual else _through(fault, role, d))
    return found


FINANCE_KINDS = frozenset(
    kind for kind in ROLES.values() if kind.__module__ == "adapter.values.finance"
)


def _through(fault: Finding, role: str, d: Dossier) -> Finding:
    return Finding(
        code=fault.code, level=fault.level, message=f"{role}: {fault.message}", place=fault.place,
        notes=(Note(Place(f"actual {d.actual.id}"), "this record needs it"),),
        help=fault.help, values=fault.values, record=d.actual.id,
    )  # fmt: skip
