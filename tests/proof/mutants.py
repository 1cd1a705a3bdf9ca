"""Faults of our own, planted one by one: the simulation must find each of them.

python -m tests.proof.mutants: prints for each the seed that found it, and by which law.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from unittest.mock import patch

import msgspec
from sqlalchemy import literal_column

from adapter.edge.dataverse import neighbour as dataverse
from adapter.edge.finance import errors as finance_errors
from adapter.edge.finance import neighbour as finance
from adapter.edge.http import answers
from adapter.edge.ledger import intake, standing, statements, work
from adapter.edge.ledger.rows import StaleFence
from adapter.edge.sending import asking, dispatch, errand
from adapter.making.steps import Receipt
from tests.proof import world
from tests.proof.simulate import run_seed

SEEDS_MAX = 160
replace = msgspec.structs.replace
Mutant = Callable[[], Any]


def changed(owner: Any, name: str, make: Callable[[Any], Any]) -> Mutant:
    return lambda: patch.object(owner, name, make(getattr(owner, name)))


def receipts(change: Callable[[Receipt], Receipt]) -> Callable[[Any], Any]:
    """A `send` whose receipts are changed."""
    return lambda was: lambda self, steps, header: [
        change(r) for r in was(self, steps, header)
    ]


def both(change: Callable[[Receipt], Receipt]) -> Mutant:
    @contextmanager
    def patched() -> Iterator[None]:
        with changed(finance.FinanceNeighbour, "send", receipts(change))(), changed(
            dataverse.DataverseNeighbour, "send", receipts(change)
        )():
            yield

    return patched


def when(of: str, **values: Any) -> Mutant:
    return both(lambda r: replace(r, **values) if r.state == of and not r.retry_after_ms else r)


def no_intent(was: Any) -> Any:
    def record(self: Any, db: Any, claim: Any, said: Any, now: int) -> Any:
        told = [key for alike in said.alike for key in json.loads(alike["told"])]
        late = [key for key in told if self.step(key).state == "planned"]
        self._intend(db, claim, json.dumps(dict.fromkeys(late, "")), len(late), now)
        return was(self, db, claim, said, now)

    return record


@contextmanager
def intent_after_sending() -> Iterator[None]:
    with changed(work.Work, "_record", no_intent)(), changed(
        errand.Errand, "_send", _without_intent
    )():
        yield


def _without_intent(was: Any) -> Any:
    def send(self: Any, rows: Any) -> Any:
        def recorded(claim: Any, _keys: Any, _lease: int, _gate: str, receipts: Any) -> None:
            self.ledger.record(claim, receipts)

        with patch.object(self.ledger, "intend", recorded):
            return was(self, rows)

    return send


def fence_ignored(was: Any) -> Any:
    def hold(self: Any, db: Any, claim: Any, **values: Any) -> None:
        with suppress(StaleFence):
            was(self, db, claim, **values)

    return hold


@contextmanager
def zombie() -> Iterator[None]:
    """Neither fence nor lease nor standing still is noticed."""

    def intend(was: Any) -> Any:
        def intended(self: Any, *given: Any) -> None:
            try:
                was(self, *given)
            except Exception:
                return

        return intended

    with changed(work.Work, "_hold", fence_ignored)(), changed(work.Work, "intend", intend)():
        yield


def found_as(**values: Any) -> Callable[[Any], Any]:
    """A `find` whose answers are changed."""
    return lambda was: lambda self, steps: {
        k: replace(f, **values) if f.state == "missing" else f
        for k, f in was(self, steps).items()
    }


@contextmanager
def found_anyway() -> Iterator[None]:
    make = found_as(state="found")
    with changed(finance.FinanceNeighbour, "find", make)(), changed(
        dataverse.DataverseNeighbour, "find", make
    )(), patch.object(asking, "_odd", lambda *_: ""):
        yield


def other_bodies_are_ours(_was: Any) -> Any:
    return lambda step, code, message, found, other: Receipt(key=step.key, state="sent")


@contextmanager
def other_bodies() -> Iterator[None]:
    with changed(finance, "compared", other_bodies_are_ours)(), changed(
        dataverse, "compared", other_bodies_are_ours
    )(), patch.object(asking, "_odd", lambda *_: ""):
        yield


def cursor_first(was: Any) -> Any:
    def take(self: Any, environment: str, table: str, rows: Any, link: Any) -> int:
        was(self, environment, table, [], link)
        return was(self, environment, table, rows, None)  # type: ignore[no-any-return]

    return take


def by_order(was: Any) -> Any:
    def each(self: Any, rows: Any) -> Any:
        answer, inside = was(self, rows)
        return answer, {str(n): a for n, a in enumerate(inside.values(), start=1)}

    return each


def lost_parts_are_sent(was: Any) -> Any:
    def inside(self: Any, ready: Any) -> Any:
        return {k: replace(r, state="sent") if r.code == "FIN011" else r
                for k, r in was(self, ready).items()}  # fmt: skip

    return inside


def other_company(was: Any) -> Any:
    return lambda body, columns: was(body, columns).replace("GBSI", "USMF")


def as_float(was: Any) -> Any:
    def made(body: str, columns: str) -> Any:
        return was(json.dumps(json.loads(body), separators=(",", ":")), columns)

    return made


def other_text(was: Any) -> Any:
    count = iter(range(10**9))
    return lambda body, columns: was(body, columns).replace(
        '"LineNumber"', f'"Try":{next(count)},"LineNumber"'
    )


def error_500_is_refused(was: Any) -> Any:
    def said(answer: Any, now: int) -> Any:
        found = was(answer, now)
        return replace(found, meaning="refused") if found.meaning == "doubtful" else found

    return said


def finished_early(was: Any) -> Any:
    def end(self: Any) -> Any:
        self.states = {k: "sent" if s in ("intended", "unknown") else s
                       for k, s in self.states.items()}  # fmt: skip
        return was(self)

    return end


@contextmanager
def finished_twice_over() -> Iterator[None]:
    """Neither the worker nor the ledger minds that a row is still unknown."""
    left = statements.LEFT
    nothing = left.with_only_columns(left.selected_columns.parked,
                                     literal_column("0").label("late"))  # fmt: skip
    with (
        changed(errand.Errand, "_end", finished_early)(),
        patch.object(statements, "LEFT", nothing),
    ):
        yield


def left_is_sent(was: Any) -> Any:
    """What was intended and did not leave is taken as sent."""

    def record(self: Any, receipts: Any, left: Any = ()) -> None:
        sent = [Receipt(key=row.step.key, state="sent") for rows in left for row in rows]
        was(self, (*receipts, *sent))

    return record


MUTANTS: dict[str, Mutant] = {
    "intent-after-sending": intent_after_sending,
    "unknown-is-sent": when("unknown", state="sent"),
    "unknown-is-planned": when("unknown", state="planned"),
    "unknown-is-refused": when("unknown", state="refused"),
    "planned-is-sent": when("planned", state="sent"),
    "sent-is-unknown-for-ever": when("sent", state="refused"),
    "missing-is-found": found_anyway,
    "no-wait-for-late-commits": changed(
        errand, "ask", lambda was: lambda n, r, now, _late, a: was(n, r, now, 0, a)),
    "zombie": zombie,
    "other-bodies-are-ours": other_bodies,
    "cursor-first": changed(intake.Intake, "take_rows", cursor_first),
    "parts-by-order": changed(finance.FinanceClient, "post_each", by_order),
    "lost-parts-are-sent": changed(finance.FinanceNeighbour, "_in_batch", lost_parts_are_sent),
    "other-company": changed(finance, "with_columns", other_company),
    "money-as-float": changed(finance, "with_columns", as_float),
    "another-body-each-time": changed(finance, "with_columns", other_text),
    "500-is-refused": changed(finance, "said_by", error_500_is_refused),
    "gate-ignored": changed(dispatch.Sender, "gate", lambda _was: lambda *_: 0),
    "gate-not-told": changed(standing.Standing, "close_gate", lambda _was: lambda *_: None),
    "left-is-sent": changed(errand.Errand, "_record", left_is_sent),
    "finished-early": changed(errand.Errand, "_end", finished_early),
    "finished-early-by-both": finished_twice_over,
    "no-backing-off": changed(work.Work, "put_back", lambda _was: lambda *_a, **_k: None),
    "chain-not-checked-in": changed(work.Work, "links", lambda _was: lambda *_a, **_k: None),
    "answers-cut-are-whole": changed(
        answers.Answer, "table", lambda was: lambda self: was(self) or {"dataAreaId": ""}),
    "throttled-is-refused": both(
        lambda r: replace(r, state="refused", retry_after_ms=None) if r.retry_after_ms else r),
    "gone-lines-are-refused": changed(
        finance_errors, "NOT_FOUND", lambda _was: ("",)),
}  # fmt: skip

# Planted faults that nothing can notice, and why: a second defence stands behind each.
EXPLAINED = {
    "finished-early": "the ledger itself keeps a batch open while a row of it is unknown",
    "gate-not-told": "the process that was told keeps the gate shut itself; only a second worker "
    "process would knock, and the simulation's second worker is excused while it cannot know",
    "no-backing-off": "the lease runs out instead: slower, never wrong",
    "chain-not-checked-in": "the chain is evidence, not a guard: an empty chain verifies; "
    "tests/test_ledger.py proves that every change adds a link",
    "answers-cut-are-whole": "an answer that does not repeat the row's key is unknown anyway",
    "gone-lines-are-refused": "the twin answers a missing row with an empty list, not an error",
}


def found_by(name: str, folder: Path, seeds: int = SEEDS_MAX) -> tuple[int, str] | None:
    """The first seed that notices, and the law; None when no seed does."""
    with MUTANTS[name]():
        for seed in range(seeds):
            broken = run_seed(seed, folder).broken
            if broken:
                return seed, broken[0]
    return None


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--only", default="")
    given = parser.parse_args()
    survived = 0
    with tempfile.TemporaryDirectory() as name:
        for mutant in MUTANTS:
            if given.only not in mutant:
                continue
            found = found_by(mutant, Path(name))
            why = EXPLAINED.get(mutant, "")
            survived += found is None and not why
            said = f"seed {found[0]}: {found[1][:70]}" if found else f"SURVIVED {why}"
            print(f"{mutant:26} {said}", flush=True)
    print(f"{len(MUTANTS)} planted, {survived} survived without a reason")
    return 1 if survived else 0


__all__ = ["EXPLAINED", "MUTANTS", "found_by", "world"]

if __name__ == "__main__":
    sys.exit(main())
