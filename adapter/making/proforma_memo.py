"""What stands beside the total of a proforma: unpaid amounts, used against billed, retainers."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from adapter.making.advances import Advance
from adapter.making.lined import BillingLine
from adapter.values.money import ZERO

CHARGEABLE = "chargeable"
KINDS = ("chargeable", "non-chargeable", "complimentary")
COUNTED = ("used", "chargeable", "non_chargeable", "complimentary", "open")
TOLD = ("retainer", "name", "available", "applied", "left", "used")  # of an advance
UNPAID = ("non-chargeable", "not-available", None)


def memo_of(details: Sequence[BillingLine], advances: Sequence[Advance]) -> dict[str, object]:
    """What stands beside the total: unpaid amounts, used against billed, retainers."""
    return {
        "non_chargeable": sum((d.amount for d in details if d.billing_type in UNPAID), ZERO),
        "complimentary": sum((d.amount for d in details if d.billing_type == KINDS[2]), ZERO),
        "used_and_billed": list(used_and_billed(details)),
        "units": list(units_of(details)),
        "advances": [{name: getattr(a, name) for name in TOLD} for a in advances],
    }


def used_and_billed(details: Sequence[BillingLine]) -> Iterator[dict[str, object]]:
    """Per usage whose quantities differ: used, and billed under each billing type.

    Billing more than was used is recorded as one chargeable line (domain E4), less as a
    chargeable and a non-chargeable one (E3): `open` is what no line of the draft carries.
    """
    by_usage: dict[str, list[BillingLine]] = {}
    for detail in details:
        if detail.usage is not None and detail.quantity_used is not None:
            by_usage.setdefault(detail.usage, []).append(detail)
    for usage, mine in by_usage.items():
        used = mine[0].quantity_used
        billed = {k: sum((d.quantity for d in mine if d.billing_type == k), ZERO) for k in KINDS}
        if used is not None and billed[CHARGEABLE] != used:
            yield {"usage": usage, "used": used, "unit": mine[0].unit,
                   "chargeable": billed[KINDS[0]], "non_chargeable": billed[KINDS[1]],
                   "complimentary": billed[KINDS[2]],
                   "open": used - sum(billed.values(), ZERO)}  # fmt: skip


def units_of(details: Sequence[BillingLine]) -> Iterator[dict[str, object]]:
    """All that the draft bills by quantity, per unit: used, and billed under each billing type.

    What was used counts once for each usage, however many details carry it; `open` is what of
    it stands on none of them.
    """
    units: dict[str, dict[str, Decimal]] = {}
    counted: set[str] = set()
    for one in used_and_billed(details):
        row = units.setdefault(str(one["unit"] or ""), dict.fromkeys(COUNTED, ZERO))
        row["open"] += max(one["open"], ZERO)  # type: ignore[call-overload]
    for detail in details:
        if detail.source in ("milestone", "retainer"):
            continue
        row = units.setdefault(detail.unit or "", dict.fromkeys(COUNTED, ZERO))
        kind = (detail.billing_type or "").replace("-", "_")
        if kind in row:
            row[kind] += detail.quantity
        if detail.usage is None or detail.quantity_used is None:
            row["used"] += detail.quantity
        elif detail.usage not in counted:
            counted.add(detail.usage)
            row["used"] += detail.quantity_used
    for unit in sorted(units):
        yield {"unit": unit or None, **units[unit]}
