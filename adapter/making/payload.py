"""A payload against its target: the template proposes, the target's model disposes.

The model is made from the mappings and the schema, so a name that a template invents, a
text that is too long or a number where text belongs is found here and not by Finance.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache

from msgspec import Struct

from adapter.reading.mapper import payload_name
from adapter.reading.mapping_check import column_kind, length_of
from adapter.reading.out_mapping import Field, OutMapping
from adapter.reading.schema import Column, SchemaTable
from adapter.reading.steps import Kind
from adapter.values.finding import Finding, Place, shown
from adapter.values.money import DIGITS_MAX, ZERO, is_money, is_short

MISFITS_MAX = 5_000  # that are looked for in one payload
FINDINGS_MAX = 50  # of one payload; a template that is wrong is wrong on every line
HEADER, LINES, DETAILS = "header", "lines", "details"

_DAY = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])")
_MOMENT = re.compile(_DAY.pattern + r"T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\dZ")
_BIND = re.compile(r"/[A-Za-z_]\w*\((?:[0-9A-Za-z_-]+|[A-Za-z_]\w*='(?:[^'/<>*%&:\\?+#]|'')+')\)")
_WHOLE_MAX = 1 << 63
_PLAIN_MAX = 10**12
_TEXT_MAX = 1 << 20


class Slot(Struct, frozen=True):
    """What one name of a payload takes."""

    kind: Kind
    is_required: bool
    length: int | None = None
    options: frozenset[str | int] = frozenset()
    text_max: int = 0  # texts up to this length fit without a closer look
    words: frozenset[str] = frozenset()  # texts that fit
    takes: type | None = None  # values of this type fit


class Target(Struct, frozen=True):
    """The model of one table of a payload: its names, and the lists of tables below it."""

    name: str
    slots: Mapping[str, Slot]
    below: "Mapping[str, Target]" = {}
    required: tuple[str, ...] = ()


def row_target(mapping: OutMapping, schemas: Mapping[str, SchemaTable]) -> Target:
    """The model of one mapped row."""
    table = schemas.get(mapping.target)
    slots: dict[str, Slot] = {}
    for field in mapping.fields:
        column = table.column(field.name) if table is not None else None
        slots[payload_name(field, schemas, mapping.target)] = _slot(field, column)
    required = tuple(name for name, slot in slots.items() if slot.is_required)
    return Target(mapping.target, slots, required=required)


def document_target(
    line: OutMapping, mappings: Mapping[str, OutMapping], schemas: Mapping[str, SchemaTable]
) -> Target:
    """The model of a whole document: a header, lines, and perhaps details below each line.

    Raises KeyError when a mapping that `line` names does not exist.
    """
    lines = row_target(line, schemas)
    if line.details:
        below = {DETAILS: row_target(mappings[line.details], schemas)}
        lines = Target(lines.name, lines.slots, below, lines.required)
    parts = {LINES: lines}
    if line.header:
        parts[HEADER] = row_target(mappings[line.header], schemas)
    return Target(line.document, {}, parts)


def _slot(field: Field, column: Column | None) -> Slot:
    options: frozenset[str | int] = frozenset()
    if column is not None and column.options:
        if column.type == "Enum":
            options = frozenset(column.options.values())
        else:
            options = frozenset(int(code) for code in column.options)
        options |= {
            step.words[word]
            for step in field.steps
            for word in step.inferred
        }  # codes that nobody proves, but the mapping names
    kind, length = column_kind(field, column), length_of(field, column)
    is_free = kind == "text" and not options
    return Slot(
        kind=kind,
        is_required=not field.optional and field.when is None,
        length=length,
        options=options,
        text_max=(_TEXT_MAX if length is None else length) if is_free else 0,
        words=frozenset(w for w in options if type(w) is str and len(w) <= (length or _TEXT_MAX))
        if kind == "text"
        else frozenset(),
        takes=None if options else {"number": Decimal, "flag": bool}.get(kind),
    )


class Misfit(Struct, frozen=True):
    """One place of a payload that its target does not take: where, why, what to do.

    `is_value`: the place is right, and what stands in it is not; else the shape is wrong.
    """

    path: str  # lines/0/details/3/msdyn_quantity
    why: str
    help: str
    is_value: bool


def check_payload(payload: object, target: Target, place: Place) -> tuple[Finding, ...]:
    """TPL604 for everything in a parsed payload that the target does not take.

    `place` is the template. At most 50 findings, in the order of the payload.
    """
    found = misfits_of(payload, target, FINDINGS_MAX)
    return tuple(shape_fault(misfit, place) for misfit in found[:FINDINGS_MAX])


def shape_fault(misfit: Misfit, place: Place) -> Finding:
    """TPL604 about a document as a whole; `place` is its template."""
    return Finding(code="TPL604", level="error", place=place, help=misfit.help,
                   message=f"`{shown(misfit.path)}` {misfit.why}")  # fmt: skip


def misfits_of(payload: object, target: Target, most: int = MISFITS_MAX) -> list[Misfit]:
    """What the target does not take, in the order of the payload; at least `most` if there are.

    Whole numbers where the target takes any number become Decimals, so that all numbers of a
    column are one kind.
    """
    found: list[Misfit] = []

    def fault(path: str, why: str, help: str, is_value: bool = False) -> bool:
        found.append(Misfit(path, why, help, is_value))
        return len(found) >= most

    _check_table(payload, target, "", fault)
    return found


Fault = Callable[..., bool]


def _check_table(value: object, target: Target, path: str, fault: Fault) -> None:
    if not isinstance(value, dict):
        fault(path or "the document", f"is not a table of {target.name}",
              "write { ... } in the template")  # fmt: skip
        return
    slots = target.slots
    for name, given in value.items():
        slot = slots.get(name)
        if slot is not None:
            kind = given.__class__
            if kind is str:
                if len(given) <= slot.text_max or given in slot.words:
                    continue
            elif slot.takes is Decimal:
                if kind is Decimal:
                    if is_short(given):
                        continue
                elif kind is int and abs(given) < _PLAIN_MAX:
                    value[name] = Decimal(given)
                    continue
            elif kind is bool and slot.takes is bool:
                continue
            if given is None:
                if slot.is_required:
                    fault(path + name, "is empty, and the target needs it",
                          "see the MAP501 finding of its record", True)  # fmt: skip
            elif (why := _misfit(given, slot)) and fault(path + name, why, "correct the mapping",
                                                         True):  # fmt: skip
                return
        elif name not in target.below:
            known = ", ".join([*target.below, *slots][:12])
            if fault(path + str(name), f"is not known to {target.name}", f"known: {known} ..."):
                return
    for name in target.required:
        if name not in value:
            fault(path + name, f"is missing, and {target.name} needs it",
                  "write it in the template")  # fmt: skip
    for name, below in target.below.items():
        _check_below(value, name, below, path, fault)


def _check_below(
    value: Mapping[str, object], name: str, below: Target, path: str, fault: Fault
) -> None:
    part = value.get(name)
    if name == HEADER:
        _check_table(part, below, f"{path}{name}/", fault)
        return
    if not isinstance(part, list):
        fault(path + name, "is not a list", "write [ ... ] in the template")
        return
    for at, row in enumerate(part):
        _check_table(row, below, f"{path}{name}/{at}/", fault)


def _misfit(value: object, slot: Slot) -> str:
    """Why a value does not fit; empty if it does."""
    kind = slot.kind
    if isinstance(value, (dict, list)):
        return "is a table or list where a value belongs"
    if kind in ("text", "day-text", "moment", "bind"):
        if not isinstance(value, str):
            return f"is {shown(value)}, the target takes text"
        if slot.length is not None and len(value) > slot.length:
            return f"has {len(value)} characters, the target takes {slot.length}"
        if kind in _FORMS and not _has_form(kind, value):
            return f"is `{shown(value)}`, the target takes {_FORM_WORDS[kind]}"
    elif kind == "number":
        if type(value) not in (Decimal, int) or not _is_number(value):
            return f"is {shown(value)}, the target takes a number of at most {DIGITS_MAX} digits"
    elif kind == "whole":
        if type(value) is not int or not -_WHOLE_MAX <= value < _WHOLE_MAX:
            return f"is {shown(value)}, the target takes a whole number"
    elif kind == "flag" and type(value) is not bool:
        return f"is {shown(value)}, the target takes true or false"
    if slot.options and value not in slot.options:
        return f"is `{shown(value)}`, which is none of its options"
    return ""


_FORMS: Mapping[Kind, re.Pattern[str]] = {"day-text": _DAY, "moment": _MOMENT, "bind": _BIND}


@lru_cache(maxsize=2_000)  # days repeat
def _has_form(kind: Kind, value: str) -> bool:
    return _FORMS[kind].fullmatch(value) is not None


_FORM_WORDS: Mapping[Kind, str] = {
    "day-text": "a date such as 2026-11-14",
    "moment": "a moment such as 2026-11-14T12:00:00Z",
    "bind": "a reference such as /accounts(<id>)",
}


def _is_number(value: object) -> bool:
    return is_money(Decimal(value) if type(value) is int else value)  # type: ignore[arg-type]


def check_rows(
    mapping: OutMapping,
    given: Sequence[Mapping[str, object]],
    rows: Sequence[Mapping[str, object]],
    names: Mapping[str, str],
    record: str,
) -> tuple[Finding, ...]:
    """MAP530 for a sum that the rows do not keep, MAP531 for a key that stands twice.

    `given` are the values that were mapped, `rows` those of the parsed payload, so that a
    template that leaves a line out is found too. `names` are the payload's names by field.
    """
    found: list[Finding] = []
    for name in mapping.keeps:
        field = mapping.field(name)
        assert field is not None, name
        source = field.source.partition(".")[2]
        before, after = _sum(given, source), _sum(rows, names[name])
        if before != after:
            found.append(Finding(code="MAP530", level="error", place=field.place, record=record,
                                 message=f"`{shown(name)}` is {before:f} in the document and "
                                 f"{after:f} in its payload",
                                 help="give the field more decimals, or correct the template",
                                 values=(("in", f"{before:f}"),
                                         ("out", f"{after:f}"))))  # fmt: skip
    seen: set[tuple[object, ...]] = set()
    keys = [names[name] for name in mapping.key]
    for row in rows:
        key = tuple(str(row.get(name)) for name in keys)
        if key in seen:
            found.append(Finding(code="MAP531", level="error", place=mapping.place, record=record,
                                 message=f"the key {shown(' '.join(map(str, key)))} stands twice",
                                 help="add a field to `key` that tells the rows apart"))
        seen.add(key)
    return tuple(found[:FINDINGS_MAX])


def _sum(rows: Sequence[Mapping[str, object]], name: str) -> Decimal:
    values = (row.get(name) for row in rows)
    return sum((Decimal(v) for v in values if isinstance(v, (Decimal, int))), ZERO)
