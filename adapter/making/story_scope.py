"""Which records belong to a story: found by the links that the records themselves have."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from operator import attrgetter, lt
from typing import TypeVar

from msgspec import Struct
from msgspec.structs import replace

from adapter.making.links import role_of
from adapter.making.new_actuals import BILLED, UNBILLED
from adapter.making.story_parts import Subject
from adapter.reading.store import Records
from adapter.values.actuals import Actual, Connection
from adapter.values.field_service import Agreement, TimeEntry, Usage, WorkOrder, WorkOrderLine
from adapter.values.project_operations import (
    Contract,
    Invoice,
    InvoiceLineDetail,
    Milestone,
    Project,
    Retainer,
)
from adapter.values.record import Record

R = TypeVar("R", bound=Record)
RECORDS: Mapping[str, type[Record]] = {
    "work-order": WorkOrder, "project": Project, "contract": Contract, "agreement": Agreement,
    "invoice": Invoice,
}  # fmt: skip
_LINKS = attrgetter("project", "contract", "work_order", "agreement", "voucher")
LINKED: Sequence[tuple[str, type[Record]]] = (
    ("project", Project), ("contract", Contract), ("work-order", WorkOrder),
    ("agreement", Agreement),
)  # fmt: skip


class Scope(Struct, kw_only=True):
    """The records of one story, each once, in the order of their keys."""

    actuals: list[Actual] = []
    orders: list[WorkOrder] = []
    lines: list[WorkOrderLine] = []
    usages: list[Usage] = []
    entries: list[TimeEntry] = []
    invoices: list[Invoice] = []
    details: list[InvoiceLineDetail] = []
    milestones: list[Milestone] = []
    retainers: list[Retainer] = []


def scope_of(subject: Subject, records: Records) -> Scope:
    """The records that a story is told from."""
    return _SCOPES[subject.kind](subject.id, records)


def _of_work_order(key: str, records: Records) -> Scope:
    lines = records.where(WorkOrderLine, "work_order", key)
    usages = [*records.where(Usage, "work_order", key)]
    for line in lines:
        usages += records.where(Usage, "line", line.id)
    actuals = [*records.where(Actual, "work_order", key)]
    for line in lines:
        actuals += records.where(Actual, "line", line.id)
    for usage in usages:
        actuals += records.where(Actual, "usage", usage.id)
    order = records.one(WorkOrder, key)
    return _completed(Scope(
        orders=[order] if order is not None else [], lines=list(lines), usages=usages,
        actuals=actuals, entries=list(records.where(TimeEntry, "work_order", key)),
    ), records)  # fmt: skip


def _of_orders(orders: Iterable[WorkOrder], records: Records) -> Scope:
    scope = Scope(orders=list(orders))
    lines_of = records.finder_by(WorkOrderLine, "work_order")
    usages_of = records.finder_by(Usage, "work_order")
    entries_of = records.finder_by(TimeEntry, "work_order")
    for order in scope.orders:
        scope.lines += lines_of(order.id)
        scope.usages += usages_of(order.id)
        scope.entries += entries_of(order.id)
    return scope


def _of_project(key: str, records: Records) -> Scope:
    scope = _of_orders(records.where(WorkOrder, "project", key), records)
    # What the project has itself comes in order, and before the rest it is quickly in order.
    scope.usages = [*records.where(Usage, "project", key), *scope.usages]
    scope.entries = [*records.where(TimeEntry, "project", key), *scope.entries]
    scope.actuals += records.where(Actual, "project", key)
    scope.milestones += records.where(Milestone, "project", key)
    return _completed(scope, records)


def _of_contract(key: str, records: Records) -> Scope:
    scope = Scope()
    for project in records.where(Project, "contract", key):
        one = _of_orders(records.where(WorkOrder, "project", project.id), records)
        scope.orders += one.orders
        scope.lines += one.lines
        scope.usages += [*one.usages, *records.where(Usage, "project", project.id)]
        scope.entries += [*one.entries, *records.where(TimeEntry, "project", project.id)]
        scope.actuals += records.where(Actual, "project", project.id)
    scope.actuals += records.where(Actual, "contract", key)
    scope.milestones += records.where(Milestone, "contract", key)
    scope.retainers += records.where(Retainer, "contract", key)
    scope.invoices += records.where(Invoice, "contract", key)
    return _completed(scope, records)


def _of_agreement(key: str, records: Records) -> Scope:
    scope = _of_orders(records.where(WorkOrder, "agreement", key), records)
    scope.actuals += records.where(Actual, "agreement", key)
    for order in scope.orders:
        scope.actuals += records.where(Actual, "work_order", order.id)
    return _completed(scope, records)


def _of_invoice(key: str, records: Records) -> Scope:
    scope = Scope(invoices=[i for i in [records.one(Invoice, key)] if i is not None])
    scope.actuals += records.where(Actual, "invoice", key)
    scope.actuals += _opened_again(scope.actuals, records)
    scope.details += records.where(InvoiceLineDetail, "invoice", key)
    for detail in scope.details:
        found = records.one(Actual, detail.actual)
        scope.actuals += [found] if found is not None else []
    return _completed(scope, records)


def _opened_again(actuals: Sequence[Actual], records: Records) -> list[Actual]:
    """What a corrective invoice opened again: it replaces what its billed sales reverse, and stands
    on no invoice (E23, E24)."""
    found: list[Actual] = []
    for actual in actuals:
        if actual.transaction_type == BILLED:
            for original in _ends(actual.id, "Reversing", records):
                new = (records.one(Actual, key) for key in _ends(original, "Original", records))
                found += [one for one in new if one is not None and one.invoice is None
                          and one.transaction_type == UNBILLED]  # fmt: skip
    return found


def _ends(key: str, role: str, records: Records) -> list[str]:
    """The other ends of the connections in which an actual has a role."""
    links = [(c.first_role, c.second) for c in records.where(Connection, "first", key)]
    links += [(c.second_role, c.first) for c in records.where(Connection, "second", key)]
    return [end for said, end in links if end is not None and role_of(said) == role]


def _of_voucher(key: str, records: Records) -> Scope:
    return _completed(Scope(actuals=list(records.where(Actual, "voucher", key))), records)


_SCOPES = {"work-order": _of_work_order, "project": _of_project, "contract": _of_contract,
           "agreement": _of_agreement, "invoice": _of_invoice,
           "voucher": _of_voucher}  # fmt: skip


def _completed(scope: Scope, records: Records) -> Scope:
    """Each record once; and the invoices that its actuals stand on."""
    invoices = dict.fromkeys(a.invoice for a in scope.actuals if a.invoice is not None)
    found = (records.one(Invoice, key) for key in invoices)
    scope.invoices += (invoice for invoice in found if invoice is not None)
    return Scope(**{name: _once(getattr(scope, name)) for name in scope.__struct_fields__})


def _once(found: list[R]) -> list[R]:
    keys = [record.id for record in found]
    if all(map(lt, keys, keys[1:])):
        return found
    by_key = {record.id: record for record in found}
    return [by_key[key] for key in sorted(by_key)]


def as_they_lie(scope: Scope) -> Scope:
    """The same records, for what depends on no order: many as they lie in memory.

    Keys are in another order, so that a look at 100,000 rows by key is mostly waiting for
    memory: it takes a fifth of the time of a very large story.
    """
    return replace(scope, actuals=sorted(scope.actuals, key=id), lines=sorted(scope.lines, key=id),
                   usages=sorted(scope.usages, key=id))  # fmt: skip


def named(records: Records, environment: str, what: str) -> Iterator[Subject]:
    """Whatever has this number, name or id. Vouchers and names are compared letter by letter."""
    name, key = what.strip(), what.strip().strip("{}").lower()
    for kind, record in RECORDS.items():
        columns = ("number", "name") if record in (Project, Contract) else ("number",)
        found: dict[str, Record] = {}
        for spelled in (name, key):
            one = records.one(record, spelled)
            if one is not None:
                found[one.id] = one
        for column in columns:
            found |= {one.id: one for one in records.where(record, column, name)}
        for one in found.values():
            yield subject_of_record(kind, one, environment)
    if records.where(Actual, "voucher", name):
        yield Subject(kind="voucher", id=name, name=name, environment=environment)


def subject_of_record(
    kind: str, record: Record, environment: str, is_unique: bool = True
) -> Subject:
    """The subject of a record of one of the kinds that have stories."""
    number = getattr(record, "number", None) or record.id
    names = ("name", "summary", "system_status") if kind == "agreement" else ("name", "summary")
    title = next(filter(None, (getattr(record, name, None) for name in names)), "")
    return Subject(kind=kind, id=record.id, name=number,  # type: ignore[arg-type]
                   title="" if title == number else title, environment=environment,
                   is_unique=is_unique)  # fmt: skip


def related(subject: Subject, scope: Scope, records: Records) -> list[Subject]:
    """Other stories that this one touches: its project, contract, work orders, invoices."""
    keys: dict[tuple[str, str], Record] = {}

    def keep(kind: str, one: Record | None) -> None:
        if one is not None and (kind, one.id) != (subject.kind, subject.id):
            keys[kind, one.id] = one

    def look(kind: str, record: type[Record], key: str | None) -> None:
        if key is not None and (kind, key) not in keys:
            keep(kind, records.one(record, key))

    for order in scope.orders:
        keep("work-order", order)
        look("project", Project, order.project)
        look("agreement", Agreement, order.agreement)
    linked = set(map(_LINKS, scope.actuals))
    for at, (kind, record) in enumerate(LINKED):
        for key in sorted({links[at] for links in linked if links[at]}):
            look(kind, record, key)
    for invoice in scope.invoices:
        keep("invoice", invoice)
    vouchers = sorted({links[-1] for links in linked if links[-1]})
    made = []
    numbered = {kind: records.finder_by(record, "number") for kind, record in RECORDS.items()}
    for (kind, _), one in keys.items():
        number = getattr(one, "number", None)
        is_unique = number is None or len(numbered[kind](number)) == 1
        made.append(subject_of_record(kind, one, subject.environment, is_unique))
    made += [Subject(kind="voucher", id=v, name=v, environment=subject.environment)
             for v in vouchers if (subject.kind, subject.id) != ("voucher", v)]  # fmt: skip
    return made
