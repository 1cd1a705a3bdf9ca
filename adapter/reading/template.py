"""Templates: the shape of a document for the other side, or of a page for people.

Values arrive finished. A JSON template is parsed back after rendering; an HTML template
escapes every value. Both run in a sandbox that knows no file, no function and no object
but plain values.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import jinja2
import msgspec
from jinja2.runtime import LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment
from msgspec import Struct

from adapter.reading.json_text import NotJson, json_text
from adapter.reading.template_check import FILTERS, LOOP_NAMES, Checker, Shape, TemplateKind
from adapter.values.finding import Finding, Place, shown

TEXT_LENGTH_MAX = 65_536  # characters of a template file
BYTES_MAX = 1 << 20  # of a rendered document, unless its kind says otherwise
BYTES_LARGE_MAX = 16 << 20  # of a document with many lines

_decode = msgspec.json.Decoder(float_hook=Decimal).decode


class _TooLarge(Exception):
    pass


class _Environment(ImmutableSandboxedEnvironment):
    """Attributes are keys of tables, or the few facts of a loop; nothing else exists."""

    intercepted_binops = frozenset()

    def getattr(self, obj: Any, attribute: str) -> Any:
        if isinstance(obj, Mapping):
            return obj[attribute] if attribute in obj else self.undefined(obj=obj, name=attribute)
        if isinstance(obj, LoopContext) and attribute in LOOP_NAMES:
            return getattr(obj, attribute)
        return self.undefined(obj=obj, name=attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        return self.getattr(obj, argument) if isinstance(argument, str) else self.undefined()


class Template(Struct, frozen=True):
    """A template that was checked when it was loaded."""

    path: str
    kind: TemplateKind
    compiled: Any
    bytes_max: int = BYTES_MAX


def parse_template(
    path: str, text: str, kind: TemplateKind, variables: Shape, bytes_max: int = BYTES_MAX
) -> tuple[Template | None, tuple[Finding, ...]]:
    """A template, or why it may not be used (TPL601, TPL602, TPL605, TPL606, TPL607).

    `variables` says what it will be given: name -> None for a value, a table for a part
    (`"*"` stands for any name), a list with one table for a list of parts.
    """
    if len(text) > TEXT_LENGTH_MAX:
        return None, (_fault("TPL607", path, 1, "the template is larger than "
                             f"{TEXT_LENGTH_MAX} characters", "split the document"),)  # fmt: skip
    environment = _ENVIRONMENTS[kind]
    try:
        tree = environment.parse(text)
    except jinja2.TemplateSyntaxError as error:
        return None, (_fault("TPL607", path, error.lineno, "the template is not understood: "
                             f"{shown(error.message)}", "correct the line"),)  # fmt: skip
    except (RecursionError, ValueError, OverflowError, MemoryError):
        return None, (_fault("TPL607", path, 1, "the template is nested too deeply",
                             "make it simpler"),)  # fmt: skip
    checker = Checker(path, kind, variables, text)
    checker.check(tree)
    if checker.faults:
        return None, tuple(sorted(set(checker.faults), key=lambda f: f.order))
    try:
        compiled = environment.from_string(tree)
    except (jinja2.TemplateError, RecursionError, SyntaxError) as error:
        return None, (_fault("TPL607", path, 1, f"the template is not understood: {shown(error)}",
                             "make it simpler"),)  # fmt: skip
    return Template(path, kind, compiled, bytes_max), ()


class Rendered(Struct, frozen=True):
    """A document as text and as values: the text was parsed back, decimals exact."""

    text: str
    payload: Any


def render_json(
    template: Template, values: Mapping[str, object]
) -> tuple[Rendered | None, tuple[Finding, ...]]:
    """A document from a JSON template, parsed back (TPL601, TPL603, TPL608)."""
    assert template.kind == "json", template.path
    text, found = _render(template, values)
    if text is None:
        return None, found
    try:
        payload = _decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        line = _line_of(text, error)
        return None, (_fault("TPL603", template.path, 1, "the rendered document is not JSON: "
                             f"{shown(error)} (line {line} of the output: "
                             f"{shown(_line(text, line))})", "look for a missing comma or quote"),)
    return Rendered(text, payload), ()


def render_html(
    template: Template, values: Mapping[str, object]
) -> tuple[str | None, tuple[Finding, ...]]:
    """A page from an HTML template; every value is escaped (TPL601, TPL608)."""
    assert template.kind == "html", template.path
    return _render(template, values)


def _render(
    template: Template, values: Mapping[str, object]
) -> tuple[str | None, tuple[Finding, ...]]:
    path = template.path
    try:
        return _joined(template.compiled.generate(**values), template.bytes_max), ()
    except _TooLarge:
        fault = _fault("TPL608", path, 1, f"the rendered document is larger than "
                       f"{template.bytes_max} bytes", "send fewer lines in one document")
    except jinja2.UndefinedError as error:
        fault = _fault("TPL601", path, _template_line(error), shown(error.message),
                       "name a part that the template is given")  # fmt: skip
    except NotJson as error:
        fault = _fault("TPL603", path, _template_line(error), f"a value cannot be written: {error}",
                       "let the mapping give text, a number, a yes/no or a date")  # fmt: skip
    except (TypeError, ValueError, ArithmeticError, jinja2.TemplateError) as error:
        fault = _fault("TPL609", path, _template_line(error), "the template stopped: "
                       f"{shown(error)}", "compare and write values of the same kind")  # fmt: skip
    return None, (fault,)


def _joined(parts: Iterable[str], bytes_max: int) -> str:
    found, size = [], 0
    for part in parts:
        size += len(part) if part.isascii() else len(part.encode("utf-8", "surrogatepass"))
        if size > bytes_max:
            raise _TooLarge
        found.append(part)
    return "".join(found)


def _template_line(error: BaseException) -> int:
    """The line of the template where it stopped; Jinja puts it into the traceback."""
    line, step = 1, error.__traceback__
    while step is not None:
        if step.tb_frame.f_code.co_filename == "<template>":
            line = step.tb_lineno
        step = step.tb_next
    return line


def _line_of(text: str, error: Exception) -> int:
    """The line of the output at which parsing stopped, from the byte it names."""
    digits = "".join(c for c in str(error).rpartition("byte ")[2] if c.isdigit())
    at = int(digits) if digits else len(text)
    return text.encode("utf-8", "replace")[:at].count(b"\n") + 1


def _line(text: str, number: int) -> str:
    lines = text.split("\n")
    return lines[number - 1].strip()[:80] if number <= len(lines) else ""


def _fault(code: str, path: str, line: int, message: str, help: str) -> Finding:
    return Finding(code=code, level="error", message=message, place=Place(path, line, 1), help=help)


def amount(value: object) -> str:
    """An amount with two decimals at least and groups of thousands: 1,234.50."""
    if type(value) is not Decimal or not value.is_finite():
        raise TypeError(f"not an amount: {shown(value)}")
    exponent = value.as_tuple().exponent
    decimals = max(2, -exponent) if isinstance(exponent, int) else 2
    return f"{value:,.{decimals}f}"


def number(value: object) -> str:
    """A number without needless zeros: 2, 1.5."""
    if type(value) is int:
        return f"{value:,}"
    if type(value) is not Decimal or not value.is_finite():
        raise TypeError(f"not a number: {shown(value)}")
    text = f"{value:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def day(value: object) -> str:
    """A date such as 14 Nov 2026; nothing where there is none."""
    if value is None:
        return ""
    if type(value) is not date:
        raise TypeError(f"not a date: {shown(value)}")
    return f"{value.day} {_MONTHS[value.month - 1]} {value.year}"


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def pairs(value: object) -> Iterable[tuple[str, object]]:
    """The names and values of a table, in its order."""
    if not isinstance(value, Mapping):
        raise TypeError("not a table")
    return tuple(value.items())


def _changed_case(value: object, upper: bool) -> str:
    if not isinstance(value, str):
        raise TypeError(f"not text: {shown(value)}")
    return value.upper() if upper else value.lower()


def _is_none(value: object) -> bool:
    if isinstance(value, jinja2.Undefined):
        str(value)  # raises, and says which name
    return value is None


def _of_given(run: Callable[[Any], object]) -> Callable[[Any], object]:
    """The filter, for values that exist: a missing one says which name is missing."""

    def of_given(value: Any) -> object:
        try:
            return run(value)
        except (NotJson, TypeError):
            if isinstance(value, jinja2.Undefined):
                str(value)  # raises, and says which name
            raise

    return of_given


def _environment(kind: TemplateKind) -> _Environment:
    made = _Environment(
        autoescape=kind == "html",
        undefined=jinja2.StrictUndefined,
        extensions=[],
        cache_size=0,
        loader=None,
        keep_trailing_newline=True,
        enable_async=False,
    )
    filters: dict[str, Callable[[Any], object]] = {
        "json": json_text,
        "amount": amount,
        "number": number,
        "day": day,
        "upper": lambda v: _changed_case(v, True),
        "lower": lambda v: _changed_case(v, False),
    }
    made.globals.clear()
    allowed = {name: filters[name] for name in FILTERS[kind]} | {"pairs": pairs}
    made.filters = {name: _of_given(run) for name, run in allowed.items()}
    made.tests = {"none": _is_none, "true": lambda v: v is True, "false": lambda v: v is False}
    return made


_ENVIRONMENTS: Mapping[TemplateKind, _Environment] = {
    "json": _environment("json"), "html": _environment("html"),
}  # fmt: skip
