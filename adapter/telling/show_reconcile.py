"""The reconciliation as text and as JSON: verdict first, then money, then each odd row."""

from collections.abc import Iterator
from typing import Any

from adapter.making.reconcile import BUCKETS, Reconciliation, Row
from adapter.telling.figures import wrapped

WIDTH = 80
ROWS_MAX = 50
WORDS = {
    "equal": "as sent", "missing": "expected, and not there", "ghost": "there, and nobody sent it",
    "duplicate": "there more than once, or suspected to be",
    "explained": "different, for a known reason",
    "unexplained": "different, and nobody knows why",
}  # fmt: skip
HELP = {
    "missing": "Look for it in the other system's import errors. `release KEY` sends it again.",
    "ghost": "Find out who made it. If this ledger was restored, it was sent after the back-up.",
    "duplicate": "A person deletes all but one, or names it in reconcile.toml: nothing here does.",
    "unexplained": "A person changed it: correct the source, or accept it in reconcile.toml.",
}  # fmt: skip


def verdict(made: Reconciliation) -> str:
    """The answer in one sentence."""
    counts = made.counts
    odd = sum(counts[b] for b in ("missing", "ghost", "duplicate", "unexplained"))
    total = sum(sums.expected for sums in made.groups.values())
    if not made.is_balanced:
        return "The two sides do not add up with the ledger; trust nothing below."
    if made.unasked:
        return f"{made.unasked:,} rows could not be asked for: the other side did not answer."
    if odd:
        return f"{odd:,} of {total:,} rows are not as they should be."
    if made.unlooked:
        return "Rows that nobody sent could not be looked for everywhere: the list says where."
    return f"{total:,} rows, 0 unexplained: both sides and the ledger agree."


def as_text(made: Reconciliation) -> str:
    """For people, 80 columns."""
    lines = [*wrapped(verdict(made), WIDTH), ""]
    counts = made.counts
    lines += [f"  {counts[b]:>8,}  {WORDS[b]}" for b in BUCKETS if counts[b] or b == "equal"]
    if made.waiting:
        lines.append(f"  {made.waiting:>8,}  not sent yet")
    if made.accepted:
        lines.append(f"  {made.accepted:>8,}  deleted there, and accepted by a person")
    if made.known:
        lines.append(f"  {made.known:>8,}  like ours, and known to a person (reconcile.toml)")
    for place in made.unlooked:
        lines += wrapped(f"  not looked for ghosts: {place}", WIDTH)
    lines.append("")
    lines += [line[:WIDTH] for line in _groups(made)]
    shown = [row for row in made.rows if row.bucket != "explained"][:ROWS_MAX]
    for row in shown:
        lines += ["", *_row(row)]
    left = len(made.rows) - len(shown)
    if left:
        lines += ["", f"{left:,} more rows: --format json lists them all."]
    return "\n".join(lines) + "\n"


def _groups(made: Reconciliation) -> Iterator[str]:
    yield f"{'company':8} {'class':14} {'':4} {'expected':>14} {'found':>14} {'odd':>14}"
    merged: dict[tuple[str, str, str], list[Any]] = {}
    for (company, currency, klass, _day), sums in made.groups.items():
        if not sums.expected_money and not sums.found_money:
            continue
        row = merged.setdefault((company, klass, currency), [0, 0, 0])
        row[0] += sums.expected_money
        row[1] += sums.found_money
        row[2] += sum(sums.money[b] for b in ("missing", "ghost", "duplicate", "unexplained"))
    for (company, klass, currency), (given, found, odd) in sorted(merged.items()):
        yield f"{company:8} {klass:14} {currency:4} {given:>14,.2f} {found:>14,.2f} {odd:>14,.2f}"


def _row(row: Row) -> list[str]:
    head = f"{row.bucket}: {row.entity} {row.key[:40]} {row.amount} {row.currency}".rstrip()
    lines = wrapped(head, WIDTH)
    if row.actual:
        lines.append(f"  actual {row.actual}")
    lines += [line for d in row.differences
              for line in wrapped(f"  {d.column}: sent {d.sent}, now {d.now}", WIDTH)]  # fmt: skip
    if row.why:
        lines += wrapped(f"  {row.why}", WIDTH)
    if row.bucket in HELP:
        lines += wrapped(f"  help: {HELP[row.bucket]}", WIDTH)
    return lines


def as_json(made: Reconciliation) -> dict[str, Any]:
    """Version 1: everything, money as text."""
    return {
        "reconciliation": 1,
        "verdict": verdict(made),
        "balanced": made.is_balanced,
        "clean": made.is_clean,
        "counts": made.counts,
        "waiting": made.waiting,
        "unasked": made.unasked,
        "known": made.known,
        "unlooked": list(made.unlooked),
        "groups": [
            {"company": company, "currency": currency, "class": klass, "day": day,
             "expected": sums.expected, "found": sums.found,
             "expected_money": f"{sums.expected_money:f}", "found_money": f"{sums.found_money:f}",
             "rows": sums.rows, "money": {b: f"{m:f}" for b, m in sums.money.items()}}
            for (company, currency, klass, day), sums in sorted(made.groups.items())
        ],
        "rows": [
            {"bucket": r.bucket, "key": r.key, "entity": r.entity, "company": r.company,
             "actual": r.actual, "amount": r.amount, "currency": r.currency, "why": r.why,
             "differences": [{"column": d.column, "sent": d.sent, "now": d.now}
                             for d in r.differences]}
            for r in made.rows
        ],
    }  # fmt: skip
