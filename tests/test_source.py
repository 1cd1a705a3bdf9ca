"""reading/source.py: exact values, and a place for every key."""

import random
from datetime import date
from decimal import Decimal

import pytest

from adapter.reading.source import BYTES_MAX, parse_source
from tests.rule_texts import source_of

TEXT = '''# a comment
policy = "first"

[[rule]]
id = "A" # behind
when = [
  "a == 'x'", # why
  "b",
]
send = { document = "j", group_by = ["x", "y"] }

[[rule]]
id = "B"
since = 2026-02-02
[rule.sub."q.z"]
text = """several
lines [with] = signs"""
number = 1.10
'''


@pytest.mark.parametrize(
    ("keys", "line", "column", "width"),
    [
        (("policy",), 2, 1, 6),
        (("rule", 0), 4, 1, 8),
        (("rule", 0, "id"), 5, 1, 2),
        (("rule", 0, "when"), 6, 1, 4),
        (("rule", 0, "when", 0), 7, 3, 10),
        (("rule", 0, "when", 1), 8, 3, 3),
        (("rule", 0, "send", "document"), 10, 10, 8),
        (("rule", 0, "send", "group_by", 1), 10, 43, 3),
        (("rule", 1), 12, 1, 8),
        (("rule", 1, "sub", "q.z"), 15, 1, 16),
        (("rule", 1, "sub", "q.z", "number"), 18, 1, 6),
        (("rule", 1, "nothing"), 12, 1, 8),
        (("nothing",), 1, 1, 1),
    ],
)
def test_every_key_has_its_place(
    keys: tuple[str | int, ...], line: int, column: int, width: int
) -> None:
    place = source_of(TEXT).place(*keys)

    assert (line, column, width) == (place.line, place.column, place.width)


def test_values_are_exact() -> None:
    table = source_of(TEXT).table

    assert Decimal("1.10") == table["rule"][1]["sub"]["q.z"]["number"]
    assert "1.10" == str(table["rule"][1]["sub"]["q.z"]["number"])
    assert date(2026, 2, 2) == table["rule"][1]["since"]


@pytest.mark.parametrize(
    ("text", "line", "column", "said"),
    [
        ("a = 1\nb = \n", 2, 5, "not TOML"),
        ("a = 1\na = 2\n", 2, 6, "not TOML"),
        ("[x\n", 1, 3, "not TOML"),
        ("x" * (BYTES_MAX + 1), 1, 1, "larger than"),
        ("a = 1\nb = 1e9999999999999999999\n", 2, 5, "out of bounds"),
        ("a = 1e-101\n", 1, 5, "out of bounds"),
        ("a = " + "[" * 3_000 + "]" * 3_000, 1, 1, "nested too deep"),
    ],
)
def test_a_file_that_is_no_toml_is_a_finding(
    text: str, line: int, column: int, said: str
) -> None:
    source, (finding,) = parse_source("rules/x.toml", text)

    assert source is None
    assert ("SRC001", line, column) == (finding.code, finding.place.line, finding.place.column)
    assert said in finding.message


def written(rng: random.Random, depth: int = 0) -> str:
    """A value as a person might write it, with marks that mean something elsewhere."""
    kinds = ["1", "1.50", "true", "2026-11-30", "2026-11-30 10:00:00", '"a # [b] = \\" c"', "'x='"]
    kinds += ['"""\nseveral\n[[x]]\ny = 1""""', "'''q'''''", '""', '""""""']
    if depth < 3:
        parts = [written(rng, depth + 1) for _ in range(rng.randint(0, 3))]
        kinds += ["[" + ", ".join(parts) + "]", "[\n  " + ", # why\n  ".join(parts) + "\n]"] * 2
        kinds += ["{ " + ", ".join(f"k{i} = {p}" for i, p in enumerate(parts)) + " }"] * 2
    return rng.choice(kinds)


def test_the_place_of_every_key_shows_the_key() -> None:
    rng = random.Random(20261121)
    checked = 0
    for _ in range(400):
        lines = []
        for number in range(rng.randint(1, 4)):
            name = rng.choice([f"k{number}", f'"q.{number}"', f"d{number}.e", f"d{number} . 'f'"])
            lines.append(f"{name} = {written(rng)}")
        body = "\n".join(lines)
        text = f"{body}\n[t]\n{body}\n[[r]]\n{body}\n[[r.s]]\n{body}\n[[r]]\n{body}\n"
        source = source_of(text)
        for path in paths_of(source.table):
            place = source.place(*path)
            line = source.line(place.line)
            assert line is not None
            shown = line[place.column - 1 : place.column - 1 + place.width]
            assert path in source.places, (path, text)
            assert str(path[-1]) in shown or isinstance(path[-1], int), (path, shown, text)
            checked += 1
    assert checked > 5_000


def paths_of(value: object, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    keyed: list[tuple[str | int, object]] = []
    if isinstance(value, dict):
        keyed = list(value.items())
    elif isinstance(value, list):
        keyed = list(enumerate(value))
    below = [p for key, inner in keyed for p in paths_of(inner, (*path, key))]
    return [path, *below] if path else below


def test_an_excerpt_is_one_table_without_what_follows() -> None:
    assert source_of(TEXT).excerpt("rule", 0) == tuple(TEXT.split("\n")[3:10])


def test_a_line_of_the_text_can_be_shown() -> None:
    source = source_of(TEXT)

    assert '  "b",' == source.line(8)
    assert source.line(0) is None
    assert source.line(99) is None


# a string as it is written | what is meant in its value | line and column where it stands
WITHIN = [
    (r'"abc x"', "x", 1, 10),
    (r"'abc x'", "x", 1, 10),
    (r"'a\u00e9 x'", "x", 1, 14),
    (r'"\u00e9 x"', "x", 1, 13),
    (r'"\U0001F600 x"', "x", 1, 17),
    (r'"a \"b\" x"', "x", 1, 14),
    (r'"\\ \t x"', "x", 1, 12),
    ('"""abc x"""', "x", 1, 12),
    ('"""\nabc x"""', "x", 2, 5),
    ('"""\r\nabc\r\n  x"""', "x", 3, 3),
    ('"""abc \\\n    x"""', "x", 2, 5),
    ("'''a\\\nb x'''", "x", 2, 3),
    ('"""a "" x"""', "x", 1, 13),
]


@pytest.mark.parametrize(("written", "meant", "line", "column"), WITHIN)
def test_a_character_of_a_value_has_its_place_in_the_text(
    written: str, meant: str, line: int, column: int
) -> None:
    source = source_of(f"k = {written}\n")
    at = source.table["k"].index(meant)

    place = source.within(source.place("k", "="), at, 1)
    shown = source.line(place.line)

    assert (place.line, place.column, place.width) == (line, column, 1)
    assert shown is not None and shown[place.column - 1] == meant


def test_a_width_covers_the_escapes_in_it_and_ends_with_its_line() -> None:
    one = source_of(r'k = "\u00e9\u00e9 x"')
    two = source_of('k = """ab\ncd"""')

    assert one.within(one.place("k", "="), 0, 2).width == 12
    assert two.within(two.place("k", "="), 1, 3).width == 1
    assert one.within(one.place("k", "="), 99, 9).column == 20
