"""Conditions: one line of a rule as an expression over typed facts.

Parsed with Python's own `ast` against a white list: names, `== != < <= > >=`, `in` and
`not in` with a list, `and`, `or`, `not`, a bare yes/no fact, `missing(x)`, `present(x)`.
No functions, no arithmetic, no code of the user.
"""

import ast
import warnings
from decimal import Decimal

from adapter.reading.catalogue import ORDERED, Catalogue, FactSpec
from adapter.reading.expressions import All, Atom, Either, Expr, Literal_, Negated, Op
from adapter.reading.literals import EXAMPLES, a_type, parse_number, parse_text
from adapter.reading.rule_hints import condition_hint
from adapter.reading.source import Source
from adapter.values.alike import did_you_mean, one_of
from adapter.values.finding import Finding, Place, shown

LENGTH_MAX = 1_000
DEPTH_MAX = 4
ALLOWED = "facts, == != < <= > >=, in [..], and, or, not, missing(x), present(x)"
TEXTS = frozenset({"text", "choice", "link"})
NUMBERS = frozenset({"number", "whole"})
_OPS: dict[type[ast.cmpop], tuple[Op, bool]] = {  # operator, negated
    ast.Eq: ("eq", False), ast.NotEq: ("eq", True), ast.Lt: ("lt", False), ast.LtE: ("le", False),
    ast.Gt: ("gt", False), ast.GtE: ("ge", False), ast.In: ("in", False), ast.NotIn: ("in", True),
}  # fmt: skip
_SWAPPED: dict[Op, Op] = {"eq": "eq", "lt": "gt", "le": "ge", "gt": "lt", "ge": "le"}
_SIGNS = {"eq": "==", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}


class _Fault(Exception):
    """A place in the condition that cannot stand; becomes a finding."""

    def __init__(self, code: str, message: str, node: ast.AST, help: str = "") -> None:
        self.code, self.message, self.node, self.help = code, message, node, help


def parse_condition(
    text: str, place: Place, catalogue: Catalogue, source: Source | None = None
) -> tuple[Expr | None, tuple[Finding, ...]]:
    """A condition as an expression, or the finding that says why it is none.

    `place` is where the string stands, its quote included; findings point into it, past
    escapes and line ends where `source`, its file, is given.
    """

    def finding(code: str, message: str, column: int, width: int, help: str) -> Finding:
        inside = Place(place.file, place.line, place.column + 1 + column, max(width, 1))
        if source is not None:
            inside = source.within(place, column, max(width, 1))
        return Finding(code=code, level="error", message=message, place=inside, help=help)

    if len(text) > LENGTH_MAX:
        return None, (finding("RUL101", f"condition is longer than {LENGTH_MAX:,} characters",
                               0, 1, "Split it into several lines of `when`."),)  # fmt: skip
    indent = len(text) - len(text.lstrip())
    try:
        tree = _tree(text.strip())
        if _depth(tree) > DEPTH_MAX:
            raise _Fault("RUL101", f"condition is nested deeper than {DEPTH_MAX}", tree,
                         "Split it into several lines of `when`.")  # fmt: skip
        return _Parser(catalogue, text.strip()).expr(tree), ()
    except SyntaxError as error:
        column = indent + max((error.offset or 1) - 1, 0)
        return None, (finding("RUL101", "condition not understood", column, 1,
                               condition_hint(text, ALLOWED)),)  # fmt: skip
    except (ValueError, RecursionError, MemoryError):
        return None, (finding("RUL101", "condition not understood", 0, 1,
                               f"allowed: {ALLOWED}"),)  # fmt: skip
    except _Fault as fault:
        encoded = text.strip().encode()  # Python counts columns in bytes
        byte = getattr(fault.node, "col_offset", 0)
        start = len(encoded[:byte].decode())
        end = len(encoded[: getattr(fault.node, "end_col_offset", None) or byte + 1].decode())
        return None, (finding(fault.code, fault.message, indent + start, end - start,
                               fault.help),)  # fmt: skip


def _tree(text: str) -> ast.expr:
    """The syntax tree of one line. Raises SyntaxError, also where Python would only warn."""
    if not text.isprintable():
        raise SyntaxError("a condition is one line of text")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return ast.parse(text, mode="eval").body


def _depth(node: ast.AST) -> int:
    if isinstance(node, ast.BoolOp | ast.UnaryOp):
        return 1 + max(_depth(child) for child in ast.iter_child_nodes(node)
                       if isinstance(child, ast.expr))  # fmt: skip
    return 1


class _Parser:
    def __init__(self, catalogue: Catalogue, text: str) -> None:
        self.catalogue = catalogue
        self.text = text

    def expr(self, node: ast.expr) -> Expr:
        if isinstance(node, ast.BoolOp):
            parts = tuple(self.expr(value) for value in node.values)
            return All(parts) if isinstance(node.op, ast.And) else Either(parts)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            return Negated(self.expr(node.operand))
        if isinstance(node, ast.Compare):
            return self.comparison(node)
        if isinstance(node, ast.Call):
            return self.call(node)
        if isinstance(node, ast.Attribute | ast.Name):
            spec = self.fact(node)
            if spec.type != "flag":
                raise _Fault("RUL103", f"`{spec.name}` is {a_type(spec.type)}, not a yes/no", node,
                             "Compare it with a value, or use present(..).")  # fmt: skip
            return Atom("flag", spec.name)
        raise _Fault("RUL101", "condition not understood", node,
                     condition_hint(self.text, ALLOWED))

    def fact(self, node: ast.expr) -> FactSpec:
        name = _dotted(node)
        if name is None:
            raise _Fault("RUL101", "condition not understood", node,
                         condition_hint(self.text, ALLOWED))
        spec = self.catalogue.get(name)
        if spec is None:
            prefix = name.partition(".")[0]
            listing = f"facts {prefix}" if self.catalogue.under(prefix) else "facts"
            near = did_you_mean(self.catalogue.nearest(name))
            help = f"{near} `fieldledger {listing}` lists what there is.".lstrip()
            raise _Fault("RUL102", f"unknown fact `{shown(name)}`", node, help)
        return spec

    def call(self, node: ast.Call) -> Expr:
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if name not in ("missing", "present") or len(node.args) != 1 or node.keywords:
            raise _Fault("RUL101", "only missing(..) and present(..) can be called", node,
                         f"allowed: {ALLOWED}")  # fmt: skip
        atom = Atom("missing", self.fact(node.args[0]).name)
        return atom if name == "missing" else Negated(atom)

    def comparison(self, node: ast.Compare) -> Expr:
        if len(node.ops) != 1:
            raise _Fault("RUL101", "compare two sides at a time", node, "Join them with `and`.")
        op, is_negated = _OPS.get(type(node.ops[0]), (None, False))
        left, right = node.left, node.comparators[0]
        if op is None:
            raise _Fault("RUL101", "condition not understood", node,
                         condition_hint(self.text, ALLOWED))
        is_swapped = _dotted(left) is None or _truth(left) is not None
        if is_swapped and _dotted(right) is not None and op in _SWAPPED:
            left, right, op = right, left, _SWAPPED[op]
        spec = self.fact(left)
        if op == "in":
            expr: Expr = self.membership(spec, right)
        else:
            expr = self.pair(op, spec, left, right)
        if not is_negated:
            return expr
        return expr.part if isinstance(expr, Negated) else Negated(expr)

    def membership(self, spec: FactSpec, node: ast.expr) -> Atom:
        if not isinstance(node, ast.List | ast.Tuple) or not node.elts:
            raise _Fault("RUL101", "`in` needs a list of values such as ['a', 'b']", node)
        values = {self.literal(spec, element) for element in node.elts}
        return Atom("in", spec.name, literals=tuple(sorted(values, key=str)))

    def pair(self, op: Op, spec: FactSpec, left: ast.expr, right: ast.expr) -> Expr:
        if spec.type == "flag" and op == "eq" and _truth(right) is not None:
            atom = Atom("flag", spec.name)  # a missing yes/no counts as no
            return atom if _truth(right) else Negated(atom)
        if op != "eq" and spec.type not in ORDERED:
            raise _Fault("RUL103", f"`{spec.name}` is {a_type(spec.type)} and has no order", left,
                         "Use == or in [..].")  # fmt: skip
        if _dotted(right) is None or _truth(right) is not None:
            return Atom(op, spec.name, self.literal(spec, right))
        other = self.fact(right)
        families = (TEXTS, NUMBERS)
        alike = spec.type == other.type or any({spec.type, other.type} <= f for f in families)
        if not alike:
            raise _Fault("RUL103", f"`{spec.name}` is {a_type(spec.type)}, `{other.name}` is "
                         f"{a_type(other.type)}: they never compare", right)  # fmt: skip
        if spec.name == other.name:
            raise _Fault("RUL101", f"`{spec.name}` is compared with itself", right)
        return Atom(op, spec.name, other=other.name)

    def literal(self, spec: FactSpec, node: ast.expr) -> Literal_:
        value = self._value(spec, node)
        if value is None:
            written = ast.get_source_segment(self.text, node) or "this"
            message = f"`{spec.name}` is {a_type(spec.type)}, {shown(written)} is not"
            raise _Fault("RUL103", message, node, EXAMPLES[spec.type])
        if spec.choices and value not in spec.choices:
            raise _Fault("RUL104", f"`{spec.name}` is never '{shown(value)}'", node,
                         one_of(value, spec.choices))  # fmt: skip
        return value

    def _value(self, spec: FactSpec, node: ast.expr) -> Literal_:
        sign = 1
        if spec.type == "flag":
            return _truth(node)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            sign, node = -1, node.operand
        if not isinstance(node, ast.Constant):
            return None
        value = node.value
        if spec.type in NUMBERS:
            written = ast.get_source_segment(self.text, node) or repr(value)
            return None if isinstance(value, str | bool) else parse_number(written, sign, spec.type)
        if not isinstance(value, str) or sign < 0:
            return None
        return parse_text(value, spec.type)


def _truth(node: ast.expr) -> bool | None:
    """The value of `true` and `false`, also as Python spells them."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, bool) else None
    return {"true": True, "false": False}.get(node.id) if isinstance(node, ast.Name) else None


def _dotted(node: ast.expr) -> str | None:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        left = _dotted(node.value)
        return None if left is None else f"{left}.{node.attr}"
    return None


def show(expr: Expr) -> str:
    """An expression as canonical text."""
    match expr:
        case Negated(Atom("missing", fact)):
            return f"present({fact})"
        case Negated(Atom("eq") as atom):
            return _pair(atom, "!=")
        case Negated(Atom("in") as atom):
            return f"{atom.fact} not in [{', '.join(_quoted(v) for v in atom.literals)}]"
        case Negated(part):
            return f"not {_wrapped(part)}"
        case Atom("missing", fact):
            return f"missing({fact})"
        case Atom("flag", fact):
            return fact
        case Atom("in"):
            return f"{expr.fact} in [{', '.join(_quoted(v) for v in expr.literals)}]"
        case Atom(op):
            return _pair(expr, _SIGNS[op])
        case All(parts):
            return " and ".join(_wrapped(part) for part in parts)
        case Either(parts):
            return " or ".join(_wrapped(part) for part in parts)


def _wrapped(expr: Expr) -> str:
    return f"({show(expr)})" if isinstance(expr, All | Either) else show(expr)


def _pair(atom: Atom, sign: str) -> str:
    return f"{atom.fact} {sign} {atom.other or _quoted(atom.literal)}"


def _quoted(value: Literal_) -> str:
    if isinstance(value, tuple):
        return "'" + ".".join(str(part) for part in value) + "'"
    if isinstance(value, Decimal | bool):
        return str(value).lower()
    return repr(value if isinstance(value, str) else str(value))
