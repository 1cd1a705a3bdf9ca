"""making/plan.py on the sample company: the laws that every plan keeps."""

import json
import random
import shutil
from collections import Counter
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest

from adapter.edge.spool import RecordsOnDisk, SpoolOnDisk
from adapter.edge.workspace import read_workspace
from adapter.making.plan import Plan, Window, make_plan
from adapter.making.verdict_parts import digest_of
from adapter.reading.finance_ids import FinanceRecords
from adapter.telling.report import make_report, report_parts

CONTOSO = Path(__file__).parents[1] / "examples" / "contoso"


@cache
def plan() -> Plan:
    return make_plan(read_workspace(CONTOSO))


@cache
def report() -> dict:  # type: ignore[type-arg]
    return make_report(plan())


@pytest.fixture
def contoso(tmp_path: Path) -> Path:
    shutil.copytree(CONTOSO, tmp_path / "contoso")
    return tmp_path / "contoso"


def test_every_actual_has_one_answer_per_channel_or_is_held() -> None:
    for entry in report()["actuals"]:
        answers = [entry[channel]["answer"] for channel in ("ledger", "billing")]

        assert (answers == ["hold", "hold"]) == (entry["status"] in ("held", "different")), entry
        assert all(entry[channel]["rule"] for channel in ("ledger", "billing"))


def test_the_equation_holds_in_records_and_in_money() -> None:
    for equation in report()["equation"]:
        records = equation["records"]
        parts = sum(records[word] for word in ("written", "unchanged", "left", "held"))
        assert records["in"] == parts == len(report()["actuals"])
        for line in equation["money"]:
            words = ("written", "unchanged", "left", "held")
            assert Decimal(line["in"]) == sum(Decimal(line[w]) for w in words), line


def test_money_in_the_equation_is_the_money_of_the_actuals() -> None:
    sums: Counter[tuple[str, str, str]] = Counter()
    for entry in report()["actuals"]:
        key = (entry["company"], entry["currency"], entry["type"])
        sums[key] += Decimal(entry["amount"])  # type: ignore[assignment]
    told = {
        (m["company"], m["currency"], m["type"]): Decimal(m["in"])
        for m in report()["equation"][0]["money"]
    }

    assert told == dict(sums)


def test_journals_carry_what_their_actuals_say_and_no_billed_sales() -> None:
    actuals = {entry["id"]: entry for entry in report()["actuals"]}
    for document in report()["documents"]:
        if document["kind"] != "journal":
            continue
        mine = [actuals[key] for key in document["actuals"]]
        assert len(mine) <= document["lines"] <= 200  # a fee is a line beside its sale
        assert {"cost", "unbilled-sales"} >= {entry["type"] for entry in mine}
        totals = {(t["label"], t["currency"]): Decimal(t["amount"]) for t in document["totals"]}
        for currency in {entry["currency"] for entry in mine}:
            cost = sum(Decimal(e["amount"]) for e in mine
                       if e["type"] == "cost" and e["currency"] == currency)  # fmt: skip
            assert cost == totals.get(("cost", currency), Decimal(0))


def test_every_written_actual_is_in_exactly_the_documents_it_names() -> None:
    inside = Counter(key for d in report()["documents"] for key in d["actuals"])
    for entry in report()["actuals"]:
        named = [entry[c]["document"] for c in ("ledger", "billing") if entry[c]["document"]]
        assert inside[entry["id"]] == len(named), entry
        assert bool(named) == (entry["status"] == "written")


def test_row_order_and_repeats_in_the_files_change_nothing(contoso: Path) -> None:
    rng = random.Random(4)
    for path in sorted((contoso / "records").rglob("*.jsonl")):
        lines = path.read_bytes().splitlines()
        rng.shuffle(lines)
        path.write_bytes(b"\n".join(lines) + b"\n")

    shuffled = make_plan(read_workspace(contoso))

    assert plan().id == shuffled.id
    assert b"".join(report_parts(plan())) == b"".join(report_parts(shuffled))


def test_the_same_inputs_give_the_same_bytes_and_another_date_another_id() -> None:
    again = make_plan(read_workspace(CONTOSO))
    later = make_plan(read_workspace(CONTOSO), date(2026, 12, 31))

    assert b"".join(report_parts(plan())) == b"".join(report_parts(again))
    assert plan().id != later.id


def test_a_plan_on_disk_is_the_plan_in_memory() -> None:
    spooled = make_plan(read_workspace(CONTOSO, spooled=True), spool=SpoolOnDisk())

    assert b"".join(report_parts(plan())) == b"".join(report_parts(spooled))


def test_beside_rows_on_disk_those_of_finance_wait_there_from_a_tenth_of_the_size_on() -> None:
    sizes = {
        folder.name: sum(at.stat().st_size for at in folder.rglob("*") if at.is_file())
        for folder in (CONTOSO / "records").iterdir()
    }
    most = sizes["finance"] + 1  # not too large by itself
    assert most < sizes["contoso-us"]
    kept = [
        (isinstance(e.records, RecordsOnDisk), isinstance(e.finance.records, RecordsOnDisk))
        for e in (
            read_workspace(CONTOSO, in_memory=size).environments["contoso-us"]
            for size in (most, 100 * most)
        )
        if isinstance(e.finance, FinanceRecords)
    ]

    assert kept == [(True, True), (False, False)]


def sent_lines(found: Plan) -> list[dict[str, str]]:
    """What sending the plan would leave in sent.jsonl."""
    return [
        {"key": line.line.line.key, "digest": digest_of(line.line), "document": group[:12],
         "on": "2026-11-18"}
        for group, lines in found.spool.groups()
        for line in lines
    ]  # fmt: skip


def write_sent(folder: Path, lines: list[dict[str, str]]) -> None:
    (folder / "sent.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))


def test_what_was_sent_before_is_unchanged_and_not_written_again(contoso: Path) -> None:
    write_sent(contoso, sent_lines(plan()))

    again = make_report(make_plan(read_workspace(contoso)))

    assert 0 == again["verdict"]["written"]
    assert report()["verdict"]["written"] == again["verdict"]["unchanged"]
    assert {"same"} == {d["status"] for d in again["documents"]}
    assert again["verdict"]["balanced"]


def test_what_was_sent_with_another_body_is_held_and_never_overwritten(contoso: Path) -> None:
    lines = sent_lines(plan())
    actual_lines = [line for line in lines if line["key"]]
    actual_lines[0]["digest"] = "0" * 16
    write_sent(contoso, lines)

    again = make_report(make_plan(read_workspace(contoso)))
    held = next(g for g in again["findings"] if g["code"] == "LED903")

    assert 1 == held["records"] == again["verdict"]["different"]
    assert again["verdict"]["balanced"]
    assert actual_lines[0]["key"] not in {d["key"] for d in again["documents"]}


def test_a_window_plans_its_days_only_and_folds_the_others() -> None:
    found = make_report(make_plan(read_workspace(CONTOSO),
                                  window=Window(date(2026, 11, 10), date(2026, 11, 12))))

    assert {"2026-11-10", "2026-11-11", "2026-11-12"} >= {e["date"] for e in found["actuals"]}
    assert found["verdict"]["balanced"]
    assert 0 < found["verdict"]["in"] < report()["verdict"]["in"]


def test_the_planted_situations_are_found() -> None:
    codes = {group["code"] for group in report()["findings"]}

    assert {
        "DEP205", "REQ304", "REQ356", "REQ363", "REQ367", "REQ380", "REQ382", "REQ383", "REQ384",
        "REQ385", "REQ394", "REQ397", "REQ407", "REQ413", "REQ424", "REQ488", "SRC030",
    } <= codes  # fmt: skip


def test_most_of_a_month_is_clean() -> None:
    verdict = report()["verdict"]

    assert verdict["held"] < verdict["in"] * 0.15


def test_an_unreadable_actual_is_counted_and_held(contoso: Path) -> None:
    path = contoso / "records" / "contoso-us" / "msdyn_actual.jsonl"
    path.write_bytes(path.read_bytes() + b'{"msdyn_amount": 5.00}\n{"broken\n')

    found = make_report(make_plan(read_workspace(contoso)))

    assert report()["verdict"]["in"] + 2 == found["verdict"]["in"]
    assert report()["verdict"]["held"] + 2 == found["verdict"]["held"]
    assert 2 == found["verdict"]["unreadable"]
    assert found["verdict"]["balanced"]


def test_a_plan_without_any_date_is_refused(contoso: Path) -> None:
    settings = contoso / "adapter.toml"
    settings.write_text(settings.read_text().replace("as_of = 2026-11-30", ""))

    with pytest.raises(ValueError, match="needs a date"):
        make_plan(read_workspace(contoso))
