"""Rows are intended for several calls at once where the other side is quick, and only there."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from adapter.edge.ledger import Ledger, StepRow, open_ledger
from adapter.edge.sending.dispatch import Sender
from adapter.edge.sending.errand import Dispatched
from adapter.edge.sending.pace import CALLS_MAX, QUICK_MS
from adapter.edge.sending.ports import Found
from adapter.making.steps import Receipt, Step
from adapter.reading.connect import SendingSetting
from tests.clients_given import Clock
from tests.proof.consignments import entered, journal

CHUNK = 3
LINES = 11  # four calls


class Neighbour:
    """Takes every row; each call takes as long as it is told to, and may do something else."""

    name, chunk, enforces_keys = "g", CHUNK, True

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.takes_ms: dict[int, int] = {}  # number of the call -> milliseconds
        self.then: dict[int, Callable[[], object]] = {}
        self.says: dict[int, str] = {}  # number of the call -> state
        self.calls: list[int] = []  # rows of each

    def send(self, steps: Sequence[Step], header: Mapping[str, str]) -> list[Receipt]:
        self.calls.append(len(steps))
        number = len(self.calls)
        self.clock.sleep_ms(self.takes_ms.get(number, 10))
        self.then.get(number, lambda: None)()
        state = self.says.get(number, "sent")
        return [Receipt(key=s.key, state=state, message="no", retry_after_ms=None,
                        answer={"JournalId": "J1"} if s.part == "header" else {})
                for s in steps]  # type: ignore[arg-type]  # fmt: skip

    def find(self, steps: Sequence[Step]) -> dict[str, Found]:
        raise AssertionError("nothing is unknown here")


class World:
    """A ledger, a neighbour, and what each word to the ledger held."""

    def __init__(self, path: Path) -> None:
        self.clock = Clock()
        self.ledger: Ledger = open_ledger(str(path / "ledger.db"))
        self.neighbour = Neighbour(self.clock)
        self.sender = Sender(self.ledger, lambda _claim: self.neighbour, self.clock,
                             SendingSetting(lease_seconds=60))  # fmt: skip
        self.intended: list[int] = []
        intend = self.ledger.intend

        def noted(claim: object, keys: Sequence[str], *rest: object) -> None:
            self.intended.append(len(keys))
            intend(claim, keys, *rest)  # type: ignore[arg-type]

        self.ledger.intend = noted  # type: ignore[method-assign,assignment]

    def send(self, name: str) -> Dispatched:
        """One more journal, as far as it goes; of the next only what is said of it."""
        entered(self.ledger, [journal(name, "USMF", LINES)])
        self.intended.clear()
        self.neighbour.calls.clear()
        return self.sender.dispatch(self.ledger.ready()[0])

    def states(self) -> Counter[str]:
        return Counter(row.state for row in self.steps())

    def steps(self) -> list[StepRow]:
        return list(self.ledger.steps())


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.ledger.close()


def test_a_quick_side_is_told_a_header_and_four_calls_in_one_word(world: World) -> None:
    first = world.send("one")
    in_first = list(world.intended)
    second = world.send("two")

    assert (first.word, second.word) == ("done", "done")
    assert in_first == [1, CHUNK, LINES - CHUNK]  # a single row says nothing; the first call does
    assert world.intended == [1 + LINES] and world.neighbour.calls == [1, 3, 3, 3, 2]
    assert CALLS_MAX == len(world.neighbour.calls)
    assert world.states() == {"sent": 2 * (1 + LINES)}


def test_a_slow_side_is_told_call_by_call(world: World) -> None:
    world.neighbour.takes_ms = dict.fromkeys(range(1, 20), QUICK_MS // (2 * CALLS_MAX) + 1)
    world.send("one")
    world.send("two")

    assert world.intended == world.neighbour.calls == [1, 3, 3, 3, 2]


def test_what_did_not_leave_in_time_goes_back_and_leaves_with_the_next_word(world: World) -> None:
    world.send("one")
    during: list[Counter[str]] = []
    world.neighbour.takes_ms = {3: QUICK_MS + 1}
    world.neighbour.then = {4: lambda: during.append(world.states())}
    done = world.send("two")

    assert done.word == "done" and done.sent == 1 + LINES
    assert world.intended == [1 + LINES, 3, 2]  # one that was slow: call by call again
    sent, left = 2 * CHUNK + 1, LINES - 2 * CHUNK
    assert during == [{"sent": 1 + LINES + sent, "intended": CHUNK, "planned": left - CHUNK}]
    assert world.states() == {"sent": 2 * (1 + LINES)} and not world.ledger.verify()


def test_a_worker_that_stops_makes_no_call_more(world: World) -> None:
    world.send("one")
    world.neighbour.then = {2: lambda: setattr(world.sender, "draining", True)}
    stopped = world.send("two")

    assert (stopped.word, stopped.sent) == ("waiting", 1 + CHUNK)
    assert world.neighbour.calls == [1, CHUNK]
    assert world.states() == {"sent": 2 + LINES + CHUNK, "planned": LINES - CHUNK}


def test_a_pause_holds_what_was_not_intended_within_its_second(world: World) -> None:
    world.send("one")
    world.neighbour.takes_ms = {2: QUICK_MS + 1}
    world.neighbour.then = {2: lambda: world.ledger.pause("USMF", "stop", "me")}
    paused = world.send("two")

    assert paused.word == "paused" and world.neighbour.calls == [1, CHUNK]
    assert world.states() == {"sent": 2 + LINES + CHUNK, "planned": LINES - CHUNK}


@pytest.mark.parametrize(("state", "kept"), [("unknown", "unknown"), ("planned", "planned")])
def test_after_a_call_that_was_not_fine_the_rest_is_planned(
    world: World, state: str, kept: str
) -> None:
    world.send("one")
    world.neighbour.says = {3: state}
    world.neighbour.then = {4: lambda: pytest.fail("a call after one that was not fine")}
    if state == "unknown":  # the others go on, with a word of their own
        world.neighbour.then = {4: lambda: world.intended.append(0)}
    done = world.send("two")
    expected = Counter({"sent": 2 + LINES + CHUNK})
    if state == "unknown":
        assert world.intended[:2] == [1 + LINES, LINES - 2 * CHUNK]
        expected += Counter({"sent": LINES - 2 * CHUNK, kept: CHUNK})
    else:
        expected += Counter({kept: LINES - CHUNK})

    assert done.word == "waiting"
    assert world.states() == expected


def test_without_its_header_nothing_below_it_leaves(world: World) -> None:
    world.send("one")
    world.neighbour.says = {1: "refused"}
    world.send("two")

    assert world.intended == [1 + LINES] and world.neighbour.calls == [1]
    assert world.states() == {"sent": 1 + LINES, "refused": 1, "planned": LINES}
    assert sum(bool(row.parked) for row in world.steps()) == 1 + LINES
