"""Retainers that were invoiced beside the actuals that invoicing one makes (E20)."""

from collections.abc import Iterable
from decimal import Decimal

from adapter.making.advances import available_of, is_invoiced
from adapter.making.documents import finding_of
from adapter.making.new_actuals import BILLED, RETAINER, UNBILLED
from adapter.values.actuals import Actual
from adapter.values.finding import Finding
from adapter.values.money import ZERO
from adapter.values.project_operations import Retainer

PARTS = ((UNBILLED, -1), (BILLED, 1))  # of E20, with the sign of its amount


def missing_of(
    retainers: Iterable[Retainer], actuals: Iterable[Actual]
) -> tuple[dict[str, Decimal], list[Finding]]:
    """What is not used up of retainers whose unbilled part is missing, by id; and PRO724.

    An actual names its contract and no retainer: each has the first of its amount (inferred).
    """
    invoiced = [r for r in retainers if is_invoiced(r) and r.amount]
    if not invoiced:
        return {}, []
    there = sorted((a for a in actuals if a.transaction_class == RETAINER), key=lambda a: a.id)
    left: dict[str, Decimal] = {}
    findings = []
    for one in sorted(invoiced, key=lambda r: r.id):
        amount = one.amount or ZERO
        lacks = []
        for kind, sign in PARTS:
            found = next((a for a in there if a.transaction_type == kind
                          and a.amount == sign * amount and a.contract in (None, one.contract)),
                         None)  # fmt: skip
            if found is None:
                lacks.append(kind)
            else:
                there.remove(found)
        if lacks:
            findings.append(_finding(one, lacks))
        if UNBILLED in lacks:
            left[one.id] = available_of(one)
    is_applied = {a.contract for a in there if a.transaction_type == UNBILLED}
    return {
        one.id: one.amount or ZERO if is_applied & {one.contract, None} else left[one.id]
        for one in invoiced if one.id in left
    }, findings  # what actuals took of it comes off by them


def _finding(retainer: Retainer, lacks: Iterable[str]) -> Finding:
    return finding_of(
        "PRO724", retainer.id,
        f"retainer {retainer.name or retainer.id} was invoiced, and actuals of it are missing: "
        + ", ".join(kind.replace("-", " ") for kind in lacks),
        "Look whether its proforma was confirmed, or whether the actuals of class retainer were "
        "not exported; until then it counts by its own row.",
        ("amount", retainer.amount), ("event", "E20"),
    )  # fmt: skip
