"""The figures of a story: by currency, by dimension, and how they grew by day."""

from collections.abc import Iterable, Iterator
from datetime import date

from adapter.making.story_parts import DIMENSIONS, Effects, Figures, Moment, Places, Point


class Sums:
    """Figures by currency, and by currency in each dimension; and how they grew."""

    def __init__(self, moments: Iterable[Moment] = ()) -> None:
        self._cells: dict[tuple[Places, str], Figures] = {}
        self._days: dict[tuple[date, str], Figures] = {}
        for moment in moments:
            if moment.effects:
                self.take(moment.places, moment.currency, moment.day, moment.effects)

    def take(self, places: Places, currency: str, day: date | None, effects: Effects) -> None:
        """Count what one thing adds, at its place and on its day."""
        figures = self._cells.get((places, currency))
        if figures is None:
            figures = self._cells[places, currency] = Figures()
        figures.take(effects)
        if day is not None:
            grown = self._days.get((day, currency))
            if grown is None:
                grown = self._days[day, currency] = Figures()
            grown.take(effects)

    def totals(self) -> dict[str, Figures]:
        """All of them, by currency."""
        found: dict[str, Figures] = {}
        for (_, currency), figures in self._cells.items():
            found.setdefault(currency, Figures()).add(figures)
        return found

    def groups(self) -> dict[str, dict[tuple[str, str], Figures]]:
        """By dimension, then by name and currency."""
        found: dict[str, dict[tuple[str, str], Figures]] = {d: {} for d in DIMENSIONS}
        for (places, currency), figures in self._cells.items():
            for dimension, name in zip(DIMENSIONS, places, strict=True):
                found[dimension].setdefault((name, currency), Figures()).add(figures)
        return found

    def points(self) -> Iterator[Point]:
        """Cost and revenue at the end of each day on which they changed."""
        so_far: dict[str, Figures] = {}
        for (day, currency), grown in sorted(self._days.items(), key=lambda item: item[0]):
            if not (grown.cost or grown.invoiced or grown.backlog):
                continue
            sums = so_far.setdefault(currency, Figures())
            sums.add(grown)
            yield Point(day=day, currency=currency, cost=sums.cost, invoiced=sums.invoiced,
                        earned=sums.invoiced + sums.backlog)  # fmt: skip
