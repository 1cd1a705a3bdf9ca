"""Raw rows for the golden lives: work order lines and what stands around them."""

from decimal import Decimal
from typing import Any

D = Decimal


def line(key: str = "wol", used: str = "4", price: str = "125.00", cost: str = "80.00",
         **more: Any) -> dict[str, Any]:  # fmt: skip
    """A used work order product of the base's filter; the warehouse is core's."""
    said = {
        "id": key, "name": "Filter", "kind": "product", "line_status": "used",
        "work_order": "wo", "product": "filter", "unit": "ea", "price_list": "sales",
        "warehouse": "wh1", "quantity": D(used), "quantity_to_bill": D(used),
        "unit_price": D(price), "unit_cost": D(cost), "currency": "usd", "taxable": True,
        "status": "active", "version": 1,
    }  # fmt: skip
    return {k: v for k, v in {**said, **more}.items() if v is not None}


def there(key: str = "wol", used: str = "4", price: str = "125.00", cost: str = "80.00",
          **more: Any) -> dict[str, Any]:  # fmt: skip
    """The same where Finance holds the stock."""
    return line(key, used, price, cost, **{"warehouse": "wh11", **more})


def stock(quantity: str, product: str = "filter") -> dict[str, Any]:
    """What Field Service has of a product in WH1."""
    return {"id": f"stock-{product}", "product": product, "warehouse": "wh1",
            "quantity_available": D(quantity), "quantity_on_hand": D(quantity)}  # fmt: skip


def product(key: str, company: str = "usco", **more: Any) -> dict[str, Any]:
    return {"id": key, "number": key.upper(), "item_number": key.upper(), "name": key.title(),
            "product_type": "inventory", "is_stocked": True, "unit": "ea", "company": company,
            "status": "active", **more}  # fmt: skip


def released(item: str, tracking: str = "None", **more: Any) -> dict[str, Any]:
    return {"id": f"USPM|{item}", "company": "USPM", "item_number": item,
            "tracking_group": tracking, "storage_group": "SiteWH", "item_tax_group": "ALL",
            "unit": "ea", "category": "ITEM", **more}  # fmt: skip


def on_hand(item: str, available: str) -> dict[str, Any]:
    return {"id": f"USPM|{item}|1|11", "company": "USPM", "item_number": item, "site": "1",
            "warehouse": "11", "available": D(available)}  # fmt: skip
