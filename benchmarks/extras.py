"""What a month has beside ordinary usage: an order that did not go by plan, agreements with the
work orders born of them, stock that nobody counts, milestones that miss the contracted amount.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from benchmarks.masters import MONTH, YEAR, Job, Row, finance_project, make_job
from benchmarks.usages import Crew

HOUR_LINE = {"kind": "service", "quantity": None, "quantity_to_bill": None, "warehouse": None}


def extras(crew: Crew) -> None:
    """Add what this company has of it."""
    job = next(j for j in crew.site.jobs if j.kind == "tm" and len(j.payers) == 1)
    off_plan(crew, job)
    if crew.site.entity.model == "core":
        agreement(crew, job, "0001", "expired", visits=1)
        uncounted_stock(crew, job)
    else:
        agreement(crew, job, "0001", "active", visits=3)
        missed_milestones(crew)


def moment(day: int, hour: int = 15) -> datetime:
    """An instant of the sample's month, UTC."""
    return datetime(YEAR, MONTH, day, hour, 30, tzinfo=UTC)


def opened(crew: Crew, job: Job, number: str, summary: str, lines: int, **more: object) -> Row:
    """A work order that the next `lines` usages of the crew belong to."""
    crew.order, crew.left_on_order = None, 0
    row = crew.work_order(job, number=number, summary=summary, **more)
    crew.order, crew.left_on_order = (job, row), lines
    return row


def off_plan(crew: Crew, job: Job) -> None:
    """`WO-..DIFF`: where the vendor's rows are not what the lines ask for.

    The plan was raised and its estimate was not; an approver changed a price; one estimate was
    made twice; one forecast never reached Finance; a service and time entries tell of the same
    hours; an hour and a parking fee wait for approval, and parking has no price.
    """
    code = crew.site.entity.code
    order = opened(crew, job, f"WO-{code}-DIFF", "Leak repair that did not go by plan", 4)
    crew.use(job, "D0013", Decimal(4), at=moment(6), line={
        "estimate_quantity": Decimal(4), "apart": {"estimate_quantity": Decimal(2)},
    })  # fmt: skip
    used = crew.use(job, "D0011", Decimal(2), at=moment(6, 16), line={
        "estimate_quantity": Decimal(2), "apart": {"sales_price": Decimal("70.00")},
    })  # fmt: skip
    used[1] |= {"price": Decimal("70.00"), "amount": Decimal("140.00")}
    crew.use(job, "D0017", Decimal(3), at=moment(6, 17), line={
        "estimate_quantity": Decimal(3),
        "apart": {"estimate_twice": True} if crew.site.company is None else {"no_forecast": True},
    })  # fmt: skip
    crew.use(job, "S0001", Decimal("1.50"), at=moment(6, 18), line=HOUR_LINE | {
        "estimate_duration": 60, "duration": 90, "duration_to_bill": 90,
    })  # fmt: skip
    crew.hours(job, 90, moment(6, 18), order)
    crew.hours(job, 60, moment(9), order, status="submitted")
    crew.expense(job, "Parking at the plant", "Parking", Decimal("18.00"), moment(6), order,
                 status="submitted")  # fmt: skip
    crew.order, crew.left_on_order = None, 0


def agreement(crew: Crew, job: Job, number: str, status: str, visits: int) -> None:
    """An agreement that visits the customer every week; each visit is a work order."""
    code = crew.site.entity.code
    row = crew.world.add(
        crew.place, "agreement", number=f"AGR-{code}-{number}", system_status=status,
        project=job.project["id"], billing_account=job.payers[0]["account"],
    )  # fmt: skip
    for visit in range(visits):
        order = opened(
            crew, job, f"WO-{code}-AGR{visit + 1}", f"Visit {visit + 1} of the agreement", 2,
            agreement=row["id"],
        )  # fmt: skip
        at = moment(4 + 7 * visit, 16)
        link = {"agreement": row["id"]}
        crew.use(job, "S0002", Decimal(1), at=at, actual=link, line=HOUR_LINE | {
            "estimate_duration": 60, "duration": 60, "duration_to_bill": 60,
        })  # fmt: skip
        crew.use(job, "D0011", Decimal(2), at=at, actual=link,
                 line={"estimate_quantity": Decimal(2)})  # fmt: skip
        crew.expense(job, "Toll road", "Travel", Decimal("6.50"), at, order)
    for usage in crew.world.rows[crew.place]["usage"][-2 * visits :]:
        usage["agreement"] = row["id"]
    crew.order, crew.left_on_order = None, 0


def uncounted_stock(crew: Crew, job: Job) -> None:
    """A part from a van whose stock nobody counts: no row says what is there."""
    product, van = crew.site.products["D0012"], crew.site.warehouses[3]
    counted = crew.world.rows[crew.place]["product_inventory"]
    counted[:] = [row for row in counted
                  if (row["product"], row["warehouse"]) != (product["id"], van["id"])]  # fmt: skip
    opened(crew, job, "WO-CAMF-VAN", "Hose from the van", 1)
    crew.use(job, "D0012", Decimal(2), at=moment(10), line={"warehouse": van["id"]},
             actual={"warehouse": van["id"]})  # fmt: skip
    crew.world.rows[crew.place]["usage"][-1]["warehouse"] = van["id"]
    crew.order, crew.left_on_order = None, 0


def missed_milestones(crew: Crew) -> None:
    """A fixed price whose milestones come to less than was agreed."""
    job = make_job(crew.world, crew.site, len(crew.site.jobs), kind="fixed")
    crew.site.jobs.append(job)
    finance_project(crew.world, crew.site.entity.code, job)
    assert job.line is not None
    job.line["contracted_amount"] = Decimal(5500)
    opened(crew, job, f"WO-{crew.site.entity.code}-FIX", "Commissioning at a fixed price", 1)
    crew.use(job, "D0013", Decimal(2), at=moment(11), line={"estimate_quantity": Decimal(2)})
    crew.order, crew.left_on_order = None, 0
