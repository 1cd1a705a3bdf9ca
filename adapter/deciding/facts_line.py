"""Facts of usage lines: decimals, products, and entries that look like the same work twice."""

from hashlib import blake2b

from adapter.deciding.dossier import Dossier
from adapter.deciding.facts import fact
from adapter.deciding.fold import Fold
from adapter.values.field_service import TimeEntry


def entry_key(d: Dossier) -> bytes | None:
    """What makes two entries look like one: order, resource, product, day, quantity, amount.

    A digest, since a large company has a million of them.
    """
    if "entry" not in d.memo:
        d.memo["entry"] = _entry_key(d)
    return d.memo["entry"]  # type: ignore[return-value]


def _entry_key(d: Dossier) -> bytes | None:
    actual = d.actual
    if actual.transaction_type != "cost" or (actual.quantity or 0) <= 0 or d.day is None:
        return None
    if d.work_order is None or actual.resource is None or actual.serial_number:
        return None
    if actual.adjustment_status is not None or actual.origin not in (None, "usage", "time"):
        return None
    what = actual.product or actual.role or actual.category or ""
    key = (d.work_order.id, actual.resource, what, d.day.isoformat(), str(actual.quantity),
           str(actual.amount), actual.transaction_class or "")  # fmt: skip
    return blake2b("\x1f".join(key).encode(), digest_size=16).digest()


def fold_entries(d: Dossier, fold: Fold) -> None:
    """Remember the first entry of its kind, so that a second one can be suspected."""
    key = entry_key(d)
    if key is not None:
        fold.entries.setdefault(key, d.actual.id)


@fact("duplicate.of", "link", "an earlier entry of the same work: suspected double entry",
      "5f2c8a10-0000-4000-8000-000000000001", source="inferred: people enter the same work twice")
def duplicate_of(d: Dossier, fold: Fold) -> str | None:
    key = entry_key(d)
    return None if key is None else fold.entries.get(key)


@fact("actual.quantity_decimals", "whole", "decimals of the quantity", "2",
      source="domain R-054")  # fmt: skip
def quantity_decimals(d: Dossier, _fold: Fold) -> int | None:
    if d.actual.quantity is None:
        return None
    text = format(d.actual.quantity, "f")
    return len(text.rstrip("0")) - text.index(".") - 1 if "." in text else 0


@fact("line.bills_more", "flag", "it bills more than was used: quantity, or minutes", "no",
      group="line", source="domain R-058")  # fmt: skip
def line_bills_more(d: Dossier, _fold: Fold) -> bool:
    line = d.line
    if line is None:
        return False
    used, billed = line.quantity, line.quantity_to_bill
    minutes, to_bill = line.duration, line.duration_to_bill
    return (used is not None and billed is not None and billed > used) or (
        minutes is not None and to_bill is not None and to_bill > minutes
    )


@fact("line.time_entry_exists", "flag",
      "a time entry of the same work order stands beside a used work order service", "no",
      group="line", source="domain 2.1, labour path")  # fmt: skip
def line_time_entry_exists(d: Dossier, _fold: Fold) -> bool:
    line = d.line
    if line is None or line.kind != "service":
        return False
    return bool(d.records.where(TimeEntry, "work_order", line.work_order))


@fact("unit.is_products", "flag", "the unit is the product's default unit", "yes",
      source="domain R-069")  # fmt: skip
def unit_is_products(d: Dossier, _fold: Fold) -> bool | None:
    if d.product is None or d.product.unit is None or d.actual.unit is None:
        return None
    return d.product.unit == d.actual.unit
