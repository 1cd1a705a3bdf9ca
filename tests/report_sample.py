"""A report of version 1, small enough to read and consistent to the cent.

The views are tested with it, so that they never need the planner. Some names and
descriptions are hostile: whatever a record says must stay text in every view.
`python -m tests.report_sample` writes `tests/samples/report.json`.
"""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.report_parts import (
    BROKEN_OUT,
    CHANGED,
    DRAFT,
    FORMULA,
    JOURNAL,
    MESSAGES,
    NAMES,
    PROFORMA,
    REASONS,
    RIGHT_TO_LEFT,
    RULES,
    SCRIPT,
    SENT,
    guid,
    make_coverage,
    make_faults,
    make_provenance,
    make_schedule,
)

SAMPLE = Path(__file__).parent / "samples" / "report.json"
WRITTEN = ("written", "unchanged", "left", "held")
MODEL = {"USMF": "integrated", "CAMF": "core"}
TYPES = {"unbilled": "unbilled-sales"}
CURRENCY = {"USMF": "USD", "CAMF": "CAD"}

# name, company, work order, description, day, type, class, quantity, amount,
# ledger, billing (a document's letter, or H hold or L leave with the rule), findings
ROWS = """
A-000341|USMF|WO-00908|Filter cartridge 20 in|2026-11-02|cost|material|2.00|96.40|J|LRTE470|
A-000342|USMF|WO-00908|Filter cartridge 20 in|2026-11-02|unbilled|material|2.00|150.10|J|D|
A-000343|USMF|WO-00908|Replace filter, two visits|2026-11-03|cost|time|3.50|210.00|J|LRTE470|
A-000344|USMF|WO-00908|Replace filter, two visits|2026-11-03|unbilled|time|3.50|402.50|J|D|
A-000345|USMF|WO-00910|Pump seal kit|2026-11-06|cost|material|1.00|640.00|J|LRTE470|REQ330
A-000346|USMF|WO-00910|Pump seal kit|2026-11-06|unbilled|material|1.00|812.50|J|D|REQ330
A-000347|USMF|WO-00912|Compressor check|2026-11-14|unbilled|time|2.00|2150.10|HREQ304|HREQ304|REQ304
A-000348|USMF|WO-00912|{SCRIPT}|2026-11-14|cost|time|2.00|120.00|HREQ304|HREQ304|REQ304
A-000351|USMF|WO-00913|{BROKEN}|2026-11-15|unbilled|material|1.00|1099.90|HREQ304|HREQ304|REQ304
A-000352|USMF|WO-00915|Water meter|2026-11-17|cost|material|2.00|75.00|HREQ308|HREQ308|REQ308
A-000353|USMF|WO-00915|Water meter|2026-11-17|unbilled|material|2.00|131.30|HREQ308|HREQ308|REQ308
A-000354|USMF|WO-00916|{FORMULA}|2026-11-18|cost|expense|1.00|48.25|J|LRTE470|
A-000355|USMF|WO-00901|Travel to site|2026-11-01|cost|expense|1.00|512.50|S|LRTE470|
A-000356|USMF|WO-00901|Travel to site|2026-11-01|unbilled|expense|1.00|700.00|S|C|
A-000357|USMF|WO-00916|{RTL}|2026-11-19|cost|material|-1.00|-35.00|LRTE435|LRTE470|
A-000401|CAMF|WO-01001|Chiller inspection|2026-11-04|cost|time|4.00|260.00|LRTE430|LRTE470|
A-000402|CAMF|WO-01001|Chiller inspection|2026-11-04|unbilled|time|4.00|520.00|LRTE430|P|
A-000403|CAMF|WO-01002|Refrigerant R-410A|2026-11-09|cost|material|6.00|318.00|LRTE430|LRTE470|
A-000404|CAMF|WO-01002|Refrigerant R-410A|2026-11-09|unbilled|material|6.00|498.00|LRTE430|P|REQ330
A-000405|CAMF|WO-01003|Emergency call|2026-11-21|unbilled|time|1.50|360.00|HREQ304|HREQ304|REQ304
"""
LETTERS = {"J": JOURNAL, "S": SENT, "D": DRAFT, "C": CHANGED, "P": PROFORMA}


def sample_report(copies: int = 1) -> dict[str, Any]:
    """A whole report; `copies` repeats its actuals for tests of size."""
    actuals = [a for i in range(copies) for a in _actuals(i)]
    documents = _documents(actuals)
    findings = [_finding(code, actuals) for code in ("REQ304", "REQ308", "REQ330")]
    count = {s: sum(a["status"] == s for a in actuals) for s in (*WRITTEN, "different")}
    equation = [_channel("ledger", actuals), _channel("billing", actuals)]
    held = count["held"] + count["different"]
    return {
        "report": 1,
        "plan": {
            "id": "7f3a9c0042ab", "as_of": "2026-11-30", "workspace": "Contoso", "from": None,
            "to": None, "adapter": "0.1.0", "mode": "plan",
        },
        "run": {"at": "2026-11-30T18:04:00Z", "user": "k.pieters", "host": "desk-12"},
        "verdict": {
            "headline": f"3 documents would be written. {held} actuals are held. "
            "Nothing was sent.",
            "balanced": True, "word": "expected", "in": len(actuals),
            "written": count["written"], "unchanged": count["unchanged"],
            "different": count["different"], "left": count["left"], "held": count["held"],
            "errors": sum(f["records"] for f in findings if f["level"] == "error") + 1,
            "warnings": findings[2]["records"],
        },
        "equation": equation,
        "unreadable": [{"table": "msdyn_actual", "id": guid("A-000406"), "finding": 0}],
        "companies": [_company("CAMF", actuals), _company("USMF", actuals)],
        "findings": findings,
        "faults": make_faults(),
        "documents": documents,
        "actuals": actuals,
        "schedule": make_schedule(),
        "coverage": make_coverage(actuals),
        "inferred": [
            {"rule": "REQ330", "tag": "inferred", "fired": findings[2]["records"],
             "level": "warning", "source": "inferred: usual separation of duties"},
        ],
        "allowed": [
            {"rule": "REQ317", "kind": "level", "because": "Sites are cleaned up until spring.",
             "expires": "2027-01-31", "expired": False},
            {"rule": "REQ341", "kind": "disabled", "because": f"Pilot month {SCRIPT}",
             "expires": "2026-10-31", "expired": True},
        ],
        "provenance": make_provenance(len(actuals)),
    }  # fmt: skip


def _actuals(copy: int) -> list[dict[str, Any]]:
    made = []
    texts = {"{SCRIPT}": SCRIPT, "{BROKEN}": BROKEN_OUT, "{FORMULA}": FORMULA,
             "{RTL}": RIGHT_TO_LEFT}  # fmt: skip
    for row in ROWS.strip().splitlines():
        name, company, order, text, day, kind, klass, quantity, amount, *rest = row.split("|")
        name = f"A-{int(name[2:]) + copy * 1000:06d}"
        ledger, billing = _answer(rest[0]), _answer(rest[1])
        made.append({
            "id": guid(name), "name": name, "company": company, "work_order": order,
            "project": f"P-{order[-4:]}", "description": texts.get(text, text), "date": day,
            "type": TYPES.get(kind, kind), "class": klass, "quantity": quantity, "amount": amount,
            "currency": CURRENCY[company], "status": _status(ledger, billing),
            "ledger": ledger, "billing": billing, "findings": [c for c in [rest[2]] if c],
        })  # fmt: skip
    return made


def _answer(text: str) -> dict[str, Any]:
    if text in LETTERS:
        rule = "RTE420" if text in "JS" else "RTE410"
        return {"answer": "send", "rule": rule, "document": LETTERS[text], "reason": ""}
    answer, rule = {"H": "hold", "L": "leave"}[text[0]], text[1:]
    return {"answer": answer, "rule": rule, "document": None, "reason": REASONS[rule]}


def _fate(answer: dict[str, Any]) -> str:
    if answer["answer"] == "send":
        kinds = {SENT: "unchanged", CHANGED: "different"}
        return kinds.get(answer["document"], "written")
    return "left" if answer["answer"] == "leave" else "held"


def _status(ledger: dict[str, Any], billing: dict[str, Any]) -> str:
    fates = {_fate(ledger), _fate(billing)}
    return next(s for s in ("held", "different", "written", "unchanged", "left") if s in fates)


def _channel(channel: str, actuals: list[dict[str, Any]]) -> dict[str, Any]:
    records = dict.fromkeys(("in", *WRITTEN), 0)
    money: dict[tuple[str, str, str], dict[str, Decimal]] = {}
    left: dict[str, int] = {}
    for actual in actuals:
        fate = _fate(actual[channel]).replace("different", "held")
        key = (actual["company"], actual["currency"], actual["type"])
        line = money.setdefault(key, dict.fromkeys(("in", *WRITTEN), Decimal("0.00")))
        for word in ("in", fate):
            records[word] += 1
            line[word] += Decimal(actual["amount"])
        if fate == "left":
            rule = actual[channel]["rule"]
            left[rule] = left.get(rule, 0) + 1
    return {
        "channel": channel, "records": records, "balanced": True,
        "left_by": [
            {"rule": rule, "name": NAMES[rule], "reason": REASONS[rule], "records": n}
            for rule, n in sorted(left.items())
        ],
        "money": [
            {"company": c, "currency": u, "type": t, **{w: str(v) for w, v in line.items()}}
            for (c, u, t), line in sorted(money.items())
        ],
    }  # fmt: skip


def _company(code: str, actuals: list[dict[str, Any]]) -> dict[str, Any]:
    is_integrated = MODEL[code] == "integrated"
    lines = [
        ("company.project_operations_integrated", "yes"),
        ("company.in_finance", "yes"),
    ]
    if not is_integrated:
        lines = [("not environment.has_finance", "no")]
    return {
        "code": code, "name": {"USMF": "Contoso Entertainment System USA"}.get(code, BROKEN_OUT),
        "environment": "contoso-us" if is_integrated else "contoso-ca", "model": MODEL[code],
        "variant": "with-app", "rule": "DEP210" if is_integrated else "DEP220",
        "rule_name": "company-integrated-with-finance" if is_integrated else "dataverse-only",
        "place": f"rules/deployment.toml:{18 if is_integrated else 25}",
        "because": [
            {"text": text, "held": True, "values": [[text.removeprefix("not "), value]]}
            for text, value in lines
        ],
        "delivery": "validate-only",
        "time_zone": "America/Chicago" if is_integrated else "America/Toronto",
        "actuals": sum(a["company"] == code for a in actuals),
    }  # fmt: skip


def _finding(code: str, actuals: list[dict[str, Any]]) -> dict[str, Any]:
    rule = {k: v for k, v in RULES[code].items() if k not in ("help", "values")}
    sums: dict[str, Decimal] = {}
    hits = [a for a in actuals if code in a["findings"]]
    for a in hits:
        sums[a["currency"]] = sums.get(a["currency"], Decimal("0.00")) + Decimal(a["amount"])
    return {
        "code": code, "name": NAMES[code], **rule, "records": len(hits),
        "money": [{"currency": c, "amount": str(v)} for c, v in sorted(sums.items())],
        "occurrences": [
            {"actual": a["id"], **{k: a[k] for k in ("name", "work_order", "company", "amount",
                                                     "currency")},
             "message": MESSAGES[code].format(**a), "help": RULES[code]["help"],
             "values": RULES[code]["values"]}
            for a in hits
        ],
    }  # fmt: skip


def _documents(actuals: list[dict[str, Any]]) -> list[dict[str, Any]]:
    plans = [
        (JOURNAL, "journal", "USMF 2026-11 (1)", "USMF", "RTE420", "new"),
        (SENT, "journal", "USMF 2026-11 (2)", "USMF", "RTE420", "same"),
        (PROFORMA, "proforma", "ACC-1001 CAD", "CAMF", "RTE410", "new"),
        (CHANGED, "proforma", f"ACC-1044 {SCRIPT}", "USMF", "RTE410", "different"),
        (DRAFT, "proforma", "ACC-2001 USD", "USMF", "RTE410", "new"),
    ]
    made = []
    for key, kind, name, company, rule, status in plans:
        mine = [a for a in actuals if key in (a["ledger"]["document"], a["billing"]["document"])]
        made.append({
            "key": key, "kind": kind, "name": name, "company": company, "rule": rule,
            "status": status, "delivery": "validate-only", "lines": len(mine),
            "totals": _totals(mine, kind), "digest": "d" * 60 + key[:4],
            "header": {"company": company, "name": name},
            "payload": {"dataAreaId": company.lower(), "Description": name,
                        "Lines": [_line(i, a) for i, a in enumerate(mine, 1)]},
            "actuals": [a["id"] for a in mine], "memo": _memo(kind),
            "sent": _sent(status), "changes": _changes(status),
        })  # fmt: skip
    return made


def _totals(mine: list[dict[str, Any]], kind: str) -> list[dict[str, str]]:
    labels = [("cost", "cost"), ("unbilled-sales", "sales")] if kind == "journal" else [
        ("unbilled-sales", "chargeable")]  # fmt: skip
    made = []
    for type, label in labels:
        total = sum((Decimal(a["amount"]) for a in mine if a["type"] == type), Decimal("0.00"))
        currency = mine[0]["currency"] if mine else "USD"
        made.append({"label": label, "currency": currency, "amount": str(total)})
    return made


def _line(number: int, actual: dict[str, Any]) -> dict[str, Any]:
    return {
        "LineNumber": number, "dataAreaId": actual["company"].lower(),
        "SourceActualId": actual["id"], "ProjectId": actual["project"],
        "TransDate": actual["date"] + "T12:00:00Z", "Quantity": actual["quantity"],
        "Amount": actual["amount"], "CurrencyCode": actual["currency"],
        "TransactionType": actual["type"], "Description": actual["description"],
    }  # fmt: skip


def _memo(kind: str) -> dict[str, str]:
    return {"non_chargeable": "79.96", "complimentary": "0.00"} if kind == "proforma" else {}


def _sent(status: str) -> dict[str, str] | None:
    return None if status == "new" else {"digest": "ab" * 32, "on": "2026-11-18"}


def _changes(status: str) -> list[dict[str, str]]:
    if status != "different":
        return []
    return [
        {"actual": "0b6e", "column": "Amount", "sent": "650.00", "now": "700.00"},
        {"actual": "0b6e", "column": "Description", "sent": "Travel", "now": BROKEN_OUT},
    ]


def main() -> None:
    """Write the sample beside this file."""
    SAMPLE.parent.mkdir(exist_ok=True)
    SAMPLE.write_text(json.dumps(sample_report(), indent=1, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    main()
