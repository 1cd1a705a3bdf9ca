"""Which event made the actuals of a retainer, by what fits together."""

from datetime import date
from decimal import Decimal

from msgspec.structs import replace

from adapter.making.advances import advance_of
from adapter.making.confirm import confirm_proforma
from adapter.making.event_trace import event_of
from adapter.making.retainer_trace import retainer_events
from adapter.reading.event_file import Inferred
from adapter.values.actuals import Actual
from adapter.values.project_operations import Retainer

D = Decimal
RETAINER = Retainer(id="r", name="Advance", contract="pc", amount=D(1000), currency="usd",
                    invoice_date=date(2026, 3, 1))  # fmt: skip
INVOICED = replace(RETAINER, is_invoiced=True)
DAY = date(2026, 3, 20)


def invoiced() -> tuple[Actual, ...]:
    return confirm_proforma([], retainers=[RETAINER], invoice="i").actuals


def applied(amount: str, used: str = "0", sign: str = "negative") -> tuple[Actual, ...]:
    advance = advance_of(replace(INVOICED, used_amount=D(used)), D(amount))
    return confirm_proforma([], advances=[advance], invoice="i2", day=DAY,
                            inferred=Inferred(applied_retainer=sign)).actuals  # fmt: skip


def told(*groups: tuple[Actual, ...]) -> list[list[str]]:
    events = retainer_events([one for group in groups for one in group])
    return [[events.get(one.id, "") for one in group] for group in groups]


def test_invoiced_and_applied_in_part_and_in_full() -> None:
    assert told(invoiced(), applied("640")) == [["E20"] * 2, ["E22"] * 3]
    assert told(invoiced(), applied("1000")) == [["E20"] * 2, ["E21"] * 2]
    assert told(applied("640", sign="positive")) == [["E22"] * 3]
    assert told(applied("1000", sign="positive")) == [["E21"] * 2]


def test_all_of_one_day_is_told_apart_by_amounts() -> None:
    first, then = invoiced(), applied("640")
    same = tuple(replace(one, document_date=DAY) for one in first)

    assert told(same, then) == [["E20"] * 2, ["E22"] * 3]


def test_what_fits_nothing_has_no_event() -> None:
    release, rest, taken = applied("640")

    assert told((release, replace(rest, amount=D(-350)), taken)) == [["", "", ""]]
    assert told((release,), ) == [[""]]
    assert told((rest,)) == [[""]]


def test_billed_sales_alone_are_those_of_an_invoiced_retainer() -> None:
    billed = next(one for one in invoiced() if one.transaction_type == "billed-sales")

    assert told((billed,)) == [["E20"]]
    assert event_of(billed, ()) == "E20"
    assert event_of(applied("640")[0], (), {a.id: a for a in applied("640")}) == "E22"
