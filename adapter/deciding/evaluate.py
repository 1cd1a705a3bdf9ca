"""The second opinion, and why and why not.

Works on the expression trees over the same vector, apart from the way the engine's
alternatives are made, so that the two can disagree.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Literal

from msgspec import Struct

from adapter.reading.expressions import All, Atom, Either, Expr, Negated
from adapter.reading.rulebook import Line, Rule

NESTED_MAX = 20  # tests below one another in generated code

State = Literal["not-applicable", "passed", "fired"]


class LineTrace(Struct, frozen=True):
    """One line of a rule: its text, whether it held, and the values it asked for."""

    text: str
    held: bool
    values: tuple[tuple[str, object], ...]
    part: str  # applies or when


class RuleTrace(Struct, frozen=True):
    """What became of one rule."""

    rule: Rule
    state: State
    lines: tuple[LineTrace, ...]

    @property
    def missed(self) -> int:
        """How many lines did not hold."""
        return sum(not line.held for line in self.lines)


def evaluate(expr: Expr, vector: int, bit_of: Mapping[Atom, int]) -> bool:
    """Whether an expression holds for a vector."""
    match expr:
        case Atom():
            return bool(vector >> bit_of[expr] & 1)
        case Negated(part):
            return not evaluate(part, vector, bit_of)
        case All(parts):
            return all(evaluate(part, vector, bit_of) for part in parts)
        case Either(parts):
            return any(evaluate(part, vector, bit_of) for part in parts)


def compile_rules(
    rules: Sequence[Sequence[Line]], bit_of: Mapping[Atom, int]
) -> Callable[[int], list[int]]:
    """A function of the vector that returns the numbers of the rules that hold, in order.

    What several rules ask is asked once: the rules behind it are nested below it.
    """
    names: dict[str, object] = {}

    def source(expr: Expr) -> str:
        match expr:
            case Atom():
                bit = bit_of[expr]
                names[f"b{bit}"] = 1 << bit
                return f"v & b{bit}"
            case Negated(part):
                return f"not ({source(part)})"
            case All(parts):
                return " and ".join(f"({source(part)})" for part in parts) or "True"
            case Either(parts):
                return " or ".join(f"({source(part)})" for part in parts) or "False"

    tests = [
        (number, list(dict.fromkeys(source(part) for line in lines for part in _parts(line.expr))))
        for number, lines in enumerate(rules)
    ]
    body = ["def fired(v):", "    r = []", *_nested(tests, 1), "    r.sort()", "    return r"]
    exec(compile("\n".join(body), "<rules>", "exec"), names)  # generated above, no user text
    made: Callable[[int], list[int]] = names["fired"]  # type: ignore[assignment]
    return made


def _parts(expr: Expr) -> tuple[Expr, ...]:
    """What must hold together for an expression to hold."""
    if isinstance(expr, All):
        return tuple(inner for part in expr.parts for inner in _parts(part))
    return (expr,)


def _nested(tests: Sequence[tuple[int, list[str]]], depth: int) -> list[str]:
    """Lines of code that collect the numbers whose tests all hold, shared tests first."""
    indent, lines, rest = "    " * depth, list[str](), list(tests)
    while rest:
        shares = Counter(test for _, mine in rest for test in mine)
        shared, times = shares.most_common(1)[0] if shares else ("", 0)
        if times < 2 or depth >= NESTED_MAX:
            break
        inside = [(n, [t for t in mine if t != shared]) for n, mine in rest if shared in mine]
        lines += [f"{indent}if {shared}:", *_nested(inside, depth + 1)]
        rest = [(n, mine) for n, mine in rest if shared not in mine]
    for number, mine in rest:
        test = " and ".join(f"({test})" for test in mine) or "True"
        lines.append(f"{indent}if {test}: r.append({number})")
    return lines


def explain_rule(
    rule: Rule, vector: int, bit_of: Mapping[Atom, int], facts: Mapping[str, object]
) -> RuleTrace:
    """Why a rule fired, or which of its lines did not hold, with the values."""

    def trace(line: Line, part: str) -> LineTrace:
        values = tuple((name, facts.get(name)) for name in line.facts)
        return LineTrace(line.text, evaluate(line.expr, vector, bit_of), values, part)

    applies = [trace(line, "applies") for line in rule.applies]
    when = [trace(line, "when") for line in rule.when]
    state: State = "fired"
    if not all(line.held for line in applies):
        state = "not-applicable"
    elif not all(line.held for line in when):
        state = "passed"
    return RuleTrace(rule, state, (*applies, *when))


def nearest(traces: Sequence[RuleTrace]) -> tuple[RuleTrace, ...]:
    """Rules that would have fired if one more line had held."""
    return tuple(trace for trace in traces if trace.missed == 1)
