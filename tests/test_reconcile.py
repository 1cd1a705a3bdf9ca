"""Five buckets, and the law that both sides and the ledger add up."""

from collections.abc import Mapping
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapter.making.compared import differences, mark_of
from adapter.making.reconcile import Expected, Ghost, reconcile
from adapter.reading.reconcile_table import Reason
from adapter.telling.show_reconcile import as_json, as_text, verdict
from tests.proof.consignments import journal

STEPS = journal("j", "USMF", 4).steps
BODY: dict[str, object] = msgspec.json.Decoder(float_hook=Decimal).decode(STEPS[1].body)
MOVED = Reason(column="LineNumber", why="Finance numbers lines anew")


def row(**changes: object) -> Mapping[str, object]:
    return {**BODY, **changes}


@pytest.mark.parametrize(
    ("rows", "bucket"),
    [
        ([row()], "equal"),
        ([], "missing"),
        ([row(), row()], "duplicate"),
        ([row(LineNumber=7)], "explained"),
        ([row(Amount="9.99")], "unexplained"),
        ([row(Amount="9.99", LineNumber=7)], "unexplained"),
    ],
)
def test_each_row_lies_in_its_bucket(rows: list[Mapping[str, object]], bucket: str) -> None:
    made = reconcile([Expected(step=STEPS[1], state="sent", rows=tuple(rows))], [], [MOVED])

    assert made.counts[bucket] == 1
    assert made.is_balanced
    assert made.is_clean == (bucket in ("equal", "explained"))


def test_a_row_that_nobody_sent_is_a_ghost() -> None:
    made = reconcile([], [Ghost(entity="Lines", key="x", company="USMF", amount="5.00")], [])

    assert made.counts["ghost"] == 1
    assert made.is_balanced
    assert "nobody sent it" in as_text(made)


def test_what_could_not_be_asked_for_is_said_first() -> None:
    made = reconcile([Expected(step=STEPS[1], state="sent", is_known=False)], [], [])

    assert not made.is_clean
    assert verdict(made).startswith("1 rows could not be asked for")


def test_planned_rows_are_not_missed() -> None:
    made = reconcile([Expected(step=STEPS[1], state="planned")], [], [])

    assert (made.waiting, made.counts["missing"]) == (1, 0)
    assert made.is_clean


@given(st.lists(st.tuples(st.sampled_from(range(1, 5)), st.integers(0, 3)), max_size=12),
       st.integers(0, 3))  # fmt: skip
def test_expected_and_found_always_add_up(given: list[tuple[int, int]], ghosts: int) -> None:
    expected = [
        Expected(step=STEPS[n], state="sent",
                 rows=(msgspec.json.decode(STEPS[n].body),) * times)
        for n, times in given
    ]  # fmt: skip
    made = reconcile(expected, [Ghost(entity="E", key=str(n), amount="1.00")
                                for n in range(ghosts)], [])  # fmt: skip

    assert made.is_balanced
    total = sum((s.found_money for s in made.groups.values()), Decimal(0))
    there = sum((Decimal(STEPS[n].amount) * times for n, times in given), Decimal(ghosts))
    assert total == there
    assert as_json(made)["balanced"]


def test_cost_sales_and_kinds_of_document_are_never_added() -> None:
    expected = [
        Expected(step=msgspec.structs.replace(STEPS[1], type=type, amount="10.00"), state="sent",
                 kind=kind, rows=(row(),))
        for kind, type in (("journal", "cost"), ("journal", "sales"), ("proforma", "unbilled"))
    ]  # fmt: skip
    made = reconcile(expected, [], [])
    text = as_text(made, every=True)

    assert {(g.kind, g.side) for g in made.groups} == {
        ("journal", "cost"), ("journal", "sales"), ("proforma", "sales"),
    }  # fmt: skip
    assert {s.expected_money for s in made.groups.values()} == {Decimal("10.00")}
    assert "30.00" not in text and "20.00" not in text
    assert text.count("2026-11-02") == 3 and "2026-11-02" not in as_text(made)


def test_many_rows_of_one_kind_have_one_help_and_say_how_to_see_them_all() -> None:
    made = reconcile([Expected(step=STEPS[1], state="sent")] * 30, [], [])
    text = as_text(made)

    assert text.count("help:") == 1 and "fieldledger replay " in text and "release" not in text
    assert "... and 20 more: --all lists them" in text
    assert as_text(made, every=True).count("actual j-1") == 30
    assert max(map(len, text.splitlines())) <= 80


def test_without_a_connection_nobody_is_said_not_to_answer() -> None:
    made = reconcile([Expected(step=STEPS[1], state="sent", blind="no connection")], [], [])

    assert not made.is_clean and "did not answer" not in verdict(made)
    assert verdict(made) == "1 rows cannot be seen: no connection."


MONEY = {(STEPS[1].entity, STEPS[1].part): frozenset({"Amount"})}


@pytest.mark.parametrize(
    ("said", "found"), [("99", "99.00"), ("1.00", "1.00"), (None, "0"), ("-87.5", "-87.50")]
)
def test_what_is_found_is_what_the_row_there_says(said: str | None, found: str) -> None:
    body = '{"Amount":87.50,"UnitPrice":87.50}'
    step = msgspec.structs.replace(STEPS[1], amount="87.50", body=body)
    there = {"Amount": None if said is None else Decimal(said), "UnitPrice": Decimal(3)}
    twice = Expected(step=step, state="sent", rows=(there, there))

    (sums,) = reconcile([Expected(step=step, state="sent", rows=(there,))], [], [],
                        money=MONEY).groups.values()  # fmt: skip
    both = reconcile([twice], [], [], money=MONEY)

    assert (sums.expected_money, sums.found_money) == (Decimal("87.50"), Decimal(found))
    assert sums.changed_money == Decimal(found) - Decimal("87.50")
    assert both.is_balanced
    assert next(iter(both.groups.values())).found_money == 2 * Decimal(found)


def test_accepting_a_change_does_not_make_the_money_what_was_sent() -> None:
    step = msgspec.structs.replace(STEPS[1], amount="900.60", body='{"Amount":900.60}')
    there = {"Amount": Decimal("1.00")}
    mark = mark_of(differences(step.body, there))
    one = Expected(step=step, state="settled", rows=(there,), accepted=mark, why="agreed")
    made = reconcile([one], [], [], money=MONEY)

    (group,) = as_json(made)["groups"]
    assert made.is_clean and made.counts["explained"] == 1
    assert (group["expected_money"], group["found_money"]) == ("900.60", "1.00")
    assert group["changed_money"] == "-899.60"
