"""Explanations drawn from a plan that watched an actual: every rule, every value."""

from typing import Any

from adapter.deciding.evaluate import RuleTrace, explain_rule
from adapter.deciding.wording import Wording, shown_fact
from adapter.making.plan import Plan, Traced
from adapter.making.routed import CHANNELS
from adapter.reading.rulebook import Rule
from adapter.telling.explanation import ActualExplained

NEARLY_MAX = 8  # rules that nearly fired and are listed


def actual_explained(
    plan: Plan, report: dict[str, Any], entry: dict[str, Any], names: bool = False
) -> ActualExplained:
    """The whole chain of one actual; `entry` is its entry in the report."""
    traced = plan.traced[entry["id"]]
    view = _View(plan, traced, names)
    company = next((c for c in report["companies"] if c["code"] == entry["company"]), None)
    documents = {d["key"]: d for d in report["documents"]}
    keys = [entry[c]["document"] for c in CHANNELS if entry[c]["document"] in documents]
    unit = traced.routed.dossier.unit
    explained: Any = {
        "about": "actual",
        "actual": {**entry, "unit": (unit.symbol or unit.name or "") if unit else ""},
        "model": {
            "company": entry["company"],
            "word": traced.routed.model,
            "reason": company["reason"] if company else "",
            "because": _model(company),
        },
        "traits": view.traits(),
        "checks": view.checks(),
        "routes": [view.route(channel, entry, documents) for channel in CHANNELS],
        "documents": [
            {k: documents[key][k] for k in ("kind", "name", "key", "status", "lines", "totals")}
            for key in keys
        ],
    }
    return explained  # type: ignore[no-any-return]


def _model(company: dict[str, Any] | None) -> dict[str, Any]:
    if company is None:
        return {"rule": "", "name": "", "place": "", "lines": []}
    lines = [{"text": b["text"], "held": b["held"], "values": b["values"]}
             for b in company["because"]]  # fmt: skip
    return {"rule": company["rule"], "name": company["rule_name"], "place": company["place"],
            "lines": lines}  # fmt: skip


class _View:
    def __init__(self, plan: Plan, traced: Traced, names: bool) -> None:
        self.plan = plan
        self.traced = traced
        self.names = names
        self.bit_of = {}
        atoms = dict.fromkeys(a for rule in plan.workspace.rulebook.rules for a in rule.atoms)
        self.bit_of = {atom: bit for bit, atom in enumerate(atoms)}

    def trace(self, rule: Rule) -> RuleTrace:
        return explain_rule(rule, self.traced.vector, self.bit_of, self.traced.facts)

    def fired(self, trace: RuleTrace) -> dict[str, Any]:
        rule = trace.rule
        return {
            "rule": rule.id,
            "name": rule.name,
            "place": f"{rule.place.file}:{rule.place.line}",
            "lines": [
                {"text": line.text, "held": line.held,
                 "values": [[n, shown_fact(n, v, self.names)] for n, v in line.values]}  # type: ignore[arg-type]
                for line in trace.lines
            ],
        }  # fmt: skip

    def traits(self) -> list[list[str]]:
        by_fact = {
            name: rule.id
            for rule in self.traced.decision.rules
            for name, _ in rule.outcome.concludes
        }
        return [[n, v, by_fact.get(n, "default")] for n, v in self.traced.decision.concluded]

    def checks(self) -> dict[str, Any]:
        traces = [self.trace(r) for r in self.plan.workspace.rulebook.rules if r.asks == "require"]
        nearly = [t for t in traces if t.state != "fired" and t.missed == 1]
        said = {f.code: f for f in self.traced.routed.findings}
        fired = [t for t in traces if t.state == "fired"]
        return {
            "fired": [self.check(t, said[t.rule.id].message if t.rule.id in said else "")
                      for t in fired],
            "nearly": [self.check(t, "") for t in nearly[:NEARLY_MAX]],
            "passed": sum(t.state == "passed" for t in traces),
            "not_applicable": sum(t.state == "not-applicable" for t in traces),
        }  # fmt: skip

    def check(self, trace: RuleTrace, message: str) -> dict[str, Any]:
        rule = trace.rule

        def value(name: str) -> Any:
            return self.traced.facts.get(name)

        return {
            **self.fired(trace), "level": rule.level, "owner": rule.owner, "source": rule.source,
            "message": message or Wording(rule.message).fill(value, self.names),
            "help": Wording(rule.help).fill(value, self.names),
        }  # fmt: skip

    def route(
        self, channel: str, entry: dict[str, Any], documents: dict[str, Any]
    ) -> dict[str, Any]:
        part = entry[channel]
        rules = self.plan.workspace.rulebook.rules_by_id
        chosen = self.traced.decision.answers[CHANNELS.index(channel)]  # type: ignore[arg-type]
        because = self.fired(self.trace(chosen)) if chosen is not None else _model(None)
        held = part["rule"] in rules and (chosen is None or part["rule"] != chosen.id)
        answer: dict[str, Any] = {
            "channel": channel, "answer": part["answer"], "reason": part["reason"],
            "because": self.fired(self.trace(rules[part["rule"]])) if held else because,
            "would_be": because if part["answer"] == "hold" and held else None,
        }  # fmt: skip
        if part["document"] in documents:
            answer["document"] = documents[part["document"]]["name"]
        return answer


def as_case_text(plan: Plan, key: str) -> str:
    """The record as a case file: the facts its rules ask for, and what was found."""
    traced = plan.traced[key]
    asked = {n for rule in plan.workspace.rulebook.rules for line in rule.lines for n in line.facts}
    concluded = dict(traced.decision.concluded)
    lines = [f"# made from actual {key}; keep the facts that matter", "", "[[case]]",
             f'name = "actual {key[:8]}"', "[case.given]"]  # fmt: skip
    for name in sorted(asked - concluded.keys()):
        value = traced.facts.get(name)
        if value is not None:
            lines.append(f'"{name}" = {_toml(value)}')
    codes = ", ".join(f'"{rule.id}"' for rule in traced.decision.fired)
    where = lines.index("[case.given]")
    lines[where:where] = [f"find = [{codes}]"]
    return "\n".join(lines) + "\n\n"


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return '"' + ".".join(map(str, value)) + '"'
    text = str(value)
    if type(value).__name__ in ("Decimal", "int"):
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{"".join(c if c.isprintable() or c == chr(92) else "?" for c in escaped)}"'
