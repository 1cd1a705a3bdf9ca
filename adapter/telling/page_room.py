"""What fits on the page of a report: payloads of documents, and a copy of the report itself.

A page that is sent by mail stays under `BYTES_MAX`. Payloads come first, because a person reads
them; the copy for programs says where the whole is when there is no room for it.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup, escape

from adapter.telling.figures import Shown, safe

BYTES_MAX = 2 * 1024 * 1024  # of the page for the payloads and the copy of the report
ACTUALS_MAX = 2_000  # above, only held and changed rows are on the page
FRAME = 320  # bytes around one payload on the page
Bodies = Mapping[int, Markup]  # the payload of each document that has room, by its place


def embedded(report: Shown) -> Markup:
    """The report as JSON without any character that HTML gives a meaning to.

    Safe inside a template element: `<`, `>` and `&` are JSON escapes, so there is neither
    a tag nor an entity in it; everything outside ASCII is escaped too.
    """
    text = json.dumps(report, ensure_ascii=True, separators=(",", ":"), default=str)
    for sign in "<>&":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return Markup(text)


def bodies_of(documents: Sequence[Shown], room: int) -> Bodies:
    """The payloads that fit into `room` bytes, the smallest first, so that most documents have
    theirs; of equals the first.
    """
    if room <= FRAME:
        return {}
    drawn = {i: _payload(d["payload"]) for i, d in enumerate(documents) if d["payload"] is not None}
    found: dict[int, Markup] = {}
    for size, index in sorted((size_of(body) + FRAME, i) for i, body in drawn.items()):
        if size > room:
            break
        room -= size
        found[index] = drawn[index]
    return found


def size_of(page: str) -> int:
    """How many bytes a text takes on the page."""
    return len(page.encode("utf-8", "replace"))


def slim(report: Shown) -> Shown:
    """What is embedded where the whole has no room: it names the file that has it."""
    copy = {**report, "complete_in": "report.json"}
    copy["documents"] = [
        {**d, "payload": None, "header": {}, "actuals": []} for d in report.get("documents", ())
    ]
    if len(report.get("actuals", ())) > ACTUALS_MAX:
        copy["actuals"] = shown_rows(report["actuals"])
        copy["findings"] = [{**f, "occurrences": []} for f in report.get("findings", ())]
    return copy


def shown_rows(actuals: list[Any]) -> list[Any]:
    """The rows of the page: all, or above the limit only those held or changed."""
    if len(actuals) <= ACTUALS_MAX:
        return actuals
    return [a for a in actuals if a["status"] in ("held", "different")][:ACTUALS_MAX]


def _payload(payload: Any) -> Markup:
    """A payload as readable JSON. Only the three signs that matter in text are escaped."""
    text = json.dumps(payload, ensure_ascii=False, indent=1, default=str)
    shown = "\n".join(safe(line) for line in text.splitlines())
    return Markup(str(escape(shown)).replace("&#34;", '"').replace("&#39;", "'"))
