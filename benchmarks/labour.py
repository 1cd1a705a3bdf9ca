"""What labour and expenses cost and sell for: a role, its prices, a category with a mark-up.

Cost stands on the price list of the organisation, one for each currency; sales on the list of
the contract. `Parking` has no price, so that an expense of it sells for nothing and says so.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from benchmarks.masters import YEAR, Row, Site, World

HOUR_COST, HOUR_PRICE = Decimal("48.00"), Decimal("110.00")
MARKUP = Decimal(10)  # percent, of what a trip cost


def price_labour(world: World, sites: dict[str, Site]) -> None:
    """Roles and their prices; keys are made of names, so that no other key moves."""
    roles: dict[str, Row] = {}
    lists: dict[tuple[str, str], Row] = {}
    for code, site in sites.items():
        place, currency = site.entity.environment, site.entity.currency
        if place not in roles:
            roles[place] = world.named(
                place, "role", "Field technician", name="Field technician",
                billing_type="chargeable",
            )  # fmt: skip
        site.role = roles[place]
        if (place, currency) not in lists:
            lists[place, currency] = _cost_list(world, site)
        hour = site.units["hour"]["id"]
        world.named(
            place, "role_price", f"{code} sales", price_list=site.price_list["id"],
            role=site.role["id"], unit=hour, price=HOUR_PRICE, method="price-per-unit",
            currency=site.currency["id"],
        )  # fmt: skip
        world.named(
            place, "category_price", f"{code} travel", price_list=site.price_list["id"],
            category=site.categories["Travel"]["id"], unit=site.units["ea"]["id"],
            percent=MARKUP, method="markup",
        )  # fmt: skip
        site.categories["Parking"] = world.named(place, "category", f"{code} parking",
                                                 name="Parking")  # fmt: skip


def _cost_list(world: World, site: Site) -> Row:
    place, currency = site.entity.environment, site.entity.currency
    made = world.named(
        place, "price_list", f"cost {currency}", name=f"Cost {YEAR} {currency}",
        currency=site.currency["id"], start=date(YEAR, 1, 1), finish=date(YEAR, 12, 31),
        context="cost",
    )  # fmt: skip
    world.named(place, "organisation_price_list", currency, price_list=made["id"])
    world.named(
        place, "role_price", f"cost {currency}", price_list=made["id"], role=site.role["id"],
        unit=site.units["hour"]["id"], price=HOUR_COST, method="price-per-unit",
        currency=site.currency["id"],
    )  # fmt: skip
    return made
