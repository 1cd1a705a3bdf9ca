"""How a company bills: what may be edited on a draft, what the sources leave open, days, cents."""

from collections.abc import Iterable
from datetime import UTC, tzinfo
from zoneinfo import ZoneInfo

from msgspec import Struct

from adapter.reading.event_file import INFERRED, Editing, EventFile, Inferred
from adapter.reading.settings import Settings
from adapter.values.actuals import Actual
from adapter.values.money import STANDARD, CurrencyRule
from adapter.values.project_operations import Milestone, Retainer

BASELINE, UPDATED, MODERN = "baseline", "updated", "modern"


class Practice(Struct, frozen=True, kw_only=True):
    """What a workspace decides for the proformas of one company and currency."""

    editing: Editing = Editing(name="nothing", fields={})
    inferred: Inferred = INFERRED
    zone: tzinfo = UTC  # of the company: its days
    rule: CurrencyRule = STANDARD


class Backlog(Struct, frozen=True, kw_only=True):
    """What may be billed: unbilled sales, milestones and retainers, in any order."""

    actuals: Iterable[Actual] = ()
    milestones: Iterable[Milestone] = ()
    retainers: Iterable[Retainer] = ()


def editing_of(settings: Settings, file: EventFile) -> Editing:
    """Which fields may be edited, by the settings `invoice_editing` and `modern_invoicing`.

    The sources disagree (domain 5, 9.3), so the workspace says it: without `invoice_editing`
    the baseline tables hold, with it the updated ones, with `modern_invoicing` as well those
    of modern invoicing. A file that does not describe the chosen one allows nothing.
    """
    is_updated = settings.options.get("invoice_editing", True) is True
    is_modern = settings.options.get("modern_invoicing", False) is True
    name = BASELINE if not is_updated else MODERN if is_modern else UPDATED
    return file.editing.get(name) or Editing(name=name, fields={})


def practice_of(settings: Settings, file: EventFile, company: str, currency: str) -> Practice:
    """The practice of a company (its code) for amounts of a currency (its ISO code)."""
    said = settings.companies.get(company)
    return Practice(
        editing=editing_of(settings, file),
        inferred=file.inferred,
        zone=UTC if said is None else ZoneInfo(said.time_zone),
        rule=settings.currency_rule(currency),
    )
