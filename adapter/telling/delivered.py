"""Who writes what a plan says: we, or (a company of validate only) the vendor's own integration.

Where all companies are of one kind, one word stands for all of them (`verdict.word`). Where a
workspace has both, each row says its own, and the equation has a column for each.
"""

from decimal import Decimal
from typing import Any

from adapter.telling.figures import PARTS, Shown

WRITTEN, EXPECTED = "written", "expected"
VALIDATE = "validate-only"
COLUMNS = (WRITTEN, EXPECTED, *(part for part in PARTS if part != WRITTEN))


def companies_of_others(report: Shown) -> frozenset[str]:
    """Companies whose rows others write, in a workspace where we write those of other companies;
    empty where one word stands for all.
    """
    if report["verdict"]["word"] == EXPECTED:
        return frozenset()
    return frozenset(c["code"] for c in report["companies"] if c.get("delivery") == VALIDATE)


def channels_of(report: Shown) -> list[dict[str, Any]]:
    """The equation with what is expected of others beside what we write: each line has all of
    COLUMNS.
    """
    others = companies_of_others(report)
    found = []
    for channel in report["equation"]:
        records = channel["records"]
        theirs = records.get(EXPECTED, 0) if others else 0
        found.append({
            **channel,
            "records": {**records, WRITTEN: records[WRITTEN] - theirs, EXPECTED: theirs},
            "money": [_split(line, line["company"] in others) for line in channel["money"]],
        })  # fmt: skip
    return found


def heads_of(report: Shown, columns: list[str]) -> list[str]:
    """What stands above columns of the equation."""
    word = str(report["verdict"]["word"])
    return [word if column == WRITTEN else column for column in columns]


def _split(line: Shown, is_theirs: bool) -> Shown:
    amount = line[WRITTEN]
    none = f"{Decimal(amount) * 0:f}"
    return {**line, WRITTEN: none, EXPECTED: amount} if is_theirs else {**line, EXPECTED: none}
