"""The actuals that an approval creates, by the lines of the table of events (E2 to E8, E26,
E27, E30, E33), and billed sales of product lines, which nobody approves (E32)."""

from decimal import Decimal

from msgspec.structs import replace

from adapter.making.confirm import CHARGEABLE, CONFIRMING
from adapter.making.documents import finding_of
from adapter.making.event_table import EventRow, Line
from adapter.making.given import TIME_AND_MATERIAL, Given
from adapter.making.new_actuals import (
    BILLED,
    COST,
    NO_LIMIT,
    OPEN,
    POSTED,
    UNBILLED,
    Created,
    Creation,
)
from adapter.making.split import split_amount, split_quantity
from adapter.reading.event_file import Inferred
from adapter.values.actuals import Actual
from adapter.values.money import HUNDRED, ZERO, amount_of, discount_of

ORIGINS = {"material": "usage", "time": "time", "expense": "expense"}
RESOURCING = "resourcing-unit-cost"
INTER = "inter-organizational-sales"


def approve(row: EventRow, given: Given, inferred: Inferred) -> Created:
    """What approving creates: cost, unbilled sales where there are any, their connections."""
    assert given.shape is not None
    if row.id == "E26" and sum((p.percent for p in given.payers), ZERO) != HUNDRED:
        return Created(findings=(finding_of(
            "PRO707", given.id, "the payers do not share 100 percent of what is approved",
            "Correct the percentages of the contract line's customers.",
            ("sum", sum((p.percent for p in given.payers), ZERO))),))  # fmt: skip
    creation = Creation(given.id, given.rule)
    costs: list[Actual] = []
    sales: list[Actual] = []
    for line in row.creates:
        if line.type == COST:
            costs += _costs(creation, row, line, given, inferred)
        elif line.type == UNBILLED and _is_unbilled(row, given, inferred):
            sales += _sales(creation, row, line, given)
        elif line.type in (RESOURCING, INTER):
            price = given.resourcing_price if line.type == RESOURCING else given.transfer_price
            creation.add(_actual(creation, line, given, given.used or ZERO, price or ZERO,
                                 billing_status=None, is_intercompany=True,
                                 nte_status=NO_LIMIT))  # fmt: skip
        elif line.type == BILLED:
            creation.add(_actual(creation, line, given, given.used or ZERO,
                                 given.sales_price or ZERO, billing_status=POSTED, project=None,
                                 task=None, invoice=given.id, origin=CONFIRMING))  # fmt: skip
    if given.shape.origin == "entry-journal":
        return creation.done()  # these have no connection of cost and sales (domain 4.4)
    for at, one in enumerate(sales):
        creation.connect(one, "Unbilled Sales", costs[min(at, len(costs) - 1)], "Cost")
    return creation.done()


def _is_unbilled(row: EventRow, given: Given, inferred: Inferred) -> bool:
    """Whether there are unbilled sales: not without a contract, unpaid ones by a setting."""
    assert given.shape is not None
    if row.id == "E33":
        return (given.shape.contract or given.shape.contract_line) is not None
    return row.id != "E5" or inferred.unpaid_is_unbilled


def _costs(
    creation: Creation, row: EventRow, line: Line, given: Given, inferred: Inferred
) -> list[Actual]:
    price, used = given.cost_price or ZERO, given.used or ZERO
    more: dict[str, object] = {
        "currency": given.cost_currency or (given.shape.currency if given.shape else None),
        "billing_status": None,
        "nte_status": NO_LIMIT,
    }
    if row.id == "E30":
        more["skip_sync"] = True  # intercompany cost of the project (domain R-158)
    if row.id == "E33":
        more |= {"origin": "packing-slip", "is_journalized": True}
    if row.id != "E26" or not inferred.split_cost:
        return [creation.add(_actual(creation, line, given, used, price, **more))]
    return _split(creation, line, given, price, more)


def _sales(creation: Creation, row: EventRow, line: Line, given: Given) -> list[Actual]:
    """The unbilled sales of one line; one for each payer where they share."""
    used = given.used or ZERO
    billable = used if given.billable is None else given.billable
    quantity = {"used": used, "billable": billable, "rest": used - billable}.get(line.quantity)
    kind = line.billing_type or given.billing_type
    status = "failed" if row.id == "E27" else given.nte_status
    more: dict[str, object] = {
        "billing_type": kind,
        "billing_status": OPEN,
        "nte_status": status if kind == CHARGEABLE else NO_LIMIT,
        "quantity_used": used if billable != used else None,
    }
    if row.id == "E33":
        more["origin"] = "packing-slip"
    price = given.sales_price or ZERO
    if line.quantity == "share":
        return _split(creation, line, given, price, more)
    assert quantity is not None, line.quantity
    if not quantity:
        return []  # nothing is billed of it, so there is no line of zero
    return [creation.add(_actual(creation, line, given, quantity, price, **more))]


def _split(
    creation: Creation, line: Line, given: Given, price: Decimal, more: dict[str, object]
) -> list[Actual]:
    used = given.used or ZERO
    percents = [payer.percent for payer in given.payers]
    at = next((i for i, payer in enumerate(given.payers) if payer.is_rounding), None)
    quantities = split_quantity(used, percents, at)
    amounts = split_amount(used, price, percents, at, given.rule)
    return [
        creation.add(_actual(creation, line, given, quantity, price,
                             **{**more, "amount": amount, "customer": payer.customer,
                                "contract_customer": payer.contract_customer}))
        for payer, quantity, amount in zip(given.payers, quantities, amounts, strict=True)
    ]  # fmt: skip


def _actual(
    creation: Creation, line: Line, given: Given, quantity: Decimal, price: Decimal,
    **more: object,
) -> Actual:  # fmt: skip
    """A new actual of the given shape; the discount takes from chargeable sales only."""
    shape = given.shape
    assert shape is not None
    kind = more.get("billing_type", shape.billing_type or given.billing_type)
    amount = more.get("amount", amount_of(quantity, price, creation.rule))
    is_discounted = (
        line.type in (UNBILLED, BILLED) and kind == CHARGEABLE
        and shape.discount_percent is not None
    )  # fmt: skip
    assert isinstance(amount, Decimal)
    percent = shape.discount_percent if is_discounted else None
    values: dict[str, object] = {
        "transaction_type": line.type,
        "billing_type": kind,
        "quantity": quantity,
        "price": price,
        "amount": amount,
        "adjustment_status": None,
        "discount_percent": percent,
        "discount_amount": None if percent is None
        else discount_of(amount, percent, creation.rule),
        "nte_status": None,
        **more,
    }  # fmt: skip
    return replace(shape, **values)


def win_quote(row: EventRow, given: Given, inferred: Inferred) -> Created:
    """E8: the cost of before the contract is replaced, and time and material is sold."""
    creation = Creation(given.id, given.rule)
    for cost in given.actuals:
        creation.change(cost.id, "adjustment_status", "adjusted")
        creation.reverse(cost, status=cost.billing_status)
        new = creation.like(replace(cost, **given.values), status=cost.billing_status)
        if inferred.replacement_connected:
            creation.connect(new, "Replacing", cost, "Original")
        if given.billing_method != TIME_AND_MATERIAL:
            continue
        quantity = cost.quantity or ZERO
        price = given.prices.get(cost.id, given.sales_price or ZERO)
        sold = creation.add(
            replace(new, transaction_type=UNBILLED, billing_type=given.billing_type,
                    billing_status=OPEN, origin=ORIGINS.get(new.transaction_class or ""),
                    price=price, nte_status=given.nte_status,
                    currency=given.shape.currency if given.shape else new.currency,
                    amount=amount_of(quantity, price, given.rule))
        )  # fmt: skip
        creation.connect(sold, "Unbilled Sales", new, "Cost")
    return creation.done()
