"""The details of open proformas as moments of a story, with what was edited on them.

What a draft bills is what its details say, and not what was approved: that an actual is on a
draft (E11) counts with it, so a detail adds only the difference that people made (R-125).
"""

from collections.abc import Collection, Iterable, Iterator
from decimal import Decimal

from msgspec.structs import replace

from adapter.making.new_actuals import DRAFTED, READY, RETAINER
from adapter.making.proforma_compared import EDITED
from adapter.making.proforma_life import Entry
from adapter.making.proforma_seen import OPEN, Seen, is_project_invoice, seen_of
from adapter.making.proforma_sums import UNEDITED, amounts_of
from adapter.making.story_effects import CHARGEABLE, effects_of, net_of
from adapter.making.story_parts import NONE, Effects, Moment, Subject
from adapter.making.story_scope import Scope
from adapter.making.story_words import Words
from adapter.making.verdict_parts import name_of
from adapter.reading.settings import Settings
from adapter.reading.store import Records
from adapter.values.actuals import Actual
from adapter.values.money import ZERO, CurrencyRule
from adapter.values.project_operations import Invoice, InvoiceLineDetail

OF_ALL = ("contract", "invoice")  # subjects to which a whole proforma belongs
BILLABLE = (DRAFTED, READY)  # what may be on a draft


def told_details(
    subject: Subject, scope: Scope, records: Records, settings: Settings, words: Words
) -> Iterator[Moment]:
    """A moment for each detail of an open proforma, as far as the story is about it."""
    drafts = [i for i in scope.invoices if i.invoice_status in OPEN and is_project_invoice(i)]
    if not drafts or not records.has(InvoiceLineDetail):
        return
    only = None if subject.kind in OF_ALL else {actual.id for actual in scope.actuals}
    for invoice in drafts:
        seen = seen_of(invoice, records)
        if seen.has_details:
            yield from _details(seen, only, settings, words, records)


def _details(
    seen: Seen, only: Collection[str] | None, settings: Settings, words: Words, records: Records
) -> Iterator[Moment]:
    for entry in seen.draft.entries:
        now = records.one(Actual, entry.id)
        if now is None or entry.actual is None or (only is not None and entry.id not in only):
            continue
        currency = words.currency[now.currency]
        rule = settings.currency_rule(currency)
        worth, effects = _worth(entry, now, rule)
        product = words.product[now.product]
        what = now.description or product or now.write_in_product or "no description"
        edited = list(_edited(entry))
        said = f"correction of {what}" if entry.is_correction else f"detail of {what}"
        yield _moment(
            seen.invoice, key=now.id, name=name_of(now.id), because="E11", amount=worth,
            what=", ".join((said, *edited)), currency=currency, effects=effects,
            places=words.places(now),
        )  # fmt: skip
    for detail in seen.apart if only is None else ():
        kind = detail.transaction_class or "detail"
        is_paid = detail.billing_type in (None, CHARGEABLE)
        amount = (detail.amount or ZERO) if is_paid else ZERO
        is_revenue = amount and kind != RETAINER and not detail.is_correction
        yield _moment(
            seen.invoice, key=detail.id, name=f"detail {detail.id[:8]}", amount=amount,
            what=kind if is_paid else f"{kind}, {detail.billing_type}",
            currency=words.currency[seen.invoice.currency],
            effects=(("on_draft", amount),) if is_revenue else (),
            places=(NONE, NONE, words.contract_line[detail.contract_line], NONE),
        )  # fmt: skip


def _moment(invoice: Invoice, **more: object) -> Moment:
    return Moment(stage="drafted", day=invoice.invoice_date, type="drafted",
                  values=(("proforma", invoice.number or invoice.id),),
                  **more)  # type: ignore[arg-type]  # fmt: skip


def _worth(entry: Entry, now: Actual, rule: CurrencyRule) -> tuple[Decimal, Effects]:
    """What a detail adds to its proforma before tax, and how that differs from the actual."""
    worth, _ = amounts_of(entry, rule)
    if entry.is_correction:  # it asks for its right amount less what was billed
        billed, _ = amounts_of(replace(entry, **UNEDITED), rule)
        return worth - billed, (("on_draft", worth - billed),)
    if now.billing_status not in BILLABLE or now.adjustment_status is not None:
        return worth, ()  # it may not be there (PRO715)
    counted = dict(effects_of(now, net_of(now))).get("on_draft", ZERO)
    changed = worth - counted
    return worth, (("on_draft", changed),) if changed else ()


def _edited(entry: Entry) -> Iterable[str]:
    for field in EDITED:
        value = getattr(entry, field)
        if value is not None:
            was = getattr(entry.actual, field)
            said = f"{value:f}" if isinstance(value, Decimal) else value
            before = f"{was:f}" if isinstance(was, Decimal) else was or "none"
            yield f"{field.replace('_', ' ')} {said} instead of {before}"
