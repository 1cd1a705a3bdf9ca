"""Any order of arrival and any repetition of the same events gives the same end state."""

from datetime import UTC, datetime, timedelta
from itertools import permutations
from random import Random

import pytest
from msgspec.structs import replace

from adapter.making.advances import Advance
from adapter.making.confirm import Detail
from adapter.making.events import Given
from adapter.making.law import broken
from adapter.making.new_actuals import Change, Created
from adapter.making.replay import (
    Happening,
    Standing,
    after,
    brought_up,
    in_order,
    replay,
)
from tests.event_world import World
from tests.events_given import (
    ADVANCED,
    APPROVED,
    MILESTONE,
    RETAINER,
    D,
    advances,
    everything,
    the,
    usage,
)

AT = datetime(2026, 3, 1, 8, tzinfo=UTC)


def lived(seed: int, steps: int = 20) -> World:
    world = World(seed)
    for _ in range(steps):
        world.step()
    return world


@pytest.mark.parametrize("seed", range(40))
def test_any_arrival_order_and_repetition_gives_the_same_end(seed: int) -> None:
    world = lived(seed)
    rng = Random(seed)
    stale = [replace(h, version=0, at=h.at + timedelta(days=rng.choice((-1, 0, 1))),
                     given=usage("stale", "1", "1", "1"), event="E2")
             for h in rng.sample(world.happenings, 5)]  # fmt: skip
    arrived = [*world.happenings, *rng.choices(world.happenings, k=10), *stale]

    for _ in range(5):
        rng.shuffle(arrived)
        found, _findings = replay(arrived, world.start)

        assert found == world.now


@pytest.mark.parametrize("seed", range(40))
def test_what_has_not_arrived_is_waited_for_and_the_law_holds_meanwhile(seed: int) -> None:
    world = lived(seed)
    there = Random(seed).sample(world.happenings, 12)

    standing, findings = replay(there, world.start)

    assert broken(everything(standing), standing.connections) == []
    assert {f.code for f in findings} <= {
        "LAW705", "LAW706", "LAW707", "PRO704", "PRO706", "PRO712", "PRO714"}  # fmt: skip


APPROVE = Happening(id="a", at=AT, event="E2", given=usage("a", "4", "80", "125"))


def test_an_event_before_its_actuals_is_a_finding_and_happens_once_they_are_there() -> None:
    recall = Happening(id="b", at=AT + timedelta(hours=1), event="E10",
                       given=Given(id="b", actuals=everything(replay([APPROVE])[0])))  # fmt: skip

    early, findings = replay([recall])
    late, none = replay([recall, APPROVE])

    assert [f.code for f in findings] == ["LAW707"]
    assert early == Standing()
    assert none == ()
    assert [a.billing_status for a in everything(late)] == ["canceled"] * 4


def test_an_edit_that_overtook_its_creation_counts() -> None:
    edit = replace(APPROVE, version=2, at=AT - timedelta(minutes=5),
                   given=usage("a", "3", "80", "125"))  # fmt: skip

    for arrived in ([edit, APPROVE], [APPROVE, edit], [edit, APPROVE, edit]):
        standing, _ = replay(arrived)

        assert the(standing, "U").quantity == D(3)


def test_two_contents_of_one_version_give_the_same_end_in_any_order() -> None:
    other = replace(APPROVE, given=usage("a", "9", "80", "125"))
    ends = [replay(arrived)[0] for arrived in
            ([APPROVE, other], [other, APPROVE], [other, APPROVE, other, APPROVE])]  # fmt: skip

    assert ends[0] == ends[1] == ends[2]
    assert the(ends[0], "U").quantity in (D(4), D(9))


def test_the_order_is_approval_time_then_version_then_id() -> None:
    early = replace(APPROVE, id="z", at=AT - timedelta(1))
    newer, other = replace(APPROVE, id="0", version=1), replace(APPROVE, id="b")

    assert [h.id for h in in_order([newer, other, APPROVE, early])] == ["z", "a", "b", "0"]


def test_changes_reach_milestones_and_retainers_and_leave_what_is_not_there() -> None:
    before = Standing(actuals=APPROVED.actuals, milestones={"m": MILESTONE},
                      retainers={"r": RETAINER})  # fmt: skip
    created = Created(changes=(Change("m", "invoice_status", "ready"),
                               Change("r", "used_amount", D(5)),
                               Change("?", "x", None)))  # fmt: skip

    now = after(before, created)

    assert (now.milestones["m"].invoice_status, now.retainers["r"].used_amount) == ("ready", D(5))
    assert now.actuals == APPROVED.actuals


def test_an_advance_of_a_retainer_that_is_not_there_is_taken_as_given() -> None:
    given = Given(id="i", advances=(Advance(retainer="?", name="?", available=D(5), applied=D(5),
                                            left=D(0)),))  # fmt: skip

    assert brought_up(given, Standing()) == (given, "")


def test_an_advance_takes_what_the_retainer_has_when_it_happens() -> None:
    """Both were entered while 1,000.00 were available; the earlier one arrives last."""
    first = Happening(id="i1", at=AT, event="E22", given=replace(advances("640.00"), id="i1"))
    second = Happening(id="i2", at=AT + timedelta(hours=1), event="E22",
                       given=replace(advances("100.00"), id="i2"))  # fmt: skip

    now, findings = replay([second, first], ADVANCED)
    made = [a.amount for a in everything(now) if a.id not in ADVANCED.actuals]

    assert findings == ()
    assert made == [D(1000), D(-360), D(-640), D(360), D(-260), D(-100)]
    assert now.retainers["r"].used_amount == D("740.00")


def test_an_event_that_cannot_happen_says_so_and_the_others_go_on() -> None:
    bills = Happening(id="i", at=AT + timedelta(hours=1), event="E12", given=Given(
        id="i", details=(Detail(original=the(replay([APPROVE])[0], "U")),)))  # fmt: skip
    recall = Happening(id="r", at=AT + timedelta(hours=2), event="E10", given=Given(
        id="r", actuals=everything(replay([APPROVE])[0])))  # fmt: skip
    other = replace(APPROVE, id="z", at=AT + timedelta(hours=3), given=usage("z", "1", "1", "1"))

    now, findings = replay([other, recall, bills, APPROVE])

    assert [f.code for f in findings] == ["PRO706"]  # billed first, so it is not recalled
    assert len(now.actuals) == 2 + 2 + 2


def test_technicians_who_come_back_late_change_nothing_but_the_time_it_is_known() -> None:
    """Three days offline: creation, edit and recall arrive together, backwards and twice."""
    edit = replace(APPROVE, version=3, given=usage("a", "2", "80", "125"))
    recall = Happening(id="r", at=AT + timedelta(hours=2), event="E10", given=Given(
        id="r", actuals=everything(replay([edit])[0])))  # fmt: skip
    other = Happening(id="b", at=AT, event="E3", given=usage("b", "5", "80", "125", billable=D(3)))
    records = [APPROVE, edit, recall, other]
    wanted, _ = replay(records)

    for arrived in permutations([*records, recall, edit]):
        assert replay(arrived) == (wanted, ())
    assert broken(everything(wanted), wanted.connections) == []
    assert sum(a.amount for a in everything(wanted)) == D("1025.00")  # of b alone


@pytest.mark.parametrize("event", ["E9", "E28"])
def test_what_is_made_anew_belongs_together_as_before(event: str) -> None:
    approved, _ = replay([APPROVE])
    given = Given(id="new", actuals=everything(approved),
                  values={"project": "q"} if event == "E28" else {},
                  prices={the(approved, "U").id: D(130)} if event == "E9" else {})  # fmt: skip

    now, findings = replay([APPROVE, Happening(id="n", at=AT + timedelta(1), event=event,
                                               given=given)])  # fmt: skip
    pairs = {(c.first, c.second) for c in now.connections if c.second_role == "Cost"}

    assert findings == ()
    assert pairs == {(the(approved, "U").id, the(approved, "C").id),
                     (the(now, "U").id, the(now, "C").id)}  # fmt: skip
