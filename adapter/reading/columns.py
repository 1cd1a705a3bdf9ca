"""From-mappings: which column of a table is which field of our record.

`mappings/from-dataverse/*.toml` and `mappings/from-finance/*.toml`, and those of a workspace.
A column is judged against the schema; a name that nobody has proven must carry its tag.
"""

from collections.abc import Mapping
from typing import Any, get_args

from adapter.reading.binding import TableBinding
from adapter.reading.bound import CUSTOM_TYPES, KINDS, Bound, KeyPart, Kind, Side, field_types
from adapter.reading.bound_kinds import fits, kind_of
from adapter.reading.schema import TAGS, Column, SchemaTable, Tag
from adapter.reading.source import Source
from adapter.values.alike import alike_in_any_case
from adapter.values.finding import Finding, Level, has_errors, shown
from adapter.values.money import DECIMALS_DEFAULT
from adapter.values.records import RECORDS

FIELDS_MAX = 300
CODES_MAX = 2_000
LOOKUP_WIRE = "_{}_value"
SHOWN_WIRE = "_{}_value@OData.Community.Display.V1.FormattedValue"

_TOP = ("table", "set", "record", "key", "tag", "constant", "field", "custom",
        "needed")  # fmt: skip
_ENTRY = ("column", "type", "tag", "values", "inferred", "name", "upper", "label",
          "first_day", "needed", "above_zero")  # fmt: skip


def parse_binding(
    source: Source, schema: SchemaTable | None
) -> tuple[TableBinding | None, tuple[Finding, ...]]:
    """A from-mapping. `schema` is that of its table; None when no schema knows the table.

    Returns None when table or record cannot be told, or no field identifies a row.
    """
    return _Reader(source, schema).read()


class _Reader:
    """Collects findings while one mapping is read."""

    def __init__(self, source: Source, schema: SchemaTable | None) -> None:
        self.source, self.schema = source, schema
        self.found: list[Finding] = []
        self.side: Side = "finance" if "from-finance" in source.path else "dataverse"

    def fault(
        self, code: str, message: str, *keys: Any, help: str = "", level: Level = "error"
    ) -> None:
        self.found.append(
            Finding(code=code, level=level, message=message, place=self.source.place(*keys),
                    help=help)
        )  # fmt: skip

    def read(self) -> tuple[TableBinding | None, tuple[Finding, ...]]:
        table = self.source.table
        for key in table:
            if key not in _TOP:
                near = alike_in_any_case(key, _TOP)
                self.fault("SRC002", f"unknown key `{shown(key)}`", key, help=_choose(near, _TOP))
        name, record = table.get("table"), table.get("record")
        if not isinstance(name, str) or not name:
            self.fault("MAP545", "`table` does not name a table", help="Write table = \"...\".")
            return None, tuple(self.found)
        if not isinstance(record, str) or record not in RECORDS:
            near = alike_in_any_case(str(record), RECORDS)
            self.fault("MAP540", f"unknown record `{shown(record)}`", "record",
                       help=_choose(near, sorted(RECORDS)))  # fmt: skip
            return None, tuple(self.found)
        tag = self._tag(table, ())
        if self.schema is None and tag is None:
            self.fault("MAP542", f"unknown table `{shown(name)}`", "table",
                       help='Correct the name, or add tag = "unknown" until it is proven.')
        binding = self._assemble(name, record, tag)
        return binding, tuple(self.found)

    def _assemble(self, name: str, record: str, tag: Tag | None) -> TableBinding | None:
        kind = RECORDS[record]
        types = field_types(kind)
        fields = self._fields("field", types, tag)
        fields += self._fields("custom", None, tag)
        constants = self._constants(types, fields)
        key = self._key(tag)
        fields = self._distinct(fields)
        bound = {b.field for b in fields}
        if not key and "id" not in bound:
            self.fault("MAP545", f"nothing identifies a row of `{shown(name)}`", "field",
                       help="Bind the field `id`, or name the key columns: key = [...].")
            return None
        lacking = () if has_errors(self.found) else set(types) - bound - set(constants) - {"id"}
        for missing in sorted(lacking):
            self.fault("MAP546", f"field `{missing}` of {record} has no column", "field",
                       level="warning", help="It is missing on every record; rules see it so.")
        schema_set = self.schema.set if self.schema else ""
        said = self.source.table.get("set")
        return TableBinding(
            path=self.source.path, table=name, set=said if isinstance(said, str) else schema_set,
            record=record, kind=kind, side=self.side, fields=tuple(fields), key=key,
            constants=constants, tag=tag or "documented",
            is_needed=self.source.table.get("needed") is True,
        )  # fmt: skip

    def _fields(self, part: str, types: dict[str, type] | None, tag: Tag | None) -> list[Bound]:
        entries = self.source.table.get(part, {})
        if not isinstance(entries, Mapping) or len(entries) > FIELDS_MAX:
            self.fault("MAP545", f"[{part}] is not a table of at most {FIELDS_MAX} fields", part)
            return []
        found = []
        for field, entry in entries.items():
            if types is not None and field not in types:
                self.fault("MAP541", f"unknown field `{shown(field)}`", part, field,
                           help=_choose(alike_in_any_case(field, types), sorted(types)))
                continue
            if types is None and not (field.isascii() and field.isidentifier()
                                      and field.islower() and len(field) <= 60):  # fmt: skip
                self.fault("MAP545", f"`{shown(field)}` cannot be a field name", part, field,
                           help="Use lower case letters, digits and underscores.")
                continue
            bound = self._bound(part, field, entry, types, tag)
            if bound is not None:
                found.append(bound)
        return found

    def _bound(
        self, part: str, field: str, entry: Any, types: dict[str, type] | None, tag: Tag | None
    ) -> Bound | None:
        where = (part, field)
        column = entry.get("column") if isinstance(entry, Mapping) else None
        if not isinstance(column, str) or not column or not column.isprintable():
            self.fault("MAP545", f"`{field}` does not name a column", *where,
                       help='Write it as { column = "..." }.')  # fmt: skip
            return None
        for key in entry:
            if key not in _ENTRY:
                self.fault("SRC002", f"unknown key `{shown(key)}`", *where, key,
                           help=_choose(alike_in_any_case(key, _ENTRY), _ENTRY))  # fmt: skip
        known = self.schema.column(column) if self.schema else None
        own_tag = self._tag(entry, where)
        if known is None and self.schema is not None:
            self._unknown_column(column, own_tag, where)
        values = self._values(entry, where, known)
        kind = self._kind(entry, where, known, types[field] if types else None, bool(values))
        if kind is None:
            return None
        is_named = entry.get("name") is True
        is_lookup = self.side == "dataverse" and (
            is_named or (known.is_lookup if known else kind == "lookup")
        )
        options = known.options if known else {}
        labels = {label.lower(): c for c, label in _typed(options, values) if c in values}
        labels |= {w.lower(): c for c, w in values.items() if isinstance(w, str) and w}
        said, label = entry.get("inferred", ()), entry.get("label", "")
        inferred = said if isinstance(said, list) else ()
        return Bound(
            field=field if types else "x_" + field,
            column=column,
            wire=LOOKUP_WIRE.format(column) if is_lookup else column,
            kind="text" if is_named else kind,
            values=values,
            labels=labels,
            shown=SHOWN_WIRE.format(column) if is_named and is_lookup else "",
            tag=own_tag or (known.tag if known else None) or tag or "documented",
            inferred=tuple(c for c in inferred if isinstance(c, int | str)),
            upper=entry.get("upper") is True,
            label=label if isinstance(label, str) else "",
            is_day_column=known.day if known else False,
            decimals=DECIMALS_DEFAULT if known and known.type == "Money" else 0,
            is_first_day=entry.get("first_day") is True,
            is_needed=entry.get("needed") is True,
            is_above_zero=entry.get("above_zero") is True,
            place=self.source.place(*where),
        )

    def _unknown_column(self, column: str, tag: Tag | None, where: tuple[str, str]) -> None:
        assert self.schema is not None
        if tag is not None and not self.schema.is_tenant:
            return
        near = self.schema.nearest(column)
        if tag is None and self.schema.is_tenant:  # a tag would not make it appear there
            self.fault("MAP542", f"your environment has no column `{shown(column)}`", *where,
                       help=_choose(near, ()) or "Correct it, or take the field out.")
        elif tag is None:
            self.fault("MAP542", f"unknown column `{shown(column)}` of {self.schema.table}", *where,
                       help=_choose(near, ()) or 'Correct it, or add tag = "unknown".')
        else:
            self.fault("MAP542", f"your environment has no column `{shown(column)}`", *where,
                       level="warning", help=_choose(near, ()) or "The field stays missing.")

    def _kind(
        self, entry: Any, where: tuple[str, str], known: Column | None, plain: type | None,
        has_values: bool,
    ) -> Kind | None:  # fmt: skip
        said = entry.get("type")
        if said is not None and said not in KINDS:
            self.fault("MAP545", f"unknown type `{shown(said)}`", *where, "type",
                       help=_choose(alike_in_any_case(str(said), KINDS), KINDS))  # fmt: skip
            return None
        kind = kind_of(known, said, plain, has_values)
        if entry.get("name") is True:
            kind = "text"
        if not fits(kind, plain or CUSTOM_TYPES[kind], has_values):
            column_type = known.type if known else kind
            self.fault("MAP545", f"a column of type {column_type} does not fill `{where[1]}`",
                       *where, help="Bind another column, or give the words of a choice: values.")
            return None
        return kind

    def _values(
        self, entry: Any, where: tuple[str, str], known: Column | None
    ) -> dict[int | str, str | int]:
        said = entry.get("values", {})
        if not isinstance(said, Mapping) or len(said) > CODES_MAX or any(
            isinstance(word, bool) or not isinstance(word, str | int) for word in said.values()
        ):  # fmt: skip
            self.fault("MAP545", f"values of `{where[1]}` are not codes with words", *where,
                       "values", help='Write them as 192350000 = "cost".')  # fmt: skip
            return {}
        all_whole = all(_is_code(code) for code in said)
        values: dict[int | str, str | int] = {
            int(code) if all_whole else code: word for code, word in said.items()
        }
        inferred = entry.get("inferred", ())
        known_codes = inferred if isinstance(inferred, list | tuple) else ()
        for code in values:
            if known and known.options and not known.has_option(code) and code not in known_codes:
                near = alike_in_any_case(str(code), [*known.options, *known.options.values()])
                self.fault("MAP543", f"`{known.name}` has no option {shown(code)}", *where,
                           "values", str(code),
                           help=_choose(near, ()) or f"Correct it, or add inferred = [{code}].")
        return values

    def _constants(self, types: dict[str, type], fields: list[Bound]) -> dict[str, str]:
        said = self.source.table.get("constant", {})
        found: dict[str, str] = {}
        taken = {b.field for b in fields} | {"id"}
        for field, value in said.items() if isinstance(said, Mapping) else ():
            if field not in types or types[field] is not str or field in taken:
                self.fault("MAP541", f"`{shown(field)}` cannot be constant", "constant", field,
                           help="Name a text field that no column fills.")  # fmt: skip
            elif isinstance(value, str):
                found[field] = value
        return found

    def _key(self, tag: Tag | None) -> tuple[KeyPart, ...]:
        said = self.source.table.get("key", [])
        if not isinstance(said, list) or not all(isinstance(k, str) and k for k in said):
            self.fault("MAP545", "`key` is not a list of columns", "key")
            return ()
        parts = tuple(KeyPart(k.removesuffix("?"), k.endswith("?")) for k in said)
        for part in parts:
            if self.schema and not self.schema.column(part.wire) and tag is None:
                self.fault("MAP542", f"unknown column `{shown(part.wire)}` in the key", "key",
                           help=_choose(self.schema.nearest(part.wire), ()))  # fmt: skip
        return parts

    def _distinct(self, fields: list[Bound]) -> list[Bound]:
        by_wire: dict[str, str] = {}
        kept = []
        for b in fields:
            first = by_wire.setdefault(b.wire, b.field)
            if first != b.field:
                part, field = ("custom", b.field[2:]) if b.field[:2] == "x_" else ("field", b.field)
                self.fault("MAP544", f"column `{shown(b.column)}` fills both `{first}` and "
                           f"`{b.field}`", part, field, help="One column fills one field.")
            else:
                kept.append(b)
        return kept

    def _tag(self, entry: Any, where: tuple[str, ...]) -> Tag | None:
        said = entry.get("tag")
        if said is not None and said not in TAGS:
            self.fault("MAP545", f"unknown tag `{shown(said)}`", *where, "tag",
                       help="It may be: " + ", ".join(get_args(Tag)))  # fmt: skip
            return None
        return said  # type: ignore[no-any-return]


def _typed(
    options: Mapping[str, str], values: Mapping[int | str, str | int]
) -> list[tuple[int | str, str]]:
    """Schema options with codes of the mapping's own kind: whole numbers or symbols."""
    if all(isinstance(code, int) for code in values):
        return [(int(c), label) for c, label in options.items() if _is_code(c)]
    return [(label, label) for label in options.values()]


def _is_code(text: str) -> bool:
    digits = text.removeprefix("-")
    return digits.isascii() and digits.isdigit() and len(digits) <= 10


def _choose(near: tuple[str, ...], known: tuple[str, ...] | list[str]) -> str:
    if near:
        return "Did you mean " + ", ".join(f"`{n}`" for n in near) + "?"
    return "Known: " + ", ".join(known) if known else ""
