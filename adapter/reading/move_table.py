"""`mappings/tables/move.toml`: what must be closed before a company moves, by whom, and what
changes. Data for implementers; `fieldledger move plan` only counts and quotes it.
"""

from collections.abc import Iterator
from typing import Any, Literal

import msgspec
from msgspec import Struct

from adapter.reading.source import Source
from adapter.values.finding import Finding, shown

MOVE_FILE = "mappings/tables/move.toml"
Model = Literal["core", "integrated", "legacy", "pma"]
MODELS: tuple[Model, ...] = ("core", "integrated", "legacy", "pma")
KINDS = (
    "line-without-usage", "usage-not-submitted", "usage-not-approved", "usage-without-actual",
    "time-not-approved", "time-without-actual", "expense-not-approved", "expense-without-actual",
    "estimate-of-open-work", "forecast-in-finance",
    "unbilled-not-ready", "ready-not-invoiced", "on-draft-proforma", "on-proforma-in-review",
    "proforma-not-confirmed", "milestone-not-invoiced", "retainer-not-invoiced",
    "retainer-not-used-up", "not-journalised", "journalised-not-posted",
    "invoice-not-posted", "stock-reserved", "stock-on-hand", "stock-in-finance",
    "open-work-order", "legacy-work-order", "legacy-used-line", "legacy-sales-order",
    "agreement-generating", "ledger-not-settled", "beyond-the-fence", "without-company",
)  # fmt: skip
HELP = "copy the entry from the shipped mappings/tables/move.toml"

Owner = Literal[
    "technician", "project manager", "project accountant", "warehouse", "administrator"
]
Tag = Literal["documented", "inferred", "conflicting"]
Must = Literal["before", "all", "none"]
Kind = str


class Direction(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """From one model to another: whether a move can be planned, and why (not)."""

    source_model: Model = msgspec.field(name="from")
    target_model: Model = msgspec.field(name="to")
    plans: bool
    reason: str
    source: str
    tag: Tag


class KindRow(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One kind of record in flight, and the old models in which it can be."""

    name: Kind
    models: tuple[Model, ...] = msgspec.field(name="from")
    title: str


class Never(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why some kinds cannot be in flight in some old models."""

    kinds: tuple[Kind, ...]
    models: tuple[Model, ...] = msgspec.field(name="from")
    reason: str
    source: str
    tag: Tag


class Close(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What must be closed of some kinds, and by whom. The first that fits counts.

    `must`: `before` the fence (and what has no day), `all`, or `none`: it may stay open.
    """

    kinds: tuple[Kind, ...]
    models: tuple[Model, ...] = msgspec.field(name="from", default=MODELS)
    must: Must
    owner: Owner
    what: str
    source: str
    tag: Tag


class Change(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is different for some kinds under the new model."""

    kinds: tuple[Kind, ...]
    models: tuple[Model, ...] = msgspec.field(name="to", default=MODELS)
    prices: str
    stock: str
    cost: str
    documents: str
    source: str
    tag: Tag


class MoveTable(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole file."""

    direction: tuple[Direction, ...] = ()
    kind: tuple[KindRow, ...] = ()
    never: tuple[Never, ...] = ()
    close: tuple[Close, ...] = ()
    change: tuple[Change, ...] = ()

    def direction_of(self, source: str, target: str) -> Direction | None:
        """What is said of moving from one model to another; None: nothing."""
        return next((d for d in self.direction
                     if (d.source_model, d.target_model) == (source, target)), None)  # fmt: skip

    def never_of(self, kind: str, source: str) -> Never | None:
        """Why a kind cannot be in flight in the old model `source`; None: nothing says it."""
        return next((n for n in self.never if kind in n.kinds and source in n.models), None)

    def close_of(self, kind: str, source: str) -> Close | None:
        """What closes a kind when a company leaves the old model `source`."""
        return next((c for c in self.close if kind in c.kinds and source in c.models), None)

    def change_of(self, kind: str, target: str) -> Change | None:
        """What changes for a kind under the new model `target`."""
        return next((c for c in self.change if kind in c.kinds and target in c.models), None)


def parse_move(source: Source) -> tuple[MoveTable | None, tuple[Finding, ...]]:
    """The table of a file. MOV001: not understood; MOV002: a kind or direction has no answer."""
    kinds: dict[str, type[Struct]] = {
        "direction": Direction, "kind": KindRow, "never": Never, "close": Close, "change": Change,
    }  # fmt: skip
    parts: dict[str, tuple[Any, ...]] = {}
    found: list[Finding] = []
    for key, rows in source.table.items():
        if key not in kinds or not isinstance(rows, list):
            found.append(_fault("MOV001", source, f"`{shown(key)}` is no array of tables known"
                                " here", "known: " + ", ".join(kinds), key))  # fmt: skip
            continue
        parts[key] = tuple(_rows(source, key, rows, kinds[key], found))
    if found:
        return None, tuple(found)
    table = MoveTable(**parts)
    found += _gaps(source, table)
    return (None if found else table), tuple(found)


def _rows(
    source: Source, key: str, rows: list[Any], kind: type[Struct], found: list[Finding]
) -> Iterator[Struct]:
    for number, row in enumerate(rows):
        try:
            made = msgspec.convert(row, kind)
        except msgspec.ValidationError as error:
            found.append(_fault("MOV001", source, f"[[{key}]] {shown(error)}",
                                "known keys: " + ", ".join(_keys(kind)), key, number))  # fmt: skip
            continue
        named = row.get("kinds", [row["name"]] if "name" in row else [])
        for name in named:
            if name not in KINDS:
                message = f"[[{key}]] no kind is called `{shown(name)}`"
                found.append(_fault("MOV001", source, message, "known: " + ", ".join(KINDS),
                                    key, number))  # fmt: skip
        yield made


def _gaps(source: Source, table: MoveTable) -> Iterator[Finding]:
    rows = {row.name: row for row in table.kind}
    for name in KINDS:
        if name not in rows:
            yield _fault("MOV002", source, f"kind `{name}` has no [[kind]]", HELP)
    for row in table.kind:
        for model in row.models:
            if table.close_of(row.name, model) is None:
                yield _fault("MOV002", source, f"nothing says what closes `{row.name}` in {model}",
                             HELP)  # fmt: skip
    for way in table.direction:
        for row in table.kind if way.plans else ():
            wanted = way.source_model in row.models
            if not wanted and table.never_of(row.name, way.source_model) is None:
                yield _fault("MOV002", source, f"nothing says why `{row.name}` cannot be in"
                             f" flight in {way.source_model}", HELP)  # fmt: skip
            if wanted and table.change_of(row.name, way.target_model) is None:
                yield _fault("MOV002", source, f"nothing says what changes for `{row.name}` in"
                             f" {way.target_model}", HELP)  # fmt: skip


def _keys(kind: type[Struct]) -> tuple[str, ...]:
    return tuple(field.encode_name for field in msgspec.structs.fields(kind))


def _fault(code: str, source: Source, message: str, help: str, *keys: str | int) -> Finding:
    return Finding(code=code, level="error", message=message, place=source.place(*keys), help=help)
