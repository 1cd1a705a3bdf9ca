"""The way from a routed actual to documents, in two halves that a spool may stand between.

`line_of` makes one line and says which group it belongs to; `assemble` turns the lines of
one group, in their order, into documents. Neither keeps anything between calls.
"""

from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from adapter.making.billing_lines import billing_line, currency_of
from adapter.making.books import Books
from adapter.making.documents import Document
from adapter.making.invoice_proposal import assemble_billed
from adapter.making.journal import assemble_journals, journal_again
from adapter.making.journal_lines import journal_line
from adapter.making.lined import KIND_OF, Lined, settle
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
    is_journal = kind == "journal"
    lined = journal_line(routed, answer) if is_journal else billing_line(routed, answer, kind)
    decimals = currency_of(routed.dossier)[1].decimals
    settle(lined.line, decimals)
    for fee in lined.beside:
        settle(fee, decimals)
    return lined


def assemble(books: Books, group: tuple[str, ...], lined: Iterable[Lined]) -> Iterator[Document]:
    """The documents of one group; its first part names the kind of document."""
    if group[0] == "journal":
        return assemble_journals(books, group, lined)
    if group[0] == "proforma":
        return assemble_proforma(books, group, lined)
    return assemble_billed(books, group, lined)


def assemble_again(
    books: Books, group: tuple[str, ...], lined: list[Lined], name: str
) -> Document:
    """The one document that was sent with these lines of a group, under the name it had."""
    if group[0] == "journal":
        document = journal_again(books, group, lined, name)
    else:
        document = next(iter(assemble(books, group, lined)))
    return replace(document, name=name) if name else document
