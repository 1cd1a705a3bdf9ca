"""What `send` says in the end: what this call did, what the plan has in all, what to do next."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from adapter.edge.ledger import EVERYTHING, Ledger, StepRow, scope_name
from adapter.edge.sending.working import Work
from adapter.making.outdated import is_outdated
from adapter.making.steps import DONE
from adapter.values.finding import one_line

STATES = ("sent", "settled", "refused", "unknown", "intended", "planned")
PARKED_MAX = 20
WAITS_MAX = 5


def sent_text(ledger: Ledger, plan: str, done: Work) -> str:
    """What became of a plan, in a few lines."""
    if done.rows:
        lines = _counted(ledger, plan, done)
    else:
        lines = [f"Plan {plan}: nothing to send."]
        expected = ledger.counts().get("expected", 0)
        if expected:
            lines.append(f"{expected:,} rows are expected from others: `fieldledger reconcile` "
                         "looks for them.")  # fmt: skip
    parked = [row for row in done.rows if row.parked]
    lines += [f"  parked {row.step.key[:12]}  {row.document}: {one_line(row.parked)}"
              for row in parked[:PARKED_MAX]]  # fmt: skip
    if len(parked) > PARKED_MAX:
        lines.append(f"  ... and {len(parked) - PARKED_MAX:,} more: `fieldledger status --all`")
    lines += [f"  waits  {name}: {one_line(why)}" for name, why in done.waiting[:WAITS_MAX]]
    if len(done.waiting) > WAITS_MAX:
        lines.append(f"  ... and {len(done.waiting) - WAITS_MAX:,} more: `fieldledger status`")
    pauses = ledger.pauses()
    lines += pauses_text(pauses)
    if parked:
        lines += next_for(parked)
    if done.paused:
        lines += resumes(pauses)
    elif done.waiting and not parked:
        lines.append("Next: `fieldledger run` goes on by itself; `fieldledger settle` asks now.")
    if done.stopped:
        lines.append(f"Stopped by {done.stopped_by}: what was in hand was finished. To go on:")
        lines.append(f"  fieldledger send {plan}")
    return "\n".join(lines) + "\n"


def _counted(ledger: Ledger, plan: str, done: Work) -> list[str]:
    """What this call did, and what the plan has in all, where that is something else."""
    now = sum(row.state in DONE and row.sent_ms >= done.began_ms for row in done.rows)
    left = [row for row in done.rows if row.state not in DONE]
    said = ", ".join(filter(None, (f"{now:,} sent now", _states(left))))
    every = ledger.documents([row["id"] for row in ledger.batches() if row["plan"] == plan])
    lines = [f"Plan {plan}: {said}"]
    if len(every) != now + len(left):
        lines.append(f"  in all {len(every):,} rows: {_states(every)}")
    return lines


def _states(rows: Iterable[StepRow]) -> str:
    rows = list(rows)
    counts = ((sum(row.state == state for row in rows), state) for state in STATES)
    return ", ".join(f"{count:,} {state}" for count, state in counts if count)


def pauses_text(pauses: Mapping[str, str]) -> Iterator[str]:
    """What is paused, and why."""
    for scope, why in pauses.items():
        yield f"  paused {scope_name(scope)}: {one_line(why)}"


def resumes(pauses: Mapping[str, str]) -> Iterator[str]:
    """The commands that let sending go on."""
    yield "Next: what is paused goes on once a person says so:"
    for scope in pauses:
        name = "all" if scope == EVERYTHING else scope
        yield f'  fieldledger resume {name} --because "ready again"'


def next_for(parked: Sequence[StepRow]) -> list[str]:
    """What a person does now, for the first row of each kind: what is outdated is taken back."""
    lines = []
    actual = parked[0].step.actual
    if actual:
        lines += ["Next: see why it is so, and correct it:", f"  fieldledger explain {actual}"]
    old = next((r for r in parked if is_outdated(r.parked, r.state)), None)
    other = next((r for r in parked if not is_outdated(r.parked, r.state)), None)
    if old is not None:
        lines += ["take back what is not so any more, and plan again:",
                  f"  fieldledger withdraw {old.step.key[:12]} --because outdated",
                  "  fieldledger plan"]  # fmt: skip
    if other is not None:
        key = other.step.key[:12]
        lines += ["let it go on, or take it back and plan again:",
                  f"  fieldledger release {key} --because corrected",
                  f"  fieldledger withdraw {key} --because wrong"]  # fmt: skip
    return lines
