"""An older report.json that a plan is compared with: checked before anything is made of it."""

import json
import re
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from adapter.edge.settings_file import NoWorkspace
from adapter.values.finding import shown

DEPTH_MAX = 100  # of lists and objects in one another
TOO_DEEP = "its parts are nested too deep"
_AMOUNT = re.compile(r"(-?[0-9]{1,40}(\.[0-9]{1,40})?)?")  # a number, or nothing
_Rows = list[dict[str, Any]]


class _Part(Struct):
    answer: str
    rule: str
    document: str | None = None


class _Actual(Struct):
    id: str
    name: str
    company: str
    work_order: str
    type: str
    amount: str
    currency: str
    status: str
    ledger: _Part
    billing: _Part
    findings: list[str]


class _Total(Struct):
    label: str
    currency: str
    amount: str


class _Personal(Struct):
    columns: list[str]
    digest: str


class _Document(Struct):
    key: str
    kind: str
    name: str
    company: str
    status: str
    digest: str = ""
    payload: dict[str, Any] | None = None
    totals: list[_Total] = []
    personal: dict[str, Any] | None = None  # empty where nobody is named


class _Plan(Struct):
    id: str
    as_of: str


class _Provenance(Struct):
    rulebook: str


class _Verdict(Struct):
    headline: str


class _Report(Struct):
    """Of report.json, what a comparison reads."""

    report: int
    plan: _Plan
    provenance: _Provenance
    verdict: _Verdict
    actuals: list[_Actual] = []
    documents: list[_Document] = []
    schedule: _Rows = []
    coverage: _Rows = []
    companies: _Rows = []
    faults: _Rows = []
    inferred: _Rows = []
    findings: _Rows = []


def read_report(path: Path) -> dict[str, Any]:
    """An older report.json. Raises NoWorkspace when it is none, or damaged; OSError."""
    try:
        report: dict[str, Any] = json.loads(path.read_bytes())
        fault = _fault(report)
    except (ValueError, msgspec.ValidationError) as error:
        fault = shown(error)
    except RecursionError:
        fault = TOO_DEEP
    if fault:
        raise NoWorkspace(f"{path} is no report.json of version 1: {fault}")
    return report


def _fault(report: object) -> str:
    """What a comparison would stumble over; nothing where all is well.

    Raises msgspec.ValidationError for what is missing or of another type.
    """
    if _is_deep(report):
        return TOO_DEEP
    if isinstance(report, dict) and report.get("report", 1) != 1:
        return f"its version is {shown(report['report'])}"
    whole = msgspec.convert(report, _Report)
    for at, actual in enumerate(whole.actuals):
        if not _AMOUNT.fullmatch(actual.amount):
            return f"{shown(actual.amount)} is no amount - at `$.actuals[{at}].amount`"
    for at, document in enumerate(whole.documents):
        if document.personal:
            msgspec.convert(document.personal, _Personal)
        for total in document.totals:
            if not _AMOUNT.fullmatch(total.amount):
                return f"{shown(total.amount)} is no amount - at `$.documents[{at}].totals`"
    return ""


def _is_deep(value: object) -> bool:
    level = [value]
    for _ in range(DEPTH_MAX):
        level = [part for one in level if isinstance(one, dict | list)
                 for part in (one.values() if isinstance(one, dict) else one)]  # fmt: skip
    return bool(level)
