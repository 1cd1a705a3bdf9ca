"""Rows of our ledger in flight: not settled, or on the other side and dated beyond the fence."""

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal

from msgspec import Struct

from adapter.making.fence import Fence
from adapter.making.flight import NO_CLASS, Amount, Flown

TOUCHED = ("intended", "sent", "unknown", "settled")  # it is or may be on the other side


class Entered(Struct, frozen=True, kw_only=True):
    """One row of our ledger that is not withdrawn and not merely expected of another program."""

    key: str
    document: str
    state: str
    parked: str = ""
    type: str = ""
    klass: str = ""
    currency: str = ""
    amount: str = ""  # "" for the header of a document
    day: date | None = None

    @property
    def is_settled(self) -> bool:
        """Whether both sides agree on it, and no person is waited for."""
        return self.state == "settled" and not self.parked


def of_ledger(entries: Iterable[Entered], fence: Fence, is_moved: bool) -> Iterator[Flown]:
    """What each row is in flight as: nothing, one kind or both."""
    for entry in entries:
        money: tuple[Amount, ...] = ()
        if entry.amount:
            money = (Amount(entry.currency, entry.type or NO_CLASS, entry.klass or NO_CLASS,
                            Decimal(entry.amount)),)  # fmt: skip
        name = f"{entry.document} {entry.key[:12]}"
        if not entry.is_settled:
            state = f"{entry.state}, parked" if entry.parked else entry.state
            yield Flown(kind="ledger-not-settled", id=entry.key, name=f"{name} {state}",
                        day=entry.day, money=money)  # fmt: skip
        if entry.state in TOUCHED and not is_moved and fence.side(entry.day) == "new":
            yield Flown(kind="beyond-the-fence", id=entry.key, name=f"{name} in our ledger",
                        day=entry.day, money=money)  # fmt: skip
