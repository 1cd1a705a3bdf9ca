"""What should be there beside what is: missing, too many, twice, different (issue 4)."""

from datetime import timedelta, timezone
from decimal import Decimal
from itertools import permutations
from pathlib import Path

import pytest
from msgspec.structs import replace

from adapter.making.estimates import expected_estimates
from adapter.making.expectation import Expectation
from adapter.making.expected import Difference, Present, compare, present_forecasts, unproven_of
from adapter.making.pairing import ALWAYS, GIVEN, KIND_OF, Cell
from adapter.making.submitted import expected_journal_lines
from adapter.making.usages import expected_usage
from adapter.reading.columns import parse_binding
from adapter.reading.schema import parse_schema
from adapter.reading.source import parse_source
from adapter.values.finance import ForecastImport, ItemForecast
from adapter.values.forecast_rows import EstimateLine
from tests.making_given import tables
from tests.work_given import COST, ORDER, PART, PRICE, USED, around, later, usage

D = Decimal
ROOT = Path(__file__).parents[1]


def wanted(line=USED, *more, **said) -> Expectation:
    return expected_usage(around(line, *more, **said), model="core", price=PRICE, cost=COST)


def planned(line=PART, **said) -> Expectation:
    return expected_estimates(around(line, **said), model="core", price=PRICE, cost=COST)


def there(one: Expectation) -> list[EstimateLine]:
    """The expected rows as the vendor would have written them."""
    return [replace(row, id=f"there-{n}") for n, row in enumerate(one.rows)]


def told(found: list[Difference]) -> list[str]:
    return [
        " ".join([d.bucket, d.kind, *(f"{c.column}:{c.expected}>{c.present}" for c in d.columns)])
        for d in found
    ]


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ([usage()], []),
        ([usage(quantity=D("4.00"))], []),
        ([], ["missing usage"]),
        ([usage(quantity=D(3))], ["different usage quantity:4.00>3"]),
        ([usage(quantity_to_bill=None)], ["different usage quantity_to_bill:4.00>(nothing)"]),
        ([usage(serial_number="SN-1")], ["different usage serial_number:(nothing)>SN-1"]),
        ([usage(serial_number="")], []),
        ([usage(unit_cost=D("11.25"), warehouse="wh2")],
         ["different usage unit_cost:80.00>11.25 warehouse:wh1>wh2"]),
        ([usage(resource="somebody", location="A-1")], []),
        ([usage(), usage("twice")], ["duplicate usage"]),
        ([usage(), usage("more", quantity=D(1))], ["unexpected usage"]),
        ([usage(), usage("old", usage_status="rejected")], []),
        ([usage(), usage("old", status="inactive")], []),
        ([usage(), usage("back", is_return=True)], []),
        ([usage(usage_status="rejected")], ["missing usage"]),
        ([usage(line="other")], ["missing usage", "unexpected usage"]),
        ([usage(line=None)], []),
        ([usage(line=None, quantity=D(3))], ["different usage quantity:4.00>3"]),
        ([usage(line=None, product="screw")], ["unexpected usage", "missing usage"]),
        ([usage(), usage("hand", line=None, work_order=None)], []),
    ],
    ids=["as it should be", "other zeros", "missing", "quantity", "nothing to bill said",
         "serial not expected", "empty is nothing", "two columns", "not compared", "twice",
         "one more", "rejected", "inactive", "return", "only a dead one", "of another line",
         "by order and product", "by order and product, different", "other product",
         "not from field service"],
)  # fmt: skip
def test_a_usage_beside_what_should_be(rows, found) -> None:
    for order in permutations(rows):
        assert told(compare([wanted()], order)) == found


def test_an_equal_row_is_never_called_different_for_another_one() -> None:
    rows = [usage("a", quantity=D(3)), usage("b")]

    assert [(d.bucket, d.present) for d in compare([wanted()], rows)] == [("unexpected", "a")]


@pytest.mark.parametrize(
    ("line", "said", "why"),
    [
        (PART, {}, "the line is not used"),
        (USED, {"order": replace(ORDER, project=None)}, "the work order has no project"),
        (replace(USED, quantity=D(0)), {}, "nothing was used"),
    ],
    ids=["R-051", "E35", "R-052"],
)
def test_a_usage_that_should_not_be_there_says_why(line, said, why) -> None:
    (found,) = compare([wanted(line, **said)], [usage()])

    assert (found.bucket, found.line, found.work_order) == ("unexpected", "line", "wo")
    assert found.why == why
    assert found.finding.code == "EXP702"


def test_unused_after_approval_expects_the_approved_row_to_be_rejected() -> None:
    approved = usage(usage_status="approved")
    one = expected_usage(around(PART, approved), model="core", price=PRICE, cost=COST)

    assert told(compare([one], [approved])) == ["different usage usage_status:rejected>approved"]
    assert compare([one], [replace(approved, usage_status="rejected")]) == []


def test_an_edit_after_approval_expects_a_rejected_and_a_new_row() -> None:
    approved = usage(usage_status="approved")
    line = replace(USED, quantity=D(5))
    one = expected_usage(around(line, approved), model="core", price=PRICE, cost=COST)
    new = usage("new", quantity=D(5), quantity_to_bill=D(5))

    assert told(compare([one], [approved])) == [
        "different usage usage_status:rejected>approved", "missing usage",
    ]  # fmt: skip
    assert compare([one], [new, replace(approved, usage_status="rejected")]) == []


def test_both_contexts_of_an_estimate_are_compared_each_with_its_own() -> None:
    one = planned()
    cost, sale = there(one)

    assert compare([one], [sale, cost]) == []
    assert told(compare([one], [sale])) == ["missing estimate"]
    assert told(compare([one], [cost, replace(sale, price=D(100), amount=D(400))])) == [
        "different estimate price:125.00>100 amount:500.00>400"
    ]
    assert told(compare([one], [cost, replace(cost, id="c2"), sale])) == ["duplicate estimate"]


@pytest.mark.parametrize(
    ("one", "why"),
    [
        (planned(is_deleted=True), "the line was deleted"),
        (planned(order=replace(ORDER, project=None)), "the work order has no project"),
        (planned(replace(PART, estimate_quantity=D(0))), "no estimated quantity"),
    ],
    ids=["deleted", "E35", "R-050"],
)
def test_estimates_go_with_what_they_stood_for(one, why) -> None:
    found = compare([one], there(planned()))

    assert [(d.bucket, d.why) for d in found] == [("unexpected", why)] * 2


def test_rows_of_a_line_that_nobody_has_are_too_many() -> None:
    other = planned(replace(PART, id="other"))
    found = compare([other], [*there(planned()), *there(other)][:2])

    assert told(found) == ["unexpected estimate"] * 2 + ["missing estimate"] * 2
    assert found[0].why == "its work order line is gone, or was not read"


def test_unbilled_shares_are_told_apart() -> None:
    log = usage(quantity=D(4), quantity_to_bill=D(3))
    one = expected_journal_lines(around(USED), log, price=PRICE, cost=COST)
    rows = there(one)

    assert compare([one], rows[::-1]) == []
    assert told(compare([one], rows[:2])) == ["missing journal"]
    assert told(compare([one], [*rows[:2], replace(rows[2], billing_type="complimentary")])) == [
        "different journal billing_type:non-chargeable>complimentary"
    ]


def test_only_kinds_that_are_expected_are_compared_and_repetition_changes_nothing() -> None:
    one, rows = wanted(), [usage(), *there(planned())]

    assert compare([one], rows) == []
    assert compare([one, one], [*rows, *rows]) == []
    assert compare([], rows) == []


def test_the_journal_lines_of_two_usages_of_a_line_are_added_up() -> None:
    logs = [usage("a", quantity=D(1), quantity_to_bill=D(1)),
            usage("b", quantity=D(2), quantity_to_bill=D(2))]  # fmt: skip
    both = [expected_journal_lines(around(USED), u, price=PRICE, cost=COST) for u in logs]
    rows = [replace(r, id=f"{e}-{r.id}") for e, one in enumerate(both) for r in one.rows]

    assert compare(both, rows) == compare(both[::-1], rows[::-1]) == []
    assert told(compare(both, rows[:2])) == ["missing journal"] * 2


def forecast(key: str = "f", **said: object) -> ItemForecast:
    row = {"company": "USPM", "transaction": key, "project": "P-7", "item_number": "D0011",
           "quantity": D(4), "cost_price": D(80), "sales_price": D(125), **said}  # fmt: skip
    return ItemForecast(id=key, **row)


EXPECTED_FORECAST = Expectation(kind="forecast", line="line", rows=(forecast("want"),), why="x")


@pytest.mark.parametrize(
    ("rows", "imports", "found"),
    [
        ([forecast()], [("f", "there-0")], []),
        ([forecast(quantity=D(5))], [("f", "there-1")], ["different forecast quantity:4>5"]),
        ([forecast()], [], []),
        ([forecast(quantity=D(5))], [], ["different forecast quantity:4>5"]),
        ([forecast(item_number="D0012")], [], ["missing forecast"]),
        ([forecast()], [("f", "gone")], []),
        ([forecast(), forecast("g")], [("f", "there-0"), ("g", "gone")],
         ["unexpected forecast"]),
        ([forecast(), forecast("g")], [("f", "there-0"), ("g", "there-1")],
         ["duplicate forecast"]),
        ([forecast(company="DEMF")], [], ["missing forecast"]),
    ],
    ids=["by its cost estimate", "by its sales estimate", "by project and item",
         "by project and item, different", "of another item", "only the trace is wrong",
         "estimate gone", "not folded", "of another company"],
)  # fmt: skip
def test_forecasts_are_found_by_the_estimate_they_came_from(rows, imports, found) -> None:
    records = tables(*there(planned()))
    finance = tables(*rows, *(
        ForecastImport(id=f"i-{t}", company="USPM", transaction=t, estimate_line=e)
        for t, e in imports
    ))  # fmt: skip
    present = present_forecasts(records, finance, "USPM")

    assert told(compare([EXPECTED_FORECAST], present)) == found


def test_a_field_that_no_proven_column_fills_is_compared_once_somebody_fills_it() -> None:
    silent = [usage(quantity_to_bill=None), usage("o", line="other", quantity_to_bill=None)]
    heard = [silent[0], replace(silent[1], quantity_to_bill=D(1))]
    both = [wanted(), wanted(replace(USED, id="other"))]
    unproven = {"usage": {"quantity_to_bill"}}

    assert compare(both, silent, unproven=unproven) == []
    assert told(compare(both, heard, unproven=unproven)) == [
        "different usage quantity_to_bill:4.00>(nothing)",
        "different usage quantity_to_bill:4.00>1",
    ]


def test_the_shipped_mapping_says_which_usage_fields_nobody_has_proven() -> None:
    source, _ = parse_source("mappings/from-dataverse/usage.toml",
                             (ROOT / "mappings/from-dataverse/usage.toml").read_text())  # fmt: skip
    path = ROOT / "mappings/schema/dataverse/msdyn_materialusagelog.json"
    binding, _ = parse_binding(source, parse_schema(path.name, path.read_bytes())[0])
    found = unproven_of([binding])["usage"]

    assert {"quantity_to_bill", "line", "discount_percent", "unit_price"} <= found
    assert not found & {"quantity", "unit_cost", "warehouse"}


def test_a_difference_is_a_finding_with_both_values_and_milder_where_inferred() -> None:
    (sure,) = compare([wanted()], [usage(quantity=D(3))])
    inferred = replace(sure, basis="inferred").finding

    assert (sure.finding.code, sure.finding.level, inferred.level) == (
        "EXP703", "error", "warning",
    )  # fmt: skip
    assert sure.columns == (Cell("quantity", "4.00", "3"),)
    assert ("quantity", "expected 4.00, is 3") in sure.finding.values
    assert sure.finding.record == "mul"


@pytest.mark.parametrize(
    ("rows", "code"),
    [([], "EXP701"), ([usage(line="gone"), usage("b")], "EXP702"),
     ([usage(quantity=D(1))], "EXP703"), ([usage(), usage("b")], "EXP704")],
)  # fmt: skip
def test_each_bucket_has_its_code(rows, code) -> None:
    assert [d.finding.code for d in compare([wanted()], rows)] == [code]


def test_instants_are_equal_in_any_zone() -> None:
    one = expected_usage(around(USED), model="core", price=PRICE, cost=COST, used_at=later(1))
    abroad = later(1).astimezone(timezone(timedelta(hours=5)))

    assert compare([one], [usage(used_at=abroad)]) == []
    assert told(compare([one], [usage(used_at=later(2))]))[0].startswith("different usage used_at")


def test_a_row_may_be_given_with_the_line_it_stands_for() -> None:
    placed = Present(row=usage(line="elsewhere"), line="line")

    assert compare([wanted()], [placed]) == []


def test_every_compared_column_is_a_field_of_its_record() -> None:
    fields = {kind: set(record.__struct_fields__) for record, kind in KIND_OF.items()}

    assert all(set(ALWAYS[kind]) | set(GIVEN[kind]) <= fields[kind] for kind in fields)
    assert not any(set(ALWAYS[kind]) & set(GIVEN[kind]) for kind in fields)
