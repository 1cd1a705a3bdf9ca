"""Labour of a work order (domain 2.1, R-034, R-071 to R-076): priced by roles, told apart."""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapter.making.labour import Labour, LabourLine, LabourPrices, labour
from adapter.making.labour_lines import billing_of, expenses_of, labour_twice, time_entries_of
from adapter.making.priced import said
from adapter.reading.settings import Rounding, Settings
from adapter.reading.store import RecordsInMemory
from adapter.values.field_service import PriceList, TimeEntry, Unit, WorkOrder, WorkOrderLine
from adapter.values.finding import Finding, Place
from adapter.values.money import amount_of, split_by_percent
from adapter.values.prices import CategoryPrice, Expense, RolePrice, UnitPriceList
from adapter.values.project_operations import ContractLine, Project, Task
from adapter.values.record import Record
from tests.pricing_given import BASE, D, created, entry, expense, service, world


def of(*more: Record, settings: Settings | None = None, without: tuple[str, ...] = ()) -> Labour:
    return labour("wo", world(*more, without=without), settings)


def only(found: Labour) -> LabourLine:
    assert len(found.lines) == 1, found.lines
    return found.lines[0]


def codes(line: LabourLine) -> list[str]:
    return [finding.code for finding in line.findings]


def sums(found: Labour) -> dict[tuple[bool, str, str, str], str]:
    return {(t.is_approved, t.transaction_class, t.type, t.currency): str(t.amount)
            for t in found.totals}  # fmt: skip


def test_a_time_entry_costs_and_sells_by_its_role() -> None:
    line = only(of(entry()))

    assert line.sales is not None
    assert (line.quantity, line.cost.amount, line.sales.amount) == (
        D("1.5"), D("60.00"), D("142.50"),
    )  # fmt: skip
    assert (line.transaction_class, line.contract_line, codes(line)) == ("time", "cl", [])
    words = said(line.cost.priced)
    assert words == "USD 40.00 per Hour: price list Cost 2026 of the contracting unit"


@pytest.mark.parametrize(
    "minutes, cost", [(1, "0.80"), (20, "13.20"), (60, "40.00"), (100, "66.80"), (0, "0.00")]
)
def test_r054_r076_hours_have_the_two_decimals_of_an_actual(minutes: int, cost: str) -> None:
    line = only(of(entry(duration=minutes)))

    assert (str(line.cost.amount), codes(line)) == (cost, [])


@given(st.integers(0, 100_000), st.integers(1, 10_000))
def test_r076_labour_is_worth_the_hours_that_its_actual_will_record(
    minutes: int, cents: int
) -> None:
    rate = RolePrice(id="c-tech", price_list="cost", role="tech", unit="hour",
                     price=D(cents).scaleb(-2))  # fmt: skip
    recorded = (D(minutes) / 60).quantize(D("0.01"), ROUND_HALF_UP)
    found = only(of(rate, entry(duration=minutes)))

    assert found.quantity == recorded
    assert found.cost.amount == amount_of(recorded, D(cents).scaleb(-2))


@pytest.mark.parametrize("minutes", [None, -1])
def test_an_entry_without_minutes_is_worth_nothing_and_says_so(minutes: int | None) -> None:
    line = only(of(entry(duration=minutes)))

    assert (line.cost.amount, codes(line)) == (D("0.00"), ["LAB702"])


def test_r074_roles_are_priced_by_the_project_whatever_field_service_calculates() -> None:
    both = Settings(options={"calculate_price_in_field_service": True,
                             "calculate_cost_in_field_service": True})
    order = WorkOrder(id="wo", project="p", task="t", price_list="fs")
    fs = PriceList(id="fs", name="Field", currency="usd", context="sales")
    free = RolePrice(id="fs-tech", price_list="fs", role="tech", unit="hour", price=D(1))
    line = only(of(order, fs, free, entry(), settings=both))

    assert line.sales is not None
    assert (line.sales.priced.price, line.sales.priced.level) == (D("95.00"), "contract")


def test_r072_r071_the_day_of_the_entry_chooses_the_list() -> None:
    newer = PriceList(id="cost-b", name="Cost autumn", currency="usd", context="cost",
                      start=date(2026, 11, 1), created_on=created(2026))
    attached = UnitPriceList(id="cu-b", contracting_unit="cu", price_list="cost-b")
    rate = RolePrice(id="c2", price_list="cost-b", role="tech", unit="hour", price=D(44))
    more = (newer, attached, rate)

    assert only(of(*more, entry())).cost.priced.price == D(44)
    october = only(of(*more, entry(day=date(2026, 10, 31))))
    assert october.cost.priced.price == D("40.00")
    assert codes(only(of(entry(day=date(2027, 1, 1))))) == ["PRC701"] * 2
    assert codes(only(of(entry(day=None)))) == ["PRC710"]


def rate(key: str, price: int, **said_of: object) -> RolePrice:
    return RolePrice(id=key, price_list="cost", role="tech", unit="hour", price=D(price),
                     **said_of)  # type: ignore[arg-type]


def test_the_price_that_names_the_company_or_the_unit_comes_first() -> None:
    general, company = rate("c-tech", 40), rate("c-in", 25, company="c-in")
    unit = rate("c-cu", 30, resourcing_unit="robotics")
    both = rate("c-both", 27, company="c-in", resourcing_unit="robotics")
    person = rate("c-raj", 99, resource="raj")

    def cost(*rows: RolePrice, settings: Settings | None = None, **who: object) -> Decimal:
        return only(of(*rows, entry(**who), settings=settings)).cost.priced.price

    raj = {"resource": "raj", "resourcing_unit": "robotics"}
    assert cost(general, company, unit) == 40  # Ann is of another company, of no unit
    assert cost(general, company, resource="raj") == 25
    assert cost(general, company, unit, **raj) == 25
    by_unit = Settings(options={"role_price_priority": "resourcing-unit"})
    assert cost(general, company, unit, settings=by_unit, **raj) == 30
    assert cost(general, company, unit, both, settings=by_unit, **raj) == 27
    assert cost(general, both, person, **raj) == 99
    assert cost(general, rate("c-raj", 99, resource="raj")) == 40
    assert cost(general, rate("c-par", 41, category="parking"), category="parking") == 41
    assert cost(general, rate("c-par", 41, category="parking")) == 40


def test_two_prices_for_the_same_are_said() -> None:
    assert "PRC708" in codes(only(of(rate("c-other", 41), entry())))
    assert codes(only(of(rate("c-other", 40, currency="usd"), entry()))) == []


def test_a_role_priced_per_day_is_told_per_hour() -> None:
    daily = RolePrice(id="c-tech", price_list="cost", role="tech", unit="day", price=D("100.00"),
                      currency="usd")  # fmt: skip
    line = only(of(daily, entry()))

    assert line.cost.amount == D("18.75")
    assert said(line.cost.priced).endswith("contracting unit, 100.00 per Day of 8 Hour")
    assert said(line.cost.priced).startswith("USD 12.5 per Hour: ")


def test_a_third_of_a_day_rate_is_not_rounded_before_the_amount() -> None:
    day = Unit(id="day", name="Day", group="time", base="hour", factor=D(3))
    daily = RolePrice(id="c-tech", price_list="cost", role="tech", unit="day", price=D("100.01"))

    assert only(of(day, daily, entry(duration=90))).cost.amount == D("50.01")


def test_how_many_hours_a_unit_has_is_not_guessed() -> None:
    alone = Unit(id="day", name="Day", group="days", factor=D(8))
    daily = RolePrice(id="c-tech", price_list="cost", role="tech", unit="day", price=D(100))

    assert codes(only(of(alone, daily, entry()))) == ["PRC707"]
    assert codes(only(of(daily, entry(), without=("day",)))) == ["PRC707"]


def test_r073_labour_may_cost_in_the_currency_of_its_row_and_sells_in_the_contracts() -> None:
    rupees = rate("c-tech", 5000, currency="inr")
    found = of(rupees, entry())

    assert sums(found) == {
        (True, "time", "cost", "INR"): "7500.00", (True, "time", "unbilled-sales", "USD"): "142.50",
    }  # fmt: skip
    odd = RolePrice(id="s-tech", price_list="sales", role="tech", unit="hour", price=D(95),
                    currency="inr")
    sale = only(of(odd, entry())).sales
    assert sale is not None and sale.priced.currency_code == "USD"  # that of the list
    euro = PriceList(id="sales", name="Sales", currency="eur", context="sales")
    assert "PRC705" in codes(only(of(euro, entry())))


@pytest.mark.parametrize("role, code", [(None, "PRC709"), ("nobody", "PRC702")])
def test_an_entry_without_a_priced_role_is_zero_and_says_why(role: str | None, code: str) -> None:
    line = only(of(entry(role=role, category="parking")))

    assert (line.cost.amount, set(codes(line))) == (D("0.00"), {code})


@pytest.mark.parametrize(
    "status, is_approved",
    [("approved", True), ("submitted", False), ("draft", False), ("returned", False),
     ("recall-requested", False), (None, False)],
)  # fmt: skip
def test_approved_and_open_entries_are_both_there_and_told_apart(
    status: str | None, is_approved: bool
) -> None:
    line = only(of(entry(entry_status=status)))

    assert (line.is_approved, line.status) == (is_approved, status)


@pytest.mark.parametrize(
    "said_of",
    [{"entry_status": "canceled"}, {"entry_type": "absence"}, {"entry_type": "vacation"},
     {"work_order": None}, {"work_order": "other"}],
)  # fmt: skip
def test_what_is_no_labour_of_the_work_order_is_left_out(said_of: dict[str, object]) -> None:
    assert of(entry(**said_of)).lines == ()
    assert only(of(entry(entry_type="overtime"))).cost.amount == D("60.00")
    assert only(of(entry(entry_type=None))).cost.amount == D("60.00")


@pytest.mark.parametrize(
    "status, is_approved",
    [("approved", True), ("posted", True), ("paid", True), ("rejected", False), ("draft", False)],
)
def test_an_expense_that_was_posted_or_paid_had_been_approved(
    status: str, is_approved: bool
) -> None:
    assert only(of(expense(expense_status=status))).is_approved is is_approved


def test_an_entry_without_project_is_of_the_work_orders() -> None:
    assert [line.project for line in of(entry(project=None), expense(project=None)).lines] == [
        "p", "p",
    ]  # fmt: skip


def test_totals_keep_states_types_and_currencies_apart() -> None:
    found = of(entry("t1"), entry("t2", entry_status="submitted"), entry("t3", duration=30),
               expense())  # fmt: skip

    assert sums(found) == {
        (True, "time", "cost", "USD"): "80.00",
        (True, "time", "unbilled-sales", "USD"): "190.00",
        (False, "time", "cost", "USD"): "60.00",
        (False, "time", "unbilled-sales", "USD"): "142.50",
        (True, "expense", "cost", "USD"): "18.00",
        (True, "expense", "unbilled-sales", "USD"): "19.80",
    }
    assert [line.record for line in found.lines] == ["t1", "t2", "t3", "ex"]


def test_what_was_wrong_with_the_rows_that_price_is_said_too() -> None:
    def fault(of: str) -> Finding:
        return Finding(code="SRC031", level="error", message=of, place=Place(of))

    tables: dict[type[Record], dict[str, Record]] = {}
    for record in (*BASE, entry("t1"), expense(), entry("t2", role="trainee")):
        tables.setdefault(type(record), {})[record.id] = record
    keys = [(TimeEntry, "t1"), (RolePrice, "c-tech"), (PriceList, "sales"), (Expense, "ex")]
    records = RecordsInMemory(tables, {(kind, key): (fault(key),) for kind, key in keys})

    found = labour("wo", records)
    said_of = {line.record: [f.message for f in line.findings] for line in found.lines}
    assert said_of == {"t1": ["t1", "c-tech", "sales"], "t2": ["sales"], "ex": ["ex", "sales"]}


def test_prices_that_are_found_once_are_those_of_each_entry() -> None:
    records = world(
        entry("t1"), entry("t2"), entry("t3", day=None), entry("t4", day=None), expense("x1"),
        expense("x2", unit_cost=D("7.00")), expense("x3", unit_cost=D("7.00")),
        entry("t5", resource="nobody"), entry("t6", role="trainee"), entry("t7", duration=20),
    )  # fmt: skip
    shared = LabourPrices(records, Settings())

    first, again = (labour("wo", records, prices=shared) for _ in range(2))

    assert first == again == labour("wo", records)
    assert {f.record for f in only_of(first, "t4").findings} == {"t4"}
    assert only_of(first, "x3").cost.priced.row == "x3"


def only_of(found: Labour, record: str) -> LabourLine:
    (line,) = [line for line in found.lines if line.record == record]
    return line


def test_amounts_are_rounded_by_the_currency() -> None:
    whole = Settings(rounding={"USD": Rounding(decimals=0)})

    assert only(of(entry(duration=20), settings=whole)).cost.amount == D(13)


# who is billed


@pytest.mark.parametrize(
    "line, why",
    [
        ({"billing_method": "fixed-price"}, "the contract line is not time and material"),
        ({"includes_time": False}, "no contract line includes time"),
        ({"project": "other"}, "no contract line includes time"),
    ],
)
def test_r031_what_is_not_time_and_material_gives_cost_only(
    line: dict[str, object], why: str
) -> None:
    said_of = {"contract": "pc", "project": "p", "billing_method": "time-and-material",
               "includes_time": True, **line}  # fmt: skip
    found = of(ContractLine(id="cl", **said_of), entry())  # type: ignore[arg-type]

    assert (only(found).sales, only(found).why_no_sales) == (None, why)
    assert [t.type for t in found.totals] == ["cost"]


def test_an_internal_project_and_no_project_give_cost_only() -> None:
    internal = of(Project(id="p", contracting_unit="cu"), entry())
    nobodys = of(WorkOrder(id="wo"), entry(project=None))

    assert only(internal).why_no_sales == "the project has no contract"
    assert only(internal).cost.amount == D("60.00")
    assert only(nobodys).why_no_sales == "no project"
    assert codes(only(nobodys)) == ["PRC701"]


def test_contract_lines_that_disagree_are_not_guessed_and_those_that_agree_bill() -> None:
    fixed = ContractLine(id="cl2", name="FP", contract="pc", project="p", includes_time=True,
                         billing_method="fixed-price", included_tasks="selected-tasks")
    second = ContractLine(id="cl2", name="T&M 2", contract="pc", project="p", includes_time=True,
                          billing_method="time-and-material")

    assert codes(only(of(fixed, entry()))) == ["LAB704"]
    assert only(of(fixed, entry())).sales is None
    agreed = only(of(second, entry()))
    assert agreed.sales is not None and agreed.contract_line is None


def test_what_is_not_chargeable_stands_in_no_total_of_sales() -> None:
    trainee = of(entry(role="trainee"))
    by_task = of(Task(id="t", project="p", billing_type="complimentary"), entry(task="t"))

    assert (only(trainee).billing_type, only(by_task).billing_type) == (
        "non-chargeable", "complimentary",
    )  # fmt: skip
    assert only(trainee).sales is not None
    assert {t.type for t in (*trainee.totals, *by_task.totals)} == {"cost"}
    chargeable = Task(id="t", project="p", billing_type="chargeable")
    charged = of(chargeable, entry(role="trainee", task="t"))
    assert only(charged).billing_type == "chargeable"


# expenses


def test_an_expense_costs_what_was_entered_and_sells_by_its_category() -> None:
    line = only(of(expense()))

    assert line.sales is not None
    assert (line.cost.amount, line.sales.amount, codes(line)) == (D("18.00"), D("19.80"), [])
    assert said(line.cost.priced) == "USD 9.00 per ea: as entered by a person"


@pytest.mark.parametrize(
    "said_of, found",
    [
        ({"amount": D("18.01")}, ["LAB703"]),
        ({"amount": D("18.004")}, []),
        ({"amount": None}, []),
        ({"quantity": None, "amount": None}, ["LAB702"]),
    ],
)
def test_what_was_entered_is_checked(said_of: dict[str, object], found: list[str]) -> None:
    assert codes(only(of(expense(**said_of)))) == found


def test_an_expense_without_a_price_costs_its_amount_or_the_price_of_its_category() -> None:
    listed = CategoryPrice(id="c-parking", price_list="cost", category="parking", unit="ea",
                           price=D(7))  # fmt: skip

    one = only(of(expense(unit_cost=None, quantity=D(1), amount=D("8.50"))))
    assert (one.cost.amount, one.cost.priced.basis) == (D("8.50"), "entry")
    priced = only(of(listed, expense(unit_cost=None)))
    assert (priced.cost.amount, priced.cost.priced.basis) == (D("14.00"), "price-list")


def test_an_expense_belongs_by_its_work_order_else_by_the_task() -> None:
    by_task = only(of(expense(work_order=None, task="t")))

    assert by_task.by_task is True
    assert only(of(expense(task="t"))).by_task is False
    assert of(expense(work_order="other", task="t")).lines == ()
    assert of(expense(work_order=None, task="t2")).lines == ()
    assert of(expense(work_order=None, task=None)).lines == ()
    assert of(expense(expense_status="canceled")).lines == ()
    no_task = of(WorkOrder(id="wo", project="p"), expense(work_order=None))
    assert no_task.lines == ()


# the same labour twice


@pytest.mark.parametrize(
    "line, is_twice",
    [
        ({}, True),
        ({"duration": None}, True),
        ({"status": None}, True),
        ({"line_status": "estimated"}, False),
        ({"kind": "product"}, False),
        ({"status": "inactive"}, False),
        ({"duration": 0}, False),
        ({"work_order": "other"}, False),
    ],
)
def test_a_used_service_beside_a_time_entry_is_warned_of(
    line: dict[str, object], is_twice: bool
) -> None:
    found = of(service(**line), entry())

    assert [f.code for f in found.findings] == (["LAB701"] if is_twice else [])
    assert all(f.level == "warning" for f in found.findings)


def test_a_service_alone_and_a_canceled_entry_are_not_twice() -> None:
    assert of(service()).findings == ()
    assert of(service(), entry(entry_status="canceled")).findings == ()
    assert of(service(), expense()).findings == ()


# around it


def test_an_unknown_work_order_and_one_without_entries_have_no_labour() -> None:
    assert labour("nobody", world()) == Labour(work_order="nobody")
    assert of() == Labour(work_order="wo")


def test_r034_g6_shares_of_labour_split_without_loss() -> None:
    hours = only(of(entry(duration=600)))
    percents = [D("33.34"), D("33.33"), D("33.33")]
    assert hours.sales is not None
    shares = split_by_percent(hours.sales.amount, percents, 0, 2)

    assert (shares, sum(shares)) == ((D("316.72"), D("316.64"), D("316.64")), D("950.00"))
    with pytest.raises(ValueError, match=r"add up to 99\.99"):
        split_by_percent(hours.sales.amount, [D("66.66"), D("33.33")], None, 2)


def test_parts_can_be_asked_alone() -> None:
    records = world(entry("b"), entry("a"), expense(), service())
    order = records.one(WorkOrder, "wo")
    assert order is not None
    entries = time_entries_of(order, records)

    assert [one.id for one in entries] == ["a", "b"]
    assert [(one.id, by_task) for one, by_task in expenses_of(order, records)] == [("ex", False)]
    assert billing_of("te", "time", records.one(Project, "p"), records).line == "cl"
    assert [f.code for f in labour_twice(order, entries, records)] == ["LAB701"]


RUBBISH = st.sampled_from([None, "", "wo", "p", "tech", "parking", "ea", "x\u0000y"])
NUMBER = st.one_of(st.none(), st.decimals(-(10**12), 10**12, places=4))


@given(st.tuples(
       st.builds(TimeEntry, id=st.just("te"), work_order=st.just("wo"), project=RUBBISH,
                 task=RUBBISH, resource=RUBBISH, role=RUBBISH, resourcing_unit=RUBBISH,
                 category=RUBBISH, duration=st.one_of(st.none(), st.integers(-(2**31), 2**31)),
                 day=st.one_of(st.none(), st.dates())),
       st.builds(Expense, id=st.just("ex"), work_order=st.just("wo"), project=RUBBISH,
                 category=RUBBISH, unit=RUBBISH, quantity=NUMBER, unit_cost=NUMBER, amount=NUMBER,
                 currency=RUBBISH, day=st.one_of(st.none(), st.dates())),
       st.builds(RolePrice, id=st.just("s-tech"), price_list=st.just("sales"),
                 role=st.just("tech"), unit=RUBBISH, price=NUMBER, percent=NUMBER,
                 method=st.sampled_from([None, "at-cost", "markup", "price-per-unit", "other"])),
       st.builds(Unit, id=st.just("ea"), base=RUBBISH, factor=NUMBER),
       st.builds(WorkOrderLine, id=st.just("w2"), kind=RUBBISH, work_order=st.just("wo")),
       ))  # fmt: skip
def test_whatever_records_say_there_is_an_answer(records: tuple[Record, ...]) -> None:
    found = labour("wo", world(*records))

    for line in found.lines:
        for part in (line.cost, line.sales):
            if part is not None:
                assert part.extended == part.amount - part.discount
                assert (part.priced.basis == "none") <= bool(line.findings)
                assert said(part.priced)
