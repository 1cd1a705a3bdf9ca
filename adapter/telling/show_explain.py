"""An explanation as text: the whole chain from the model to the documents."""

from collections.abc import Iterator, Sequence

from adapter.telling.columns_text import Row, cell, drawn
from adapter.telling.explain_drawing import LABEL, Drawing
from adapter.telling.explanation import (
    ActualExplained,
    ActualHead,
    CodeExplained,
    DocumentExplained,
    Explanation,
    LineExplained,
    RouteAnswer,
)
from adapter.telling.figures import (
    cells,
    count_of,
    day_shown,
    fit,
    grouped,
    hung,
    money,
    pad,
    type_shown,
    wrapped,
)
from adapter.telling.paint import Paint, Role
from adapter.telling.show_billed import BilledView

BLOCK_HANG = 9  # further lines of one that is too long stand below its text
NAME_WIDTH = 30
ANSWERS: dict[str, tuple[str, Role]] = {
    "send": ("send", "written"),
    "leave": ("left", "place"),
    "hold": ("held", "held"),
}


def explanation_text(
    explanation: Explanation, width: int = 80, colour: bool = False, ascii_only: bool = False
) -> str:
    """The text of an explanation of any kind; ends with a line feed."""
    view = _View(max(width, 60), Paint(colour, ascii_only))
    match explanation["about"]:
        case "actual":
            lines = view.actual(explanation)
        case "line":
            lines = view.line(explanation)
        case "document":
            lines = view.document(explanation)
        case "contract-line" | "milestone" | "retainer":
            lines = BilledView(view.width, view.paint).billed(explanation)
        case _:
            lines = view.code(explanation)
    return "\n".join(line.rstrip() for line in lines) + "\n"


class _View(Drawing):
    def actual(self, found: ActualExplained) -> Iterator[str]:
        """One actual: model, checks, route, documents, and what to do."""
        yield from self._head(found["actual"])
        yield ""
        model = found["model"]
        yield from self._ruled("model", self._say(model["word"]), None, model["because"])
        yield from self._text(model.get("reason", ""))
        for fact, value, rule in found.get("traits", []):
            said = f"{self._say(fact)} {self._say(value)}"
            yield self._labelled("trait" if [fact, value, rule] == found["traits"][0] else "", said,
                                 self._say(rule))  # fmt: skip
        yield from self._checks(found)
        for i, route in enumerate(found["routes"]):
            yield from self._route("" if i else "route", route)
        for i, document in enumerate(found["documents"]):
            yield from self._in_document("" if i else "document", document)
        yield ""
        yield from wrapped(self._last(found), self.width)

    def line(self, found: LineExplained) -> Iterator[str]:
        """A work order line: its own fields, then each of its actuals."""
        yield from self._titled(found["name"], found["header"])
        count = len(found["actuals"])
        yield ""
        yield f"{count_of(count, 'actual')} came from it." if count else "No actual came from it."
        for one in found["actuals"]:
            yield ""
            yield "-" * self.width
            yield from self.actual(one)

    def document(self, found: DocumentExplained) -> Iterator[str]:
        """A document: its totals, the rule that made it, its actuals."""
        document = found["document"]
        name = f"{document['kind']} {document['name']}"
        yield self.paint("title", fit(self._say(name), self.width))
        yield f"  {document['status']}, {count_of(document['lines'], 'line')}"
        yield "  " + self.paint("place", fit(f"key {document['key']}", self.width - 2))
        for total in document["totals"]:
            yield f"  {self._say(total['label'])} {money(total['currency'], total['amount'])}"
        yield ""
        yield from self._ruled("because", "", None, found["because"])
        rows: list[Row] = [
            [
                cell(self._say(a["name"]), "title"), cell(self._say(a["work_order"])),
                cell(self._say(a["date"])), cell(self._say(type_shown(a["type"]))),
                cell(self._say(a["currency"])), cell(grouped(a["amount"]), right=True),
                cell(self._say(a["description"]), "place"),
            ]
            for a in found["actuals"]
        ]  # fmt: skip
        yield ""
        yield from drawn(rows, self.width, self.paint, spare=(6,))
        yield ""
        yield "Nothing was sent."

    def code(self, found: CodeExplained) -> Iterator[str]:
        """A code: what it says, why, where from, who fixes it, and its cases."""
        yield f"{self.paint('code', found['code'])} {self.paint('title', self._say(found['name']))}"
        parts = (found["level"], found.get("asks"), found.get("tag"), found.get("place"))
        yield "  " + self.paint("place", self._say(", ".join(p for p in parts if p)))
        yield ""
        for label, text in (
            ("says", found.get("message", "")), ("why", found["why"]), ("fix", found["help"]),
            ("owner", found["owner"]), ("source", found["source"]),
            ("domain", ", ".join(found["domain"])),
        ):  # fmt: skip
            yield from self._paragraph(label, text)
        for label, lines in (
            ("rule", found.get("rule_text")), ("page", found.get("page")),
            ("fires", found.get("fires", "").splitlines()),
            ("passes", found.get("passes", "").splitlines()),
        ):  # fmt: skip
            yield from self._block(label, lines or [])

    def _head(self, actual: ActualHead) -> Iterator[str]:
        quantity = f"{actual['quantity']} {actual['unit']}".strip()
        parts = [
            self.paint("title", self._say(actual["name"])), quantity,
            money(actual["currency"], actual["amount"]), type_shown(actual["type"]),
            f"work order {actual['work_order']}" if actual["work_order"] else "",
            f"project {actual['project']}" if actual["project"] else "",
            day_shown(actual["date"]),
        ]  # fmt: skip
        dot = self.paint.sign(" · ")
        line, used = "", 0
        for i, part in enumerate(p for p in parts if p):
            said = part if i == 0 else fit(self._say(part), self.width - 4)
            wide = cells(self._say(actual["name"])) if i == 0 else cells(said)
            if line and used + 5 + wide > self.width:
                yield line + dot.rstrip()
                line, used = "  ", 2
                line, used = line + said, used + wide
            else:
                line, used = (line + dot + said, used + 3 + wide) if line else (said, wide)
        yield line
        for said in wrapped(self._say(actual["description"]), self.width - 2):
            yield "  " + self.paint("place", said)

    def _checks(self, found: ActualExplained) -> Iterator[str]:
        checks = found["checks"]
        errors = sum(c["level"] == "error" for c in checks["fired"])
        warnings = len(checks["fired"]) - errors
        counts = [count_of(errors, "error")] * bool(errors)
        counts += [count_of(warnings, "warning")] * bool(warnings)
        counts += [f"{len(checks['nearly'])} nearly"] * bool(checks["nearly"])
        counts.append(f"{checks['passed']} passed")
        counts.append(f"{checks['not_applicable']} not applicable")
        yield self._labelled("checks", ", ".join(counts))
        for check in checks["fired"]:
            yield from self._check(check, "error" if check["level"] == "error" else "held")
        for check in checks["nearly"]:
            yield from self._check(check, "place", "nearly ")

    def _route(self, label: str, route: RouteAnswer) -> Iterator[str]:
        word, role = ANSWERS.get(route["answer"], (route["answer"], "place"))
        rule = route["because"]
        text = f"{pad(route['channel'], 8)}{pad(word, 6)}{rule['rule']} {rule['name']}"
        yield from self._placed(label, self._say(text), rule["place"], role)
        yield from self._lines(rule["lines"])
        yield from self._text(route["reason"])
        would = route.get("would_be")
        if would:
            text = f"{' ' * 8}would be {would['rule']} {would['name']}"
            yield from self._placed("", text, would["place"], "place")
        tried = [rule["rule"] for rule in route.get("tried", [])]
        if tried:
            yield from self._text(" ".join(tried), "did not hold: ")

    def _last(self, found: ActualExplained) -> str:
        codes = [c["rule"] for c in found["checks"]["fired"] if c["level"] == "error"]
        codes = codes or [r["because"]["rule"] for r in found["routes"] if r["answer"] == "hold"]
        delivery = found["model"].get("delivery", "")
        return self._ending(found["actual"]["status"], codes, delivery)

    def _paragraph(self, label: str, text: str) -> Iterator[str]:
        for i, line in enumerate(wrapped(self._say(text), self.width - LABEL) if text else ()):
            yield self._labelled("" if i else label, line)

    def _block(self, label: str, lines: Sequence[str]) -> Iterator[str]:
        if lines:
            yield ""
            yield "  " + self.paint("title", label)
            for line in lines:
                yield from hung(self._say(line), self.width, 4, BLOCK_HANG)
