"""Documents that were sent before and have not changed: shown as they were when they were new.

Their lines wait in the spool like those of new ones, in groups that name what was sent. They
are assembled and rendered again only to be shown; nothing of it is ever sent.
"""

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from adapter.making.books import Books
from adapter.making.changed import row_of
from adapter.making.compared import normal
from adapter.making.documents import Document
from adapter.making.drafting import assemble_again
from adapter.making.lined import PART_END, Lined, text_of
from adapter.making.payload import DETAILS
from adapter.making.payloads import Renderer
from adapter.making.planned import PlannedDocument
from adapter.making.steps import rows_of
from adapter.making.workspace import BodyOf, SentLine

KEPT = "="  # begins the text of a group of kept lines; no kind of document does


def kept_group(lined: Lined, before: SentLine) -> str:
    """Where a line that was sent waits: with the lines of the document that it was sent with."""
    as_of = "" if before.as_of is None else before.as_of.isoformat()
    home = (KEPT, lined.group[0], before.document, before.batch, as_of)
    return text_of(home) + lined.group_text


def is_kept(group: str) -> bool:
    """Whether the text of a group is one of kept lines."""
    return group.startswith(KEPT + PART_END)


def kept_document(
    books: Books, renderer: Renderer, group: str, lined: list[Lined], sent: SentLine,
    body_of: BodyOf,
) -> PlannedDocument:  # fmt: skip
    """The document as it was sent. `sent` is what is known of one of its lines.

    Where lines are missing by now (changed, held or gone) it shows those that are left, and
    no payload: that of the whole stands in the ledger.
    """
    _, _, name, batch, _ = group.split(PART_END)[:5]
    then = books if sent.as_of is None else replace(books, as_of=sent.as_of)
    document = assemble_again(then, lined[0].group, lined, name)
    is_whole = batch in ("", document.key)
    planned, _, _ = renderer.rendering(document)
    planned.key = batch or document.key
    planned.status, planned.findings = "same", []
    if sent.on is not None:
        planned.sent = {"digest": "", "on": sent.on.isoformat()}
    if not is_whole:
        planned.payload, planned.digest = None, ""
    elif planned.payload is not None and _as_sent(document, planned, renderer, body_of):
        planned.digest = ""
    return planned


def _as_sent(
    document: Document, planned: PlannedDocument, renderer: Renderer, body_of: BodyOf
) -> bool:
    """Put the rows that were sent in the place of those that say something else now.

    Whether there were any: a mapping may have changed since.
    """
    is_other = False
    for _, row, _, key, _, _ in rows_of(document, planned.payload, renderer.outlet_of(document)):
        said = body_of(key)
        body = None if said is None else row_of(said)
        if body is None or _normal(body) == _normal(row):
            continue
        is_other = True
        below = row.get(DETAILS)
        row.clear()
        row.update(body)
        if below is not None:
            row[DETAILS] = below
    return is_other


def _normal(row: Mapping[str, Any]) -> dict[str, object]:
    return {name: normal(name, value) for name, value in row.items() if name != DETAILS}
