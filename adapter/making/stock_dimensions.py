"""Does a usage name the stock that Finance will ask for? (domain R-095..R-104, integrated)

Asked before approval, when a correction is still one entry; the rules of the same numbers
ask it again of the approved actual.
"""

from adapter.making.documents import finding_of
from adapter.reading.store import Records
from adapter.values.field_service import Product, Site, Usage, Warehouse
from adapter.values.finance import ReleasedProduct, StorageGroup, TrackingGroup
from adapter.values.finding import Finding

ONE_PIECE = 1


def check_dimensions(
    usage: Usage, product: Product | None, finance: Records, company: str, records: Records
) -> tuple[Finding, ...]:
    """What the usage lacks or says too much of, for a stocked item of a company.

    Which dimensions count is decided by the item's tracking and storage groups in Finance;
    a product that is not stocked, or not released, is not asked for any (R-096).
    """
    if product is None or product.is_stocked is not True or usage.is_return:
        return ()
    released = finance.one(ReleasedProduct, f"{company}|{product.item_number}")
    if released is None:
        return ()
    tracking = finance.one(TrackingGroup, released.tracking_group)
    storage = finance.one(StorageGroup, released.storage_group)
    return (*_tracked(usage, tracking), *_placed(usage, storage, records))


def _tracked(usage: Usage, tracking: TrackingGroup | None) -> list[Finding]:
    """Serial and batch number: required where tracked, refused where not (R-099..R-104)."""
    if tracking is None:
        return []
    found = []
    if tracking.serial_active:
        if usage.quantity != ONE_PIECE:
            found.append(_said(usage, "R-099", "an item with serial numbers is used one by one",
                               ("quantity", usage.quantity)))  # fmt: skip
        if not usage.serial_number and not tracking.serial_blank_issue:
            found.append(_said(usage, "R-100", "the serial number is missing"))
    elif usage.serial_number:
        found.append(_said(usage, "R-102", "the item has no serial numbers",
                           ("serial number", usage.serial_number)))  # fmt: skip
    if tracking.batch_active:
        if not usage.batch_number and not tracking.batch_blank_issue:
            found.append(_said(usage, "R-101", "the batch number is missing"))
    elif usage.batch_number:
        found.append(_said(usage, "R-102", "the item has no batches",
                           ("batch number", usage.batch_number)))  # fmt: skip
    return found


def _placed(usage: Usage, storage: StorageGroup | None, records: Records) -> list[Finding]:
    """Site and warehouse: as the storage group asks, and fitting each other (R-095..R-098)."""
    if storage is None:
        return []
    warehouse = records.one(Warehouse, usage.warehouse)
    found = []
    if storage.warehouse_mandatory and usage.warehouse is None:
        found.append(_said(usage, "R-095", "the warehouse is missing"))
    elif storage.site_active and usage.site is None and warehouse is None:
        found.append(_said(usage, "R-095", "neither site nor warehouse is named"))
    if warehouse is not None and usage.site is not None and warehouse.site != usage.site:
        site = records.one(Site, usage.site)
        found.append(_said(usage, "R-098", "the warehouse belongs to another site",
                           ("warehouse", warehouse.number),
                           ("site", site.number if site is not None else usage.site)))  # fmt: skip
    return found


def _said(usage: Usage, rule: str, message: str, *values: tuple[str, object]) -> Finding:
    return finding_of("USG715", usage.id, message, "Correct the work order line before approval.",
                      ("rule", rule), *values)  # fmt: skip
