"""The figures of a story: by currency, by dimension, and how they grew by day."""

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal

from adapter.making.story_parts import DIMENSIONS, Effects, Figures, Moment, Places, Point
from adapter.values.money import ZERO

GROWING = frozenset(("cost", "invoiced", "backlog"))  # the figures that points are made of
Sum = dict[str, Decimal]  # by the name of the figure; what nothing was added to is not there


class Sums:
    """Figures by currency, and by currency in each dimension; and how they grew.

    What has no known day grows them on the `last` day of the story, as in a story of an earlier
    day it is not told yet.
    """

    def __init__(self, moments: Iterable[Moment] = (), last: date | None = None) -> None:
        self._cells: dict[tuple[Places, str], Sum] = {}
        self._days: dict[tuple[date, str], Sum] = {}
        for moment in moments:
            if moment.effects:
                day = moment.day if moment.is_dated else last
                self.take(moment.places, moment.currency, day, moment.effects)

    def take(self, places: Places, currency: str, day: date | None, effects: Effects) -> None:
        """Count what one thing adds, at its place and on its day."""
        cell = (places, currency)
        figures = self._cells.get(cell)
        if figures is None:
            figures = self._cells[cell] = {}
        for name, value in effects:
            figures[name] = figures.get(name, ZERO) + value
            if name in GROWING and day is not None:
                at = (day, currency)
                grown = self._days.get(at)
                if grown is None:
                    grown = self._days[at] = {}
                grown[name] = grown.get(name, ZERO) + value

    def totals(self) -> dict[str, Figures]:
        """All of them, by currency."""
        found: dict[str, Sum] = {}
        for (_, currency), figures in self._cells.items():
            _add(found.setdefault(currency, {}), figures)
        return {currency: Figures(**figures) for currency, figures in found.items()}

    def groups(self) -> dict[str, dict[tuple[str, str], Figures]]:
        """By dimension, then by name and currency."""
        found: dict[str, dict[tuple[str, str], Sum]] = {d: {} for d in DIMENSIONS}
        for (places, currency), figures in self._cells.items():
            for group, name in zip(found.values(), places, strict=True):
                known = group.get((name, currency))
                if known is None:
                    group[name, currency] = figures.copy()
                else:
                    _add(known, figures)
        return {
            dimension: {key: Figures(**figures) for key, figures in group.items()}
            for dimension, group in found.items()
        }

    def points(self) -> Iterator[Point]:
        """Cost and revenue at the end of each day on which they changed."""
        so_far: dict[str, Sum] = {}
        for (day, currency), grown in sorted(self._days.items(), key=lambda item: item[0]):
            if not any(grown.values()):
                continue
            sums = so_far.setdefault(currency, dict.fromkeys(GROWING, ZERO))
            _add(sums, grown)
            yield Point(day=day, currency=currency, cost=sums["cost"], invoiced=sums["invoiced"],
                        earned=sums["invoiced"] + sums["backlog"])  # fmt: skip


def _add(sums: Sum, others: Sum) -> None:
    for name, value in others.items():
        if value:
            sums[name] = sums.get(name, ZERO) + value
