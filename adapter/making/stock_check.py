"""Is the stock there? Asked when usage is submitted and again when it is approved.

Core asks the stock of Field Service, under its own policy (R-092). Integrated asks the
on-hand of Finance (R-106); what was approved stays reserved until its journal posts (R-108).
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Literal

from msgspec import Struct

from adapter.making.documents import finding_of
from adapter.making.expectation import warning_of
from adapter.making.work_lines import settle
from adapter.reading.finance_ids import id_key
from adapter.reading.store import Records
from adapter.values.actuals import Actual
from adapter.values.field_service import Product, ProductInventory, Site, Usage, Warehouse
from adapter.values.finance import OnHand
from adapter.values.finding import Finding
from adapter.values.money import ZERO

Moment = Literal["submit", "approve"]
Place = tuple[str, str, str, str]  # company, item or product, site, warehouse
Options = Mapping[str, str | bool | int]  # settings by name


class StockRules(Struct, frozen=True, kw_only=True):
    """How an environment treats stock: the settings that decide."""

    model: str  # core or integrated
    policy: str = "restrict"  # core: use of products out of stock; restrict or confirm
    threshold: int = 0  # integrated: background approval threshold
    stocked_products: bool = True  # both feature flags
    onhand_entity: bool = True
    counts_reserved: bool = True  # Finance: the figure holds what approved usage reserved
    after_use: bool = False  # core: the figure was read after the lines were used
    options: Options = {}  # whether Finance tells letter case of its ids apart


class Reservation(Struct, frozen=True, kw_only=True):
    """Stock that an approved cost actual keeps from others until its journal posts."""

    actual: str
    place: Place
    quantity: Decimal


def place_of(usage: Usage | Actual, records: Records, company: str, model: str) -> Place:
    """Where a usage takes its stock from; the site is that of the warehouse if not said."""
    product = records.one(Product, usage.product)
    warehouse = records.one(Warehouse, usage.warehouse)
    if model == "core":
        return ("", usage.product or "", "", usage.warehouse or "")
    site = records.one(Site, usage.site or (warehouse.site if warehouse is not None else None))
    return (
        company,
        (product.item_number if product is not None else None) or "",
        (site.number if site is not None else None) or "",
        (warehouse.number if warehouse is not None else None) or "",
    )


def same_place(place: Place, rules: StockRules) -> Place:
    """What is equal for two writings of one place: Finance compares its ids without case."""
    if rules.model == "core":
        return place
    company, *ids = place
    item, site, warehouse = (id_key(one, rules.options) for one in ids)
    return (company, item, site, warehouse)


def available_at(
    place: Place, records: Records, finance: Records, rules: StockRules
) -> Decimal | None:
    """Stock of a place as it was read; None where no figure is known.

    A system that lists other stock of the same warehouse (core) or item (Finance) and not
    this one has none of it: zero. Finance knows no batch and no serial here (R-107).
    """
    company, item, _, warehouse = place
    if rules.model == "core":
        there = records.where(ProductInventory, "warehouse", warehouse)
        for row in there:
            if row.product == item:
                return row.quantity_available
        return ZERO if there else None
    listed = [s for s in finance.where(OnHand, "item_number", item) if s.company == company]
    wanted = same_place(place, rules)
    here = [s.available or ZERO for s in listed
            if same_place((company, item, s.site or "", s.warehouse or ""), rules) == wanted]
    return sum(here, ZERO) if here or listed else None


def reservations(
    actuals: Iterable[Actual], records: Records, company: str
) -> tuple[Reservation, ...]:
    """What approved stocked usage keeps in Finance: cost actuals without voucher (R-108).

    A reversed actual and its reversal keep nothing; a return keeps nothing either.
    """
    return tuple(
        Reservation(actual=a.id, place=place_of(a, records, company, "integrated"),
                    quantity=a.quantity)
        for a in actuals
        if a.transaction_type == "cost" and a.transaction_class == "material"
        and not a.voucher and a.adjustment_status not in ("adjusted", "unadjustable")
        and a.quantity is not None and a.quantity > 0
        and is_stocked(records.one(Product, a.product), "integrated")
    )  # fmt: skip


def is_stocked(product: Product | None, model: str) -> bool:
    """Whether a product moves stock: an inventory product, in Finance a stocked one."""
    if product is None:
        return False
    return product.product_type == "inventory" if model == "core" else product.is_stocked is True


def check_batch(
    usages: Iterable[Usage], moment: Moment, rules: StockRules, records: Records,
    finance: Records, company: str, actuals: Iterable[Actual] = (),
) -> dict[str, tuple[Finding, ...]]:  # fmt: skip
    """`check_stock` for many usages, by id: each finds what those before it have left.

    They are taken by transaction date and id, whatever order they arrived in; a usage that
    is refused takes nothing. Where a core figure was read after use, what these usages took
    is added to it first.
    """
    taken: dict[Place, Decimal] = {}

    def take(place: Place, quantity: Decimal) -> None:
        at = same_place(place, rules)
        taken[at] = taken.get(at, ZERO) + quantity

    usages = sorted(settle(usages), key=_order_of)
    if rules.model == "core" and rules.after_use:
        for usage in usages:
            take(place_of(usage, records, company, rules.model), -(usage.quantity or ZERO))
    if rules.model == "integrated" and rules.counts_reserved:
        for kept in reservations(actuals, records, company):
            take(kept.place, kept.quantity)
    found: dict[str, tuple[Finding, ...]] = {}
    for usage in usages:
        place = place_of(usage, records, company, rules.model)
        figure = available_at(place, records, finance, rules)
        before = taken.get(same_place(place, rules), ZERO)
        left = None if figure is None else figure - before
        said = check_stock(usage, moment, rules, records.one(Product, usage.product), left)
        found[usage.id] = said
        if not any(f.level == "error" for f in said):
            take(place, usage.quantity or ZERO)
    return found


def _order_of(usage: Usage) -> tuple[bool, str, str]:
    """By transaction date, then id; those without a date come last."""
    return (usage.used_at is None, str(usage.used_at), usage.id)


def check_stock(
    usage: Usage, moment: Moment, rules: StockRules, product: Product | None,
    available: Decimal | None,
) -> tuple[Finding, ...]:  # fmt: skip
    """What stands in the way of submitting or approving one usage; empty: nothing.

    `available` is what is left for this usage, in its unit; None where no figure was read. A
    product that is not stocked is not asked for (R-093, R-096), a return is not either.
    """
    quantity = usage.quantity or ZERO
    if not is_stocked(product, rules.model) or usage.is_return or quantity <= 0:
        return ()
    if usage.warehouse is None and rules.model == "core":
        return (
            finding_of("USG710", usage.id, "an inventory product is used without a warehouse",
                       "Enter the warehouse on the work order product.", ("moment", moment)),
        )  # fmt: skip
    return _core(usage, moment, rules, available) if rules.model == "core" else (
        *_features(usage, moment, rules), *_on_hand(usage, moment, available)
    )  # fmt: skip


def _core(
    usage: Usage, moment: Moment, rules: StockRules, available: Decimal | None
) -> tuple[Finding, ...]:
    """Restrict blocks, confirm warns; some but too little is treated like none (R-092)."""
    if available is None:
        return (_unknown(usage, moment),)
    if available >= (usage.quantity or ZERO):
        return ()
    values = ("moment", moment), ("available", available), ("used", usage.quantity)
    message = "the warehouse has less than was used"
    help = "Transfer stock to the warehouse, or correct the usage."
    if rules.policy == "confirm":
        return (warning_of("USG711", usage.id, message, help, *values),)
    return (finding_of("USG711", usage.id, message, help, *values),)


def _on_hand(usage: Usage, moment: Moment, available: Decimal | None) -> tuple[Finding, ...]:
    """Finance must have it on hand, at both moments (R-106)."""
    if available is None:
        return (_unknown(usage, moment),)
    if available >= (usage.quantity or ZERO):
        return ()
    return (
        finding_of(
            "USG711", usage.id, "Finance has less on hand than was used",
            "Receive or transfer stock in Finance, or correct the usage.",
            ("moment", moment), ("available", available), ("used", usage.quantity),
        ),
    )  # fmt: skip


def _features(usage: Usage, moment: Moment, rules: StockRules) -> tuple[Finding, ...]:
    """Stocked products need both feature flags, the virtual entity and a threshold."""
    found = []
    if not rules.stocked_products or not rules.onhand_entity:
        what = "ProjInventOnHandEntity" if rules.stocked_products else "stocked products"
        found.append(
            finding_of("USG713", usage.id, "stock cannot be checked: a feature is off",
                       "Turn it on as the set-up of the integration asks.", ("off", what))
        )  # fmt: skip
    if moment == "approve" and rules.threshold <= 0:
        found.append(
            finding_of("USG714", usage.id, "approvals of stocked usage fail at threshold 0",
                       "Set the Background Approval Threshold of Project Parameters above 0.",
                       ("threshold", rules.threshold))
        )  # fmt: skip
    return tuple(found)


def is_in_background(count: int, threshold: int) -> bool:
    """Whether an approval set of `count` entries is approved in the background (R-110)."""
    return threshold <= 0 or count > threshold


def _unknown(usage: Usage, moment: Moment) -> Finding:
    return warning_of(
        "USG712", usage.id, "no stock figure was read, so the stock is not judged",
        "Export the stock, or look it up.", ("moment", moment), ("warehouse", usage.warehouse),
    )  # fmt: skip
