"""The equation as text: in = written + unchanged + left + held, per channel and currency."""

from collections.abc import Iterator
from typing import Any

from adapter.telling.delivered import COLUMNS, channels_of, heads_of
from adapter.telling.figures import (
    Shown,
    amount_of_text,
    count_of,
    grouped,
    pad,
    plain,
    type_shown,
)
from adapter.telling.figures import wrapped as wrapped_words
from adapter.telling.paint import Paint


def equation_lines(report: Shown, width: int, paint: Paint) -> Iterator[str]:
    """One block per channel; a column is left out when all of it is zero."""
    for channel in channels_of(report):
        parts = [p for p in COLUMNS if p == "written" or _is_used(channel, p)]
        rows = [("actuals", [f"{channel['records'][p]:,}" for p in ("in", *parts)])]
        for line in channel["money"]:
            label = f"{line['company']} {line['currency']} {type_shown(line['type'])}"
            label = plain(label, paint.ascii_only)
            rows.append((label, [grouped(line[p]) for p in ("in", *parts)]))
        heads = ["in", *heads_of(report, parts)]
        yield from _block(channel["channel"], heads, rows, width, paint)
        yield from _left_by(channel, width, paint)
        if not channel["balanced"]:
            yield from _wrong(channel, paint)
        yield ""


def _is_used(channel: Shown, part: str) -> bool:
    lines = [channel["records"], *channel["money"]]
    return any(amount_of_text(line[part]) for line in lines)


def _block(
    name: str, heads: list[str], rows: list[tuple[str, list[str]]], width: int, paint: Paint
) -> Iterator[str]:
    widths = [max(len(row[1][i]) for row in [("", heads), *rows]) for i in range(len(heads))]
    first = max(len(label) for label, _ in [(name, []), *rows])
    if 2 + first + sum(w + 3 for w in widths) > width:
        yield from _stacked(name, heads, rows, width, paint)
        return
    yield "  " + paint("title", pad(name, first)) + "  " + _formula(heads, widths)
    for label, figures in rows:
        yield "  " + pad(label, first) + "  " + _formula(figures, widths)


def _formula(texts: list[str], widths: list[int]) -> str:
    cells = [pad(text, w, right=True) for text, w in zip(texts, widths, strict=True)]
    return f"{cells[0]} = {' + '.join(cells[1:])}"


def _stacked(
    name: str, heads: list[str], rows: list[tuple[str, list[str]]], width: int, paint: Paint
) -> Iterator[str]:
    """The same without columns, for amounts that are too long for them."""
    yield "  " + paint("title", name)
    for label, figures in rows:
        parts = [
            f"{figure} {head}"
            for head, figure in zip(heads[1:], figures[1:], strict=True)
            if amount_of_text(figure.replace(",", ""))
        ]
        text = f"{label} {figures[0]} = {' + '.join(parts) or '0'}"
        head, *rest = wrapped_words(text, width - 8)
        yield f"    {head}"
        yield from (f"        {line}" for line in rest)


def left_by_rule(channel: Shown) -> list[dict[str, Any]]:
    """Why actuals were left, one line for each rule: its reasons may name each its voucher."""
    rules: dict[str, list[Shown]] = {}
    for line in channel["left_by"]:
        rules.setdefault(line["rule"], []).append(line)
    found = []
    for lines in rules.values():
        first = max(lines, key=lambda line: line["records"])
        more = count_of(len(lines) - 1, "other reason")
        reason = first["reason"] or first["name"]
        found.append({
            **first, "records": sum(line["records"] for line in lines),
            "reason": f"{reason} (and {more} of this rule)" if len(lines) > 1 else reason,
        })  # fmt: skip
    return found


def _left_by(channel: Shown, width: int, paint: Paint) -> Iterator[str]:
    for line in left_by_rule(channel):
        head = f"  - {line['records']:,} left  {line['rule']}  "
        text = plain(line["reason"], paint.ascii_only)
        first, *rest = wrapped_words(text, width - len(head))
        yield f"  - {line['records']:,} left  {paint('code', line['rule'])}  {first}"
        yield from (" " * len(head) + more for more in rest)


def _wrong(channel: Shown, paint: Paint) -> Iterator[str]:
    """Which lines do not add up, and by how much."""
    lines = [("actuals", channel["records"])]
    lines += [(f"{m['company']} {m['currency']} {m['type']}", m) for m in channel["money"]]
    for label, line in lines:
        gap = amount_of_text(line["in"]) - sum(amount_of_text(line[p]) for p in COLUMNS)
        if gap:
            text = f"{plain(label, paint.ascii_only)}: {grouped(gap)} unaccounted for"
            yield "  " + paint("error", f"! {text}")
