"""What a template may be made of: an allow-list over Jinja's own syntax tree.

A template gives a shape and nothing else. It may name values, branch, loop over lists that
it is given and write values through the listed filters. Everything else is refused when
the file is loaded, with its line.
"""

from collections.abc import Mapping
from functools import cached_property
from typing import Literal

from jinja2 import nodes

from adapter.reading.out_mapping import Faults
from adapter.reading.template_places import output_places
from adapter.values.alike import alike_in_any_case
from adapter.values.finding import Place, shown

TemplateKind = Literal["json", "html"]
Shape = Mapping[str, object]  # name -> None (a value), a Shape (a part), or [Shape] (a list)

NODES_MAX = 5_000
DEPTH_MAX = 40  # of the syntax tree
LOOPS_DEEP_MAX = 4
LOOP_NAMES = ("index", "index0", "first", "last", "length")
TESTS = ("none", "true", "false")
FILTERS: Mapping[TemplateKind, tuple[str, ...]] = {
    "json": ("json",),
    "html": ("amount", "number", "day", "upper", "lower"),
}
LIST_FILTERS = ("pairs",)

_COMPUTES = (nodes.Add, nodes.Sub, nodes.Mul, nodes.Div, nodes.FloorDiv, nodes.Mod, nodes.Pow,
             nodes.Neg, nodes.Pos)  # fmt: skip
_COMPARES = ("eq", "ne", "in", "notin", "lt", "lteq", "gt", "gteq")
_SAID = {
    nodes.Call: "call anything", nodes.Include: "include files", nodes.Import: "import files",
    nodes.FromImport: "import files", nodes.Extends: "extend templates",
    nodes.Block: "define blocks", nodes.Macro: "define macros", nodes.CallBlock: "call macros",
    nodes.FilterBlock: "filter whole blocks", nodes.Assign: "set variables",
    nodes.AssignBlock: "set variables", nodes.With: "set variables",
    nodes.ScopedEvalContextModifier: "change escaping", nodes.List: "make lists",
    nodes.Tuple: "make lists", nodes.Dict: "make tables", nodes.Slice: "cut values",
    nodes.Getitem: "index values",
}  # fmt: skip
_UNKNOWN = object()


class Checker:
    """Walks one template once. `faults` holds what it found."""

    def __init__(
        self, path: str, kind: TemplateKind, variables: Shape, text: str = ""
    ) -> None:
        self.path = path
        self.text = text
        self.tree = nodes.Template([])  # that is checked
        self.kind = kind
        self.scopes: list[dict[str, object]] = [dict(variables)]
        self.loops: list[frozenset[str]] = []
        self.faults = Faults()

    def fault(self, code: str, message: str, node: nodes.Node, help: str) -> None:
        """One more finding at the line of a node."""
        self.faults.add(code, message, Place(self.path, node.lineno or 1, 1), help)

    def check(self, tree: nodes.Template) -> None:
        """Check the whole template."""
        if sum(1 for _ in tree.find_all(nodes.Node)) > NODES_MAX or _depth(tree) > DEPTH_MAX:
            self.fault("TPL606", "the template is too large", tree,
                       f"keep it below {NODES_MAX} parts and {DEPTH_MAX} levels")  # fmt: skip
            return
        self.tree = tree
        self.body(tree.body)

    @cached_property
    def places(self) -> Mapping[int, Place]:
        """Where the outputs stand: looked for once one of them is wrong."""
        return output_places(self.path, self.text, self.tree)

    def body(self, body: list[nodes.Node]) -> None:
        """Check statements and outputs."""
        for node in body:
            if isinstance(node, nodes.Output):
                for part in node.nodes:
                    self.output(part)
            elif isinstance(node, nodes.If):
                self.value(node.test)
                for inner in (node.body, node.elif_, node.else_):
                    self.body(inner)  # type: ignore[arg-type]
            elif isinstance(node, nodes.For):
                self.loop(node)
            else:
                self.refuse(node)

    def output(self, node: nodes.Expr) -> None:
        """An output is text of the template, or a value through a filter of this kind."""
        if isinstance(node, nodes.TemplateData):
            return
        if self.kind == "json" and not _is_separator(node) and not _ends_in_json(node):
            place = self.places.get(id(node), Place(self.path, node.lineno or 1, 1))
            self.faults.add("TPL602", "an output does not end in `| json`", place,
                            "write {{ value | json }}; a bare output could break the document")
            return
        if _is_separator(node):
            if isinstance(node, nodes.CondExpr):
                self.value(node.test)
            return
        self.value(node)

    def loop(self, node: nodes.For) -> None:
        """A loop runs over a list that was given; an inner one over a part of its own line."""
        if node.recursive or len(self.loops) >= LOOPS_DEEP_MAX:
            self.fault("TPL606", "a loop is recursive or nested too deeply", node,
                       f"nest at most {LOOPS_DEEP_MAX} loops")  # fmt: skip
            return
        over, is_pairs = node.iter, False
        if isinstance(over, nodes.Filter) and over.name in LIST_FILTERS and over.node is not None:
            over, is_pairs = over.node, True
        root = _root(over)
        if root is None:
            self.fault("TPL606", "a loop does not run over a list that was given", node,
                       "loop over a list such as `lines` or `line.details`")  # fmt: skip
            return
        if self.loops and root not in self.loops[-1]:
            self.fault("TPL606", f"an inner loop runs over `{shown(root)}`, not over a part of the "
                       "outer loop's line", node, "loop over a list such as `line.details`")
        shape = self.value(over)
        names = _targets(node.target)
        if not names or len(names) != (2 if is_pairs else 1):
            self.fault("TPL606", "a loop names its line in a way that is not known", node,
                       "write `for line in lines` or `for field, value in line.fields | pairs`")
            return
        inner: object = _UNKNOWN
        if isinstance(shape, list) and not is_pairs:
            inner = shape[0]
        self.scopes.append({**dict.fromkeys(names, None if is_pairs else inner),
                            "loop": dict.fromkeys(LOOP_NAMES)})  # fmt: skip
        self.loops.append(frozenset(names))
        if node.test is not None:
            self.value(node.test)
        self.body(node.body)
        self.scopes.pop()
        self.loops.pop()
        self.body(node.else_)

    def value(self, node: nodes.Node) -> object:
        """Check an expression; its shape, as far as it is known."""
        if isinstance(node, nodes.Const):
            if type(node.value) not in (str, int, bool, type(None)):
                self.fault("TPL605", "a template holds a number with decimals", node,
                           "let the value come from the mapping")  # fmt: skip
            return None
        if isinstance(node, nodes.Name):
            return self.name(node)
        if isinstance(node, nodes.Getattr):
            return self.attribute(node)
        if isinstance(node, nodes.Filter):
            self.filter(node)
        elif isinstance(node, nodes.Test):
            if node.name not in TESTS or node.args or node.kwargs or node.dyn_args:
                self.fault("TPL606", f"test `{shown(node.name)}` is not allowed", node,
                           "tests: " + ", ".join(TESTS))  # fmt: skip
            self.value(node.node)
        elif isinstance(node, (nodes.And, nodes.Or)):
            self.value(node.left)
            self.value(node.right)
        elif isinstance(node, nodes.Not):
            self.value(node.node)
        elif isinstance(node, nodes.Compare):
            self.value(node.expr)
            for operand in node.ops:
                assert operand.op in _COMPARES
                self.value(operand.expr)
        elif isinstance(node, nodes.CondExpr):
            self.conditional(node)
        elif isinstance(node, nodes.Concat):
            for part in node.nodes:
                self.value(part)
        else:
            self.refuse(node)
        return None

    def conditional(self, node: nodes.CondExpr) -> None:
        """`a if b else c`, always with its else."""
        self.value(node.test)
        self.value(node.expr1)
        if node.expr2 is None:
            self.fault("TPL606", "an `if` inside a value has no `else`", node,
                       "say what is written otherwise")  # fmt: skip
        else:
            self.value(node.expr2)

    def name(self, node: nodes.Name) -> object:
        """A name that the template is given, or that a loop made."""
        for scope in reversed(self.scopes):
            if node.name in scope:
                return scope[node.name]
        known = sorted({name for scope in self.scopes for name in scope})
        close = alike_in_any_case(node.name, known)
        self.fault("TPL601", f"`{shown(node.name)}` is not given to this template", node,
                   f"did you mean `{close[0]}`?" if close else "given: " + ", ".join(known))
        return _UNKNOWN

    def attribute(self, node: nodes.Getattr) -> object:
        """A part of a value: never a method, never a name of Python's own."""
        shape = self.value(node.node)
        if node.attr.startswith("_"):
            self.fault("TPL606", f"`{shown(node.attr)}` is not a part of a value", node,
                       "name a part that the template is given")  # fmt: skip
            return _UNKNOWN
        if shape is _UNKNOWN:
            return _UNKNOWN
        if isinstance(shape, Mapping):
            if node.attr in shape:
                return shape[node.attr]
            if "*" in shape:
                return shape["*"]
        close = alike_in_any_case(node.attr, shape) if isinstance(shape, Mapping) else ()
        self.fault("TPL601", f"`{shown(node.attr)}` is not a part of what it is taken from", node,
                   f"did you mean `{close[0]}`?" if close else "name a part that is given")
        return _UNKNOWN

    def filter(self, node: nodes.Filter) -> None:
        """A filter of this kind of template, without arguments."""
        allowed = FILTERS[self.kind]
        if node.name not in allowed or node.args or node.kwargs or node.dyn_args or (
            node.dyn_kwargs or node.node is None
        ):
            self.fault("TPL606", f"filter `{shown(node.name)}` is not allowed here", node,
                       "filters: " + ", ".join(allowed))  # fmt: skip
        if node.node is not None:
            self.value(node.node)

    def refuse(self, node: nodes.Node) -> None:
        """A node that is not on the list."""
        if isinstance(node, _COMPUTES):
            self.fault("TPL605", "a template computes", node,
                       "let the mapping or the document give the finished value")  # fmt: skip
            return
        does = _SAID.get(type(node), f"use {type(node).__name__.lower()}")
        self.fault("TPL606", f"a template may not {does}", node,
                   "a template may name values, branch, loop and write")  # fmt: skip


def _is_separator(node: nodes.Expr) -> bool:
    """The constant comma: `","`, or `"," if test`, perhaps `else ""`."""
    if isinstance(node, nodes.CondExpr):
        rest = node.expr2
        is_rest = rest is None or (isinstance(rest, nodes.Const) and rest.value == "")
        return is_rest and _is_separator(node.expr1)
    return isinstance(node, nodes.Const) and node.value == ","


def _ends_in_json(node: nodes.Expr) -> bool:
    return isinstance(node, nodes.Filter) and node.name == "json"


def _root(node: nodes.Node) -> str | None:
    while isinstance(node, nodes.Getattr):
        node = node.node
    return node.name if isinstance(node, nodes.Name) else None


def _targets(node: nodes.Node) -> tuple[str, ...]:
    if isinstance(node, nodes.Name):
        return (node.name,)
    if isinstance(node, nodes.Tuple) and all(isinstance(n, nodes.Name) for n in node.items):
        return tuple(n.name for n in node.items if isinstance(n, nodes.Name))
    return ()


def _depth(node: nodes.Node) -> int:
    depth, level = 0, [node]
    while level and depth <= DEPTH_MAX:
        level = [child for parent in level for child in parent.iter_child_nodes()]
        depth += 1
    return depth
