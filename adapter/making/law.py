"""The law of sales, per class and currency, from the actuals alone.

approved + added on the invoice + repricing = billed + open + cancelled + moved to
non-chargeable (issue 4, point 6). Nothing here knows the table of events or which event
created what: a sum of signed amounts on the right, what came in on the left. Amounts are
gross, before discount, fee and tax, in the currency of the actual.

Added is what an invoice bills without an approval: E16 with unbilled sales of its own, others
(a milestone, E17 of a fixed price line, E32) as they are. Time and material always has unbilled
sales, so billed sales without any are never added there, and the law breaks.

A retainer is its own class: nothing is approved or added, what is billed of it is open with
the other sign. What no connection ties to its original counts as repricing where an invoice
or a correction made it, else as approved; an adjusted original that nothing replaces is
cancelled, or taken back from where it came in.
"""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

import msgspec
from msgspec import Struct

from adapter.making.documents import finding_of
from adapter.making.law_links import MethodOf, incomplete, is_direct, unknown
from adapter.making.links import Links, is_reversal
from adapter.making.new_actuals import (
    ADJUSTED,
    BILLED,
    CANCELED,
    POSTED,
    RETAINER,
    UNBILLED,
)
from adapter.reading.event_file import INFERRED, Inferred
from adapter.values.actuals import Actual, Connection
from adapter.values.finding import Finding, Place
from adapter.values.money import STANDARD, ZERO, CurrencyRule, amount_of, rounded

ClassAndCurrency = tuple[str, str]
OF_INVOICES = ("invoice-confirmation", "correction")


class Terms(Struct, kw_only=True):
    """The seven terms of one class in one currency."""

    approved: Decimal = ZERO
    added: Decimal = ZERO
    repriced: Decimal = ZERO
    billed: Decimal = ZERO
    open: Decimal = ZERO
    cancelled: Decimal = ZERO
    non_chargeable: Decimal = ZERO

    @property
    def came_in(self) -> Decimal:
        """The left side: what was approved, added and repriced."""
        return self.approved + self.added + self.repriced

    @property
    def went_out(self) -> Decimal:
        """The right side: what is billed, open, cancelled or moved to non-chargeable."""
        return self.billed + self.open + self.cancelled + self.non_chargeable

    @property
    def is_kept(self) -> bool:
        """Whether the law holds."""
        return self.came_in == self.went_out


def balance(
    actuals: Iterable[Actual],
    connections: Iterable[Connection] = (),
    *,
    rules: Mapping[str, CurrencyRule] | None = None,
    inferred: Inferred = INFERRED,
    method_of: MethodOf = unknown,
) -> dict[ClassAndCurrency, Terms]:
    """The terms per class and currency, keys sorted; works on created and on read records.

    The currency is the actual's own link, empty if it has none; `rules` gives the rounding
    of each (half up to two decimals where nothing is said). Where the billed sales of
    applied retainers are positive (a setting), retainers are left out.
    """
    return _balance(newest(actuals), Links(connections), rules or {}, inferred, method_of)


def _balance(
    known: Mapping[str, Actual], links: Links, rules: Mapping[str, CurrencyRule],
    inferred: Inferred, method_of: MethodOf,
) -> dict[ClassAndCurrency, Terms]:  # fmt: skip
    found: dict[ClassAndCurrency, Terms] = {}
    for actual in known.values():
        if actual.transaction_type not in (UNBILLED, BILLED):
            continue
        is_retainer = actual.transaction_class == RETAINER
        if is_retainer and inferred.applied_retainer == "positive":
            continue
        key = _key(actual)
        terms = found.get(key)
        if terms is None:
            terms = found[key] = Terms()
        _goes_out(terms, actual, links, known)
        if not is_retainer and not is_reversal(actual, links):
            rule = rules.get(actual.currency or "", STANDARD)
            _comes_in(terms, actual, links, known, rule, method_of)
    return {key: found[key] for key in sorted(found)}


def newest(actuals: Iterable[Actual]) -> dict[str, Actual]:
    """Each actual once, in its highest version, whatever the order of arrival.

    Of equal versions that differ, the last by content: which one is right nobody can say.
    """
    known: dict[str, Actual] = {}
    for actual in actuals:
        before = known.get(actual.id)
        if before is None or _rank(actual, before) > _rank(before, actual):
            known[actual.id] = actual
    return known


def _rank(actual: Actual, other: Actual) -> tuple[int, bytes]:
    """Where a row stands beside another of its id; contents only where versions are equal."""
    version = actual.version or 0
    is_tie = version == (other.version or 0) and actual != other
    return version, msgspec.json.encode(actual) if is_tie else b""


def _key(actual: Actual) -> ClassAndCurrency:
    return (actual.transaction_class or "", actual.currency or "")


def _goes_out(terms: Terms, actual: Actual, links: Links, known: Mapping[str, Actual]) -> None:
    """Signed sums: a reversed original and its reversal are nothing together."""
    amount = actual.amount or ZERO
    if actual.billing_type != "chargeable":
        terms.non_chargeable += amount
    elif actual.transaction_type == BILLED:
        terms.billed += amount
    else:
        terms.open += amount
    if _is_cancelled(actual, links, known):
        terms.cancelled += amount


def _is_cancelled(actual: Actual, links: Links, known: Mapping[str, Actual]) -> bool:
    """Unbilled sales that were taken back and that nothing replaced."""
    was_adjusted = actual.adjustment_status == ADJUSTED and actual.billing_status != POSTED
    return (
        (was_adjusted or actual.billing_status == CANCELED)
        and actual.transaction_type == UNBILLED
        and actual.transaction_class != RETAINER
        and not is_reversal(actual, links)
        and not any(id in known for id in links.replacers(actual.id))
    )


def _comes_in(
    terms: Terms, actual: Actual, links: Links, known: Mapping[str, Actual], rule: CurrencyRule,
    method_of: MethodOf,
) -> None:  # fmt: skip
    amount = actual.amount or ZERO
    replaced, replacers = links.replaced(actual.id), links.replacers(actual.id)
    originals = [known[id] for id in replaced if id in known] if replaced else []
    made = [known[id] for id in replacers if id in known] if replacers else []
    is_alone = (
        actual.transaction_type == BILLED
        and not links.billed_from(actual.id)
        and is_direct(actual, method_of)
    )
    if not originals:
        if is_alone or (actual.transaction_type == UNBILLED and actual.origin == "invoice-edit"):
            terms.added += amount
        elif actual.transaction_type == UNBILLED:
            if actual.origin in OF_INVOICES:
                terms.repriced += amount
            else:
                terms.approved += amount
    elif any(_key(original) != _key(actual) for original in originals):
        terms.repriced += amount  # it came from another class or currency
    if made:
        _replaced(terms, actual, made, rule)
    elif actual.adjustment_status == ADJUSTED and not _is_cancelled(actual, links, known):
        if is_alone:
            terms.added -= amount
        else:
            terms.repriced -= amount


def _replaced(terms: Terms, original: Actual, made: list[Actual], rule: CurrencyRule) -> None:
    """What replacing an original brought in: a higher quantity adds, the rest is repricing.

    A lower quantity is neither: what got lost on the way stays missing, and the law says so.
    """
    same = [one for one in made if _key(one) == _key(original)]
    was, amount = original.quantity or ZERO, original.amount or ZERO
    now = sum((one.quantity or ZERO for one in made), ZERO)
    if abs(now) < abs(was):
        amount = rounded(amount * now / was, rule)
    is_more = same and now > was
    added = amount_of(now - was, same[0].price or ZERO, rule) if is_more else ZERO
    terms.added += added
    terms.repriced += sum((one.amount or ZERO for one in same), ZERO) - amount - added


def broken(
    actuals: Iterable[Actual],
    connections: Iterable[Connection] = (),
    *,
    rules: Mapping[str, CurrencyRule] | None = None,
    inferred: Inferred = INFERRED,
) -> list[Finding]:
    """Where the law does not hold (LAW701), what was reversed (LAW702) or billed (LAW703)
    twice, and what lacks a connection (LAW704, where there are connections at all)."""
    pairs = list(connections)
    return judged_law(newest(actuals), Links(pairs), bool(pairs), rules, inferred)[1]


def judged_law(
    known: Mapping[str, Actual], links: Links, is_connected: bool,
    rules: Mapping[str, CurrencyRule] | None = None, inferred: Inferred = INFERRED,
    method_of: MethodOf = unknown,
) -> tuple[dict[ClassAndCurrency, Terms], list[Finding]]:  # fmt: skip
    """The terms as `balance` gives them and what `broken` finds, in one go.

    `known` are actuals by id, `is_connected` says whether there are connections at all.
    """
    terms = _balance(known, links, rules or {}, inferred, method_of)
    found = [_unkept(key, one) for key, one in terms.items() if not one.is_kept]
    for actual in known.values():
        again = links.reversals(actual.id)
        if len(again) > 1 and (again := _there(again, known)):
            found.append(finding_of(
                "LAW702", actual.id, f"{len(again)} actuals reverse the same actual",
                "Find out which one is too many; only a correction can take it back.",
                ("reversals", ", ".join(sorted(again)))))  # fmt: skip
        bills = links.bills(actual.id)
        if len(bills) > 1 and (bills := _there(bills, known)):
            found.append(finding_of(
                "LAW703", actual.id, f"{len(bills)} billed sales bill the same unbilled sales",
                "Credit the invoice that bills it a second time.",
                ("billed sales", ", ".join(sorted(bills)))))  # fmt: skip
        text = incomplete(actual, links, known, method_of) if is_connected else ""
        if text:
            found.append(Finding(
                code="LAW704", level="warning", message=text, place=Place(actual.id),
                record=actual.id, help="Look for the transaction connection in the CRM; a "
                "partial export may have left it out."))  # fmt: skip
    return terms, found


def _there(partners: Sequence[str], known: Mapping[str, Actual]) -> Sequence[str]:
    """Those of several partners that are there; none where it is a single one."""
    found = [id for id in partners if id in known]
    return found if len(found) > 1 else ()


def _unkept(key: ClassAndCurrency, terms: Terms) -> Finding:
    klass, currency = key
    name = f"{klass or '(no class)'} {currency}".strip()
    return finding_of(
        "LAW701", name, f"what came in is {terms.came_in}, what went out is {terms.went_out}",
        "Look for a reversal that is missing, doubled or has the wrong sign.",
        *((term, getattr(terms, term)) for term in Terms.__struct_fields__),
    )  # fmt: skip
