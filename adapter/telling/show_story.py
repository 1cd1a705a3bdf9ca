"""A story on a terminal of 80 columns: figures, where they stand, what happened."""

from collections.abc import Iterator, Mapping, Sequence
from shlex import quote
from typing import Any

from adapter.making.story_parts import NONE
from adapter.telling.columns_text import Row, cell, drawn
from adapter.telling.figures import (
    count_of,
    day_shown,
    grouped,
    money,
    pad,
    plain,
    wrapped,
)
from adapter.telling.paint import Paint, Role
from adapter.telling.story_shape import PART, columns_of, figures_of, is_mixed, rows_told

WIDTH_MIN = 60
RELATED_MAX = 12
LAW = (("approved", "approved"), ("added", "added"), ("repriced", "repriced"),
       ("billed", "= billed"), ("open", "open"), ("cancelled", "cancelled"),
       ("non_chargeable", "not ch."))  # fmt: skip
LAW_ALWAYS = ("approved", "billed", "open")
FINDINGS_MAX = 20
GROUP_COLUMNS = (("used", "used"), ("backlog", "backlog"), ("invoiced", "invoiced"),
                 ("cost", "cost"), ("margin", "margin"), ("margin_earned", "+backlog"))  # fmt: skip
ROLES: Mapping[str, Role] = {"corrected": "held", "posted": "written", "billed": "written"}
INDENT = 14
NO_ORDER = ("", NONE)


def story_text(shape: Mapping[str, Any], width: int, colour: bool, ascii_only: bool) -> str:
    """The story as text. `width` below 60 is taken as 60."""
    view = _View(shape, max(width, WIDTH_MIN), Paint(colour, ascii_only), ascii_only)
    return "\n".join(view.lines()) + "\n"


class _View:
    """Draws one story."""

    def __init__(
        self, shape: Mapping[str, Any], width: int, paint: Paint, ascii_only: bool
    ) -> None:
        self.shape = shape
        self.width = width
        self.paint = paint
        self.ascii_only = ascii_only

    def _say(self, text: object) -> str:
        return plain(text, self.ascii_only)

    def lines(self) -> Iterator[str]:
        """All lines."""
        subject = self.shape["subject"]
        dot = self.paint.sign(" · ")
        name = f"{subject['kind'].replace('-', ' ')} {subject['name']}"
        parts = [name, subject["title"], f"as of {day_shown(self.shape['as_of'])}"]
        for line in wrapped(dot.join(self._say(p) for p in parts if p), self.width):
            yield self.paint("title", line)
        actuals = count_of(self.shape["actuals"], "actual")
        moments = count_of(self.shape["moments_in_all"], "moment")
        yield self.paint("place", f"  {actuals}, {moments}")
        if self.shape["caveat"]:
            for line in wrapped(self.shape["caveat"], self.width - 2):
                yield f"  {self.paint('held', line)}"
        yield from self._figures()
        for dimension, rows in rows_told(self.shape, [name for name, _ in GROUP_COLUMNS]).items():
            yield from self._group(dimension, rows)
        yield from self._law()
        yield from self._moments()
        yield from self._findings()
        yield from self._related()

    def _figures(self) -> Iterator[str]:
        columns = columns_of(self.shape)
        reported = self.shape["reported"]
        yield ""
        if not columns:
            yield "  No amounts yet."
            return
        rows: list[Row] = []
        for figure in figures_of(self.shape):
            values = [f[figure["name"]] for f in columns.values()]
            rows.append([
                cell(figure["label"], "title"),
                *(cell("-" if v is None else grouped(v), None, True) for v in values),
                cell(figure["means"], "place"),
            ])  # fmt: skip
        heads = ("", *(self._say(c) for c in columns), "")
        yield from drawn(rows, self.width, self.paint, heads=heads, spare=(len(heads) - 1,))
        if reported is not None and len(columns) > 1:
            yield ""
            said = f"At your rates: {self._say(reported['rates'])}."
            yield from (f"  {line}" for line in wrapped(said, self.width - 2))
        if self.shape["part"]:
            yield ""
            yield from (f"  {line}" for line in wrapped(PART, self.width - 2))
        if is_mixed(self.shape):
            yield ""
            yield from (
                f"  {line}" for line in wrapped(
                    "Cost and revenue stand in different currencies, so no margin is given:"
                    " state [reporting] currency and rates in adapter.toml.", self.width - 2)
            )  # fmt: skip

    def _group(self, dimension: str, rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
        columns = [c for c in GROUP_COLUMNS if any(row[c[0]] is not None for row in rows)]
        yield ""
        yield f"  {self.paint('title', f'by {dimension}')}"
        table: list[Row] = [
            [cell(self._say(row["name"])), cell(self._say(row["currency"])),
             *(cell("-" if row[c] is None else grouped(row[c]), None, True)
               for c, _ in columns)]
            for row in rows[:40]
        ]  # fmt: skip
        heads = ("", "", *(head for _, head in columns))
        yield from drawn(table, self.width, self.paint, heads=heads)
        if len(rows) > len(table):
            yield self.paint("place", f"  and {len(rows) - len(table):,} more; "
                             "--format json has all")  # fmt: skip

    def _law(self) -> Iterator[str]:
        """The law of sales, a line for each class and currency."""
        law = self.shape["law"]
        terms = [term for term in LAW
                 if term[0] in LAW_ALWAYS or any(row[term[0]] != "0" for row in law)]  # fmt: skip
        rows: list[Row] = [
            [cell(self._say(row["class"])), cell(self._say(row["currency"])),
             *(cell(grouped(row[name]), None, True) for name, _ in terms),
             cell("holds" if row["is_kept"] else "BROKEN", None if row["is_kept"] else "error")]
            for row in law
        ]  # fmt: skip
        if not rows:
            return
        yield ""
        yield f"  {self.paint('title', 'what came in is what went out')}, gross"
        yield from drawn(rows, self.width, self.paint, heads=("", "", *(h for _, h in terms), ""))

    def _moments(self) -> Iterator[str]:
        yield ""
        yield f"  {self.paint('title', 'what happened')}"
        if self.shape["grouped"]:
            yield self.paint("place", "  moments of one day and kind are told as one; "
                             "--all tells each")  # fmt: skip
        last = None
        for moment in self.shape["moments"]:
            day = day_shown(moment["day"]) or "no day"
            yield from self._moment(moment, day if day != last else "")
            last = day

    def _moment(self, moment: Mapping[str, Any], day: str) -> Iterator[str]:
        role = ROLES.get(moment["stage"])
        amount = money(moment["currency"], moment["amount"]) if moment["amount"] else ""
        start = f"  {pad(day, INDENT - 2)}"
        stage = pad(moment["stage"], 10)
        room = self.width - len(start) - 10 - (len(amount) + 2 if amount else 0)
        head, *rest = wrapped(self._say(moment["what"]), max(room, 20))
        marked = self.paint(role, stage) if role else stage
        tail = f"  {amount}" if amount else ""
        yield f"{start}{marked}{pad(head, room)}{tail}".rstrip()
        indent = " " * (INDENT + 10)
        for line in rest:
            yield indent + line
        values = dict(moment["values"])
        said = [self._say(moment["name"])]
        if self.shape["subject"]["kind"] != "work-order" and moment["work_order"] not in NO_ORDER:
            said.append(self._say(moment["work_order"]))
        if moment["because"]:
            said.append(f"{moment['because']} {moment['means']}".strip())
        said += [f"{self._say(n)} {self._say(v)}" for n, v in values.items()]
        if moment["plan"] is not None:
            plan = moment["plan"]
            said.append(f"plan: {plan['status']} {' '.join(plan['rules'])}".strip())
            said += [self._say(name) for name in plan["documents"]]
        dot = self.paint.sign(" · ")
        for line in wrapped(dot.join(said), self.width - len(indent)):
            yield indent + self.paint("place", line)

    def _findings(self) -> Iterator[str]:
        found = self.shape["findings"]
        if not found:
            return
        yield ""
        yield f"  {self.paint('title', 'what to look at')}"
        dot, last = self.paint.sign(" · "), ("", "")
        for one in found[:FINDINGS_MAX]:
            if last not in (("", ""), (one["code"], one["help"])):
                yield from self._wrapped(last[1], INDENT)
            role: Role = "error" if one["level"] == "error" else "held"
            about = ", ".join(self._say(each["name"]) for each in one["about"])
            said = f"{about}: {one['message']}" if about else one["message"]
            head, *rest = wrapped(self._say(said), self.width - INDENT)
            yield f"  {self.paint(role, pad(one['code'], INDENT - 2))}{head}"
            yield from (" " * INDENT + line for line in rest)
            values = dot.join(f"{self._say(n)} {self._say(v)}" for n, v in one["values"])
            yield from self._wrapped(values, INDENT) if values else ()
            last = (one["code"], one["help"])
        yield from self._wrapped(last[1], INDENT)
        left = len(found) - FINDINGS_MAX
        if left > 0:
            yield self.paint("place", f"  and {left:,} more; --format json has all")

    def _wrapped(self, text: str, indent: int) -> Iterator[str]:
        for line in wrapped(self._say(text), self.width - indent):
            yield " " * indent + self.paint("place", line)

    def _related(self) -> Iterator[str]:
        related = self.shape["related"]
        if not related:
            return
        yield ""
        yield f"  {self.paint('title', 'other stories')}"
        for one in related[:RELATED_MAX]:
            if one["call"] != one["name"]:  # above, so that the command can be pasted
                yield self.paint("place", f"    {self._say(one['name'])}")
            yield f"    fieldledger story {quote(self._say(one['call']))} --kind {one['kind']}"
        if len(related) > RELATED_MAX:
            yield self.paint("place", f"    and {len(related) - RELATED_MAX:,} more")

