"""Master data of the sample company: accounts, products, projects, contracts, Finance."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from hashlib import blake2b
from typing import Any

Row = dict[str, Any]
YEAR, MONTH = 2026, 11


@dataclass(frozen=True)
class Entity:
    """One legal entity of the sample."""

    code: str
    environment: str
    currency: str
    zone: str
    model: str  # core, integrated, pma
    name: str
    prefix: str  # of its numbers: no two companies of an environment share one


ENTITIES = (
    Entity("USMF", "contoso-us", "USD", "America/Chicago", "integrated", "Contoso USA", "US"),
    Entity("GBSI", "contoso-us", "GBP", "Europe/London", "integrated", "Contoso Great Britain",
           "GB"),
    Entity("USPM", "contoso-us", "USD", "America/Chicago", "pma", "Contoso Manufacturing", "PM"),
    Entity("CAMF", "contoso-ca", "CAD", "America/Toronto", "core", "Contoso Canada", "CA"),
)

PRODUCTS = (  # number, name, type, stocked, tracking, price, cost
    ("D0011", "Filter cartridge", "inventory", True, "none", "75.05", "41.20"),
    ("D0012", "Hydraulic hose", "inventory", True, "none", "19.99", "11.25"),
    ("D0013", "Bearing set", "inventory", True, "none", "64.80", "37.10"),
    ("D0014", "Compressor", "inventory", True, "serial", "2400.00", "1650.00"),
    ("D0015", "Refrigerant R32", "inventory", True, "batch", "55.00", "30.00"),
    ("D0016", "Control valve", "inventory", True, "serial-blank-issue", "310.00", "190.00"),
    ("D0017", "Gasket", "non-inventory", False, "none", "7.35", "4.20"),
    ("D0018", "Sealant", "non-inventory", False, "none", "12.50", "6.10"),
    ("S0001", "Inspection", "service", False, "none", "90.00", "45.00"),
    ("S0002", "Calibration", "service", False, "none", "120.00", "62.00"),
)


def guid_of(text: str) -> str:
    """A GUID made from a text, for rows that are known by their name."""
    bits = blake2b(text.encode(), digest_size=16).hexdigest()
    return f"{bits[:8]}-{bits[8:12]}-{bits[12:16]}-{bits[16:20]}-{bits[20:]}"


@dataclass
class World:
    """Rows by environment (or `finance`) and record, and how to make keys."""

    rng: random.Random
    rows: dict[str, dict[str, list[Row]]] = field(default_factory=dict)
    by_name: dict[tuple[str, str], str] = field(default_factory=dict)
    counter: int = 0

    def key(self) -> str:
        """A new GUID, the same for the same seed."""
        bits = self.rng.getrandbits(122)
        text = f"{bits:032x}"
        return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-a{text[17:20]}-{text[20:32]}"

    def add(self, place: str, record: str, **values: Any) -> Row:
        """Add a row in our field names; rows of the CRM get a key."""
        if place != "finance" and "id" not in values:
            values = {"id": self.key(), **values}
        self.rows.setdefault(place, {}).setdefault(record, []).append(values)
        return values

    def named(self, place: str, record: str, called: str, /, **values: Any) -> Row:
        """Add a row whose key is made of its name: no other key moves because of it."""
        return self.add(place, record, id=guid_of(f"{place} {record} {called}"), **values)


@dataclass
class Site:
    """What one legal entity can use: its masters, ready to pick from."""

    entity: Entity
    currency: Row
    company: Row | None
    accounts: list[Row] = field(default_factory=list)
    products: dict[str, Row] = field(default_factory=dict)
    warehouses: list[Row] = field(default_factory=list)
    sites: list[Row] = field(default_factory=list)
    resources: list[Row] = field(default_factory=list)
    jobs: list[Job] = field(default_factory=list)
    units: dict[str, Row] = field(default_factory=dict)
    categories: dict[str, Row] = field(default_factory=dict)
    role: Row = field(default_factory=dict)
    price_list: Row = field(default_factory=dict)
    work_order_type: str = ""
    approver: str = ""


@dataclass
class Job:
    """A project with its contract, lines, payers and task."""

    kind: str  # tm, nte, fixed, split, retainer, internal
    project: Row
    contract: Row | None
    line: Row | None
    payers: list[Row]
    task: Row
    account: Row


def make_sites(world: World, projects: int) -> dict[str, Site]:
    """All masters of the sample, `projects` projects spread over the entities."""
    sites = {}
    for environment in dict.fromkeys(e.environment for e in ENTITIES):
        for code in ("USD", "GBP", "CAD", "EUR"):
            row = world.add(environment, "currency", code=code, decimals=2)
            world.by_name[environment, f"currency {code}"] = row["id"]
    for entity in ENTITIES:
        sites[entity.code] = _make_site(world, entity)
    weights = {"USMF": 0.6, "GBSI": 0.18, "CAMF": 0.2, "USPM": 0.02}
    for code, share in weights.items():
        for number in range(max(2 if code == "USPM" else 6, round(projects * share))):
            sites[code].jobs.append(make_job(world, sites[code], number))
    _finance(world, sites)
    return sites


def _make_site(world: World, entity: Entity) -> Site:
    place, code = entity.environment, entity.code
    currency = next(r for r in world.rows[place]["currency"] if r["code"] == entity.currency)
    has_company = entity.model != "core"
    company = world.add(place, "company", code=code, name=entity.name) if has_company else None
    owner = {"company": company["id"]} if company else {}
    site = Site(entity, currency, company)
    for name, symbol, factor in (("ea", "ea", "1"), ("box", "box", "12"), ("hour", "h", "1")):
        site.units[name] = world.add(
            place, "unit", name=name, symbol=symbol, factor=Decimal(factor)
        )
    for name in ("Item", "Hour", "Travel"):
        site.categories[name] = world.add(place, "category", name=name)
    start = date(YEAR, 1, 1)
    site.price_list = world.add(
        place,
        "price_list",
        name=f"{code} service {YEAR}",
        currency=currency["id"],
        start=start,
        finish=date(YEAR, 12, 31),
        context="sales",
    )
    for number in range(12):
        site.accounts.append(
            world.add(
                place,
                "account",
                number=f"{code}-{1001 + number}",
                name=f"{NAMES[number % len(NAMES)]} {code}",
                currency=currency["id"],
                status="active",
                **owner,
            )
        )
    for number in range(2):
        site.sites.append(
            world.add(place, "site", number=str(number + 1), name=f"Site {number + 1}", **owner)
        )
    for number in range(4):
        site.warehouses.append(
            world.add(
                place,
                "warehouse",
                number=f"{number // 2 + 1}{number % 2 + 1}",
                name=f"Warehouse {number + 1}",
                site=site.sites[number // 2]["id"],
                **owner,
            )
        )
    for number, name, kind, stocked, _, price, _cost in PRODUCTS:
        row = world.add(
            place,
            "product",
            number=number,
            item_number=number,
            name=name,
            product_type=kind,
            is_stocked=stocked and entity.model != "core",
            unit=site.units["hour" if kind == "service" else "ea"]["id"],
            category=site.categories["Item"]["id"],
            status="active",
            **owner,
        )
        site.products[number] = row
        world.add(
            place,
            "price_list_item",
            price_list=site.price_list["id"],
            product=row["id"],
            unit=row["unit"],
            amount=Decimal(price),
        )
        if entity.model == "core" and kind == "inventory":
            for warehouse in site.warehouses:
                world.add(
                    place,
                    "product_inventory",
                    product=row["id"],
                    warehouse=warehouse["id"],
                    quantity_available=Decimal(100000),
                    quantity_on_hand=Decimal(100000),
                )
    site.approver = world.key()
    for number in range(15):
        site.resources.append(
            world.add(
                place,
                "resource",
                name=f"{PEOPLE[number % len(PEOPLE)]} {code}",
                user=site.approver if number == 0 else world.key(),
                **owner,
            )
        )
    site.work_order_type = world.key()
    return site


KINDS = ("tm", "tm", "fixed", "tm", "split", "nte", "retainer", "tm", "internal", "tm")


def make_job(world: World, site: Site, number: int, kind: str = "") -> Job:
    """A project with contract, line, payers and task; its kind is by turns where none is said."""
    place, entity = site.entity.environment, site.entity
    kind = kind or KINDS[number % len(KINDS)]
    owner = {"company": site.company["id"]} if site.company else {}
    account = site.accounts[number % len(site.accounts)]
    currency = site.currency["id"]
    contract = line = None
    payers: list[Row] = []
    name = f"{entity.prefix}P-{number + 1:05d}"
    if kind != "internal":
        contract = world.add(
            place,
            "contract",
            number=f"{entity.prefix}C-{number + 1:05d}",
            name=f"Service {number + 1}",
            customer=account["id"],
            currency=currency,
            order_type="work-based",
            state="active",
            status_reason="confirmed",
            **owner,
        )
        world.add(
            place, "contract_price_list", contract=contract["id"], price_list=site.price_list["id"]
        )
    project = world.add(
        place,
        "project",
        number=name,
        name=f"Maintenance {number + 1}",
        contract=contract["id"] if contract else None,
        customer=account["id"],
        currency=currency,
        stage="deliver",
        is_pma=entity.model == "pma",
        status="active",
        **owner,
    )
    if contract is not None:
        is_fixed = kind == "fixed"
        line = world.add(
            place,
            "contract_line",
            name="Fixed price" if is_fixed else "Time and material",
            contract=contract["id"],
            project=project["id"],
            line_type="project-based",
            billing_method="fixed-price" if is_fixed else "time-and-material",
            includes_time=True,
            includes_expense=True,
            includes_material=True,
            includes_fee=True,
            included_tasks="all-tasks",
            contracted_amount=Decimal(5000),
            currency=currency,
            nte_limit=Decimal("2500.00") if kind == "nte" else None,
        )
        shares = (
            (("33.34", True), ("33.33", False), ("33.33", False))
            if kind == "split"
            else (("100", True),)
        )
        for index, (percent, is_rounding) in enumerate(shares):
            payer = site.accounts[(number + index) % len(site.accounts)]
            payers.append(
                world.add(
                    place,
                    "contract_customer",
                    contract=contract["id"],
                    contract_line=line["id"],
                    account=payer["id"],
                    percent=Decimal(percent),
                    is_rounding=is_rounding,
                )
            )
        if is_fixed:
            _milestones(world, place, contract, line, project, currency)
        if kind == "retainer":
            world.add(
                place,
                "retainer",
                name="Advance",
                contract=contract["id"],
                contract_customer=payers[0]["id"],
                amount=Decimal("1000.00"),
                used_amount=Decimal("0.00"),
                is_invoiced=True,
                invoice_date=date(YEAR, MONTH, 1),
                invoice_status="customer-invoice-posted",
                currency=currency,
            )
    task = world.add(
        place,
        "task",
        number=f"A-{number + 1:06d}",
        name="Field work",
        project=project["id"],
        is_summary=False,
        billing_type="chargeable",
    )
    world.add(
        place,
        "team_member",
        project=project["id"],
        resource=site.resources[0]["id"],
        user=site.approver,
        is_approver=True,
    )
    return Job(kind, project, contract, line, payers, task, account)


def _milestones(
    world: World, place: str, contract: Row, line: Row, project: Row, currency: str
) -> None:
    for name, amount, day, status in (
        ("Commissioning", "3000.00", 10, "ready"),
        ("Acceptance", "2000.00", 28, "not-ready"),
    ):
        world.add(
            place,
            "milestone",
            name=name,
            contract=contract["id"],
            contract_line=line["id"],
            project=project["id"],
            amount=Decimal(amount),
            tax=Decimal(0),
            currency=currency,
            invoice_date=date(YEAR, MONTH, day),
            invoice_status=status,
        )


def finance_project(world: World, code: str, job: Job) -> None:
    """The project as Finance knows it."""
    world.add(
        "finance",
        "finance_project",
        company=code,
        number=job.project["number"],
        tax_group="AVATAX",
        dimension_display="-022-001",
        stage="in-process",
    )


def _finance(world: World, sites: dict[str, Site]) -> None:
    add = world.add
    for table in (
        "msdyn_actuals",
        "msdyn_transactionconnections",
        "invoices",
        "msdyn_projects",
        "msdyn_estimatelines",
        "msdyn_contractlinescheduleofvalues",
    ):
        add(
            "finance",
            "dual_write_map",
            id=world.key(),
            table=table,
            state="running",
            version="1.0.0.22",
        )
    for name, serial, issue, batch in (
        ("None", False, False, False),
        ("Serial", True, False, False),
        ("Batch", False, False, True),
        ("SerialBlank", True, True, False),
    ):
        add(
            "finance",
            "tracking_group",
            name=name,
            serial_active=serial,
            serial_blank_issue=issue,
            serial_blank_receipt=False,
            batch_active=batch,
            batch_blank_issue=False,
            batch_blank_receipt=False,
        )
    add(
        "finance",
        "storage_group",
        name="SiteWH",
        site_active=True,
        warehouse_mandatory=True,
        location_active=False,
        location_blank_issue=False,
        location_blank_receipt=False,
    )
    group_of = {
        "none": "None",
        "serial": "Serial",
        "batch": "Batch",
        "serial-blank-issue": "SerialBlank",
    }
    for code, site in sites.items():
        entity = site.entity
        if entity.model == "core":
            continue
        opted_in = entity.model == "integrated"
        add(
            "finance",
            "legal_entity",
            code=code,
            name=entity.name,
            currency=entity.currency,
            uses_project_operations=opted_in,
            stocked_products=True,
            period_unit="months",
            lines_per_header=200,
            opens_next_period=code == "USMF",
            exchange_rate_type="Default",
            default_item_category="Item",
            default_hour_category="Hour",
            default_expense_category="EXPENSE",
            default_fee_category="FEE",
            line_discount_category="DISC" if code == "USMF" else None,
            write_in_item="WRITEIN",
            beginning_balance_cut_off=date(2025, 12, 31),
            validates_actuals=False,
            sales_tax_group_from="customer",
            item_tax_group_from="item",
            has_profile_rule=True,
            invoice_numbers_free=True,
        )
        for number, _, _, stocked, tracking, _, _ in PRODUCTS:
            add(
                "finance",
                "released_product",
                company=code,
                item_number=number,
                tracking_group=group_of[tracking],
                storage_group="SiteWH" if stocked else None,
                item_tax_group="ALL",
                unit="ea",
                category="Item",
            )
            for warehouse in site.warehouses if stocked else ():
                add(
                    "finance",
                    "on_hand",
                    company=code,
                    item_number=number,
                    site=warehouse["number"][0],
                    warehouse=warehouse["number"],
                    available=Decimal(
                        3 if (number, warehouse["number"]) == ("D0013", "22") else 100000
                    ),
                )
        for row in site.sites:
            add("finance", "finance_site", company=code, number=row["number"])
        for row in site.warehouses:
            add(
                "finance",
                "finance_warehouse",
                company=code,
                number=row["number"],
                site=row["number"][0],
            )
        for month in range(1, 13):
            first = date(YEAR, month, 1)
            last = (date(YEAR + month // 12, month % 12 + 1, 1)) - timedelta(days=1)
            add(
                "finance",
                "fiscal_period",
                company=code,
                name=f"Period {month}",
                start=first,
                finish=last,
                status="open" if month >= MONTH else "closed",
                project_access="all",
                YearName=str(YEAR),
            )
        for name, kind in (
            ("EXPENSE", "expense"),
            ("FEE", "fee"),
            ("Item", "item"),
            ("Hour", "hour"),
            ("Travel", "expense"),
            ("DISC", "fee"),
        ):
            add(
                "finance",
                "project_category",
                company=code,
                name=name,
                transaction_type=kind,
                item_tax_group="ALL",
                is_active=True,
            )
        for name, billing in (
            ("Charge", "chargeable"),
            ("NonCharge", "non-chargeable"),
            ("Compl", "complimentary"),
            ("NotAvail", "not-available"),
            ("NotSpec", "not-specified"),
        ):
            add(
                "finance",
                "line_property",
                company=code,
                name=name,
                billing_type=billing,
                accrues_revenue=name == "Charge",
            )
        for job in site.jobs:
            finance_project(world, code, job)
        for account in site.accounts:
            add(
                "finance",
                "finance_customer",
                company=code,
                account=account["number"],
                tax_group="AVATAX",
            )
    for source, target, rate in (
        ("GBP", "USD", "125"),
        ("USD", "GBP", "80"),
        ("EUR", "USD", "108"),
    ):
        add(
            "finance",
            "exchange_rate",
            rate_type="Default",
            source=source,
            target=target,
            start=date(YEAR, 1, 1),
            finish=date(YEAR, 12, 31),
            rate=Decimal(rate),
            factor=100,
        )


NAMES = (
    "Adatum",
    "Fabrikam",
    "Litware",
    "Northwind",
    "Proseware",
    "Tailspin",
    "Trey Research",
    "Wingtip",
    "Woodgrove",
    "Lamna",
    "Relecloud",
    "VanArsdel",
)
PEOPLE = (
    "Ana Ruiz",
    "Bo Lind",
    "Cai Wen",
    "Dee Rao",
    "Eli Marsh",
    "Fay Ortiz",
    "Gus Holm",
    "Hana Ito",
    "Ike Boyd",
    "Jo Petrov",
    "Kim Dahl",
    "Lea Costa",
    "Max Orr",
    "Nia Cole",
    "Ola Berg",
)
