"""Sales that were cancelled after a draft of ours billed them: they still stand on it.

The CRM refuses to cancel what is on a draft: it is taken off the draft first (domain 8, R-157).
Ours it does not always know of. Nothing is deleted and no invoice takes a reversal that is not
to be invoiced (R-131), so a person takes the row off the draft, and until then the sale is held.
"""

from collections.abc import Mapping

from adapter.deciding.dossier import Dossier
from adapter.making.documents import business_key
from adapter.making.entry import Part
from adapter.making.reverse import INVOICED
from adapter.making.workspace import SentLine
from adapter.values.codes import CODES
from adapter.values.finding import Finding, Place

CODE = "PRO731"
WHY = f"{CODE}: the sale was cancelled, and the draft still bills it"
HELP = (
    "Take the row off the draft in Dataverse, then accept its row: `fieldledger status` names the"
    " key; a row that has not left yet is withdrawn. Where the draft was"
    " confirmed, confirm a corrective invoice."
)


def sent_and_cancelled(d: Dossier, sent: Mapping[str, SentLine]) -> SentLine | None:
    """What a draft of ours bills of a sale that is cancelled or adjusted by now, if anything.

    Asked of sales that go on no proforma any more. What the CRM itself invoiced is no such sale,
    nor is one whose row a person took off the draft.
    """
    actual = d.actual
    if not sent or actual.transaction_type != "unbilled-sales":
        return None
    if actual.billing_status in INVOICED:
        return None
    if actual.billing_status != "canceled" and actual.adjustment_status != "adjusted":
        return None
    before = sent.get(business_key("proforma", d.environment.name, actual.id))
    return None if before is None or before.is_gone else before


def taken_back_fault(d: Dossier, before: SentLine) -> Finding:
    """PRO731 for such a sale."""
    what = _billed(before)
    return Finding(
        code=CODE, level=CODES[CODE].level, place=Place(f"actual {d.actual.id}"), help=HELP,
        record=d.actual.id,
        message=f"cancelled after it was put on the proforma {before.document}, which still"
                f" bills {what or 'it'}",
        values=(("document", before.document), ("key", before.key), ("amount sent", what)),
    )  # fmt: skip


def held_part(fault: Finding) -> Part:
    """What the report says of the sale on its way to the customer."""
    return Part(answer="hold", rule=CODE, reason=fault.message)


def change_of(d: Dossier, before: SentLine) -> dict[str, str]:
    """How the document that was sent differs from what would be sent now."""
    said = _billed(before) or "billed"
    return {"actual": d.actual.id, "column": "(row)", "sent": said, "now": "cancelled"}


def _billed(before: SentLine) -> str:
    return " ".join(filter(None, (before.amount, before.currency)))
