"""reading/source.py: exact values, and a place for every key."""

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
    ],
)
def test_a_file_that_is_no_toml_is_a_finding(
    text: str, line: int, column: int, said: str
) -> None:
    source, (finding,) = parse_source("rules/x.toml", text)

    assert source is None
    assert ("SRC001", line, column) == (finding.code, finding.place.line, finding.place.column)
    assert said in finding.message


def test_a_line_of_the_text_can_be_shown() -> None:
    source = source_of(TEXT)

    assert '  "b",' == source.line(8)
    assert source.line(0) is None
    assert source.line(99) is None
