"""When nothing is sent at all, whatever the plan: a ledger that cannot be trusted, an anchor that
cannot be used, names that nobody has proven.
"""

from collections.abc import Sequence
from pathlib import Path

from adapter.edge.anchor import anchor_fault
from adapter.edge.book import read_book
from adapter.edge.ledger import read_anchor
from adapter.edge.sending.ghosts import look_for_ghosts
from adapter.edge.sending.office import CannotSend, Office
from adapter.edge.sending.patience import AskedToWait
from adapter.making.steps import Consignment
from adapter.reading.mapping_check import unverified
from adapter.reading.settings import Settings
from adapter.values.finding import has_errors


def refuse_anchor(here: Office) -> None:
    """An anchor that cannot be written is told before anything leaves. Raises CannotSend."""
    fault = anchor_fault(here.folder, here.settings)
    if fault is not None:
        raise CannotSend(f"{fault.code} {fault.message}: {fault.help}")


def refuse_unready(here: Office) -> None:
    """A restored ledger, or one whose chain is broken, sends nothing. Raises CannotSend."""
    why = here.ledger.reconcile_only()
    if why:
        raise CannotSend(
            f"this ledger was {why} and only reconciles: run `fieldledger reconcile`, then "
            '`fieldledger ledger accept --because "both sides agree"`'
        )
    anchor = here.settings.ledger.anchor
    found = here.ledger.verify(read_anchor(here.folder / anchor) if anchor else None)
    if has_errors(tuple(found)):
        raise CannotSend(f"{found[0].code} {found[0].message}: {found[0].help}")


def refuse_lost(here: Office) -> None:
    """A new ledger beside rows of ours in a Finance that would take them twice. It only
    reconciles then, like a restored one. Raises CannotSend, and AskedToWait where Finance asks to
    wait for longer than a command does.
    """
    connects = [here.settings.environments[c.environment].connect
                for c in here.settings.companies.values() if c.delivery == "odata"]  # fmt: skip
    is_safe = all(c is None or c.finance_enforces_keys for c in connects)
    if is_safe or here.ledger.asks_first() or any(here.ledger.batches()):
        return
    book = read_book(here.folder, here.settings, here.settings.as_of)
    looked = look_for_ghosts(here, book, frozenset(), ("finance",))
    if looked.waits:
        wait = max(looked.waits)
        raise AskedToWait(f"Finance asks to wait for {-(-wait // 1000)} s more before it says "
                          "whether an earlier ledger sent rows: try again then", wait)  # fmt: skip
    if looked.unlooked:
        raise CannotSend(f"whether an earlier ledger sent rows cannot be seen: "
                         f"{'; '.join(looked.unlooked[:3])}")  # fmt: skip
    # Another instance may have entered and sent meanwhile: then the rows are those of this ledger.
    if looked.ghosts and not any(here.ledger.batches()):
        here.ledger.distrust(f"begun anew beside {len(looked.ghosts):,} rows with keys of ours in "
                             "Finance that it does not know")  # fmt: skip
        refuse_unready(here)


def refuse_unverified(here: Office, consignments: Sequence[Consignment]) -> None:
    """OData to names that nobody has proven is for the twin only. Raises CannotSend."""
    wanted = {(c.environment, c.kind) for c in consignments if c.delivery in ("odata", "dataverse")}
    real = {kind for environment, kind in wanted if not here.targets.is_twin(environment)}
    names = unproven(here.folder, here.settings, real) if real else []
    if names:
        raise CannotSend(
            f"{len(names)} names that would be sent are not proven: {', '.join(names[:4])} ... "
            "Run `fieldledger check --live`, which reads your $metadata, or deliver files"
        )


def unproven(folder: Path, settings: Settings, kinds: set[str]) -> list[str]:
    """Targets and columns of these kinds of document that neither schema nor tenant proves."""
    book = read_book(folder, settings, settings.as_of)
    found = []
    for mapping in book.mappings.values():
        if mapping.document not in kinds:
            continue
        table = book.schemas.get(mapping.target)
        if table is None or (table.tag != "documented" and not table.is_tenant):
            found.append(mapping.target)
        found += [f"{mapping.target}.{name}" for name, _, _ in unverified(mapping, book.schemas)]
    return sorted(set(found))
