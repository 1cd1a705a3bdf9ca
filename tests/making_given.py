"""Given actuals for the tests of documents: a company of each model, small and whole."""

from datetime import UTC, date, datetime
from decimal import Decimal

from adapter.deciding.dossier import Assembler
from adapter.making.books import Books
from adapter.making.drafting import assemble, line_of
from adapter.making.lined import Lined
from adapter.making.routed import Answer, Routed
from adapter.reading.settings import CompanySetting, EnvironmentSetting, Settings
from adapter.reading.store import RecordsInMemory
from adapter.values.actuals import Actual
from adapter.values.field_service import Product, Unit, WorkOrder
from adapter.values.finance import (
    ExchangeRate,
    FinanceCustomer,
    FinanceProject,
    FiscalPeriod,
    LegalEntity,
    LineProperty,
    ProjectCategory,
    ReleasedProduct,
)
from adapter.values.project_operations import (
    Account,
    Company,
    Contract,
    ContractCustomer,
    ContractLine,
    Currency,
    Project,
)

D = Decimal
AS_OF = date(2026, 3, 31)
ENVIRONMENT = "us"


def settings(**companies: CompanySetting) -> Settings:
    named = companies or {"USPM": company("USPM"), "GBPM": company("GBPM", currency="GBP")}
    return Settings(
        environments={ENVIRONMENT: EnvironmentSetting(name=ENVIRONMENT, finance="finance")},
        companies=named,
        as_of=AS_OF,
    )


def company(code: str, **more: object) -> CompanySetting:
    said = {"currency": "USD", "time_zone": "UTC", **more}
    return CompanySetting(code=code, environment=ENVIRONMENT, **said)


def tables(*records: object) -> RecordsInMemory:
    found: dict[type, dict[str, object]] = {}
    for record in records:
        found.setdefault(type(record), {})[record.id] = record
    return RecordsInMemory(found)


CRM = (
    Company(id="c-us", code="USPM"),
    Company(id="c-gb", code="GBPM"),
    Currency(id="usd", code="USD", decimals=2),
    Currency(id="gbp", code="GBP", decimals=2),
    Account(id="acc", number="ACC-1001", name="Adatum", company="c-us"),
    Project(id="p", number="P-0007", company="c-us", contract="pc"),
    Project(id="p-gb", number="P-0008", company="c-gb", contract="pc-gb"),
    Contract(id="pc", number="PC-0007", company="c-us", currency="usd"),
    Contract(id="pc-gb", number="PC-0008", company="c-gb", currency="gbp"),
    ContractLine(id="cl", name="T&M", contract="pc", project="p",
                 line_type="project-based", billing_method="time-and-material"),
    ContractLine(id="cl-gb", name="T&M GB", contract="pc-gb", project="p-gb",
                 line_type="project-based", billing_method="time-and-material"),
    ContractCustomer(id="pay", contract="pc", contract_line="cl", account="acc",
                     percent=D(100)),
    ContractCustomer(id="pay-gb", contract="pc-gb", contract_line="cl-gb", account="acc",
                     percent=D(100)),
    Product(id="prod", number="D0011", item_number="D0011", name="Filter"),
    Unit(id="ea", name="ea", symbol="ea"),
    WorkOrder(id="wo", number="WO-00912", project="p"),
)  # fmt: skip
FINANCE = (
    LegalEntity(id="USPM", code="USPM", currency="USD", period_unit="days",
                default_item_category="ITEM", sales_tax_group_from="customer",
                item_tax_group_from="item", exchange_rate_type="Default"),
    LegalEntity(id="GBPM", code="GBPM", currency="GBP", period_unit="days",
                default_item_category="ITEM"),
    *(ProjectCategory(id=f"{c}|ITEM", company=c, name="ITEM", transaction_type="item",
                      item_tax_group="CAT") for c in ("USPM", "GBPM")),
    *(LineProperty(id=f"{c}|{p}", company=c, name=p, billing_type=b)
      for c in ("USPM", "GBPM")
      for p, b in (("Charge", "chargeable"), ("NonCharge", "non-chargeable"),
                   ("Free", "complimentary"), ("NotAvail", "not-available"))),
    ReleasedProduct(id="USPM|D0011", company="USPM", item_number="D0011", item_tax_group="ITM"),
    FinanceProject(id="USPM|P-0007", company="USPM", number="P-0007", tax_group="PRJ",
                   dimension_display="-022-001"),
    FinanceCustomer(id="USPM|ACC-1001", company="USPM", account="ACC-1001", tax_group="CUS"),
    ExchangeRate(id="r", rate_type="Default", source="GBP", target="USD", rate=D("130"),
                 factor=100, start=date(2026, 1, 1), finish=date(2026, 12, 31)),
)  # fmt: skip


def period(code: str, first: date, last: date, status: str = "open") -> FiscalPeriod:
    return FiscalPeriod(id=f"{code}|{first}", company=code, start=first, finish=last,
                        status=status)  # fmt: skip


def actual(key: str, kind: str, quantity: str, price: str, **more: object) -> Actual:
    """An actual whose amount is quantity times price unless `amount` is given."""
    said: dict[str, object] = {
        "transaction_class": "material",
        "billing_type": "chargeable",
        "quantity": D(quantity),
        "price": D(price),
        "amount": (D(quantity) * D(price)).quantize(D("0.01")),
        "currency": "usd",
        "project": "p",
        "contract_line": "cl",
        "product": "prod",
        "unit": "ea",
        "work_order": "wo",
        "customer": "acc",
        "started_at": datetime(2026, 3, 10, 15, tzinfo=UTC),
        **more,
    }
    return Actual(id=key, transaction_type=kind, **said)


def british(key: str, kind: str, quantity: str, price: str, **more: object) -> Actual:
    return actual(key, kind, quantity, price, currency="gbp", project="p-gb",
                  contract_line="cl-gb", product=None, **more)  # fmt: skip


def on(day: int, month: int = 3) -> datetime:
    return datetime(2026, month, day, 15, tzinfo=UTC)


class World:
    """Records laid over the standing ones; lines and documents made from actuals."""

    def __init__(self, *records: object, finance: tuple[object, ...] = (), **said: object) -> None:
        self.settings = said.get("settings") or settings()
        self.records = tables(*CRM, *records)
        self.finance = tables(*FINANCE, *finance)
        self.group_by = said.get("group_by", ())
        self.assembler = Assembler(
            self.settings, self.settings.environments[ENVIRONMENT], self.records, self.finance
        )
        self.books = Books(
            settings=self.settings,
            as_of=AS_OF,
            records={ENVIRONMENT: self.records},
            finance={ENVIRONMENT: self.finance},
            names_taken=frozenset(said.get("names_taken", ())),
        )

    def routed(self, one: Actual, document: str) -> Routed:
        dossier = self.assembler.assemble(one)
        send = {"kind": "send", "rule": "RTE420", "document": document, "mapping": "m",
                "group": self.group_by}  # fmt: skip
        leave = {"kind": "leave", "rule": "RTE430", "reason": "elsewhere"}
        is_billing = document == "proforma-line"
        return Routed(
            dossier=dossier,
            day=dossier.day,
            model="integrated",
            ledger=Answer(channel="ledger", **(leave if is_billing else send)),
            billing=Answer(channel="billing", **(send if is_billing else leave)),
        )

    def line(self, one: Actual, document: str = "journal-line") -> Lined:
        channel = "billing" if document == "proforma-line" else "ledger"
        lined = line_of(self.routed(one, document), channel)
        assert lined is not None
        return lined

    def documents(self, actuals: list[Actual], document: str = "journal-line") -> list:
        return self.assembled([self.line(one, document) for one in actuals])

    def assembled(self, lines: list[Lined]) -> list:
        groups: dict[tuple[str, ...], list[Lined]] = {}
        for lined in sorted(lines, key=lambda x: (x.group_text, x.order_text)):
            groups.setdefault(lined.group, []).append(lined)
        return [d for group in groups for d in assemble(self.books, group, groups[group])]
