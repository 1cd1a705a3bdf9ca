"""The header of a document on its way: rows follow it only while it is there as it was."""

from collections.abc import Callable, Sequence

from adapter.edge.ledger import TOLD_TO_WAIT, Claim, StepRow
from adapter.edge.sending.asking import (
    ASK_AGAIN_MS,
    DELETED,
    Asked,
    links_of,
    renumbered,
)
from adapter.edge.sending.ports import Found, Neighbour
from adapter.making.steps import Receipt
from adapter.reading.setting_bounds import FILES


class Heading:
    """What is known of a header while one errand lasts."""

    def __init__(self, claim: Claim) -> None:
        self._rows = claim.steps
        self._row = next((row for row in claim.steps if row.step.part == "header"), None)
        self.key = self._row.step.key if self._row is not None else ""
        self.answer = self._row.answer if self._row is not None else {}
        self._is_seen = False

    def take(self, receipt: Receipt) -> None:
        """What the other side said of it just now."""
        if receipt.key == self.key and receipt.answer:
            self.answer, self._is_seen = receipt.answer, True

    def asked(
        self, neighbour: Neighbour, going: Sequence[StepRow], gate: Callable[[str], int]
    ) -> Asked:
        """Ask, once, whether it still has the number that rows are linked by: a person may have
        deleted it, or imported it anew, since it was sent. `because` says why it has not.
        """
        linked = any(self.answer.get(name) for name in links_of(going))
        if self._row is None or self._is_seen or not linked or self._row.delivery == FILES:
            return Asked()
        closed = gate(neighbour.name)
        if closed:
            return Asked(wait_ms=closed, because=TOLD_TO_WAIT)
        there = neighbour.find([self._row.step]).get(self.key, Found(state="unreachable"))
        if there.state == "unreachable":
            wait = there.retry_after_ms
            return Asked(wait_ms=wait or ASK_AGAIN_MS, gate_ms=wait, is_attempt=wait is None,
                         because="whether its header is there cannot be seen")  # fmt: skip
        self._is_seen = True
        was, now = renumbered(self._rows, there)
        if there.state == "missing":
            return Asked(because=DELETED)
        return Asked(because=f"is there with another number: {now}, sent {was}" if was else "")
