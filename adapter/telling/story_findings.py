"""What a story found wrong, and what its codes mean, in words for people."""

from collections.abc import Mapping
from typing import Any

from adapter.making.event_table import EVENTS
from adapter.making.story_parts import Story
from adapter.telling.finding_json import finding_json

ABOUT_MAX = 3  # moments that a finding names
HIDDEN = ("line",)  # keys that tell people nothing: the moment says what they mean
MEANINGS = {
    "R-050": "planned with a quantity above zero",
    "R-031": "submitted usage is priced",
    "domain 7": "cost and sales folded into one forecast",
    "EXP702": "should not be there",
    "EXP703": "not as the line asks",
    "EXP704": "stands more than once",
}


def meaning_of(because: str) -> str:
    """What an event or a rule is called; empty for one that has no name."""
    event = EVENTS.get(because)
    return MEANINGS.get(because, "") if event is None else event.name


def findings_shape(story: Story) -> list[dict[str, Any]]:
    """Findings with the names of the moments they are about, those of one code together."""
    wanted = {part for one in story.findings
              for value in (one.record, *(v for _, v in one.values))
              for part in value.split(", ")}  # fmt: skip
    names: dict[str, list[str]] = {}
    for moment in story.moments if wanted else ():
        if moment.key in wanted and moment.name not in names.get(moment.key, ("",)):
            names.setdefault(moment.key, []).append(moment.name)
    order: dict[str, int] = {}
    made = []
    for one in story.findings:
        told = finding_json(one)
        keys = [one.record, *(str(v) for n, v in one.values if n in HIDDEN)]
        about = {name: key for key in reversed(keys) for name in reversed(names.get(key, ()))}
        told["about"] = [{"name": name, "key": key}
                         for name, key in reversed(about.items())][:ABOUT_MAX]  # fmt: skip
        told["values"] = [[name, _named(value, names)] for name, value in told["values"]
                          if name not in HIDDEN]  # fmt: skip
        order.setdefault(one.code, len(order))
        made.append(told)
    return sorted(made, key=lambda told: order[told["code"]])


def _named(value: str, names: Mapping[str, list[str]]) -> str:
    """Keys of moments by their names."""
    return ", ".join(names[part][0] if names.get(part) else part for part in value.split(", "))
