"""What fits on the page of a report."""

import json
from pathlib import Path
from typing import Any

from adapter.telling.page_room import FRAME, bodies_of, embedded, size_of
from adapter.telling.show_html import as_html
from tests.report_sample import sample_report

TEMPLATE = (Path(__file__).parents[1] / "templates" / "report.html.j2").read_text("utf-8")
TOO_LARGE = "The payload is in report.json"


def test_embedded_text_cannot_leave_its_element() -> None:
    text = str(embedded({"a": "</template><script>alert(1)</script>&lt;\u2028"}))

    assert "<" not in text and "&" not in text and "\u2028" not in text
    assert json.loads(text)["a"] == "</template><script>alert(1)</script>&lt;\u2028"


def test_the_smallest_payloads_come_first_until_the_room_is_used_up() -> None:
    documents: list[dict[str, Any]] = [
        {"payload": {"a": "x" * 400}}, {"payload": None}, {"payload": {"b": 1}},
        {"payload": {"c": "<y>"}},
    ]  # fmt: skip

    bodies = bodies_of(documents, 2 * FRAME + 100)

    assert list(bodies) == [2, 3]
    assert bodies[3] == '{\n "c": "&lt;y&gt;"\n}'
    assert list(bodies_of(documents, FRAME)) == []
    assert list(bodies_of(documents, 10_000)) == [2, 3, 0]


def test_a_page_shows_every_payload_that_has_room_and_the_rest_says_where_it_is() -> None:
    report = sample_report()
    first, *others = [d for d in report["documents"] if d["payload"] is not None]
    first["payload"] = {"Lines": ["long " * 200] * 2_500}
    others[0]["payload"] = {"Lines": ["long " * 200] * 1_500}
    page = as_html(report, TEMPLATE)

    assert page.count(TOO_LARGE) == 1, "the one of 2.5 MB"
    assert page.count('class="payload" id="payload-') == len(others)
    assert size_of(page) < 2 * 1024 * 1024


def test_payloads_go_before_the_copy_of_the_report_for_programs() -> None:
    report = sample_report()
    documents = [d for d in report["documents"] if d["payload"] is not None]
    documents[0]["payload"] = {"Lines": ["long " * 200] * 1_300}
    page = as_html(report, TEMPLATE)
    copied = json.loads(page.split('<template id="report">')[1].split("</template>")[0])

    assert TOO_LARGE not in page
    assert copied["complete_in"] == "report.json"
    assert {d["payload"] is None for d in copied["documents"]} == {True}
