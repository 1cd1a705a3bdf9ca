"""The page of a report, drawn by the template that is shipped."""

from collections.abc import Mapping

from adapter.edge import shipped
from adapter.telling import show_html
from adapter.telling.figures import Shown
from adapter.values.arithmetic import our_arithmetic

REPORT_TEMPLATE = "report.html.j2"


@our_arithmetic()
def as_html(
    report: Shown, template: str | None = None, stories: Mapping[str, str] | None = None
) -> str:
    """The page of a report. `template`: the text of one, in place of the shipped one.

    `stories`: pages of work orders, by their names, as seen from this one.
    Raises jinja2.TemplateError when the template is faulty; nothing in a report does.
    """
    if template is None:
        template = (shipped.folder("templates") / REPORT_TEMPLATE).read_text("utf-8")
    return show_html.as_html(report, template, stories)
