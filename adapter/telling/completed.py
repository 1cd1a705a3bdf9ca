"""A report with every optional key present, so that views need not ask twice."""

from typing import Any

from adapter.telling.figures import Shown

_REPORT: dict[str, Any] = {
    "run": {}, "unreadable": [], "companies": [], "findings": [], "faults": [], "documents": [],
    "actuals": [], "schedule": [], "coverage": [], "inferred": [], "allowed": [],
}  # fmt: skip
_DOCUMENT: dict[str, Any] = {
    "totals": [], "actuals": [], "sent": None, "changes": [], "memo": {}, "findings": [],
    "digest": "", "payload": None, "schedule": [],
}  # fmt: skip
_OTHERS: dict[str, dict[str, Any]] = {
    "schedule": {"document": None, "reason": "", "contract": "", "project": ""},
    "coverage": {"applied": None},
    "companies": {"reason": "", "because": []},
    "faults": {"values": [], "help": "", "record": "", "owner": ""},
    "inferred": {"name": "", "why": ""},
    "findings": {"owner": "", "why": "", "source": "", "tag": "", "excerpt": []},
}
_PROVENANCE: dict[str, Any] = {"files": [], "records": [], "settings": {}, "sent": None}


def completed(report: Shown) -> dict[str, Any]:
    """The report with empty values where a key may be absent; nothing else changes."""
    whole: dict[str, Any] = {**_REPORT, **report}
    whole["documents"] = [{**_DOCUMENT, **d} for d in whole["documents"]]
    for name, defaults in _OTHERS.items():
        whole[name] = [{**defaults, **entry} for entry in whole[name]]
    whole["provenance"] = {**_PROVENANCE, **whole["provenance"]}
    return whole
