"""A finding as JSON, as `check`, `test` and report.json give it."""

from typing import Any

from adapter.values.finding import Finding


def finding_json(finding: Finding) -> dict[str, Any]:
    """The finding as a dict of texts; places as `file:line:column`."""
    return {
        "code": finding.code,
        "level": finding.level,
        "message": finding.message,
        "place": str(finding.place),
        "notes": [{"place": str(n.place), "text": n.text} for n in finding.notes],
        "help": finding.help,
        "values": [list(pair) for pair in finding.values],
        "record": finding.record,
        "source": finding.source,
    }
