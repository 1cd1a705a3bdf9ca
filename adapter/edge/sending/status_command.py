"""`status`: the ledger in figures. It only reads: where there is no ledger, none is made."""

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from adapter.edge.anchor import anchor_fault
from adapter.edge.failure import checked_format
from adapter.edge.hints import hinted
from adapter.edge.ledger import (
    FAR,
    Ledger,
    StepRow,
    blank_ledger,
    look_into_ledger,
    read_anchor,
    scope_name,
)
from adapter.edge.sending.office import ledger_url
from adapter.edge.sending.together import is_emptied, still_there
from adapter.edge.settings_file import usable_settings
from adapter.making.outdated import is_outdated
from adapter.making.reconcile import side_of
from adapter.making.steps import DONE
from adapter.making.taken_back import WHY as CANCELLED
from adapter.telling.figures import wrapped
from adapter.values.finding import Finding, one_line

SHOWN_MAX = 40
WIDTH = 80
NO_WORD = {"intended": "it is on its way, or its answer was lost: `fieldledger settle` asks",
           "unknown": "its answer was lost: `fieldledger settle` asks"}
NOTHING = "Nothing was sent yet: there is no ledger here, and looking makes none."


def _next(told: dict[str, Any]) -> list[str]:
    """What a person may do now, as commands."""
    if told["reconcile_only"]:
        return ["reconcile", 'ledger accept --because "both sides agree"']
    found = ["settle"] if told["unknown"] else []
    if told["parked"]:
        first = told["parked"][0]
        found += [f"explain {first['actual']}"] if first["actual"] else []
    ways: dict[str, list[str]] = {}  # the first row of each kind
    for row in told["parked"]:
        key, because, state = row["key"][:12], row["because"], row["state"]
        if is_outdated(because, state):
            ways.setdefault("old", [f"withdraw {key} --because outdated", "plan"])
        elif because == CANCELLED and state in DONE:
            whole = next((d["keys"] for d in told["emptied"] if row["key"] in d["keys"]), None)
            ways.setdefault("cancelled", [
                f"accept {key} --because removed" if whole is None else
                f"accept {' '.join(one[:12] for one in whole)} --because deleted"])  # fmt: skip
        else:
            ways.setdefault("other", [f"release {key} --because corrected"])
    return [*found, *(command for commands in ways.values() for command in commands)]


def run_status(folder: Path, env: str | None, format: str, *, every: bool = False) -> int:
    """What is sent, unknown, parked, waiting; 1 when a person is needed. `every`: each document
    that waits. Raises ValueError, LedgerError, LookupError.
    """
    checked_format(format, ("text", "json"))
    settings = usable_settings(folder, env)
    fault = anchor_fault(folder, settings)
    there = look_into_ledger(ledger_url(folder, settings))
    ledger = there or blank_ledger()
    try:
        if fault is None and settings.ledger.anchor:
            fault = ledger.anchor_lost(read_anchor(folder / settings.ledger.anchor))
        told = {**status_of(ledger), "begun": there is not None, "anchor": settings.ledger.anchor,
                "anchor_fault": fault.message if fault is not None else ""}  # fmt: skip
    finally:
        ledger.close()
    if format == "json":
        sys.stdout.write(json.dumps(told, ensure_ascii=False, indent=1) + "\n")
    else:
        sys.stdout.write(hinted(status_text(told, every) + _fault_text(fault)))
    return 1 if told["parked"] or told["reconcile_only"] or fault is not None else 0


def _fault_text(fault: Finding | None) -> str:
    if fault is None:
        return ""
    said = (f"{fault.code} {fault.message}", f"help: {fault.help}")
    return "".join(line + "\n" for text in said for line in wrapped(text, WIDTH))


def status_of(ledger: Ledger) -> dict[str, Any]:
    """The ledger in figures: states, ages, pauses, parked and unknown steps."""
    now = ledger.now()
    doubtful, parked = ledger.open_intents(), ledger.parked()
    opened = [row for row in ledger.batches() if row["state"] == "open"]
    rows: dict[str, list[StepRow]] = {row["id"]: [] for row in opened}
    there: set[str] = set()  # documents with rows: of others all were withdrawn
    for one in ledger.steps() if opened else ():
        there.add(one.batch)
        if one.batch in rows and one.state not in DONE and not one.parked:
            rows[one.batch].append(one)
    waiting = [row for row in opened if row["id"] in there]
    head = ledger.head()
    return {
        "status": 1,
        "states": ledger.counts(),
        "batches_open": len(waiting),
        "oldest_unknown_s": max(((now - r.intended_ms) // 1000 for r in doubtful), default=0),
        "oldest_open_s": max(((now - r["entered"]) // 1000 for r in waiting), default=0),
        "paused": ledger.pauses(),
        "reconcile_only": ledger.reconcile_only() or "",
        "chain": {"count": head.count, "digest": head.digest},
        "waiting": [
            {"document": r["name"], "company": r["company"], "because": r["because"],
             "due_s": _due(r, now), "attempts": r["attempts"],
             "rows": len(rows[r["id"]]), "money": money_of(rows[r["id"]])}
            for r in waiting
        ],
        "waiting_by_company": _by_company(waiting, rows, now),
        "unknown_count": len(doubtful),
        "unknown": [_shown(r) for r in doubtful],
        "parked_count": len(parked),
        "parked": [_shown(r) for r in parked],
        "emptied": list(_emptied(ledger, parked)),
        "parked_money": money_of(parked),
    }  # fmt: skip


def _emptied(ledger: Ledger, parked: Iterable[StepRow]) -> Iterator[dict[str, Any]]:
    """Drafts of which every sale was cancelled, with the keys of their rows that are there."""
    cancelled = (r for r in parked if r.parked == CANCELLED and r.state in DONE)
    for batch in dict.fromkeys(row.batch for row in cancelled):
        rows = ledger.document(batch)
        if is_emptied(rows) and all(row.state in DONE for row in rows):
            yield {"document": rows[0].document, "company": rows[0].step.company,
                   "keys": [row.step.key for row in still_there(rows)]}


def _shown(row: StepRow) -> dict[str, str]:
    return {"key": row.step.key, "document": row.document, "part": row.step.part,
            "company": row.step.company, "actual": row.step.actual, "amount": row.step.amount,
            "currency": row.step.currency, "state": row.state, "code": row.code,
            "because": row.parked or row.message or NO_WORD.get(row.state, "")}  # fmt: skip


def _due(batch: dict[str, Any], now: int) -> int:
    """In how many seconds a document goes on by itself; 0 also where it waits for a person."""
    return 0 if batch["next_at"] >= FAR else max(0, (batch["next_at"] - now) // 1000)


def _by_company(
    waiting: list[dict[str, Any]], rows: dict[str, list[StepRow]], now: int
) -> list[dict[str, Any]]:
    """Documents that wait, by company and reason, with what has not left of them."""
    groups: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in waiting:
        groups.setdefault((row["company"], row["because"] or "ready"), []).append(row)
    return [
        {"company": company, "because": because, "documents": len(some),
         "rows": sum(len(rows[r["id"]]) for r in some),
         "money": money_of(row for r in some for row in rows[r["id"]]),
         "due_s": min(_due(r, now) for r in some)}
        for (company, because), some in sorted(groups.items())
    ]  # fmt: skip


def money_of(rows: Iterable[StepRow]) -> list[dict[str, str]]:
    """The money of rows of the ledger, as text, by kind of document, side and currency: no two of
    them are ever added.
    """
    sums: dict[tuple[str, str, str], Decimal] = {}
    for row in rows:
        if row.step.amount:
            key = (row.kind, side_of(row.kind, row.step.type), row.step.currency)
            sums[key] = sums.get(key, Decimal(0)) + Decimal(row.step.amount)
    return [{"document": kind, "side": side, "currency": currency, "amount": f"{amount:f}"}
            for (kind, side, currency), amount in sorted(sums.items())]


def status_text(told: dict[str, Any], every: bool = False) -> str:
    """The figures for people, 80 columns. `every`: each document that waits, each row."""
    if not told["begun"]:
        return NOTHING + "\n"
    states = ", ".join(f"{n:,} {s}" for s, n in told["states"].items() if n) or "nothing entered"
    lines = [f"Rows: {states}"]
    if told["reconcile_only"]:
        lines.append(f"This ledger was {told['reconcile_only']} and only reconciles.")
    for scope, why in told["paused"].items():
        lines.append(f"Paused: {scope_name(scope)}: {one_line(why)}")
    for one in told["waiting_by_company"]:
        due = f" (due in {one['due_s']} s)" if one["due_s"] else ""
        lines += wrapped(f"waits   {one['company']}: {one['documents']:,} documents,"
                         f" {one['rows']:,} rows: {one_line(one['because'])}{due}", WIDTH)
        lines += [f"        {_sum(money)}" for money in one["money"]]
    if told["waiting"] and not every:
        lines.append("        --all lists each document")
    for row in told["waiting"] if every else ():
        lines += wrapped(f"waits   {row['company']} {row['document']}, {row['rows']:,} rows: "
                         f"{one_line(row['because']) or 'ready'} (due in {row['due_s']} s)", WIDTH)
    for name in ("unknown", "parked"):
        lines += _rows(name, told[name], every)
    for draft in told["emptied"]:
        lines += wrapped(f"draft   {draft['company']} {draft['document']}: every sale on it was "
                         "cancelled: delete it in Dataverse, then accept its rows", WIDTH)
    if told["parked_money"]:
        lines += ["Parked money:", *(f"        {_sum(money)}" for money in told["parked_money"])]
    lines.append(f"Chain: {told['chain']['count']} links, head {told['chain']['digest'][:12]}")
    commands = _next(told)
    lines += ["Next:", *(f"  fieldledger {command}" for command in commands)] if commands else []
    return "\n".join(lines) + "\n"


def _rows(name: str, rows: Sequence[dict[str, str]], every: bool) -> Iterator[str]:
    """Rows of one kind, each on lines of its own; how many more there are."""
    for row in rows if every else rows[:SHOWN_MAX]:
        what = " ".join(filter(None, (row["part"], row["actual"], row["amount"], row["currency"])))
        yield from wrapped(one_line(f"{name:7} {row['key'][:12]} {row['document']}, {what}: "
                                    f"{row['because']}"), WIDTH)  # fmt: skip
    if len(rows) > SHOWN_MAX and not every:
        yield f"        ... and {len(rows) - SHOWN_MAX:,} more {name}: `fieldledger status --all`"


def _sum(money: dict[str, str]) -> str:
    what = " ".join(filter(None, (money["document"], money["side"])))
    return f"{what:24} {money['currency']} {Decimal(money['amount']):>16,.2f}"
