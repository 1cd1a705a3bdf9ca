"""Facts of billing: approval, payers, not-to-exceed, the invoice it is on."""

from decimal import Decimal

from adapter.deciding.dossier import Dossier
from adapter.deciding.facts import fact
from adapter.deciding.fold import Fold, Key
from adapter.values.actuals import Actual
from adapter.values.money import ZERO, discount_of
from adapter.values.project_operations import (
    ContractCustomer,
    Invoice,
    InvoiceLineDetail,
    TeamMember,
)

POSTED = "customer-invoice-posted"
NOT_COMMITTED = ("not-evaluated", "failed")
NO_LIMIT = ("retainer", "milestone")
LEVELS = ("contract-line-customer", "contract-line", "customer", "contract")
Limit = tuple[str, Key, Decimal]  # level, key of the sum, limit


@fact("approval.by_team_approver", "flag", "the approver is a project approver of the project",
      "yes", source="domain R-121")  # fmt: skip
def approval_by_team_approver(d: Dossier, _fold: Fold) -> bool | None:
    approval, project = d.approval, d.project
    if approval is None or project is None or approval.approved_by is None:
        return None
    members = d.records.where(TeamMember, "project", project.id)
    if not members:
        return None
    return any(m.is_approver and m.user == approval.approved_by for m in members)


def payers_of(d: Dossier) -> tuple[ContractCustomer, ...]:
    """The payers of the contract line, or of the whole contract if it has none of its own."""
    line = d.contract_line.id if d.contract_line is not None else None
    found = d.records.where(ContractCustomer, "contract_line", line)
    if found or d.contract is None:
        return found
    every = d.records.where(ContractCustomer, "contract", d.contract.id)
    return tuple(p for p in every if p.contract_line is None)


@fact("payer.is_of_line", "flag", "the payer of the actual belongs to its contract line", "yes",
      source="domain R-132, R-191")  # fmt: skip
def payer_is_of_line(d: Dossier, _fold: Fold) -> bool | None:
    if d.payer is None:
        return None
    return any(p.id == d.payer.id for p in payers_of(d))


@fact("payer.choices", "whole", "how many payers the contract line has", "1",
      source="domain R-191")  # fmt: skip
def payer_choices(d: Dossier, _fold: Fold) -> int:
    return len(payers_of(d))


def is_chargeable_sale(d: Dossier) -> bool:
    """Whether not-to-exceed applies to the actual at all (domain R-128)."""
    actual = d.actual
    return (
        actual.transaction_type == "unbilled-sales"
        and actual.billing_type == "chargeable"
        and actual.transaction_class not in NO_LIMIT
    )


def limits_of(d: Dossier) -> tuple[Limit, ...]:
    """The not-to-exceed limits that concern an actual, by level (domain R-126)."""
    if "limits" not in d.memo:
        d.memo["limits"] = _limits_of(d)
    return d.memo["limits"]  # type: ignore[return-value]


def _limits_of(d: Dossier) -> tuple[Limit, ...]:
    if not is_chargeable_sale(d):
        return ()
    currency = (d.currency.code if d.currency is not None else None) or ""
    contract = d.contract.id if d.contract is not None else ""
    found: list[Limit] = []
    payer = d.payer
    if payer is not None and payer.nte_limit is not None and payer.contract_line is not None:
        found.append((LEVELS[0], ("payer", payer.id, currency), payer.nte_limit))
    line = d.contract_line
    if line is not None and line.nte_limit is not None:
        found.append((LEVELS[1], ("line", line.id, currency), line.nte_limit))
    account = d.actual.customer or (payer.account if payer is not None else None)
    for other in d.records.where(ContractCustomer, "contract", contract):
        whole = other.contract_line is None and other.account == account
        if whole and other.nte_limit is not None:
            found.append((LEVELS[2], ("customer", contract, account or "", currency),
                          other.nte_limit))  # fmt: skip
    if d.contract is not None and d.contract.nte_limit is not None:
        found.append((LEVELS[3], ("contract", contract, currency), d.contract.nte_limit))
    return tuple(found)


def committed(d: Dossier, key: Key, fold: Fold) -> Decimal:
    """Sales already under a limit: invoiced ones of the records, then those folded before.

    Billed sales count wherever they stand in the order; unbilled sales count in fold order
    and only if they fit, as G7 of the domain reference has it.
    """
    before = ("billed", d.environment.name, *key)
    invoiced = fold.nte_committed.get(before)
    if invoiced is None:
        fold.commit_nte(before, billed(d, key))
        invoiced = fold.nte_committed[before]
    return fold.nte_committed.get(key, ZERO) + invoiced


def billed(d: Dossier, key: Key) -> Decimal:
    """Chargeable billed sales under a limit in the actual's currency, from the records."""
    field = {"payer": "contract_customer", "line": "contract_line"}.get(key[0], "contract")
    return sum(
        (a.amount or ZERO for a in d.records.where(Actual, field, key[1])
         if a.transaction_type == "billed-sales" and a.billing_type == "chargeable"
         and a.transaction_class not in NO_LIMIT and a.currency == d.actual.currency
         and (key[0] != "customer" or a.customer == key[2])),
        ZERO,
    )  # fmt: skip


def counts(d: Dossier) -> bool:
    """Whether an unbilled sale counts under its limits by its own record.

    An original that was invoiced is counted by its billed sale, so neither it nor its
    reversal counts. A sale that was reset to not evaluated or that the CRM refused commits
    nothing (domain R-130, G7), and so does the reversal of one.
    """
    actual, original = d.actual, d.original
    if actual.origin == "invoice-confirmation" or actual.billing_status == POSTED:
        return False
    if actual.nte_status in NOT_COMMITTED:
        return False
    return original is None or not (
        original.billing_status == POSTED or original.nte_status in NOT_COMMITTED
    )


def fold_nte(d: Dossier, fold: Fold) -> None:
    """Count an unbilled sale under its limits if it fits under all of them.

    Reversals give back what was committed.
    """
    amount, limits = d.actual.amount, limits_of(d)
    if not limits or amount is None or not counts(d):
        return
    if amount < 0 or all(committed(d, key, fold) + amount <= limit for _, key, limit in limits):
        for _, key, _limit in limits:
            fold.commit_nte(key, amount)


def _first_over(d: Dossier, fold: Fold) -> tuple[Limit, Decimal] | None:
    """The first limit that this sale would exceed, with what was committed before it.

    Not remembered: the fold may move between two questions about the same actual.
    """
    amount = d.actual.amount or ZERO
    for level, key, limit in limits_of(d):
        before = committed(d, key, fold)
        if amount > 0 and before + amount > limit:
            return (level, key, limit), before
    return None


@fact("nte.expected_status", "choice", "what the not-to-exceed test gives, by our own sums",
      "committed", choices=("committed", "failed", "not-applicable"),
      source="domain R-126, R-128")  # fmt: skip
def nte_expected_status(d: Dossier, fold: Fold) -> str:
    if not limits_of(d):
        return "not-applicable"
    return "failed" if _first_over(d, fold) else "committed"


@fact("nte.level", "text", "the first level whose limit is exceeded", "contract-line",
      source="domain R-126")  # fmt: skip
def nte_level(d: Dossier, fold: Fold) -> str | None:
    over = _first_over(d, fold)
    return over[0][0] if over else None


@fact("nte.limit", "number", "the limit that is exceeded", "1000.00", source="domain R-126")
def nte_limit(d: Dossier, fold: Fold) -> Decimal | None:
    over = _first_over(d, fold)
    return over[0][2] if over else None


@fact("nte.before", "number", "sales under that limit before this one", "970.00",
      source="domain R-126")  # fmt: skip
def nte_before(d: Dossier, fold: Fold) -> Decimal | None:
    over = _first_over(d, fold)
    return over[1] if over else None


@fact("actual.discount_expected", "number", "discount by percent, rounded by the currency", "17.99",
      source="domain R-066")  # fmt: skip
def actual_discount_expected(d: Dossier, _fold: Fold) -> Decimal | None:
    if d.actual.amount is None or d.actual.discount_percent is None:
        return None
    rule = d.settings.currency_rule(d.currency.code if d.currency else None)
    return discount_of(d.actual.amount, d.actual.discount_percent, rule)


def detail_of(d: Dossier) -> InvoiceLineDetail | None:
    """The line detail of a draft proforma that carries the actual; None if there is none."""
    if d.actual.transaction_type != "unbilled-sales":
        return None
    if "detail" not in d.memo:
        d.memo["detail"] = next(
            (detail for detail in d.records.where(InvoiceLineDetail, "actual", d.actual.id)
             if _is_draft(d.records.one(Invoice, detail.invoice))), None
        )  # fmt: skip
    return d.memo["detail"]  # type: ignore[return-value]


def _is_draft(invoice: Invoice | None) -> bool:
    return invoice is not None and invoice.invoice_status in ("draft", "in-review")


@fact("draft.number", "text", "proforma in draft or review that carries the actual", "INV-01034",
      source="domain 5, R-131")  # fmt: skip
def draft_number(d: Dossier, _fold: Fold) -> str | None:
    detail = detail_of(d)
    invoice = d.records.one(Invoice, detail.invoice) if detail is not None else None
    return None if invoice is None else invoice.number or invoice.id


@fact("draft.transaction_class", "text", "class of the line detail on that proforma", "material",
      source="domain R-137")  # fmt: skip
def draft_transaction_class(d: Dossier, _fold: Fold) -> str | None:
    detail = detail_of(d)
    return detail.transaction_class if detail is not None else None


@fact("invoice.details", "whole", "line details of the invoice that carries the actual", "17",
      group="invoice", source="domain R-139")  # fmt: skip
def invoice_details(d: Dossier, _fold: Fold) -> int | None:
    if d.invoice is None:
        return None
    return len(d.records.where(InvoiceLineDetail, "invoice", d.invoice.id))


@fact("retainer.has_pair", "flag", "the other half of a retainer is there: billed and unbilled",
      "yes", source="domain R-154, E20")  # fmt: skip
def retainer_has_pair(d: Dossier, _fold: Fold) -> bool | None:
    actual = d.actual
    if actual.transaction_class != "retainer" or actual.amount is None:
        return None
    other = {"billed-sales": "unbilled-sales", "unbilled-sales": "billed-sales"}
    return any(
        a.transaction_class == "retainer" and a.amount == -actual.amount
        and a.transaction_type == other.get(actual.transaction_type or "")
        for a in d.records.where(Actual, "contract", actual.contract)
    )  # fmt: skip
