"""Figures and words as people read them: amounts, counts, days, and safe text.

The views read one shape, `Shown`: the report dict of version 1, as JSON gives it.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from adapter.values.finding import shown

Shown = Mapping[str, Any]

TYPES = {"unbilled-sales": "unbilled", "billed-sales": "billed"}
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
PARTS = ("written", "unchanged", "left", "held")
DIGITS_MAX = 40  # longer numbers are shown as they were written
_COMMAND = re.compile(r"`fieldledger [^`]+`")
_WORDS = re.compile(r"(?:`fieldledger [^`]+`|\S)+")
LINES_MAX = 500  # of one wrapped text; nothing we say is longer

# Characters that reorder or hide text: shown by their number, never obeyed (Unicode TR36).
_HIDDEN = frozenset(
    "\u061c\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff"
)


def grouped(amount: object) -> str:
    """An exact amount with thousands separators; what is not a number stays as it is."""
    try:
        value = Decimal(str(amount))
    except InvalidOperation:
        return "" if amount is None else str(amount)
    if not value.is_finite() or abs(value.adjusted()) > DIGITS_MAX:
        return str(amount)
    return f"{value:,f}"


def amount_of_text(amount: object) -> Decimal:
    """The number that an amount of the report stands for; zero when there is none."""
    try:
        value = Decimal(str(amount))
    except InvalidOperation:
        return Decimal(0)
    return value if value.is_finite() else Decimal(0)


def money(currency: object, amount: object) -> str:
    """`USD 1,212.50`."""
    return f"{currency} {grouped(amount)}"


def money_of_type(sum_of: Shown) -> str:
    """`USD 1,212.50 cost`: a sum of actuals of one type."""
    shown_sum = money(sum_of["currency"], sum_of["amount"])
    return f"{shown_sum} {type_shown(sum_of.get('type', ''))}".rstrip()


def count_of(number: int, noun: str) -> str:
    """`1 actual`, `1,204 actuals`; a noun in -y is for the caller to avoid."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def day_shown(text: str) -> str:
    """`2026-11-18` as `18 Nov 2026`; other text as it is."""
    try:
        day = date.fromisoformat(text[:10])
    except ValueError:
        return text
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def window_of(report: Shown) -> str:
    """The days that the report covers: those asked for, else those of its actuals."""
    plan = report.get("plan", {})
    days = [a["date"] for a in report.get("actuals", ()) if a.get("date")]
    first = plan.get("from") or min(days, default="")
    last = plan.get("to") or max(days, default="")
    if not first or not last:
        return day_shown(first or last)
    if first[:7] == last[:7] and len(first) == len(last) == 10:
        return f"{int(first[8:10])}-{day_shown(last)}" if first != last else day_shown(first)
    return f"{day_shown(first)} - {day_shown(last)}"


def type_shown(kind: object) -> str:
    """A transaction type as one short word."""
    return TYPES.get(str(kind), str(kind))


def safe(text: object) -> str:
    """Text for a page: control, bidirectional and invisible characters become visible."""
    raw = "" if text is None else str(text)
    if raw.isprintable():
        return raw
    return "".join(_visible(c) for c in raw)


def _visible(c: str) -> str:
    kind = unicodedata.category(c)
    if c in _HIDDEN or kind in ("Cc", "Cs", "Zl", "Zp"):
        return f"\\u{ord(c):04x}"
    return c


def plain(text: object, ascii_only: bool = False) -> str:
    """Text for a terminal: one line, bounded, and ASCII where the stream is not UTF-8."""
    line = shown("" if text is None else text)
    return line.encode("ascii", "backslashreplace").decode() if ascii_only else line


def cells(text: str) -> int:
    """How many columns of a terminal a text takes (Unicode TR11; marks take none)."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    )


def fit(text: str, width: int) -> str:
    """Text of at most `width` columns; what is cut is marked with three dots."""
    if cells(text) <= width:
        return text
    return _head(text, max(width - 3, 1)).rstrip() + "..."[: max(width - 1, 0)]


def pad(text: str, width: int, right: bool = False) -> str:
    """Text filled with blanks to `width` columns; aligned right if asked."""
    blanks = " " * max(width - cells(text), 0)
    return blanks + text if right else text + blanks


def wrapped(text: str, width: int) -> list[str]:
    """Words of a text in lines of at most `width` columns; a longer word is broken.

    A command in backticks stays in one line, so that it can be pasted.
    """
    lines: list[str] = []
    line = ""
    for word in _WORDS.findall(text):
        if line and cells(line) + 1 + cells(word) <= width:
            line = f"{line} {word}"
            continue
        if line:
            lines.append(line)
        while cells(word) > width and not _COMMAND.search(word):
            head = _head(word, width)
            joint = head.rfind("-") + 1  # better between parts of a name than within one
            head = head[:joint] if joint * 2 > width else head
            lines.append(head)
            word = word[len(head) :]
        line = word
    if line or not lines:
        lines.append(line)
    return lines[:LINES_MAX]


def hung(text: str, width: int, indent: int, hang: int) -> list[str]:
    """A line as it is, indented; what does not fit goes on below, `hang` columns further in."""
    room = width - indent
    first = text
    if cells(text) > room:
        first = text[: room + 1].rpartition(" ")[0].rstrip() or _head(text, room)
    rest = text[len(first) :].strip()
    below = wrapped(rest, room - hang) if rest else []
    return [" " * indent + first, *(" " * (indent + hang) + line for line in below)]


def _head(text: str, width: int) -> str:
    """The first characters of a text that fit; at least one."""
    used = 0
    for count, c in enumerate(text):
        used += cells(c)
        if used > width:
            return text[: max(count, 1)]
    return text


def largest(sums: Iterable[tuple[str, str]]) -> Decimal:
    """The largest of some sums: only to put the most money first, never to add it."""
    return max((abs(amount_of_text(amount)) for _, amount in sums), default=Decimal(0))


def sums_of(pairs: Iterable[tuple[str, object]]) -> list[tuple[str, str]]:
    """Exact sums per key, keys sorted; amounts of different keys are never added."""
    sums: dict[str, Decimal] = {}
    for key, amount in pairs:
        sums[key] = sums.get(key, Decimal(0)) + amount_of_text(amount)
    return [(key, f"{value:f}") for key, value in sorted(sums.items())]


def holding_rule(actual: Shown) -> str:
    """The rule that holds an actual, of the first channel that is held."""
    held = [actual[c]["rule"] for c in ("ledger", "billing") if actual[c]["answer"] == "hold"]
    return str(held[0] if held else actual["ledger"]["rule"])


def rules_of(actual: Shown) -> str:
    """The rules that answered, once if both channels were answered by one."""
    return " ".join(dict.fromkeys((actual["ledger"]["rule"], actual["billing"]["rule"])))


def why(entries: Iterable[Shown]) -> str:
    """How many milestones and retainers stay for which reason: `2 left: not ready to invoice`."""
    counts: dict[str, int] = {}
    for entry in entries:
        if entry["reason"]:
            text = f"{entry['status']}: {plain(entry['reason'])}"
            counts[text] = counts.get(text, 0) + 1
    return "; ".join(f"{count:,} {text}" for text, count in sorted(counts.items()))
