"""What a setting may be is said in words that can be typed."""

import pytest

from adapter.reading.settings import parse_options, parse_settings
from adapter.reading.source import parse_source

OPTIONS = """
[flag]
type = "flag"
default = true
description = "d"
[count]
type = "whole"
default = 3
description = "d"
[mode]
type = "choice"
choices = ["a", "b"]
default = "a"
description = "d"
"""


@pytest.mark.parametrize(
    ("line", "help"),
    [
        ('flag = "yes"', "it may be: true or false"),
        ("count = true", "it may be: a whole number"),
        ('mode = "c"', "it may be: a, b"),
    ],
)
def test_a_wrong_setting_says_what_it_may_be(line: str, help: str) -> None:
    options, _ = parse_source("mappings/tables/settings.toml", OPTIONS)
    source, _ = parse_source("adapter.toml", f"[settings]\n{line}\n")
    assert options is not None and source is not None

    _, found = parse_settings(source, None, parse_options(options))

    assert [(f.code, f.help) for f in found if f.place.line == 2] == [("SRC020", help)]
