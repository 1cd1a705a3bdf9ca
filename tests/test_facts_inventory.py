"""Facts of stock: places, what is left before a record, serial numbers used before."""

from decimal import Decimal

import pytest

from adapter.values.actuals import Connection
from adapter.values.field_service import Product, ProductInventory, Site, Usage, Warehouse
from adapter.values.finance import FinanceSite, FinanceWarehouse, OnHand
from tests.facts_given import dossier, folded, value
from tests.making_given import World, actual

D = Decimal
STOCKED = Product(id="prod", number="D0011", item_number="D0011", name="Filter",
                  product_type="inventory", is_stocked=True)  # fmt: skip
PLACES = (
    Site(id="s-1", number="1"),
    Site(id="s-2", number="2"),
    Warehouse(id="wh-11", number="11", name="Main", site="s-1"),
    Warehouse(id="wh-12", number="12", name="Truck", site="s-2"),
)


def on_hand(available: str, warehouse: str = "11", site: str = "1", code: str = "USPM") -> OnHand:
    return OnHand(id=f"{code}|D0011|{site}|{warehouse}", company=code, item_number="D0011",
                  site=site, warehouse=warehouse, available=D(available))  # fmt: skip


def cost(key: str, quantity: str = "4", **more: object):
    return actual(key, "cost", quantity, "80.00", **{"warehouse": "wh-11", **more})


def world(*records: object, finance: tuple[object, ...] = ()) -> World:
    return World(STOCKED, *PLACES, *records, finance=finance)


@pytest.mark.parametrize(
    ("site", "warehouse", "expected"),
    [("s-1", "wh-12", "1"), (None, "wh-12", "2"), (None, None, None), ("s-2", None, "2")],
)
def test_a_blank_site_is_that_of_the_warehouse(site, warehouse, expected) -> None:
    d = dossier(world(), cost("C", site=site, warehouse=warehouse))

    assert value(d, "site.effective") == expected


@pytest.mark.parametrize(
    ("rows", "in_finance", "site_in_finance"),
    [
        ((), False, False),
        ((FinanceWarehouse(id="USPM|11", company="USPM", number="11", site="1"),), True, False),
        ((FinanceWarehouse(id="GBPM|11", company="GBPM", number="11"),
          FinanceSite(id="USPM|1", company="USPM", number="1")), False, True),
    ],
)  # fmt: skip
def test_places_are_known_to_finance_by_company(rows, in_finance, site_in_finance) -> None:
    d = dossier(world(finance=rows), cost("C"))

    assert value(d, "warehouse.in_finance") is in_finance
    assert value(d, "site.in_finance") is site_in_finance
    assert value(d, "warehouse.site_number") == "1"


def test_two_writings_of_a_warehouse_share_one_stock() -> None:
    places = (Warehouse(id="wh-m", number="Main", site="s-1"),
              Warehouse(id="wh-n", number="main ", site="s-1"))  # fmt: skip
    here = world(*places, finance=(on_hand("10", warehouse="MAIN"),))
    one, other = cost("A", warehouse="wh-m"), cost("B", warehouse="wh-n")

    assert folded(here, [one, other], "stock.available_before") == [D(10), D(6)]


@pytest.mark.parametrize(
    ("said", "moves", "issues"),
    [
        ({}, True, True),
        ({"quantity": D("-4"), "amount": D("-320")}, True, False),
        ({"origin": "vendor-invoice"}, False, False),
        ({"origin": "packing-slip"}, False, False),
        ({"transaction_class": "time"}, False, False),
        ({"voucher": "USPM-000041"}, False, False),
        ({"skip_sync": True}, False, True),
        ({"adjustment_status": "adjusted"}, True, False),
        ({"product": None}, False, False),
    ],
)
def test_what_moves_stock(said, moves, issues) -> None:
    d = dossier(world(), cost("C", **said))

    assert value(d, "actual.moves_stock") is moves
    assert value(d, "actual.issues_stock") is issues


def test_unbilled_sales_move_no_stock() -> None:
    assert (
        value(dossier(world(), actual("U", "unbilled-sales", "1", "1")), "actual.moves_stock")
        is False
    )


@pytest.mark.parametrize(
    ("rows", "is_known", "expected"),
    [
        ((), False, None),
        ((on_hand("10"),), True, D(10)),
        ((on_hand("10", warehouse="12"),), True, D(0)),
        ((on_hand("10", code="GBPM"),), False, None),
    ],
)
def test_on_hand_of_finance_is_by_company_site_and_warehouse(rows, is_known, expected) -> None:
    d = dossier(world(finance=rows), cost("C"))

    assert value(d, "stock.is_known") is is_known
    assert value(d, "stock.on_hand") == expected


@pytest.mark.parametrize(
    ("product", "warehouse", "expected"),
    [("prod", "wh-11", D(6)), ("prod", "wh-12", None), ("other", "wh-11", D(0))],
)
def test_stock_of_core_is_by_product_and_warehouse(product, warehouse, expected) -> None:
    row = ProductInventory(id="i", product=product, warehouse=warehouse, quantity_available=D(6))

    assert value(dossier(world(row), cost("C"), "core"), "stock.on_hand") == expected


def test_each_issue_leaves_less_and_a_return_leaves_more() -> None:
    back = Usage(id="mul", is_return=True)
    line = [cost("A"), cost("B", "3"), cost("C", "2", usage="mul"), cost("D", warehouse="wh-12")]
    rows = (on_hand("10"), on_hand("5", "12", "2"))

    found = folded(world(back, finance=rows), line, "stock.available_before")

    assert found == [D(10), D(6), D(3), D(5)]


def test_what_finance_posted_is_in_its_on_hand_already() -> None:
    line = [cost("A", voucher="USPM-000041"), cost("B")]

    found = folded(world(finance=(on_hand("10"),)), line, "stock.available_before")

    assert found == [D(10), D(10)]


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 0, 2)])
def test_a_reversed_usage_and_its_reversal_move_nothing_in_any_order(order) -> None:
    three = [
        cost("A", serial_number="SN-1", adjustment_status="adjusted"),
        cost("B", "-4", serial_number="SN-1", adjustment_status="unadjustable"),
        cost("C", serial_number="SN-1"),
    ]
    line = [three[at] for at in order]
    uses = folded(world(finance=(on_hand("10"),)), line, "serial.uses_before")
    stock = folded(world(finance=(on_hand("10"),)), line, "stock.available_before")
    at = order.index(2)

    assert uses == [0] * (at + 1) + [1] * (2 - at)
    assert stock == [D(10)] * (at + 1) + [D(6)] * (2 - at)


def test_a_reversal_by_link_only_moves_nothing_either() -> None:
    first = cost("A", serial_number="SN-1", adjustment_status="adjusted")
    link = Connection(id="k", first="B", first_role="Reversing", second="A", second_role="Original")
    line = [first, cost("B", "-4", serial_number="SN-1"), cost("C", serial_number="SN-1")]

    assert folded(world(first, link), line, "serial.uses_before") == [0, 0, 0]


@pytest.mark.parametrize(
    ("second", "expected"),
    [({}, 1), ({"serial_number": "SN-2"}, 0), ({"serial_number": None}, None),
     ({"serial_number": "sn-1 "}, 1), ({"serial_number": "SN 1"}, 0),
     ({"product": "other"}, 0), ({"project": "p-gb"}, 0)],
)  # fmt: skip
def test_a_serial_number_is_counted_by_company_and_product(second, expected) -> None:
    other = Product(id="other", item_number="D0012", is_stocked=True)
    line = [
        cost("A", "1", serial_number="SN-1"),
        cost("B", "1", **{"serial_number": "SN-1", **second}),
    ]

    assert folded(world(other), line, "serial.uses_before")[1] == expected


def test_a_return_gives_the_serial_number_back() -> None:
    line = [cost("A", "1", serial_number="SN-1"), cost("B", "1", serial_number="SN-1", usage="mul"),
            cost("C", "1", serial_number="SN-1")]  # fmt: skip

    found = folded(world(Usage(id="mul", is_return=True)), line, "serial.uses_before")

    assert found == [0, 1, 0]
