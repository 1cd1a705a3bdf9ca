"""What is known of the records judged before this one.

Records are folded in one order (approval time, transaction date, id), whatever order the
files had. A fold never depends on a verdict: it counts what the records say, so that each
decision stays a function of one record and its facts and can be explained and replayed.
"""

from datetime import UTC, datetime, time
from decimal import Decimal

from adapter.values.money import ZERO

Key = tuple[str, ...]
MIDNIGHT = time(tzinfo=UTC)


class Fold:
    """Running sums over the records judged so far."""

    def __init__(self) -> None:
        self.serial_uses: dict[Key, int] = {}  # company, item, serial -> uses not reversed
        self.stock_taken: dict[Key, Decimal] = {}  # owner, item, site, warehouse -> net issue
        self.nte_committed: dict[Key, Decimal] = {}  # level, id, currency -> committed sales
        self.entries: dict[bytes, str] = {}  # digest of what makes a double entry -> first id

    def serial_used(self, key: Key, change: int) -> None:
        """Count a use (+1) or its reversal (-1) of a serial number."""
        self.serial_uses[key] = self.serial_uses.get(key, 0) + change

    def take_stock(self, key: Key, quantity: Decimal) -> None:
        """Count an issue (positive) or a return (negative), in the inventory unit."""
        self.stock_taken[key] = self.stock_taken.get(key, ZERO) + quantity

    def commit_nte(self, key: Key, amount: Decimal) -> None:
        """Count sales that fit under a not-to-exceed limit."""
        self.nte_committed[key] = self.nte_committed.get(key, ZERO) + amount


def order_of(approved_on: object, at: object, key: str) -> tuple[str, str, str]:
    """The order of folding: approval time, transaction date, id; missing comes last."""
    return ("~" if approved_on is None else str(approved_on), "~" if at is None else str(at), key)


def approval_time(approved_on: datetime | None, created_on: datetime | None) -> datetime | None:
    """When an actual was approved: an approval keeps a day only, read as midnight UTC, so the
    instant is that of the actual it created (domain G7: who comes first under a limit)."""
    is_day = approved_on is None or approved_on.timetz() == MIDNIGHT
    return created_on if is_day and created_on is not None else approved_on
