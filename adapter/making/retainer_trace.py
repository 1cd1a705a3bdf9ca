"""Which event made actuals of retainers: invoiced (E20), applied in full (E21) or in part (E22).

No connection ties them (domain 4.4): those of one contract, customer, currency and day whose
amounts fit belong together (inferred). Where none fit, the answer is empty.
"""

from collections.abc import Iterable
from decimal import Decimal

from adapter.making.new_actuals import BILLED, RETAINER, UNBILLED
from adapter.values.actuals import Actual
from adapter.values.money import ZERO


def retainer_events(actuals: Iterable[Actual]) -> dict[str, str]:
    """The event of each retainer actual among these, as far as their amounts prove one."""
    groups: dict[tuple[object, ...], list[Actual]] = {}
    for one in actuals:
        if one.transaction_class == RETAINER:
            day = one.document_date or (one.started_at.date() if one.started_at else None)
            key = (one.contract, one.contract_customer, one.currency, day)
            groups.setdefault(key, []).append(one)
    found: dict[str, str] = {}
    for group in groups.values():
        found |= _of_group(sorted(group, key=lambda one: one.id))
    return found


def _of_group(group: list[Actual]) -> dict[str, str]:
    found: dict[str, str] = {}
    billed = [one for one in group if one.transaction_type == BILLED]
    opened = [one for one in group if one.transaction_type == UNBILLED and _amount(one) < 0]
    for one in [b for b in billed if _amount(b) > 0]:  # billed +R, unbilled -R
        pair = next((u for u in opened if _amount(u) == -_amount(one)), None)
        if pair is not None:
            found[one.id] = found[pair.id] = "E20"
            billed.remove(one)
            opened.remove(pair)
    for one in [u for u in group if u.transaction_type == UNBILLED and _amount(u) > 0]:
        for taken in billed:  # unbilled +available, -left, billed -applied
            left = _amount(one) - abs(_amount(taken))
            rest = next((u for u in opened if _amount(u) == -left), None)
            if left and rest is None:
                continue
            event = "E21" if rest is None or not left else "E22"
            found[one.id] = found[taken.id] = event
            if rest is not None and left:
                found[rest.id] = event
                opened.remove(rest)
            billed.remove(taken)
            break
    if all(_amount(one) > 0 for one in group):  # only its billed sales were read
        found |= {one.id: "E20" for one in billed}
    return found


def _amount(one: Actual) -> Decimal:
    return one.amount or ZERO
