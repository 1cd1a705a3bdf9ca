"""A life: raw rows in a folder, read as a workspace, and everything that happens to them.

Each step is the product's: reading, prices, what a line should give, stock, events, plan,
proforma, story. Between the steps the new rows are written as the CRM and Finance would
write them, and read again. What happens is told as text, for a golden file.
"""

from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any

import msgspec
from msgspec.structs import replace

from adapter.edge.row_files import RowFiles
from adapter.edge.story_command import Report, said_by, subject_named
from adapter.edge.workspace import read_workspace
from adapter.making.events import apply
from adapter.making.expectation import Expectation
from adapter.making.expected import compare, unproven_of
from adapter.making.given import Given as EventGiven
from adapter.making.given import Payer, approval_event
from adapter.making.golden import PARTS, laid, records_of
from adapter.making.golden_plan import ROWS_BUILT_IN
from adapter.making.new_actuals import Created
from adapter.making.plan import make_plan
from adapter.making.priced import said
from adapter.making.proforma_close import confirm, revise
from adapter.making.proforma_edit import apply_retainers, edit
from adapter.making.proforma_life import Draft, create_draft, mark_ready
from adapter.making.proforma_practice import Backlog, Practice
from adapter.making.proforma_sums import total_of
from adapter.making.stock_check import check_batch, reservations
from adapter.making.story import make_story
from adapter.making.story_parts import Story
from adapter.making.story_prices import Prices
from adapter.making.story_words import Words
from adapter.making.submitted import After, after, expected_journal_lines
from adapter.making.work_expected import Given, expect_lines, present_of, stock_rules_of
from adapter.making.work_lines import payers_of, surround, to_bill_of, used_of
from adapter.making.workspace import EnvironmentRecords, Workspace
from adapter.reading.event_file import Editing
from adapter.reading.store import NO_RECORDS, Records
from adapter.telling.report import make_report
from adapter.telling.show_story import story_text
from adapter.telling.story_shape import story_shape
from adapter.values.actuals import Actual, Approval
from adapter.values.field_service import Usage, Warehouse, WorkOrder, WorkOrderLine
from adapter.values.forecast_rows import EstimateLine, ProjectJournalLine
from adapter.values.project_operations import Account, ContractLine, Invoice, Milestone, Retainer
from adapter.values.record import Record
from adapter.values.records import RECORDS
from tests.raw_rows import binding_of, key_of, line_of, readable, row_of, write_rows
from tests.test_golden import BASES

D = Decimal
USED_AT = datetime(2026, 11, 14, 15, tzinfo=UTC)
APPROVED_AT = datetime(2026, 11, 14, 18, tzinfo=UTC)
# Notes: equal rows count once, of row versions the newest; a life begins without an actual.
TWICE = ("SRC037", "SRC045", "SRC046")
RECALLED_AT = datetime(2026, 11, 16, 9, tzinfo=UTC)
LETTERS = {"cost": "C", "unbilled-sales": "U", "billed-sales": "B"}
EDITING = Editing(name="updated", fields={
    "time-and-material": ("quantity", "price", "billing_type"),
    "advance": ("applied",)})  # fmt: skip
GIVEN_BEFORE = ("usage", "approval", "work_order_line", "product_inventory")  # of the bases


class Life:
    """One company's rows, and what happened to them so far."""

    def __init__(self, folder: Path, base: str, **over: Any) -> None:
        self.folder, self.told, self.step = folder, list[str](), 0
        table = deepcopy({part: BASES[base].table.get(part, {}) for part in PARTS})
        kept = {k: v for k, v in table["records"].items() if k not in GIVEN_BEFORE}
        self.parts = laid({**table, "records": kept}, over)
        self.core = base == "core"
        self.name = next(iter(self.parts["environments"]))
        self.rows: dict[tuple[type, str], Record] = {}
        self.finance = records_of(self.parts["finance"], {})
        given = records_of(self.parts["records"], {})
        for kind in RECORDS.values():
            self.put(*given.all(kind))
        self.counts: dict[str, int] = {}
        self.models: Mapping[str, str] = {}
        self.said = None
        self.read()

    # --- rows ---------------------------------------------------------------------------

    def put(self, *records: Record) -> None:
        """Rows as the CRM or Finance has them from now on."""
        for record in records:
            self.rows[binding_of(record).kind, key_of(record.id)] = record

    def change(self, kind: type[Record], name: str, **fields: object) -> None:
        key = (kind, key_of(name))
        self.rows[key] = replace(self.rows[key], **fields)

    def read(self, whole: bool = False, shuffled: int | None = None) -> EnvironmentRecords:
        """All rows written as tables, and read as a workspace reads them.

        The files that decide are read with the first step and where they change (`whole`).
        `shuffled`: a seed; rows arrive in another order, some twice, some in older versions.
        """
        self.step += 1
        at = self.folder / f"step-{self.step:02}"
        rows = list(self.rows.values())
        if shuffled is not None:
            dice = Random(shuffled)
            edited = [r for r in rows if isinstance(r, Actual | Usage | WorkOrderLine)]
            rows += dice.sample(rows, len(rows) // 3)
            rows += [replace(r, version=0, quantity=D(99)) for r in edited]
            dice.shuffle(rows)
        write_rows(at / "records", rows)
        if not self.core:
            finance = [r for kind in RECORDS.values() for r in self.finance.all(kind)]
            write_rows(at / "finance", finance)
        if whole or self.step == 1:
            (at / "adapter.toml").write_text(self.settings_file(), "utf-8")
            self.workspace: Workspace = read_workspace(at)
        else:
            old = self.workspace
            book = SimpleNamespace(settings=old.settings, bindings=old.bindings)
            reader = RowFiles(at, book, False)
            here = {self.name: reader.environment(self.name)}
            self.workspace = replace(old, environments=here, findings=tuple(reader.found),
                                     record_files=tuple(reader.files))  # fmt: skip
        found = [f for f in self.workspace.findings if f.code not in TWICE]
        assert found == [], [str(f) for f in found]
        self.here = self.workspace.environments[self.name]
        return self.here

    def settings_file(self) -> str:
        """The adapter.toml of this life."""
        lines = ['name = "life"', "as_of = 2026-11-30", f"[environments.{self.name}]",
                 'records = "records"']  # fmt: skip
        lines += [f"{k} = {text(v)}" for k, v in self.parts["environments"][self.name].items()]
        for code, values in self.parts["companies"].items():
            lines += [f"[companies.{code}]", *(f"{k} = {text(v)}" for k, v in values.items())]
        lines += ["[settings]", *(f"{k} = {text(v)}" for k, v in self.parts["settings"].items())]
        return "\n".join(lines) + "\n"

    def tell(self, *lines: str) -> None:
        self.told += lines

    def title(self, words: str) -> None:
        self.tell("", f"== {words} ==")

    def show(self, records: Iterable[Record]) -> None:
        """Rows as they travel, with names for keys."""
        for record in records:
            table, row = row_of(record)
            shown = {k: v for k, v in row.items() if "@" not in k}
            self.tell(f"{table} {line_of(shown)}")

    def all(self, kind: type[Any]) -> list[Any]:
        return sorted(self.here.records.all(kind), key=lambda r: readable(r.id))

    def one(self, kind: type[Any], name: str) -> Any:
        found = self.here.records.one(kind, key_of(name))
        assert found is not None, name
        return found

    def actual(self, name: str) -> Actual:
        return self.one(Actual, name)

    def amounts(self, *names: str) -> list[str]:
        """Actuals as the domain writes them: `+4/+500.00`."""
        found = [self.actual(n) for n in names]
        return [f"{a.quantity:+f}/{a.amount:+f}" for a in found]

    def findings(self, name: str) -> list[str]:
        """Codes that the last plan found on an actual."""
        return next(a["findings"] for a in self.report["actuals"] if a["id"] == key_of(name))

    def domain_rows(self, code: str) -> set[str]:
        """Rows of the domain that a finding stands for."""
        rules = {rule.id: rule.domain for rule in self.workspace.rulebook.rules}
        return {*rules.get(code, ROWS_BUILT_IN.get(code, ()))}

    def rule_names(self, name: str) -> set[str]:
        """Names of the rules that the last plan found on an actual."""
        rules = {rule.id: rule.name for rule in self.workspace.rulebook.rules}
        return {rules.get(code, "") for code in self.findings(name)}

    def rows_behind(self, name: str) -> set[str]:
        """Rows of the domain behind what the last plan found on an actual."""
        return {row for code in self.findings(name) for row in self.domain_rows(code)}

    def reserved(self) -> dict[str, Decimal]:
        """What approved usage keeps in Finance until its journal posts (R-108)."""
        found = reservations(self.all(Actual), self.here.records, self.given().company)
        said = {readable(one.actual): one.quantity for one in found}
        told = ", ".join(f"{v} of {k}" for k, v in said.items())
        self.tell(f"reserved in Finance: {told or 'nothing'}")
        return said

    def limit(self, name: str, most: str = "1000.00") -> tuple[str, Decimal | None]:
        """What a limit of the contract line says of unbilled sales, and the sales before it
        where that is too much."""
        old = self.rows[ContractLine, key_of("line-tm")]
        self.change(ContractLine, "line-tm", nte_limit=D(most))
        self.read()
        facts = make_plan(self.workspace, watch=frozenset({key_of(name)})).traced[
            key_of(name)].facts  # fmt: skip
        self.put(old)
        self.read()
        status, before = str(facts["nte.expected_status"]), facts["nte.before"]
        assert before is None or isinstance(before, Decimal)
        self.tell(f"{name} under a limit of {most}: {status}, before it {before}")
        return status, before

    def answer(self, name: str, channel: str = "ledger") -> str:
        """What the last plan does with an actual: `send RTE540`, `hold REQ302`."""
        part = next(a[channel] for a in self.report["actuals"] if a["id"] == key_of(name))
        return f"{part['answer']} {part['rule']}"

    def documents(self, kind: str) -> dict[str, dict[str, Decimal]]:
        """Totals of the documents of the last plan, by name and label."""
        return {d["name"]: {t["label"]: D(t["amount"]) for t in d["totals"]}
                for d in self.report["documents"] if d["kind"] == kind}  # fmt: skip

    def lines(self, kind: str) -> list[dict[str, Any]]:
        """All lines of the documents of a kind, as they would be sent."""
        return [row for d in self.report["documents"] if d["kind"] == kind for row in lines_of(d)]

    # --- estimate, usage, journal lines --------------------------------------------------

    def given(self, company: str | None = None) -> Given:
        """What the company decides for its lines."""
        code = company or next(iter(self.parts["companies"]))
        return Given(company=code, model="core" if self.core else "integrated",
                     records=self.here.records, finance=self.here.finance or NO_RECORDS,
                     options=self.workspace.settings.options)  # fmt: skip

    def prices(self) -> Prices:
        settings = self.workspace.settings
        return Prices(self.here.records, settings, Words(self.here.records, settings, self.name))

    def expected(self) -> tuple[Expectation, ...]:
        prices = self.prices()
        return expect_lines(self.all(WorkOrderLine), self.given(), prices)

    def rows_of(self, kind: str) -> list[Any]:
        return [row for one in self.expected() if one.kind == kind for row in one.rows]

    def work(self) -> None:
        """The line as it stands: prices, what it should give, and why."""
        self.title("the work order")
        self.show(self.all(WorkOrderLine))
        prices = self.prices()
        for line in self.all(WorkOrderLine):
            sale, cost = prices.of(line)
            self.tell(f"price of {line.id}: {said(sale)}", f"cost of {line.id}: {said(cost)}")
        for one in self.expected():
            rules = " ".join(one.rules)
            self.tell(f"{one.kind} of {one.line}: {len(one.rows)} rows, {one.why} ({rules})")
            self.tell(*(f"  {f.code} {f.level}: {f.message}" for f in one.findings))

    def record_usage(
        self, status: str = "submitted", at: Mapping[str, datetime] = {}, force: bool = False,
    ) -> None:  # fmt: skip
        """The CRM writes estimates and usage logs; each is as it should be.

        `force`: it writes a log of every used line, also where none should be.
        """
        self.title("the CRM writes estimates and usage, and the usage is submitted")
        usages = self.rows_of("usage")
        if force:
            there = {u.line for u in usages}
            usages += [forced(line, self.here.records) for line in self.all(WorkOrderLine)
                       if line.id not in there]  # fmt: skip
        for kind, letter, rows in (("estimate", "E", self.rows_of("estimate")),
                                   ("usage", "mul-", usages)):  # fmt: skip
            for row in rows:
                name = readable(row.line)
                if kind == "estimate":
                    name += f"-{LETTERS[row.transaction_type]}"
                new = replace(row, id=key_of(letter + name), version=1)
                if isinstance(new, Usage):
                    is_british = readable(new.project or "") == "project-gb"
                    new = replace(new, used_at=at.get(name, USED_AT), usage_status=status,
                                  resource=key_of("tech-gb" if is_british else "tech"),
                                  status="active", is_return=False)  # fmt: skip
                self.put(new)
        self.read()
        self.show([*self.all(EstimateLine), *self.all(Usage)])

    def stock(self, moment: str) -> dict[str, list[str]]:
        """What the stock says of each usage, by its name, company by company."""
        rules = stock_rules_of(self.given(), self.workspace.settings.environments[self.name])
        found = {}
        for code in self.parts["companies"]:
            mine = [u for u in self.all(Usage) if self.company_of(u) == code]
            found |= check_batch(mine, moment, rules, self.here.records,
                                 self.here.finance or NO_RECORDS, code,
                                 self.all(Actual))  # fmt: skip
        said = {readable(k): [f"{f.code} {f.level}" for f in v] for k, v in found.items()}
        self.tell(f"stock at {moment}: " + "; ".join(
            f"{k} {' '.join(v) or 'is there'}" for k, v in sorted(said.items())))
        return said

    def leaves(self, quantity: str) -> bool:
        """Whether the stock still serves so many after the usage that there is."""
        (usage,) = self.all(Usage)
        more = replace(usage, id=key_of("more"), quantity=D(quantity),
                       used_at=USED_AT.replace(hour=16))  # fmt: skip
        rules = stock_rules_of(self.given(), self.workspace.settings.environments[self.name])
        found = check_batch([usage, more], "submit", rules, self.here.records,
                            self.here.finance or NO_RECORDS, self.given().company)  # fmt: skip
        return found[more.id] == ()

    def company_of(self, usage: Usage) -> str:
        companies = list(self.parts["companies"])
        return "GBPM" if readable(usage.project or "") == "project-gb" else companies[0]

    def journalise(self, force: bool = False) -> None:
        """Submitted: the CRM writes journal lines, as they should be; nothing differs."""
        self.title("journal lines at submit")
        rows = self.rows_of("journal")
        if force:
            rows = [row for usage in self.all(Usage) for row in self.journal_of(usage).rows]
        for row in rows:
            letter = LETTERS[row.transaction_type]
            kind = "" if row.billing_type in (None, "chargeable") else f"-{row.billing_type}"
            self.put(replace(row, id=key_of(f"J{letter}-{readable(row.line)}{kind}"), version=1))
        self.read()
        self.show(self.all(ProjectJournalLine))
        if not force:
            assert self.differences() == []

    def journal_of(self, usage: Usage) -> Expectation:
        """The journal lines of a usage, whether or not its line should have given it."""
        around = surround(self.one(WorkOrderLine, usage.line), self.here.records)
        price, cost = self.prices()(around)
        return expected_journal_lines(around, usage, price=price, cost=cost)

    def differences(self) -> list[str]:
        """What is there beside what should be there."""
        unproven = unproven_of(self.workspace.bindings)
        wanted = [e for e in self.expected() if e.kind != "forecast"]  # Finance writes those
        found = compare(wanted, present_of(self.given()), unproven=unproven)
        said = [f"{d.bucket} {d.kind} {d.finding.message}" for d in found]
        self.tell(f"differences to what should be there: {'; '.join(said) or 'none'}")
        return said

    # --- approval, events ------------------------------------------------------------------

    def approve(
        self, *names: str, at: datetime = APPROVED_AT, force: bool = False, **more: object
    ) -> list[str]:
        """Approve usage logs: actuals by the event that the values are; returns the events.

        `force`: people approve it although the stock says no.
        """
        self.title("approved")
        events = []
        stock = self.stock("approve")
        for usage in self.all(Usage):
            if names and readable(usage.id) not in names:
                continue
            left = after("approve", usage)
            assert left.actuals == "created" and not left.findings, left
            assert force or stock[readable(usage.id)] == [], stock
            given = self.approval_of(usage, at, **more)
            event = approval_event(given)
            created = apply(event, given)
            assert created.findings == (), created.findings
            events.append(event)
            self.tell(f"{event}: {readable(usage.id)}")
            name = readable(usage.id).removeprefix("mul-")
            self.take(created, at=at)
            self.change(Usage, usage.id, usage_status=left.usage_status)
            self.put(Approval(
                id=f"approval-{name}", entry_type="material", stage=left.stage, approved_on=at,
                approved_by="user", billing_type=given.billing_type, quantity=given.used,
                billable_quantity=given.billable, project=usage.project, usage=usage.id,
                is_automatic=True))  # fmt: skip
        self.read()
        return events

    def recall(self, usage: Usage, at: datetime = RECALLED_AT) -> After:
        """The approval is recalled: what it created is reversed."""
        self.title(f"{readable(usage.id)} is recalled")
        left = after("recall", usage)
        mine = [a for a in self.all(Actual) if a.usage == usage.id]
        created = apply("E10", EventGiven(id=f"recall-{usage.id}", actuals=tuple(mine)))
        assert created.findings == (), created.findings
        self.take(created, at=at)
        self.change(Usage, usage.id, usage_status=left.usage_status)
        for approval in self.all(Approval):
            if approval.usage == usage.id:
                self.change(Approval, approval.id, stage=left.stage)
        self.read()
        return left

    def approval_of(self, usage: Usage, at: datetime, **more: object) -> EventGiven:
        """The values of an approval, from the usage and its journal lines."""
        lines = [j for j in self.all(ProjectJournalLine) if j.usage == usage.id]
        cost = next(j for j in lines if j.transaction_type == "cost")
        sales = [j for j in lines if j.transaction_type == "unbilled-sales"]
        paid = next((j for j in sales if j.billing_type == "chargeable"), None)
        covered: ContractLine = self.one(ContractLine, cost.contract_line)
        payers = [
            Payer(contract_customer=p.id, percent=p.percent, customer=p.account,
                  is_rounding=bool(p.is_rounding))
            for p in sorted(payers_of(covered, self.here.records), key=lambda p: readable(p.id))
        ]  # fmt: skip
        owner = self.one(Account, payers[0].customer)
        shape = Actual(
            id=usage.id, description=cost.description, transaction_class="material",
            amount_method="quantity-times-price", unit=usage.unit, product=usage.product,
            project=usage.project, task=usage.task, contract=cost.contract,
            contract_line=cost.contract_line, contract_customer=payers[0].contract_customer,
            customer=owner.id, resource=usage.resource,
            currency=(paid or cost).currency, document_date=(usage.used_at or at).date(),
            started_at=usage.used_at, skip_sync=False, work_order=usage.work_order,
            line=usage.line, usage=usage.id, agreement=usage.agreement, site=usage.site,
            warehouse=usage.warehouse, batch_number=usage.batch_number,
            serial_number=usage.serial_number, origin="usage", created_on=at, status="active",
            discount_percent=paid.discount_percent if paid is not None else None,
        )  # fmt: skip
        return EventGiven(
            id=usage.id, shape=shape, used=cost.quantity,
            billable=paid.quantity if paid is not None and paid.quantity != cost.quantity
            else None,
            cost_price=cost.price, cost_currency=cost.currency,
            sales_price=sales[0].price if sales else None,
            billing_method=covered.billing_method or "", payers=tuple(payers),
            **{"nte_status": "not-applicable", **more},
        )  # fmt: skip

    def take(self, created: Created, *, at: datetime) -> list[str]:
        """The CRM writes what an event created and changed, under names such as U2."""
        names: dict[str, str] = {}
        for new in created.actuals:
            letter = LETTERS[new.transaction_type]
            self.counts[letter] = self.counts.get(letter, 0) + 1
            names[new.id] = f"{letter}{self.counts[letter]}"
            self.put(replace(new, id=key_of(names[new.id]), created_on=at, version=1))
        for c in created.connections:
            first, second = (key_of(names.get(k, k)) for k in (c.first, c.second))
            pair = key_of(f"{readable(first)}~{readable(second)}")
            self.put(replace(c, id=pair, first=first, second=second))
        for change in created.changes:
            for kind in (Actual, Milestone, Retainer):
                if (kind, key_of(change.record)) in self.rows:
                    self.change(kind, change.record, **{change.field: change.value})
        self.tell_actuals(list(names.values()))
        self.tell_links(created, names)
        self.tell_changes(created)
        return list(names.values())

    def tell_actuals(self, names: Sequence[str]) -> None:
        for name in names:
            a = self.rows[Actual, key_of(name)]
            assert isinstance(a, Actual)
            self.tell(f"  + {name} {told(a)}")

    def tell_links(self, created: Created, names: Mapping[str, str]) -> None:
        for c in created.connections:
            one, two = (names.get(k, k) for k in (c.first, c.second))
            self.tell(f"  ~ {one} {c.first_role} - {two} {c.second_role}")

    def tell_changes(self, created: Created) -> None:
        for change in created.changes:
            self.tell(f"  = {change.record} {change.field} {change.value}")

    # --- plan ------------------------------------------------------------------------------

    def plan(self, as_of: date | None = None) -> dict[str, Any]:
        """The report of a plan of the rows as they stand."""
        self.title("the plan")
        report = make_report(make_plan(self.workspace, as_of))
        for company in report["companies"]:
            self.tell(f"{company['code']}: {company['model']} by {company['rule']}")
        for one in sorted(report["actuals"], key=lambda a: readable(a["id"])):
            parts = (f"{c} {one[c]['answer']} {one[c]['rule']}" for c in ("ledger", "billing"))
            self.tell(f"{readable(one['id'])} {one['status']}: {', '.join(parts)} "
                      f"{' '.join(one['findings'])}".rstrip())  # fmt: skip
        for document in report["documents"]:
            totals = ", ".join(f"{t['label']} {t['amount']} {t['currency']}"
                               for t in document["totals"] if D(t["amount"]))  # fmt: skip
            self.tell(f"{document['kind']} {document['name']}: {totals or 'nothing'}")
            self.tell(*(f"  {line_of(row)}" for row in lines_of(document)))
        for equation in report["equation"]:
            assert equation["balanced"], equation
        self.report = report
        self.said = said_by(msgspec.json.decode(msgspec.json.encode(report), type=Report))
        return report

    # --- proforma ---------------------------------------------------------------------------

    def ready(self, *names: str) -> None:
        """Mark unbilled sales ready to invoice."""
        created = mark_ready([self.actual(n) for n in names])
        assert created.findings == (), created.findings
        self.take(created, at=APPROVED_AT)
        self.read()

    def draft(self, name: str, payer: str = "payer", currency: str = "usd", *,
              contract: str = "contract", day: date = date(2026, 11, 20)) -> Draft:  # fmt: skip
        """Create the draft with all that is ready and due, and the retainers it applies."""
        self.title(f"draft {name}")
        empty = Draft(id=key_of(name), contract=key_of(contract), payer=key_of(payer),
                      currency=key_of(currency), day=day)  # fmt: skip
        backlog = Backlog(actuals=self.all(Actual), milestones=self.all(Milestone),
                          retainers=self.all(Retainer))  # fmt: skip
        made = create_draft(empty, backlog, Practice(editing=EDITING))
        assert made.draft is not None and made.findings == (), made
        self.put(Invoice(id=name, number=name, contract=contract, customer="adatum",
                         currency=currency, invoice_date=day, invoice_status="draft",
                         order_type="work-based"))  # fmt: skip
        self.take(made.created, at=APPROVED_AT)
        applied = apply_retainers(made.draft, self.all(Retainer))
        assert applied.draft is not None
        self.read()
        return self.tell_draft(applied.draft)

    def tell_draft(self, draft: Draft) -> Draft:
        for entry in draft.entries:
            quantity = entry.quantity if entry.quantity is not None else ""
            self.tell(f"  detail {entry.id} {entry.kind} {quantity}".rstrip())
            if entry.advance is not None:
                a = entry.advance
                self.tell(f"    advance: available {a.available}, applied {a.applied}, "
                          f"left {a.left}")
        self.tell(f"  the draft asks for {total_of(draft)}")
        return draft

    def edited(self, draft: Draft, entry: str, **values: object) -> Draft:
        """A person edits a detail of the draft."""
        made = edit(draft, entry, EDITING, values)
        assert made.draft is not None and made.findings == (), made.findings
        self.tell(f"edited {entry}: " + ", ".join(f"{k} {v}" for k, v in values.items()))
        return self.tell_draft(made.draft)

    def confirm(self, draft: Draft, *, at: datetime) -> list[str]:
        """People confirm; what the CRM then writes. Returns the names of new actuals."""
        self.title(f"{readable(draft.id)} is confirmed")
        made = confirm(draft)
        assert made.draft is not None and made.findings == (), made.findings
        names = self.take(made.created, at=at)
        self.change(Invoice, draft.id, invoice_status=made.draft.status, total=total_of(draft))
        self.read()
        return names

    def revise(self, old: Draft, name: str, *billed: str, day: date) -> Draft:
        """A corrective draft of a confirmed proforma; quantities open at 0."""
        self.title(f"{readable(old.id)} is revised by {name}")
        new = replace(old, id=key_of(name), entries=(), status="draft", day=day)
        made = revise(replace(old, status="confirmed"), new, [self.actual(b) for b in billed])
        assert made.draft is not None and made.findings == (), made.findings
        self.put(Invoice(id=name, number=name, contract=old.contract, customer="adatum",
                         currency=old.currency, invoice_date=day, invoice_status="draft",
                         order_type="work-based"))  # fmt: skip
        self.read()
        return self.tell_draft(made.draft)

    # --- Finance, story ------------------------------------------------------------------------

    def post(self, name: str, voucher: str, **fields: object) -> None:
        """Finance writes back onto an actual."""
        self.change(Actual, name, voucher=voucher, is_journalized=True, **fields)
        self.tell(f"posted {name}: {voucher} " + " ".join(f"{k} {v}" for k, v in fields.items()))
        self.read()

    def story(self, name: str = "WO-00001", as_of: date = date(2026, 11, 30)) -> Story:
        """The story as its user reads it; told into the golden text."""
        self.title(f"the story of {name}")
        subject = subject_named(self.workspace, name)
        story = make_story(
            subject, self.here.records, self.workspace.settings, as_of,
            finance=self.here.finance, models=self.said.models if self.said else {},
            verdicts=self.said.verdicts if self.said else {},
            unproven=unproven_of(self.workspace.bindings),
        )  # fmt: skip
        self.tell(story_text(story_shape(story), 100, False, False))
        return story

    def text(self) -> str:
        """All that was told, with names for keys."""
        lines = readable("\n".join(self.told)).splitlines()
        return "\n".join(line.rstrip() for line in lines) + "\n"


def text(value: object) -> str:
    """A value as TOML writes it."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int | Decimal) else f'"{value}"'


def told(a: Actual) -> str:
    """An actual as the domain writes it, with its states."""
    kind = a.transaction_class if a.transaction_class in ("milestone", "retainer") else ""
    parts = [f"{a.quantity:+f} x {a.price:f} = {a.amount:+f}", kind, a.billing_type,
             f"discount {a.discount_amount:f}" if a.discount_amount else "",
             a.billing_status, a.adjustment_status,
             f"limit {a.nte_status}" if a.nte_status not in (None, "not-applicable") else "",
             "skips sync" if a.skip_sync else "",
             f"on {a.invoice}" if a.invoice else ""]  # fmt: skip
    return " ".join(p for p in parts if p)


def forced(line: WorkOrderLine, records: Records) -> Usage:
    """The usage log of a line that should have none."""
    order, house = records.one(WorkOrder, line.work_order), records.one(Warehouse, line.warehouse)
    return Usage(
        id=line.id, product=line.product, quantity=used_of(line), unit=line.unit,
        quantity_to_bill=to_bill_of(line), unit_price=line.unit_price, unit_cost=line.unit_cost,
        discount_percent=line.discount_percent, project=order and order.project,
        work_order=line.work_order, line=line.id, warehouse=line.warehouse,
        site=house and house.site, serial_number=line.serial_number,
        batch_number=line.batch_number)  # fmt: skip


def lines_of(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    payload = document["payload"]
    return payload["lines"] if isinstance(payload, Mapping) and "lines" in payload else [payload]
