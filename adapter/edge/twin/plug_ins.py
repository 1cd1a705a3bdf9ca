"""What plug-ins of Field Service and Project Operations do, as far as it touches Fieldledger.

Refusals come as plug-ins give them: 400 with 0x80040265. Names that no source gives are the
twin's own and can be set: the column of a posted adjustment, the action and the column of a
confirmation.
"""

from collections.abc import Callable
from decimal import Decimal

from adapter.edge.twin.answers import Asked, TwinAnswer, nothing
from adapter.edge.twin.dataverse_store import DataverseStore, held
from adapter.edge.twin.refusal import Refused, absent, unreadable
from adapter.edge.twin.store import Kept, Row

CODE = "0x80040265"
NO_ACTUALS = (
    "The product doesn't support creating actuals either manually or through customizations. "
    "Use entry journals to create new actuals and Correct entries update existing actuals."
)
ESTIMATED, USED = 690970000, 690970001
CONFIRMED = 192350002
CONFIRMED_MAX = 250
CONFIRM_MS = 2_000  # half of it scheduled, half of it processing
SCHEDULE_APIS = (
    "msdyn_CreateProjectV1", "msdyn_CreateTeamMemberV1", "msdyn_CreateOperationSetV1",
    "msdyn_PssCreateV1", "msdyn_PssCreateV2", "msdyn_PssUpdateV1", "msdyn_PssUpdateV2",
    "msdyn_PssDeleteV1", "msdyn_PssDeleteV2", "msdyn_ExecuteOperationSetV1",
    "msdyn_ExecuteOperationSetV3", "msdyn_AbandonOperationSetV1",
)  # fmt: skip


class PlugIns:
    """Rules around rows, and the actions that are no rows."""

    def __init__(self, store: DataverseStore, now_ms: Callable[[], int]) -> None:
        self.store = store
        self.now_ms = now_ms
        self.confirm_action = "twin_ConfirmInvoices"
        self.confirm_ms = CONFIRM_MS
        self.confirming = "twin_bulkconfirmationstatus"
        self.locked: dict[str, tuple[str, object]] = {  # set -> column, value of a closed row
            "invoices": ("msdyn_projectinvoicestatus", CONFIRMED),
            "msdyn_inventoryadjustments": ("twin_posted", True),
        }
        self.lines: dict[str, tuple[str, str]] = {  # set -> lookup, set of its header
            "invoicedetails": ("invoiceid", "invoices"),
            "msdyn_inventoryadjustmentproducts": (
                "msdyn_inventoryadjustment", "msdyn_inventoryadjustments",
            ),
        }  # fmt: skip
        self._due: list[tuple[int, str, str]] = []  # moment, invoice, its status then

    @property
    def actions(self) -> tuple[str, ...]:
        """Unbound actions, as $metadata names them."""
        return (self.confirm_action, *SCHEDULE_APIS)

    def before_create(self, entity: str, row: Row) -> None:
        """Raises Refused for a row that may not be made."""
        if entity == "msdyn_actuals":
            raise Refused(400, CODE, NO_ACTUALS)
        self._check_header(entity, row)

    def before_change(self, entity: str, kept: Kept, changes: Row) -> Row:
        """The changes with what follows from them. Raises Refused for such as may not be."""
        if entity == "msdyn_actuals" and any(n.startswith("msdyn_") for n in changes):
            raise Refused(400, CODE, NO_ACTUALS)
        self._check_open(entity, kept)
        self._check_header(entity, kept.row)
        was, now = (r.get("msdyn_linestatus") for r in (kept.row, changes))
        if was == USED and now == ESTIMATED:
            used = {"msdyn_quantity": Decimal(0), "msdyn_qtytobill": Decimal(0)}
            return {**{n: v for n, v in used.items() if n in kept.row}, **changes}
        return changes

    def before_delete(self, entity: str, kept: Kept) -> None:
        """Raises Refused for a row that may not go."""
        self._check_open(entity, kept)
        self._check_header(entity, kept.row)

    def _check_open(self, entity: str, kept: Kept) -> None:
        column, value = self.locked.get(entity, ("", None))
        if column and kept.row.get(column) == value:
            raise Refused(400, CODE, f"A row of '{entity}' that is closed is read-only.")

    def _check_header(self, entity: str, row: Row) -> None:
        lookup, header = self.lines.get(entity, ("", ""))
        id = held(row, lookup) if lookup else None
        if id is None or header not in self.store.tables:
            return
        kept = self.store.by_id(header, str(id))
        if kept is not None:
            self._check_open(header, kept)

    def action(self, asked: Asked, name: str) -> TwinAnswer | None:
        """The answer to an unbound action; None for a name that is none. Raises Refused."""
        if asked.method != "POST" or name not in self.actions:
            return None
        if name in SCHEDULE_APIS:
            raise Refused(400, CODE, "Application users cannot use the schedule APIs: "
                          "a licensed person is needed.")  # fmt: skip
        invoices = (asked.table() or {}).get("Invoices")
        if not isinstance(invoices, list) or not 0 < len(invoices) <= CONFIRMED_MAX:
            raise unreadable(f"1 to {CONFIRMED_MAX} invoices can be confirmed")
        found = []
        for one in invoices:
            id = str(one.get("invoiceid", "") if isinstance(one, dict) else one)
            kept = self.store.by_id("invoices", id) if "invoices" in self.store.tables else None
            if kept is None:
                raise absent("invoice", id)
            self._check_open("invoices", kept)
            found.append((id, kept))
        for id, kept in found:
            self.store.change(kept, {self.confirming: "Scheduled"})
            now = self.now_ms()
            self._due += [(now + self.confirm_ms // 2, id, "Processing"),
                          (now + self.confirm_ms, id, "Complete")]  # fmt: skip
        return nothing()

    def land(self) -> None:
        """What was begun earlier and is due: invoices become confirmed."""
        now = self.now_ms()
        due = sorted((d for d in self._due if d[0] <= now), key=lambda d: d[0])
        self._due = [d for d in self._due if d[0] > now]
        for _, id, status in due:
            kept = self.store.by_id("invoices", id)
            if kept is None:
                continue
            changes: Row = {self.confirming: status}
            if status == "Complete":
                changes["msdyn_projectinvoicestatus"] = CONFIRMED
            self.store.change(kept, changes)
