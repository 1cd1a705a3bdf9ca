"""Sending: exactly what a plan said, exactly one effect, or a visible parked record."""

from pathlib import Path

from adapter.reading.settings import Settings

VALIDATE = "validate-only"


def is_wanted(folder: Path, settings: Settings) -> bool:
    """Whether a workspace has a ledger, or a company that sends and so needs one."""
    said = settings.ledger
    if said.url_from or "://" in said.url or (folder / said.url).is_file():
        return True
    return any(company.delivery != VALIDATE for company in settings.companies.values())
