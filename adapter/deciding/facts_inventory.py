"""Facts of stock: site and warehouse, serial and batch, what is left before this record."""

from collections.abc import Mapping
from decimal import Decimal

from adapter.deciding.dossier import Dossier
from adapter.deciding.facts import fact
from adapter.deciding.fold import Fold, Key
from adapter.deciding.ledger_terms import awaits_ledger
from adapter.reading.finance_ids import id_key
from adapter.values.actuals import Actual
from adapter.values.field_service import ProductInventory, Site
from adapter.values.finance import FinanceSite, FinanceWarehouse, OnHand
from adapter.values.money import ZERO


def is_stock_movement(d: Dossier) -> bool:
    """Whether the actual moves stock: a material cost of an inventory or stocked product.

    Purchases (vendor invoices) post their own receipts and are not counted as issues.
    """
    actual, product = d.actual, d.product
    if actual.transaction_type != "cost" or actual.transaction_class != "material":
        return False
    if actual.origin not in (None, "usage", "entry-journal", "correction") or product is None:
        return False
    if d.model == "core":
        return product.product_type == "inventory"
    return product.is_stocked is True


def site_of(d: Dossier) -> str | None:
    """The site's number: the actual's, else that of its warehouse (domain R-097)."""
    if d.site is not None:
        return d.site.number
    site = d.records.one(Site, d.warehouse.site) if d.warehouse is not None else None
    return site.number if site is not None else None


def stock_key(d: Dossier) -> Key | None:
    """What stock the actual takes from: warehouse in core; company, item and places else, as
    Finance compares ids.
    """
    if not is_stock_movement(d) or d.product is None or d.warehouse is None:
        return None
    if d.model == "core":
        return ("core", d.product.id, d.warehouse.id)
    ids = (d.product.item_number, site_of(d), d.warehouse.number)
    item, site, warehouse = (id_key(one or "", d.settings.options) for one in ids)
    return ("finance", d.code or "", item, site, warehouse)


def serial_key(d: Dossier) -> Key | None:
    """Company, item and serial number of a cost actual, as Finance compares ids; None for
    anything else.
    """
    serial = id_key(d.actual.serial_number or "", d.settings.options)
    if not serial or d.product is None or not is_stock_movement(d):
        return None
    item = id_key(d.product.item_number or d.product.id, d.settings.options)
    return (d.code or d.environment.name, item, serial)


def fold_inventory(d: Dossier, fold: Fold) -> None:
    """Count the stock and the serial number that this record takes or gives back."""
    quantity = issued(d)
    if quantity is None or is_taken_back(d):
        return
    serial = serial_key(d)
    if serial is not None:
        fold.serial_used(serial, 1 if quantity > 0 else -1 if quantity < 0 else 0)
    stock = stock_key(d)
    if stock is not None and not is_posted(d):
        fold.take_stock(stock, quantity)


def issued(d: Dossier) -> Decimal | None:
    """Quantity that leaves stock; below zero for a return, whichever sign it was given."""
    quantity = d.actual.quantity
    if quantity is not None and d.usage is not None and d.usage.is_return:
        return -abs(quantity)
    return quantity


def is_taken_back(d: Dossier) -> bool:
    """Whether it is left out of stock: what was reversed and its reversal move nothing.

    They come in any order (an approval gives all of them the same time), so they are left
    out together instead of being added up.
    """
    return taken_back(d.actual, d.original)


def taken_back(actual: Actual, original: Actual | None) -> bool:
    """Whether an actual was reversed, or is the reversal of such (`original`)."""
    return actual.adjustment_status in ("adjusted", "unadjustable") or (
        original is not None and original.adjustment_status == "adjusted"
    )


def is_posted(d: Dossier) -> bool:
    """Whether Finance already issued it from stock, so that its on-hand knows of it."""
    return bool(d.actual.voucher)


@fact("site.effective", "text", "site number: given, or that of the warehouse", "1",
      source="domain R-097")  # fmt: skip
def site_effective(d: Dossier, _fold: Fold) -> str | None:
    return site_of(d)


@fact("warehouse.site_number", "text", "number of the site that the warehouse belongs to", "1",
      group="warehouse", source="domain R-097, R-098")  # fmt: skip
def warehouse_site_number(d: Dossier, _fold: Fold) -> str | None:
    site = d.records.one(Site, d.warehouse.site) if d.warehouse is not None else None
    return site.number if site is not None else None


@fact("warehouse.in_finance", "flag", "Finance has the warehouse in this company", "yes",
      source="domain R-041, R-098")  # fmt: skip
def warehouse_in_finance(d: Dossier, _fold: Fold) -> bool:
    if d.warehouse is None:
        return False
    return d.finance_records.one(FinanceWarehouse, f"{d.code}|{d.warehouse.number}") is not None


@fact("warehouse.finance_site", "text", "site of the warehouse in Finance", "1",
      source="domain R-098")  # fmt: skip
def warehouse_finance_site(d: Dossier, _fold: Fold) -> str | None:
    if d.warehouse is None:
        return None
    row = d.finance_records.one(FinanceWarehouse, f"{d.code}|{d.warehouse.number}")
    return row.site if row is not None else None


@fact("site.in_finance", "flag", "Finance has the site in this company", "yes",
      source="domain R-041")  # fmt: skip
def site_in_finance(d: Dossier, _fold: Fold) -> bool:
    number = site_of(d)
    return number is not None and (
        d.finance_records.one(FinanceSite, f"{d.code}|{number}") is not None
    )


@fact("actual.moves_stock", "flag", "a material cost that has yet to take or return stock", "yes",
      source="domain R-094, R-108")  # fmt: skip
def actual_moves_stock(d: Dossier, _fold: Fold) -> bool:
    return is_stock_movement(d) and awaits_ledger(d)


@fact("stock.is_known", "flag", "a stock figure was read for product, site and warehouse", "yes",
      source="domain R-092, R-106")  # fmt: skip
def stock_is_known(d: Dossier, _fold: Fold) -> bool:
    return on_hand(d) is not None


@fact("stock.on_hand", "number", "stock as it was read, before any record of this plan", "10",
      source="domain R-092, R-107")  # fmt: skip
def stock_on_hand(d: Dossier, _fold: Fold) -> Decimal | None:
    return on_hand(d)


@fact("stock.available_before", "number", "stock left before this record", "6",
      source="domain R-092, R-106")  # fmt: skip
def stock_available_before(d: Dossier, fold: Fold) -> Decimal | None:
    key, stock = stock_key(d), on_hand(d)
    if key is None or stock is None:
        return None
    return stock - fold.stock_taken.get(key, ZERO)


@fact("serial.uses_before", "whole", "uses of the serial number before, less those taken back",
      "0", source="domain R-103")  # fmt: skip
def serial_uses_before(d: Dossier, fold: Fold) -> int | None:
    key = serial_key(d)
    return None if key is None else fold.serial_uses.get(key, 0)


@fact("actual.is_taken_back", "flag", "it was reversed, or it reverses such an actual", "no",
      source="domain 4.2, 4.3")  # fmt: skip
def actual_is_taken_back(d: Dossier, _fold: Fold) -> bool:
    return is_taken_back(d)


@fact("actual.issues_stock", "flag", "it takes stock now: no return, not posted, not taken back",
      "yes", source="domain R-092, R-106")  # fmt: skip
def actual_issues_stock(d: Dossier, _fold: Fold) -> bool:
    quantity = issued(d)
    if quantity is None or quantity <= 0 or is_taken_back(d) or is_posted(d):
        return False
    return is_stock_movement(d)


def on_hand(d: Dossier) -> Decimal | None:
    """Field Service stock in core, Finance stock else; None where no figure was read.

    A system that lists other stock of the same warehouse (core) or of the same item and
    company (Finance) and not this one has none of it: zero.
    """
    if "on hand" not in d.memo:
        d.memo["on hand"] = _on_hand(d)
    return d.memo["on hand"]  # type: ignore[return-value]


def _is_at(
    stock: OnHand, site: str, warehouse: str, options: Mapping[str, str | bool | int]
) -> bool:
    pairs = ((stock.site, site), (stock.warehouse, warehouse))
    return all(id_key(one or "", options) == other for one, other in pairs)


def _on_hand(d: Dossier) -> Decimal | None:
    key = stock_key(d)
    if key is None or d.product is None or d.warehouse is None:
        return None
    if d.model == "core":
        for row in d.records.where(ProductInventory, "product", d.product.id):
            if row.warehouse == d.warehouse.id:
                return row.quantity_available
        is_listed = bool(d.records.where(ProductInventory, "warehouse", d.warehouse.id))
        return ZERO if is_listed else None
    listed = [
        stock
        for stock in d.finance_records.where(OnHand, "item_number", d.product.item_number)
        if stock.company == d.code
    ]
    for stock in listed:
        if _is_at(stock, key[3], key[4], d.settings.options):
            return stock.available
    return ZERO if listed else None
