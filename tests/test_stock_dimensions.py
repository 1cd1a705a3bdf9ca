"""Serial, batch, site and warehouse of a usage before its approval (domain R-095..R-104)."""

from decimal import Decimal

import pytest

from adapter.making.stock_dimensions import check_dimensions
from adapter.values.field_service import Product
from adapter.values.finance import ReleasedProduct, StorageGroup, TrackingGroup
from tests.making_given import tables
from tests.work_given import usage, world

D = Decimal
FILTER = Product(id="filter", item_number="D0011", is_stocked=True)
SERIAL = {"serial_active": True, "batch_active": False}
BATCH = {"serial_active": False, "batch_active": True}
BOTH = {"serial_active": True, "batch_active": True}
NONE = {"serial_active": False, "batch_active": False}


def rules(tracking: dict[str, bool], product: Product = FILTER, **said: object) -> list[str]:
    finance = tables(
        ReleasedProduct(id="USPM|D0011", tracking_group="T", storage_group="S"),
        TrackingGroup(id="T", **tracking),
        StorageGroup(id="S", site_active=True, warehouse_mandatory=said.pop("mandatory", True)),
    )
    found = check_dimensions(usage(**{"quantity": D(1), **said}), product, finance, "USPM", world())
    assert all(f.code == "USG715" and f.level == "error" for f in found)
    return [dict(f.values)["rule"] for f in found]


@pytest.mark.parametrize(
    ("tracking", "said", "found"),
    [
        (SERIAL, {"serial_number": "SN-0001"}, []),
        (SERIAL, {"serial_number": "SN-0002", "quantity": D(2)}, ["R-099"]),
        (SERIAL, {}, ["R-100"]),
        (SERIAL | {"serial_blank_issue": True}, {}, []),
        (SERIAL | {"serial_blank_issue": True}, {"quantity": D(2)}, ["R-099"]),
        (SERIAL, {"serial_number": "SN-0003", "warehouse": None}, ["R-095"]),
        (BATCH, {"batch_number": "B-1", "quantity": D(7)}, []),
        (BATCH, {}, ["R-101"]),
        (BATCH | {"batch_blank_issue": True}, {}, []),
        (NONE, {"serial_number": "SN-1"}, ["R-102"]),
        (NONE, {"batch_number": "B-1"}, ["R-102"]),
        (NONE, {}, []),
        (BOTH, {"serial_number": "SN-1", "batch_number": "B-1"}, []),
        (BOTH, {"serial_number": "SN-1"}, ["R-101"]),
        (BOTH, {}, ["R-100", "R-101"]),
        (NONE, {"site": "s2"}, ["R-098"]),
        (NONE, {"site": None}, []),
        (NONE, {"mandatory": False, "warehouse": None, "site": None}, ["R-095"]),
        (NONE, {"mandatory": False, "warehouse": None}, []),
        (SERIAL, {"is_return": True}, []),
    ],
    ids=["G3 A", "G3 B", "G3 C", "R-100 blank issue", "R-099 in spite of blank issue", "G3 D",
         "R-101 any quantity", "R-101", "blank batch", "R-102 serial", "R-102 batch",
         "untracked", "R-104", "R-104 one of two", "R-104 none", "R-098", "R-097 by warehouse",
         "R-095 neither", "site alone", "return"],
)  # fmt: skip
def test_the_groups_of_the_item_decide(tracking, said, found) -> None:
    assert rules(tracking, **said) == found


@pytest.mark.parametrize(
    "product",
    [Product(id="filter", item_number="D0011", is_stocked=False),
     Product(id="filter", item_number="OTHER", is_stocked=True)],
    ids=["R-096 not stocked", "not released"],
)  # fmt: skip
def test_other_products_are_not_asked_for_dimensions(product) -> None:
    assert rules(SERIAL, product) == []
