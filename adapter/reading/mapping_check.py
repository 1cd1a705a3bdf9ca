"""A mapping against the other side's schema: names, types, lengths, options, keys.

Finance and Dataverse would say the same after the first record; this says it before.
"""

import re
from collections.abc import Mapping, Sequence

from adapter.reading.catalogue import Catalogue
from adapter.reading.out_mapping import Faults, Field, OutMapping, kind_of
from adapter.reading.schema import Column, SchemaTable
from adapter.reading.source import Source
from adapter.reading.steps import Kind
from adapter.values.finding import Finding, shown

_KINDS: Mapping[str, Kind] = {
    "String": "text", "Memo": "text", "Uniqueidentifier": "text", "Guid": "text",
    "Decimal": "number", "Money": "number", "Double": "number", "Real": "number",
    "Integer": "whole", "Int32": "whole", "Int64": "whole", "BigInt": "whole",
    "Boolean": "flag", "Enum": "text", "Picklist": "whole", "State": "whole",
    "Status": "whole", "Lookup": "bind", "Customer": "bind", "Owner": "bind",
    "DateTime": "moment", "DateTimeOffset": "moment",
}  # fmt: skip
_SAID: Mapping[str, Kind] = {
    "text": "text", "number": "number", "whole": "whole", "flag": "flag", "day": "day-text",
    "moment": "moment", "lookup": "bind",
}  # fmt: skip
_FITS: Mapping[Kind, tuple[Kind, ...]] = {
    "number": ("number", "whole"), "text": ("text", "day-text", "moment"),
}  # fmt: skip
_HELP: Mapping[Kind, str] = {
    "moment": "add `noon_utc` to `via`", "day-text": "add `day` to `via`",
    "bind": "add `bind(set)` to `via`", "whole": "add `whole`, or `lookup(table)`, to `via`",
    "number": "add `money` or `decimal(n)` to `via`", "flag": "map a yes/no value",
    "text": "add `lookup(table)` to `via`, or map a text",
}  # fmt: skip
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_TRACES = ("line.actual", "line.source", "line.key", "detail.actual", "detail.key", "document.key")
_SUMMED = ("money", "decimal")


def column_kind(field: Field, column: Column | None) -> Kind:
    """The kind of value the target takes; the schema's word, else the mapping's own."""
    if column is not None and column.type in _KINDS:
        kind = _KINDS[column.type]
        return "day-text" if kind == "moment" and column.day else kind
    return _SAID.get(field.type, "any")


def check_against_schema(
    mapping: OutMapping, source: Source, schemas: Mapping[str, SchemaTable], sources: Catalogue
) -> list[Finding]:
    """What is wrong with a mapping, seen from its target."""
    faults = Faults()
    table = schemas.get(mapping.target)
    if table is None:
        faults.add("MAP503", f"there is no table or set `{shown(mapping.target)}`",
                   source.place("target"), "correct `target`, or add its schema file")  # fmt: skip
        return faults
    for field in mapping.fields:
        column = table.column(field.name)
        if column is None and not field.tag:
            faults.add("MAP503", f"`{table.table}` has no column `{shown(field.name)}`",
                       field.place, _unknown_help(table, field.name))  # fmt: skip
            continue
        if column is None and table.is_tenant:
            faults.add("MAP503", f"your environment's `{table.table}` has no column "
                       f"`{shown(field.name)}`", field.place,
                       "add the column there, or map to one that is; OData sending is refused",
                       level="warning")  # fmt: skip
        _check_field(field, column, schemas, faults)
    _check_required(mapping, table, source, faults)
    _check_names(mapping, source, faults)
    _check_key(mapping, source, faults)
    return faults


def _unknown_help(table: SchemaTable, name: str) -> str:
    close = table.nearest(name)
    if close:
        return "did you mean " + " or ".join(f"`{c}`" for c in close) + "?"
    return 'a name that only your environment has needs tag = "inferred" and a type'


def _check_field(
    field: Field, column: Column | None, schemas: Mapping[str, SchemaTable], faults: Faults
) -> None:
    """The kind, the length and the words of one field fit its column."""
    wanted = column_kind(field, column)
    if wanted != "any":
        for what, kind in _made(field):
            if kind != "any" and kind not in _FITS.get(wanted, (wanted,)):
                faults.add("MAP504", f"{what} of `{shown(field.name)}` makes {kind}, "
                           f"the column takes {wanted}", field.place, _HELP[wanted])  # fmt: skip
    if wanted == "bind":
        _check_bind(field, column, schemas, faults)
    length = length_of(field, column)
    for step in field.steps:
        if step.limit and length and step.limit > length:
            faults.add("MAP504", f"`{step.text}` of `{shown(field.name)}` lets more through than "
                       f"the {length} characters of the column", field.place,
                       f"write text({length})")  # fmt: skip
    if column is not None and column.read_only:
        faults.add("MAP504", f"`{shown(field.name)}` is read-only on the other side",
                   field.place, "leave the field out; the other side fills it")  # fmt: skip
    if column is not None and column.options:
        for word in _words(field):
            if not _is_option(column, word):
                faults.add("MAP504", f"`{shown(word)}` is no option of `{shown(field.name)}`",
                           field.place, "options: " + _options(column))  # fmt: skip


def _made(field: Field) -> list[tuple[str, Kind]]:
    """What can end up in the field, and its kind."""
    made: list[tuple[str, Kind]] = []
    if field.source:
        made.append(("`via`" if field.steps else "`from`", field.kind))
    for what, value in (("`value`", field.value), ("`default`", field.default)):
        if value is not None:
            made.append((what, _written(value)))
    return made


def _written(value: object) -> Kind:
    kind = kind_of(value)
    if kind != "text" or not isinstance(value, str):
        return kind
    if value.startswith("/"):
        return "bind"
    return "day-text" if _DAY.fullmatch(value) else "moment" if _MOMENT.fullmatch(value) else kind


def _words(field: Field) -> list[object]:
    words: list[object] = [v for v in (field.value, field.default) if v is not None]
    if field.steps and field.steps[-1].words:
        last = field.steps[-1]
        words += [theirs for ours, theirs in last.words.items() if ours not in last.inferred]
    return words


def _is_option(column: Column, word: object) -> bool:
    """Dataverse options are whole numbers on the wire, Finance enumerations symbols."""
    if column.type == "Enum":
        return word in column.options.values()
    return type(word) is int and str(word) in column.options


def _options(column: Column) -> str:
    words = column.options.values() if column.type == "Enum" else column.options
    return ", ".join(list(words)[:20])


def _check_bind(
    field: Field, column: Column | None, schemas: Mapping[str, SchemaTable], faults: Faults
) -> None:
    """A reference points at a set the column may point at; a column with several names one."""
    if column is None or not column.targets or not field.steps:
        return
    last = field.steps[-1]
    sets = {t.set for name in column.targets if (t := schemas.get(name)) is not None and t.set}
    if last.target_set and sets and last.target_set not in sets:
        faults.add("MAP504", f"`{last.text}` of `{shown(field.name)}` points at a set that the "
                   "column does not take", field.place, "sets: " + ", ".join(sorted(sets)))
    if len(column.targets) > 1 and not field.navigation:
        faults.add("MAP504", f"`{shown(field.name)}` may point at several tables", field.place,
                   f'write navigation = "{column.name}_{column.targets[0]}"')  # fmt: skip


def length_of(field: Field, column: Column | None) -> int | None:
    """How many characters the target takes, where anything says so."""
    return (column.length if column is not None else None) or field.length


def _check_required(
    mapping: OutMapping, table: SchemaTable, source: Source, faults: Faults
) -> None:
    mapped = {field.name for field in mapping.fields} | set(mapping.filled_there)
    for column in table.columns:
        if column.required in ("key", "application") and column.name not in mapped:
            faults.add("MAP502", f"`{table.table}` requires `{column.name}`, which is not mapped",
                       source.place("field"), f"map `{column.name}`, or list it in filled_there if "
                       "the other side fills it")  # fmt: skip
    for name in mapping.filled_there:
        if table.column(name) is None:
            faults.add("MAP503", f"`{table.table}` has no column `{shown(name)}`",
                       source.place("filled_there"), _unknown_help(table, name))  # fmt: skip


def _check_names(mapping: OutMapping, source: Source, faults: Faults) -> None:
    """`key` and `keeps` name fields of this mapping; `keeps` fields stay numbers."""
    for what, names in (("key", mapping.key), ("keeps", mapping.keeps)):
        for name in names:
            field = mapping.field(name)
            if field is None:
                faults.add("MAP503", f"`{what}` names `{shown(name)}`, which is no field of this "
                           "mapping", source.place(what), "name fields of [field] only")
            elif what == "keeps" and (
                field.kind != "number"
                or any(s.spec.name not in _SUMMED for s in field.steps)
                or field.optional or field.when is not None or not field.source
            ):
                faults.add("MAP504", f"`{shown(name)}` is in `keeps`, but it cannot be added up",
                           field.place, "use money or decimal(n), without `optional` and `when`")


def _check_key(mapping: OutMapping, source: Source, faults: Faults) -> None:
    """The key tells rows apart: nothing in it is shortened, and it leads back to a record."""
    fields = [f for f in map(mapping.field, mapping.key) if f is not None]
    for field in fields:
        if any(step.spec.name == "text" for step in field.steps):
            faults.add("MAP508", f"key field `{shown(field.name)}` is shortened: two rows could "
                       "become one", field.place, "take text(n) out of `via`")  # fmt: skip
        if field.optional or field.default is not None:
            faults.add("MAP508", f"key field `{shown(field.name)}` may be empty or a default",
                       field.place, "take `optional` and `default` away")  # fmt: skip
    if not _leads_back(fields):
        faults.add("MAP509", "no field of `key` carries our reference, so that a row could not "
                   "be found again", source.place("key"),
                   "add a field from one of " + ", ".join(_TRACES) + " to `key`")  # fmt: skip


def _leads_back(fields: Sequence[Field]) -> bool:
    return any(field.source in _TRACES for field in fields)


def unverified(
    mapping: OutMapping, schemas: Mapping[str, SchemaTable]
) -> tuple[tuple[str, str, str], ...]:
    """Names and codes that nobody has proven: (field, inferred or unknown, what it is)."""
    table = schemas.get(mapping.target)
    found: list[tuple[str, str, str]] = []
    for field in mapping.fields:
        column = table.column(field.name) if table is not None else None
        if column is not None and table is not None and table.is_tenant:
            continue
        tag = field.tag or (column.tag if column is not None else "unknown")
        if tag != "documented":
            found.append((field.name, tag, "column"))
        for step in field.steps:
            found += [(field.name, "inferred", f"{step.table}: {w}") for w in sorted(step.inferred)]
    return tuple(found)
