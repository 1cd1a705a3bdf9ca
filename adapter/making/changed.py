"""Lines that were sent before and say something else now: what was sent beside what is true now.

They are drafted and rendered once more, only to be compared; nothing of it is ever sent.
"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

import msgspec
from msgspec import Struct

from adapter.making.books import Books
from adapter.making.compared import differences
from adapter.making.documents import business_key
from adapter.making.drafting import assemble_again
from adapter.making.lined import Lined
from adapter.making.outlet import Outlet
from adapter.making.payloads import Renderer
from adapter.making.planned import PlannedDocument, documents_of, totals_text
from adapter.making.spool import SpooledLine
from adapter.making.steps import consign
from adapter.making.workspace import BodyOf, SentLine
from adapter.reading.json_text import json_text

POSITION = "line.number"  # says where a row stands, and moves with its neighbours
_DECODER = msgspec.json.Decoder(float_hook=Decimal)
CHANGES_MAX = 1_000  # of one document; what is beyond is not listed


class ChangedLine(Struct, frozen=True):
    """One line now, and what is known of the time it was sent."""

    lined: Lined
    before: SentLine


def changed_documents(
    books: Books, renderer: Renderer, changed: Sequence[ChangedLine], body_of: BodyOf
) -> Iterator[PlannedDocument]:
    """One document for each that was sent, with the lines that differ and how they differ."""
    now, _ = rows_now(books, renderer, changed)
    homes: dict[tuple[str, str, str], list[ChangedLine]] = {}
    for one in changed:
        company = one.lined.line.company
        homes.setdefault((one.lined.kind, company, one.before.document), []).append(one)
    for home, lines in sorted(homes.items()):
        _, company, name = home
        documents = [
            assemble_again(books, group, [one.lined for one in lines if one.lined.group == group],
                           name or f"{company} sent before")
            for group in sorted({one.lined.group for one in lines})
        ]  # fmt: skip
        planned, _, _ = renderer.rendering(documents[0])
        planned.key = business_key("changed", *home)
        planned.status, planned.findings = "different", []
        planned.payload, planned.digest = None, ""
        planned.lines = sum(len(document.lines) for document in documents)
        planned.actuals = [actual for document in documents for actual in document.actuals]
        planned.totals = totals_text(t for document in documents for t in document.totals)
        first = lines[0].before
        planned.sent = {"digest": first.digest, "on": first.on.isoformat() if first.on else ""}
        planned.changes = [
            change for one in lines for change in changes_of(one, body_of, now)
        ][:CHANGES_MAX]  # fmt: skip
        yield planned


def changes_of(
    one: ChangedLine, body_of: BodyOf, now: Mapping[str, Mapping[str, object]]
) -> Iterator[dict[str, str]]:
    """Columns that say something else; none where the row that was sent is not known."""
    line = one.lined.line
    said, row = body_of(line.key), now.get(line.key)
    sent = None if said is None else row_of(said)
    if sent is None or row is None:
        return
    for found in differences(json_text({name: sent.get(name) for name in row}), row):
        yield {"actual": line.actual or "", "column": found.column, "sent": found.sent,
               "now": found.now}  # fmt: skip


def rows_now(
    books: Books, renderer: Renderer, changed: Sequence[ChangedLine]
) -> tuple[dict[str, dict[str, object]], dict[str, str]]:
    """The rows as they would be written now, and the names of their documents, by the key of
    their line.

    Only columns that the line itself fills: what its document or its place in it say differs
    without anybody having changed the record.
    """
    groups: dict[tuple[str, ...], list[Lined]] = {}
    for one in changed:
        groups.setdefault(one.lined.group, []).append(one.lined)
    rows: dict[str, dict[str, object]] = {}
    names: dict[str, str] = {}
    for group in sorted(groups):
        lines = sorted(groups[group], key=lambda lined: lined.order_text)
        spooled = (SpooledLine(one.group_text, one.order_text, -1, one) for one in lines)
        for document, _, _ in documents_of(books, spooled):
            planned, _ = renderer.render(document)
            if planned.payload is None:
                continue
            outlet = renderer.outlet_of(document)
            for step in consign(document, planned.payload, outlet, planned.delivery, {}).steps:
                if step.part != "header":
                    own = own_columns(outlet, step.part)
                    body = row_of(step.body) or {}
                    rows[step.key] = {n: v for n, v in body.items() if n in own}
                    names[step.key] = document.name
    return rows, names


def own_columns(outlet: Outlet, part: str) -> frozenset[str]:
    """Columns of a row that its own line fills, by their names in the payload."""
    is_detail = part == "detail" and outlet.details is not None
    mapping = outlet.details or outlet.mapping if is_detail else outlet.mapping
    names = outlet.detail_names if is_detail else outlet.names
    own = "detail." if is_detail else "line."
    return frozenset(
        names.get(field.name, field.name)
        for field in mapping.fields
        if field.source.startswith(own) and field.source != POSITION
    )


def row_of(said: str) -> dict[str, Any] | None:
    """A row from the text that was sent; None where retention removed it."""
    try:
        row = _DECODER.decode(said)
    except msgspec.DecodeError:
        return None
    return row if isinstance(row, dict) else None
