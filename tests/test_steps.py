"""What each step does to a value, and what it refuses."""

from datetime import date, datetime
from decimal import Decimal

import pytest

from adapter.reading.steps import SPECS, STEPS, NotInMap, Step, Table, Unfit, Value, parse_step

D = Decimal
TYPES = Table("types", "mappings/tables/types.toml", {"item": "Item", "hour": "Hour"})
CODES = Table("codes", "mappings/tables/codes.toml", {"chargeable": 192350001})
TABLES = {"types": TYPES, "codes": CODES}
ID = "5f2c8a10-0000-4000-8000-000000000001"

TAKEN: list[tuple[str, Value, Value]] = [
    ("upper", "usmf", "USMF"),
    ("upper", "stra\u00dfe", "STRASSE"),
    ("lower", "USMF", "usmf"),
    ("one_line", "a\r\n  b\tc\u2028d", "a b c d"),
    ("one_line", "  \x00 ", ""),
    ("text(3)", "abcdef", "abc"),
    ("text(3)", "ab", "ab"),
    ("decimal(2)", D("1.005"), D("1.01")),
    ("decimal(2)", D("-1.005"), D("-1.01")),
    ("decimal(2)", D("2"), D("2.00")),
    ("decimal(0)", D("2.5"), D("3")),
    ("decimal(2)", D("-0.001"), D("0.00")),
    ("decimal(2)", 3, D("3.00")),
    ("money", D("150.10"), D("150.10")),
    ("money", D("-0"), D("0")),
    ("whole", D("2.00"), 2),
    ("whole", 7, 7),
    ("negate", D("5.00"), D("-5.00")),
    ("negate", D("0"), D("0")),
    ("day", date(2026, 11, 14), "2026-11-14"),
    ("noon_utc", date(2026, 11, 14), "2026-11-14T12:00:00Z"),
    ("yes_no", True, "Yes"),
    ("yes_no", False, "No"),
    ("lookup(types)", "item", "Item"),
    ("lookup(codes)", "chargeable", 192350001),
    ("bind(accounts)", ID, f"/accounts({ID})"),
    ("bind(accounts, accountnumber)", "O'Neil 1", "/accounts(accountnumber='O''Neil 1')"),
]

REFUSED: list[tuple[str, Value]] = [
    ("upper", D("1")),
    ("lower", None),
    ("negate", "5.00"),
    ("one_line", None),
    ("text(3)", 12345),
    ("decimal(2)", "1.00"),
    ("decimal(2)", True),
    ("decimal(2)", D("NaN")),
    ("decimal(2)", D("Infinity")),
    ("money", D("NaN")),
    ("money", D("-Infinity")),
    ("money", D("12345678901234567890")),
    ("money", D("1E+30")),
    ("money", D("0.00000000001")),
    ("money", "150.10"),
    ("whole", D("2.5")),
    ("whole", D("NaN")),
    ("day", "2026-11-14"),
    ("day", datetime(2026, 11, 14, 23, 0)),  # noqa: DTZ001 - an instant is no date
    ("noon_utc", None),
    ("yes_no", "Yes"),
    ("yes_no", 1),
    ("guid", ""),
    ("guid", "a\x00b"),
    ("lookup(types)", "ITEM"),
    ("lookup(types)", ""),
    ("bind(accounts)", ""),
    ("bind(accounts)", "1)/owner('x"),
    ("bind(accounts)", f"{ID}\n"),
    ("bind(accounts, accountnumber)", "a/b"),
    ("bind(accounts, accountnumber)", "a%27b"),
    ("bind(accounts, accountnumber)", ""),
]

NOT_STEPS = [
    "", "shout", "text", "text()", "text(0)", "text(-1)", "text(1.5)", "text(1,2)", "text(x)",
    "text(9999999)", "text(\u0663)", "decimal(11)", "upper(1)", "UPPER", "upper upper", "text(20",
    "lookup", "lookup(nothing)", "lookup(types, codes)", "bind", "bind(a-b)", "bind(a,b,c)",
    "__import__('os')", "text(20); drop", "x" * 500, "(" * 500,
]  # fmt: skip


def step_of(text: str) -> Step:
    step = parse_step(text, TABLES)

    assert isinstance(step, Step), step

    return step


@pytest.mark.parametrize(("text", "given", "found"), TAKEN)
def test_a_step_makes_what_its_line_says(text: str, given: Value, found: Value) -> None:
    made = step_of(text).run(given)

    assert (type(made), made) == (type(found), found)
    if isinstance(made, Decimal):
        assert str(made) == str(found)


@pytest.mark.parametrize(("text", "given"), REFUSED)
def test_a_step_refuses_what_it_cannot_take(text: str, given: Value) -> None:
    with pytest.raises(Unfit):
        step_of(text).run(given)


def test_every_step_has_a_line_that_passes_and_one_that_is_refused() -> None:
    passing = {text.partition("(")[0] for text, _, _ in TAKEN} | {"guid"}
    refusing = {text.partition("(")[0] for text, _ in REFUSED}

    assert passing == refusing == set(STEPS)


def test_every_step_has_one_line_of_help() -> None:
    for spec in SPECS:
        assert spec.doc and "\n" not in spec.doc and spec.takes


@pytest.mark.parametrize("text", NOT_STEPS)
def test_what_is_not_a_step_is_said_in_a_sentence(text: str) -> None:
    assert isinstance(parse_step(text, TABLES), str)


def test_blanks_around_arguments_do_not_matter() -> None:
    assert step_of(" text( 20 ) ").limit == 20


def test_the_same_reference_gives_the_same_id_for_ever() -> None:
    made = step_of("guid").run("9b1e")

    assert made == "34c1ebfc-fc2b-5900-900f-5f5b8b4fdc41"
    assert made != step_of("guid").run("9b1f")


def test_a_word_that_is_not_listed_names_its_value_map() -> None:
    with pytest.raises(NotInMap) as caught:
        step_of("lookup(types)").run("fee")

    assert (caught.value.table, caught.value.value) == ("types", "fee")


def test_a_value_map_of_whole_numbers_makes_whole_numbers() -> None:
    assert (TYPES.makes, CODES.makes) == ("text", "whole")
