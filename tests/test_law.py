"""The law of sales, on what events create and on what was read, and what breaks it."""

from collections import Counter
from decimal import Decimal
from random import Random

import pytest
from msgspec.structs import replace

from adapter.making.confirm import Detail
from adapter.making.costs import cost_of, extended_cost
from adapter.making.event_table import EVENTS, MONEY_TERMS
from adapter.making.events import Given, apply
from adapter.making.law import Terms, balance, broken, newest
from adapter.making.replay import Standing, after
from adapter.reading.event_file import Inferred
from adapter.values.actuals import Actual, Connection
from adapter.values.money import CurrencyRule
from tests.event_world import World
from tests.events_given import (
    APPROVED,
    BILLED,
    GOLDEN,
    SHAPE,
    everything,
    happen,
    the,
    usage,
)

D = Decimal
YEN = CurrencyRule(decimals=0)
SEEDS = 320
STEPS = 30
BY_EVENT = {golden.event: golden for golden in GOLDEN}


def terms(standing: Standing) -> dict[str, Decimal]:
    found = balance(everything(standing), standing.connections).values()
    return {name: sum((getattr(t, name) for t in found), D(0)) for name in MONEY_TERMS}


def twice(standing: Standing, role: str, other: str) -> list[str]:
    """Ids that more than one pair names in `other` while `role` stands on the other side."""
    named = Counter(c.second for c in standing.connections
                    if (c.first_role, c.second_role) == (role, other))  # fmt: skip
    return [id for id, times in named.items() if times > 1]


@pytest.mark.parametrize("part", range(8))
def test_whatever_happens_the_law_holds_after_every_step(part: int) -> None:
    met: Counter[str] = Counter()
    for seed in range(part, SEEDS, 8):
        world = World(seed)
        before = terms(world.now)
        for _ in range(1 + seed % STEPS):
            event, _given, created = world.step()
            where = (seed, world.count, event)
            beyond = terms(world.now)
            moved = {n: beyond[n] - before[n] for n in MONEY_TERMS if beyond[n] != before[n]}
            declared = EVENTS[event].moves
            met[event if not created.findings else "refused"] += 1

            assert broken(everything(world.now), world.now.connections) == [], where
            assert twice(world.now, "Reversing", "Original") == [], where
            assert twice(world.now, "Billed Sales", "Unbilled Sales") == [], where
            assert set(moved) <= set(declared), where
            if not world.edited_price:
                wrong = {n for n, v in moved.items() if declared[n] == "+-"[v > 0]}
                assert wrong == set(), where
            if created.findings:
                assert (created.actuals, created.changes, moved) == ((), (), {}), where
            before = beyond

    assert met["refused"] > 0


def test_all_events_are_met_by_the_random_lives() -> None:
    met: set[str] = set()
    for seed in range(120):
        world = World(seed)
        for _ in range(STEPS):
            event, _given, created = world.step()
            if not created.findings:
                met.add(event)
            if world.rng.random() < 0.3:
                world.mark_ready()

    assert met == set(EVENTS) - {"E1"}  # nothing is created before an approval


def test_the_terms_of_the_golden_case_of_an_edited_draft() -> None:
    golden = BY_EVENT["E13"]
    now = happen((golden.event, golden.given), start=golden.before)

    assert balance(everything(now), now.connections) == {
        ("material", "usd"): Terms(approved=D("500.00"), billed=D("375.00"),
                                   non_chargeable=D("125.00"), repriced=D("0.00"),
                                   open=D("0.00")),
    }  # fmt: skip


def test_classes_and_currencies_are_never_added() -> None:
    euro = [replace(a, id=a.id + "e", currency="eur") for a in everything(APPROVED)]

    found = balance([*everything(APPROVED), *euro], APPROVED.connections)

    assert {key: t.approved for key, t in found.items()} == {
        ("material", "eur"): D("500.00"), ("material", "usd"): D("500.00")}  # fmt: skip


def changed(standing: Standing, actual: Actual, **values: object) -> list[Actual]:
    return [replace(a, **values) if a.id == actual.id else a for a in everything(standing)]


def reversal(standing: Standing) -> Actual:
    return next(a for a in everything(standing) if a.adjustment_status == "unadjustable")


def codes(actuals: list[Actual], connections: tuple[Connection, ...]) -> set[str]:
    return {f.code for f in broken(actuals, connections)}


def test_a_reversal_that_is_missing_breaks_the_law() -> None:
    left = [a for a in everything(BILLED) if a is not reversal(BILLED)]

    found = broken(left, BILLED.connections)

    assert [f.code for f in found] == ["LAW701"]
    assert found[0].message == "what came in is 600.00, what went out is 1200.00"


def test_a_reversal_with_the_wrong_sign_breaks_the_law() -> None:
    wrong = changed(BILLED, reversal(BILLED), quantity=D(8), amount=D("600.00"))

    assert codes(wrong, BILLED.connections) == {"LAW701", "LAW704"}


def test_billed_sales_of_another_amount_break_the_law() -> None:
    wrong = changed(BILLED, the(BILLED, "B"), amount=D("599.99"))

    assert codes(wrong, BILLED.connections) == {"LAW701"}


def test_what_a_credit_forgets_to_open_again_breaks_the_law() -> None:
    golden = BY_EVENT["E24"]
    now = happen((golden.event, golden.given), start=golden.before)
    rest = next(a for a in everything(now) if a.quantity == D(3))
    left = [a for a in everything(now) if a is not rest]

    assert codes(left, now.connections) == {"LAW701"}


def test_what_replaces_an_actual_of_another_class_came_from_repricing() -> None:
    golden = BY_EVENT["E28"]
    now = happen((golden.event, golden.given), start=golden.before)
    new = the(now, "U")
    found = balance(changed(now, new, transaction_class="expense"), now.connections)

    assert found["expense", "usd"] == Terms(repriced=D("500.00"), open=D("500.00"))
    assert found["material", "usd"] == Terms(approved=D("500.00"), repriced=D("-500.00"))


def again(actual: Actual, connection: Connection, key: str) -> tuple[Actual, Connection]:
    return replace(actual, id=key), replace(connection, id=key, first=key)


def test_a_second_reversal_is_found_even_where_the_sums_agree() -> None:
    one = reversal(BILLED)
    link = next(c for c in BILLED.connections if c.first == one.id)
    other, second = again(one, link, "again")
    balancing = replace(the(BILLED, "U", 0), id="more")

    found = codes([*everything(BILLED), other, balancing], (*BILLED.connections, second))

    assert "LAW702" in found


def test_unbilled_sales_that_are_billed_twice_are_found() -> None:
    one = the(BILLED, "B")
    link = next(c for c in BILLED.connections if c.first == one.id)
    other, second = again(one, link, "again")

    assert codes([*everything(BILLED), other], (*BILLED.connections, second)) == {
        "LAW701", "LAW703"}  # fmt: skip


@pytest.mark.parametrize(
    ("role", "message"),
    [
        ("Reversing", "the reversal is connected with no original"),
        ("Billed Sales", "billed sales without unbilled sales"),
        ("Unbilled Sales", "approved unbilled sales without a cost"),
    ],
)
def test_a_connection_that_is_missing_is_a_warning(role: str, message: str) -> None:
    left = tuple(c for c in BILLED.connections if c.first_role != role)

    found = [f for f in broken(everything(BILLED), left) if f.code == "LAW704"]

    assert [(f.level, f.message) for f in found] == [("warning", message)]


def test_an_adjusted_actual_without_a_reversal_is_a_warning() -> None:
    cost = the(BILLED, "C")

    found = broken(changed(BILLED, cost, adjustment_status="adjusted"), BILLED.connections)

    assert [(f.code, f.record) for f in found] == [("LAW704", cost.id)]


def test_a_reversal_whose_original_is_elsewhere_is_a_warning() -> None:
    alone = [reversal(BILLED)]

    found = broken(alone, BILLED.connections)

    assert "the reversal's original is not among the records" in {f.message for f in found}


def test_without_any_connections_none_is_missed_and_the_law_still_holds() -> None:
    assert broken(everything(BILLED), ()) == []
    assert broken(everything(APPROVED), ()) == []


def test_billed_sales_without_unbilled_sales_are_added_only_where_the_line_bills_so() -> None:
    billed = the(BILLED, "B")
    again = replace(billed, id="again")
    amount = billed.amount or D(0)
    actuals = [*everything(BILLED), again]

    def found(method: str | None) -> tuple[D, bool]:
        (terms,) = balance(actuals, BILLED.connections, method_of=lambda _: method).values()
        return terms.added, terms.is_kept

    assert found("time-and-material") == (D(0), False)
    assert found(None) == (D(0), False)
    assert found("fixed-price") == (amount, True)
    assert codes(actuals, BILLED.connections) == {"LAW701", "LAW704"}
    actuals[-1] = replace(again, origin="invoice-edit")
    assert [found(method)[1] for method in (None, "fixed-price", "time-and-material")] == [
        True, True, False]  # fmt: skip
    actuals[-1] = replace(again, project=None)
    assert found("time-and-material") == (amount, True)  # a product line, E32


def test_connections_of_dataverse_are_read_like_ours() -> None:
    theirs = [replace(c, first_type="msdyn_actual", second_type="msdyn_actual",
                      first_role=(c.first_role or "").replace(" ", ""))
              for c in BILLED.connections]  # fmt: skip

    assert balance(everything(BILLED), theirs) == balance(everything(BILLED), BILLED.connections)
    assert broken(everything(BILLED), theirs) == []


def test_rows_that_arrive_again_and_in_any_order_change_nothing() -> None:
    rng = Random(7)
    for seed in range(20):
        world = World(seed)
        for _ in range(STEPS):
            world.step()
        actuals, links = [*everything(world.now)] * 2, [*world.now.connections] * 2
        rng.shuffle(actuals)
        rng.shuffle(links)

        assert balance(actuals, links) == balance(everything(world.now), world.now.connections)
        assert broken(actuals, links) == []


def test_the_newest_version_of_a_row_counts() -> None:
    old, new = Actual(id="a", version=1, amount=D(1)), Actual(id="a", version=2, amount=D(2))

    assert newest([new, old]) == newest([old, new]) == {"a": new}


def test_two_contents_of_one_version_give_the_same_row_in_any_order() -> None:
    one, two = Actual(id="a", version=1, amount=D(1)), Actual(id="a", version=1, amount=D(2))

    assert newest([one, two]) == newest([two, one]) == newest([two, one, two])


def test_repricing_is_rounded_as_its_currency_is() -> None:
    """A draft of 4 x 125.5 yen is confirmed with 3; 376.5 becomes 377 in whole yen."""
    shape = replace(SHAPE, currency="jpy")
    start = happen(("E2", usage("Y", "4", "80", "125.5", shape=shape, rule=YEN)))
    now = happen(("E13", Given(id="i", rule=YEN, details=(
        Detail(original=the(start, "U"), quantity=D(3)),))), start=start)  # fmt: skip

    in_yen = balance(everything(now), now.connections, rules={"jpy": YEN})["material", "jpy"]
    in_cents = balance(everything(now), now.connections)["material", "jpy"]

    assert (in_yen.billed, in_yen.non_chargeable, in_yen.repriced) == (D(377), D(126), D(1))
    assert broken(everything(now), now.connections, rules={"jpy": YEN}) == []
    assert in_cents.is_kept


@pytest.mark.parametrize("event", ["E29", "E31", "E35"])
def test_what_was_taken_back_is_cancelled_whatever_its_billing_status(event: str) -> None:
    golden = BY_EVENT[event]
    still = Inferred(taken_back_is_canceled=False)
    usual, other = (after(golden.before, apply(event, golden.given, inferred))
                    for inferred in (Inferred(), still))  # fmt: skip

    assert terms(usual) == terms(other)
    assert terms(other)["cancelled"] > 0 and terms(other)["repriced"] == 0


@pytest.mark.parametrize(
    ("event", "added", "repriced"), [("E14", "125.00", "0"), ("E25", "150.00", "0"),
                                     ("E9", "0", "20.00"), ("E13", "0", "0")],
)  # fmt: skip
def test_more_than_was_there_is_added_and_another_price_is_repricing(
    event: str, added: str, repriced: str
) -> None:
    golden = BY_EVENT[event]
    found = terms(after(golden.before, apply(event, golden.given)))

    assert (found["added"], found["repriced"]) == (D(added), D(repriced))


def test_positive_advances_leave_the_retainers_out() -> None:
    golden = BY_EVENT["E20"]
    now = happen((golden.event, golden.given), start=golden.before)

    assert set(balance(everything(now), ())) == {("retainer", "usd")}
    assert balance(everything(now), (), inferred=Inferred(applied_retainer="positive")) == {}


def test_cost_is_told_with_what_finance_adjusted() -> None:
    golden = BY_EVENT["E34"]
    now = happen((golden.event, golden.given), start=golden.before)

    assert cost_of(everything(now)) == {("material", "usd"): D("372.35")}
    assert extended_cost(Actual(id="c", amount=D("1650.00"), adjustment_value=D("52.35"))) == D(
        "1702.35")  # fmt: skip


def test_a_reversal_is_known_by_its_connection_where_no_status_was_exported() -> None:
    bare = [replace(a, adjustment_status=None) for a in everything(BILLED)]

    assert balance(bare, BILLED.connections) == balance(everything(BILLED), BILLED.connections)
    assert broken(bare, BILLED.connections) == []


def test_a_reversal_of_another_type_is_a_warning() -> None:
    cost = the(BILLED, "C")
    turned = replace(reversal(BILLED), transaction_type="cost", amount=-cost.amount)
    link = next(c for c in BILLED.connections if c.first == turned.id)
    links = (*(c for c in BILLED.connections if c is not link), replace(link, second=cost.id))
    rest = [a for a in everything(BILLED) if a.id != turned.id]
    as_sales = replace(turned, transaction_type="unbilled-sales")

    assert "LAW704" not in codes([*rest, turned], links)
    assert "LAW704" in codes([*rest, as_sales], links)
