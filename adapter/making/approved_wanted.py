"""What the approval of a usage log should have given: cost, and unbilled sales (E2 to E7).

What was approved decides: the approval's quantities, else those of the usage log; prices are
those of its journal lines, else of the log.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal

from msgspec import Struct

from adapter.making.links import Links, is_reversal
from adapter.making.new_actuals import ADJUSTED, CANCELED, COST, POSTED, UNBILLED
from adapter.making.submitted import CHARGEABLE, TIME_AND_MATERIAL, sold_shares
from adapter.making.work_lines import contract_line_of
from adapter.reading.settings import Settings
from adapter.reading.store import Records
from adapter.values.actuals import Actual, Approval, Connection
from adapter.values.field_service import Usage
from adapter.values.forecast_rows import ProjectJournalLine
from adapter.values.project_operations import ContractLine, Project, Task

FIRST = frozenset(("E2", "E3", "E4", "E5", "E6", "E7", "E26", "E27", "E30", "E33"))
ANEW = frozenset(("E8", "E9", "E28"))  # these stand for the original, at their own price
SELECTED = "selected-tasks"


class Part(Struct, frozen=True, kw_only=True):
    """Actuals of one type and billing type that an approval should have made."""

    type: str
    quantity: Decimal
    billing_type: str | None = None
    price: Decimal | None = None  # None: nothing says it
    is_price_sure: bool = False
    discount_percent: Decimal | None = None
    rule: str = ""
    is_sure: bool = True  # whether the quantity is documented


class Wanted(Struct, frozen=True, kw_only=True):
    """What the approval of one usage log asks for. `sales` is None where nobody can say."""

    cost: Part | None
    sales: tuple[Part, ...] | None
    why: str
    rule: str = "R-031"  # why no more than this is expected


class Made:
    """The actuals of a story by the usage log that was approved, and what they came of."""

    def __init__(
        self, records: Records, settings: Settings, known: Mapping[str, Actual], links: Links,
        events: Mapping[str, str], journal: Iterable[ProjectJournalLine],
        is_by: Callable[[Actual], bool],
    ) -> None:  # fmt: skip
        self.records = records
        self.settings = settings
        self.known = known
        self.links = links
        self.events = events
        self.is_by = is_by
        self.is_connected = records.has(Connection)
        self.names_usage = any(a.usage is not None for a in known.values()) or any(
            a.usage is not None for a in records.all(Actual)
        )
        self._of: dict[str, dict[str, Actual]] = {}
        for actual in known.values():
            if actual.usage is not None:
                self._of.setdefault(actual.usage, {})[actual.id] = actual
        self._journal: dict[str, list[ProjectJournalLine]] = {}
        for row in journal:
            if row.usage is not None and row.status != "inactive":
                self._journal.setdefault(row.usage, []).append(row)

    def of(self, usage: Usage) -> list[Actual]:
        """All that came of a usage log. A share that an approver made may not name it, its
        connection does (a known gap, domain 4.4)."""
        found = dict(self._of.get(usage.id, {}))
        for actual in list(found.values()):
            for key in self.links.sold(actual.id):
                if key in self.known:
                    found.setdefault(key, self.known[key])
        return [found[key] for key in sorted(found)]

    def journal(self, usage: Usage, type_: str) -> list[ProjectJournalLine]:
        """What the usage was priced at when it was submitted."""
        return [r for r in self._journal.get(usage.id, ()) if r.transaction_type == type_]

    def is_made_by_approval(self, actual: Actual) -> bool:
        """Whether an actual stands for what the approval made, and was not taken back."""
        if is_reversal(actual, self.links) or actual.billing_status == CANCELED:
            return False
        if actual.adjustment_status == ADJUSTED and actual.billing_status != POSTED:
            return False  # taken back, or made anew
        event = self.events.get(actual.id, "")
        if event in FIRST or (event == "E28" and self.links.replaced(actual.id)):
            return True
        if event in ANEW:
            return event != "E28"
        return not event and actual.origin is None and not self.links.replaced(actual.id)


def wanted_of(
    usage: Usage, approval: Approval | None, live: Sequence[Actual], made: Made
) -> Wanted | None:
    """What an approved usage log should have given; None where nobody can say."""
    used = approval.quantity if approval is not None else None
    used = usage.quantity if used is None else used
    if not used or used < 0:
        return None
    said = approval.billable_quantity if approval is not None else None
    bill = usage.quantity_to_bill if said is None else said
    price, _ = _price(made.journal(usage, COST), usage.unit_cost)
    cost = Part(type=COST, quantity=used, price=price, rule="E2")
    why = f"{used:f} used, {used if bill is None else bill:f} to bill"
    project = made.records.one(Project, usage.project)
    if project is None or project.is_pma:
        return None
    covered = _contract_line(usage, project, live, made)
    if covered is None:
        is_internal = project.contract is None and not any(a.contract for a in live)
        return Wanted(cost=cost, sales=() if is_internal else None, why=why)
    if covered.billing_method is None:
        return Wanted(cost=cost, sales=None, why=why)
    if covered.billing_method != TIME_AND_MATERIAL or covered.includes_material is False:
        return Wanted(cost=cost, sales=(), why=why)
    rows = made.journal(usage, UNBILLED)
    chosen = approval.billing_type if approval is not None else None
    kind = chosen or _billing_type(usage, covered, live, made)
    if kind == "not-available":
        return Wanted(cost=cost, sales=(), why=why)
    price, is_sure = _price(rows, usage.unit_price)
    percents = {r.discount_percent for r in rows if r.billing_type == CHARGEABLE}
    percent = usage.discount_percent or (percents.pop() if len(percents) == 1 else None)
    parts = tuple(
        Part(type=UNBILLED, quantity=share.quantity, billing_type=share.billing_type,
             price=price, is_price_sure=is_sure, rule=share.rule,
             discount_percent=percent if share.billing_type == CHARGEABLE else None,
             is_sure=share.billing_type == CHARGEABLE or chosen is not None)
        for share in sold_shares(used, used if bill is None else bill, kind)
    )  # fmt: skip
    return Wanted(cost=cost, sales=parts, why=why)


def _price(
    rows: Iterable[ProjectJournalLine], said: Decimal | None
) -> tuple[Decimal | None, bool]:
    """The price that journal lines agree on, else that of the log; and whether it is sure."""
    prices = {row.price for row in rows if row.price is not None}
    if prices:
        return (prices.pop(), True) if len(prices) == 1 else (None, False)
    return said, False


def _contract_line(
    usage: Usage, project: Project, live: Iterable[Actual], made: Made
) -> ContractLine | None:
    """The contract line that the actuals name, else the one that covers the usage."""
    keys = {a.contract_line for a in live if a.contract_line is not None}
    if len(keys) == 1:
        return made.records.one(ContractLine, keys.pop())
    return contract_line_of(project, made.records.one(Task, usage.task), made.records)


def _billing_type(usage: Usage, covered: ContractLine, live: Iterable[Actual], made: Made) -> str:
    """Whether the sale is charged: by contract line and task. Whoever approves may choose
    another type, which the approval need not say: what all sales have in common is theirs."""
    kinds = {a.billing_type for a in live if a.transaction_type == UNBILLED}
    chosen = kinds.pop() if len(kinds) == 1 else None
    task = made.records.one(Task, usage.task) if covered.included_tasks == SELECTED else None
    return chosen or (task.billing_type if task is not None else None) or CHARGEABLE
