"""Facts: typed values of a dossier under dotted names.

Every field of a joined record is a fact by itself (`work_order.number`). What must be
computed is a function with the `@fact` decorator in one of the `facts_*` modules. Facts
are total: a name of the catalogue always has a value, and missing (`None`) is a value.

A fact has a *group*: the role whose record alone determines it. Values of a group are
computed once per record, not once per actual.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, get_args, get_origin, get_type_hints

from msgspec import Struct

from adapter.deciding.dossier import Dossier, day_in
from adapter.deciding.fold import Fold
from adapter.reading.catalogue import Catalogue, FactSpec
from adapter.reading.settings import Option
from adapter.values.actuals import Actual, Approval
from adapter.values.field_service import (
    Agreement,
    Product,
    Resource,
    Site,
    Unit,
    Usage,
    Warehouse,
    WorkOrder,
    WorkOrderLine,
)
from adapter.values.finance import (
    FinanceCustomer,
    FinanceProject,
    LegalEntity,
    ReleasedProduct,
    StorageGroup,
    TrackingGroup,
)
from adapter.values.project_operations import (
    Account,
    Category,
    Company,
    Contract,
    ContractCustomer,
    ContractLine,
    Currency,
    Invoice,
    Project,
    Task,
)
from adapter.values.record import Record

Value = str | bool | int | Decimal | date | tuple[int, ...] | None
Reader = Callable[[Dossier, Fold], Value]

ROLES: dict[str, type[Record]] = {
    "actual": Actual,
    "original": Actual,
    "usage": Usage,
    "approval": Approval,
    "work_order": WorkOrder,
    "line": WorkOrderLine,
    "agreement": Agreement,
    "project": Project,
    "task": Task,
    "contract": Contract,
    "contract_line": ContractLine,
    "payer": ContractCustomer,
    "customer": Account,
    "account": Account,
    "billing_account": Account,
    "product": Product,
    "unit": Unit,
    "warehouse": Warehouse,
    "site": Site,
    "resource": Resource,
    "currency": Currency,
    "category": Category,
    "company": Company,
    "invoice": Invoice,
    "finance": LegalEntity,
    "released": ReleasedProduct,
    "tracking": TrackingGroup,
    "storage": StorageGroup,
    "finance_project": FinanceProject,
    "finance_customer": FinanceCustomer,
}
PER_ACTUAL = "actual"  # the group of facts that are computed for each actual
PER_COMPANY = "company"  # legal entity, its settings and its environment
KINDS = {str: "text", bool: "flag", Decimal: "number", int: "whole", date: "day", datetime: "day"}


class FactDef(Struct, frozen=True):
    """A fact and how it is read."""

    spec: FactSpec
    read: Reader
    attribute: str = ""  # the role's attribute, where the fact is nothing else


_COMPUTED: dict[str, FactDef] = {}


def fact(
    name: str,
    type: str,
    description: str,
    example: str,
    *,
    source: str = "computed",
    group: str = PER_ACTUAL,
    choices: tuple[str, ...] = (),
) -> Callable[[Reader], Reader]:
    """Register a computed fact. `source` says where the business rule is written down.

    `group` may name a role only if the value depends on that role's record alone (and on
    what hangs on it in the same environment), never on the actual or on the fold.
    """

    def register(read: Reader) -> Reader:
        assert name not in _COMPUTED, f"fact {name} is registered twice"
        assert group in ROLES, f"fact {name} has no group {group}"
        spec = FactSpec(
            name=name, type=type, choices=choices or None, description=description,
            example=example, source=source, group=group,
        )  # fmt: skip
        _COMPUTED[name] = FactDef(spec, read)
        return read

    return register


def field_facts(words: Mapping[tuple[type[Record], str], tuple[str, ...]]) -> list[FactDef]:
    """One fact per field of each role. `words` are the choices that the mappings bind."""
    return [
        _field_fact(role, kind, field, hint, words.get((kind, field), ()))
        for role, kind in ROLES.items()
        for field, hint in get_type_hints(kind, include_extras=True).items()
    ]


def custom_facts(custom: Mapping[type[Record], Mapping[str, str]]) -> list[FactDef]:
    """Facts of the columns that a workspace's mapping adds: `actual.x_region`.

    Records that came from no row lack them, such as the empty actual of a company's own dossier:
    they are read one by one, and are missing there.
    """
    return [
        FactDef(
            FactSpec(name=f"{role}.{field}", type=kind, choices=None,
                     description="column added by a mapping of this workspace", example="",
                     source="workspace", group=role),
            _reader(role, field, False),
        )
        for role, record in ROLES.items()
        for field, kind in custom.get(record, {}).items()
    ]  # fmt: skip


def _field_fact(
    role: str, kind: type[Record], field: str, hint: object, words: tuple[str, ...]
) -> FactDef:
    base, *marks = get_args(hint) if get_origin(hint) is Annotated else (hint,)
    description, _, example = (marks[0] if marks else "").partition(" | ")
    plain = next(t for t in (get_args(base) or (base,)) if t is not type(None))
    is_instant = plain is datetime
    spec = FactSpec(
        name=f"{role}.{field}",
        type="choice" if words else KINDS[plain],
        choices=words or None,
        description=description + (", as a company date" if is_instant else ""),
        example=example,
        source=f"{kind.__name__}.{field}",
        group=PER_ACTUAL if is_instant else role,
    )
    return FactDef(spec, _reader(role, field, is_instant), "" if is_instant else field)


def _reader(role: str, field: str, is_instant: bool) -> Reader:
    def read(d: Dossier, _fold: Fold) -> Value:
        record = getattr(d, role)
        value: Value = None if record is None else getattr(record, field, None)
        return value

    def read_day(d: Dossier, _fold: Fold) -> Value:
        record = getattr(d, role)
        at = None if record is None else getattr(record, field)
        return None if at is None else day_in(at, d.zone)

    return read_day if is_instant else read


def setting_facts(options: Mapping[str, Option]) -> list[FactDef]:
    """One fact per setting of adapter.toml: `setting.work_order_currency`."""
    return [
        FactDef(
            FactSpec(name=f"setting.{name}", type=option.type, choices=option.choices or None,
                     description=option.description, example=str(option.default),
                     source=option.source or "adapter.toml [settings]", group=PER_COMPANY),
            _setting_reader(name),
        )
        for name, option in options.items()
    ]  # fmt: skip


def _setting_reader(name: str) -> Reader:
    return lambda d, _fold: d.settings.options.get(name)


def definitions(
    words: Mapping[tuple[type[Record], str], tuple[str, ...]] | None = None,
    custom: Mapping[type[Record], Mapping[str, str]] | None = None,
    options: Mapping[str, Option] | None = None,
) -> dict[str, FactDef]:
    """All facts by name: fields, custom columns, settings, computed ones (which win)."""
    found = {d.spec.name: d for d in field_facts(words or {})}
    found |= {d.spec.name: d for d in custom_facts(custom or {})}
    found |= {d.spec.name: d for d in setting_facts(options or {})}
    return found | _COMPUTED


def catalogue_of(facts: Iterable[FactDef], declared: Iterable[FactSpec] = ()) -> Catalogue:
    """The catalogue of facts, with those that conclude files declare."""
    specs = {d.spec.name: d.spec for d in facts}
    return Catalogue({spec.name: spec for spec in declared} | specs)
