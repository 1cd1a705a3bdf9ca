"""Lines as they finally stand: late, twice, out of order (domain R-113), and quantities."""

from decimal import Decimal
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from adapter.making.work_lines import (
    contract_line_of,
    contradictions,
    estimated_of,
    settle,
    surround,
    to_bill_of,
    used_of,
)
from adapter.values.field_service import WorkOrderLine
from adapter.values.project_operations import ContractLine, Task
from tests.making_given import tables
from tests.work_given import PART, PROJECT, SERVICE, TERMS, USED, later, world

D = Decimal
CREATED = replace(PART, version=1, modified_on=later(1))
EDITED = replace(PART, version=3, modified_on=later(2), estimate_quantity=D(6))
FINISHED = replace(USED, version=7, modified_on=later(3))


def test_an_edit_that_overtakes_its_creation_counts_in_any_order_and_repetition() -> None:
    for order in permutations([CREATED, EDITED, FINISHED, CREATED, EDITED]):
        assert settle(order) == (FINISHED,)


def test_the_row_version_counts_before_the_modification_time() -> None:
    slow_clock = replace(EDITED, version=9, modified_on=later(0))

    assert settle([slow_clock, FINISHED]) == settle([FINISHED, slow_clock]) == (slow_clock,)


def test_without_versions_the_modification_time_counts() -> None:
    old, new = replace(CREATED, version=None), replace(EDITED, version=None)

    assert settle([new, old]) == settle([old, new]) == (new,)


def test_a_deleted_line_does_not_come_back_with_a_late_edit() -> None:
    assert settle([CREATED, FINISHED], {"line"}) == ()


def test_lines_entered_twice_are_two_lines_ordered_by_id() -> None:
    again = replace(FINISHED, id="again")

    assert settle([FINISHED, again]) == (again, FINISHED)


def test_rows_of_one_version_that_differ_are_named_and_the_same_one_is_taken() -> None:
    other = replace(EDITED, estimate_quantity=D(7))
    found = contradictions([CREATED, other, EDITED])

    assert settle([EDITED, other]) == settle([other, EDITED])
    assert [(f.code, f.record) for f in found] == [("SRC038", "line")]
    assert contradictions([EDITED, other], {"line"}) == ()


@pytest.mark.parametrize(
    "rows",
    [
        [EDITED, EDITED],
        [EDITED, replace(EDITED, estimate_quantity=D("6.00"))],
        [CREATED, EDITED, FINISHED],
        [EDITED, replace(EDITED, estimate_quantity=D(7)), FINISHED],
    ],
    ids=["repeated", "other zeros", "a history", "settled by a later version"],
)
def test_what_does_not_contradict(rows) -> None:
    assert contradictions(rows) == ()


states = st.builds(
    WorkOrderLine,
    id=st.sampled_from(["a", "b"]),
    version=st.none() | st.integers(0, 3),
    modified_on=st.none() | st.sampled_from([later(1), later(2)]),
    quantity=st.sampled_from([D(1), D(2)]),
)


@given(st.lists(states, max_size=6), st.randoms(use_true_random=False))
def test_any_arrival_gives_the_same_lines(rows, random) -> None:
    shuffled = [*rows, *rows[:2]]
    random.shuffle(shuffled)

    assert settle(shuffled) == settle(rows)


@pytest.mark.parametrize(
    ("line", "estimated", "used", "to_bill"),
    [
        (PART, "4.00", "0", "0"),
        (USED, "4.00", "4.00", "4.00"),
        (replace(USED, quantity_to_bill=D(0)), "4.00", "4.00", "0.00"),
        (SERVICE, "0", "1.50", "1.50"),
        (replace(SERVICE, duration=20, duration_to_bill=10, estimate_duration=1), "0.02", "0.33",
         "0.17"),
        (replace(USED, quantity=D("0.005")), "4.00", "0.01", "0.01"),
    ],
    ids=["estimated", "R-055", "bills nothing", "R-076", "R-076 rounded", "R-054 half up"],
)  # fmt: skip
def test_quantities_of_a_line(line, estimated, used, to_bill) -> None:
    found = (estimated_of(line), used_of(line), to_bill_of(line))

    assert tuple(str(q) for q in found) == (estimated, used, to_bill)


SELECTED = replace(TERMS, id="sel", included_tasks="selected-tasks")
TASK = Task(id="task", project="p", billing_type="chargeable")


@pytest.mark.parametrize(
    ("lines", "task", "found"),
    [
        ([TERMS], None, "cl"),
        ([TERMS], TASK, "cl"),
        ([SELECTED], TASK, "sel"),
        ([SELECTED], None, None),
        ([SELECTED], replace(TASK, billing_type=None), None),
        ([TERMS, SELECTED], TASK, "sel"),
        ([TERMS, SELECTED], None, "cl"),
        ([TERMS, replace(TERMS, id="second")], None, None),
        ([replace(TERMS, includes_material=False)], None, None),
        ([replace(TERMS, includes_material=None)], None, "cl"),
        ([replace(TERMS, project=None)], None, "cl"),
        ([replace(TERMS, project="other")], None, None),
        ([replace(TERMS, line_type="product-based")], None, None),
        ([], None, None),
    ],
    ids=["all tasks", "all tasks, a task", "selected", "R-181 no task", "unmapped task",
         "the task's own line wins", "no task, all tasks", "R-029 overlap", "R-123",
         "inclusion not read", "line of the whole contract", "R-030 other project",
         "product-based", "none"],
)  # fmt: skip
def test_r030_the_contract_line_of_a_project_and_task(lines, task, found) -> None:
    one: ContractLine | None = contract_line_of(PROJECT, task, tables(*lines))

    assert (one.id if one is not None else None) == found


def test_a_line_finds_what_surrounds_it_and_takes_the_site_of_its_warehouse() -> None:
    found = surround(USED, world(USED))
    alone = surround(replace(USED, site="s2", work_order=None), world(USED))

    assert (found.work_order.id, found.project.id, found.contract_line.id) == ("wo", "p", "cl")
    assert (found.site, found.company, alone.site) == ("s1", "us", "s2")
    assert (alone.work_order, alone.project, alone.company) == (None, None, None)
