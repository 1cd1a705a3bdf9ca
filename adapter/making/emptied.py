"""Drafts of ours of which a plan has no line any more, since what they bill was cancelled."""

from collections.abc import Iterator, Mapping, Sequence, Set

from adapter.deciding.dossier import Dossier
from adapter.making.documents import business_key
from adapter.making.planned import PlannedDocument
from adapter.making.taken_back import CODE
from adapter.making.workspace import SentLine


def draft_of(d: Dossier, before: SentLine) -> PlannedDocument:
    """The proforma that a cancelled sale was sent with, without any line."""
    key = before.batch or business_key("emptied", d.environment.name, before.document)
    return PlannedDocument(
        key=key, kind="proforma", name=before.document, company=d.code or "", rule=CODE,
        status="different", delivery=d.setting.delivery if d.setting is not None else "",
        lines=0, totals=[],
        sent={"digest": "", "on": before.on.isoformat() if before.on is not None else ""},
    )  # fmt: skip


def emptied_drafts(
    drafts: Mapping[str, PlannedDocument], taken: Mapping[str, Sequence[dict[str, str]]],
    told: Set[str],
) -> Iterator[PlannedDocument]:
    """Those of the drafts that no other line of the plan tells, with what was cancelled of them.

    `drafts` and `taken` by document, `told`: those that stand in the plan with lines.
    """
    for home, draft in sorted(drafts.items()):
        if home not in told:
            draft.changes = list(taken[home])
            draft.actuals = [change["actual"] for change in draft.changes]
            yield draft
