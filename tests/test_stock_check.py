"""Stock asked at submission and at approval, by model (domain R-090..R-093, R-106..R-110)."""

from decimal import Decimal
from itertools import permutations

import pytest
from msgspec.structs import replace

from adapter.making.stock_check import (
    StockRules,
    available_at,
    check_batch,
    check_stock,
    is_in_background,
    place_of,
    reservations,
)
from adapter.values.actuals import Actual
from adapter.values.field_service import Product, ProductInventory, Site, Warehouse
from adapter.values.finance import OnHand
from tests.making_given import tables
from tests.work_given import later, usage, world

D = Decimal
CORE = StockRules(model="core")
CONFIRM = StockRules(model="core", policy="confirm")
FINANCE = StockRules(model="integrated", threshold=10)
FILTER = Product(id="filter", item_number="D0011", product_type="inventory", is_stocked=True)
SCREW = Product(id="screw", product_type="non-inventory", is_stocked=False)


def stock(available: str, warehouse: str = "wh1", product: str = "filter") -> ProductInventory:
    return ProductInventory(id=f"{product}-{warehouse}", product=product, warehouse=warehouse,
                            quantity_available=D(available))  # fmt: skip


def on_hand(available: str, site: str = "1", warehouse: str = "11") -> OnHand:
    return OnHand(id=f"{site}-{warehouse}", company="USPM", item_number="D0011", site=site,
                  warehouse=warehouse, available=D(available))  # fmt: skip


def cost(key: str = "a", **more: object) -> Actual:
    said = {"transaction_type": "cost", "transaction_class": "material", "product": "filter",
            "warehouse": "wh1", "quantity": D(3), **more}  # fmt: skip
    return Actual(id=key, **said)


@pytest.mark.parametrize("moment", ["submit", "approve"])
@pytest.mark.parametrize(
    ("rules", "product", "used", "available", "found"),
    [
        (CORE, FILTER, "4", "4", []),
        (CORE, FILTER, "4", "3", ["USG711 error"]),
        (CORE, FILTER, "4", "0", ["USG711 error"]),
        (CONFIRM, FILTER, "4", "0", ["USG711 warning"]),
        (CONFIRM, FILTER, "4", "4", []),
        (CORE, FILTER, "4", None, ["USG712 warning"]),
        (CORE, SCREW, "4", "0", []),
        (CORE, None, "4", "0", []),
        (FINANCE, FILTER, "4", "4", []),
        (FINANCE, FILTER, "4", "3", ["USG711 error"]),
        (FINANCE, FILTER, "4", None, ["USG712 warning"]),
        (FINANCE, SCREW, "4", "0", []),
        (FINANCE, FILTER, "0", "0", []),
        (replace(FINANCE, stocked_products=False), FILTER, "4", "4", ["USG713 error"]),
        (replace(FINANCE, onhand_entity=False), FILTER, "4", "4", ["USG713 error"]),
    ],
    ids=["R-092 enough", "R-092 short", "R-092 zero", "R-092 confirm", "confirm enough",
         "core not read", "R-093", "no product", "R-106 enough", "R-106 short",
         "Finance not read", "R-096", "nothing used", "R-007", "R-006"],
)  # fmt: skip
def test_stock_is_asked_at_both_moments(moment, rules, product, used, available, found) -> None:
    left = None if available is None else D(available)
    said = check_stock(usage(quantity=D(used)), moment, rules, product, left)

    assert [f"{f.code} {f.level}" for f in said] == found


def test_r091_core_needs_a_warehouse_and_a_return_needs_nothing() -> None:
    missing = check_stock(usage(warehouse=None), "submit", CORE, FILTER, D(9))
    back = check_stock(usage(warehouse=None, is_return=True), "submit", CORE, FILTER, D(0))

    assert [f.code for f in missing] == ["USG710"]
    assert back == ()


@pytest.mark.parametrize(
    ("moment", "threshold", "found"),
    [("approve", 0, ["USG714"]), ("approve", 1, []), ("submit", 0, [])],
)
def test_r109_a_threshold_of_zero_fails_at_approval_only(moment, threshold, found) -> None:
    rules = replace(FINANCE, threshold=threshold)

    assert [f.code for f in check_stock(usage(), moment, rules, FILTER, D(9))] == found


@pytest.mark.parametrize(
    ("count", "threshold", "is_async"), [(1, 0, True), (10, 10, False), (11, 10, True)]
)
def test_r110_only_larger_sets_go_to_the_background(count, threshold, is_async) -> None:
    assert is_in_background(count, threshold) is is_async


@pytest.mark.parametrize(
    ("model", "rows", "finance", "found"),
    [
        ("core", [stock("6")], [], D(6)),
        ("core", [stock("6", product="screw")], [], D(0)),
        ("core", [stock("6", "wh2")], [], None),
        ("integrated", [], [on_hand("6")], D(6)),
        ("integrated", [], [on_hand("6", warehouse="12")], D(0)),
        ("integrated", [], [], None),
        ("integrated", [], [replace(on_hand("6"), company="DEMF")], None),
    ],
    ids=["there", "other product there", "warehouse not read", "on hand", "elsewhere",
         "not read", "other company"],
)  # fmt: skip
def test_the_figure_of_a_place(model, rows, finance, found) -> None:
    records = world(*rows)
    place = place_of(usage(site=None), records, "USPM", model)

    assert available_at(place, records, tables(*finance), StockRules(model=model)) == found


@pytest.mark.parametrize(("exact", "there", "left"), [(False, "6", "3"), (True, "0", "-3")])
def test_finance_compares_site_and_warehouse_without_case_and_blanks(exact, there, left) -> None:
    rules = replace(FINANCE, options={"finance_ids_match_case": exact})
    records = world(Site(id="s1", number=" a "), Warehouse(id="wh1", number="Main", site="s1"))
    finance = tables(on_hand("6", site="A", warehouse="MAIN"))
    place = place_of(usage(site=None), records, "USPM", "integrated")
    (short,) = check_batch([usage()], "submit", rules, records, finance, "USPM", [cost()])["mul"]

    assert available_at(place, records, finance, rules) == D(there)
    assert dict(short.values)["available"] == left


def test_two_writings_of_a_warehouse_are_one_stock() -> None:
    records = world(Warehouse(id="wh2", number="11 ", site="s1"),
                    Warehouse(id="wh3", number="12", site="s1"))  # fmt: skip
    logs = [usage("a", used_at=later(1)), usage("b", warehouse="wh2", used_at=later(2)),
            usage("c", warehouse="wh3", used_at=later(3))]  # fmt: skip
    finance = tables(on_hand("6"), on_hand("6", warehouse="12"))
    said = check_batch(logs, "submit", FINANCE, records, finance, "USPM")

    assert [[f.code for f in said[key]] for key in ("a", "b", "c")] == [[], ["USG711"], []]


def test_r108_approved_cost_is_reserved_until_its_voucher() -> None:
    kept = reservations(
        [cost(), cost("posted", voucher="V-1"), cost("reversed", adjustment_status="adjusted"),
         cost("reversal", adjustment_status="unadjustable", quantity=D(-3)),
         cost("back", quantity=D(-1)), cost("sale", transaction_type="unbilled-sales"),
         cost("screw", product="screw")],
        world(SCREW), "USPM",
    )  # fmt: skip

    assert [(r.actual, r.quantity, r.place) for r in kept] == [
        ("a", D(3), ("USPM", "D0011", "1", "11"))
    ]


@pytest.mark.parametrize(
    ("counts", "found"), [(True, ["USG711"]), (False, [])], ids=["reserved", "already left out"]
)
def test_a_reservation_is_taken_off_where_the_figure_still_counts_it(counts, found) -> None:
    said = check_batch([usage()], "submit", replace(FINANCE, counts_reserved=counts), world(),
                       tables(on_hand("6")), "USPM", [cost()])  # fmt: skip

    assert [f.code for f in said["mul"]] == found


def test_the_earlier_usage_takes_the_stock_whatever_arrives_first() -> None:
    logs = [usage("a", used_at=later(3)), usage("b", used_at=later(1)),
            usage("c", used_at=later(2)), usage("b", used_at=later(1))]  # fmt: skip
    results = [
        {k: [f.code for f in v] for k, v in
         check_batch(order, "submit", FINANCE, world(), tables(on_hand("9")), "USPM").items()}
        for order in permutations(logs)
    ]  # fmt: skip

    assert all(r == {"b": [], "c": [], "a": ["USG711"]} for r in results)


def test_a_refused_usage_leaves_its_stock_to_the_next() -> None:
    logs = [usage("a", quantity=D(10), used_at=later(1)), usage("b", used_at=later(2))]
    said = check_batch(logs, "submit", FINANCE, world(), tables(on_hand("9")), "USPM")

    assert [bool(said[k]) for k in ("a", "b")] == [True, False]


@pytest.mark.parametrize(("figure", "found"), [("0", []), ("-1", ["USG711"])])
def test_r094_a_core_figure_read_after_use_gets_the_used_back(figure, found) -> None:
    said = check_batch([usage()], "submit", replace(CORE, after_use=True),
                       world(stock(figure)), tables(), "")  # fmt: skip

    assert [f.code for f in said["mul"]] == found


def test_g14_core_restrict_and_confirm_at_stock_zero() -> None:
    verdicts = [
        [f.level for f in check_batch([usage()], "submit", rules, world(stock("0")), tables(),
                                      "")["mul"]]
        for rules in (CORE, CONFIRM)
    ]  # fmt: skip

    assert verdicts == [["error"], ["warning"]]


def test_g14_integrated_on_hand_3_used_4_is_rejected_at_submit() -> None:
    said = check_batch([usage()], "submit", FINANCE, world(), tables(on_hand("3")), "USPM")

    assert [f.code for f in said["mul"]] == ["USG711"]
