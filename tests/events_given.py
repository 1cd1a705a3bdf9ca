"""Events for tests: an approval, what came before, and each event with the domain's numbers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal

from msgspec.structs import replace

from adapter.making.advances import advance_of
from adapter.making.confirm import Detail
from adapter.making.events import Given, apply
from adapter.making.given import Payer
from adapter.making.replay import Standing, after, brought_up
from adapter.making.reverse import Correction
from adapter.values.actuals import Actual
from adapter.values.project_operations import Milestone, Retainer

D = Decimal
SHAPE = Actual(
    id="shape", transaction_class="material", currency="usd", project="p", contract="pc",
    contract_line="cl", contract_customer="pay", customer="acc", product="prod", unit="ea",
    usage="mul", work_order="wo", origin="usage", description="Filter",
    started_at=datetime(2026, 3, 10, 15, tzinfo=UTC),
)  # fmt: skip
MILESTONE = Milestone(id="m", name="M1", amount=D("5000.00"), currency="usd",
                      contract="pc", contract_line="fp", project="p", task="t",
                      invoice_status="ready")  # fmt: skip
RETAINER = Retainer(id="r", name="Advance", amount=D("1000.00"), currency="usd")
LETTERS = {"cost": "C", "unbilled-sales": "U", "billed-sales": "B",
           "resourcing-unit-cost": "R", "inter-organizational-sales": "I"}  # fmt: skip
SHORT = {"chargeable": "ch", "non-chargeable": "nc", "complimentary": "compl"}


def told(one: Actual) -> str:
    """An actual as the domain writes it: U -4/-500.00 ch."""
    kind = SHORT.get(one.billing_type or "", "none")
    return f"{LETTERS[one.transaction_type]} {one.quantity:+f}/{one.amount:+f} {kind}"


def usage(key: str, used: str, cost: str, price: str = "0", **more: object) -> Given:
    said = {"shape": SHAPE, "sales_price": D(price), **more}
    return Given(id=key, used=D(used), cost_price=D(cost), **said)


def happen(*events: tuple[str, Given], start: Standing | None = None) -> Standing:
    """The records after events that must all happen."""
    now = start or Standing(milestones={"m": MILESTONE}, retainers={"r": RETAINER})
    for event, given in events:
        fresh, missing = brought_up(given, now)
        created = apply(event, fresh)
        assert not missing
        assert not created.findings, created.findings
        now = after(now, created)
    return now


def the(standing: Standing, letter: str, at: int = -1) -> Actual:
    """The actual of a type that nothing adjusted, the last unless said otherwise."""
    found = [a for a in standing.actuals.values()
             if LETTERS[a.transaction_type] == letter and a.adjustment_status is None]  # fmt: skip
    return found[at]


APPROVED = happen(("E2", usage("G1", "4", "80", "125")))
APPROVED_FREE = happen(("E5", usage("F", "4", "80", "125", billing_type="non-chargeable")))
INTERNAL = replace(SHAPE, contract=None, contract_line=None, contract_customer=None)
PRESALES = happen(("E7", usage("P", "4", "80", shape=INTERNAL)))
UNUSED = happen(("E2", usage("G11", "2", "55.00", "90.00")))
BY_ENTRY = happen(("E2", Given(id="J", shape=replace(SHAPE, origin="entry-journal"),
    used=D(2), cost_price=D(55), sales_price=D(90))))  # fmt: skip
EIGHT = happen(("E2", usage("G10", "8", "40", "75.00")))
BILLED = happen(("E12", Given(id="INV-1", details=(Detail(original=the(EIGHT, "U")),))),
                start=EIGHT)  # fmt: skip
MILESTONE_BILLED = happen(("E18", Given(id="INV-M", milestones=(MILESTONE,))))
ADVANCED = happen(("E20", Given(id="INV-R", retainers=(RETAINER,))))


def ready(standing: Standing) -> Standing:
    """The same with its last unbilled sales ready to invoice."""
    unbilled = the(standing, "U")
    changed = replace(unbilled, billing_status="ready-to-invoice")
    return Standing(actuals={**standing.actuals, unbilled.id: changed},
                    connections=standing.connections)  # fmt: skip


def everything(standing: Standing) -> tuple[Actual, ...]:
    return tuple(standing.actuals.values())


def correct(quantity: str, price: str | None = None) -> Given:
    return Given(id="COR-1", corrections=(Correction(
        original=the(BILLED, "B"), quantity=D(quantity),
        price=None if price is None else D(price)),))  # fmt: skip


def confirm(standing: Standing, **edited: object) -> Given:
    return Given(id="INV-1", details=(Detail(original=the(standing, "U"), **edited),))


def advances(applied: str) -> Given:
    return Given(id="INV-2", advances=(advance_of(ADVANCED.retainers["r"], D(applied)),))


@dataclass(frozen=True)
class Golden:
    """An event with what stood before, and what it must create and change."""

    event: str
    given: Given
    created: list[str]
    before: Standing = field(default_factory=Standing)
    changed: Mapping[str, object] = field(default_factory=dict)  # of the only changed record


POSTED = {"billing_status": "customer-invoice-posted"}
ADJUSTED = {"adjustment_status": "adjusted"}
CANCELED = {**ADJUSTED, "billing_status": "canceled"}
TIME = {"shape": replace(SHAPE, transaction_class="time", origin="time")}  # fmt: skip
G6 = (Payer(contract_customer="a", percent=D("33.34"), is_rounding=True),
      Payer(contract_customer="b", percent=D("33.33")),
      Payer(contract_customer="c", percent=D("33.33")))  # fmt: skip
G2_SHAPE = replace(SHAPE, discount_percent=D(15))  # fmt: skip

GOLDEN = [
    Golden("E1", Given(id="mul"), []),
    Golden("E2", usage("G1", "4", "80.00", "125.00"),
           ["C +4/+320.00 ch", "U +4/+500.00 ch"]),
    Golden("E3", Given(id="G2", shape=G2_SHAPE, used=D(10), billable=D(6),
                       cost_price=D("11.25"), sales_price=D("19.99")),
           ["C +10/+112.50 ch", "U +6/+119.94 ch", "U +4/+79.96 nc"]),
    Golden("E4", usage("x", "4", "80.00", "125.00", billable=D(5)),
           ["C +4/+320.00 ch", "U +5/+625.00 ch"]),
    Golden("E5", usage("x", "4", "80.00", "125.00", billing_type="complimentary"),
           ["C +4/+320.00 compl", "U +4/+500.00 compl"]),
    Golden("E6", usage("G4", "3", "120.00"), ["C +3/+360.00 ch"]),
    Golden("E7", usage("x", "1.5", "45", shape=INTERNAL), ["C +1.5/+67.50 ch"]),
    Golden("E8", Given(id="quote", actuals=everything(PRESALES), sales_price=D("125.00"),
                       values={"contract": "pc", "contract_line": "cl"}),
           ["C -4/-320.00 ch", "C +4/+320.00 ch", "U +4/+500.00 ch"], PRESALES, ADJUSTED),
    Golden("E9", Given(id="PC", actuals=everything(APPROVED),
                       connections=APPROVED.connections,
                       prices={the(APPROVED, "U").id: D("130.00"),
                               the(APPROVED, "C").id: D("81.00")}),
           ["C -4/-320.00 ch", "C +4/+324.00 ch", "U -4/-500.00 ch", "U +4/+520.00 ch"],
           APPROVED, ADJUSTED),
    Golden("E10", Given(id="G11", actuals=everything(UNUSED)),
           ["C -2/-110.00 ch", "U -2/-180.00 ch"], UNUSED, CANCELED),
    Golden("E11", Given(id="INV-1", actuals=(the(ready(APPROVED), "U"),)), [],
           ready(APPROVED),
           {"billing_status": "customer-invoice-created", "invoice": "INV-1"}),
    Golden("E12", confirm(APPROVED), ["U -4/-500.00 ch", "B +4/+500.00 ch"], APPROVED, POSTED),
    Golden("E13", confirm(APPROVED, quantity=D(3)),
           ["U -4/-500.00 ch", "U +3/+375.00 ch", "U +1/+125.00 nc", "U -3/-375.00 ch",
            "U -1/-125.00 nc", "B +3/+375.00 ch", "B +1/+125.00 nc"],
           APPROVED, {**POSTED, **ADJUSTED}),
    Golden("E14", confirm(APPROVED, quantity=D(5)),
           ["U -4/-500.00 ch", "U +5/+625.00 ch", "U -5/-625.00 ch", "B +5/+625.00 ch"],
           APPROVED, {**POSTED, **ADJUSTED}),
    Golden("E15", confirm(APPROVED_FREE), ["U -4/-500.00 nc", "B +4/+500.00 nc"],
           APPROVED_FREE, POSTED),
    Golden("E16", Given(id="INV-1", details=(Detail(template=the(APPROVED, "U"),
                                                    quantity=D(2)),)),
           ["U +2/+250.00 ch", "U -2/-250.00 ch", "B +2/+250.00 ch"]),
    Golden("E17", Given(id="INV-1", details=(
        Detail(template=the(APPROVED, "U"), quantity=D(2), billing_method="fixed-price"),)),
           ["B +2/+250.00 ch"]),
    Golden("E18", Given(id="INV-M", milestones=(MILESTONE,)), ["B +1/+5000.00 ch"],
           Standing(milestones={"m": MILESTONE}),
           {"invoice_status": "customer-invoice-posted"}),
    Golden("E19", Given(id="COR-M", corrections=(
        Correction(original=the(MILESTONE_BILLED, "B"), milestone=MILESTONE),)),
           ["B -1/-5000.00 ch"], MILESTONE_BILLED, {**ADJUSTED, "invoice_status": "ready"}),
    Golden("E20", Given(id="INV-R", retainers=(RETAINER,)),
           ["B +1/+1000.00 ch", "U -1/-1000.00 ch"], Standing(retainers={"r": RETAINER}),
           {"invoice_status": "customer-invoice-posted", "is_invoiced": True}),
    Golden("E21", advances("1000.00"), ["U +1/+1000.00 ch", "B -1/-1000.00 ch"], ADVANCED,
           {"used_amount": D("1000.00")}),
    Golden("E22", advances("640.00"),
           ["U +1/+1000.00 ch", "U -1/-360.00 ch", "B -1/-640.00 ch"], ADVANCED,
           {"used_amount": D("640.00")}),
    Golden("E23", correct("0"), ["B -8/-600.00 ch", "U +8/+600.00 ch"], BILLED, ADJUSTED),
    Golden("E24", correct("5"),
           ["B -8/-600.00 ch", "U +5/+375.00 ch", "U -5/-375.00 ch", "B +5/+375.00 ch",
            "U +3/+225.00 ch"], BILLED, ADJUSTED),
    Golden("E25", correct("10"),
           ["B -8/-600.00 ch", "U +10/+750.00 ch", "U -10/-750.00 ch", "B +10/+750.00 ch"],
           BILLED, ADJUSTED),
    Golden("E26", usage("G6", "10", "21.40", "33.33", payers=G6),
           ["C +10/+214.00 ch", "U +3.34/+111.32 ch", "U +3.33/+110.99 ch",
            "U +3.33/+110.99 ch"]),
    Golden("E27", usage("G7", "1", "30.00", "50.00", nte_status="failed"),
           ["C +1/+30.00 ch", "U +1/+50.00 ch"]),
    Golden("E28", Given(id="CJ", actuals=everything(APPROVED),
                        connections=APPROVED.connections, values={"project": "q"}),
           ["C -4/-320.00 ch", "C +4/+320.00 ch", "U -4/-500.00 ch", "U +4/+500.00 ch"],
           APPROVED, ADJUSTED),
    Golden("E29", Given(id="EJ", actuals=everything(BY_ENTRY)),
           ["C -2/-110.00 ch", "U -2/-180.00 ch"], BY_ENTRY, CANCELED),
    Golden("E30", Given(id="IC", used=D(2), cost_price=D(70), sales_price=D("75.05"),
                        resourcing_price=D(50), transfer_price=D(70), **TIME),
           ["C +2/+140.00 ch", "U +2/+150.10 ch", "R +2/+100.00 ch", "I +2/+140.00 ch"]),
    Golden("E31", Given(id="lost", actuals=(the(APPROVED, "U"),)), ["U -4/-500.00 ch"],
           APPROVED, CANCELED),
    Golden("E32", Given(id="INV-P", shape=SHAPE, used=D(3), sales_price=D("20.00")),
           ["B +3/+60.00 ch"]),
    Golden("E33", usage("PS", "1", "1650.00", "2400.00"),
           ["C +1/+1650.00 ch", "U +1/+2400.00 ch"]),
    Golden("E34", Given(id="G3", actuals=(the(APPROVED, "C"),), adjustment_value=D("52.35")),
           [], APPROVED, {"adjustment_value": D("52.35")}),
    Golden("E35", Given(id="wo", actuals=everything(APPROVED)),
           ["C -4/-320.00 ch", "U -4/-500.00 ch"], APPROVED, CANCELED),
]  # fmt: skip
