"""Facts of the ledger: periods, rates, categories, connections, dual-write, lenders."""

from datetime import date
from decimal import Decimal

import pytest

from adapter.values.actuals import Connection
from adapter.values.field_service import Resource, Unit
from adapter.values.finance import DualWriteMap, FiscalPeriod, IntercompanyPair, LegalEntity
from adapter.values.project_operations import Company
from tests.facts_given import dossier, value
from tests.making_given import World, actual, on, period

D = Decimal
MARCH = (date(2026, 3, 1), date(2026, 3, 31))
APRIL = (date(2026, 4, 1), date(2026, 4, 30))
MOVES = LegalEntity(id="USPM", code="USPM", currency="USD", period_unit="months",
                    opens_next_period=True)  # fmt: skip
STAYS = LegalEntity(id="USPM", code="USPM", currency="USD", period_unit="months")


def one(*records: object, finance: tuple[object, ...] = (), key: str = "A", **more: object):
    kind = more.pop("transaction_type", "unbilled-sales")
    return dossier(World(*records, finance=finance), actual(key, kind, "1", "10.00", **more))


def link(first: str, role: str, second: str, other: str, key: str = "k") -> Connection:
    return Connection(id=key, first=first, first_role=role, second=second, second_role=other)


@pytest.mark.parametrize(
    ("finance", "status", "day", "moves", "name"),
    [
        ((STAYS,), "not-read", date(2026, 3, 10), False, "2026-03"),
        ((STAYS, period("USPM", *MARCH)), "open", date(2026, 3, 10), False, "2026-03"),
        ((STAYS, period("USPM", *MARCH, "closed")), "closed", None, False, "2026-03"),
        ((STAYS, period("USPM", *APRIL)), "none", None, False, "2026-03"),
        ((MOVES, period("USPM", *MARCH, "on-hold"), period("USPM", *APRIL)), "on-hold", APRIL[0],
         True, "2026-04"),
    ],
)  # fmt: skip
def test_the_period_of_the_accounting_date(finance, status, day, moves, name) -> None:
    d = one(finance=finance)

    assert value(d, "period.status") == status
    assert value(d, "actual.accounting_day") == day
    assert value(d, "period.moves") is moves
    assert value(d, "actual.period") == name


def test_an_open_period_that_projects_may_not_use_is_told_apart() -> None:
    shut = FiscalPeriod(id="m", company="USPM", start=MARCH[0], finish=MARCH[1], status="open",
                        project_access="none")  # fmt: skip

    assert value(one(finance=(shut,)), "period.status") == "no-access"


def test_an_accounting_date_of_the_crm_is_taken() -> None:
    d = one(finance=(STAYS, period("USPM", *APRIL)), accounting_date=date(2026, 4, 2))

    assert value(d, "actual.accounting_day") == date(2026, 4, 2)
    assert value(d, "actual.period") == "2026-04"


def test_an_actual_without_a_day_has_no_period() -> None:
    d = one(started_at=None)

    for name in ("actual.period", "actual.accounting_day", "rate.value"):
        assert value(d, name) is None
    assert value(d, "period.status") == "not-read"


@pytest.mark.parametrize(
    ("currency", "is_needed", "rate"),
    [("usd", False, D(1)), ("gbp", True, D("1.3")), (None, False, None)],
)
def test_a_rate_is_needed_for_another_currency(currency, is_needed, rate) -> None:
    d = one(currency=currency)

    assert value(d, "rate.is_needed") is is_needed
    assert value(d, "rate.value") == rate


@pytest.mark.parametrize(
    ("klass", "name", "known"), [("material", "ITEM", True), ("time", None, False)]
)
def test_a_category_must_be_in_finance(klass, name, known) -> None:
    d = one(transaction_class=klass)

    assert value(d, "category.resolved") == name
    assert value(d, "category.in_finance") is known


@pytest.mark.parametrize(
    ("billing", "expected"), [("chargeable", "Charge"), ("not-specified", None)]
)
def test_the_line_property_follows_the_billing_type(billing, expected) -> None:
    assert value(one(billing_type=billing), "line_property.name") == expected


@pytest.mark.parametrize("in_finance", [True, False])
@pytest.mark.parametrize(
    ("name", "table"),
    [("dual_write.actuals", "msdyn_actuals"), ("dual_write.invoices", "invoices"),
     ("dual_write.connections", "msdyn_transactionconnections"),
     ("dual_write.milestones", "msdyn_contractlinescheduleofvalues")],
)  # fmt: skip
def test_the_state_of_a_map_is_read_wherever_it_was_exported(name, table, in_finance) -> None:
    row = DualWriteMap(id="m", table=table, state="paused")
    d = one(finance=(row,)) if in_finance else one(row)

    assert value(d, name) == "paused"
    assert value(one(), name) is None


@pytest.mark.parametrize(
    ("pairs", "has_pair", "is_linked"),
    [
        ((), None, False),
        ((link("X", "Cost", "Y", "Unbilled Sales"),), False, False),
        ((link("C", "Cost", "A", "Unbilled Sales"),), True, False),
        ((link("A", "Reversing", "O", "Original"),), True, True),
        ((link("O", "Original", "A", "reversing"),), True, True),
        ((link("A", "Original", "O", "Reversing"),), True, False),
    ],
)
def test_a_reversal_is_linked_by_its_role(pairs, has_pair, is_linked) -> None:
    d = one(actual("O", "unbilled-sales", "-1", "10.00"), *pairs)

    assert value(d, "connection.has_pair") is has_pair
    assert value(d, "reversal.is_linked") is is_linked


@pytest.mark.parametrize(
    ("quantity", "more", "keeps", "count"),
    [
        ("-1", (), True, 1),
        ("-2", (), False, 1),
        ("-1", (link("Z", "Reversing", "O", "Original", "k2"),), True, 2),
        ("-1", (link("Z", "Replacing", "O", "Original", "k2"),), True, 1),
    ],
)
def test_an_original_is_reversed_once_and_whole(quantity, more, keeps, count) -> None:
    original = actual("O", "unbilled-sales", "1", "10.00")
    world = World(original, link("A", "Reversing", "O", "Original"), *more)
    d = dossier(world, actual("A", "unbilled-sales", quantity, "10.00"))

    assert value(d, "reversal.keeps_amount") is keeps
    assert value(d, "reversal.count") == count


def test_what_reverses_nothing_has_no_count() -> None:
    assert value(one(), "reversal.count") is None
    assert value(one(), "reversal.keeps_amount") is None


@pytest.mark.parametrize(
    ("kind", "voucher", "role", "expected"),
    [
        ("billed-sales", "USPM-1", "Unbilled Sales", True),
        ("billed-sales", None, "Unbilled Sales", False),
        ("billed-sales", "USPM-1", "Original", None),
        ("unbilled-sales", "USPM-1", "Unbilled Sales", None),
    ],
)
def test_billed_sales_ask_for_the_voucher_of_the_unbilled(kind, voucher, role, expected) -> None:
    unbilled = actual("U", "unbilled-sales", "1", "10.00", voucher=voucher)
    d = one(unbilled, link("A", "Billed Sales", "U", role), transaction_type=kind)

    assert value(d, "billed.unbilled_is_posted") is expected


@pytest.mark.parametrize(
    ("resource", "lender", "differs"),
    [(None, None, False), ("c-us", "USPM", False), ("c-gb", "GBPM", True), ("gone", None, False)],
)
def test_the_lender_is_the_company_of_the_resource(resource, lender, differs) -> None:
    d = one(Resource(id="res", company=resource), resource="res")

    assert value(d, "intercompany.company") == lender
    assert value(d, "intercompany.differs") is differs


def test_the_resourcing_company_wins_and_needs_a_pair() -> None:
    pair = IntercompanyPair(id="x", lending="LEND", borrowing="USPM")
    lender = Company(id="c-l", code="lend")
    resource = Resource(id="res", company="c-us")
    d = one(lender, resource, finance=(pair,), resource="res", resourcing_company="c-l")

    assert value(d, "intercompany.company") == "LEND"
    assert value(d, "intercompany.pair_found") is True
    assert value(one(lender, resourcing_company="c-l"), "intercompany.pair_found") is False


@pytest.mark.parametrize(("symbol", "expected"), [("ea", True), (None, False), ("", False)])
def test_finance_knows_a_unit_by_its_symbol(symbol, expected) -> None:
    assert value(one(Unit(id="ea", name="ea", symbol=symbol)), "unit.in_finance") is expected


@pytest.mark.parametrize(
    ("cut_off", "expected"),
    [(None, False), (date(2026, 3, 9), False), (date(2026, 3, 10), True)],
)
def test_the_cut_off_day_itself_belongs_to_the_beginning_balance(cut_off, expected) -> None:
    entity = LegalEntity(id="USPM", code="USPM", currency="USD", beginning_balance_cut_off=cut_off)

    assert value(one(finance=(entity,)), "actual.is_before_cut_off") is expected


@pytest.mark.parametrize(("at", "expected"), [(on(31), True), (on(1, 4), False), (None, True)])
def test_what_is_dated_after_the_plan_is_not_due(at, expected) -> None:
    assert value(one(started_at=at), "actual.is_due") is expected


@pytest.mark.parametrize(("said", "expected"), [({}, True), ({"skip_sync": True}, False)])
def test_skip_sync_is_not_awaited(said, expected) -> None:
    assert value(one(**said), "actual.awaits_ledger") is expected
