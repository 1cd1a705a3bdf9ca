"""Two reports side by side: which verdicts moved, and how much money with them."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from adapter.telling.columns_text import Row, cell, drawn
from adapter.telling.compare_documents import (
    compare_documents,
    compare_sums,
    document_lines,
    sums_lines,
)
from adapter.telling.completed import completed
from adapter.telling.figures import (
    Shown,
    amount_of_text,
    cells,
    count_of,
    day_shown,
    fit,
    grouped,
    hung,
    plain,
    type_shown,
    wrapped,
)
from adapter.telling.paint import Paint
from adapter.values.arithmetic import our_arithmetic

ABSENT = "absent"
ROWS_MAX = 40  # verdicts that the text lists


@our_arithmetic()
def compare_reports(old: Shown, new: Shown) -> dict[str, Any]:
    """What moved from the old report to the new one, as one dict of texts and numbers.

    `moved`: actuals in both whose status, answers, findings or amount differ, each with
    its `changes` (what, old, new); `appeared` and `gone`: actuals in one only; `money`:
    per company, currency and type how much went from which status to which; `documents`:
    those that appeared, went or changed, with their totals; `sums`: what all documents come to.
    """
    before, after = completed(old), completed(new)
    first = {a["id"]: a for a in before["actuals"]}
    second = {a["id"]: a for a in after["actuals"]}
    then, now = _document_names(before), _document_names(after)
    named = (now | then, then | now)
    moved = []
    for key in sorted(first.keys() & second.keys(), key=lambda k: _order(second[k])):
        changes = list(_changes(first[key], second[key], *named))
        if changes:
            moved.append({**_head(second[key]), "changes": changes})
    return {
        "old": _side(before),
        "new": _side(after),
        "moved": moved,
        "appeared": [_head(a) for a in _only(second, first)],
        "gone": [_head(a) for a in _only(first, second)],
        "money": _money(first, second),
        "documents": compare_documents(before, after),
        "sums": compare_sums(before, after),
        "actuals": len(second),
    }


def _side(report: Shown) -> dict[str, Any]:
    return {"plan": report["plan"]["id"], "as_of": report["plan"]["as_of"],
            "rulebook": report["provenance"]["rulebook"],
            "headline": report["verdict"]["headline"]}  # fmt: skip


def _order(actual: Shown) -> tuple[str, str]:
    return (str(actual["name"]), str(actual["id"]))


def _only(here: dict[str, Any], there: dict[str, Any]) -> list[Any]:
    return sorted((a for key, a in here.items() if key not in there), key=_order)


def _head(actual: Shown) -> dict[str, Any]:
    keys = ("id", "name", "company", "work_order", "type", "amount", "currency", "status")
    return {key: actual[key] for key in keys}


def _document_names(report: Shown) -> dict[str, str]:
    return {d["key"]: f"{d['kind']} {d['name']}" for d in report["documents"]}


def _changes(
    old: Shown, new: Shown, names_then: dict[str, str], names_now: dict[str, str]
) -> Iterator[dict[str, str]]:
    if amount_of_text(old["amount"]) != amount_of_text(new["amount"]):
        yield from _change("amount", str(old["amount"]), str(new["amount"]))
    for what in ("status", "currency", "company", "type"):
        yield from _change(what, str(old[what]), str(new[what]))
    for channel in ("ledger", "billing"):
        yield from _change(
            channel, _said(old[channel], names_then), _said(new[channel], names_now)
        )
    yield from _change("findings", _codes(old), _codes(new))


def _change(what: str, old: str, new: str) -> Iterator[dict[str, str]]:
    if old != new:
        yield {"what": what, "old": old, "new": new}


def _said(part: Shown, documents: dict[str, str]) -> str:
    """An answer without keys that change with every document."""
    name = documents.get(part.get("document") or "", "")
    return " ".join(text for text in (part["answer"], part["rule"], name) if text)


def _codes(actual: Shown) -> str:
    return " ".join(sorted(set(actual["findings"])))


def _money(first: dict[str, Any], second: dict[str, Any]) -> list[dict[str, Any]]:
    """Sums that changed their status; amounts of other currencies or types never added."""
    sums: dict[tuple[str, ...], tuple[Decimal, int]] = {}

    def add(actual: Shown, old: str, new: str, amount: Decimal) -> None:
        key = (str(actual["company"]), str(actual["currency"]), str(actual["type"]), old, new)
        total, count = sums.get(key, (Decimal(0), 0))
        sums[key] = (total + amount, count + 1)

    for key in first.keys() | second.keys():
        old, new = first.get(key), second.get(key)
        if old is None or new is None or _kind(old) != _kind(new):
            if old is not None:
                add(old, old["status"], ABSENT, amount_of_text(old["amount"]))
            if new is not None:
                add(new, ABSENT, new["status"], amount_of_text(new["amount"]))
            continue
        given, found = amount_of_text(old["amount"]), amount_of_text(new["amount"])
        if old["status"] != new["status"]:
            add(new, old["status"], new["status"], given)
        if given != found:
            add(new, ABSENT, new["status"], found - given)
    return [
        {"company": company, "currency": currency, "type": kind, "old": old, "new": new,
         "amount": f"{total:f}", "records": count}
        for (company, currency, kind, old, new), (total, count) in sorted(sums.items())
    ]  # fmt: skip


def _kind(actual: Shown) -> tuple[str, str, str]:
    return (actual["company"], actual["currency"], actual["type"])


def comparison_text(
    comparison: Shown, width: int = 80, colour: bool = False, ascii_only: bool = False
) -> str:
    """A comparison for a terminal; ends with one sentence and a line feed."""
    paint = Paint(colour, ascii_only)
    lines = [*_titles(comparison, width, paint), ""]
    for section in (
        _money_lines(comparison, width, paint),
        _moved_lines(comparison, width, paint),
        document_lines(comparison["documents"], width, paint),
        sums_lines(comparison["sums"], width, paint),
    ):
        if section:
            lines += [*section, ""]
    lines += wrapped(_sentence(comparison), width)
    return "".join(line.rstrip() + "\n" for line in lines)


def _titles(comparison: Shown, width: int, paint: Paint) -> Iterator[str]:
    for word in ("old", "new"):
        side = comparison[word]
        text = f"{side['plan']}  as of {day_shown(side['as_of'])}  rulebook {side['rulebook']}"
        yield f"{paint('title', word)}  {fit(plain(text, paint.ascii_only), width - 5)}"


def _money_lines(comparison: Shown, width: int, paint: Paint) -> list[str]:
    rows: list[Row] = [
        [
            cell(plain(m["company"], paint.ascii_only), "title"), cell(type_shown(m["type"])),
            cell(plain(m["currency"], paint.ascii_only)), cell(grouped(m["amount"]), right=True),
            cell(m["old"]), cell("->"), cell(m["new"]),
            cell(count_of(m["records"], "actual"), "place", right=True),
        ]
        for m in comparison["money"]
    ]  # fmt: skip
    return drawn(rows, width, paint, spare=(7,))


def _moved_lines(comparison: Shown, width: int, paint: Paint) -> list[str]:
    lines = []
    for word, sign in (("moved", "~"), ("appeared", "+"), ("gone", "-")):
        for actual in comparison[word]:
            name = plain(f"{actual['name']} {actual['work_order']}".strip(), paint.ascii_only)
            sum_shown = f"{actual['currency']} {grouped(actual['amount'])}"
            lines.append(
                f"  {sign} {paint('title', fit(name, 30))}  {plain(sum_shown, paint.ascii_only)}"
                + ("" if word == "moved" else f"  {word}, {actual['status']}")
            )
            for change in actual.get("changes", ()):
                lines += _change_lines(change, width, paint)
    if len(lines) > ROWS_MAX:
        return [*lines[:ROWS_MAX], "    and more; `--format json` has every one"]
    return lines


def _change_lines(change: Shown, width: int, paint: Paint) -> list[str]:
    """What it was and is: in one line, or one below the other so that nothing is cut."""
    old, new = (plain(change[side] or "none", paint.ascii_only) for side in ("old", "new"))
    head = f"      {change['what']}: "
    if cells(head) + cells(f"{old} -> {new}") <= width:
        return [f"{head}{old} -> {new}"]
    lines = [hung(head.strip() + " " + old, width, 6, 2), hung(f"-> {new}", width, 8, 3)]
    return [line for part in lines for line in part]


def _sentence(comparison: Shown) -> str:
    counts = [len(comparison[word]) for word in ("moved", "appeared", "gone")]
    differing = sum(len(found) for found in comparison["documents"].values())
    if not any(counts):
        said = f"No verdict moved among {count_of(comparison['actuals'], 'actual')}"
        verb = "says" if differing == 1 else "say"
        return f"{said}; {count_of(differing, 'document')} {verb} something else." if differing \
            else f"{said}."
    verb = "verdict" if counts[0] == 1 else "verdicts"
    return (
        f"{counts[0]:,} {verb} moved, {count_of(counts[1], 'actual')} appeared, "
        f"{count_of(counts[2], 'actual')} gone. Nothing was sent."
    )
