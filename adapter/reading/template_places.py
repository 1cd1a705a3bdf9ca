"""Where each output of a template stands: Jinja's own lexer says it, its syntax tree does not."""

import re
from collections.abc import Iterator

import jinja2
from jinja2 import nodes

from adapter.values.finding import Place

_LEXER = jinja2.Environment(keep_trailing_newline=True)
_LINE_END = re.compile(r"\r\n|\r|\n")  # what Jinja takes for one


def output_places(path: str, text: str, tree: nodes.Template) -> dict[int, Place]:
    """The place of every output by the identity of its expression in the tree.

    `text` is what the tree was made of. An output of several lines is marked up to the end
    of its first. Empty where outputs were written another way than between braces.
    """
    parts = [part for output in tree.find_all(nodes.Output) for part in output.nodes
             if not isinstance(part, nodes.TemplateData)]  # fmt: skip
    places = list(_places(path, _LINE_END.sub("\n", text)))
    if len(parts) != len(places):
        return {}
    return {id(part): place for part, place in zip(parts, places, strict=True)}


def _places(path: str, text: str) -> Iterator[Place]:
    """The outputs of a template in their order, each from its opening to its closing braces."""
    at, start = 0, 0
    for _, kind, said in _LEXER.lex(text):
        if said.strip():  # between two of these is nothing but blanks
            at = text.index(said, at)
            if kind == "variable_begin":
                start = at
            at += len(said)
            if kind == "variable_end":
                yield _place(path, text, start, at)


def _place(path: str, text: str, start: int, end: int) -> Place:
    begin = text.rfind("\n", 0, start) + 1
    first = text[start:end].partition("\n")[0].rstrip()
    return Place(path, text.count("\n", 0, start) + 1, start - begin + 1, len(first))
