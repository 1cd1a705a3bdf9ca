"""reconcile.toml: what it says is understood, and speaks of what is sent."""

from functools import cache
from pathlib import Path

import pytest
from msgspec.structs import replace

from adapter.edge.book import Book, read_book
from adapter.reading.reconcile_table import RECONCILE_FILE, parse_reconcile
from adapter.reading.settings import Settings
from adapter.reading.source import parse_source
from adapter.values.finding import Finding
from tests.commands import ran, small_company

JOURNAL = '[[match]]\nmapping = "integration-journal"\nset = "ProjActualsImports"\n'
BY_ACTUAL = 'same = { ActualId = "SourceActualId" }\n'


@cache
def book() -> Book:
    return read_book(None, Settings())


def faults(text: str, **tenant: tuple[str, ...]) -> list[Finding]:
    """Findings of a file; `tenant`: columns that the environment's own metadata has, by set."""
    source, found = parse_source(RECONCILE_FILE, text)
    assert source is not None, found
    schemas = dict(book().schemas)
    for name, columns in tenant.items():
        table = schemas[name]
        kept = tuple(c for c in table.columns if c.name in columns)
        schemas[name] = replace(table, columns=kept, is_tenant=True)
    return list(parse_reconcile(source, book().mappings, schemas)[1])


def test_the_shipped_file_says_only_what_can_be() -> None:
    table, found = parse_reconcile(
        book().sources[RECONCILE_FILE], book().mappings, book().schemas
    )

    assert found == ()
    assert {"integration-journal", "proforma-line-detail"} <= {m.mapping for m in table.match}
    assert table.reason and not table.known


@pytest.mark.parametrize(
    ("text", "code", "line", "message", "help"),
    [
        ("[[matches]]\n", "REC001", 1, "`matches` is no array", "`match`"),
        ("match = 3\n", "REC001", 1, "`match` is no array", "match"),
        (JOURNAL + "sames = {}\n", "REC001", 4, "no key `sames`", "`same`"),
        (JOURNAL, "REC001", 1, "needs either `same`, or `via`", "says"),
        (JOURNAL + BY_ACTUAL + 'via = "a"\nkey = "b"\n', "REC001", 1, "needs either", "below"),
        (JOURNAL + 'via = "a"\n', "REC001", 1, "needs either", "below"),
        (JOURNAL + BY_ACTUAL + 'tag = "sure"\n', "REC001", 1, "Invalid enum value", "tag"),
        (JOURNAL + 'same = { ActualId = 3 }\n', "REC001", 1, "Expected", "same"),
        ('match = [3]\n', "REC001", 1, "Expected `object`", "mapping"),
        ('[[known]]\nwhy = "x"\n', "REC001", 1, "missing required field `key`", "key"),
        (JOURNAL.replace("journal", "jornal") + BY_ACTUAL, "REC002", 2, "integration-jornal",
         "`integration-journal`"),
        (JOURNAL + 'same = { ActualId = "SourceActual" }\n', "REC002", 4,
         "writes no column `SourceActual`", "`SourceActualId`"),
        (JOURNAL + BY_ACTUAL + 'compare = { Amount = ["ExtendedCost", "ExtendedPrise"] }\n',
         "REC002", 5, "writes no column `ExtendedPrise`", "`ExtendedPrice`"),
        ('[[reason]]\ncolumn = "AcountingDate"\nwhy = "x"\n', "REC003", 2, "`AcountingDate`",
         "`AccountingDate`"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_named_with_its_place(
    text: str, code: str, line: int, message: str, help: str
) -> None:
    (found,) = faults(text)

    assert (found.code, found.place.file, found.place.line) == (code, RECONCILE_FILE, line)
    assert message in found.message and help in found.help


def test_an_entry_that_is_not_understood_leaves_the_others() -> None:
    source, _ = parse_source(RECONCILE_FILE, JOURNAL + "sames = {}\n" + JOURNAL + BY_ACTUAL)
    assert source is not None

    table, found = parse_reconcile(source, book().mappings, book().schemas)

    assert [f.code for f in found] == ["REC001"]
    assert [m.same for m in table.match] == [{"ActualId": ("SourceActualId",)}]


def test_a_column_that_the_own_metadata_does_not_have_is_named_rec004() -> None:
    text = JOURNAL + BY_ACTUAL + 'where = { IsJournalised = "Yes" }\n'

    (found,) = faults(text, ProjActualsImports=("ActualId", "IsJournalized"))

    assert (found.code, found.level, found.place.line) == ("REC004", "warning", 3)
    assert "`IsJournalised`" in found.message and "`IsJournalized`" in found.help
    assert faults(text) == []


def test_a_lookup_is_read_under_its_value_name() -> None:
    text = ('[[match]]\nmapping = "proforma-line"\nset = "invoicedetails"\nvia = "_x_value"\n'
            'key = "invoicedetailid"\ncompare = { _salesorderdetailid_value = '
            '"salesorderdetailid@odata.bind" }\n')  # fmt: skip

    assert faults(text, invoicedetail=("invoicedetailid", "salesorderdetailid")) == []


def test_check_names_a_fault_of_the_own_file(tmp_path: Path) -> None:
    folder = small_company(tmp_path / "w", 12)
    own = folder / RECONCILE_FILE
    own.parent.mkdir(parents=True)
    own.write_text(JOURNAL + 'same = { ActualId = "SourceActual" }\n')

    done = ran(["check", str(folder)])

    assert done.code == 0
    assert "REC002 warning" in done.out and "mappings/tables/reconcile.toml:4" in done.out


def test_check_lists_columns_of_the_other_side_that_nobody_has_proven() -> None:
    done = ran(["check", "--all"])

    assert "by which `reconcile` knows rows" in " ".join(done.out.split())
    assert "_msdyn_actual_value unknown" in done.out
