"""Which connections an actual must have: one side of the law, looked at row by row."""

from collections.abc import Callable, Mapping

from adapter.making.links import Links, is_reversal
from adapter.making.new_actuals import ADJUSTED, BILLED, RETAINER, UNADJUSTABLE, UNBILLED
from adapter.reading.store import Records
from adapter.values.actuals import Actual
from adapter.values.money import ZERO
from adapter.values.project_operations import ContractLine

BY_APPROVAL = ("usage", "time", "expense")
DIRECT = ("milestone", "retainer")  # billed without unbilled sales before
MethodOf = Callable[[str | None], str | None]  # how a contract line bills


def unknown(_contract_line: str | None) -> str | None:
    """What is known of contract lines where none were read."""
    return None


def method_of(records: Records) -> MethodOf:
    """How a contract line bills, as far as it was read."""

    def method(key: str | None) -> str | None:
        line = records.one(ContractLine, key)
        return None if line is None else line.billing_method

    return method


def is_direct(billed: Actual, method_of: MethodOf) -> bool:
    """Whether billed sales need no unbilled sales: E17, E18, E32; by the contract line, else by
    what made them."""
    if billed.transaction_class in DIRECT or billed.project is None:
        return True
    method = method_of(billed.contract_line)
    return billed.origin == "invoice-edit" if method is None else method != "time-and-material"


def incomplete(
    actual: Actual, links: Links, known: Mapping[str, Actual], method_of: MethodOf
) -> str:
    """What connection an actual lacks; empty if none."""
    if actual.transaction_class == RETAINER:
        return ""
    if actual.adjustment_status == UNADJUSTABLE and not links.reversed_by(actual.id):
        return "the reversal is connected with no original"
    if actual.adjustment_status == ADJUSTED and not links.reversals(actual.id):
        return "the adjusted actual is connected with no reversal"
    if is_reversal(actual, links):
        return _not_turned(actual, links, known)
    if actual.transaction_type == BILLED:
        is_connected = bool(links.billed_from(actual.id)) or is_direct(actual, method_of)
        return "" if is_connected else "billed sales without unbilled sales"
    if actual.transaction_type == UNBILLED and actual.origin in BY_APPROVAL:
        is_connected = bool(links.costs(actual.id) or links.replaced(actual.id))
        return "" if is_connected else "approved unbilled sales without a cost"
    return ""


def _not_turned(actual: Actual, links: Links, known: Mapping[str, Actual]) -> str:
    """A reversal must be of its original's type and take all of it back."""
    for id in links.reversed_by(actual.id):
        original = known.get(id)
        if original is None:
            return "the reversal's original is not among the records"
        if original.transaction_type != actual.transaction_type or (
            (original.amount or ZERO) + (actual.amount or ZERO)
        ):
            return "the reversal does not take back what its original says"
    return ""
