"""make_report: a plan as one versioned JSON document; every view is drawn from it.

`report_parts` yields the document piece by piece, so that a million actuals never stand in
memory at once; `make_report` is the same as a dictionary. Money and quantities are texts.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from adapter.making.equation import ChannelEquation
from adapter.making.plan import VERSION, Plan
from adapter.making.verdicts import Choice
from adapter.reading.rulebook import Rule
from adapter.telling.delivered import EXPECTED, VALIDATE, WRITTEN
from adapter.telling.rule_text import excerpt_of
from adapter.values.arithmetic import in_parts
from adapter.values.codes import CODES, owner_of
from adapter.values.finding import Finding

REPORT_VERSION = 1
Run = Mapping[str, str]  # at, user, host: outside the plan's id

_ENCODER = msgspec.json.Encoder(decimal_format="string", order=None)
_encode = _ENCODER.encode


def make_report(plan: Plan, run: Run | None = None) -> dict[str, Any]:
    """The report of a plan as plain lists, dictionaries, texts and whole numbers."""
    report: dict[str, Any] = msgspec.json.decode(b"".join(report_parts(plan, run)))
    return report


@in_parts
def report_parts(plan: Plan, run: Run | None = None) -> Iterator[bytes]:
    """report.json in pieces, UTF-8. Documents and actuals are streamed."""
    head = {
        "report": REPORT_VERSION,
        "plan": _plan(plan),
        "run": dict(run or {}),
        "verdict": verdict(plan),
        "equation": [_equation(e, plan) for e in plan.equations],
        "companies": [_company(c, plan) for c in plan.choices],
        "findings": list(_findings(plan)),
        "faults": [_fault(f) for f in sorted(plan.findings, key=lambda f: f.order)],
        "schedule": plan.tally.schedule,
        "coverage": list(_coverage(plan)),
        "inferred": list(_inferred(plan)),
        "allowed": [
            {"rule": a.rule, "kind": a.kind, "levels": list(a.levels), "because": a.because,
             "expires": a.expires and a.expires.isoformat(), "expired": a.expired}
            for a in plan.workspace.rulebook.allowed
        ],
        "provenance": _provenance(plan),
    }  # fmt: skip
    yield _encode(head)[:-1]
    yield b',"documents":['
    yield from _joined(plan.spool.documents())
    yield b'],"actuals":['
    yield from _joined(plan.tally.entries(plan.spool))
    yield b"]}\n"


def _joined(bodies: Iterator[bytes]) -> Iterator[bytes]:
    first = True
    for body in bodies:
        yield body if first else b"," + body
        first = False


def _plan(plan: Plan) -> dict[str, Any]:
    window = plan.window
    return {
        "id": plan.id,
        "as_of": plan.as_of.isoformat(),
        "workspace": plan.workspace.settings.name,
        "from": window.first and window.first.isoformat(),
        "to": window.last and window.last.isoformat(),
        "adapter": VERSION,
        "mode": "plan",
        "names": plan.names,
    }


def verdict(plan: Plan) -> dict[str, Any]:
    """The answer in one sentence and a few numbers. Counts are actuals, not documents."""
    counts = plan.tally.statuses
    documents = plan.tally.documents.get("new", 0)
    held = counts["held"] + counts["different"]
    theirs = plan.tally.expected
    ours = documents - theirs
    would = f"{ours:,} document{'s' * (ours != 1)} would be written"
    if theirs:
        would += f", {theirs:,} {'are' if theirs != 1 else 'is'} {EXPECTED} from others"
    if plan.tally.validate_only:
        would = f"{documents:,} document{'s are' if documents != 1 else ' is'} {EXPECTED}"
    holds = f"{held:,} actual{'s are' if held != 1 else ' is'} held"
    lost = plan.tally.unreadable
    if lost:
        holds += f", {lost:,} of them unreadable rows whose money is not known"
    return {
        "headline": f"{would}. {holds}. Nothing was sent."
        if plan.balanced
        else "The equation does not add up. Nothing may be sent.",
        "balanced": plan.balanced,
        "word": EXPECTED if plan.tally.validate_only else WRITTEN,
        "in": sum(counts.values()),
        "documents": documents,
        "documents_expected": theirs,
        **counts,
        "unreadable": lost,
        "errors": plan.tally.levels["error"],
        "warnings": plan.tally.levels["warning"],
    }


def _equation(e: ChannelEquation, plan: Plan) -> dict[str, Any]:
    rules = plan.workspace.rulebook.rules_by_id
    theirs = sum(count for company, count in e.written_by.items()
                 if _delivery(plan, company) == VALIDATE)  # fmt: skip
    return {
        "channel": e.channel,
        "records": {**e.records, EXPECTED: theirs},
        "left_by": [
            {"rule": rule, "name": rules[rule].name if rule in rules else "", "reason": reason,
             "records": count}
            for (rule, reason), count in sorted(e.left_by.items())
        ],
        "money": [
            {"company": m.company, "currency": m.currency, "type": m.type,
             **{word: plan.tally.text(m.currency, amount) for word, amount in (
                 ("in", m.total), ("written", m.written), ("unchanged", m.unchanged),
                 ("left", m.left), ("held", m.held))}}
            for _, m in sorted(e.money.items())
        ],
        "balanced": e.balanced,
    }  # fmt: skip


def _delivery(plan: Plan, company: str) -> str:
    setting = plan.workspace.settings.companies.get(company)
    return setting.delivery if setting else ""


def _company(choice: Choice, plan: Plan) -> dict[str, Any]:
    rule = choice.rule
    setting = plan.workspace.settings.companies.get(choice.company)
    environment = plan.workspace.settings.environments[choice.environment]
    finance = plan.tally.company_names.get(choice.company, "")
    return {
        "code": choice.company,
        "name": finance,
        "environment": choice.environment,
        "model": choice.model,
        "variant": "with-app" if environment.project_operations_app else "field-service-only",
        "rule": rule.id if rule else "",
        "rule_name": rule.name if rule else "",
        "place": str(rule.place) if rule else "",
        "reason": choice.reason,
        "because": [{"text": t, "held": held, "values": v} for t, held, v in choice.because],
        "delivery": _delivery(plan, choice.company),
        "time_zone": setting.time_zone if setting else "",
        "actuals": plan.tally.by_company.get((choice.environment, choice.company), 0),
    }


def _rule_facts(code: str, rule: Rule | None) -> dict[str, Any]:
    if rule is None:
        line = CODES.get(code)
        return {"name": line.name if line else "", "owner": owner_of(code), "tag": "",
                "source": "", "why": "", "place": "", "excerpt": [],
                "excerpt_line": 0}  # fmt: skip
    excerpt, first = excerpt_of(rule)
    return {
        "name": rule.name, "owner": rule.owner or owner_of(code), "tag": rule.tag,
        "source": rule.source,
        "why": rule.why, "place": f"{rule.place.file}:{rule.place.line}",
        "excerpt": excerpt, "excerpt_line": first,
    }  # fmt: skip


def _findings(plan: Plan) -> Iterator[dict[str, Any]]:
    rules = plan.workspace.rulebook.rules_by_id
    groups = plan.tally.groups.values()
    levels = {"error": 0, "warning": 1, "note": 2}
    for group in sorted(groups, key=lambda g: (levels[g.level], -g.weight, g.code)):
        yield {
            "code": group.code,
            "level": group.level,
            **_rule_facts(group.code, rules.get(group.code)),
            "records": group.records,
            "money": [
                {"currency": currency, "type": type, "amount": plan.tally.text(currency, amount)}
                for (currency, type), amount in sorted(group.money.items())
            ],
            "occurrences": group.occurrences,
        }


def _fault(f: Finding) -> dict[str, Any]:
    return {
        "code": f.code, "level": f.level, "message": f.message, "place": str(f.place),
        "help": f.help, "owner": owner_of(f.code), "record": f.record,
        "values": [list(v) for v in f.values],
    }  # fmt: skip


def _coverage(plan: Plan) -> Iterator[dict[str, Any]]:
    chosen = Counter(c.rule.id for c in plan.choices if c.rule is not None)
    for rule in plan.workspace.rulebook.rules:
        yield {
            "rule": rule.id, "name": rule.name, "file": rule.place.file, "asks": rule.asks,
            "tag": rule.tag, "fired": plan.tally.fired[rule.id] + chosen[rule.id],
            "applied": plan.tally.applied.get(rule.id, 0),
        }  # fmt: skip


def _inferred(plan: Plan) -> Iterator[dict[str, Any]]:
    for rule in plan.workspace.rulebook.rules:
        fired = plan.tally.fired.get(rule.id, 0)
        if fired and rule.tag in ("inferred", "conflicting"):
            yield {"rule": rule.id, "name": rule.name, "tag": rule.tag, "fired": fired,
                   "level": rule.level, "source": rule.source, "why": rule.why}  # fmt: skip


def _provenance(plan: Plan) -> dict[str, Any]:
    space = plan.workspace
    return {
        "rulebook": space.rulebook.digest[:6],
        "files": [{"path": f.path, "digest": f.digest, "origin": f.origin} for f in space.files],
        "records": [
            {"path": f.path, "digest": f.digest, "rows": f.rows} for f in space.record_files
        ],
        "inputs": plan.id,
        "sent": space.sent_file
        and {"path": space.sent_file.path, "rows": space.sent_file.rows},
        "settings": {k: str(v) for k, v in sorted(space.settings.options.items())},
    }
