"""From the bytes of one JSON row to a typed record, fast when the row fits, exact when not.

For each layout a struct type is made that names the columns as they travel; msgspec decodes
into it, and a generated function puts our words in place of option codes and checks bounds.
A row that this way refuses is read again, value by value, and each misfit is reported.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from adapter.reading.bound import KEY_SEPARATOR, Bound, Layout
from adapter.reading.cells import (
    NO_DAY,
    NUMBER_LENGTH_MAX,
    YEARS,
    TooLong,
    exact_number,
    is_guid,
    plain_id,
    written_number,
)
from adapter.reading.numbers_read import PLAIN_LENGTH, NumbersRead, WholesRead
from adapter.values.money import canonical, is_money
from adapter.values.record import Record

Finish = Callable[[Any], None]
Decode = Callable[[bytes], Any]
Aware = Annotated[datetime, Meta(tz=True)]

# The id `v` is perhaps not in its plain form: a GUID of 36 signs in lower case mostly is.
_NOT_PLAIN = "len(v) != 36 or not v.islower() or v.strip() is not v"
_NUMBERS = NumbersRead()
_WHOLES: dict[int, WholesRead] = {}  # by decimals
IDS_MAX = 50_000  # ids that are remembered
_PLAIN: set[str | None] = {None}  # ids in their plain form, and none at all
UNBOUND = "="  # a column name that no table has, for fields that no column fills

REFUSED = (msgspec.MsgspecError, ValueError, LookupError, ArithmeticError, RecursionError)

_generic = msgspec.json.Decoder(float_hook=exact_number)
_keys_only = msgspec.json.Decoder(dict[str, msgspec.Raw])


class Misfit(ValueError):
    """A row that the fast way does not take; the exact way says why."""


def parse_row(raw: bytes) -> dict[str, object]:
    """One JSON object with exact numbers. Raises one of REFUSED."""
    try:
        row = _generic.decode(raw)
    except msgspec.ValidationError:  # a whole number that no machine word holds
        return {key: _value_of(bytes(value)) for key, value in _keys_only.decode(raw).items()}
    if not isinstance(row, dict):
        raise Misfit("the row is not an object { ... }")
    return row


def _value_of(raw: bytes) -> object:
    try:
        return _generic.decode(raw)
    except msgspec.ValidationError:
        return TooLong(len(raw))


class RowDecoder:
    """Decodes rows of one layout."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.record_class = _record_class(layout, date)
        self._ways = [_way(self.record_class, _finish_of(layout, False))]
        if any(b.kind == "day" for b in layout.fields):
            by_instant = _record_class(layout, Aware)
            self._ways.insert(0, _way(by_instant, _finish_of(layout, True)))

    def ways(self) -> list[tuple[Decode, Finish]]:
        """How a row may be decoded: days as instants (as Dataverse mostly sends), as days.

        A record is complete when `finish` has taken what `decode` gave. Both raise one of
        REFUSED when the row does not fit.
        """
        return self._ways

    def decode(self, raw: bytes) -> Record:
        """One row that was read before. Raises one of REFUSED when it does not fit."""
        for decode, finish in self._ways:
            try:
                record = decode(raw)
                finish(record)
            except REFUSED:
                continue
            return record  # type: ignore[no-any-return]
        raise Misfit("the row does not fit")

    def build(self, values: Mapping[str, object]) -> Record:
        """A record of values that were read one by one; the others are missing."""
        record: Record = self.record_class(**values)
        return record


def _way(kind: type[Any], finish: Finish) -> tuple[Decode, Finish]:
    return msgspec.json.Decoder(kind, float_hook=_NUMBERS.__getitem__).decode, finish


def _record_class(layout: Layout, day: Any) -> type[Any]:
    """The record's own type with the columns' names; unbound fields take no column."""
    rename: dict[str, str] = {}
    fields: list[tuple[str, Any, Any]] = []
    for name in layout.kind.__struct_fields__:
        if layout.bound(name) is None:
            rename[name] = UNBOUND + name
            plain = "" if name == "id" else layout.constants.get(name)
            fields.append((name, str | None, plain))
    for b in layout.fields:
        rename[b.field] = b.shown or b.wire
        if b.shown:
            rename[_stand_in(b)] = b.wire
            fields.append((_stand_in(b), str | None, None))
        if b.field != "id":
            fields.append((b.field, _wire_type(b, layout, day), None))
    bound_wires = set(rename.values())
    for i, part in enumerate(layout.key):
        if part.wire not in bound_wires:
            rename[_part(i)] = part.wire
            fields.append((_part(i), str | None, None))
    own: list[Any] = [("id", str)] if layout.bound("id") else []
    return msgspec.defstruct(
        layout.kind.__name__ + "Row", own + fields, bases=(layout.kind,), rename=rename,
        frozen=True, kw_only=True, gc=False,
    )  # fmt: skip


def _wire_type(b: Bound, layout: Layout, day: Any) -> Any:
    if b.kind == "choice":
        return (int if all(isinstance(c, int) for c in b.values) else str) | None
    if b.kind == "flag":
        return (str | bool if layout.side == "finance" else bool) | None
    kinds: dict[str, Any] = {"number": Any, "whole": int, "day": day, "instant": Aware}
    return kinds.get(b.kind, str) | None


def _stand_in(b: Bound) -> str:
    return f"id_of_{b.field}"


def _part(i: int) -> str:
    return f"key_part_{i}"


def _finish_of(layout: Layout, days_are_instants: bool) -> Finish:
    """Generated code that settles what JSON cannot say; every name in it is ours."""
    scope: dict[str, Any] = {
        "put": msgspec.structs.force_setattr, "Misfit": Misfit, "is_money": is_money,
        "canonical": canonical, "is_guid": is_guid, "plain_id": plain_id,
        "plain": _PLAIN, "are_plain": _PLAIN.issuperset, "plain_of": _plain_of,
        "Decimal": Decimal, "number_of": _number_of,
        "utc": UTC, "flags": {"Yes": True, "No": False},
        "no_day": NO_DAY,
    }  # fmt: skip
    lines = ["def finish(r):", *_lookup_lines(layout)]
    for i, b in enumerate(layout.fields):
        if b.kind == "number":
            scope[f"forms{b.decimals}"] = _NUMBERS.forms(b.decimals)
            scope[f"wholes{b.decimals}"] = _WHOLES.setdefault(b.decimals, WholesRead(b.decimals))
        scope[f"words{i}"] = {c: (w if w != "" else None) for c, w in b.values.items()}
        lines += _lines_of(b, i, layout, days_are_instants)
    lines += _key_lines(layout)
    exec("\n".join([*lines, "    return None"]), scope)
    finish: Finish = scope["finish"]
    return finish


def _lookup_lines(layout: Layout) -> list[str]:
    """All ids of other rows at once: mostly they are plain, and known to be so."""
    fields = [b.field for b in layout.fields if b.kind == "lookup" and b.field != "id"]
    if not fields:
        return []
    lines = [f"    if not are_plain(({', '.join(f'r.{field}' for field in fields)},)):"]
    for field in fields:
        lines += [f"        v = r.{field}",
                  f"        if v not in plain: put(r, {field!r}, plain_of(v) or None)"]  # fmt: skip
    return lines


def _lines_of(b: Bound, i: int, layout: Layout, days_are_instants: bool) -> list[str]:
    name, get = repr(b.field), f"    v = r.{b.field}"
    some = [get, "    if v is not None:"]
    lines: list[str] = []
    if b.field == "id":
        lines = [get, f"    if {_NOT_PLAIN}:", "        v = plain_id(v)",
                 "        if not v: raise Misfit", "        put(r, 'id', v)"]  # fmt: skip
    elif b.kind == "choice":
        lines = [*some, f"        put(r, {name}, words{i}[v])"]
    elif b.kind == "number":
        lines = [*some, f"        c = forms{b.decimals}.get(id(v))",
                 "        if c is not None: c = c[1]",
                 f"        elif v.__class__ is int: c = wholes{b.decimals}[v]",
                 "        if c is None:",
                 "            c = v if v.__class__ is Decimal else ("
                 "Decimal(v) if v.__class__ is int else number_of(v))",
                 "            s = str(c)",
                 f"            if (len(s) > {PLAIN_LENGTH} or 'E' in s or s[-1] > '9')"
                 f" and (len(s) > {NUMBER_LENGTH_MAX} or not is_money(c)):",
                 "                raise Misfit",
                 f"            c = canonical(c, {b.decimals})",
                 f"        if c is not v: put(r, {name}, c)"]  # fmt: skip
        lines += ["        if c <= 0: raise Misfit"] if b.is_above_zero else []
    elif b.kind == "whole" and b.is_above_zero:
        lines = [*some, "        if v <= 0: raise Misfit"]
    elif b.kind == "flag" and layout.side == "finance":
        lines = [get, "    if v.__class__ is str:", f"        put(r, {name}, flags[v])"]
    elif b.kind == "instant":
        lines = [*some, "        if v.tzinfo is not utc:",
                 "            v = v.astimezone(utc)", f"            put(r, {name}, v)",
                 f"        if not {YEARS.start} <= v.year < {YEARS.stop}: raise Misfit"]
    elif b.kind == "day":
        lines = some
        if days_are_instants:
            lines += ["        if v.hour % 12 or v.minute or v.second or v.microsecond"
                      " or v.tzinfo is not utc: raise Misfit",  # a day is noon or midnight
                      "        v = v.date()", f"        put(r, {name}, v)"]  # fmt: skip
        lines += ["        pass"] if b.is_first_day else [
            "        if v <= no_day:",
            f"            if v.year < {YEARS.start}: raise Misfit",
            f"            if v == no_day: put(r, {name}, None)",
        ]  # fmt: skip
    elif b.kind == "text":
        if b.shown:
            lines += [get, f"    if (not v or v.isspace()) and r.{_stand_in(b)}:",
                      f"        if is_guid(r.{_stand_in(b)}): raise Misfit",
                      f"        put(r, {name}, r.{_stand_in(b)})"]  # fmt: skip
        lines += [get, "    if v is not None and (not v or v.isspace()):",
                  f"        put(r, {name}, None)"]  # fmt: skip
        if b.upper:
            lines += [f"    elif v is not None: put(r, {name}, v.upper())"]
    return lines + [f"    if r.{b.field} is None: raise Misfit"] * b.is_needed


def _plain_of(text: str) -> str:
    """An id of another row in its plain form. Those seen in it are remembered: most stand in many
    rows, and to look one up takes a third of the time of looking at it.
    """
    found = plain_id(text)
    if found and found == text:
        if len(_PLAIN) >= IDS_MAX:
            _PLAIN.clear()
            _PLAIN.add(None)
        _PLAIN.add(found)
    return found


def _number_of(value: object) -> Decimal:
    """The number in a text: read here, since msgspec takes `1_50` for 150."""
    found = written_number(value) if isinstance(value, str) else None
    if found is None:
        raise Misfit
    return found


def _key_lines(layout: Layout) -> list[str]:
    if not layout.key:
        return []
    fields = {b.wire: b.field for b in layout.fields}
    lines, parts = [], []
    for i, part in enumerate(layout.key):
        attribute = fields.get(part.wire, _part(i))
        lines.append(f"    k{i} = r.{attribute}")
        if not part.may_be_blank:
            lines.append(f"    if k{i} is None or k{i} == '': raise Misfit")
        parts.append(f"('' if k{i} is None else str(k{i}))")
    joined = f" + {KEY_SEPARATOR!r} + ".join(parts)
    return [*lines, f"    put(r, 'id', {joined})"]


def public_values(record: Struct) -> tuple[object, ...]:
    """The values of a record without the helper fields of its decoding, by field."""
    fields = record.__struct_fields__
    return tuple(getattr(record, f) for f in fields if is_public(f))


def is_public(field: str) -> bool:
    """Whether a field is the record's own, not one of its decoding."""
    return not field.startswith(("id_of_", "key_part_"))
