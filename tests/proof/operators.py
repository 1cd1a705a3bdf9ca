"""Operators at random: commands in any order, faults, refusals, deletions, restored back-ups.

At the end all is healed, released and sent: then every line that the first plan made is on the
other side exactly once, and both sides and the ledger agree. Run one seed after the other:
`python -m tests.proof.operators FIRST SEEDS`.
"""

import random
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from adapter.edge.ledger import StepRow, open_ledger
from adapter.edge.twin.faults import KINDS, Faults
from tests.commands import small_company
from tests.sending_given import Desk

WHY = ("--because", "the operator of the test said so")
SLOW = ("late-commit", "throttle-long", "throttle-silent", "slow-body", "timeout-before",
        "timeout-after-commit")
ROUNDS = 12  # of healing
WORDS = ("Hour", "time", "material", "Fixed", "A-", "0")  # what the other side may refuse
MOVED = "ProjAdvancedJournal is"  # a line whose header a person deleted, and was made anew


class Operators:
    """One seeded story on one workspace and its twin."""

    def __init__(self, desk: Desk, seed: int) -> None:
        self.desk, self.seed, self.chance = desk, seed, random.Random(seed)
        self.log: list[str] = []
        self.plans: list[str] = []
        self.back_ups: list[Path] = []
        self.refused: set[str] = set()
        desk.twin.finance.refuses = desk.twin.dataverse.refuses = self.refuses

    def refuses(self, _entity: str, row: dict[str, object]) -> str:
        text = " ".join(map(str, row.values()))
        return next((f"Warning: {w} is not allowed." for w in self.refused if w in text), "")

    def run(self, *words: str) -> int:
        done = self.desk.run(*words)
        self.log.append(f"{' '.join(words)} -> {done.code}: {done.out[-200:]}{done.err[-200:]}")
        assert "Traceback" not in done.out + done.err, self.log[-1]
        return done.code

    def plan(self) -> str:
        self.plans.append(self.desk.plan())
        return self.plans[-1]

    def keys(self, fits: Callable[[StepRow], bool], most: int = 2) -> list[str]:
        found = [r.step.key for r in self.desk.steps() if fits(r)]
        return self.chance.sample(found, min(most, len(found)))

    def mark(self, what: str, fits: Callable[[StepRow], bool] = lambda r: True) -> None:
        if keys := self.keys(fits):
            self.run(what, *keys, *WHY)

    def delete(self) -> None:
        """A person deletes a row of ours."""
        name = self.chance.choice(("finance", "dataverse"))
        store = self.desk.twin.finance.store if name == "finance" else (
            self.desk.twin.dataverse.store)  # fmt: skip
        ours = [(e, n) for e, rows in store.rows.items() for n, kept in enumerate(rows)
                if (e, "|".join(map(str, store.key(e, kept.row)))) in store.effects]  # fmt: skip
        if ours:
            entity, nth = self.chance.choice(ours)
            self.desk.twin.edit(system=name, entity=entity, action="delete", nth=nth)
            self.log.append(f"a person deletes {entity} {nth}")

    def restore(self) -> None:
        """An old back-up takes the ledger's place."""
        if self.back_ups:
            for path in self.desk.folder.glob("ledger-twin.db*"):
                path.unlink()
            self.run("ledger", "restore", str(self.chance.choice(self.back_ups)))
            self.run("ledger", "accept", *WHY)

    def back_up(self) -> None:
        self.back_ups.append(self.desk.folder / f"back-up-{len(self.back_ups)}.db")
        self.run("ledger", "back-up", str(self.back_ups[-1]))

    def acts(self) -> tuple[Callable[[], object], ...]:
        send = ("--wait", "1")
        return (
            *[lambda: self.run("send", self.plan(), *send)] * 3,
            lambda: self.plans and self.run("send", self.chance.choice(self.plans), *send),
            lambda: self.run("send", self.plan(), "--first", "2", *send),
            lambda: self.run("send", self.plan(), "--company", "GBSI", *send),
            lambda: self.mark("park"), lambda: self.mark("release", lambda r: bool(r.parked)),
            *[lambda: self.mark("withdraw", lambda r: r.state in ("planned", "refused"))] * 2,
            lambda: self.mark("withdraw", lambda r: r.step.part == "header"),
            lambda: self.mark("replay"), lambda: self.run("pause", "USMF", *WHY),
            lambda: self.run("resume", "USMF", *WHY), lambda: self.run("settle"),
            lambda: self.refused.add(self.chance.choice(WORDS)), self.refused.clear,
            self.delete, self.back_up, self.restore,
        )  # fmt: skip

    def trouble(self, rates: bool) -> None:
        kinds = [k for k in KINDS if k not in SLOW]
        self.desk.twin.faults = Faults(
            {k: self.chance.choice((0, 0, 0.05, 0.2)) for k in kinds} if rates else {}, self.seed
        )  # fmt: skip

    def story(self, acts: int) -> str:
        """Act, heal, and say what is wrong then; empty: nothing."""
        every = self.acts()
        for _ in range(acts):
            self.trouble(self.chance.random() < 0.6)
            self.chance.choice(every)()
        self.trouble(False)
        self.refused.clear()
        self.run("resume", "USMF", *WHY)
        wrong = "never healed"
        for _ in range(ROUNDS):
            wrong = self.healed()
            if not wrong:
                break
            time.sleep(0.3)
        return wrong and f"seed {self.seed}: {wrong}\n" + "\n".join(self.log)

    def healed(self) -> str:
        """One round: release everything, send everything, look."""
        for is_first in (True, False):
            parked = [r.step.key for r in self.desk.steps()
                      if r.parked and (r.step.part == "header" or not is_first)]  # fmt: skip
            if parked:
                self.run("release", *parked, *WHY)
        ledger = open_ledger(str(self.desk.folder / "ledger-twin.db"))
        plans = list(dict.fromkeys(b["plan"] for b in ledger.batches() if b["state"] == "open"))
        ledger.close()
        for plan in (*plans, self.plan()):
            self.run("send", plan, "--wait", "20")
        self.run("settle", "--again")
        moved = [r.step.key for r in self.desk.steps() if MOVED in r.parked]
        if moved:
            self.run("accept", *moved, *WHY)
        steps, made = self.desk.steps(), self.desk.reconciled()
        odd = [(r.step.part, r.state, r.parked) for r in steps
               if r.parked or r.state != "settled"]  # fmt: skip
        return str(odd[:3] if odd else "" if made["clean"] else made["counts"])


def lines_of(desk: Desk) -> set[str]:
    """Keys of the lines in the ledger: each stands for one record and channel."""
    return {r.step.key for r in desk.steps() if r.step.source}


def tried(folder: Path, seed: int, acts: int = 10, actuals: int = 8) -> str:
    """What is wrong after one story; empty: nothing was lost, nothing is double."""
    keys = seed % 2 == 0
    with Desk(small_company(folder / "plain", actuals)) as plain:
        plain.run("send", plain.plan())
        wanted = lines_of(plain)
    with Desk(small_company(folder / "tried", actuals), keys=keys) as desk:
        operators = Operators(desk, seed)
        wrong = operators.story(acts)
        doubles = desk.twin.state()["doubles"]
        lost = wanted - lines_of(desk)
        if not wrong and (doubles or lost):
            wrong = f"seed {seed}: {doubles} double, {lost} lost\n" + "\n".join(operators.log)
    return wrong


def main(first: int, seeds: int) -> int:
    """Try some seeds; 1 when one of them went wrong."""
    bad = 0
    for seed in range(first, first + seeds):
        with tempfile.TemporaryDirectory() as folder:
            wrong = tried(Path(folder), seed)
        print(wrong or f"seed {seed}: nothing lost, nothing double", flush=True)
        bad += bool(wrong)
    print(f"{seeds} stories, {bad} went wrong")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2])))
