"""Deterministic simulation: many seeds, a phase with faults and one without, then the laws.

python -m tests.proof.simulate --seeds 300 --first 0
"""

import argparse
import os
import sys
import tempfile
from collections import Counter
from decimal import Decimal
from pathlib import Path

from adapter.edge.ledger import LedgerError, open_ledger
from adapter.making.compared import differences, normal
from tests.proof.world import TABLE, World

STEPS_WITH_FAULTS = 40
STEPS_MAX = 400
EXCUSED = (
    "Write failed for table row", "Warning: The value", "is there with another body", "stands ",
    "not sent in", "its header is not there", "refused",
)  # fmt: skip


def template_of(folder: Path) -> Path:
    """An empty ledger, made once and copied."""
    path = folder / "template.db"
    if not path.exists():
        open_ledger(str(path)).close()
    return path


def run_seed(
    seed: int, folder: Path, masked: set[tuple[str, int]] | None = None, documents: int = 5
) -> World:
    """One run; what was broken stands in `world.broken`."""
    os.environ["PROOF_SECRET"] = "proof-secret"
    world = World(seed, folder, template_of(folder), masked=masked or (), documents=documents)
    try:
        for _ in range(STEPS_WITH_FAULTS):
            world.one_step()
        settle_down(world)
        laws(world)
        effects = dict(world.twin.finance.store.effects + world.twin.dataverse.store.effects)
        world.restart()
        for _ in range(3):
            world.one_step()
        again = dict(world.twin.finance.store.effects + world.twin.dataverse.store.effects)
        if again != effects:
            world.broken.append("I11 working again had more effects")
    except Exception as error:  # a traceback is a broken law too
        world.broken.append(f"I21 {type(error).__name__}: {error}")
    finally:
        world.ledger.close()
        for path in folder.glob(f"ledger-{seed}.db*"):
            path.unlink()
    return world


def settle_down(world: World) -> None:
    """Faults off: everything must come to an end in bounded time."""
    world.faults_on = world.faults.on = False
    world.restart()
    for scope in world.ledger.pauses():
        world.ledger.resume(scope, "the end", "person")
    world.paused = False
    for _ in range(STEPS_MAX):
        world.one_step()
        if not any(b["state"] == "open" for b in world.ledger.batches()):
            break
        due = world.ledger.next_due()
        if due and not world.ledger.ready():
            world.clock.ms += due
    else:
        world.broken.append("I04 work is still open after all faults ended")
    world.clock.ms += 120_000
    world.twin.later.land(world.clock.ms)


def laws(world: World) -> None:
    """What must hold when all is quiet."""
    rows = {row.step.key: row for row in world.ledger.steps()}
    say = world.broken.append
    if set(rows) != set(world.steps):
        say("I01 the ledger does not hold every row once")
    sent: Counter[str] = Counter()
    there_sums: Counter[str] = Counter()
    for row in rows.values():
        step = row.step
        store = world.twin.finance.store if row.system == "finance" else world.twin.dataverse.store
        found = store.find(step.entity, tuple(normal(n, v) for n, v in step.keys.items()))
        mine = [k for k in found if k.row.get("Amount") != "666.66"]
        if len(mine) > 1:
            say(f"I02 {step.keys} stands {len(mine)} times")
        if row.state in ("sent", "settled"):
            if not found:
                say(f"I02 {step.keys} is {row.state} and not there")
            elif row.parked == "" and differences(step.body, (mine or found)[0].row):
                say(f"I06 {step.keys} is there with another body")
        elif not row.parked:
            say(f"I04 {step.keys} ended as {row.state}")
        elif row.state in ("planned", "refused") and mine:
            say(f"I04 {step.keys} is {row.state}, and is there: {row.parked}")
        if row.parked and not row.parked.startswith(EXCUSED) and "other-row-there" not in {
            h[0] for h in world.hits
        } and not _is_excused(world, row.parked):  # fmt: skip
            say(f"I04 {step.keys} is parked without a fault that explains it: {row.parked}")
        for kept in mine:
            area = kept.row.get("dataAreaId")
            if area is not None and str(area).upper() != step.company:
                say(f"I07 {step.keys} went to {area}")
            if step.amount:
                there_sums[step.company] += Decimal(step.amount)  # type: ignore[assignment]
        if row.state in ("sent", "settled") and step.amount and mine:
            sent[step.company] += Decimal(step.amount)  # type: ignore[assignment]
    if sent != there_sums:
        say(f"I05 sums differ: ledger {dict(sent)}, there {dict(there_sums)}")
    for key, bodies in world.bodies.items():
        if len(bodies) > 1:
            say(f"I16 {key[:8]} was sent with {len(bodies)} bodies")
    if world.twin.seen_before_gate:
        say(f"I18 {world.twin.seen_before_gate} requests before the gate opened")
    if world.ledger.verify(world.ledger.head()):
        say("I13 the chain is broken")
    inbox = {r.id: r.body for r in world.ledger.all_rows("us", TABLE)}
    if inbox != {i: b for i, (_v, b) in world.source.items()}:
        say("I15 the inbox lacks rows before its cursor")


def _is_excused(world: World, why: str) -> bool:
    kinds = {h.kind for h in world.faults.hits}
    return "not sent in" in why and bool(kinds & {"revoke-token"})


def shrunk(seed: int, folder: Path) -> tuple[set[tuple[str, int]], World]:
    """The fewest faults with which the seed still fails: halves are left out, then single ones."""
    world = run_seed(seed, folder)
    faults = [*((h.kind, h.ordinal) for h in world.faults.hits),
              *((kind, ordinal) for kind, ordinal, _ in world.hits)]  # fmt: skip
    every = set(faults)
    masked: set[tuple[str, int]] = set()
    size = max(1, len(faults) // 2)
    while size:
        for start in range(0, len(faults), size):
            part = set(faults[start : start + size]) - masked
            if part:
                tried = run_seed(seed, folder, masked | part)
                if tried.broken:
                    masked |= part
                    world = tried
        size //= 2
    return every - masked, world


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seeds", type=int, default=300)
    parser.add_argument("--first", type=int, default=0)
    given = parser.parse_args()
    failing: list[int] = []
    pairs: Counter[str] = Counter()
    rows = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for seed in range(given.first, given.first + given.seeds):
            world = run_seed(seed, folder)
            pairs.update(h.kind for h in world.faults.hits)
            pairs.update(kind for kind, _, _ in world.hits)
            pairs.update(f"{kind} at {place}" for kind, _, place in world.hits
                         if kind in ("crash-at-point", "freeze"))  # fmt: skip
            rows += len(world.steps)
            if world.broken:
                failing.append(seed)
                print(f"seed {seed}: {world.broken[0]}", flush=True)
        if failing:
            least, world = shrunk(failing[0], folder)
            print(f"smallest: seed {failing[0]} fails with {len(least)} faults: "
                  f"{sorted(least)}: {world.broken[:1]}")  # fmt: skip
            print(f"again: make simulate SEEDS=1 FIRST={failing[0]}")
    for kind, count in sorted(pairs.items()):
        print(f"{count:>8,}  {kind}")
    kinds = len([k for k in pairs if " at " not in k])
    print(
        f"{given.seeds} seeds, {rows:,} rows, {kinds} fault kinds: {len(failing)} failing"
        + ("" if failing else f"; with 95 % confidence fewer than {3 / given.seeds:.2%} fail")
    )
    return 1 if failing else 0


__all__ = ["LedgerError", "run_seed", "shrunk"]

if __name__ == "__main__":
    sys.exit(main())
