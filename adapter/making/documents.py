"""Documents: journals, proformas, invoice proposals and on-account documents to be written.

A document states what it keeps: the money of its source records equals the money of its
lines, per company, currency, transaction type and class. Its business key is made from
source identity, never from a clock or a counter of ours.
"""

import unicodedata
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from hashlib import sha256

from msgspec import Struct
from msgspec.structs import replace

from adapter.making.lined import Share
from adapter.values.codes import CODES
from adapter.values.finding import Finding, Place, shown
from adapter.values.money import ZERO

Source = str | bool | int | Decimal | object | None  # a source value of a mapping
AMOUNTS = frozenset((
    "amount", "discount", "fee", "tax", "extended", "non_chargeable", "complimentary", "available",
    "applied", "left", "limit", "billed", "draft", "existing_draft_amount",
))  # fmt: skip
ShareKey = tuple[str, str, str, str]  # company, currency, transaction type, class


class Kept(Struct, frozen=True, array_like=True):
    """One sum that must be the same before and after."""

    company: str
    currency: str
    type: str
    klass: str
    given: Decimal  # from the source records
    found: Decimal  # from the lines of the document

    @property
    def is_kept(self) -> bool:
        return self.given == self.found


class Total(Struct, frozen=True, array_like=True):
    """A total of a document; totals of different currencies are never added."""

    label: str
    currency: str
    amount: Decimal


class Document(Struct, frozen=True, kw_only=True):
    """A document that should exist on the other side, in our words."""

    key: str
    kind: str
    name: str
    company: str
    environment: str
    rule: str
    mapping: str
    header: dict[str, object]
    lines: list[dict[str, object]]
    totals: tuple[Total, ...]
    actuals: tuple[str, ...]
    schedule: tuple[str, ...] = ()  # ids of milestones and retainers it carries
    memo: dict[str, object] = {}
    keeps: tuple[Kept, ...] = ()
    findings: tuple[Finding, ...] = ()

    def total(self, label: str) -> Decimal:
        """The total with this label; zero if there is none."""
        return sum((t.amount for t in self.totals if t.label == label), ZERO)


def business_key(*parts: str | None) -> str:
    """SHA-256 of the parts, each in canonical Unicode (NFC) with its length before it.

    The length makes ("ab", "c") and ("a", "bc") different; a missing part is none of them.
    """
    whole = b""
    for part in parts:
        if part is None:
            whole += b"-:"
            continue
        body = (part if part.isascii() else unicodedata.normalize("NFC", part)).encode()
        whole += b"%d:%b" % (len(body), body)
    return sha256(whole).hexdigest()


def kept_sums(given: Iterable[Share], found: Iterable[Share]) -> tuple[Kept, ...]:
    """What went in beside what came out, per company, currency, type and class."""
    sums: dict[ShareKey, list[Decimal]] = {}
    for side, shares in enumerate((given, found)):
        for share in shares:
            key = (share.company, share.currency, share.type, share.klass)
            pair = sums.setdefault(key, [ZERO, ZERO])
            pair[side] += share.amount
    return tuple(Kept(*key, *sums[key]) for key in sorted(sums))


def check_kept(name: str, keeps: Sequence[Kept], code: str = "MAP530") -> tuple[Finding, ...]:
    """A finding for each sum that changed between the records and the document."""
    return tuple(
        Finding(
            code=code,
            level="error",
            message=f"{shown(name)} does not keep {kept.type} of {kept.klass} in "
            f"{kept.currency}: {kept.given:f} in, {kept.found:f} out",
            place=Place(name),
            help="report this as a fault of fieldledger; the document is not sent",
            values=(("in", f"{kept.given:f}"), ("out", f"{kept.found:f}")),
        )
        for kept in keeps
        if not kept.is_kept
    )


def finding_of(
    code: str, record: str, message: str, help: str, *values: tuple[str, object]
) -> Finding:
    """An error about one record, with the values that explain it."""
    return Finding(
        code=code,
        level="error",
        message=message,
        place=Place(record),
        help=help,
        record=record,
        values=tuple((name, shown(value)) for name, value in values),
    )


def sourced_finding(
    code: str, record: str, message: str, help: str, source: str, *values: tuple[str, object]
) -> Finding:
    """Like `finding_of`, with the level of its code and where its rule stands."""
    found = finding_of(code, record, message, help, *values)
    return replace(found, level=CODES[code].level, source=source)


def with_canonical(
    values: dict[str, object], exact: Callable[[Decimal], Decimal]
) -> dict[str, object]:
    """The values with their amounts in the one form that `exact` gives; details have it."""
    found: dict[str, object] = {}
    for name, value in values.items():
        if isinstance(value, Decimal):
            found[name] = exact(value) if name in AMOUNTS else value
        elif isinstance(value, list) and name in ("not_to_exceed", "advances"):
            found[name] = [with_canonical(one, exact) for one in value]
        else:
            found[name] = value
    return found


def totals_of(
    sums: Iterable[tuple[str, str, Decimal]],
    canonical: Callable[[str, Decimal], Decimal] = lambda _, amount: amount,
) -> tuple[Total, ...]:
    """Totals by label and currency, in the order in which the labels first appear.

    `canonical` puts an amount of a currency into its one form.
    """
    added: dict[tuple[str, str], Decimal] = {}
    for label, currency, amount in sums:
        added[label, currency] = added.get((label, currency), ZERO) + amount
    return tuple(
        Total(label, currency, canonical(currency, amount))
        for (label, currency), amount in added.items()
    )
