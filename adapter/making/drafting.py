"""The way from a routed actual to documents, in two halves that a spool may stand between.

`line_of` makes one line and says which group it belongs to; `assemble` turns the lines of
one group, in their order, into documents. Neither keeps anything between calls.
"""

from collections.abc import Iterable, Iterator

from adapter.making.billing_lines import billing_line
from adapter.making.books import Books
from adapter.making.documents import Document
from adapter.making.invoice_proposal import assemble_billed
from adapter.making.journal import assemble_journals
from adapter.making.journal_lines import journal_line
from adapter.making.lined import KIND_OF, Lined
from adapter.making.proforma import assemble_proforma
from adapter.making.routed import Channel, Routed


def line_of(routed: Routed, channel: Channel) -> Lined | None:
    """The line of an actual on one channel; None where its answer sends nothing.

    A line whose `findings` hold an error must be held, not written.
    """
    answer = routed.ledger if channel == "ledger" else routed.billing
    if answer.kind != "send":
        return None
    kind = KIND_OF[answer.document]
    if kind == "journal":
        return journal_line(routed, answer)
    return billing_line(routed, answer, kind)


def assemble(books: Books, group: tuple[str, ...], lined: Iterable[Lined]) -> Iterator[Document]:
    """The documents of one group; its first part names the kind of document."""
    if group[0] == "journal":
        return assemble_journals(books, group, lined)
    if group[0] == "proforma":
        return assemble_proforma(books, group, lined)
    return assemble_billed(books, group, lined)
