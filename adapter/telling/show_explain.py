"""An explanation as text: the whole chain from the model to the documents."""

from collections.abc import Iterator, Sequence

from adapter.telling.columns_text import Row, cell, drawn
from adapter.telling.delivered import VALIDATE
from adapter.telling.explanation import (
    ActualExplained,
    ActualHead,
    Check,
    CodeExplained,
    DocumentExplained,
    DocumentHead,
    Explanation,
    Fired,
    LineExplained,
    RouteAnswer,
    RuleLine,
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
    plain,
    type_shown,
    wrapped,
)
from adapter.telling.paint import Paint, Role

LABEL = 11  # columns of the label on the left
BLOCK_HANG = 9  # further lines of one that is too long stand below its text
NAME_WIDTH = 30
ANSWERS: dict[str, tuple[str, Role]] = {
    "send": ("send", "written"),
    "leave": ("left", "place"),
    "hold": ("held", "held"),
}
ENDINGS = {
    "written": "Would be written. Nothing was sent.",
    "unchanged": "Sent before and unchanged. Nothing is to be sent.",
    "left": "Left where it is. Nothing is to be sent.",
    "different": "Held: it was sent before with another body. Nothing was sent.",
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
        case _:
            lines = view.code(explanation)
    return "\n".join(line.rstrip() for line in lines) + "\n"


class _View:
    def __init__(self, width: int, paint: Paint) -> None:
        self.width = width
        self.paint = paint

    def _say(self, text: object) -> str:
        return plain(text, self.paint.ascii_only)

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
        for said in wrapped(self._say(found["name"]), self.width):
            yield self.paint("title", said)
        for label, value in found["header"]:
            yield f"  {pad(fit(self._say(label), 22), 22)} {fit(self._say(value), self.width - 25)}"
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

    def _labelled(self, label: str, text: str, right: str = "", role: Role | None = None) -> str:
        room = self.width - LABEL - cells(right) - (1 if right else 0)
        body = fit(text, room)
        shown = self.paint(role, body) if role else body
        gap = " " * (self.width - LABEL - cells(body) - cells(right)) if right else ""
        return f"  {pad(label, LABEL - 2)}{shown}{gap}{self.paint('place', right)}"

    def _ruled(self, label: str, word: str, role: Role | None, rule: Fired) -> Iterator[str]:
        name = f"{rule['rule']} {rule['name']}".strip()
        text = f"{pad(word, 10)}  {name}" if word else name
        yield from self._placed(label, self._say(text), rule["place"], role)
        yield from self._lines(rule["lines"])

    def _placed(self, label: str, text: str, place: str, role: Role | None) -> Iterator[str]:
        """A labelled line with its place on the right, or below when there is no room."""
        place = self._say(place)
        if LABEL + cells(text) + 2 + cells(place) <= self.width:
            yield self._labelled(label, text, place, role)
            return
        yield self._labelled(label, text, "", role)
        yield self._labelled("", "", fit(place, self.width - LABEL - 2))

    def _lines(self, lines: Sequence[RuleLine]) -> Iterator[str]:
        for line in lines:
            mark = self.paint.sign("✓" if line["held"] else "✗")
            text = self._say(line["text"])
            values = [f"{v}" if f == line["text"] else f"{f} {v}" for f, v in line["values"]]
            said = self._say(", ".join(values))
            role: Role = "written" if line["held"] else "held"
            start = " " * (LABEL + 2) + self.paint(role, mark) + " "
            room = self.width - LABEL - 4
            if cells(text) + 2 + cells(said) <= room:
                yield start + pad(text, min(36, room - cells(said) - 2)) + "  " + said
                continue
            yield from self._hanging(start, text, room)
            for value in values:
                yield " " * (LABEL + 6) + self.paint("place", fit(self._say(value), room - 4))

    def _hanging(self, start: str, text: str, room: int) -> Iterator[str]:
        first, *rest = wrapped(text, room)
        yield start + first
        yield from (" " * (LABEL + 4) + more for more in rest)

    def _text(self, text: str, head: str = "") -> Iterator[str]:
        if not text:
            return
        room = self.width - LABEL - 2 - len(head)
        for i, line in enumerate(wrapped(self._say(text), room)):
            yield " " * (LABEL + 2) + (head if not i else " " * len(head)) + line

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

    def _check(self, check: Check, role: Role, word: str = "") -> Iterator[str]:
        mark = self.paint.sign("✗ " if not word else "· ")
        level = "" if check["level"] == "error" or word else f"{check['level']} "
        text = self._say(f"{word}{level}{check['rule']} {check['name']}")
        yield from self._placed("", mark + text, check["place"], role)
        yield from self._lines([x for x in check["lines"] if not word or not x["held"]])
        if not word:
            yield from self._text(check["message"])
            yield from self._text(check["help"], "help: ")
            yield from self._text(check.get("owner", ""), "owner: ")

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

    def _in_document(self, label: str, document: DocumentHead) -> Iterator[str]:
        text = f"{document['kind']} {document['name']}, {count_of(document['lines'], 'line')}"
        yield self._labelled(label, self._say(text), self._say(document["status"]))
        for field, value in document.get("line", []):
            said = f"{pad(self._say(field), 30)} {self._say(value)}"
            for line in hung(said, self.width, LABEL + 2, 2):
                yield self.paint("place", line)

    def _last(self, found: ActualExplained) -> str:
        status = found["actual"]["status"]
        if status == "written" and found["model"].get("delivery") == VALIDATE:
            return "Expected from others, who make it. Nothing was sent."
        if status != "held":
            return ENDINGS.get(status, "Nothing was sent.")
        codes = [c["rule"] for c in found["checks"]["fired"] if c["level"] == "error"]
        codes = codes or [r["because"]["rule"] for r in found["routes"] if r["answer"] == "hold"]
        fixes = " and ".join(dict.fromkeys(codes)) or "its findings"
        return f"Held. To release it, fix {fixes} and run `fieldledger plan` again."

    def _paragraph(self, label: str, text: str) -> Iterator[str]:
        for i, line in enumerate(wrapped(self._say(text), self.width - LABEL) if text else ()):
            yield self._labelled("" if i else label, line)

    def _block(self, label: str, lines: Sequence[str]) -> Iterator[str]:
        if lines:
            yield ""
            yield "  " + self.paint("title", label)
            for line in lines:
                yield from hung(self._say(line), self.width, 4, BLOCK_HANG)
