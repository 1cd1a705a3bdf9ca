"""What was entered and has not left yet, beside what is there now: `send` goes on with a plan
that was begun, a canary say, only where what decided it still stands.
"""

from adapter.edge.ledger import PlanNote
from adapter.edge.sending.office import (
    CannotSend,
    Office,
    in_few,
    inputs_of,
    moved,
    park_cancelled,
    planned_now,
    who,
)
from adapter.making.outdated import BY_NOW, CHANGED

OTHER_BODY = "LED903"  # sent before with another body
FOLDERS = ("rules", "mappings", "templates", "schema")
DECIDING = ("version", "rulebook", "settings", "from", "to")


def look_again(here: Office, note: PlanNote) -> None:
    """Rows whose actual says something else by now, or would not go out any more, are parked.

    Raises CannotSend where files or settings that decide are not those of the plan.
    """
    plan = planned_now(here, note.as_of)
    park_cancelled(here.ledger, plan)
    waiting = [row for row in here.ledger.steps() if row.state == "planned" and not row.parked]
    if not waiting:
        return
    said = moved(_deciding(note.inputs), _deciding(inputs_of(plan)))
    if said:
        raise CannotSend(
            f"plan {note.id} is stale. What moved: {in_few(said)}. {len(waiting):,} rows that were "
            "entered have not left. Put it back and send again, or take them back and plan anew: "
            f"`fieldledger withdraw {note.id} --because moved`"
        )
    changed = plan.tally.actuals_with(OTHER_BODY)
    statuses: dict[tuple[str, str], set[str]] = {}
    for entry in plan.spool.entries():
        for company in (entry.company, ""):  # perhaps it is of no company any more
            statuses.setdefault((company, entry.id), set()).add(entry.status)
    for row in waiting:
        actual = row.step.actual
        mine = statuses.get((row.step.company, actual)) or statuses.get(("", actual))
        if actual in changed:
            here.ledger.park(row.step.key, CHANGED, who())
        elif mine and mine <= BY_NOW.keys():
            why = f"{BY_NOW[min(mine)]}: `fieldledger explain {actual}`"
            here.ledger.park(row.step.key, why, who())


def _deciding(inputs: dict[str, str]) -> dict[str, str]:
    """Of the inputs of a plan, those that are no records: their rows are looked at one by one."""
    return {name: digest for name, digest in inputs.items()
            if name in DECIDING or name.partition("/")[0] in FOLDERS}  # fmt: skip
