"""Engine against second opinion against a naive reading, on generated rulebooks.

    python -m tests.differential RULEBOOKS RECORDS [FIRST_SEED]

Prints the seed of a difference and ends with 1. Run in a process of its own, since a fault
in the engine's native part would end it. A generated rulebook that `check` refuses as too wide
(RUL120) is skipped, counted, and made up for by a further seed.
"""

import random
import sys
from collections.abc import Iterator
from decimal import Decimal

from adapter.deciding.atoms import holds
from adapter.deciding.evaluate import evaluate
from adapter.deciding.judge import Judge, TooWide, judge_facts
from adapter.deciding.rule_limits import check_limits
from adapter.reading.expressions import All, Atom, Either, Expr, Negated
from adapter.reading.rulebook import Line, Outcome, Rule, Rulebook, RuleFile
from adapter.values.finding import Place

PLACE = Place("rules/x.toml", 1, 1)
NUMBERS = (None, Decimal(-1), Decimal(0), Decimal("0.5"), Decimal(1), Decimal("1.00"))
TEXTS = (None, "x", "y", "long text with spaces", "ü")
FACTS = {f"n.{i}": NUMBERS for i in range(5)} | {f"t.{i}": TEXTS for i in range(5)}
FACTS |= {f"f.{i}": (None, True, False) for i in range(5)}  # type: ignore[dict-item]
VALUES = ("a", "b", "none")
SKIPPED_MAX = 50  # in a thousand rulebooks: were there more, the comparison would prove little


def atom(rng: random.Random, concluded: list[str]) -> Atom:
    """A random atom over the facts, or over what was concluded before."""
    if concluded and rng.random() < 0.25:
        return Atom("eq", rng.choice(concluded), rng.choice(VALUES))
    name = rng.choice(list(FACTS))
    if name[0] == "f":
        return Atom(rng.choice(("flag", "missing")), name)
    pool = NUMBERS if name[0] == "n" else TEXTS
    if rng.random() < 0.15:
        return Atom("missing", name)
    if rng.random() < 0.2:
        return Atom("in", name, literals=tuple(v for v in rng.sample(pool, 3) if v is not None))
    if rng.random() < 0.2:
        other = rng.choice([n for n in FACTS if n[0] == name[0] and n != name])
        return Atom("eq" if name[0] == "t" else rng.choice(("eq", "lt", "ge")), name, other=other)
    op = "eq" if name[0] == "t" else rng.choice(("eq", "lt", "le", "gt", "ge"))
    return Atom(op, name, rng.choice([v for v in pool if v is not None]))


def expression(rng: random.Random, concluded: list[str], depth: int = 0) -> Expr:
    """A random expression, at most three deep."""
    chance = rng.random()
    if depth >= 2 or chance < 0.55:
        return atom(rng, concluded)
    if chance < 0.7:
        return Negated(expression(rng, concluded, depth + 1))
    parts = tuple(expression(rng, concluded, depth + 1) for _ in range(rng.randint(2, 3)))
    return All(parts) if chance < 0.85 else Either(parts)


def rulebook(seed: int) -> Rulebook:
    """A random rulebook with two layers of conclusions, requirements and routes."""
    rng = random.Random(seed)
    declared = dict.fromkeys(("c.0", "c.1"), (VALUES, "none"))
    rules = []

    def rule(asks: str, number: int, known: list[str], outcome: Outcome, channel: str = "") -> None:
        lines = tuple(Line("", expression(rng, known), PLACE) for _ in range(rng.randint(0, 3)))
        rules.append(
            Rule(id=f"{asks[:3].upper()}{number:03}", name="n", asks=asks, policy="all",  # type: ignore[arg-type]
                 about="actual", channel=channel, when=lines, outcome=outcome, place=PLACE)
        )  # fmt: skip

    for number in range(rng.randint(1, 6)):
        layer = number % 2
        rule("conclude", number, ["c.0"] if layer else [],
             Outcome(kind="conclude", concludes=((f"c.{layer}", rng.choice(VALUES)),)))  # fmt: skip
    for number in range(rng.randint(1, 70)):
        rule("require", number, ["c.0", "c.1"], Outcome(kind="message"))
    for number in range(rng.randint(1, 8)):
        rule(
            "route",
            number,
            ["c.0", "c.1"],
            Outcome(kind="leave"),
            rng.choice(("ledger", "billing")),
        )
    file = RuleFile(path="x", asks="require", policy="all", about="actual", channel="",
                    rules=tuple(rules), declared=declared)  # fmt: skip
    return Rulebook(files=(file,), rules=tuple(rules))


def naive(book: Rulebook, facts: dict[str, object]) -> tuple[list[str], list[str | None]]:
    """The meaning of a rulebook, read straight off the expression trees."""
    known: dict[str, object] = dict(facts)

    def held(rule: Rule) -> bool:
        bits = {a: i for i, a in enumerate(dict.fromkeys(rule.atoms))}
        vector = sum(
            holds(a, known.get(a.fact), known.get(a.other or "")) << i for a, i in bits.items()
        )
        return all(evaluate(line.expr, vector, bits) for line in rule.when)

    for name in ("c.0", "c.1"):
        makers = [
            r for r in book.rules if r.asks == "conclude" and r.outcome.concludes[0][0] == name
        ]
        values = [r.outcome.concludes[0][1] for r in makers if held(r)]
        known[name] = values[0] if values else "none"
    fired = [r.id for r in book.rules if r.asks == "require" and held(r)]
    answers: list[str | None] = []
    for channel in ("ledger", "billing"):
        routes = [r for r in book.rules if r.asks == "route" and r.channel == channel]
        answers.append(next((r.id for r in routes if held(r)), None))
    return fired, answers


def judges(
    rulebooks: int, first: int, skipped: list[int]
) -> Iterator[tuple[int, Rulebook, Judge]]:
    """So many rulebooks that can be judged, with their seeds; those that cannot are noted.

    Raises RuntimeError when the judge refuses what `check` lets pass, or refuses too often.
    """
    seed, made = first - 1, 0
    while made < rulebooks:
        seed += 1
        book = rulebook(seed)
        try:
            judge = Judge(book, memory=0)
        except TooWide as error:
            skipped.append(seed)
            if "RUL120" not in {f.code for f in check_limits(book)}:
                raise RuntimeError(f"seed {seed}: check lets pass what is too wide") from error
            if len(skipped) * 1000 > SKIPPED_MAX * max(rulebooks, 20):
                raise RuntimeError(f"{len(skipped)} rulebooks are too wide") from error
            continue
        made += 1
        yield seed, book, judge


def main(rulebooks: int, records: int, first: int = 0) -> int:
    """Compare; returns the exit code."""
    decisions = 0
    skipped: list[int] = []
    for seed, book, judge in judges(rulebooks, first, skipped):
        rng = random.Random(seed + 1_000_000)
        for _ in range(records):
            facts: dict[str, object] = {name: rng.choice(pool) for name, pool in FACTS.items()}
            decision = judge_facts(judge, facts)
            found = ([r.id for r in decision.fired], [a and a.id for a in decision.answers])
            if found != naive(book, facts):
                print(f"seed {seed}: {facts}\n  judged {found}\n  naive  {naive(book, facts)}")
                return 1
            decisions += 1
    seeds = f" (seeds {', '.join(map(str, skipped))})" if skipped else ""
    print(f"{decisions} decisions, 0 differences, {len(skipped)} rulebooks too wide{seeds}")
    return 0


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
