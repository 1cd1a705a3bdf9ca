"""The reconciliation as text and as JSON: verdict first, then money, then each odd row."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from adapter.making.reconcile import BUCKETS, Group, Reconciliation, Row, Sums
from adapter.making.taken_back import WHY as CANCELLED
from adapter.telling.figures import wrapped
from adapter.telling.show_delivery import outbox_text
from adapter.values.finding import one_line

WIDTH = 80
ROWS_MAX = 10  # of one bucket
ODD = ("missing", "ghost", "duplicate", "unexplained")
WORDS = {
    "equal": "as sent, or as expected", "missing": "expected, and not there",
    "ghost": "there, and nobody sent it",
    "duplicate": "there more than once, or suspected to be",
    "explained": "different, for a known reason",
    "unexplained": "different, and nobody knows why",
}  # fmt: skip
KINDS = {"invoice-proposal": "proposal"}
ACCEPT = "`fieldledger accept {key} --because checked`"  # of the first row, to be pasted
HELP = {
    "missing": "Look for it in the other system's import errors. `fieldledger settle --again` "
    "parks what is gone; then `fieldledger replay {key} --because gone` sends it again, or "
    f"{ACCEPT} says that it is right.",
    "missing files": "Import its file, or look for it in the errors of the import: the plan's "
    "manifest in the outbox names the files and their order.",
    "missing validate-only": "Another program or a person is to make it, never this one: look at "
    "the errors of dual-write, or whether the document was made at all.",
    "ghost": "Find out who made it. If this ledger was restored, it was sent after the back-up.",
    "duplicate": "A person deletes all but one, or names it in reconcile.toml: nothing here does.",
    "unexplained": f"A person changed it: correct it there or in the source, or {ACCEPT} explains "
    "exactly this change.",
    "unexplained validate-only": "The vendor's row says something else than we work out: "
    "{explain}. A column that may always differ gets a reason in "
    "reconcile.toml.",
    "unexplained cancelled": "The customer would pay for it: take the row off the draft "
    f"there, then {ACCEPT} says that it is right. Where nothing is left of a draft, delete it: "
    "`fieldledger status` names it.",
    "missing cancelled": f"Its sale was cancelled, so it may be gone: {ACCEPT} says that it is "
    "right.",
    "several": "Nothing is guessed of rows that fit several, or of several that fit one: compare "
    "them there.",
}  # fmt: skip


def verdict(made: Reconciliation) -> str:
    """The answer in one sentence."""
    counts = made.counts
    odd = sum(counts[b] for b in ODD)
    total = sum(sums.expected for sums in made.groups.values())
    if not made.is_balanced:
        return "The two sides do not add up with the ledger; trust nothing below."
    if made.unasked:
        return f"{made.unasked:,} rows could not be asked for: the other side did not answer."
    if odd:
        return f"{odd:,} of {total:,} rows are not as they should be."
    if made.unseen:
        return (f"{sum(made.unseen.values()):,} rows cannot be seen: "
                f"{'; '.join(sorted(made.unseen))}.")  # fmt: skip
    if made.unlooked:
        return "Rows that nobody sent could not be looked for everywhere: the list says where."
    which = " that can be compared" if made.retained else ""
    return f"{total:,} rows{which}, 0 unexplained: both sides and the ledger agree."


def as_text(made: Reconciliation, every: bool = False) -> str:
    """For people, 80 columns. `every`: each day of each sum, and each odd row."""
    lines = [*wrapped(verdict(made), WIDTH), ""]
    counts = made.counts
    lines += [f"  {counts[b]:>8,}  {WORDS[b]}" for b in BUCKETS if counts[b] or b == "equal"]
    for why, count in sorted(made.unseen.items()):
        first, *rest = wrapped(one_line(f"cannot be seen: {why}"), WIDTH - 12)
        lines += [f"  {count:>8,}  {first}", *(f"{'':12}{line}" for line in rest)]
    more = ((made.above, "headers that the vendor numbers: their lines stand for them"),
            (made.waiting, "not sent yet"),
            (made.accepted, "deleted there, and accepted by a person"),
            (made.retained, "cannot be compared: retention removed their text"),
            (made.known, "like ours, and known to a person (reconcile.toml)"))  # fmt: skip
    lines += [f"  {count:>8,}  {what}" for count, what in more if count]
    lines += [f"  {line}" for line in outbox_text(made.outbox).splitlines()]
    for place in made.unlooked:
        lines += _indented(f"not looked for ghosts: {place}", 2)
    lines += ["", *_groups(made)]
    if every:
        lines += ["", *_days(made)]
    for bucket in BUCKETS:
        mine = [row for row in made.rows if row.bucket == bucket]
        if bucket in ODD:
            for way in dict.fromkeys(map(_way, mine)):
                these = [row for row in mine if _way(row) == way]
                help = HELP.get(f"{bucket} {way}", HELP[bucket])
                actual = next((row.actual for row in these if row.actual), "")
                explain = f"`fieldledger explain {actual}`" if actual else "explain its actual"
                help = help.format(key=these[0].key[:12], explain=explain)
                lines += _rows(bucket, these, help, every)
        elif mine and every:
            lines += _rows(bucket, mine, "", every)
        elif mine:
            lines += ["", f"{_count(len(mine))} {WORDS[bucket]}: --all lists them."]
    lines += _rows("several", made.doubtful, HELP["several"], every)
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _way(row: Row) -> str:
    """What the help of a row depends on beside its bucket."""
    return "cancelled" if row.why == CANCELLED else row.delivery


def _count(count: int) -> str:
    return "1 row" if count == 1 else f"{count:,} rows"


def _indented(text: str, by: int) -> list[str]:
    return [f"{' ' * by}{line}" for line in wrapped(one_line(text), WIDTH - by)]


def _rows(title: str, rows: Sequence[Row], help: str, every: bool) -> list[str]:
    """Rows of one kind under one help."""
    if not rows:
        return []
    lines = ["", f"{title}: {_count(len(rows))}", *_indented(f"help: {help}" if help else "", 2)]
    shown = rows if every else rows[:ROWS_MAX]
    for row in shown:
        lines += _row(row)
    if len(rows) > len(shown):
        lines.append(f"  ... and {len(rows) - len(shown):,} more: --all lists them")
    return lines


def _groups(made: Reconciliation) -> Iterator[str]:
    """Sums over all days: those of other kinds, sides and currencies are never added."""
    merged: dict[Group, list[Decimal]] = {}
    for group, sums in made.groups.items():
        if sums.expected_money or sums.found_money:
            row = merged.setdefault(group._replace(day=""), [Decimal(0)] * 3)
            row[:] = [a + b for a, b in zip(row, _money(sums), strict=True)]
    if merged:
        yield f"{_head()} {'expected':>12} {'found':>12} {'odd':>12}"
    for group, (given, found, odd) in sorted(merged.items()):
        yield f"{_named(group)} {given:>12,.2f} {found:>12,.2f} {odd:>12,.2f}"


def _days(made: Reconciliation) -> Iterator[str]:
    yield f"{_head()} {'day':10} {'expected':>12} {'found':>12}"
    for group, sums in sorted(made.groups.items()):
        given, found, odd = _money(sums)
        if given or found:
            mark = " !" if odd else ""
            yield f"{_named(group)} {group.day:10} {given:>12,.2f} {found:>12,.2f}{mark}"


def _head() -> str:
    return f"{'company':7} {'document':10} {'side':5} {'class':9} {'':3}"


def _named(group: Group) -> str:
    kind = KINDS.get(group.kind, group.kind)
    return f"{group.company:7} {kind:10} {group.side or '-':5} {group.klass:9} {group.currency:3}"


def _money(sums: Sums) -> tuple[Decimal, Decimal, Decimal]:
    odd = sum((sums.money[bucket] for bucket in ODD), Decimal(0))
    return sums.expected_money, sums.found_money, odd


def _row(row: Row) -> list[str]:
    lines = _indented(f"{row.entity} {row.key[:36]} {row.amount} {row.currency}".rstrip(), 2)
    if row.actual:
        lines += _indented(f"actual {row.actual}", 4)
    for d in row.differences:
        lines += _indented(f"{d.column}: sent {d.sent}, now {d.now}", 4)
    return lines + (_indented(row.why, 4) if row.why else [])


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
        "unseen": made.unseen,
        "above": made.above,
        "outbox": made.outbox,
        "retained": made.retained,
        "known": made.known,
        "unlooked": list(made.unlooked),
        "groups": [
            {"company": group.company, "document": group.kind, "side": group.side,
             "currency": group.currency, "class": group.klass, "day": group.day,
             "expected": sums.expected, "found": sums.found,
             "expected_money": f"{sums.expected_money:f}", "found_money": f"{sums.found_money:f}",
             "changed_money": f"{sums.changed_money:f}",
             "rows": sums.rows, "money": {b: f"{m:f}" for b, m in sums.money.items()}}
            for group, sums in sorted(made.groups.items())
        ],
        "rows": [_as_json(r, r.bucket) for r in made.rows],
        "several": [_as_json(r, "several") for r in made.doubtful],
    }  # fmt: skip


def _as_json(row: Row, bucket: str) -> dict[str, Any]:
    return {
        "bucket": bucket, "key": row.key, "entity": row.entity, "company": row.company,
        "actual": row.actual, "amount": row.amount, "currency": row.currency, "why": row.why,
        "delivery": row.delivery,
        "differences": [{"column": d.column, "sent": d.sent, "now": d.now}
                        for d in row.differences],
    }  # fmt: skip
