"""Applying a mapping: one part of a document in, one row of the other side out.

A mapping is compiled once, to one function of straight lines; names of the file never
become code, they are looked up in tuples beside it.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import cast

from msgspec import Struct

from adapter.reading.expressions import All, Atom, Either, Expr, Negated
from adapter.reading.mapping_check import column_kind
from adapter.reading.out_mapping import Field, OutMapping, names_person
from adapter.reading.schema import SchemaTable
from adapter.reading.steps import NotInMap, Table, Unfit
from adapter.reading.value_map import paste_line, unsaid_line
from adapter.values.finding import Finding, Level, initials, shown

Row = dict[str, object]
Parts = Mapping[str, Mapping[str, object]]  # "header", "line" ... -> name -> value
Apply = Callable[[Parts], tuple[Row, tuple[Finding, ...]]]

_REFERENCES = ("actual", "source_id", "contract_line", "key")


class _Spec(Struct, frozen=True):
    """What a generated line needs of its field."""

    field: Field
    name: str  # as written in the row


def payload_name(field: Field, schemas: Mapping[str, SchemaTable], target: str) -> str:
    """The name in the row: the column's; of a reference, the navigation's with its binding."""
    table = schemas.get(target)
    column = table.column(field.name) if table is not None else None
    is_bound = field.kind == "bind" or column_kind(field, column) == "bind"
    return f"{field.navigation or field.name}@odata.bind" if is_bound else field.name


def payload_names(
    mapping: OutMapping, schemas: Mapping[str, SchemaTable]
) -> Mapping[str, str]:
    """The name in the row of each field."""
    return {field.name: payload_name(field, schemas, mapping.target) for field in mapping.fields}


def compile_mapping(
    mapping: OutMapping,
    schemas: Mapping[str, SchemaTable],
    tables: Mapping[str, Table] | None = None,
) -> Apply:
    """A function that makes a row from the parts of a document.

    It takes `{"header": ..., "line": ...}` (the parts the mapping may read; more are
    ignored) and returns the row, in the order of the file, and the findings about it:
    MAP501, MAP505, MAP510, MAP520, MAP521. It never raises for a value.
    """
    specs = tuple(_Spec(f, payload_name(f, schemas, mapping.target)) for f in mapping.fields)
    given = [s for f in mapping.fields for s in (f.source, f.otherwise) if s]
    parts = sorted({source.partition(".")[0] for source in given})
    lines = ["def apply(parts):", "  found = []", "  row = {}"]
    assert all(part.isidentifier() for part in parts)
    lines += [f"  p_{part} = (parts.get({part!r}) or EMPTY).get" for part in parts]
    names: dict[str, object] = {
        "FAULTS": (Unfit, TypeError, ValueError, AttributeError, ArithmeticError),
        "EMPTY": {},
        "empty": _Empty(mapping, specs),
        "unfit": _Unfit(mapping, specs, tables or {}),
        "changed": _Changed(mapping, specs),
        "holds": tuple(_holder(f.when) for f in mapping.fields),
        "values": tuple(f.value for f in mapping.fields),
        "defaults": tuple(f.default for f in mapping.fields),
    }
    for at, field in enumerate(mapping.fields):
        for nth, step in enumerate(field.steps):
            names[f"s{at}_{nth}"] = step.run
        names[f"n{at}"], names[f"k{at}"] = specs[at].name, field.source.partition(".")[2]
        names[f"o{at}"] = field.otherwise.partition(".")[2]
        lines += _lines(at, field)
    lines.append("  return row, tuple(found)")
    # the text holds numbers and the names of the four parts only, never a word of the file
    exec(compile("\n".join(lines), f"<mapping {shown(mapping.name)}>", "exec"), names)
    return cast(Apply, names["apply"])


def _lines(at: int, field: Field) -> list[str]:
    lines, pad = [], "  "
    if field.when is not None:
        lines.append(f"  if holds[{at}](parts):")
        pad = "    "
    if not field.source:
        return [*lines, f"{pad}row[n{at}] = values[{at}]"]
    part = field.source.partition(".")[0]
    lines.append(f"{pad}v = p_{part}(k{at})")
    if field.otherwise:
        other = field.otherwise.partition(".")[0]
        lines.append(f"{pad}if v is None: v = p_{other}(o{at})")
    is_text = not field.steps or "text" in field.steps[0].spec.takes
    lines.append(f"{pad}if v is None" + (" or v == '':" if is_text else ":"))
    if field.default is not None:
        lines.append(f"{pad}  row[n{at}] = defaults[{at}]")
    elif field.optional:
        lines.append(f"{pad}  pass")
    else:
        lines.append(f"{pad}  row[n{at}] = None")
        lines.append(f"{pad}  found.append(empty({at}, parts))")
    lines.append(f"{pad}else:")
    if not field.steps:
        return [*lines, f"{pad}  row[n{at}] = v"]
    lines.append(f"{pad}  try:")
    for nth, step in enumerate(field.steps):
        if step.loses:
            lines.append(f"{pad}    w = s{at}_{nth}(v)")
            lines.append(f"{pad}    if w != v: found.append(changed({at}, {nth}, v, w, parts))")
            lines.append(f"{pad}    v = w")
        else:
            lines.append(f"{pad}    v = s{at}_{nth}(v)")
    lines.append(f"{pad}    row[n{at}] = v")
    lines.append(f"{pad}  except FAULTS as fault:")
    lines.append(f"{pad}    row[n{at}] = None")
    lines.append(f"{pad}    found.append(unfit({at}, v, fault, parts))")
    return lines


class _Maker:
    """Makes the findings of one mapping; only called when something is wrong."""

    def __init__(self, mapping: OutMapping, specs: tuple[_Spec, ...]) -> None:
        self.mapping = mapping
        self.specs = specs

    def make(
        self, code: str, level: Level, at: int, parts: Parts, text: str, help: str, value: object
    ) -> Finding:
        field = self.specs[at].field
        return Finding(
            code=code,
            level=level,
            message=f"`{shown(field.name)}` {text}",
            place=field.place,
            help=help,
            values=((field.source or field.name, _said(field, value)),),
            record=reference_of(parts),
        )


class _Empty(_Maker):
    def __call__(self, at: int, parts: Parts) -> Finding:
        source = self.specs[at].field.source
        return self.make("MAP501", "error", at, parts, f"needs `{source}`, which is empty",
                         "fill it in the CRM, or make the field optional", None)  # fmt: skip


class _Unfit(_Maker):
    def __init__(
        self, mapping: OutMapping, specs: tuple[_Spec, ...], tables: Mapping[str, Table]
    ) -> None:
        super().__init__(mapping, specs)
        self.tables = tables

    def __call__(self, at: int, value: object, fault: Exception, parts: Parts) -> Finding:
        said = _said(self.specs[at].field, value)
        if isinstance(fault, NotInMap):
            table = self.tables.get(fault.table) or Table(
                fault.table, f"mappings/tables/{fault.table}.toml", {}
            )
            field = self.specs[at].field
            said = _said(field, fault.value)
            help = unsaid_line(table) if names_person(field) else paste_line(table, fault.value)
            return self.make("MAP510", "error", at, parts, f"cannot be `{said}`: "
                             f"`{fault.table}` has no line for it", help, fault.value)  # fmt: skip
        why = str(fault) if isinstance(fault, Unfit) else "it is not the kind of value expected"
        return self.make("MAP505", "error", at, parts, f"cannot be `{said}`: {why}",
                         "correct the value in the CRM, or the steps in `via`", value)  # fmt: skip


class _Changed(_Maker):
    def __call__(self, at: int, nth: int, value: object, made: object, parts: Parts) -> Finding:
        step = self.specs[at].field.steps[nth]
        if step.loses == "MAP520":
            text = f"is shortened to {step.limit} characters"
        else:
            text = f"is rounded from {shown(value)} to {shown(made)}"
        return self.make(step.loses, "warning", at, parts, text,
                         f"shorten it in the CRM, or widen {step.text}", value)  # fmt: skip


def _said(field: Field, value: object) -> str:
    """A value as a finding says it: a person's name as initials, whatever was asked for."""
    return initials(value) if names_person(field) and isinstance(value, str) else shown(value)


def reference_of(parts: Parts) -> str:
    """The record that the innermost part is about: its actual, else its source or key."""
    for part in ("detail", "line", "document"):
        for name in _REFERENCES:
            value = parts.get(part, {}).get(name)
            if isinstance(value, str) and value:
                return value
    return ""


def _holder(when: Expr | None) -> Callable[[Parts], bool] | None:
    return None if when is None else lambda parts: holds(when, parts)


def holds(expr: Expr, parts: Parts) -> bool:
    """Whether a condition holds over the parts. A missing value never orders or is in a list."""
    match expr:
        case Negated(part):
            return not holds(part, parts)
        case All(all_of):
            return all(holds(part, parts) for part in all_of)
        case Either(some):
            return any(holds(part, parts) for part in some)
        case Atom():
            return _atom(expr, parts)


def _read(name: str, parts: Parts) -> object:
    part, _, field = name.partition(".")
    return parts.get(part, {}).get(field)


def _atom(atom: Atom, parts: Parts) -> bool:
    value = _read(atom.fact, parts)
    if atom.op == "missing":
        return value is None
    if atom.op == "flag":
        return value is True
    if atom.op == "in":
        return value is not None and value in atom.literals
    other = _read(atom.other, parts) if atom.other is not None else atom.literal
    if atom.op == "eq":
        return value == other
    if type(value) is int:
        value = Decimal(value)
    if type(other) is int:
        other = Decimal(other)
    if value is None or other is None or type(value) is not type(other):
        return False
    assert not isinstance(value, (bool, str))
    less: bool = value < other  # type: ignore[operator]
    if atom.op == "lt":
        return less
    if atom.op == "ge":
        return not less
    return (less or value == other) if atom.op == "le" else not (less or value == other)
