"""How explanations are drawn: labels on the left, rules with their lines, documents, endings."""

from collections.abc import Iterator, Sequence

from adapter.telling.delivered import VALIDATE
from adapter.telling.explanation import Check, DocumentHead, Fired, RuleLine
from adapter.telling.figures import cells, count_of, fit, hung, pad, plain, wrapped
from adapter.telling.paint import Paint, Role

LABEL = 11  # columns of the label on the left
ENDINGS = {
    "written": "Would be written. Nothing was sent.",
    "unchanged": "Sent before and unchanged. Nothing is to be sent.",
    "left": "Left where it is. Nothing is to be sent.",
    "different": "Held: it was sent before with another body. Nothing was sent.",
}


class Drawing:
    """What the texts of all explanations are made of; each kind of them adds its own order."""

    def __init__(self, width: int, paint: Paint) -> None:
        self.width = width
        self.paint = paint

    def _say(self, text: object) -> str:
        return plain(text, self.paint.ascii_only)

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

    def _in_document(self, label: str, document: DocumentHead) -> Iterator[str]:
        text = f"{document['kind']} {document['name']}, {count_of(document['lines'], 'line')}"
        yield self._labelled(label, self._say(text), self._say(document["status"]))
        for field, value in document.get("line", []):
            said = f"{pad(self._say(field), 30)} {self._say(value)}"
            for line in hung(said, self.width, LABEL + 2, 2):
                yield self.paint("place", line)

    def _titled(self, name: str, header: Sequence[Sequence[str]]) -> Iterator[str]:
        """A name, and below it the fields of the record."""
        for said in wrapped(self._say(name), self.width):
            yield self.paint("title", said)
        for label, value in header:
            yield f"  {pad(fit(self._say(label), 22), 22)} {fit(self._say(value), self.width - 25)}"

    def _ending(self, status: str, codes: Sequence[str], delivery: str) -> str:
        """What would be done with it, and what releases what is held."""
        if status == "written" and delivery == VALIDATE:
            return "Expected from others, who make it. Nothing was sent."
        if status != "held":
            return ENDINGS.get(status, "Nothing was sent.")
        fixes = " and ".join(dict.fromkeys(codes)) or "its findings"
        return f"Held. To release it, fix {fixes} and run `fieldledger plan` again."
