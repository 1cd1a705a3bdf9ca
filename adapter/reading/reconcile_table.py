"""`mappings/tables/reconcile.toml`: what may differ when both sides are compared, how rows are
known that carry no key of ours, and which rows that look like ours a person knows.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec
from msgspec import Struct

from adapter.reading.mapper import payload_names
from adapter.reading.out_mapping import OutMapping
from adapter.reading.rule_hints import nearest
from adapter.reading.schema import Column, SchemaTable, Tag
from adapter.reading.source import Source
from adapter.values.finding import Finding, Level, shown

RECONCILE_FILE = "mappings/tables/reconcile.toml"
BIND = "@odata.bind"


class Reason(Struct, frozen=True, forbid_unknown_fields=True):
    """A column that may say something else on the other side, and why."""

    column: str
    why: str
    tag: Tag = "inferred"


class Way(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One way to know the rows of a mapping in a set. Columns there -> ours, or several of ours
    of which the first that is not zero counts.

    `via`: instead of by what they say, rows are known by the details below them, which name
    them in this column.
    """

    mapping: str
    set: str
    same: dict[str, tuple[str, ...]] = {}  # must be equal: otherwise it is another row
    compare: dict[str, tuple[str, ...]] = {}  # may differ: that is what is reported
    where: dict[str, str | bool | int] = {}  # what a row must say at all
    via: str = ""
    key: str = ""  # column of the set that `via` holds
    read: tuple[str, ...] = ()  # columns that rows above are known by
    tag: Tag = "inferred"

    @property
    def columns(self) -> tuple[str, ...]:
        """What must be read."""
        return tuple(dict.fromkeys((*filter(None, [self.key]), *self.read, *self.where,
                                    *self.same, *self.compare)))  # fmt: skip


class Known(Struct, frozen=True, forbid_unknown_fields=True):
    """A row that looks like ours and is not, as a person says."""

    key: str
    why: str = ""


class ReconcileTable(Struct, frozen=True, kw_only=True):
    """The entries of the file that are understood."""

    reason: tuple[Reason, ...] = ()
    match: tuple[Way, ...] = ()
    known: tuple[Known, ...] = ()


KINDS: dict[str, type[Struct]] = {"reason": Reason, "match": Way, "known": Known}


def parse_reconcile(
    source: Source, mappings: Mapping[str, OutMapping], schemas: Mapping[str, SchemaTable]
) -> tuple[ReconcileTable, tuple[Finding, ...]]:
    """The entries of a file, beside the mappings that they speak of.

    REC001: an entry is not understood; REC002: a mapping or a column of ours that is not there;
    REC003: a reason for a column that no mapping writes; REC004: a column that the tenant's own
    metadata does not have.
    """
    found: list[Finding] = []
    parts: dict[str, list[Any]] = {}
    sent = {name: sent_columns(mapping, schemas) for name, mapping in mappings.items()}
    for key, rows in source.table.items():
        if key not in KINDS or not isinstance(rows, list):
            message = f"`{shown(key)}` is no array of tables known here"
            found.append(_fault("REC001", source, message, nearest(key, KINDS), key))
            continue
        for number, row in enumerate(rows):
            made = _entry(source, key, number, row, found)
            if made is None:
                continue
            parts.setdefault(key, []).append(made)
            if isinstance(made, Way):
                found += _match_faults(source, number, made, sent, schemas)
            elif isinstance(made, Reason):
                found += _reason_faults(source, number, made, sent.values())
    return ReconcileTable(**{key: tuple(rows) for key, rows in parts.items()}), tuple(found)


def _entry(
    source: Source, key: str, number: int, row: object, found: list[Finding]
) -> Struct | None:
    kind = KINDS[key]
    names = tuple(field.encode_name for field in msgspec.structs.fields(kind))
    unknown = [name for name in row if name not in names] if isinstance(row, dict) else []
    if unknown:
        message = f"[[{key}]] has no key `{shown(unknown[0])}`"
        found.append(_fault("REC001", source, message, nearest(unknown[0], names),
                            key, number, unknown[0]))  # fmt: skip
        return None
    try:
        made = msgspec.convert(_with_lists(row), kind)
    except msgspec.ValidationError as error:
        found.append(_fault("REC001", source, f"[[{key}]] {shown(error)}",
                            "known keys: " + ", ".join(names), key, number))  # fmt: skip
        return None
    if isinstance(made, Way) and bool(made.same) == bool(made.via and made.key):
        message = "[[match]] needs either `same`, or `via` together with `key`"
        found.append(_fault("REC001", source, message, "a row is known by what it says, or by the"
                            " details below that name it", key, number))  # fmt: skip
        return None
    return made


def _with_lists(row: object) -> object:
    """The row, with single columns of ours as lists of one."""
    if not isinstance(row, dict):
        return row
    listed = {
        part: {theirs: [ours] if isinstance(ours, str) else ours for theirs, ours in said.items()}
        for part in ("same", "compare") if isinstance(said := row.get(part), dict)
    }  # fmt: skip
    return {**row, **listed}


def _match_faults(
    source: Source, number: int, row: Way, sent: Mapping[str, frozenset[str]],
    schemas: Mapping[str, SchemaTable],
) -> Iterator[Finding]:  # fmt: skip
    ours_of = sent.get(row.mapping)
    if ours_of is None:
        yield _fault("REC002", source, f"no mapping is called `{shown(row.mapping)}`",
                     nearest(row.mapping, sent), "match", number, "mapping",
                     level="warning")  # fmt: skip
        return
    for part, columns in (("same", row.same), ("compare", row.compare)):
        for theirs, ours in columns.items():
            for name in (ours,) if isinstance(ours, str) else ours:
                if name not in ours_of:
                    message = f"`{row.mapping}` writes no column `{shown(name)}`"
                    yield _fault("REC002", source, message, nearest(name, sorted(ours_of)),
                                 "match", number, part, theirs, level="warning")  # fmt: skip
    table = table_of(row, schemas)
    if table is None or not table.is_tenant:
        return
    for name in row.columns:
        if column_there(name, table) is None:
            message = f"your environment's `{shown(row.set)}` has no column `{shown(name)}`"
            yield _fault("REC004", source, message, nearest(name, (c.name for c in table.columns)),
                         "match", number, "set", level="warning")  # fmt: skip


def _reason_faults(
    source: Source, number: int, row: Reason, sent: Iterable[frozenset[str]]
) -> Iterator[Finding]:
    known = {name.removesuffix(BIND) for names in sent for name in names}
    if row.column.lower() not in map(str.lower, known):
        yield _fault("REC003", source, f"no mapping writes a column `{shown(row.column)}`",
                     nearest(row.column, sorted(known), "leave the reason out"), "reason", number,
                     "column", level="note")  # fmt: skip


def sent_columns(mapping: OutMapping, schemas: Mapping[str, SchemaTable]) -> frozenset[str]:
    """The columns of the rows that a mapping makes, as they are written."""
    return frozenset((*payload_names(mapping, schemas).values(), *mapping.links))


def unproven_columns(way: Way, schemas: Mapping[str, SchemaTable]) -> Iterator[str]:
    """The columns there that nobody has proven, each with its tag."""
    table = table_of(way, schemas)
    for name in way.columns:
        column = column_there(name, table) if table is not None else None
        tag = column.tag if column is not None else "unknown"
        if tag != "documented":
            yield f"{name} {tag}"


def table_of(row: Way, schemas: Mapping[str, SchemaTable]) -> SchemaTable | None:
    """The table whose set an entry looks in; None where no schema has it."""
    return next((t for t in schemas.values() if row.set in (t.set, t.table)), None)


def column_there(name: str, table: SchemaTable) -> Column | None:
    """The column that is read under a name: `_x_value` of a lookup is `x`."""
    plain = name[1 : -len("_value")] if name.startswith("_") and name.endswith("_value") else name
    return next((c for c in table.columns if c.name and c.name.lower() == plain.lower()), None)


def _fault(
    code: str, source: Source, message: str, help: str, *keys: str | int, level: Level = "error"
) -> Finding:
    return Finding(code=code, level=level, message=message, place=source.place(*keys), help=help)
