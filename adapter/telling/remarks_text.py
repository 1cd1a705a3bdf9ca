"""What a plan remarks beside its verdicts: what could not be read, and which rules are not in force
as they were shipped.
"""

from typing import Any

from adapter.telling.figures import Shown, count_of, day_shown, fit, plain, wrapped
from adapter.telling.narrow import Narrow
from adapter.telling.paint import Paint

ALLOWED_MAX = 20  # rules that are listed; the report has every one
KINDS = {"disabled": "off"}


def fault_lines(report: Shown, narrow: Narrow, width: int, paint: Paint) -> list[str]:
    """The first finding of each code about files and records, and how many there are."""
    found: dict[str, list[Any]] = {}
    for fault in report["faults"]:
        if narrow.takes_fault(fault):
            found.setdefault(fault["code"], []).append(fault)
    lines = []
    for code, faults in sorted(found.items()):
        sign = {"error": "!", "warning": "?"}.get(faults[0]["level"], "-")
        more = f" (and {len(faults) - 1:,} more)" if len(faults) > 1 else ""
        head = f"  {sign} {code}  "
        blank = " " * len(head)
        message = plain(faults[0]["message"], paint.ascii_only)
        first, *rest = wrapped(message + more, width - len(head))
        lines.append(f"  {paint('error', sign)} {paint('code', code)}  {first}")
        place = fit(plain(faults[0]["place"], paint.ascii_only), width - len(head))
        lines += [*(blank + line for line in rest), blank + paint("place", place)]
    return lines


def allowed_lines(report: Shown, narrow: Narrow, width: int, paint: Paint) -> list[str]:
    """Each rule that the workspace replaced, changed or switched off, until when and why."""
    allowed = [a for a in report["allowed"] if narrow.takes_code(a["rule"])]
    lines = []
    for one in allowed[:ALLOWED_MAX]:
        head = f"  - {one['rule']}  "
        word = " ".join((KINDS.get(one["kind"], one["kind"]), " -> ".join(one.get("levels", ()))))
        word = word.strip()
        until = f" until {day_shown(one['expires'])}" if one["expires"] else ""
        over = ", expired" if one["expired"] else ""
        because = f": {plain(one['because'], paint.ascii_only)}" if one["because"] else ""
        first, *rest = wrapped(f"{word}{until}{over}{because}", width - len(head))
        lines.append(f"  - {paint('code', one['rule'])}  {first}")
        lines += [" " * len(head) + line for line in rest]
    if len(allowed) > ALLOWED_MAX:
        lines.append(f"    and {count_of(len(allowed) - ALLOWED_MAX, 'rule')} more in the report")
    return lines
