"""From a plan to the explanation of one record: the whole chain, as `explanation.py` shapes it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from adapter.deciding.evaluate import RuleTrace, explain_rule
from adapter.deciding.judge import Judge
from adapter.deciding.wording import shown_fact
from adapter.making.halves import AFTERWARDS
from adapter.making.plan import Plan, Traced
from adapter.making.planned import PlannedDocument
from adapter.making.routed import CHANNELS, Channel
from adapter.making.verdict_parts import name_of
from adapter.making.verdicts import Choice
from adapter.reading.rulebook import Rule
from adapter.telling.explanation import (
    ActualExplained,
    ActualHead,
    Check,
    Checks,
    DocumentExplained,
    DocumentHead,
    Fired,
    LineExplained,
    Model,
    RouteAnswer,
    RuleLine,
)
from adapter.values.codes import CODES
from adapter.values.finding import shown
from adapter.values.project_operations import ContractLine
from adapter.values.record import Record

NEARLY_MAX = 5  # rules that nearly fired
FIELDS_MAX = 24  # of a line of a document

Entry = Mapping[str, Any]


class Explainer:
    """Explains the records of one plan that was made with `watch`."""

    def __init__(self, plan: Plan, entries: Iterable[Entry]) -> None:
        self.plan = plan
        self.rulebook = plan.workspace.rulebook
        self.rules = self.rulebook.rules_by_id
        self.bit_of = Judge(self.rulebook, memory=0).bit_of
        self.entries = {entry["id"]: entry for entry in entries}
        self.documents = list(plan.documents())

    def actual(self, key: str) -> ActualExplained:
        """The whole chain of one actual that was watched."""
        traced, entry = self.plan.traced[key], self.entries[key]
        return {
            "about": "actual",
            "actual": self.head(entry, traced),
            "model": self.model(traced),
            "traits": self.traits(traced),
            "checks": self.checks(traced),
            "routes": [self.route(channel, entry, traced) for channel in CHANNELS],
            "documents": [
                {**document_head(d), "line": line_of(d, key)}
                for d in self.documents if key in d.actuals
            ],
        }  # fmt: skip

    def line(self, name: str, record: Record, keys: Sequence[str]) -> LineExplained:
        """A work order or one of its lines, with all its actuals."""
        fields = [[field.replace("_", " "), shown(getattr(record, field))]
                  for field in record.__struct_fields__
                  if getattr(record, field) is not None]  # fmt: skip
        return {"about": "line", "name": name, "header": fields,
                "actuals": [self.actual(key) for key in keys if key in self.entries]}  # fmt: skip

    def document(self, document: PlannedDocument) -> DocumentExplained:
        """A document with the actuals that it carries."""
        entries = [self.entries[key] for key in document.actuals if key in self.entries]
        return {
            "about": "document",
            "document": document_head(document),
            "because": self.fired(document.rule),
            "actuals": [self.head(entry) for entry in entries],
        }

    def head(self, entry: Entry, traced: Traced | None = None) -> ActualHead:
        """Which actual."""
        unit = traced.routed.dossier.unit if traced is not None else None
        names = ("name", "id", "company", "work_order", "project", "date", "type", "quantity",
                 "amount", "currency", "description", "status")  # fmt: skip
        said = {name: entry[name] for name in names}
        symbol = (unit.symbol or unit.name or "") if unit is not None else ""
        return {**said, "unit": symbol}  # type: ignore[typeddict-item]

    def model(self, traced: Traced) -> Model:
        """The model of the company, and why."""
        code = traced.routed.dossier.code or ""
        environment = traced.routed.dossier.environment.name
        choice = next((c for c in self.plan.choices
                       if (c.company, c.environment) == (code, environment)), None)  # fmt: skip
        setting = self.plan.workspace.settings.companies.get(code)
        return {"company": code, "word": traced.routed.model,
                "delivery": setting.delivery if setting is not None else "",
                "reason": choice.reason if choice is not None else "",
                "because": _because(choice)}  # fmt: skip

    def traits(self, traced: Traced) -> list[list[str]]:
        """What was concluded: fact, value, the rule that says so."""
        by: dict[tuple[str, str], str] = {}
        for rule in traced.decision.rules:
            for name, value in rule.outcome.concludes:
                by.setdefault((name, str(value)), rule.id)
        return [[name, value, by.get((name, value), "default")]
                for name, value in traced.decision.concluded]  # fmt: skip

    def fired(self, code: str, traced: Traced | None = None) -> Fired:
        """A rule with its lines; a built-in code has none."""
        rule = self.rules.get(code)
        if rule is None:
            name = CODES[code].name if code in CODES else ""
            return {"rule": code, "name": name, "place": "", "lines": []}
        return {"rule": code, "name": rule.name, "place": str(rule.place),
                "lines": [] if traced is None else self.lines(self.trace(rule, traced))}

    def trace(self, rule: Rule, traced: Traced) -> RuleTrace:
        """What became of a rule on one actual."""
        return explain_rule(rule, traced.vector, self.bit_of, traced.facts)

    def lines(self, trace: RuleTrace) -> list[RuleLine]:
        """The lines of a rule with their values, masked as the plan asks."""
        return [
            {"text": line.text, "held": line.held,
             "values": [[n, self.shown(n, v)] for n, v in line.values]}
            for line in trace.lines
        ]  # fmt: skip

    def shown(self, name: str, value: object) -> str:
        """A fact's value, masked as the plan asks."""
        return shown_fact(name, value, self.plan.names)  # type: ignore[arg-type]

    def checks(self, traced: Traced) -> Checks:
        """Every requirement: fired, nearly fired, passed, not applicable."""
        traces = [self.trace(r, traced) for r in self.rulebook.rules if r.asks == "require"]
        said = {f.code: f for f in traced.routed.findings}
        fired = [self.check(t, said[t.rule.id].message, said[t.rule.id].help)
                 for t in traces if t.state == "fired" and t.rule.id in said]  # fmt: skip
        listed = {check["rule"] for check in fired}
        built_in = [f for f in traced.routed.findings if f.code not in listed]
        fired += [
            Check(rule=f.code, name=self.fired(f.code)["name"], place=str(f.place), lines=[],
                  level=f.level, message=f.message, help=f.help)
            for f in built_in
        ]  # fmt: skip
        fired += self.afterwards(traced.routed.dossier.actual.id)
        nearly = [t for t in traces if _is_near(t)]
        nearly.sort(key=lambda t: (t.state != "passed", -len(t.lines)))
        states = [t.state for t in traces]
        return {
            "fired": fired,
            "nearly": [self.check(t, "", "") for t in nearly[:NEARLY_MAX]],
            "passed": states.count("passed"),
            "not_applicable": states.count("not-applicable"),
        }

    def afterwards(self, key: str) -> Iterator[Check]:
        """What was found when all verdicts were known: halves that go while others are held."""
        for (code, level), group in sorted(self.plan.tally.groups.items()):
            if code in AFTERWARDS:
                for one in group.occurrences:
                    if one["actual"] == key:
                        yield Check(rule=code, name=self.fired(code)["name"], place="", lines=[],
                                    level=level, message=one["message"], help=one["help"])

    def check(self, trace: RuleTrace, message: str, help: str) -> Check:
        """One requirement with its lines."""
        rule = trace.rule
        return {"rule": rule.id, "name": rule.name, "place": str(rule.place),
                "lines": self.lines(trace), "level": rule.level, "message": message, "help": help,
                "owner": rule.owner, "source": rule.source}  # fmt: skip

    def route(self, channel: Channel, entry: Entry, traced: Traced) -> RouteAnswer:
        """The answer of one channel, the rules tried before, and where it would go if held."""
        part = entry[channel]
        own = traced.decision.answers[CHANNELS.index(channel)]
        is_own = own is not None and own.id == part["rule"]
        answer: RouteAnswer = {
            "channel": channel, "answer": part["answer"], "reason": part["reason"],
            "because": self.fired(part["rule"], traced if is_own else None),
            "would_be": None if is_own or own is None else self.fired(own.id, traced),
            "tried": [self.fired(rule.id, traced) for rule in self._before(own, channel)],
        }  # fmt: skip
        name = next((d.name for d in self.documents if d.key == part["document"]), "")
        if name:
            answer["document"] = name
        return answer

    def _before(self, answer: Rule | None, channel: str) -> Iterator[Rule]:
        for rule in self.rulebook.rules:
            if rule.asks == "route" and rule.channel == channel:
                if answer is not None and rule.id == answer.id:
                    return
                yield rule


def _is_near(trace: RuleTrace) -> bool:
    """One more line and it would have fired; rules of a single line say nothing by it."""
    return trace.state != "fired" and trace.missed == 1 and len(trace.lines) > 1


def _because(choice: Choice | None) -> Fired:
    if choice is None or choice.rule is None:
        return {"rule": "", "name": "", "place": "", "lines": []}
    rule = choice.rule
    lines: list[RuleLine] = [
        {"text": text, "held": held, "values": [list(pair) for pair in values]}
        for text, held, values in choice.because
    ]
    return {"rule": rule.id, "name": rule.name, "place": str(rule.place), "lines": lines}


def document_head(document: PlannedDocument) -> DocumentHead:
    """Which document."""
    return {"kind": document.kind, "name": document.name, "key": document.key,
            "status": document.status, "lines": document.lines,
            "totals": document.totals}  # fmt: skip


def line_of(document: PlannedDocument, key: str) -> list[list[str]]:
    """The fields of the line that carries an actual, in the target's names."""
    for row in _tables(document.payload):
        if key in row.values():
            pairs = [[str(name), shown(value)] for name, value in row.items()
                     if not isinstance(value, list | dict)]  # fmt: skip
            return pairs[:FIELDS_MAX]
    return []


def _tables(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    for part in value if isinstance(value, list) else ():
        yield from _tables(part)


def entries_of(plan: Plan) -> Iterator[Entry]:
    """The actuals of a plan as report.json lists them."""
    for body in plan.tally.entries(plan.spool):
        yield msgspec.json.decode(body)


def names_of(plan: Plan) -> Iterator[str]:
    """Names that `explain` knows: actuals, work orders, documents, and what contracts bill."""
    for entry in entries_of(plan):
        yield name_of(entry["id"])
        yield entry["work_order"]
    for document in plan.documents():
        yield document.name
    for one in plan.tally.schedule:
        yield one["name"]
    for environment in plan.workspace.environments.values():
        for line in environment.records.all(ContractLine):
            yield line.name or ""
