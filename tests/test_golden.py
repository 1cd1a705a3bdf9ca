"""Golden cases: the numbers of the domain reference, whole records in, documents out."""

from pathlib import Path

import pytest
from msgspec import Struct

from adapter.deciding.dossier import Assembler, Dossier
from adapter.making.billing_schedule import schedule_of
from adapter.making.books import Books
from adapter.making.documents import Document
from adapter.making.drafting import assemble, line_of
from adapter.making.golden import GoldenCase, parse_golden
from adapter.making.golden_run import run_golden
from adapter.making.lined import Lined
from adapter.making.routed import Answer, Routed
from adapter.reading.source import parse_source
from adapter.values.actuals import Actual

FOLDER = Path(__file__).parent / "cases" / "golden"


def read(path: Path):
    source, findings = parse_source(path.name, path.read_text("utf-8"))
    assert findings == ()
    return source


BASES = {p.stem.removeprefix("base_"): read(p) for p in sorted(FOLDER.glob("base_*.toml"))}
FILES = sorted(FOLDER.glob("G*.toml"))
CASES = [case for path in FILES for case in parse_golden(read(path), BASES)[0]]


class PlannedSimply(Struct):
    verdicts: dict[str, Routed]
    documents: list[Document]
    rows: dict[str, tuple[str, ...]] = {}


def sent_simply(d: Dossier, model: str) -> tuple[str, str]:
    """Where actuals go when nothing is wrong: the ledger's and the billing's document."""
    actual = d.actual
    billing = "proforma-line" if actual.billing_status == "ready-to-invoice" else ""
    if actual.transaction_type != "unbilled-sales" or actual.nte_status == "failed":
        billing = ""
    if model == "core":
        return "", billing
    if actual.transaction_type == "billed-sales":
        is_scheduled = actual.transaction_class in ("milestone", "retainer")
        return "on-account" if is_scheduled else "invoice-proposal-line", billing
    return ("" if actual.voucher else "journal-line"), billing


def plan_simply(settings, records, finance, as_of) -> PlannedSimply:
    """Plans without a single rule: enough to draft documents from right actuals."""
    books = Books(settings=settings, as_of=as_of, records=records, finance=finance)
    verdicts: dict[str, Routed] = {}
    lines: list[Lined] = []
    for name, environment in settings.environments.items():
        model = "integrated" if name in finance else "core"
        assembler = Assembler(settings, environment, records[name], finance.get(name))
        for actual in records[name].all(Actual):
            dossier = assembler.assemble(actual)
            answers = [
                Answer(channel=c, kind="send" if to else "leave", rule="RTE400", document=to)
                for c, to in zip(("ledger", "billing"), sent_simply(dossier, model), strict=True)
            ]
            routed = Routed(dossier=dossier, day=dossier.day, model=model,
                            ledger=answers[0], billing=answers[1])  # fmt: skip
            verdicts[actual.id] = routed
            for channel in ("ledger", "billing"):
                lined = line_of(routed, channel)
                if lined is not None and not lined.findings:
                    lines.append(lined)
        lines += [line for one in schedule_of(books, name) for line in one.lines]
    groups: dict[tuple[str, ...], list[Lined]] = {}
    for lined in sorted(lines, key=lambda x: (x.group_text, x.order_text)):
        groups.setdefault(lined.group, []).append(lined)
    documents = [d for g in groups for d in assemble(books, g, groups[g])]
    return PlannedSimply(verdicts, documents)


def is_all_right(case: GoldenCase) -> bool:
    """Whether the case expects no finding, so that no rule is needed to run it."""
    return not any(case.expect.verdicts.values())


def test_every_golden_case_of_the_domain_has_a_file_that_is_understood():
    assert {path.stem[:3] for path in FILES} == {f"G{n:02}" for n in range(1, 15)}
    for path in FILES:
        assert parse_golden(read(path), BASES)[1] == (), path.name


def test_each_case_expects_something():
    for case in CASES:
        expect = case.expect
        assert expect.verdicts or expect.document or expect.ledger or case.events, case.id


@pytest.mark.parametrize("case", [c for c in CASES if is_all_right(c)], ids=lambda c: c.id)
def test_documents_and_events_of_right_actuals(case):
    assert [str(d) for d in run_golden(case, plan_simply)] == []


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.id)
def test_what_people_do_after_the_plan(case):
    assert [str(d) for d in run_golden(case, None)] == []


BROKEN = """
base = "core"
{top}
[[case]]
name = "x"
{row}
"""


@pytest.mark.parametrize(
    ("top", "row", "said"),
    [
        ("colour = 1", "", "unknown key `colour`"),
        ("", "expects = 1", "unknown key `expects`"),
        ("", "records.actuals = [{ id = 'a' }]", "actuals"),
        ("", "records.actual = [{ id = 'a', colour = 1 }]", "colour"),
        ("", "records.actual = [{ id = 'a', quantity = 'four' }]", "quantity"),
        ("", "records.actual = [{ quantity = 4 }]", "id"),
        ("", "records.actual = 4", "does not fit"),
        ("", "as_of = 'soon'", "does not fit"),
        ("", "expect = { verdict = 1 }", "verdict"),
        ("", "event = [{ detail = [] }]", "do"),
        ("", "environments.core = { colour = 1 }", "colour"),
    ],
)
def test_a_case_that_is_not_understood_is_a_finding_with_its_place(top, row, said):
    source, _ = parse_source("G99.toml", BROKEN.format(top=top, row=row))

    cases, findings = parse_golden(source, BASES)

    assert [f.code for f in findings] == ["SRC090"]
    assert said in findings[0].message
    assert findings[0].place.line > 0
    assert cases == () or "colour = 1" in top


def test_an_unknown_base_and_a_file_without_cases_are_findings():
    for text, said in (('base = "lite"', "lite"), ('base = "core"', "no [[case]]")):
        source, _ = parse_source("G99.toml", text)
        assert said in parse_golden(source, BASES)[1][0].message
