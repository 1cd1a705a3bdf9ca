"""Facts of billing: approval, payers, not-to-exceed, the invoice it is on."""

from decimal import Decimal

from adapter.deciding.dossier import Dossier
from adapter.deciding.facts import fact
from adapter.deciding.fold import Fold, Key
from adapter.values.actuals import Actual
from adapter.values.money import ZERO, discount_of
from adapter.values.project_operations import ContractCustomer, TeamMember

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
        and actual.transaction_class not in ("retainer", "milestone")
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
    return fold.nte_committed.get(key, ZERO) + billed(d, key)


def billed(d: Dossier, key: Key) -> Decimal:
    """Chargeable billed sales under a limit, from the records."""
    field = {"payer": "contract_customer", "line": "contract_line"}.get(key[0], "contract")
    found = d.records.where(Actual, field, key[1])
    return sum(
        (a.amount or ZERO for a in found
         if a.transaction_type == "billed-sales" and a.billing_type == "chargeable"
         and (key[0] != "customer" or a.customer == key[2])),
        ZERO,
    )  # fmt: skip


def fold_nte(d: Dossier, fold: Fold) -> None:
    """Count an unbilled sale under its limits if it fits under all of them.

    An original that was invoiced is counted by its billed sale; its reversal and every
    reversal of unbilled sales give back what was committed.
    """
    amount = d.actual.amount
    limits = limits_of(d)
    if not limits or amount is None or d.actual.billing_status == "customer-invoice-posted":
        return
    if d.actual.origin == "invoice-confirmation":
        return
    fits = all(committed(d, key, fold) + amount <= limit for _, key, limit in limits)
    if amount < 0 or fits:
        for _, key, _limit in limits:
            fold.commit_nte(key, amount)


def _first_over(d: Dossier, fold: Fold) -> tuple[Limit, Decimal] | None:
    """The first limit that this sale would exceed, with what was committed before it."""
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
