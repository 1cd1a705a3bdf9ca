"""reading/option_gaps.py: options that a from-mapping has no word for."""

from typing import Any

import pytest
from msgspec.structs import replace

from adapter.edge.book import shipped_bindings
from adapter.reading.binding import TableBinding
from adapter.reading.option_gaps import GAPS_MAX, option_gaps
from adapter.reading.schema import Column, SchemaTable
from adapter.values.finding import Finding

FIELD = "billing_type"


def binding() -> TableBinding:
    """The shipped mapping of actuals, with one choice field."""
    found = next(b for b in shipped_bindings() if b.table == "msdyn_actual")
    return replace(found, fields=tuple(f for f in found.fields if f.field == FIELD))


def gaps(options: dict[str, str], **more: Any) -> list[Finding]:
    one = replace(binding(), **more)
    column = Column(name=binding().fields[0].column, type="choice", options=options)
    table = SchemaTable(table=one.table, columns=(column,))
    return list(option_gaps([one], {one.table: table}))


def test_an_option_without_a_word_comes_with_the_line_to_paste() -> None:
    (found,) = gaps({"192350099": "Paid by Others (new)"})

    assert (found.code, found.level) == ("MAP513", "note")
    assert found.message == (
        f"option 192350099 (Paid by Others (new)) of `{binding().fields[0].column}` has no word"
    )
    assert found.help == (
        f'Paste into values of {FIELD}: 192350099 = "paid-by-others-new"'
    )
    assert found.place == binding().fields[0].place


def test_options_that_the_mapping_knows_are_no_gap() -> None:
    known = {str(code): "any label" for code in binding().fields[0].values}

    assert known and gaps(known) == []


@pytest.mark.parametrize(
    ("code", "label", "pasted"),
    [
        ("-1", "None", '-1 = "none"'),
        ("Symbol", "", '"Symbol" = "..."'),
        ("7", "Ünï!", '7 = "n"'),
    ],
)
def test_what_is_pasted_is_a_line_of_toml(code: str, label: str, pasted: str) -> None:
    (found,) = gaps({code: label})

    assert found.help.endswith(pasted)


def test_a_column_with_very_many_options_is_told_in_part() -> None:
    assert len(gaps({str(n): f"label {n}" for n in range(900, 1000)})) == GAPS_MAX


def test_without_a_schema_a_column_or_a_choice_nothing_is_said() -> None:
    one = binding()
    text = replace(one.fields[0], kind="text")
    table = SchemaTable(table=one.table, columns=(Column(name="another", type="choice"),))

    assert list(option_gaps([one], {})) == []
    assert list(option_gaps([one], {one.table: table})) == []
    assert gaps({"7": "x"}, fields=(text,)) == []
