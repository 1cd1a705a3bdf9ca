"""Explanations of every kind, to try the view with."""

from typing import Any

from adapter.telling.explanation import (
    ActualExplained,
    ActualHead,
    BilledExplained,
    Check,
    CodeExplained,
    DocumentExplained,
    DocumentHead,
    Fired,
    LineExplained,
    RuleLine,
    ScheduledHead,
)


def rule_line(text: str, held: bool, *values: tuple[str, str]) -> RuleLine:
    return {"text": text, "held": held, "values": [list(pair) for pair in values]}


def fired(rule: str, name: str, place: str, *lines: RuleLine) -> Fired:
    return {"rule": rule, "name": name, "place": place, "lines": list(lines)}


HEAD: ActualHead = {
    "name": "A-000347", "id": "0b6e", "company": "USMF", "work_order": "WO-00912",
    "project": "P-0007", "date": "2026-11-14", "type": "unbilled-sales", "quantity": "2.00",
    "unit": "h", "amount": "150.10", "currency": "USD", "description": "<script>alert(1)</script>",
    "status": "held",
}  # fmt: skip
DOCUMENT: DocumentHead = {
    "kind": "journal", "name": "USMF 2026-11 (1)", "key": "9b1e" * 16, "status": "new",
    "lines": 358, "totals": [{"label": "cost", "currency": "USD", "amount": "128440.10"}],
}  # fmt: skip
MODEL = fired(
    "DEP210", "company-integrated-with-finance", "rules/deployment.toml:18",
    rule_line("company.project_operations_integrated", True,
              ("company.project_operations_integrated", "yes")),
    rule_line("company.in_finance", True, ("company.in_finance", "yes")),
)  # fmt: skip
ROUTE = fired(
    "RTE420", "integrated-to-journal", "rules/routing.toml:18",
    rule_line("actual.transaction_type in ['cost', 'unbilled-sales']", True,
              ("actual.transaction_type", "unbilled-sales")),
)  # fmt: skip
FAULT = fired(
    "REQ304", "billing-account-not-on-contract", "rules/requirements.toml:10",
    rule_line("present(project.contract)", True, ("project.contract", "PC-0007")),
    rule_line("work_order.billing_account != contract_line.customer", True,
              ("work_order.billing_account", "ACC-1044"),
              ("contract_line.customer", "ACC-1001")),
)  # fmt: skip
NEAR = fired(
    "REQ308", "serial-quantity-not-one", "rules/requirements-inventory.toml:58",
    rule_line("actual.tracked in ['serial', 'both']", False, ("actual.tracked", "none")),
)


def actual(status: str = "held") -> ActualExplained:
    is_held = status == "held"
    return {
        "about": "actual",
        "actual": {**HEAD, "status": status},
        "model": {"company": "USMF", "word": "integrated", "because": MODEL},
        "traits": [["item.kind", "service", "TRT101"]],
        "checks": {
            "fired": [{**FAULT, "level": "error", "message": "It bills somebody else.",
                       "help": "Change the billing account on the work order, or add the "
                       "customer to the contract line.", "owner": "project manager"}]
            * is_held,
            "nearly": [{**NEAR, "level": "error", "message": "", "help": ""}],
            "passed": 31, "not_applicable": 12,
        },
        "routes": [
            {"channel": "ledger", "answer": "hold" if is_held else "send", "reason": "",
             "because": fired("REQ304", "billing-account-not-on-contract",
                              "rules/requirements.toml:10") if is_held else ROUTE,
             "would_be": ROUTE if is_held else None},
            {"channel": "billing", "answer": "leave", "reason": "Cost is never billed.",
             "because": fired("RTE470", "cost-is-not-billed", "rules/routing-billing.toml:40")},
        ],
        "documents": [] if is_held else [DOCUMENT],
    }  # fmt: skip


def line() -> LineExplained:
    return {
        "about": "line", "name": "WO-00912, service Compressor check",
        "header": [["status", "used"], ["quantity", "2.00 h"]],
        "actuals": [actual(), actual("written")],
    }  # fmt: skip


SCHEDULED: ScheduledHead = {
    "kind": "milestone", "id": "m-1", "name": "Commissioning", "contract": "PC-0007",
    "project": "P-0007", "date": "2026-11-10", "amount": "3000.00", "currency": "USD",
    "status": "held", "delivery": "dataverse",
    "reason": "the milestones come to 5000.00, contracted are 5500.00",
}  # fmt: skip
SHORT: Check = {
    "rule": "PRO723", "name": "milestones-do-not-add-up", "place": "", "lines": [],
    "level": "error", "message": "The milestones do not come to the contracted amount.",
    "help": "Add, change or delete milestones on the invoice schedule of the contract line.",
}  # fmt: skip


def contract_line() -> BilledExplained:
    return {
        "about": "contract-line", "name": "contract line Maintenance T&M of PC-0007",
        "header": [["billing method", "time-and-material"]],
        "around": [["contract", "PC-0007 Chiller service 2026"], ["payer", "ACC-1001 60 %"],
                   ["payer", "ACC-1002 40 %"]],
        "checks": [], "schedule": [{**SCHEDULED, "status": "written", "reason": ""}, SCHEDULED],
        "actuals": [
            {**HEAD, "status": "written", "ledger": ["send", "RTE420"],
             "billing": ["send", "RTE540"]},
            {**HEAD, "ledger": ["hold", "REQ304"], "billing": ["hold", "REQ304"]},
        ],
        "why_not": [{"answer": "hold", "rule": "REQ304", "name": "billing-account-not-on-contract",
                     "reason": "would be RTE540", "actuals": 1}],
        "documents": [{**DOCUMENT, "kind": "proforma", "name": "PC-0007 ACC-1001 USD", "lines": 1,
                       "line": [["priceperunit", "150.10"]]}],
    }  # fmt: skip


def milestone(status: str = "held") -> BilledExplained:
    is_held = status == "held"
    return {
        "about": "milestone", "name": "milestone Commissioning of PC-0007",
        "header": [["invoice status", "ready"]], "around": [["payer", "ACC-1001 100 %"]],
        "scheduled": {**SCHEDULED, "status": status, "reason": SCHEDULED["reason"] * is_held},
        "checks": [SHORT] * is_held, "schedule": [], "actuals": [], "why_not": [],
        "documents": [],
    }  # fmt: skip


def document() -> DocumentExplained:
    return {"about": "document", "document": DOCUMENT, "because": ROUTE, "actuals": [HEAD]}


def code() -> CodeExplained:
    return {
        "about": "code", "code": "REQ304", "name": "billing-account-not-on-contract",
        "level": "error", "asks": "require", "place": "rules/requirements.toml:10",
        "tag": "documented", "owner": "project manager", "domain": ["R-013"],
        "rule_text": ["[[rule]]", 'id = "REQ304"'],
        "message": "Work order {work_order.number} bills {work_order.billing_account}.",
        "why": "An invoice to an account outside the contract cannot be confirmed.",
        "source": "learn: field-service/project-operations-integration-projects",
        "fires": 'name = "somebody else is billed"\nfind = ["REQ304"]',
        "passes": 'name = "a happy actual"\nfind = []',
        "help": "Change the billing account on the work order.",
    }  # fmt: skip


ALL: dict[str, Any] = {
    "held": actual(),
    "written": actual("written"),
    "unchanged": actual("unchanged"),
    "left": actual("left"),
    "line": line(),
    "contract line": contract_line(),
    "contract line of nothing": {**contract_line(), "actuals": [], "schedule": [], "why_not": [],
                                 "documents": []},
    "milestone held": milestone(),
    "milestone written": milestone("written"),
    "milestone held by its company": {**milestone(), "checks": []},
    "retainer": {**milestone("written"), "about": "retainer", "name": "retainer 1 of PC-0007"},
    "document": document(),
    "code": code(),
}
