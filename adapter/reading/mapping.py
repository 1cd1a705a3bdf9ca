"""Mappings out: `mappings/to-finance/*.toml` and `mappings/to-dataverse/*.toml`.

A mapping says field by field how a part of a document becomes a row of the other side:
left the target's name, right where the value comes from and what happens to it. Everything
that can be wrong with it is found here, before any record is read.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from adapter.reading.catalogue import Catalogue, FactSpec
from adapter.reading.condition import parse_condition
from adapter.reading.document_facts import DOCUMENT_KINDS, sources_of
from adapter.reading.mapping_check import check_against_schema
from adapter.reading.out_mapping import Faults, Field, OutMapping, kind_of
from adapter.reading.schema import SchemaTable
from adapter.reading.source import Source
from adapter.reading.steps import STEPS_MAX, Kind, Step, Table, parse_step
from adapter.reading.value_map import check_gaps
from adapter.values.alike import alike_in_any_case
from adapter.values.finding import Finding, Place, shown

FIELDS_MAX = 300  # fields of one mapping
TAGS = ("documented", "inferred", "unknown")
TYPES = ("text", "number", "whole", "flag", "day", "moment", "lookup")

_TEXTS = ("document", "part", "target", "template", "header", "details")
_LISTS = ("key", "keeps", "filled_there")
_TABLES = ("links", "field")
_FIELD_KEYS = ("from", "otherwise", "value", "via", "default", "when", "optional", "tag", "type",
               "length", "navigation")  # fmt: skip
_SOURCE_KINDS: Mapping[str, Kind] = {
    "text": "text", "choice": "text", "link": "text", "version": "text", "number": "number",
    "whole": "whole", "flag": "flag", "day": "day",
}  # fmt: skip


def parse_mapping(
    source: Source, schemas: Mapping[str, SchemaTable], tables: Mapping[str, Table]
) -> tuple[OutMapping | None, tuple[Finding, ...]]:
    """A mapping out. `schemas` is by table and by set name, `tables` by name.

    None where nothing can be made of the file; otherwise the mapping holds the fields that
    could be read, and no finding of level error means that all of it can be used.
    """
    faults = Faults()
    said = source.table
    for key in said:
        if key not in (*_TEXTS, *_LISTS, *_TABLES):
            faults.add("SRC002", f"unknown key `{shown(key)}`", source.place(key),
                       "known: " + ", ".join((*_TEXTS, *_LISTS, *_TABLES)))  # fmt: skip
    texts = {key: _text_of(source, key, faults) for key in _TEXTS}
    lists = {key: _texts_of(source, key, faults) for key in _LISTS}
    document, part = texts["document"], texts["part"]
    if document not in DOCUMENT_KINDS or part not in DOCUMENT_KINDS[document]:
        faults.add("MAP500", f"there is no part `{shown(part)}` of a document "
                   f"`{shown(document)}`", source.place("document"),
                   "document: " + ", ".join(DOCUMENT_KINDS) + "; part: header, line, detail")
        return None, tuple(faults)
    rows = said.get("field")
    if not isinstance(rows, dict) or not 0 < len(rows) <= FIELDS_MAX:
        faults.add("MAP500", f"the mapping has no table [field] of 1 to {FIELDS_MAX} fields",
                   source.place("field"), "write `Name = { from = \"line.name\" }` under [field]")
        return None, tuple(faults)
    sources = sources_of(document, part)
    mapping = OutMapping(
        name=source.path.rpartition("/")[2].removesuffix(".toml"),
        fields=tuple(
            field
            for name, row in rows.items()
            if (field := _field(source, name, row, sources, tables, faults)) is not None
        ),
        document=document,
        part=part,
        target=texts["target"],
        template=texts["template"],
        header=texts["header"],
        details=texts["details"],
        key=lists["key"],
        keeps=lists["keeps"],
        filled_there=lists["filled_there"],
        links=_links_of(source, lists["filled_there"], faults),
        place=source.place(),
    )
    faults.extend(check_against_schema(mapping, source, schemas, sources))
    return mapping, tuple(faults)


def _text_of(source: Source, key: str, faults: Faults) -> str:
    value = source.table.get(key, "")
    if isinstance(value, str):
        return value
    faults.add("MAP500", f"`{key}` is not text", source.place(key), f'write {key} = "..."')
    return ""


def _texts_of(source: Source, key: str, faults: Faults) -> tuple[str, ...]:
    value = source.table.get(key, [])
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        return tuple(value)
    faults.add("MAP500", f"`{key}` is not a list of names", source.place(key),
               f'write {key} = ["...", "..."]')  # fmt: skip
    return ()


def _links_of(
    source: Source, filled_there: tuple[str, ...], faults: Faults
) -> Mapping[str, str]:
    """Columns of a line that take a column of the header's answer."""
    said = source.table.get("links", {})
    if not isinstance(said, dict) or not all(isinstance(v, str) and v for v in said.values()):
        faults.add("MAP500", "`links` is not a table of names", source.place("links"),
                   'write links = { "column of the line" = "column of the header" }')
        return {}
    for name in said:
        if name not in filled_there:
            faults.add("MAP503", f"`links` names `{shown(name)}`, which is not in filled_there",
                       source.place("links"), "list it in filled_there")  # fmt: skip
    return said


def _field(
    source: Source,
    name: str,
    row: object,
    sources: Catalogue,
    tables: Mapping[str, Table],
    faults: Faults,
) -> Field | None:
    place = source.place("field", name)
    if not isinstance(row, dict):
        faults.add("MAP500", f"`{shown(name)}` is not a table", place,
                   'write `Name = { from = "line.name" }`')  # fmt: skip
        return None
    before = len(faults)
    for key in row:
        if key not in _FIELD_KEYS:
            faults.add("SRC002", f"unknown key `{shown(key)}` of `{shown(name)}`", place,
                       "known: " + ", ".join(_FIELD_KEYS))  # fmt: skip
    if ("from" in row) == ("value" in row):
        faults.add("MAP500", f"`{shown(name)}` needs one of `from` and `value`", place,
                   "write where the value comes from, or the value itself")  # fmt: skip
    _check_types(name, row, place, faults)
    if len(faults) > before:
        return None
    given, value = row.get("from", ""), row.get("value")
    kind: Kind = kind_of(value) if value is not None else "any"
    steps: tuple[Step, ...] = ()
    if given:
        spec = _spec_of(given, sources, place, faults)
        if spec is None:
            return None
        if "otherwise" in row:
            other = _spec_of(row["otherwise"], sources, place, faults)
            if other is not None and _SOURCE_KINDS[other.type] != _SOURCE_KINDS[spec.type]:
                faults.add("MAP504", f"`otherwise` of `{shown(name)}` is {other.type}, not "
                           f"{spec.type}", place, "choose a value of the same type")  # fmt: skip
            if other is None:
                return None
        steps, kind = _steps(name, row.get("via", []), spec.type, spec.choices, place, tables,
                             faults)  # fmt: skip
    when = None
    if "when" in row:
        where = source.place("field", name, "when", "=")
        when, found = parse_condition(row["when"], where, sources, source)
        faults.extend(found)
    return Field(
        name=name, source=given, otherwise=row.get("otherwise", "") if given else "",
        value=value, steps=steps, kind=kind,
        default=row.get("default"), when=when, optional=row.get("optional", False),
        tag=row.get("tag", ""), type=row.get("type", ""), length=row.get("length"),
        navigation=row.get("navigation", ""), place=place,
    )  # fmt: skip


def _spec_of(name: str, sources: Catalogue, place: Place, faults: Faults) -> FactSpec | None:
    spec = sources.get(name)
    if spec is None:
        close = alike_in_any_case(name, sources)
        part = shown(name.partition(".")[0])
        faults.add("MAP506", f"`{shown(name)}` is not a value of this document", place,
                   f"did you mean {_listed(close)}?" if close else
                   f"`fieldledger facts {part}` lists them")  # fmt: skip
    return spec


def _check_types(name: str, row: Mapping[str, object], place: Place, faults: Faults) -> None:
    """Each key of a field holds the type of value it should."""
    texts = ("from", "otherwise", "when", "tag", "type", "navigation")
    via = row.get("via", [])
    length = row.get("length", 1)
    wrong = [key for key in texts if not isinstance(row.get(key, ""), str)]
    wrong += [key for key in ("value", "default") if key in row and not _is_plain(row[key])]
    if not isinstance(via, list) or not all(isinstance(step, str) for step in via):
        wrong.append("via")
    if type(row.get("optional", False)) is not bool:
        wrong.append("optional")
    if type(length) is not int or not 0 < length <= 1_048_576:
        wrong.append("length")
    if row.get("tag", "documented") not in TAGS:
        wrong.append("tag")
    if row.get("type", "text") not in TYPES:
        wrong.append("type")
    for key in wrong:
        faults.add("MAP500", f"`{key}` of `{shown(name)}` cannot be {shown(row[key])}", place,
                   "via: a list of steps; optional: true; length: a number; tag: "
                   + ", ".join(TAGS) + "; type: " + ", ".join(TYPES))  # fmt: skip


def _is_plain(value: object) -> bool:
    if isinstance(value, Decimal):
        return value.is_finite()
    return type(value) in (str, int, bool) and value != ""


def _steps(
    name: str,
    via: Sequence[str],
    type_: str,
    choices: tuple[str, ...] | None,
    place: Place,
    tables: Mapping[str, Table],
    faults: Faults,
) -> tuple[tuple[Step, ...], Kind]:
    """The steps of a field and the kind of value they make."""
    kind = _SOURCE_KINDS[type_]
    steps: list[Step] = []
    if len(via) > STEPS_MAX:
        faults.add("MAP504", f"`{shown(name)}` has more than {STEPS_MAX} steps", place,
                   "leave out steps")  # fmt: skip
        return (), "any"
    for text in via:
        step = parse_step(text, tables)
        if isinstance(step, str):
            code = "MAP511" if "value map" in step else "MAP507"
            faults.add(code, f"step `{shown(text)}` of `{shown(name)}` {step}", place,
                       "correct the step in `via`")  # fmt: skip
            return tuple(steps), "any"
        if kind not in step.spec.takes:
            faults.add("MAP504", f"step `{shown(text)}` of `{shown(name)}` takes "
                       f"{' or '.join(step.spec.takes)}, not {kind}", place,
                       f"leave the step out, or put before it one that makes "
                       f"{step.spec.takes[0]}")  # fmt: skip
            return tuple(steps), "any"
        if step.table and not steps:
            check_gaps(name, tables[step.table], choices, place, faults)
        steps.append(step)
        kind = step.makes
    return tuple(steps), kind


def _listed(names: Sequence[str]) -> str:
    return " or ".join(f"`{name}`" for name in names)
