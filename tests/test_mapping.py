"""Mappings out: what is found in the file, and what becomes of a line."""

import random
import re
from datetime import date
from decimal import Decimal

import msgspec
import pytest

from adapter.making.lined import BillingLine, JournalLine
from adapter.reading.document_facts import DOCUMENT_KINDS, sources_of
from adapter.reading.mapper import Apply, compile_mapping
from adapter.reading.mapping import parse_mapping
from adapter.reading.mapping_check import unverified
from adapter.reading.source import parse_source
from adapter.reading.steps import Table
from adapter.reading.value_map import parse_table
from adapter.values.codes import CODES
from tests.outlets_given import ROOT, mappings, read_mapping, schemas, source_of, tables

D = Decimal
ACTUAL = "5f2c8a10-0000-4000-8000-000000000001"
PATH = "mappings/to-finance/probe.toml"
HEAD = """\
document = "journal"
part = "line"
target = "ProjAdvancedJournalLineHours"
key = ["SourceActualId"]
filled_there = ["dataAreaId", "LineNumber", "ProjAdvancedJournal"]
[field]
SourceActualId = { from = "line.actual", tag = "inferred", type = "text" }
"""

LINE = {
    "source": ACTUAL,
    **msgspec.structs.asdict(
        JournalLine(
            key="k-1", actual=ACTUAL, company="usmf", side="sales", transaction_type="item",
            document_type="usage", date=date(2026, 11, 14), accounting_date=date(2026, 11, 30),
            period="2026-11", project="P-0007", category="PARTS", quantity=D("2.00"),
            sales_price=D("75.05"), sales_amount=D("150.10"), currency="USD",
            description="Filter\r\ncartridge", serial_number="SN-0001",
        )
    ),
    "number": 1,
}  # fmt: skip

FAULTY: list[tuple[str, str]] = [
    ('ProjectId = { from = "line.project" }', "MAP503"),
    ('projid = { from = "line.project" }', "MAP503"),
    ('ProjId = { from = "line.projct" }', "MAP506"),
    ('ProjId = { from = "detail.project" }', "MAP506"),
    ('ProjId = { from = "actual.id" }', "MAP506"),
    ('ProjId = { from = "line.project", via = ["shout"] }', "MAP507"),
    ('ProjId = { from = "line.project", via = ["text"] }', "MAP507"),
    ('ProjId = { from = "line.date", via = ["text(20)"] }', "MAP504"),
    ('ProjId = { from = "line.quantity" }', "MAP504"),
    ('ProjId = { from = "line.project", via = ["text(20)", "money"] }', "MAP504"),
    ('AccountingDate = { from = "line.date" }', "MAP504"),
    ('AccountingDate = { from = "line.date", via = ["day"] }', "MAP504"),
    ('AccountingDate = { value = "2026-11-14" }', "MAP504"),
    ('Quantity = { from = "line.project" }', "MAP504"),
    ('Quantity = { from = "line.quantity", default = "none" }', "MAP504"),
    ('TransType = { value = "Material" }', "MAP504"),
    ('TransType = { from = "line.side", via = ["lookup(transaction_types)"] }', "MAP510"),
    ('TransType = { from = "line.side", via = ["lookup(nothing)"] }', "MAP511"),
    ('PostError = { value = true }', "MAP504"),
    ('ProjId = { from = "line.project", via = ["text(30)"], length = 20 }', "MAP504"),
    ('ProjId = { from = "line.project", value = "P-1" }', "MAP500"),
    ("ProjId = { }", "MAP500"),
    ('ProjId = "line.project"', "MAP500"),
    ("ProjId = { from = 7 }", "MAP500"),
    ('ProjId = { from = "line.project", via = "upper" }', "MAP500"),
    ('ProjId = { from = "line.project", via = [1] }', "MAP500"),
    ('ProjId = { from = "line.project", optional = "yes" }', "MAP500"),
    ('ProjId = { from = "line.project", length = -1 }', "MAP500"),
    ('ProjId = { from = "line.project", tag = "guessed" }', "MAP500"),
    ('ProjId = { from = "line.project", type = "string" }', "MAP500"),
    ('ProjId = { from = "line.project", form = "x" }', "SRC002"),
    ('ProjId = { from = "line.project", otherwise = "line.projct" }', "MAP506"),
    ('ProjId = { from = "line.project", otherwise = "line.quantity" }', "MAP504"),
    ('ProjId = { from = "line.project", otherwise = 7 }', "MAP500"),
    ('ProjId = { value = "" }', "MAP500"),
    ("Quantity = { value = nan }", "MAP500"),
    ("Quantity = { value = 2026-11-14 }", "MAP500"),
    ('ProjId = { from = "line.project", when = "line.sde == \'sales\'" }', "RUL102"),
]

HEADS: list[tuple[str, str, str]] = [
    ('document = "journal"', 'document = "jornal"', "MAP500"),
    ('part = "line"', 'part = "detail"', "MAP500"),
    ('part = "line"', "part = 3", "MAP500"),
    ('target = "ProjAdvancedJournalLineHours"', 'target = "ProjJournal"', "MAP503"),
    ('key = ["SourceActualId"]', 'key = ["Nothing"]', "MAP503"),
    ('key = ["SourceActualId"]', "key = []", "MAP509"),
    ('key = ["SourceActualId"]', 'key = "SourceActualId"', "MAP500"),
    ('key = ["SourceActualId"]', 'key = ["SourceActualId"]\nkeeps = ["Nope"]', "MAP503"),
    ('key = ["SourceActualId"]', 'key = ["SourceActualId"]\nkeeps = ["SourceActualId"]', "MAP504"),
    ('key = ["SourceActualId"]', 'key = ["SourceActualId"]\nkez = []', "SRC002"),
    ('"dataAreaId", "LineNumber", ', '"LineNumber", ', "MAP502"),
    ('"dataAreaId", "LineNumber", ', '"dataAreaId", "LineNumber", "Nope", ', "MAP503"),
    ('from = "line.actual",', 'from = "line.actual", via = ["text(30)"],', "MAP508"),
    ('from = "line.actual",', 'from = "line.actual", optional = true,', "MAP508"),
    ('from = "line.actual",', 'from = "line.actual", default = "-",', "MAP508"),
]


def codes_of(text: str) -> list[str]:
    return [finding.code for finding in read_mapping(PATH, text)[1]]


def applied(*fields: str) -> Apply:
    mapping, found = read_mapping(PATH, HEAD + "\n".join(fields))

    assert mapping is not None and not found, found

    return compile_mapping(mapping, schemas(), tables())


def test_the_head_of_the_probe_has_no_fault() -> None:
    assert codes_of(HEAD) == []


@pytest.mark.parametrize(("field", "code"), FAULTY)
def test_a_faulty_field_is_found_at_its_line(field: str, code: str) -> None:
    _, found = read_mapping(PATH, HEAD + field)

    assert code in [finding.code for finding in found]
    assert {finding.place.line for finding in found if finding.code == code} == {8}
    assert all(finding.help and finding.level == "error" for finding in found)


@pytest.mark.parametrize(("said", "instead", "code"), HEADS)
def test_a_faulty_head_is_found(said: str, instead: str, code: str) -> None:
    assert said in HEAD

    assert code in codes_of(HEAD.replace(said, instead))


def page_of(code: str) -> tuple[str, str, str]:
    """The language, the file and the text of the example on the page of a code."""
    text = (ROOT / "docs/codes" / f"{code}.md").read_text()
    [(language, example)] = re.findall(r"```(\w+)\n(.*?)\n```", text, re.S)
    return language, example.split("\n")[0].strip("{#-} "), example


OUT_CODES = sorted(c for c in CODES if "MAP500" <= c < "MAP540" and c != "MAP530")


@pytest.mark.parametrize("code", OUT_CODES)
def test_the_example_on_the_page_of_a_code_has_that_fault(code: str) -> None:
    language, path, example = page_of(code)

    assert path.endswith(".toml")
    if language == "toml":
        assert {finding.code for finding in read_mapping(path, example)[1]} == {code}


KEPT = [
    ('Quantity = { from = "line.quantity", via = ["money"] }', []),
    ('Quantity = { from = "line.quantity", via = ["money"], optional = true }', ["MAP504"]),
    ('Quantity = { from = "line.quantity", via = ["negate"] }', ["MAP504"]),
    ('Quantity = { from = "line.quantity", when = "line.side == \'cost\'" }', ["MAP504"]),
    ("Quantity = { value = 1 }", ["MAP504"]),
]


@pytest.mark.parametrize(("field", "codes"), KEPT)
def test_a_sum_is_kept_only_over_fields_that_every_line_has(field: str, codes: list[str]) -> None:
    key = 'key = ["SourceActualId"]'
    head = HEAD.replace(key, key + '\nkeeps = ["Quantity"]')

    assert codes_of(head + field) == codes


def test_a_wrong_name_is_answered_with_the_nearest_right_one() -> None:
    _, found = read_mapping(PATH, HEAD + 'ProjCategorId = { from = "line.catgory" }')
    _, unknown = read_mapping(PATH, HEAD + 'ProjCategorId = { from = "line.category" }')

    assert "`line.category`" in found[0].help
    assert "`ProjCategoryId`" in unknown[0].help


def test_the_shipped_mappings_have_no_finding() -> None:
    assert len(mappings()) >= 9  # `mappings` asserts it for each file


def test_every_code_that_a_mapping_gives_is_in_the_table() -> None:
    assert {code for _, code in FAULTY if code.startswith("MAP")} <= set(CODES)
    assert {code for *_, code in HEADS if code.startswith("MAP")} <= set(CODES)


def test_the_names_of_lines_are_those_that_documents_have() -> None:
    journal = {name for name, _, _ in DOCUMENT_KINDS["journal"]["line"]}
    billed = {name for name, _, _ in DOCUMENT_KINDS["on-account"]["line"]}

    assert journal == {"number", "source", *JournalLine.__struct_fields__}
    assert billed == {"number", *BillingLine.__struct_fields__}


def test_a_detail_sees_its_line_and_its_header_but_a_header_no_line() -> None:
    assert {"detail.key", "line.key", "header.company", "document.key"} <= set(
        sources_of("proforma", "detail")
    )
    assert not [name for name in sources_of("proforma", "header") if name.startswith("line.")]
    with pytest.raises(KeyError):
        sources_of("journal", "detail")


def test_unverified_names_and_codes_are_listed() -> None:
    names = unverified(mappings()["integration-journal"], schemas())

    assert ("InventSiteId", "inferred", "column") in names
    assert ("DocumentType", "inferred", "document_types: usage") in names
    assert "Quantity" not in {name for name, _, _ in names}


def test_a_line_becomes_a_row_with_its_reference() -> None:
    row, found = compile_mapping(mappings()["integration-journal"], schemas(), tables())(
        {"header": {}, "line": LINE}
    )

    assert found == ()
    assert row["SourceActualId"] == ACTUAL
    assert row["dataAreaId"] == "USMF"
    assert row["TransType"] == "Item"
    assert row["AccountingDate"] == "2026-11-30T12:00:00Z"
    assert row["Text"] == "Filter cartridge"
    assert (str(row["ExtendedPrice"]), str(row["ExtendedCost"])) == ("150.10", "0")
    assert row["InventSerialId"] == "SN-0001"
    assert "InventBatchId" not in row


VALUES: list[tuple[str, dict[str, object], object, list[str]]] = [
    ('ProjId = { from = "line.project" }', {"project": None}, None, ["MAP501"]),
    ('ProjId = { from = "line.project" }', {"project": ""}, None, ["MAP501"]),
    ('ProjId = { from = "line.project", default = "-" }', {"project": None}, "-", []),
    ('ProjId = { from = "line.project", optional = true }', {"project": None}, KeyError, []),
    ('ProjId = { from = "line.project", via = ["text(4)"] }', {"project": "P-0007"}, "P-00",
     ["MAP520"]),
    ('Quantity = { from = "line.quantity", via = ["decimal(1)"] }', {"quantity": D("1.25")},
     D("1.3"), ["MAP521"]),
    ('Quantity = { from = "line.quantity", via = ["money"] }', {"quantity": D("NaN")}, None,
     ["MAP505"]),
    ('Quantity = { from = "line.quantity", via = ["money"] }', {"quantity": "2"}, None,
     ["MAP505"]),
    ('ProjId = { from = "line.project", via = ["upper"] }', {"project": 5}, None, ["MAP505"]),
    ('TransType = { from = "line.transaction_type", via = ["lookup(transaction_types)"] }',
     {"transaction_type": "toll"}, None, ["MAP510"]),
    ('ProjId = { value = "P-1" }', {}, "P-1", []),
    ('ProjId = { from = "line.task", otherwise = "line.project" }', {}, "P-0007", []),
    ('ProjId = { from = "line.task", otherwise = "line.project" }', {"task": "T-1"}, "T-1", []),
    ('ProjId = { from = "line.task", otherwise = "line.resource" }', {}, None, ["MAP501"]),
    ('ProjId = { value = "P-1", when = "line.side == \'cost\'" }', {}, KeyError, []),
    ('ProjId = { value = "P-1", when = "line.side in [\'sales\', \'cost\']" }', {}, "P-1", []),
    ('ProjId = { value = "P-1", when = "line.quantity > 1.99 and line.number <= 1" }', {}, "P-1",
     []),
    ('ProjId = { value = "P-1", when = "line.quantity > 1" }', {"quantity": None}, KeyError, []),
    ('ProjId = { value = "P-1", when = "not line.quantity > 1" }', {"quantity": None}, "P-1", []),
    ('ProjId = { value = "P-1", when = "missing(line.task)" }', {}, "P-1", []),
    ('ProjId = { value = "P-1", when = "line.date < line.accounting_date" }', {}, "P-1", []),
    ('ProjId = { value = "P-1", when = "line.date >= \'2026-11-15\'" }', {}, KeyError, []),
]  # fmt: skip


@pytest.mark.parametrize(("field", "values", "made", "codes"), VALUES)
def test_a_field_makes_of_a_value_what_its_line_says(
    field: str, values: dict[str, object], made: object, codes: list[str]
) -> None:
    row, found = applied(field)({"line": {**LINE, **values}})
    name = field.partition(" ")[0]

    assert [finding.code for finding in found] == codes
    assert row.get(name, KeyError) == made
    assert all(finding.record == ACTUAL for finding in found)
    assert {f.level for f in found} <= ({"warning"} if made is not None else {"error"})


def test_a_gap_in_a_value_map_comes_with_the_line_to_paste() -> None:
    field = 'TransType = { from = "line.transaction_type", via = ["lookup(transaction_types)"] }'
    _, found = applied(field)({"line": {**LINE, "transaction_type": 'to"ll'}})

    assert found[0].help == (
        'add to [values] of mappings/tables/transaction_types.toml: "to\\"ll" = "<text>"'
    )


@pytest.mark.parametrize(
    ("source", "value"),
    [("transaction_type", "x" * 61), ("transaction_type", "a\nb"), ("resource", "Kim Dahl")],
    ids=["too long", "unreadable", "a person's name"],
)
def test_a_value_that_is_no_word_for_a_line_is_not_repeated_in_the_help(
    source: str, value: str
) -> None:
    field = f'TransType = {{ from = "line.{source}", via = ["lookup(transaction_types)"] }}'
    _, found = applied(field)({"line": {**LINE, source: value}})

    assert [f.code for f in found] == ["MAP510"]
    assert found[0].help == (
        "add a line for it to [values] of mappings/tables/transaction_types.toml"
    )


def test_a_part_that_is_not_given_leaves_its_fields_empty() -> None:
    _, found = applied('ProjId = { from = "line.project" }')({})

    assert [finding.code for finding in found] == ["MAP501", "MAP501"]


TABLES_FAULTY = [
    ("", "MAP500"),
    ("[values]", "MAP500"),
    ('values = "x"', "MAP500"),
    ('[values]\na = "A"\nb = 2', "MAP500"),
    ("[values]\na = true", "MAP500"),
    ('inferred = ["z"]\n[values]\na = "A"', "MAP500"),
    ('default = "A"\n[values]\na = "A"', "SRC002"),
]


@pytest.mark.parametrize(("text", "code"), TABLES_FAULTY)
def test_a_faulty_value_map_is_refused(text: str, code: str) -> None:
    table, found = parse_table(source_of("mappings/tables/x.toml", text))

    assert table is None
    assert code in [finding.code for finding in found]


def test_a_value_map_is_named_after_its_file() -> None:
    table, found = parse_table(source_of("mappings/tables/sizes.toml", '[values]\nbig = "L"'))

    assert found == ()
    assert table == Table("sizes", "mappings/tables/sizes.toml", {"big": "L"})


JUNK = ['"', "'", "{", "}", "[", "]", "\n", "#", "=", "(", ")", "\\", "\x00", "\u202e", "nan",
        "\U0001f527", "1e999", "via", "from", "text(", "9" * 40, "line.", "not "]  # fmt: skip


def damaged(text: str, rng: random.Random) -> str:
    """Junk among the letters, or words of the file in each other's places."""
    if rng.random() < 0.5:
        letters = list(text)
        for _ in range(rng.randint(1, 3)):
            at = rng.randrange(len(letters))
            letters[at : at + rng.choice((0, 1, 1, 5))] = rng.choice(JUNK)
        return "".join(letters)
    parts = re.split(r"(\w+)", text)
    words = [at for at, part in enumerate(parts) if part.isidentifier()]
    for _ in range(rng.randint(1, 4)):
        one, other = rng.choice(words), rng.choice(words)
        parts[one], parts[other] = parts[other], parts[one]
    return "".join(parts)


def test_two_thousand_damaged_mappings_give_findings_and_no_traceback() -> None:
    rng = random.Random(20261120)
    texts = [HEAD + "\n".join(f for f, _ in rng.sample(FAULTY, 3)) for _ in range(20)]
    texts += [HEAD + field for field, *_ in VALUES]
    texts += [path.read_text() for path in sorted(ROOT.glob("mappings/to-*/*.toml"))]
    parsed = applied_count = 0
    for _ in range(2000):
        source, _ = parse_source(PATH, damaged(rng.choice(texts), rng))
        if source is None:
            continue
        mapping, found = parse_mapping(source, schemas(), tables())
        parsed += 1
        assert all(f.place.file == PATH for f in found)
        if mapping is not None and not found:
            compile_mapping(mapping, schemas(), tables())({"line": LINE})
            applied_count += 1

    assert parsed > 500
    assert applied_count > 10


def test_the_caret_of_a_condition_stands_inside_it() -> None:
    row = r'ProjId = { from = "line.project", when = "line.side == \"sales\" and line.sde" }'
    _, found = read_mapping(PATH, HEAD + row)
    (fault,) = [f for f in found if f.code == "RUL102"]
    start = fault.place.column - 1

    assert row[start : start + fault.place.width] == "line.sde"
