"""What a setting may be is said in words that can be typed."""

import json
from pathlib import Path

import pytest

from adapter.reading.settings import parse_options, parse_settings
from adapter.reading.source import parse_source
from tests.commands import ran

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


@pytest.mark.parametrize(
    ("written", "says", "help"),
    [
        ('[companies.X]\ntimezone = "UTC"', "[companies.X] unknown key `timezone`",
         "did you mean `time_zone`? known keys: environment, time_zone,"),
        ("[sending]\nworker = 3", "[sending] unknown key `worker`", "did you mean `workers`?"),
        ("[settings]\nunproven_orgins = true", "unknown setting `unproven_orgins`",
         "did you mean `unproven_origins`?"),
        ("[setings]", "unknown key `setings`", "did you mean `settings`"),
        ('[companies.X]\nenvironment = "e"\ntime_zone = "america/newyork"',
         "company X has no known time zone `america/newyork`", "did you mean `America/New_York`"),
        ("[companies.X]\n[companies.X]", "not TOML: [companies.X] stands twice", "Keep one of"),
    ],
)  # fmt: skip
def test_a_misspelt_key_is_named_where_it_stands_with_the_nearest(
    tmp_path: Path, written: str, says: str, help: str
) -> None:
    text = written if "environment" in written else '[environments.e]\nrecords = "r"\n' + written
    (tmp_path / "adapter.toml").write_text(text + "\n", "utf-8")

    found = json.loads(ran(["check", tmp_path, "--format", "json"]).out)["findings"]

    said = next(f for f in found if f["message"] == says)
    assert said["help"].startswith(help)
    if "key" in says and "timezone" in says:
        assert said["place"] == "adapter.toml:4:1"
