"""Which event created an actual, as far as the records say: for a timeline.

The records name no event. Origin, type, sign, adjustment and billing status and the roles of
the connections around an actual tell most of them apart; where two events leave the same
traces the answer is empty, never a guess.
"""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from adapter.making.law_links import MethodOf, is_direct, unknown
from adapter.making.links import Links, is_reversal
from adapter.making.new_actuals import (
    BILLED,
    CANCELED,
    COST,
    POSTED,
    RETAINER,
    UNBILLED,
)
from adapter.making.retainer_trace import retainer_events
from adapter.values.actuals import Actual, Connection
from adapter.values.money import ZERO

NONE_KNOWN: Mapping[str, Actual] = {}
Approvals = dict[str, str]  # unbilled sales -> the event of the approval that created them


def events_of(
    known: Mapping[str, Actual], links: Links, method_of: MethodOf = unknown
) -> dict[str, str]:
    """The event that created each of these actuals, as `event_of` tells it of one.

    A cost and its sales come from one approval, which is looked at once. `method_of`: how a
    contract line bills, where the lines were read.
    """
    approvals: Approvals = {}
    found = {key: _event_of(actual, links, known, approvals, method_of)
             for key, actual in known.items()}  # fmt: skip
    return found | retainer_events(known.values())


def event_of(
    actual: Actual,
    connections: Iterable[Connection] | Links,
    known: Mapping[str, Actual] = NONE_KNOWN,
) -> str:
    """The event E2 to E35 that created an existing actual; empty when the records do not say.

    `connections` are all of them, as `Links` where several actuals are asked. With the other
    actuals as `known` the answer is finer: more or less than before, split or not.
    """
    links = connections if isinstance(connections, Links) else Links(connections)
    if actual.transaction_class == RETAINER:
        return retainer_events({**known, actual.id: actual}.values()).get(actual.id, "")
    return _event_of(actual, links, known, {}, unknown)


def _event_of(
    actual: Actual, links: Links, known: Mapping[str, Actual], approvals: Approvals,
    method_of: MethodOf,
) -> str:  # fmt: skip
    klass = actual.transaction_class
    if klass == "milestone":
        is_billed = actual.transaction_type == BILLED
        return "" if not is_billed else "E19" if is_reversal(actual, links) else "E18"
    if klass == RETAINER:
        return ""  # only all of them together say more
    if actual.transaction_type == BILLED:
        return _billed(actual, links, known, method_of)
    if actual.transaction_type == UNBILLED:
        return _unbilled(actual, links, known, approvals)
    if actual.transaction_type == COST:
        return _cost(actual, links, known, approvals)
    return "E30" if actual.is_intercompany else ""


def _billed(
    actual: Actual, links: Links, known: Mapping[str, Actual], method_of: MethodOf
) -> str:
    if is_reversal(actual, links):
        return _credit(next(iter(links.reversed_by(actual.id)), ""), links, known)
    source = next(iter(links.billed_from(actual.id)), None)
    if source is None:
        if actual.origin == "invoice-edit":  # time and material has unbilled sales, lost here
            return "E17" if is_direct(actual, method_of) else ""
        return "" if actual.project is not None else "E32"
    if actual.origin == "invoice-edit":
        return "E16"
    return _on_invoice(actual, source, links, known)


def _on_invoice(actual: Actual, unbilled: str, links: Links, known: Mapping[str, Actual]) -> str:
    """The event of what an invoice made of unbilled sales: a share of its own, or the whole."""
    if links.replaced(unbilled) and unbilled not in known:
        return ""  # a share of this invoice, or what an earlier one opened again
    source = known.get(unbilled)
    if source is not None and source.origin in MADE and source.origin == actual.origin:
        return _share(unbilled, links, known)
    is_backlog = links.costs(unbilled) or links.replaced(unbilled)
    if not is_backlog and (source is None or source.origin not in BACKLOG):
        return ""  # a share whose original no connection names
    return "E12" if _is_paid(actual) else "E15"


def _is_paid(actual: Actual) -> bool:
    return actual.billing_type == "chargeable"


def _share(unbilled: str, links: Links, known: Mapping[str, Actual]) -> str:
    """The event of unbilled sales that were made on an invoice; empty if an approval did."""
    one = known.get(unbilled)
    if one is not None and (one.billing_status != POSTED or one.origin not in MADE):
        return ""
    original = next(iter(links.replaced(unbilled)), None)
    if original is None:
        return ""
    if links.billed_from(original):
        return _credit(original, links, known)
    shares = links.replacers(original)
    return "E13" if len(shares) > 1 else _more_or_less(original, shares, known, "E13", "E14")


APPROVED = ("usage", "time", "expense")
BACKLOG = (*APPROVED, "packing-slip", "entry-journal")
MADE = ("invoice-confirmation", "invoice-edit", "correction")


def _more_or_less(
    original: str, made: Sequence[str], known: Mapping[str, Actual], less: str, more: str
) -> str:
    if original not in known or any(id not in known for id in made):
        return ""
    quantity = sum((known[id].quantity or ZERO for id in made), Decimal(0))
    return more if quantity > (known[original].quantity or ZERO) else less


def _credit(original: str, links: Links, known: Mapping[str, Actual]) -> str:
    """Which credit a billed original was given, by what replaced it."""
    made = links.replacers(original)
    if len(made) > 1:
        return "E24"
    if not made:
        return ""
    one = known.get(made[0])
    if one is None:
        return "" if links.bills(made[0]) else "E23"
    if original not in known:
        return ""
    was, now = known[original].quantity or ZERO, one.quantity or ZERO
    if now > was:
        return "E25"
    return "E23" if not _is_reposted(one, links, known) else "E24"


def _is_reposted(one: Actual, links: Links, known: Mapping[str, Actual]) -> bool:
    """Whether it was billed by the correction itself, not by an invoice afterwards."""
    return any(known[id].origin == "correction" for id in links.bills(one.id) if id in known)


def _unbilled(
    actual: Actual, links: Links, known: Mapping[str, Actual], approvals: Approvals
) -> str:
    if is_reversal(actual, links):
        original = next(iter(links.reversed_by(actual.id)), "")
        if actual.billing_status == CANCELED:
            return "E29" if actual.origin == "entry-journal" else "E10"
        if actual.billing_status != POSTED:
            return _remade(actual, links.replacers(original))
        if actual.origin == "invoice-edit":
            return "E16"
        made = links.replacers(original)
        if made:
            return "E13" if len(made) > 1 else _more_or_less(original, made, known, "E13", "E14")
        return _on_invoice(actual, original, links, known)
    if actual.origin == "invoice-edit":
        return "E16"
    originals = links.replaced(actual.id)
    if originals:
        if links.billed_from(originals[0]):
            return _credit(originals[0], links, known)
        share = _share(actual.id, links, known)
        if share or (actual.billing_status == POSTED and actual.origin not in APPROVED):
            return share
        return _remade(actual, links.replacers(originals[0]))
    return _approval(actual, links, known, approvals)


def _remade(actual: Actual, replacers: Sequence[str]) -> str:
    """Reversed or made anew outside an invoice: a correction journal, or a confirmed contract."""
    if actual.origin == "correction" or actual.is_correction:
        return "E28"
    return "E9" if actual.transaction_type == UNBILLED and replacers else ""


def _approval(
    sales: Actual, links: Links, known: Mapping[str, Actual], approvals: Approvals
) -> str:
    event = approvals.get(sales.id)
    if event is None:
        event = approvals[sales.id] = _approved(sales, links, known)
    return event


def _approved(actual: Actual, links: Links, known: Mapping[str, Actual]) -> str:
    """Unbilled sales that an approval created."""
    if actual.origin == "entry-journal":
        return ""
    if actual.origin == "correction":
        return "E28"
    if actual.origin == "packing-slip":
        return "E33"
    costs = links.costs(actual.id)
    if not costs and actual.origin not in APPROVED:
        return ""
    if actual.nte_status == "failed":
        return "E27"
    if costs and links.replaced(costs[0]):
        return "E8"
    sold = _shared(costs, links, known)
    if sold and len({one.contract_customer for one in sold}) > 1:
        return "E26"
    used, billed = _used(actual, costs, known), actual.quantity or ZERO
    if used is not None and billed > used:
        return "E4"
    if (used is not None and billed < used) or len({one.billing_type for one in sold}) > 1:
        return "E3"
    for cost in costs:
        if cost in known and known[cost].skip_sync:
            return "E30"
    return "E2" if _is_paid(actual) else "E5"


def _used(sales: Actual, costs: Sequence[str], known: Mapping[str, Actual]) -> Decimal | None:
    """What an approval says was used: the quantity of its cost, else what its sales say."""
    cost = known.get(costs[0]) if len(costs) == 1 else None
    if cost is not None and cost.quantity is not None and cost.unit == sales.unit:
        return cost.quantity
    return sales.quantity_used


def _shared(costs: Sequence[str], links: Links, known: Mapping[str, Actual]) -> list[Actual]:
    """The sales among which an approval shared its cost; none where there are not several."""
    ids = links.sold(costs[0]) if len(costs) == 1 else [id for c in costs for id in links.sold(c)]
    sold = [known[id] for id in ids if id in known] if len(ids) > 1 else []
    return sold if len(sold) > 1 else []


def _cost(
    actual: Actual, links: Links, known: Mapping[str, Actual], approvals: Approvals
) -> str:
    sold = links.sold(actual.id)
    sales = next((known[id] for id in sold if id in known), None) if sold else None
    if is_reversal(actual, links):
        if actual.billing_status == CANCELED:
            return "E29" if actual.origin == "entry-journal" else "E10"
        replacers = links.replacers(next(iter(links.reversed_by(actual.id)), ""))
        return _remade(actual, replacers)
    if links.replaced(actual.id):
        made = _remade(actual, [])
        if made or sales is None:
            return made
        return "E9" if links.replaced(sales.id) else "E8"
    if actual.origin == "packing-slip":
        return "E33"
    if actual.origin in ("entry-journal", "general-journal", "vendor-invoice"):
        return ""
    if sales is not None:
        return _approval(sales, links, known, approvals)
    if sold:
        return ""
    has_contract = (actual.contract or actual.contract_line) is not None
    return "E6" if has_contract else "E7"
