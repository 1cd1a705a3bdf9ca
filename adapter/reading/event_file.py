"""`mappings/tables/events.toml`: what the sources leave open about actuals and proformas.

Each setting is an inference or a conflict of the sources, named as such; its value is what
`making/events.py` and `making/proforma_life.py` go by. Editing says which fields of which
kind of detail may be edited on a draft.
"""

from collections.abc import Mapping

import msgspec
from msgspec import Struct

from adapter.reading.out_mapping import Faults
from adapter.reading.source import Source
from adapter.values.finding import Finding, shown

TAGS = ("inferred", "conflicting", "unknown")
KINDS = ("time-and-material", "milestone", "product", "advance")
FIELDS = (
    "quantity", "price", "billing_type", "tax", "description", "extended", "applied",
)  # fmt: skip
SETTING_KEYS = ("default", "choices", "tag", "events", "description", "source")


class Inferred(Struct, frozen=True, kw_only=True):
    """The settings of events; the defaults are those of the shipped file."""

    unpaid_is_unbilled: bool = True
    unpaid_is_billed: bool = True
    applied_retainer: str = "negative"
    split_cost: bool = False
    replacement_connected: bool = True
    taken_back_is_canceled: bool = True
    advance_stops_at_invoice: bool = True
    invoice_day_counts: bool = True
    deleted_detail_is_ready: bool = True


INFERRED = Inferred()


class Editing(Struct, frozen=True, kw_only=True):
    """Which fields of each kind of detail may be edited on a draft."""

    name: str
    fields: Mapping[str, tuple[str, ...]]

    def allows(self, kind: str, field: str) -> bool:
        """Whether a field of a kind of detail may be edited."""
        return field in self.fields.get(kind, ())


class EventFile(Struct, frozen=True, kw_only=True):
    """The whole file: the settings, their events, and the ways of editing by name."""

    inferred: Inferred = INFERRED
    events: Mapping[str, tuple[str, ...]] = {}  # setting -> the events it decides
    editing: Mapping[str, Editing] = {}


def parse_event_file(source: Source) -> tuple[EventFile, tuple[Finding, ...]]:
    """The file as values; what is not understood is a finding and keeps its default."""
    faults = Faults()
    for key in source.table:
        if key not in ("setting", "editing"):
            faults.add("SRC002", f"unknown key `{shown(key)}`", source.place(key),
                       "known: setting, editing")  # fmt: skip
    said: dict[str, object] = {}
    events: dict[str, tuple[str, ...]] = {}
    for name, row in _tables(source, "setting", faults):
        if _is_setting(source, name, row, faults):
            said[name] = row["default"]
            events[name] = tuple(str(event) for event in _list(row.get("events")))
    editing = {}
    for name, row in _tables(source, "editing", faults):
        editing[name] = Editing(name=name, fields=_fields(source, name, row, faults))
    inferred = msgspec.convert(said, Inferred)
    return EventFile(inferred=inferred, events=events, editing=editing), tuple(faults)


def _tables(source: Source, part: str, faults: Faults) -> list[tuple[str, Mapping[str, object]]]:
    found = source.table.get(part, {})
    if not isinstance(found, Mapping):
        faults.add("SRC020", f"`{part}` is not a table", source.place(part))
        return []
    rows = []
    for name, row in found.items():
        if isinstance(row, Mapping):
            rows.append((str(name), row))
        else:
            faults.add("SRC020", f"[{part}.{shown(name)}] is not a table", source.place(part, name))
    return rows


def _is_setting(source: Source, name: str, row: Mapping[str, object], faults: Faults) -> bool:
    place = source.place("setting", name)
    usual = getattr(INFERRED, name, None) if name in Inferred.__struct_fields__ else None
    if usual is None:
        faults.add("SRC002", f"unknown setting `{shown(name)}`", place,
                   "known: " + ", ".join(Inferred.__struct_fields__))  # fmt: skip
        return False
    for key in row:
        if key not in SETTING_KEYS:
            faults.add("SRC002", f"unknown key `{shown(key)}`", source.place("setting", name, key),
                       "known: " + ", ".join(SETTING_KEYS))  # fmt: skip
    if row.get("tag") not in TAGS:
        faults.add("SRC020", f"setting `{name}` does not say what it rests on", place,
                   "give it a tag: " + ", ".join(TAGS))  # fmt: skip
    choices = _list(row.get("choices"))
    value = row.get("default")
    if type(value) is not type(usual) or (isinstance(usual, str) and value not in choices):
        faults.add("SRC020", f"setting `{name}` cannot be {shown(value)}", place,
                   "it may be: " + (", ".join(map(str, choices)) or "true, false"))  # fmt: skip
        return False
    return True


def _fields(
    source: Source, name: str, row: Mapping[str, object], faults: Faults
) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for kind, fields in row.items():
        wrong = [field for field in _list(fields) if field not in FIELDS]
        if kind not in KINDS or not isinstance(fields, list):
            faults.add(
                "SRC020",
                f"`{shown(kind)}` is no kind of detail with a list of fields",
                source.place("editing", name, kind),
                "known: " + ", ".join(KINDS),
            )
        elif wrong:
            faults.add(
                "SRC020",
                f"a detail has no field `{shown(wrong[0])}` that is edited",
                source.place("editing", name, kind),
                "known: " + ", ".join(FIELDS),
            )
        else:
            found[kind] = tuple(str(field) for field in fields)
    return found


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []
