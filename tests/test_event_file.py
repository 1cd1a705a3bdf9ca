"""mappings/tables/events.toml: the inferred settings and the fields that may be edited."""

import msgspec
import pytest

from adapter.edge.book import EVENTS_FILE, read_book
from adapter.making.event_table import EVENTS
from adapter.reading.event_file import INFERRED, EventFile, Inferred, parse_event_file
from adapter.reading.settings import Settings
from adapter.reading.source import parse_source

SHIPPED = read_book(None, Settings()).events
GOOD = '[setting.split_cost]\ndefault = true\ntag = "conflicting"\n'


def read(text: str) -> tuple[EventFile, list[str]]:
    source, found = parse_source(EVENTS_FILE, text)
    assert source is not None, found
    file, findings = parse_event_file(source)
    return file, [f"{f.code} {f.message}" for f in findings]


def test_the_shipped_file_says_what_the_code_takes_for_granted() -> None:
    assert SHIPPED.inferred == INFERRED == Inferred()
    assert set(SHIPPED.events) == set(Inferred.__struct_fields__)
    assert set(SHIPPED.editing) == {"baseline", "updated", "modern"}


def test_the_file_and_the_table_of_events_name_each_other() -> None:
    by_event = {(e, name) for name, events in SHIPPED.events.items() for e in events}

    assert by_event == {(row.id, name) for row in EVENTS.values() for name in row.settings}


def test_a_setting_that_is_said_counts_and_the_others_keep_their_default() -> None:
    file, findings = read(GOOD)

    assert findings == []
    assert file.inferred == msgspec.structs.replace(INFERRED, split_cost=True)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x = 1", "SRC002 unknown key `x`"),
        ("setting = 1", "SRC020 `setting` is not a table"),
        ("setting.split_cost = 1", "SRC020 [setting.split_cost] is not a table"),
        ("[setting.unknown]\ndefault = 1", "SRC002 unknown setting `unknown`"),
        (GOOD + "more = 1", "SRC002 unknown key `more`"),
        (GOOD.replace("conflicting", "sure"),
         "SRC020 setting `split_cost` does not say what it rests on"),
        (GOOD.replace("true", "1"), "SRC020 setting `split_cost` cannot be 1"),
        ('[setting.applied_retainer]\ndefault = "both"\nchoices = ["negative"]\ntag = "inferred"',
         "SRC020 setting `applied_retainer` cannot be both"),
        ("[editing.ours]\nlabour = []",
         "SRC020 `labour` is no kind of detail with a list of fields"),
        ("[editing.ours]\nproduct = 1",
         "SRC020 `product` is no kind of detail with a list of fields"),
        ('[editing.ours]\nproduct = ["colour"]',
         "SRC020 a detail has no field `colour` that is edited"),
        ("[editing.ours]\nproduct = [{ a = 1 }]",
         "SRC020 a detail has no field `{'a': 1}` that is edited"),
    ],
)  # fmt: skip
def test_what_is_not_understood_is_a_finding_and_changes_nothing(text, expected) -> None:
    file, findings = read(text)

    assert findings == [expected]
    assert file.inferred in (INFERRED, msgspec.structs.replace(INFERRED, split_cost=True))


def test_a_workspace_replaces_the_file(tmp_path) -> None:
    own = tmp_path / "mappings" / "tables"
    own.mkdir(parents=True)
    (own / "events.toml").write_text(GOOD)

    book = read_book(tmp_path, Settings())

    assert book.events.inferred.split_cost is True
    assert book.findings == ()
