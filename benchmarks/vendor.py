"""What the vendor writes of its own between a work order line and its actuals: estimate lines
while work is planned, journals that price submitted usage, item forecasts in Finance.

Made of the lines and logs that wait to be written, so that a company of any size streams. Keys
are made of those of the line or log: no other key moves. A line may say under `apart` what
people did that makes the vendor's row differ from what the line asks for.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from benchmarks.masters import MONTH, YEAR, Job, Row, Site, World, guid_of

CENT = Decimal("0.01")
PLANNED_OF = 3  # one line of so many was planned before it was used
UNTOUCHED_OF = 4  # three plans of four came true; of the others more was planned than used




class Vendor:
    """Writes the vendor's rows for what is waiting in the tables of a world."""

    def __init__(self, world: World, sites: dict[str, Site]) -> None:
        self.world = world
        self.sites = sites
        self._projects: dict[str, tuple[Site, Job]] = {}

    def write(self) -> None:
        """Add the rows of all waiting lines and logs."""
        for place in dict.fromkeys(site.entity.environment for site in self.sites.values()):
            tables = self.world.rows[place]
            lines = {row["id"]: row for row in tables.get("work_order_line", ())}
            orders = {row["id"]: row["project"] for row in tables.get("work_order", ())}
            projects: dict[str, str] = {}
            for usage in tables.get("usage", ()):
                projects[usage["line"]] = usage["project"]
                self._journal(place, usage, lines[usage["line"]])
            used_at = {row["line"]: row["used_at"] for row in tables.get("usage", ())}
            for key, line in lines.items():
                project = projects.get(key) or orders[line["work_order"]]
                self._estimate(place, line, project, used_at.get(key))

    def job(self, project: str) -> tuple[Site, Job]:
        """The company and the job of a project."""
        if project not in self._projects:
            self._projects = {
                job.project["id"]: (site, job) for site in self.sites.values() for job in site.jobs
            }
        return self._projects[project]

    def _estimate(self, place: str, line: Row, project: str, used: datetime | None) -> None:
        """Cost and sales of a planned quantity; where Finance is integrated, one forecast."""
        site, job = self.job(project)
        if site.entity.model == "pma":
            return
        chance = int(line["id"][-6:], 16)
        planned = planned_of(line)
        if planned is None:
            if chance % PLANNED_OF or line["kind"] == "service":
                return
            came_true = chance // PLANNED_OF % UNTOUCHED_OF
            planned = line["estimate_quantity"] = line["quantity"] + (0 if came_true else 1)
        apart = line.get("apart", {})
        quantity = apart.get("estimate_quantity", planned)
        first = (used or datetime(YEAR, MONTH, 3, 9, tzinfo=UTC)) - timedelta(days=chance % 3 + 1)
        at = first.replace(hour=9, minute=chance % 60)
        rows = list(self._contexts(place, line, job, quantity, at))
        if apart.get("estimate_twice"):
            rows += self._contexts(place, line, job, quantity, at, " again")
        if site.entity.model == "integrated" and not apart.get("no_forecast"):
            self._forecast(site, line, job, quantity, at.date(), rows)

    def _contexts(
        self, place: str, line: Row, job: Job, quantity: Decimal, at: datetime, again: str = ""
    ) -> Iterator[Row]:
        ids = {t: guid_of(f"estimate {line['id']} {t}{again}") for t in ("cost", "sale")}
        for name, type_, price in (("cost", "cost", line["unit_cost"]),
                                   ("sale", "unbilled-sales", line["unit_price"])):  # fmt: skip
            sold = "chargeable" if job.line else "not-available"
            yield self.world.add(
                place, "estimate_line", id=ids[name], description=line["name"],
                transaction_type=type_, transaction_class="material",
                billing_type=None if name == "cost" else sold, quantity=quantity, price=price,
                amount=_amount(quantity, price), currency=line["currency"], unit=line["unit"],
                product=line["product"], project=job.project["id"],
                price_list=line["price_list"], origin=None if name == "cost" else ids["cost"],
                document_date=at.date(), started_at=at, work_order=line["work_order"],
                line=line["id"], site=self._site_of(place, line), modified_on=at,
                warehouse=line.get("warehouse"), status="active",
            )  # fmt: skip

    def _site_of(self, place: str, line: Row) -> str | None:
        """The site of a line, else of its warehouse (domain R-097)."""
        return line.get("site") or self._warehouse(place, line).get("site")

    def _warehouse(self, place: str, line: Row) -> Row:
        for site in self.sites.values():
            for row in site.warehouses if site.entity.environment == place else ():
                if row["id"] == line.get("warehouse"):
                    return row
        return {}

    def _forecast(
        self, site: Site, line: Row, job: Job, quantity: Decimal, start: date, rows: list[Row]
    ) -> None:
        code, place = site.entity.code, site.entity.environment
        transaction = f"F{guid_of(line['id'])[:8].upper()}"
        product = next(row for row in site.products.values() if row["id"] == line["product"])
        unit = next(row for row in site.units.values() if row["id"] == line["unit"])
        warehouse = self._warehouse(place, line)
        known = next((row for row in site.sites if row["id"] == self._site_of(place, line)), {})
        self.world.add(
            "finance", "item_forecast", company=code, transaction=transaction,
            project=job.project["number"], item_number=product["number"], quantity=quantity,
            unit=unit["symbol"], cost_price=line["unit_cost"], sales_price=line["unit_price"],
            currency=site.entity.currency, site=known.get("number"),
            warehouse=warehouse.get("number"), line_property="Charge" if job.line else "NonCharge",
            category="Item", forecast_model="Forecast", start=start, is_active=True,
        )  # fmt: skip
        self.world.add(
            "finance", "forecast_import", company=code, estimate_line=rows[1]["id"],
            origin=rows[0]["id"], transaction=transaction, transaction_type="unbilled-sales",
            ImportId=guid_of(f"import {line['id']}"),
        )  # fmt: skip

    def _journal(self, place: str, usage: Row, line: Row) -> None:
        """Cost, and for time and material the sales, of a log that was submitted."""
        site, job = self.job(usage["project"])
        if site.entity.model == "pma":
            return
        journal = self.world.add(
            place, "project_journal", id=guid_of(f"journal {usage['id']}"),
            description=f"Material usage: {line['name']}", journal_type="entry",
            project=usage["project"], day=usage["used_at"].date(), is_posted=True, status="active",
        )  # fmt: skip
        shares: list[tuple[str, Decimal, str | None]] = [("cost", usage["quantity"], None)]
        if job.line is not None and job.line["billing_method"] == "time-and-material":
            used, bill = usage["quantity"], usage["quantity_to_bill"]
            if bill:
                shares.append(("unbilled-sales", bill, "chargeable"))
            if bill < used:
                shares.append(("unbilled-sales", used - bill, "non-chargeable"))
        apart = line.get("apart", {})
        for type_, quantity, sold in shares:
            price = line["unit_cost"] if type_ == "cost" else line["unit_price"]
            price = apart.get("sales_price", price) if type_ != "cost" else price
            copied: dict[str, Any] = {
                name: usage.get(name)
                for name in ("unit", "product", "project", "task", "resource", "work_order",
                             "line", "site", "warehouse", "batch_number", "serial_number")
            }  # fmt: skip
            self.world.add(
                place, "project_journal_line",
                id=guid_of(f"journal line {usage['id']} {type_} {sold}"),
                description=line["name"], journal=journal["id"], transaction_type=type_,
                transaction_class="material", billing_type=sold, quantity=quantity, price=price,
                amount=_amount(quantity, price), currency=line["currency"],
                contract=job.contract["id"] if job.contract and job.line else None,
                contract_line=job.line["id"] if job.line else None,
                price_list=line["price_list"], document_date=usage["used_at"].date(),
                started_at=usage["used_at"], is_posted=True, usage=usage["id"], status="active",
                **copied,
            )  # fmt: skip


def planned_of(line: Row) -> Decimal | None:
    """What a line says it was planned with: units, of a service hours."""
    minutes = line.get("estimate_duration")
    if minutes is not None:
        return (Decimal(minutes) / 60).quantize(CENT, ROUND_HALF_UP)
    quantity: Decimal | None = line.get("estimate_quantity")
    return quantity


def _amount(quantity: Decimal, price: Decimal) -> Decimal:
    return (quantity * price).quantize(CENT, ROUND_HALF_UP)
