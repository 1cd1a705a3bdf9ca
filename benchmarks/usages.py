"""Usage of the sample company: work orders, lines, logs, approvals, actuals, situations.

Most of a month is clean, as in life. `SITUATIONS` are the things that go wrong or differ;
each is made a fixed number of times in a small company and in proportion in a large one.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from benchmarks.labour import HOUR_COST, HOUR_PRICE, MARKUP
from benchmarks.masters import MONTH, PRODUCTS, YEAR, Job, Row, Site, World

PRICES = {number: (Decimal(price), Decimal(cost)) for number, *_, price, cost in PRODUCTS}
TRACKING = {number: tracking for number, _, _, _, tracking, _, _ in PRODUCTS}
CENT = Decimal("0.01")
PLAIN = ("D0011", "D0012", "D0013", "D0017", "D0018", "D0015", "D0014")


class Crew:
    """Makes usages of one company, one after the other."""

    def __init__(self, world: World, site: Site) -> None:
        self.world = world
        self.site = site
        self.place = site.entity.environment
        self.rng = world.rng
        self.serial = 0
        self.order: tuple[Job, Row] | None = None
        self.left_on_order = 0
        self.orders = 0

    def job(self, *kinds: str) -> Job:
        """A project of one of these kinds."""
        return self.rng.choice([j for j in self.site.jobs if j.kind in kinds])

    def moment(self, day: int | None = None) -> datetime:
        """A working moment of the month, UTC."""
        chosen = day or self.rng.randint(2, 27)
        return datetime(
            YEAR,
            MONTH,
            chosen,
            self.rng.randint(14, 20),
            self.rng.randrange(60),
            tzinfo=UTC,
        )

    def work_order(self, job: Job, **changes: Any) -> Row:
        """A completed work order of a project; a few lines share one."""
        if not changes and self.order is not None and self.order[0] is job and self.left_on_order:
            self.left_on_order -= 1
            return self.order[1]
        self.orders += 1
        values = {
            "number": f"WO-{self.site.entity.prefix}{self.orders:06d}",
            "system_status": "completed",
            "service_account": job.account["id"],
            "billing_account": (job.payers[0]["account"] if job.payers else job.account["id"]),
            "work_order_type": self.site.work_order_type,
            "price_list": self.site.price_list["id"],
            "taxable": False,
            "currency": self.site.currency["id"],
            "project": job.project["id"],
            "summary": self.rng.choice(("Quarterly service", "Leak repair", "Replace part")),
            "status": "active",
        } | changes
        row = self.world.add(self.place, "work_order", **values)
        if not changes:
            self.order, self.left_on_order = (job, row), 4
        return row

    def part(self, number: str | None = None) -> str:
        """A product number, mostly plain ones."""
        return number or self.rng.choices(PLAIN, weights=(8, 6, 5, 5, 4, 3, 2))[0]

    def use(
        self,
        job: Job,
        number: str | None = None,
        quantity: Decimal | None = None,
        to_bill: Decimal | None = None,
        at: datetime | None = None,
        discount: Decimal | None = None,
        order: dict[str, Any] | None = None,
        line: dict[str, Any] | None = None,
        actual: dict[str, Any] | None = None,
        billing_status: str = "ready-to-invoice",
        billing_type: str = "chargeable",
        resource: Row | None = None,
    ) -> list[Row]:
        """One used part: line, log, approval, cost actual and, for T&M, unbilled sales."""
        number = self.part(number)
        tracking = TRACKING[number]
        if quantity is None:
            whole = self.rng.randint(1, 9)
            quantity = Decimal(1) if tracking.startswith("serial") else Decimal(whole)
        to_bill = quantity if to_bill is None else to_bill
        at = at or self.moment()
        product = self.site.products[number]
        price, cost = PRICES[number]
        stock = self._stock(product, tracking)
        work_order = self.work_order(job, **(order or {}))
        resource = resource or self.rng.choice(self.site.resources)
        add = self.world.add
        # Field Service lines have no batch, serial and site columns we know of: those are ours.
        on_line = {
            "kind": "product",
            "name": product["name"],
            "line_status": "used",
            "work_order": work_order["id"],
            "product": product["id"],
            "unit": product["unit"],
            "price_list": self.site.price_list["id"],
            "warehouse": stock.get("warehouse"),
            "quantity": quantity,
            "quantity_to_bill": to_bill,
            "unit_price": price,
            "unit_cost": cost,
            "discount_percent": discount,
            "status": "active",
            "currency": self.site.currency["id"],
        } | {k: v for k, v in stock.items() if k in ("serial_number", "batch_number", "site")}
        used = add(self.place, "work_order_line", **(on_line | (line or {})))
        usage = add(
            self.place,
            "usage",
            used_at=at,
            product=product["id"],
            quantity=quantity,
            quantity_to_bill=to_bill,
            unit=product["unit"],
            unit_cost=cost,
            project=job.project["id"],
            task=job.task["id"],
            resource=resource["id"],
            usage_status="approved",
            work_order=work_order["id"],
            line=used["id"],
            is_return=False,
            created_offline=False,
            status="active",
            **stock,
        )
        approved = at + timedelta(hours=self.rng.randint(1, 30), minutes=self.rng.randrange(60))
        add(
            self.place,
            "approval",
            entry_type="material",
            stage="approved",
            approved_on=approved,
            approved_by=self.site.approver,
            quantity=quantity,
            billable_quantity=to_bill,
            project=job.project["id"],
            usage=usage["id"],
            is_automatic=True,
        )
        common = (
            {
                "description": product["name"],
                "transaction_class": "material",
                "unit": product["unit"],
                "product": product["id"],
                "project": job.project["id"],
                "task": job.task["id"],
                "contract": job.contract["id"] if job.contract else None,
                "contract_line": job.line["id"] if job.line else None,
                "category": self.site.categories["Item"]["id"],
                "currency": self.site.currency["id"],
                "resource": resource["id"],
                "started_at": at,
                "document_date": at.date(),
                "skip_sync": False,
                "work_order": work_order["id"],
                "line": used["id"],
                "usage": usage["id"],
                "origin": "usage",
                "created_on": approved,
                "status": "active",
                "amount_method": "quantity-times-price",
                "exchange_rate": Decimal(1),
                "is_correction": False,
            }
            | stock
            | (actual or {})
        )
        made = [self.actual(common, "cost", quantity, cost)]
        if job.line is not None and job.line["billing_method"] == "time-and-material":
            for share, payer in self._shares(to_bill, job):
                made.append(
                    self.actual(
                        common,
                        "unbilled-sales",
                        share,
                        price,
                        payer,
                        billing_type,
                        billing_status,
                        discount,
                        quantity_used=quantity if len(job.payers) == 1 else None,
                    )
                )
            if 0 < to_bill < quantity and len(job.payers) == 1:
                made.append(
                    self.actual(
                        common,
                        "unbilled-sales",
                        quantity - to_bill,
                        price,
                        job.payers[0],
                        "non-chargeable",
                        billing_status,
                    )
                )
            for sale in made[1:]:
                self.connect(made[0], "Cost", sale, "Unbilled Sales")
        return made

    def _stock(self, product: Row, tracking: str) -> dict[str, Any]:
        if product["product_type"] != "inventory":
            return {}
        warehouse = self.site.warehouses[self.rng.randrange(3)]
        stock: dict[str, Any] = {"warehouse": warehouse["id"]}
        if self.site.entity.model == "core":
            return stock
        stock["site"] = warehouse["site"]
        if tracking.startswith("serial"):
            self.serial += 1
            stock["serial_number"] = f"SN-{self.site.entity.code}-{self.serial:06d}"
        if tracking == "batch":
            stock["batch_number"] = f"B-{YEAR}-{self.rng.randint(100, 120)}"
        return stock

    def _shares(self, quantity: Decimal, job: Job) -> list[tuple[Decimal, Row]]:
        if len(job.payers) == 1:
            return [(quantity, job.payers[0])]
        shares = [(quantity * p["percent"] / 100).quantize(CENT, ROUND_HALF_UP) for p in job.payers]
        shares[0] = quantity - sum(shares[1:], Decimal(0))
        return list(zip(shares, job.payers, strict=True))

    def actual(
        self,
        common: dict[str, Any],
        type: str,
        quantity: Decimal,
        price: Decimal,
        payer: Row | None = None,
        billing_type: str | None = None,
        billing_status: str | None = None,
        discount: Decimal | None = None,
        **changes: Any,
    ) -> Row:
        """One actual; sales carry payer, billing type and status."""
        amount = (quantity * price).quantize(CENT, ROUND_HALF_UP)
        sales: dict[str, Any] = {}
        if type in ("unbilled-sales", "billed-sales"):
            sales = {
                "billing_type": billing_type,
                "billing_status": billing_status,
                "nte_status": "not-applicable",
                "price_list": self.site.price_list["id"],
            }
            if payer is not None:
                sales |= {"contract_customer": payer["id"], "customer": payer["account"]}
            if discount:
                sales |= {
                    "discount_percent": discount,
                    "discount_amount": (amount * discount / 100).quantize(CENT, ROUND_HALF_UP),
                }
        values = (
            common
            | sales
            | {"transaction_type": type, "quantity": quantity, "price": price, "amount": amount}
            | changes
        )
        return self.world.add(self.place, "actual", **values)

    def connect(self, first: Row, role: str, second: Row, other: str) -> None:
        """A transaction connection between two actuals."""
        self.world.add(
            self.place,
            "connection",
            first=first["id"],
            first_role=role,
            first_type="msdyn_actual",
            second=second["id"],
            second_role=other,
            second_type="msdyn_actual",
        )

    def hours(
        self, job: Job, minutes: int | None = None, at: datetime | None = None,
        order: Row | None = None, status: str = "approved",
    ) -> list[Row]:  # fmt: skip
        """Time of a technician at the prices of the role; actuals once it is approved."""
        at = at or self.moment()
        minutes = minutes or self.rng.choice((60, 90, 120, 240))
        resource = self.rng.choice(self.site.resources)
        self.world.add(
            self.place,
            "time_entry",
            work_order=order["id"] if order else None,
            project=job.project["id"],
            task=job.task["id"],
            resource=resource["id"],
            day=at.date(),
            duration=minutes,
            role=self.site.role["id"],
            category=self.site.categories["Hour"]["id"],
            entry_type="work",
            entry_status=status,
        )
        if status != "approved":
            return []
        common = self._labour(job, at, order) | {
            "description": "Field work",
            "transaction_class": "time",
            "unit": self.site.units["hour"]["id"],
            "category": self.site.categories["Hour"]["id"],
            "role": self.site.role["id"],
            "resource": resource["id"],
            "origin": "time",
        }
        return self._sold(job, common, Decimal(minutes) / 60, HOUR_COST, HOUR_PRICE)

    def expense(
        self, job: Job, what: str, category: str, cost: Decimal, at: datetime,
        order: Row, status: str = "approved",
    ) -> list[Row]:  # fmt: skip
        """What a technician paid, at the cost that was entered; sold with the mark-up."""
        resource = self.rng.choice(self.site.resources)
        self.world.add(
            self.place,
            "expense",
            name=what,
            work_order=order["id"],
            project=job.project["id"],
            task=job.task["id"],
            resource=resource["id"],
            category=self.site.categories[category]["id"],
            day=at.date(),
            quantity=Decimal(1),
            unit=self.site.units["ea"]["id"],
            unit_cost=cost,
            amount=cost,
            currency=self.site.currency["id"],
            expense_status=status,
        )
        if status != "approved":
            return []
        common = self._labour(job, at, order) | {
            "description": what,
            "transaction_class": "expense",
            "unit": self.site.units["ea"]["id"],
            "category": self.site.categories[category]["id"],
            "resource": resource["id"],
            "origin": "expense",
        }
        price = (cost * (100 + MARKUP) / 100).quantize(CENT, ROUND_HALF_UP)
        return self._sold(job, common, Decimal(1), cost, price)

    def _labour(self, job: Job, at: datetime, order: Row | None) -> Row:
        """What actuals of time and of expenses have in common."""
        return {
            "project": job.project["id"],
            "task": job.task["id"],
            "contract": job.contract["id"] if job.contract else None,
            "contract_line": job.line["id"] if job.line else None,
            "currency": self.site.currency["id"],
            "work_order": order["id"] if order else None,
            "started_at": at,
            "document_date": at.date(),
            "skip_sync": False,
            "created_on": at + timedelta(hours=8),
            "status": "active",
            "amount_method": "quantity-times-price",
            "exchange_rate": Decimal(1),
            "is_correction": False,
        }

    def _sold(
        self, job: Job, common: Row, quantity: Decimal, cost: Decimal, price: Decimal
    ) -> list[Row]:
        """Cost and, for time and material, the unbilled sales of each payer."""
        made = [self.actual(common, "cost", quantity, cost)]
        if job.line is not None and job.line["billing_method"] == "time-and-material":
            for share, payer in self._shares(quantity, job):
                sale = self.actual(
                    common, "unbilled-sales", share, price, payer, "chargeable", "ready-to-invoice"
                )
                self.connect(made[0], "Cost", sale, "Unbilled Sales")
                made.append(sale)
        return made

    def reverse(self, original: Row, **changes: Any) -> Row:
        """The reversal of an actual: every field copied, the sign of the quantity flipped."""
        values = {k: v for k, v in original.items() if k != "id"}
        values |= {
            "quantity": -original["quantity"],
            "amount": -original["amount"],
            "adjustment_status": "unadjustable",
            "created_on": original["created_on"] + timedelta(hours=20),
        }
        if original.get("discount_amount"):
            values["discount_amount"] = -original["discount_amount"]
        reversal = self.world.add(self.place, "actual", **(values | changes))
        self.connect(reversal, "Reversing", original, "Original")
        return reversal


def clean(crew: Crew) -> None:
    """An ordinary usage: mostly parts, some hours, now and then a discount or less billed."""
    chance = crew.rng.random()
    kinds = ("tm", "tm", "tm", "fixed", "split", "retainer", "internal")
    job = crew.order[0] if crew.order and crew.left_on_order else crew.job(*kinds)
    if chance < 0.14:
        open_order = crew.order if crew.left_on_order else None
        crew.hours(job, order=open_order[1] if open_order and open_order[0] is job else None)
    elif chance < 0.20:
        crew.use(job, discount=Decimal(crew.rng.choice((5, 10, 15))))
    elif chance < 0.25 and len(job.payers) == 1:
        crew.use(job, "D0012", Decimal(10), Decimal(6))
    elif chance < 0.33:
        crew.use(job, billing_status="unbilled-sales-created")
    else:
        crew.use(job)


Make = Callable[[Crew], object]


def situations(integrated: bool) -> list[Make]:
    """Everything that differs or goes wrong; the list depends on the model."""
    common: list[Make] = [
        lambda c: c.use(c.job("tm"), order={"billing_account": c.site.accounts[-1]["id"]}),
        lambda c: c.use(c.job("tm"), billing_type="complimentary"),
        lambda c: c.use(c.job("tm"), billing_type="non-chargeable"),
        lambda c: c.use(c.job("tm"), line={"discount_amount": Decimal("18.00")}),
        lambda c: c.use(c.job("tm"), actual={"contract_customer": None}) and _strip_payer(c),
        lambda c: c.use(
            c.job("nte"), "D0014" if integrated else "D0011", actual={"nte_status": "failed"}
        ),
        lambda c: _nte(c),
        lambda c: _cancelled(c),
        lambda c: _billed(c),
        lambda c: _double(c),
        lambda c: c.use(c.job("tm"), actual={"product": c.world.key()}),
        lambda c: c.use(c.job("tm"), actual={"currency": _other_currency(c)}),
        lambda c: c.use(c.job("tm"), at=c.moment(29) + timedelta(days=4)),
        lambda c: c.use(c.job("tm"), line={"additional_cost": Decimal("12.00")}),
    ]
    if not integrated:
        return [
            *common,
            lambda c: c.use(
                c.job("tm"), "D0011", actual={"warehouse": None}, line={"warehouse": None}
            ),
            lambda c: _stock_out(c),
        ]
    return [
        *common,
        lambda c: c.use(c.job("tm"), "D0014", Decimal(2)),
        lambda c: c.use(c.job("tm"), "D0014", actual={"serial_number": None}),
        lambda c: c.use(c.job("tm"), "D0016", actual={"serial_number": None}),
        lambda c: c.use(c.job("tm"), "D0015", actual={"batch_number": None}),
        lambda c: c.use(c.job("tm"), "D0011", actual={"warehouse": None}),
        lambda c: c.use(c.job("tm"), "D0011", actual={"site": None}),
        lambda c: c.use(
            c.job("tm"),
            "D0011",
            actual={"site": c.site.sites[1]["id"], "warehouse": c.site.warehouses[0]["id"]},
        ),
        lambda c: c.use(c.job("tm"), "D0017", actual={"serial_number": "SN-UNTRACKED"}),
        lambda c: _serial_twice(c),
        lambda c: c.use(
            c.job("tm"),
            "D0013",
            Decimal(5),
            actual={"warehouse": c.site.warehouses[3]["id"], "site": c.site.sites[1]["id"]},
        ),
        lambda c: c.use(c.job("tm"), at=datetime(YEAR, MONTH - 1, 30, 15, tzinfo=UTC)),
        lambda c: c.use(c.job("tm"), "D0011", actual={"origin": "packing-slip"}),
        lambda c: c.use(c.job("tm"), "D0011", actual={"origin": "vendor-invoice"}),
        lambda c: c.use(c.job("internal"), actual={"is_intercompany": True, "skip_sync": True}),
        lambda c: c.use(c.job("tm"), actual={"production_order": "P-000077"}),
        lambda c: c.use(c.job("tm"), at=datetime(YEAR, MONTH, 30, 23, 30, tzinfo=UTC)),
    ]


def _strip_payer(c: Crew) -> None:
    row = c.world.rows[c.place]["actual"][-1]
    if row["transaction_type"] == "unbilled-sales":
        row["contract_customer"] = None


def _other_currency(c: Crew) -> str:
    return c.world.by_name[c.place, "currency EUR"]


def _nte(c: Crew) -> None:
    job = c.job("nte")
    for quantity in (Decimal(12), Decimal(12), Decimal(9)):
        for row in c.use(job, "D0011", quantity)[1:]:
            row["nte_status"] = "committed"


def _cancelled(c: Crew) -> None:
    for row in c.use(c.job("tm"), "D0017"):
        is_sale = row["transaction_type"] == "unbilled-sales"
        row["adjustment_status"] = "adjusted"
        if is_sale:
            row["billing_status"] = "canceled"
        c.reverse(row, **({"billing_status": "canceled"} if is_sale else {}))


def _billed(c: Crew) -> None:
    job = c.job("tm")
    _, sale, *_ = c.use(job, "D0017")
    invoice = c.world.add(
        c.place,
        "invoice",
        number=f"INV-{c.orders:05d}",
        contract=sale["contract"],
        customer=sale["customer"],
        currency=sale["currency"],
        order_type="work-based",
        invoice_date=date(YEAR, MONTH, 28),
        invoice_status="confirmed",
        total=sale["amount"],
    )
    sale |= {"billing_status": "customer-invoice-posted", "invoice": invoice["id"]}
    c.reverse(sale, skip_sync=True, origin="invoice-confirmation", invoice=invoice["id"])
    billed = {k: v for k, v in sale.items() if k != "id"} | {
        "transaction_type": "billed-sales",
        "origin": "invoice-confirmation",
        "created_on": sale["created_on"] + timedelta(hours=20),
    }
    c.connect(c.world.add(c.place, "actual", **billed), "Billed Sales", sale, "Unbilled Sales")


def _double(c: Crew) -> None:
    job, at, resource = c.job("tm"), c.moment(), c.site.resources[3]
    order = c.work_order(job)
    c.order, c.left_on_order = (job, order), 2
    for _ in range(2):
        c.use(job, "D0018", Decimal(3), at=at, resource=resource)


def _serial_twice(c: Crew) -> None:
    for _ in range(2):
        c.use(c.job("tm"), "D0014", actual={"serial_number": f"SN-{c.site.entity.code}-TWICE"})


def _stock_out(c: Crew) -> None:
    stock = next(
        r
        for r in c.world.rows[c.place]["product_inventory"]
        if r["product"] == c.site.products["D0016"]["id"]
    )
    stock |= {"quantity_available": Decimal(0), "quantity_on_hand": Decimal(0)}
    c.use(
        c.job("tm"),
        "D0016",
        Decimal(1),
        actual={"warehouse": stock["warehouse"]},
        line={"warehouse": stock["warehouse"]},
    )
