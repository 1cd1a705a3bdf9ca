"""Cost and revenue over time as an SVG, drawn by pygal; exact figures stand in a table beside."""

import re
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

from adapter.telling.figures import MONTHS

COLOURS = ("#c26a2b", "#2f9e63", "#4a86c8")  # readable on light and on dark paper
LINES = (("cost", "cost"), ("invoiced", "invoiced"), ("earned", "invoiced and backlog"))
LOOK = (
    ".reactive{stroke-width:2.5 !important;stroke-opacity:1 !important}"
    ".guide.line{stroke:#c9c9c4 !important;stroke-dasharray:none !important}"
    "@media (prefers-color-scheme: dark){text,.axis text,.legends .legend text{"
    "fill:#e7e6e2 !important}.axis .line{stroke:#a0a6ae !important}"
    ".guide.line{stroke:#3d4248 !important}}"
)
_LEFT_OUT = re.compile(r"<!--.*?-->|<script.*?</script>", re.DOTALL)  # day of drawing, tooltips


def chart_of(points: Sequence[Mapping[str, Any]], until: str = "") -> str:
    """The SVG of a story's points; empty for fewer than two days, or several currencies.

    `until`: the day to which the last levels are drawn.
    """
    if points and until > points[-1]["day"]:
        points = [*points, {**points[-1], "day": until}]
    days = {point["day"] for point in points}
    if len(days) < 2 or len({point["currency"] for point in points}) != 1:
        return ""
    nothing = {name: "0" for name, _ in LINES}  # as it was before the first day
    before = date.fromisoformat(points[0]["day"]) - timedelta(days=1)
    points = [{**points[0], **nothing, "day": before.isoformat()}, *points]
    pygal, Style = _library()
    has_cost = any(Decimal(point["cost"]) for point in points)
    lines = LINES if has_cost else LINES[1:]  # of an invoice it stands elsewhere
    colours = COLOURS if has_cost else COLOURS[1:]
    style = Style(background="transparent", plot_background="transparent", colors=colours,
                  font_family="system-ui, sans-serif", label_font_size=11, legend_font_size=12,
                  major_label_font_size=11)  # fmt: skip
    chart = pygal.XY(  # its DateLine calls what Python 3.12 deprecates
        js=(), no_prefix=True, style=style, width=900, height=300, show_dots=False,
        disable_xml_declaration=True, legend_at_bottom=True, legend_at_bottom_columns=3,
        x_label_rotation=0, include_x_axis=True,
        x_value_formatter=_day, truncate_label=-1, value_formatter=lambda value: f"{value:,.0f}",
        x_labels_major_count=6, show_minor_x_labels=False, truncate_legend=-1,
    )  # fmt: skip
    for name, label in lines:
        chart.add(label, _steps(points, name))
    drawn = _LEFT_OUT.sub("", chart.render(is_unicode=True))
    return drawn.replace("</style>", f"{LOOK}</style>", 1)


@cache
def _library() -> tuple[Any, Any]:
    """pygal and its Style, without the finder of plug-ins that it adds to Python's imports:
    that one is of the old kind, so every later import of anything would warn.
    """
    import pygal
    from pygal.style import Style

    # what it loads beside may have put a finder of packages in the place of Python's: that stays
    sys.meta_path[:] = [finder for finder in sys.meta_path if hasattr(finder, "find_spec")]
    return pygal, Style


def _day(seconds: float) -> str:
    day = datetime.fromtimestamp(seconds, UTC)
    return f"{day.day} {MONTHS[day.month - 1]}"


def _steps(points: Sequence[Mapping[str, Any]], name: str) -> list[tuple[float, float]]:
    """Levels that hold until the next day on which they change. A picture may round."""
    made: list[tuple[float, float]] = []
    for point in points:
        midnight = datetime.fromisoformat(point["day"]).replace(tzinfo=UTC)
        day, value = midnight.timestamp(), float(Decimal(point[name]))
        if made:
            made.append((day, made[-1][1]))
        made.append((day, value))
    return made
