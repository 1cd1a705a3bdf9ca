"""Running a golden case: plan what is given, do what people do, compare number for number."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Protocol

from msgspec import Struct

from adapter.making.advances import Advance, applied_of, available_of
from adapter.making.confirm import Detail, confirm_proforma, invoice_total, unbilled_sum
from adapter.making.documents import Document
from adapter.making.golden import Event, ExpectedDocument, GoldenCase
from adapter.making.new_actuals import Created
from adapter.making.reverse import Correction, reverse_approval, revise_proforma
from adapter.making.routed import Answer, Routed
from adapter.reading.settings import Settings
from adapter.reading.store import Records
from adapter.values.actuals import Actual
from adapter.values.finding import shown
from adapter.values.money import ZERO
from adapter.values.project_operations import Milestone, Retainer

LETTERS = {"cost": "C", "unbilled-sales": "U", "billed-sales": "B"}


class Planned(Protocol):
    """What a plan must show to be compared."""

    @property
    def verdicts(self) -> Mapping[str, Routed]:
        """The verdict on each actual, by its id."""

    @property
    def documents(self) -> Sequence[Document]:
        """The documents that would be written."""

    @property
    def rows(self) -> Mapping[str, Sequence[str]]:
        """Rows of the domain that each rule stands for, by its id."""


class Planner(Protocol):
    """Plans records that are given as values."""

    def __call__(
        self,
        settings: Settings,
        records: Mapping[str, Records],
        finance: Mapping[str, Records],
        as_of: date,
    ) -> Planned: ...


class Difference(Struct, frozen=True, kw_only=True):
    """Where a case and the plan do not say the same."""

    case: str
    what: str
    expected: str
    found: str

    def __str__(self) -> str:
        return f"{self.case} {self.what}: expected {self.expected}, found {self.found}"


Gap = tuple[str, object, object]  # what, expected, found


def run_golden(case: GoldenCase, planner: Planner | None) -> tuple[Difference, ...]:
    """All differences of one case; empty when it holds.

    Without a planner only the events (confirm, revise, reverse) are compared.
    """
    gaps: list[Gap] = []
    if planner is not None:
        planned = planner(case.settings, case.records, case.finance, case.as_of)
        gaps += verdict_gaps(case, planned)
        gaps += document_gaps(case, planned.documents)
    gaps += event_gaps(case)
    return tuple(
        Difference(case=case.id, what=what, expected=_told(given), found=_told(found))
        for what, given, found in gaps
    )


def verdict_gaps(case: GoldenCase, planned: Planned) -> Iterator[Gap]:
    """Findings and answers per actual.

    Each expected finding must be there; an error that nobody expects is a difference, a
    warning is not.
    """
    for key, expected in case.expect.verdicts.items():
        routed = planned.verdicts.get(key)
        if routed is None:
            yield f"verdict of {key}", expected, "no such actual"
            continue
        names = {f.code: {f.code, *planned.rows.get(f.code, ())} for f in routed.findings}
        errors = {f.code for f in routed.findings if f.level == "error"}
        said = set().union(*names.values()) if names else set()
        surplus = {code for code in errors if not names[code] & set(expected)}
        if not set(expected) <= said or surplus:
            yield f"findings of {key}", sorted(expected), sorted(errors | (said & set(expected)))
    for channel, answers in (("ledger", case.expect.ledger), ("billing", case.expect.billing)):
        for key, wanted in answers.items():
            routed = planned.verdicts.get(key)
            given = "no such actual" if routed is None else answer_of(getattr(routed, channel))
            if given != wanted:
                yield f"{channel} answer of {key}", wanted, given


def answer_of(answer: Answer) -> str:
    """`send journal-line`, `leave` or `hold`."""
    return f"send {answer.document}" if answer.kind == "send" else answer.kind


def document_gaps(case: GoldenCase, documents: Sequence[Document]) -> Iterator[Gap]:
    """Documents that are missing or say something else."""
    expect = case.expect
    if expect.documents is not None and expect.documents != len(documents):
        yield "documents", expect.documents, len(documents)
    for wanted in expect.document:
        fits = [d for d in documents if _is_it(d, wanted)]
        if len(fits) != 1:
            label = wanted.name or wanted.company or ""
            names = ", ".join(f"{d.kind} {d.name}" for d in documents)
            yield f"{wanted.kind} {label}", "one document", names or "none"
            continue
        yield from _document_gaps(wanted, fits[0])


def _is_it(document: Document, wanted: ExpectedDocument) -> bool:
    return (
        document.kind == wanted.kind
        and wanted.name in (None, document.name)
        and wanted.company in (None, document.company)
    )


def _document_gaps(wanted: ExpectedDocument, document: Document) -> Iterator[Gap]:
    name = f"{document.kind} {document.name}"
    if wanted.lines is not None and wanted.lines != len(document.lines):
        yield f"{name} lines", wanted.lines, len(document.lines)
    if wanted.actuals is not None and sorted(wanted.actuals) != sorted(document.actuals):
        yield f"{name} actuals", sorted(wanted.actuals), sorted(document.actuals)
    for label, amount in wanted.totals.items():
        if document.total(label) != amount:
            yield f"{name} total {label}", amount, document.total(label)
    yield from _value_gaps(f"{name} header", wanted.header, document.header)
    yield from _value_gaps(f"{name} memo", wanted.memo, document.memo)
    for row in wanted.line:
        fits = [r for r in rows_of(document) if _named_alike(row, r)]
        if len(fits) != 1:
            yield f"{name} line {_label(row)}", "one line", len(fits)
        else:
            yield from _value_gaps(f"{name} line {_label(row)}", row, fits[0])
    for kept in document.keeps:
        if not kept.is_kept:
            yield f"{name} keeps {kept.type}", kept.given, kept.found


def rows_of(document: Document) -> Iterator[Mapping[str, Any]]:
    """Lines, then their details."""
    yield from document.lines
    for line in document.lines:
        details = line.get("details")
        yield from details if isinstance(details, list) else ()


def _named_alike(wanted: Mapping[str, Any], found: Mapping[str, Any]) -> bool:
    return all(
        found.get(key) == wanted[key] for key in ("actual", "source_id", "name") if key in wanted
    )


def _label(row: Mapping[str, Any]) -> str:
    return str(row.get("actual") or row.get("source_id") or row.get("name"))


def _value_gaps(name: str, wanted: Mapping[str, Any], found: Mapping[str, Any]) -> Iterator[Gap]:
    for key, value in wanted.items():
        given = found.get(key)
        if isinstance(value, list) and isinstance(given, list) and len(value) == len(given):
            for at, (one, other) in enumerate(zip(value, given, strict=True)):
                if isinstance(one, Mapping):
                    yield from _value_gaps(f"{name} {key} {at + 1}", one, other)
                elif one != other:
                    yield f"{name} {key} {at + 1}", one, other
        elif value != given:
            yield f"{name} {key}", value, given


def event_gaps(case: GoldenCase) -> Iterator[Gap]:
    """What people do after the plan, on the actuals of the case, one event after another."""
    records = next(iter(case.records.values()))
    known = {actual.id: actual for actual in records.all(Actual)}
    open_before = list(known.values())
    for at, event in enumerate(case.events, start=1):
        name = f"event {at} ({event.do})"
        created = happened(event, known, records)
        open_before += created.actuals
        told = [told_actual(actual) for actual in created.actuals]
        if told != list(event.created):
            yield f"{name} created", event.created, told
        codes = [f.code for f in created.findings]
        if codes != list(event.find):
            yield f"{name} findings", event.find, codes
        for record, fields in event.changed.items():
            for field, value in fields.items():
                if created.changed(record, field) != value:
                    yield f"{name} {record}.{field}", value, created.changed(record, field)
        total = invoice_total(created.actuals)
        if event.total is not None and total != event.total:
            yield f"{name} total", event.total, total
        left = unbilled_sum(a for a in open_before if a.transaction_class != "retainer")
        if event.backlog is not None and left != event.backlog:
            yield f"{name} backlog", event.backlog, left


def happened(event: Event, known: Mapping[str, Actual], records: Records) -> Created:
    """What one event creates. Raises KeyError for an actual that the case does not give."""
    if event.do == "reverse":
        return reverse_approval([known[d.actual] for d in event.detail], event=event.invoice)
    if event.do == "revise":
        corrections = [
            Correction(
                original=known[d.actual],
                quantity=d.quantity if d.quantity is not None else ZERO,
                price=d.price,
                milestone=records.one(Milestone, d.milestone),
            )
            for d in event.detail
        ]
        return revise_proforma(corrections, invoice=event.invoice)
    details = [
        Detail(
            original=None if d.added else known[d.actual],
            template=known[d.actual] if d.added else None,
            quantity=d.quantity,
            price=d.price,
            billing_type=d.billing_type,
        )
        for d in event.detail
    ]
    return confirm_proforma(
        details,
        [m for m in records.all(Milestone) if m.id in event.milestones],
        [r for r in records.all(Retainer) if r.id in event.retainers],
        list(_advances(event, records)),
        invoice=event.invoice,
    )


def _advances(event: Event, records: Records) -> Iterator[Advance]:
    for wanted in event.advances:
        retainer = records.one(Retainer, wanted.retainer)
        if retainer is None:
            continue
        available = available_of(retainer)
        applied = applied_of(available, wanted.invoice, wanted.wanted)
        yield Advance(retainer=retainer.id, name=retainer.name or retainer.id,
                      available=available, applied=applied, left=available - applied,
                      used=retainer.used_amount or ZERO)  # fmt: skip


def told_actual(actual: Actual) -> str:
    """An actual as a case writes it: `U -4/-500.00 chargeable`."""
    letter = LETTERS.get(actual.transaction_type or "", "?")
    klass = actual.transaction_class or ""
    kind = klass if klass in ("milestone", "retainer") else actual.billing_type or ""
    return f"{letter} {_signed(actual.quantity)}/{_signed(actual.amount)} {kind}"


def _signed(value: Decimal | None) -> str:
    return "none" if value is None else f"{value:+f}"


def _told(value: object) -> str:
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_told(v) for v in value) + "]"
    return shown(value)
