"""A story as one HTML page that needs no network and no script."""

from base64 import b64encode
from collections.abc import Mapping
from functools import cache
from typing import Any

from jinja2 import Template

from adapter.telling.show_html import page_environment
from adapter.telling.story_shape import PART, columns_of, figures_of, is_mixed, rows_told

MOMENTS_MAX = 2_000  # on the page
GROUPS_MAX = 500
TILES = (("used", "used"), ("backlog", "backlog"), ("invoiced", "invoiced"), ("cost", "cost"),
         ("margin", "margin"), ("margin_earned", "margin with backlog"))  # fmt: skip
GROUP_COLUMNS = (("estimate", "Estimated"), ("used", "Used"), ("backlog", "Backlog"),
                 ("billed", "Billed"), ("invoiced", "Invoiced"), ("posted", "Posted"),
                 ("cost", "Cost"), ("margin", "Margin"),
                 ("margin_earned", "With backlog"))  # fmt: skip


@cache
def _compiled(template: str) -> Template:
    """The template, compiled once: a plan writes many pages with it."""
    return page_environment().from_string(template)


def story_html(
    shape: Mapping[str, Any], template: str, chart: str = "", *, report_link: str = "",
    links: Mapping[str, str] | None = None,
) -> str:  # fmt: skip
    """The page of a story, drawn by `template` (`templates/story.html.j2`).

    `chart`: SVG of cost and revenue over time, drawn elsewhere. `report_link`: the plan's
    report beside the page. `links`: pages of other stories, by kind and id.
    Raises jinja2.TemplateError when the template is faulty; nothing in a story does.
    """
    columns = columns_of(shape)
    reported = shape["reported"]
    figures, moments = figures_of(shape), shape["moments"]
    names = {figure["name"] for figure in figures}
    sparse = [name for name, _ in TILES] if shape["part"] else ["margin_earned"]
    tiles = [tile for tile in TILES if tile[0] not in sparse or tile[0] in names]
    if shape["part"]:  # a voucher's words are its own
        tiles = [(f["name"], f["label"]) for f in figures if f["name"] in sparse]
    group_columns = [c for c in GROUP_COLUMNS
                     if any(sums[c[0]] is not None for sums in columns.values())]  # fmt: skip
    anchors: dict[str, int] = {}
    for number, moment in enumerate(moments[:MOMENTS_MAX], 1):
        anchors.setdefault(moment["key"], number)
    return _compiled(template).render(
        story=shape, tiles=tiles, anchors=anchors, columns=columns, figures=figures,
        rates=reported["rates"] if reported is not None and len(columns) > 1 else "",
        is_mixed=is_mixed(shape), part=PART,
        groups={name: rows[:GROUPS_MAX] for name, rows in rows_told(
            shape, [column for column, _ in group_columns]).items()},
        is_wide=shape["subject"]["kind"] != "work-order",
        group_columns=group_columns,
        moments=moments[:MOMENTS_MAX],
        cut=max(0, len(moments) - MOMENTS_MAX), report_link=report_link, links=dict(links or {}),
        chart=b64encode(chart.encode()).decode() if chart else "",
    )  # fmt: skip
