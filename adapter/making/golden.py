"""Golden cases: whole records in, verdicts, documents and created actuals out, as text files.

A file has `[[case]]` tables laid upon a base (a company with its reference rows); a row
with an id that the base has changes that row field by field. What a case expects is
compared by `golden_run.py`.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import msgspec
from msgspec import Struct

from adapter.reading.settings import CompanySetting, EnvironmentSetting, Settings
from adapter.reading.source import Source
from adapter.reading.store import Records, RecordsInMemory
from adapter.values.finding import Finding, shown
from adapter.values.record import Record
from adapter.values.records import RECORDS

Table = Mapping[str, Any]
NOT_UNDERSTOOD = "SRC090"
NONE = "(none)"
FILE_KEYS = ("base", "source", "as_of", "leaves", "case")
PARTS = ("environments", "companies", "settings", "usual", "records", "finance")
CASE_KEYS = (*PARTS, "name", "rule", "as_of", "expect", "event")


class ExpectedDocument(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one document must be; only what is said is compared."""

    kind: str
    name: str | None = None
    company: str | None = None
    lines: int | None = None
    actuals: list[str] | None = None
    totals: dict[str, Decimal] = {}
    header: dict[str, Any] = {}
    memo: dict[str, Any] = {}
    line: list[dict[str, Any]] = []  # each names its line by `actual`, `source_id` or `name`


class Expected(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a plan must say: findings per actual, answers per channel, documents."""

    verdicts: dict[str, list[str]] = {}  # codes, or rows of the domain such as R-099
    ledger: dict[str, str] = {}  # actual -> send document | leave | hold
    billing: dict[str, str] = {}
    documents: int | None = None
    document: list[ExpectedDocument] = []


class EventDetail(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A line detail of an invoice, or an actual to be corrected, with its edited values."""

    actual: str
    quantity: Decimal | None = None
    price: Decimal | None = None
    billing_type: str | None = None
    added: bool = False  # by hand: the actual gives only the shape
    milestone: str | None = None


class EventAdvance(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A retainer on an invoice: how much is wanted, None for as much as possible."""

    retainer: str
    invoice: Decimal
    wanted: Decimal | None = None


class Event(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something people do after the plan, and the actuals it must create, in order."""

    do: str  # confirm, revise, reverse
    invoice: str = "INV"
    detail: list[EventDetail] = []
    milestones: list[str] = []
    retainers: list[str] = []
    advances: list[EventAdvance] = []
    created: list[str] = []  # such as `U -4/-500.00 chargeable`
    changed: dict[str, dict[str, Any]] = {}
    find: list[str] = []
    total: Decimal | None = None  # of the invoice
    backlog: Decimal | None = None  # sum of all unbilled sales of the case, retainers apart


class GoldenCase(Struct, frozen=True, kw_only=True):
    """One case: what is given and what must come out."""

    id: str  # G05/2
    name: str
    source: str
    leaves: tuple[str, ...]
    as_of: date
    settings: Settings
    records: Mapping[str, Records]
    finance: Mapping[str, Records]
    expect: Expected
    events: tuple[Event, ...] = ()


def parse_golden(
    source: Source, bases: Mapping[str, Source]
) -> tuple[tuple[GoldenCase, ...], tuple[Finding, ...]]:
    """The cases of one file, and findings where it is not understood.

    `bases` are the base files by name (`base_core.toml` is `core`). A case with a finding is
    left out, the others go on.
    """
    found: list[Finding] = []
    cases: list[GoldenCase] = []
    table = source.table
    _check_keys(source, table, FILE_KEYS, (), found)
    name = table.get("base", "")
    base = bases.get(name) if isinstance(name, str) else None
    if base is None:
        found.append(_fault(source, ("base",), f"no base is called `{shown(name)}`",
                            "bases: " + ", ".join(sorted(bases))))  # fmt: skip
        return (), tuple(found)
    rows = table.get("case")
    if not isinstance(rows, list) or not rows:
        found.append(_fault(source, (), "the file has no [[case]]", "Add a [[case]] table."))
        return (), tuple(found)
    for at, row in enumerate(rows):
        before = len(found)
        case = _case(source, base.table, row, at, found) if isinstance(row, dict) else None
        if case is not None and len(found) == before:
            cases.append(case)
    return tuple(cases), tuple(found)


def _case(
    source: Source, base: Table, row: Table, at: int, found: list[Finding]
) -> GoldenCase | None:
    where = ("case", at)
    _check_keys(source, row, CASE_KEYS, where, found)
    try:
        parts = {part: laid(base.get(part, {}), row.get(part, {})) for part in PARTS}
        settings = settings_of(parts)
        names = list(settings.environments)
        records = records_of(parts["records"], parts["usual"])
        finance = records_of(parts["finance"], parts["usual"])
        as_of = row.get("as_of", source.table.get("as_of", base.get("as_of")))
        return GoldenCase(
            id=f"{stem_of(source.path)}/{at + 1}",
            name=msgspec.convert(row.get("name"), str),
            source=msgspec.convert(source.table.get("source", ""), str),
            leaves=msgspec.convert(source.table.get("leaves", []), tuple[str, ...]),
            as_of=msgspec.convert(as_of, date),
            settings=settings,
            records=dict.fromkeys(names, records),
            finance={n: finance for n in names if settings.environments[n].finance is not None},
            expect=msgspec.convert(row.get("expect", {}), Expected),
            events=msgspec.convert(row.get("event", []), tuple[Event, ...]),
        )
    except (msgspec.ValidationError, TypeError, KeyError) as error:
        found.append(_fault(source, where, f"the case does not fit: {error}",
                            "Compare it with the fields in `fieldledger facts`."))  # fmt: skip
        return None


def settings_of(parts: Mapping[str, Table]) -> Settings:
    """Settings of a case from its environments, companies and options."""
    environments = msgspec.convert(parts["environments"], dict[str, EnvironmentSetting])
    companies = msgspec.convert(parts["companies"], dict[str, CompanySetting])
    replace = msgspec.structs.replace
    return Settings(
        name="golden",
        environments={k: replace(v, name=k) for k, v in environments.items()},
        companies={k: replace(v, code=k) for k, v in companies.items()},
        options=dict(parts["settings"]),
    )


def records_of(tables: Table, usual: Table) -> RecordsInMemory:
    """Typed records of `records.<name>` rows; `usual.<name>` are the fields a row leaves out.

    Raises KeyError for an unknown record, msgspec.ValidationError for a field that does not
    fit.
    """
    typed: dict[type[Record], dict[str, Record]] = {}
    for name, rows in tables.items():
        kind = RECORDS[name]
        _fields_known(name, kind, rows)
        said = usual.get(name, {})
        found = [msgspec.convert(_without_blanks({**said, **row}), kind) for row in rows]
        typed[kind] = {record.id: record for record in found}
    return RecordsInMemory(typed)


def _without_blanks(row: Table) -> Table:
    """The row without the fields that it leaves empty: `(none)` takes away what is usual."""
    return {field: value for field, value in row.items() if value != NONE}


def _fields_known(name: str, kind: type[Record], rows: Sequence[Table]) -> None:
    known = set(kind.__struct_fields__)
    for row in rows:
        unknown = sorted(set(row) - known)
        if unknown:
            raise KeyError(f"{name} has no field {', '.join(unknown)}")


def laid(under: Any, over: Any) -> Any:
    """`over` laid upon `under`: tables key by key, lists of rows with an id row by row."""
    if isinstance(under, Mapping) and isinstance(over, Mapping):
        return {**under, **{k: laid(under.get(k), v) for k, v in over.items()}}
    if _are_rows(under) and _are_rows(over):
        rows = {row["id"]: row for row in under}
        for row in over:
            rows[row["id"]] = {**rows.get(row["id"], {}), **row}
        return [row for row in rows.values() if not row.get("absent")]
    return over


def _are_rows(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(x, Mapping) and "id" in x for x in value)


def stem_of(path: str) -> str:
    """`G05` of `tests/cases/golden/G05.toml`."""
    return path.replace("\\", "/").rsplit("/", 1)[-1].removesuffix(".toml")


def _check_keys(
    source: Source, table: Table, known: Sequence[str], where: tuple[str | int, ...],
    found: list[Finding],
) -> None:  # fmt: skip
    for key in table:
        if key not in known:
            found.append(_fault(source, (*where, key), f"unknown key `{shown(key)}`",
                                "known: " + ", ".join(known)))  # fmt: skip


def _fault(source: Source, where: tuple[str | int, ...], message: str, help: str) -> Finding:
    return Finding(code=NOT_UNDERSTOOD, level="error", message=message,
                   place=source.place(*where), help=help)  # fmt: skip
