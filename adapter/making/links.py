"""Connections between actuals, asked by the role of either end."""

from collections.abc import Container, Iterable, Sequence
from functools import lru_cache

from adapter.making.new_actuals import UNADJUSTABLE
from adapter.values.actuals import Actual, Connection

ACTUAL_TYPES = (None, "actual", "msdyn_actual")
ROLES = {"unbilledsales": "Unbilled Sales", "billedsales": "Billed Sales"}
_Partners = dict[str, list[str]]  # by the id of one end


class Links:
    """Connections between actuals by the id of either end; those with other tables are left."""

    def __init__(self, connections: Iterable[Connection] = ()) -> None:
        # One table for each pair of roles: a story of 100,000 actuals asks a million times.
        self._tables: dict[tuple[str, str], _Partners] = {}
        # How roles are written is looked at once for each way of writing a pair.
        written: dict[tuple[str | None, str | None], tuple[_Partners, _Partners]] = {}
        for link in connections:
            first, second = link.first, link.second
            is_ours = link.first_type in ACTUAL_TYPES and link.second_type in ACTUAL_TYPES
            if not is_ours or first is None or second is None:
                continue
            roles = (link.first_role, link.second_role)
            ways = written.get(roles)
            if ways is None:
                one, other = map(role_of, roles)
                ways = written[roles] = (self._table(one, other), self._table(other, one))
            there, back = ways
            partners = there.get(first)
            if partners is None:
                there[first] = [second]
            elif second in partners:
                continue  # the same pair that arrived twice
            else:
                partners.append(second)
            back.setdefault(second, []).append(first)
        self._reversals = self._table("Original", "Reversing")
        self._reversed_by = self._table("Reversing", "Original")
        self.reversing: Container[str] = self._reversed_by  # ids of what reverses another
        self._replacers = self._table("Original", "Replacing")
        self._replaced = self._table("Replacing", "Original")
        self._bills = self._table("Unbilled Sales", "Billed Sales")
        self._billed_from = self._table("Billed Sales", "Unbilled Sales")
        self._sold = self._table("Cost", "Unbilled Sales")
        self._costs = self._table("Unbilled Sales", "Cost")

    def _table(self, role: str, other: str) -> _Partners:
        """The partners of those in a role, by their ids."""
        return self._tables.setdefault((role, other), {})

    def reversals(self, actual: str) -> Sequence[str]:
        """Ids of what reverses an actual."""
        return self._reversals.get(actual, ())

    def reversed_by(self, actual: str) -> Sequence[str]:
        """Ids of what an actual reverses."""
        return self._reversed_by.get(actual, ())

    def replacers(self, actual: str) -> Sequence[str]:
        """Ids of what replaces an actual."""
        return self._replacers.get(actual, ())

    def replaced(self, actual: str) -> Sequence[str]:
        """Ids of what an actual replaces."""
        return self._replaced.get(actual, ())

    def bills(self, unbilled: str) -> Sequence[str]:
        """Ids of the billed sales of an unbilled one."""
        return self._bills.get(unbilled, ())

    def billed_from(self, billed: str) -> Sequence[str]:
        """Ids of the unbilled sales that a billed one bills."""
        return self._billed_from.get(billed, ())

    def sold(self, cost: str) -> Sequence[str]:
        """Ids of the unbilled sales of a cost."""
        return self._sold.get(cost, ())

    def costs(self, unbilled: str) -> Sequence[str]:
        """Ids of the cost of unbilled sales."""
        return self._costs.get(unbilled, ())


@lru_cache(maxsize=64)  # there are few roles
def role_of(text: str | None) -> str:
    """A role as we write it, whatever case and spaces the other side uses."""
    bare = "".join((text or "").split()).casefold()
    return ROLES.get(bare, bare.capitalize())


def is_reversal(actual: Actual, links: Links) -> bool:
    """Whether an actual reverses another: by its connection, else by its status."""
    return actual.adjustment_status == UNADJUSTABLE or actual.id in links.reversing
