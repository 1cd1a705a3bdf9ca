"""The plan as text for a terminal: which model, which documents, what is held, the equation.

80 columns are enough; more are used when there are more. Colour never carries meaning.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from adapter.telling.columns_text import BLANK, Cell, Row, cell, drawn
from adapter.telling.completed import completed
from adapter.telling.delivered import EXPECTED, WRITTEN, companies_of_others
from adapter.telling.equation_text import equation_lines
from adapter.telling.figures import (
    Shown,
    cells,
    count_of,
    day_shown,
    fit,
    grouped,
    holding_rule,
    largest,
    plain,
    rules_of,
    sums_of,
    type_shown,
    why,
    window_of,
    wrapped,
)
from adapter.telling.narrow import Narrow, narrowed
from adapter.telling.paint import Paint, Role
from adapter.telling.remarks_text import allowed_lines, fault_lines
from adapter.values.arithmetic import our_arithmetic

WIDTH_MIN = 80
ROWS_MAX = 20  # rows of one list before the rest is only counted
NAME_WIDTH = 24
DOCUMENT_WIDTH = 32  # divided by a rule they differ at their end
MAIN_TOTALS = ("cost", "sales", "total")  # of a document; the others are in the report
KINDS = {"invoice-proposal": "proposal"}
SIGNS: dict[str, tuple[str, Role]] = {
    "new": ("+ new", "written"),
    "same": ("= same", "place"),
    "different": ("! differs", "held"),
    "held": ("! held", "held"),
    "written": ("+ written", "written"),
    "unchanged": ("= unchanged", "place"),
    "left": ("- left", "place"),
    "warned": ("? warned", "place"),
}


@our_arithmetic()
def as_text(
    report: Shown,
    width: int = 80,
    colour: bool = False,
    ascii_only: bool = False,
    narrow: Narrow | None = None,
) -> str:
    """The text view of a report; ends with a line feed.

    `narrow` limits what is shown, never what is planned. When the equation does not add
    up, nothing but the equation is shown.
    """
    paint = Paint(colour, ascii_only)
    view = _View(completed(report), max(width, WIDTH_MIN), paint, narrow or Narrow())
    return "\n".join(line.rstrip() for line in view.lines()) + "\n"


class _View:
    """One report being drawn."""

    def __init__(
        self, report: dict[str, Any], width: int, paint: Paint, narrow: Narrow
    ) -> None:
        self.report = report
        self.width = width
        self.paint = paint
        self.narrow = narrow
        self.others = companies_of_others(report)

    def lines(self) -> Iterator[str]:
        """The whole view, line by line."""
        yield from self._title()
        if not self.report["verdict"]["balanced"]:
            yield from self._unbalanced()
            return
        for section in (
            self._companies(),
            self._documents(),
            self._schedule(),
            self._held(),
            fault_lines(self.report, self.narrow, self.width, self.paint),
            allowed_lines(self.report, self.narrow, self.width, self.paint),
            self._actuals(),
        ):
            if section:
                yield from section
                yield ""
        yield from equation_lines(self.report, self.width, self.paint)
        yield from self._ending()

    def _say(self, text: object) -> str:
        return plain(text, self.paint.ascii_only)

    def _sign(self, status: str, company: object = "") -> Cell:
        text, role = SIGNS.get(status, (f"? {status}", "place"))
        if status == "written":
            word = EXPECTED if company in self.others else self.report["verdict"]["word"]
            text = f"+ {word}"
        return cell(text, role)

    def _title(self) -> Iterator[str]:
        plan, verdict = self.report["plan"], self.report["verdict"]
        parts = [
            count_of(verdict["in"], "approved actual"),
            window_of(self.report),
            f"as of {day_shown(plan['as_of'])}",
            f"rulebook {self.report['provenance']['rulebook'][:6]}",
        ]
        name = self._say(plan["workspace"])
        rest = self.paint.sign(" · ".join(part for part in parts if part))
        if cells(name) + 3 + cells(rest) <= self.width:
            yield self.paint("title", name) + self.paint.sign(" · ") + rest
        else:
            yield self.paint("title", fit(name, self.width))
            yield from (f"  {line}" for line in wrapped(rest, self.width - 2))
        yield ""
        if not self.narrow.is_open:
            yield from wrapped(self._say(self.narrow.said()), self.width)
            yield ""

    def _companies(self) -> list[str]:
        rows: list[Row] = []
        for company in self.report["companies"]:
            if self.narrow.takes_company(company["code"]):
                rows.append([
                    cell(self._say(company["code"]), "title"),
                    cell(self._say(company["model"])),
                    cell(self._say(company["rule"]), "code"),
                    cell(self._say(company["rule_name"])),
                    cell(self._say(company["place"]), "place"),
                    cell(f"{company['actuals']:,}", right=True),
                ])  # fmt: skip
        heads = ["company", "model", "rule", "because", "", "actuals"]
        return drawn(rows, self.width, self.paint, heads, spare=(4, 3))

    def _documents(self) -> list[str]:
        rows: list[Row] = []
        for document in self.report["documents"]:
            if self.narrow.takes_document(document, self._codes_of(document)):
                rows.extend(self._document(document))
        return self._cut(drawn(rows, self.width, self.paint, spare=(8, 7, 2, 4)), "line")

    def _codes_of(self, document: Shown) -> frozenset[str]:
        if not self.narrow.codes:
            return frozenset()
        mine = set(document["actuals"])
        entries = [a for a in self.report["actuals"] if a["id"] in mine]
        return frozenset(code for a in entries for code in a["findings"])

    def _document(self, document: Shown) -> Iterator[Row]:
        said = ""
        if document["sent"]:
            said = f"sent {day_shown(document['sent']['on'])}"
        elif document["status"] == "held":
            said = " ".join(document["findings"])
        head = [
            self._sign(document["status"]),
            cell(self._say(KINDS.get(document["kind"], document["kind"]))),
            cell(fit(self._say(document["name"]), DOCUMENT_WIDTH), "title"),
            cell(count_of(document["lines"], "line"), right=True),
        ]
        main = [t for t in document["totals"] if t["label"] in MAIN_TOTALS]
        totals = main or document["totals"] or [{}]
        for i, total in enumerate(totals):
            yield [
                *([BLANK] * 4 if i else head),
                cell(self._say(total["label"] if len(totals) > 1 else "")),
                cell(self._say(total.get("currency"))),
                cell(grouped(total.get("amount")), right=True),
                BLANK if i else cell(self._say(document["rule"]), "code"),
                BLANK if i else cell(self._say(said), "place"),
            ]

    def _schedule(self) -> list[str]:
        rows, shown = list[Row](), list[Shown]()
        for entry in self.report["schedule"]:
            if not self.narrow.takes_company(entry["company"]) or self.narrow.codes:
                continue
            if self.narrow.only and entry["status"] not in self.narrow.only:
                continue
            shown.append(entry)
            rows.append([
                self._sign(entry["status"], entry["company"]), cell(self._say(entry["kind"])),
                cell(fit(self._say(entry["name"]), NAME_WIDTH)),
                cell(self._say(entry["contract"])), cell(self._say(entry["project"])),
                cell(self._say(entry["company"])),
                cell(self._say(f"{entry['currency']} {grouped(entry['amount'])}"), right=True),
                cell(self._say(entry["reason"]), "place"),
            ])  # fmt: skip
        lines = self._cut(drawn(rows, self.width, self.paint, spare=(7,)), "schedule line")
        return lines + [f"    {t}" for t in wrapped(self._say(why(shown)), self.width - 4) if t]

    def _held(self) -> list[str]:
        names = {f["code"]: f["name"] for f in self.report["findings"]}
        groups: dict[tuple[str, str], list[Any]] = {}
        for held in (a for a in narrowed(self.report, self.narrow) if a["status"] == "held"):
            groups.setdefault((holding_rule(held), held["company"]), []).append(held)
        rows: list[Row] = []
        sums = {
            group: sums_of((f"{a['currency']} {type_shown(a['type'])}", a["amount"]) for a in found)
            for group, found in groups.items()
        }
        for group in sorted(groups, key=lambda g: (-largest(sums[g]), g)):
            (rule, company), found = group, groups[group]
            head = [
                self._sign("held"), cell(self._say(company), "title"),
                cell(count_of(len(found), "actual"), right=True),
            ]  # fmt: skip
            rows += self._sums(head, rule, names.get(rule, ""), sums[group])
        if not self.narrow.only:
            rows += self._warnings()
        return drawn(rows, self.width, self.paint, spare=(7,))

    def _sums(
        self, head: Sequence[Cell], rule: str, name: str, sums: list[tuple[str, str]]
    ) -> Iterator[Row]:
        for i, (key, amount) in enumerate(sums or [("", "")]):
            currency, _, kind = key.partition(" ")
            yield [
                *([BLANK] * 3 if i else head),
                cell(self._say(kind)),
                cell(self._say(currency)),
                cell(grouped(amount) if amount else "", right=True),
                BLANK if i else cell(self._say(rule), "code"),
                BLANK if i else cell(self._say(name)),
            ]

    def _warnings(self) -> Iterator[Row]:
        for group in self.report["findings"]:
            if group["level"] != "warning" or not self.narrow.takes_code(group["code"]):
                continue
            seen: dict[str, set[str]] = {}
            for one in group["occurrences"]:
                seen.setdefault(one["company"], set()).add(one["actual"])
            for company, actuals in sorted(seen.items()):
                if self.narrow.takes_company(company):
                    head = [
                        self._sign("warned"), cell(self._say(company), "title"),
                        cell(count_of(len(actuals), "actual"), right=True),
                    ]  # fmt: skip
                    yield from self._sums(head, group["code"], group["name"], [])

    def _actuals(self) -> list[str]:
        if not self.narrow.lists_actuals:
            return []
        rows: list[Row] = [
            [
                self._sign(a["status"], a["company"]), cell(fit(self._say(a["name"]), 16), "title"),
                cell(fit(self._say(a["work_order"]), 12)), cell(self._say(type_shown(a["type"]))),
                cell(self._say(a["currency"])), cell(grouped(a["amount"]), right=True),
                cell(self._say(rules_of(a)), "code"), cell(self._say(a["description"]), "place"),
            ]
            for a in narrowed(self.report, self.narrow)
        ]  # fmt: skip
        table = drawn(rows, self.width, self.paint, spare=(7,))
        return table if self.narrow.whole else self._cut(table, "actual")

    def _cut(self, lines: list[str], noun: str) -> list[str]:
        if len(lines) <= ROWS_MAX or self.narrow.whole:
            return lines
        more = count_of(len(lines) - ROWS_MAX, f"more {noun}")
        return [*lines[:ROWS_MAX], f"    {more}; `--all` shows every one"]

    def _unbalanced(self) -> Iterator[str]:
        yield self.paint("error", "The equation does not add up. Nothing else is shown.") + "\n"
        yield from equation_lines(self.report, self.width, self.paint)
        yield "Nothing may be sent. Report this as a fault of fieldledger."

    def _ending(self) -> Iterator[str]:
        plan, verdict = self.report["plan"], self.report["verdict"]
        first = next((a for a in self.report["actuals"] if a["status"] == "held"), None)
        explained = [f"fieldledger explain {self._say(first['name'])}"] if first else []
        commands = [*explained, "fieldledger plan --html report.html"]
        ours = verdict.get("documents", 0) - verdict.get("documents_expected", 0)
        if ours and verdict["word"] == WRITTEN:
            commands.append(f"fieldledger send {plan['id']}")
        yield from ("Next:", *(f"  {command}" for command in commands))
        yield from wrapped(self._say(f"Plan {plan['id']}: {verdict['headline']}"), self.width)
