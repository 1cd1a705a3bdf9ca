"""The explanation of a contract line, a milestone or a retainer: what it leads to, or why not."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal

from adapter.making.billing_schedule import payers_at
from adapter.making.payload import DETAILS, LINES
from adapter.making.plan import Plan
from adapter.making.planned import PlannedDocument
from adapter.reading.decoder import is_public
from adapter.reading.store import Records
from adapter.telling.explaining import FIELDS_MAX, Entry, Explainer, document_head, line_of
from adapter.telling.explanation import (
    BilledExplained,
    Check,
    DecidedActual,
    DocumentHead,
    ScheduledHead,
    WhyNot,
)
from adapter.values.codes import CODES
from adapter.values.finding import Finding, shown
from adapter.values.project_operations import (
    Account,
    Contract,
    ContractCustomer,
    ContractLine,
    Milestone,
    Project,
    Retainer,
)

Billed = ContractLine | Milestone | Retainer
Kind = Literal["contract-line", "milestone", "retainer"]
BILLED: Mapping[Kind, type[Billed]] = {
    "contract-line": ContractLine, "milestone": Milestone, "retainer": Retainer,
}  # fmt: skip
Row = Mapping[str, Any]


def kind_of(record: Billed) -> Kind:
    """What a record is, as an explanation names it."""
    return next(word for word, kind in BILLED.items() if isinstance(record, kind))


def explain_billed(
    plan: Plan, records: Records, record: Billed, entries: Iterable[Entry] = ()
) -> BilledExplained:
    """What a plan does with a contract line, a milestone or a retainer of one environment.

    `entries` are the plan's actuals of the contract line.
    """
    explainer = BilledExplainer(plan, records, entries)
    if isinstance(record, ContractLine):
        return explainer.contract_line(record)
    return explainer.scheduled(record)


class BilledExplainer:
    """Explains what a contract bills, by one plan and the records of one environment."""

    def __init__(self, plan: Plan, records: Records, entries: Iterable[Entry] = ()) -> None:
        self.plan = plan
        self.records = records
        self.entries = list(entries)
        self.explainer = Explainer(plan, ())

    def contract_line(self, line: ContractLine) -> BilledExplained:
        """A contract line: its payers, actuals, milestones, proforma lines, and what is on none."""
        milestones = self.records.where(Milestone, "contract_line", line.id)
        subjects = {entry["id"] for entry in self.entries} | {m.id for m in milestones}
        return {
            **self._told(line),
            "actuals": [self._decided(entry) for entry in self.entries],
            "schedule": list(self._schedule(milestones)),
            "why_not": self._why_not(),
            "documents": list(self._documents(line.id, subjects)),
        }

    def scheduled(self, due: Milestone | Retainer) -> BilledExplained:
        """A milestone or retainer: its payers, what was decided, its line on a proforma."""
        told = self._told(due)
        for head in self._schedule([due]):
            told["scheduled"] = head
        told["documents"] = [{**document_head(d), "line": line_of(d, due.id)}
                             for d in self.explainer.documents if due.id in d.schedule]  # fmt: skip
        return told

    def _told(self, record: Billed) -> BilledExplained:
        """What is told of each of them; the rest is empty yet."""
        contract = self.records.one(Contract, record.contract)
        of = (contract.number or contract.id) if contract is not None else record.contract or "?"
        kind = kind_of(record)
        return {
            "about": kind,
            "name": shown(f"{kind.replace('-', ' ')} {record.name or record.id} of {of}"),
            "header": [[field.replace("_", " "), shown(getattr(record, field))]
                       for field in record.__struct_fields__
                       if is_public(field) and getattr(record, field) is not None],
            "around": [[label, shown(who)] for label, who in self._around(record, contract)],
            "checks": [self._check(finding) for finding in self._findings(record)],
            "actuals": [], "schedule": [], "why_not": [], "documents": [],
        }  # fmt: skip

    def _around(self, record: Billed, contract: Contract | None) -> Iterator[tuple[str, str]]:
        if contract is not None:
            yield "contract", f"{contract.number or contract.id} {contract.name or ''}".strip()
        project = self.records.one(Project, getattr(record, "project", None))
        if project is not None:
            yield "project", f"{project.number or project.id} {project.name or ''}".strip()
        line = self.records.one(ContractLine, getattr(record, "contract_line", None))
        if line is not None:
            yield "line", line.name or line.id
        for payer in self._payers(record, contract):
            account = self.records.one(Account, payer.account)
            who = (account.number or account.id) if account is not None else payer.account or "?"
            share = "" if payer.percent is None else f" {payer.percent.normalize():f} %"
            yield "payer", who + share

    def _payers(
        self, record: Billed, contract: Contract | None
    ) -> Sequence[ContractCustomer]:
        own = self.records.one(ContractCustomer, getattr(record, "contract_customer", None))
        if own is not None:
            return (own,)
        key = record.id if isinstance(record, ContractLine) else getattr(
            record, "contract_line", None)  # fmt: skip
        return payers_at(self.records, key, contract)

    def _findings(self, record: Billed) -> Iterator[Finding]:
        yield from self.records.faults(BILLED[kind_of(record)], record.id)
        yield from (f for f in self.plan.tally.faults if f.record == record.id)

    def _check(self, finding: Finding) -> Check:
        code = finding.code
        name = CODES[code].name if code in CODES else self.explainer.fired(code)["name"]
        return {"rule": code, "name": name, "place": "", "lines": [], "level": finding.level,
                "message": finding.message, "help": finding.help}  # fmt: skip

    def _schedule(self, due: Iterable[Milestone | Retainer]) -> Iterator[ScheduledHead]:
        days = {one.id: one.invoice_date for one in due}
        for entry in self.plan.tally.schedule:
            if entry["id"] in days:
                day = days[entry["id"]]
                said = {name: str(entry[name]) for name in ScheduledHead.__annotations__
                        if name not in ("date", "delivery")}  # fmt: skip
                said["date"] = day.isoformat() if day else ""
                setting = self.plan.workspace.settings.companies.get(str(entry["company"]))
                said["delivery"] = setting.delivery if setting is not None else ""
                yield said  # type: ignore[misc]

    def _decided(self, entry: Entry) -> DecidedActual:
        answers = {channel: [entry[channel]["answer"], entry[channel]["rule"]]
                   for channel in ("ledger", "billing")}  # fmt: skip
        return {**self.explainer.head(entry), **answers}  # type: ignore[typeddict-item]

    def _why_not(self) -> list[WhyNot]:
        """The answers that put no actual on a proforma, those of most actuals first."""
        counts: dict[tuple[str, str, str], int] = {}
        for entry in self.entries:
            part = entry["billing"]
            if part["answer"] != "send":
                key = (part["answer"], part["rule"], part["reason"])
                counts[key] = counts.get(key, 0) + 1
        return [
            {"answer": answer, "rule": rule, "name": self.explainer.fired(rule)["name"],
             "reason": reason, "actuals": count}
            for (answer, rule, reason), count in sorted(
                counts.items(), key=lambda pair: (-pair[1], pair[0]))
        ]  # fmt: skip

    def _documents(self, line: str, subjects: set[str]) -> Iterator[DocumentHead]:
        """Documents that carry something of the line; of a proforma, its line there."""
        for document in self.explainer.documents:
            if document.kind == "proforma":
                row = _line_in(document, line, subjects)
                if row or not subjects.isdisjoint((*document.actuals, *document.schedule)):
                    yield {**document_head(document), "line": row}
            elif not subjects.isdisjoint(document.actuals):
                yield document_head(document)


def _line_in(document: PlannedDocument, line: str, subjects: set[str]) -> list[list[str]]:
    """The fields of a proforma's line that names a contract line, or whose details are of it."""
    rows = document.payload.get(LINES) if isinstance(document.payload, dict) else None
    for row in rows if isinstance(rows, list) else ():
        details = row.get(DETAILS) or ()
        is_of_it = any(v == line or (isinstance(v, str) and v.endswith(f"({line})"))
                       for v in row.values())  # fmt: skip
        if is_of_it or any(not subjects.isdisjoint(_texts(detail)) for detail in details):
            pairs = [[str(name), shown(value)] for name, value in row.items()
                     if not isinstance(value, list | dict)]  # fmt: skip
            return pairs[:FIELDS_MAX]
    return []


def _texts(row: Row) -> Iterator[str]:
    return (value for value in row.values() if isinstance(value, str))
