"""What an event of actuals and a term of the law of sales are, told from the table of events.

`fieldledger explain E12` and docs/events.md are both drawn from here, so neither can differ
from what `making/events.py` does.
"""

from collections.abc import Iterator

from adapter.making.event_table import EVENTS, EventRow, Line, Mark
from adapter.telling.explanation import CodeExplained

QUANTITIES = {
    "used": "quantity used", "billable": "quantity to bill", "rest": "the rest of the quantity",
    "original": "quantity of the original", "edited": "quantity as edited on the invoice",
    "right": "the right quantity", "amount": "its amount", "available": "what is available",
    "applied": "what is applied", "remaining": "what remains",
    "share": "the share of each customer",
}  # fmt: skip
TERMS = {
    "approved": ("left", "unbilled sales that came in by an approval"),
    "added": ("left", "sales that came in on an invoice: details added by hand, more than was "
                      "approved, milestones, product lines"),
    "repriced": ("left", "what another price, class or currency made more or less of them"),
    "billed": ("right", "chargeable billed sales, less their credits"),
    "open": ("right", "chargeable unbilled sales, less their reversals: still to bill"),
    "cancelled": ("right", "unbilled sales that were taken back and that nothing replaced"),
    "non_chargeable": ("right", "non-chargeable and complimentary sales, billed or not"),
}  # fmt: skip
SIGNS = {"+": "more", "-": "less", "~": "more, less or as before"}
LAW = "approved + added + repriced = billed + open + cancelled + non-chargeable"


def is_event_or_term(what: str) -> bool:
    """Whether `what` names an event, such as E12, or a term of the law, in any case."""
    return _event(what) in EVENTS or _term(what) in TERMS


def explain_event(what: str) -> CodeExplained:
    """An event E1 to E35, or a term of the law. Raises KeyError for another name."""
    if _event(what) in EVENTS:
        row = EVENTS[_event(what)]
        return _explained(row.id, row.name, f"event, {row.basis}", happens(row), row.source,
                          page_of(row))  # fmt: skip
    term = _term(what)
    side, means = TERMS[term]
    page = [f"law      {LAW}"]
    page += [f"{row.id:<8} {row.name}: {SIGNS[row.moves[term]]}"
             for row in EVENTS.values() if term in row.moves]  # fmt: skip
    return _explained(
        said(term), f"a term on the {side} of the law of sales", "term",
        f"{means}. Of gross amounts, per class and currency.",
        "domain 4.3; LAW701 where it does not hold", page,
    )  # fmt: skip


def _explained(
    code: str, name: str, level: str, message: str, source: str, page: list[str]
) -> CodeExplained:
    return {"about": "code", "code": code, "name": name, "level": level, "message": message,
            "why": "", "source": source, "owner": "", "domain": [], "page": page,
            "help": ""}  # fmt: skip


def happens(row: EventRow) -> str:
    """What an event does, in one or two sentences."""
    marks = bool(row.marks)
    if not row.creates:
        said = "No actual is made" + ("; rows that are there change." if marks else ".")
    else:
        count = len(row.creates)
        said = f"{count} {'actual is' if count == 1 else 'actuals are'} made of each set"
        said += ", and what is there changes its state." if marks else "."
    if row.settings:
        said += f" What the sources leave open is a setting: {', '.join(row.settings)}."
    return said


def page_of(row: EventRow) -> list[str]:
    """Rows before and after, states, connections and the law, a line for each."""
    before = list(dict.fromkeys(_before(row)))
    lines = [f"before   {text}" for text in before or ["no actual"]]
    lines += [f"makes    {line_text(line)}" for line in row.creates]
    lines += [f"state    {mark_text(mark)}" for mark in row.marks]
    lines += [f"connects {one} with its {other}" for one, other in row.connects]
    lines += [f"law      {said(term)}: {SIGNS[sign]}" for term, sign in row.moves.items()]
    return lines if row.moves else [*lines, "law      no term moves"]


def _before(row: EventRow) -> Iterator[str]:
    """What must be there: what is turned, and what changes its state."""
    for line in row.creates:
        is_kept = line.sign < 0 and line.quantity == "original"
        if is_kept:
            yield f"{kind_of(line.type)}, the original"
    for mark in row.marks:
        if mark.record != "original":
            yield f"the {mark.record}"
        elif not any(line.sign < 0 for line in row.creates):
            yield "the original"


def line_text(line: Line) -> str:
    """An actual that an event makes: `- unbilled sales, quantity of the original`."""
    sign = "+" if line.sign > 0 else "-"
    billing = f", {line.billing_type}" if line.billing_type else ""
    return f"{sign} {kind_of(line.type)}, {QUANTITIES.get(line.quantity, line.quantity)}{billing}"


def mark_text(mark: Mark) -> str:
    """A state that an event changes."""
    field = mark.field.replace("_", " ")
    value = "as given" if mark.value == "*" else mark.value.replace("-", " ")
    return f"{mark.record}: {field} {value}"


def kind_of(type: str) -> str:
    """A transaction type in words."""
    return type.replace("-sales", " sales").replace("-", " ")


def said(term: str) -> str:
    """A term as people write it."""
    return term.replace("_", "-")


def _event(what: str) -> str:
    return what.strip().upper()


def _term(what: str) -> str:
    return what.strip().lower().replace("-", "_").replace(" ", "_")


def events_page() -> str:
    """docs/events.md: all events and terms, for people who met one in a story."""
    lines = [
        "# Events and the law of sales", "",
        "Drawn from the table of events; `make golden` writes it anew. In the terminal:",
        "`fieldledger explain E12`, `fieldledger explain repriced`.", "",
        "The law, per class and currency, of gross amounts: " + LAW + ".", "",
        "| term | what counts there | events that move it |", "| --- | --- | --- |",
    ]  # fmt: skip
    for term, (_, means) in TERMS.items():
        moved = ", ".join(f"[{row.id}](#{row.id.lower()})" for row in EVENTS.values()
                          if term in row.moves)  # fmt: skip
        lines.append(f"| {said(term)} | {means} | {moved} |")
    for row in EVENTS.values():
        lines += ["", f"## {row.id}", "", f"**{row.name}** ({row.basis}). {happens(row)}", "",
                  "```text", *page_of(row), "```", "", f"Source: {row.source}."]  # fmt: skip
    return "\n".join(lines) + "\n"
