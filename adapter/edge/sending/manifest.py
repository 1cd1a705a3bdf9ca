"""What lies in the outbox, plan by plan: files, what belongs together, the order to import.

Written beside the files as text and as JSON, from the ledger alone; writing again gives the same.
"""

import json
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from adapter.edge.ledger import StepRow
from adapter.edge.sending.asking import by_batch
from adapter.edge.sending.office import Office
from adapter.edge.sending.status_command import money_of
from adapter.edge.written import write_text
from adapter.making.steps import DONE
from adapter.reading.setting_bounds import FILES
from adapter.telling.figures import wrapped

WIDTH = 80
PARTS = ("header", "line", "detail")


def write_manifests(here: Office) -> list[str]:
    """One manifest for each plan of which rows left as files; their names. Raises OSError,
    LedgerError.
    """
    rows = [row for row in here.ledger.steps() if row.delivery == FILES and row.reference
            and row.state in DONE]  # fmt: skip
    if not rows:
        return []
    plans: dict[str, list[list[StepRow]]] = {}
    batches = by_batch(rows)
    for batch in here.ledger.batches():
        if batch["id"] in batches:
            plans.setdefault(batch["plan"], []).append(batches[batch["id"]])
    folder = here.folder / here.settings.sending.folder
    names = []
    for plan, documents in plans.items():
        told = manifest(plan, documents)
        name = f"manifest-{plan}"
        write_text(folder / f"{name}.json", json.dumps(told, ensure_ascii=False, indent=1) + "\n")
        write_text(folder / f"{name}.txt", manifest_text(told))
        names.append(f"{here.settings.sending.folder}/{name}.txt")
    return names


def manifest(plan: str, documents: Iterable[list[StepRow]]) -> dict[str, Any]:
    """Version 1: documents in the order to import them, each with its files in theirs."""
    told = [_document(number, rows) for number, rows in enumerate(documents, start=1)]
    return {"manifest": 1, "plan": plan, "documents": told,
            "rows": sum(one["rows"] for one in told)}  # fmt: skip


def _document(number: int, rows: list[StepRow]) -> dict[str, Any]:
    first = rows[0]
    files: dict[tuple[int, str], list[StepRow]] = {}
    for row in rows:
        files.setdefault((PARTS.index(row.step.part), row.reference), []).append(row)
    links = sorted({column for row in rows for column in row.step.links})
    return {
        "order": number, "document": first.document, "kind": first.kind,
        "company": first.step.company, "environment": first.environment, "system": first.system,
        "rows": len(rows),
        "totals": [{name: one[name] for name in ("side", "currency", "amount")}
                   for one in money_of(rows)],
        "linked_by": links,
        "files": [
            {"order": at, "part": some[0].step.part, "entity": some[0].step.entity,
             "file": f"{first.environment}/{name}", "rows": len(some),
             "package": f"{first.environment}/{name.removesuffix('.jsonl')}.zip"
             if first.system == "finance" else None}
            for at, ((_, name), some) in enumerate(sorted(files.items()), start=1)
        ],
    }  # fmt: skip


def manifest_text(told: dict[str, Any]) -> str:
    """The manifest for whoever imports: 80 columns, names of files whole."""
    lines = [f"Plan {told['plan']}: {len(told['documents']):,} documents, {told['rows']:,} rows."]
    lines += wrapped("Import the documents in this order, and the files of each in theirs: a "
                     "header before its lines. Then `fieldledger settle` asks what the import "
                     "made.", WIDTH)  # fmt: skip
    for one in told["documents"]:
        lines += ["", f"{one['order']}. {one['company']} {one['document']} ({one['kind']}, "
                  f"{one['system']} of {one['environment']}), {one['rows']:,} rows"]  # fmt: skip
        lines += [f"   {t['side'] or '-':5} {t['currency']} {Decimal(t['amount']):>16,.2f}"
                  for t in one["totals"]]  # fmt: skip
        for file in one["files"]:
            lines.append(f"   {one['order']}.{file['order']} {file['part']}, {file['rows']:,} rows "
                         f"of {file['entity']}")
            lines.append(f"       {file['file']}")
            if file["package"]:
                lines.append(f"       {file['package']}")
        if one["linked_by"]:
            lines += [f"   {line}" for line in wrapped(
                f"{', '.join(one['linked_by'])} holds the beginning of our key of the header until "
                "the import has numbered it.", WIDTH - 3)]  # fmt: skip
    return "\n".join(lines) + "\n"
