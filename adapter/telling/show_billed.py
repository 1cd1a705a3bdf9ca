"""A contract line, a milestone or a retainer as text: what it leads to, and why not."""

from collections.abc import Iterator, Sequence

from adapter.telling.columns_text import Row, cell, drawn
from adapter.telling.explain_drawing import Drawing
from adapter.telling.explanation import BilledExplained, DecidedActual, ScheduledHead, WhyNot
from adapter.telling.figures import count_of, day_shown, grouped, money, type_shown, wrapped

STATUSES = ("written", "unchanged", "left", "different", "held")


class BilledView(Drawing):
    """Draws explanations of what a contract bills."""

    def billed(self, found: BilledExplained) -> Iterator[str]:
        """The row, what is around it, what was decided, and the proforma lines it leads to."""
        yield from self._titled(found["name"], found["header"])
        yield ""
        last = ""
        for label, who in found["around"]:
            yield self._labelled("" if label == last else label, self._say(who))
            last = label
        if "scheduled" in found:
            yield from self._scheduled(found["scheduled"])
        yield from self._milestones(found["schedule"])
        yield from self._actuals(found["actuals"])
        for i, check in enumerate(found["checks"]):
            if not i:
                yield self._labelled("checks", count_of(len(found["checks"]), "finding"))
            yield from self._check(check, "error" if check["level"] == "error" else "held")
        for i, reason in enumerate(found["why_not"]):
            yield from self._why_not("" if i else "why not", reason)
        for i, document in enumerate(found["documents"]):
            yield from self._in_document("" if i else "document", document)
        yield ""
        yield from wrapped(self._end(found), self.width)

    def _scheduled(self, one: ScheduledHead) -> Iterator[str]:
        due = f", due {day_shown(one['date'])}" if one["date"] else ""
        said = f"{money(one['currency'], one['amount'])}{due}"
        yield self._labelled("decided", self._say(said), self._say(one["status"]))
        yield from self._text(one["reason"])

    def _milestones(self, schedule: Sequence[ScheduledHead]) -> Iterator[str]:
        if not schedule:
            return
        yield self._labelled("bills", count_of(len(schedule), "milestone"))
        rows: list[Row] = [
            [
                cell(self._say(one["name"]), "title"), cell(self._say(day_shown(one["date"]))),
                cell(self._say(one["currency"])), cell(grouped(one["amount"]), right=True),
                cell(self._say(one["status"])), cell(self._say(one["reason"]), "place"),
            ]
            for one in schedule
        ]  # fmt: skip
        yield from drawn(rows, self.width, self.paint)

    def _actuals(self, actuals: Sequence[DecidedActual]) -> Iterator[str]:
        if not actuals:
            return
        counts = {status: sum(a["status"] == status for a in actuals) for status in STATUSES}
        said = ", ".join(f"{n:,} {status}" for status, n in counts.items() if n)
        yield self._labelled("actuals", f"{len(actuals):,}: {said}")
        rows: list[Row] = [
            [
                cell(self._say(a["name"]), "title"), cell(self._say(a["work_order"])),
                cell(self._say(a["date"])), cell(self._say(type_shown(a["type"]))),
                cell(self._say(a["currency"])), cell(grouped(a["amount"]), right=True),
                cell(self._say(a["status"])),
                cell(" ".join(dict.fromkeys((a["ledger"][1], a["billing"][1]))), "place"),
            ]
            for a in actuals
        ]  # fmt: skip
        yield from drawn(rows, self.width, self.paint, spare=(1,))

    def _why_not(self, label: str, reason: WhyNot) -> Iterator[str]:
        word = "held" if reason["answer"] == "hold" else "left"
        text = f"{word} {reason['rule']} {reason['name']}".rstrip()
        yield from self._placed(label, self._say(text), count_of(reason["actuals"], "actual"), None)
        yield from self._text(reason["reason"])

    def _end(self, found: BilledExplained) -> str:
        codes = [check["rule"] for check in found["checks"] if check["level"] == "error"]
        if "scheduled" in found:
            one = found["scheduled"]
            if one["status"] == "held" and not codes:
                return f"Held: {self._say(one['reason'])}. Nothing was sent."
            return self._ending(one["status"], codes, one["delivery"])
        if found["about"] != "contract-line":
            return "It is not in the plan. Nothing was sent."
        if not found["actuals"] and not found["schedule"]:
            return "No actual and no milestone names this contract line: there is nothing to bill."
        if not any(document["kind"] == "proforma" for document in found["documents"]):
            return "It leads to no proforma line of this plan. Nothing was sent."
        return "Nothing was sent."


