"""Our decisions against zen-engine's, on the same typed facts of the same records.

One decision is all *require* verdicts of one record, from the same row of typed facts, ours
with the second opinion on. Zen is given the same conditions in several forms (a decision table
with whole expressions, an expression node, one compiled expression that lists all verdicts),
each with records as dicts and as JSON text; the fastest whose verdicts are the same as ours on
every record counts. Zen knows no Decimals and no days: putting the facts into the numbers it
knows is part of its decision, as our vector is of ours. Both memories (of decisions, and of
facts that repeat together) begin empty in every round; without memory both are off.

- decisions_vs_zen: our decisions per second over zen's, the memory of decisions on
- decisions_vs_zen_no_memory: the same without memory
- decisions_vs_zen_prepared, ..._no_memory: zen's input made beforehand, our vector not
- decisions_vs_zen_table, ..._no_memory: against zen's decision table, the form in which its
  users write rules
"""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from time import perf_counter
from typing import Any

import msgspec
import zen

from adapter.deciding.dossier import Assembler
from adapter.deciding.fact_vectors import Layout, laid_out, likely_bits, vector_function
from adapter.deciding.fold import Fold
from adapter.deciding.judge import Judge
from adapter.edge.workspace import read_workspace
from adapter.making.plan import fold_record
from adapter.making.verdicts import Decider
from adapter.reading.expressions import All, Atom, Either, Expr, Negated
from adapter.reading.rulebook import Rulebook
from benchmarks.plans import company

RECORDS = 20_000
ROUNDS = 5
SAMPLE = 500  # records from which is learned what repeats, as a plan does
ZEN_RECORDS = 1_000  # timed, since zen is slower; verdicts are compared on all records

Key = tuple[str, str]


def typed_facts(folder: Path) -> tuple[Rulebook, list[str], list[tuple[Any, ...]]]:
    """The require rules, and the values of the facts they ask for of each record."""
    workspace = read_workspace(company(folder, RECORDS), spooled=False)
    decider = Decider(workspace.rulebook, workspace.facts)
    rules = tuple(rule for rule in workspace.rulebook.rules if rule.asks == "require")
    book = Rulebook(files=(), rules=rules)
    names = sorted({n for rule in rules for a in rule.atoms for n in (a.fact, a.other) if n})
    fold, rows = Fold(), []
    assemblers = {
        name: Assembler(
            workspace.settings, workspace.settings.environments[name], env.records, env.finance
        )
        for name, env in workspace.environments.items()
    }
    choices: dict[Any, Any] = {}
    for name, actual in workspace.actuals():
        dossier = assemblers[name].assemble(actual)
        if dossier.code not in choices:
            choices[dossier.code] = decider.choose(assemblers[name].company(dossier.code), fold)
            decider.vectors.forget()
        dossier.model = choices[dossier.code].model
        _, decision, values = decider.verdict(dossier, fold, choices[dossier.code])
        facts = {**decider.vectors.facts(values), **dict(decision.concluded)}
        rows.append(tuple(facts.get(name) for name in names))
        fold_record(dossier, fold)
    return book, names, rows


def zen_name(name: str) -> str:
    """A fact's name as a plain variable."""
    return name.replace(".", "__")


def zen_value(value: Any) -> Any:
    """A fact's value as zen knows it."""
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, date):
        return value.year * 10_000 + value.month * 100 + value.day
    if isinstance(value, tuple):
        return ".".join(map(str, value))
    return value


def dict_maker(
    names: Sequence[str], rows: list[tuple[Any, ...]]
) -> Callable[[tuple[Any, ...]], dict[str, Any]]:
    """A function from a row to a dict by zen's names, days as whole numbers.

    Only columns that hold days or versions in any row are looked at value by value.
    """
    shown = [zen_name(name) for name in names]
    odd = [
        (at, shown[at]) for at in range(len(names))
        if any(isinstance(row[at], (date, tuple)) for row in rows)
    ]  # fmt: skip

    def make(row: tuple[Any, ...]) -> dict[str, Any]:
        made = dict(zip(shown, row, strict=True))
        for at, name in odd:
            made[name] = zen_value(row[at])
        return made

    return make


def floats(facts: dict[str, Any]) -> dict[str, Any]:
    """The same with Decimals as the numbers that zen knows."""
    return {n: float(v) if v.__class__ is Decimal else v for n, v in facts.items()}


def zen_text(expr: Expr) -> str:
    """An expression in zen's language, with our meaning of missing values."""
    match expr:
        case Negated(part):
            return f"not ({zen_text(part)})"
        case All(parts):
            return " and ".join(f"({zen_text(p)})" for p in parts) or "true"
        case Either(parts):
            return " or ".join(f"({zen_text(p)})" for p in parts) or "false"
        case Atom():
            return _zen_atom(expr)


def _zen_atom(atom: Atom) -> str:
    left = zen_name(atom.fact)
    if atom.op == "flag":
        return f"{left} == true"
    if atom.op == "missing":
        return f"{left} == null"
    if atom.op == "in":
        return f"{left} in {json.dumps([zen_value(v) for v in atom.literals])}"
    right = zen_name(atom.other) if atom.other else json.dumps(zen_value(atom.literal))
    if atom.op == "eq":
        return f"{left} == {right}"
    sign = {"lt": "<", "le": "<=", "gt": ">", "ge": ">="}[atom.op]
    guard = f" and {right} != null" if atom.other else ""
    return f"({left} != null{guard} and {left} {sign} {right})"


def zen_forms(texts: list[str]) -> dict[str, Any]:
    """Ways to ask zen for all verdicts: name -> function of a context to rule numbers."""
    engine = zen.ZenEngine()

    def decision(kind: str, content: dict[str, Any]) -> Any:
        place = {"x": 0, "y": 0}
        nodes = [
            {"id": "i", "type": "inputNode", "name": "in", "position": place},
            {"id": "t", "type": kind, "name": "t", "position": place, "content": content},
            {"id": "o", "type": "outputNode", "name": "out", "position": place},
        ]
        edges = [
            {"id": "1", "sourceId": "i", "targetId": "t", "type": "edge"},
            {"id": "2", "sourceId": "t", "targetId": "o", "type": "edge"},
        ]
        return engine.create_decision(json.dumps({"nodes": nodes, "edges": edges}))

    table = decision(
        "decisionTableNode",
        {
            "hitPolicy": "collect",
            "inputs": [{"id": "c", "name": "c"}],
            "outputs": [{"id": "o", "field": "id", "name": "o"}],
            "rules": [{"_id": str(i), "c": t, "o": str(i)} for i, t in enumerate(texts)],
        },
    )
    node = decision(
        "expressionNode",
        {
            "expressions": [
                {"id": str(i), "key": f"r{i}", "value": t} for i, t in enumerate(texts)
            ],
        },
    )
    listed = zen.compile_expression("[" + ", ".join(f"({t})" for t in texts) + "]")
    return {
        "decision table": lambda c: [row["id"] for row in table.evaluate(c)["result"] or ()],
        "expression node": lambda c: [
            int(k[1:]) for k, held in node.evaluate(c)["result"].items() if held
        ],
        "one expression": lambda c: [i for i, held in enumerate(listed.evaluate(c)) if held],
    }


def best_in_turn(runs: Mapping[Key, Callable[[], object]]) -> dict[Key, float]:
    """The shortest time of each, in seconds; they take turns, so that noise meets them alike."""
    times: dict[Key, list[float]] = {key: [] for key in runs}
    for _ in range(ROUNDS):
        for key, one in runs.items():
            start = perf_counter()
            one()
            times[key].append(perf_counter() - start)
    return {key: min(taken) for key, taken in times.items()}


def run(folder: Path) -> dict[str, float]:
    """The figures of this module. Raises AssertionError when verdicts differ."""
    book, given, rows = typed_facts(folder)
    without = Judge(book, memory=0)
    layout = laid_out(given, rows[:SAMPLE])
    names, place = layout.names, layout.place(given)
    rows = [tuple(row[at] for at in place) for row in rows]
    asked_of = (without.fact_atoms, without.fact_bits)
    plain = vector_function(*asked_of, Layout(names))
    likely = likely_bits([plain(row) for row in rows[:SAMPLE]])
    tested = vector_function(*asked_of, Layout(names), likely)
    number_of = {rule.id: number for number, rule in enumerate(book.rules)}
    ours = [[number_of[r.id] for r in without.decide(plain(row)).fired] for row in rows]

    def remembered() -> None:
        """With empty memories at first: of decisions, and of facts that repeat together."""
        judge, vector_of = next(fresh)
        for row in rows:
            judge.decide(vector_of(row))

    def computed() -> None:
        for row in rows:
            without.decide(tested(row))

    to_dict = dict_maker(names, rows)
    to_text = msgspec.json.Encoder(decimal_format="number").encode
    dicts = [to_dict(row) for row in rows]
    ways: dict[str, list[Any]] = {
        "dicts": [msgspec.json.decode(to_text(d)) for d in dicts],
        "JSON text": [to_text(d).decode() for d in dicts],
    }
    texts = [zen_text(All(tuple(line.expr for line in rule.lines))) for rule in book.rules]
    asked: dict[Key, Callable[[], object]] = {}
    for form, ask in zen_forms(texts).items():
        for way, contexts in ways.items():
            pairs = zip(contexts, ours, strict=True)
            same = sum(sorted(ask(context)) == verdicts for context, verdicts in pairs)
            print(f"zen, {form}, {way}: {same} of {len(contexts)} verdicts are the same")
            if same == len(contexts):
                timed = contexts[:ZEN_RECORDS]
                asked[form, way] = lambda a=ask, t=timed: [a(c) for c in t]
    assert asked, "no form of zen gives our verdicts: nothing can be compared"
    judges = [(Judge(book), vector_function(*asked_of, layout, likely)) for _ in range(ROUNDS)]
    assert all(judges[0][1](row) == plain(row) for row in rows)
    judges[0] = (Judge(book), vector_function(*asked_of, layout, likely))
    fresh = iter(judges)
    few = rows[:ZEN_RECORDS]
    seconds = best_in_turn(
        {
            ("ours", "remembered"): remembered,
            ("ours", "computed"): computed,
            ("making", "dicts"): lambda: [floats(to_dict(row)) for row in few],
            ("making", "JSON text"): lambda: [to_text(to_dict(row)).decode() for row in few],
            **asked,
        }
    )
    with_memory = len(rows) / seconds["ours", "remembered"]
    no_memory = len(rows) / seconds["ours", "computed"]
    prepared = {key: len(few) / seconds[key] for key in asked}
    speeds = {key: len(few) / (seconds[key] + seconds["making", key[1]]) for key in asked}
    for (form, way), speed in speeds.items():
        beside = prepared[form, way]
        print(f"zen, {form}, {way}: {speed:,.0f} decisions/s, {beside:,.0f} of prepared input")
    fastest, at_hand = max(speeds.values()), max(prepared.values())
    table = max((v for (form, _), v in speeds.items() if form == "decision table"), default=0.0)
    versus_table = (
        {
            "decisions_vs_zen_table": with_memory / table,
            "decisions_vs_zen_table_no_memory": no_memory / table,
        }
        if table
        else {}
    )
    return {
        **versus_table,
        "decisions_rules": float(len(book.rules)),
        "decisions_per_s": with_memory,
        "decisions_no_memory_per_s": no_memory,
        "decisions_hit_rate": judges[0][0].hits / len(rows),
        "zen_decisions_per_s": fastest,
        "decisions_vs_zen": with_memory / fastest,
        "decisions_vs_zen_no_memory": no_memory / fastest,
        "decisions_vs_zen_prepared": with_memory / at_hand,
        "decisions_vs_zen_prepared_no_memory": no_memory / at_hand,
    }
