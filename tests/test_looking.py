"""Commands that only look write nothing; what would stop sending is told by those that look."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from adapter.edge.anchor import anchor_fault
from adapter.edge.ledger import blank_ledger, look_into_ledger, open_ledger
from adapter.edge.ledger.opening import HEAD, MIGRATIONS
from adapter.edge.sending import send_command
from adapter.edge.sending.office import planned_now
from adapter.reading.connect import LedgerSetting
from adapter.reading.settings import Settings
from tests.commands import ran, small_company
from tests.sending_given import Desk

LOOKS = [("status",), ("reconcile",), ("settle",)]
BESIDE = [("ledger", "verify"), ("park", "abcdef", "--because", "x"),
          ("resume", "all", "--because", "x"), ("ledger", "retain", "2020-01-01"),
          ("replay", "abcdef", "--because", "x"), ("send", "nonsense"),
          ("pause", "NOPE", "--because", "x")]  # fmt: skip
UNPRIVILEGED = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]


@pytest.fixture
def company(tmp_path: Path) -> Path:
    return small_company(tmp_path / "w", 12)


def files_of(folder: Path) -> set[str]:
    return {p.relative_to(folder).as_posix() for p in folder.rglob("*")}


@pytest.mark.parametrize("words", LOOKS + BESIDE, ids=" ".join)
def test_where_nothing_was_sent_no_ledger_is_made(company: Path, words: tuple[str, ...]) -> None:
    before = files_of(company)
    place = [str(company)] if words in LOOKS else ["--workspace", str(company)]
    done = ran([*words, *place])

    assert files_of(company) == before
    assert done.code == (2 if words[0] in ("park", "replay", "send", "pause")
                         or words[1:2] == ("retain",) else 0)  # fmt: skip
    if words in LOOKS:
        assert "Nothing was sent yet" in done.out + done.err


def test_status_as_data_says_that_nothing_was_begun(company: Path) -> None:
    told = json.loads(ran(["status", company, "--format", "json"]).out)

    assert (told["begun"], told["batches_open"], told["chain"]["count"]) == (False, 0, 0)


def test_a_folder_that_may_only_be_read_can_be_looked_at(company: Path) -> None:
    if shutil.which("setpriv") is None:
        pytest.skip("no setpriv here")
    text = (company / "adapter.toml").read_text("utf-8")
    (company / "adapter.toml").write_text(text.replace("validate-only", "files"), "utf-8")
    open_ledger(str(company / "ledger.db")).close()
    (company / "records" / "locked").mkdir(mode=0)
    (company / "ledger.db").chmod(0o444)
    company.chmod(0o555)
    try:
        ended = {
            name: subprocess.run([*UNPRIVILEGED, sys.executable, "-m", "adapter", *words],
                                 cwd=company, text=True, capture_output=True)
            for name, words in {"status": ["status"], "plan": ["plan"], "reconcile": ["reconcile"],
                                "verify": ["ledger", "verify"],
                                "pause": ["pause", "--because", "x"]}.items()
        }  # fmt: skip
    finally:
        company.chmod(0o755)
        (company / "records" / "locked").chmod(0o755)

    assert [ended[n].returncode for n in ("status", "reconcile", "verify")] == [0, 0, 0]
    assert ended["plan"].returncode in (0, 1)
    assert "does not remember this plan" in ended["plan"].stderr
    assert ended["pause"].returncode == 2 and "may not be written here" in ended["pause"].stderr
    assert not any("Traceback" in e.stderr for e in ended.values())


def test_a_ledger_is_read_as_it_is_and_never_made(tmp_path: Path) -> None:
    path = tmp_path / "a ?#% ü" / "ledger.db"
    assert look_into_ledger(str(path)) is None and not path.parent.exists()

    ledger = open_ledger(str(path))
    ledger.audit("tried", "it", {})
    seen = look_into_ledger(str(path))
    assert seen is not None and seen.head() == ledger.head() and seen.head().count == 1
    seen.close()
    ledger.close()
    path.write_bytes(b"")
    assert look_into_ledger(str(path)) is None
    assert blank_ledger().head().count == 0


def test_alembic_is_loaded_only_where_a_ledger_is_not_there_yet(tmp_path: Path) -> None:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", MIGRATIONS)
    config.set_main_option("path_separator", "os")
    assert HEAD == ScriptDirectory.from_config(config).get_current_head()

    open_ledger(str(tmp_path / "ledger.db")).close()
    script = (
        "import sys\nfrom adapter.edge.ledger import open_ledger\n"
        f"open_ledger({str(tmp_path / 'ledger.db')!r}).close()\n"
        "import adapter.edge.sending.status_command\n"
        "print(sorted({m.split('.')[0] for m in sys.modules} & {'alembic', 'httpx', 'openpyxl'}))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True,
                          check=True)  # fmt: skip

    assert done.stdout == "[]\n"


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda at: at.mkdir(), "is a folder, not a file"),
        (lambda at: at.write_text("hello\n"), "its last line is no anchor of a ledger"),
        (lambda at: at.write_bytes(b"\xff\xfe\x00"), "its last line is no anchor of a ledger"),
        (lambda at: at.symlink_to("nowhere"), "is a link that leads nowhere"),
        (lambda at: at.parent.joinpath("file").write_text("x"), ""),
        (lambda at: at.write_text('{"count": 1, "digest": "ab"}\n'), ""),
    ],
)
def test_an_anchor_that_cannot_be_used_is_a_finding(tmp_path: Path, make, why: str) -> None:  # type: ignore[no-untyped-def]
    make(tmp_path / "head.txt")
    fault = anchor_fault(tmp_path, Settings(ledger=LedgerSetting(anchor="head.txt")))

    assert (fault is None) == (not why)
    assert fault is None or (fault.code == "LED912" and why in fault.message)


def test_a_bad_anchor_is_told_by_check_plan_status_and_send(company: Path) -> None:
    with (company / "adapter.toml").open("a", encoding="utf-8") as file:
        file.write('\n[ledger]\nanchor = "records"\n')
    checked, planned, stands, sent = (
        ran(["check", company]), ran(["plan", company]), ran(["status", company]),
        ran(["send", "abc", "--workspace", company]),
    )  # fmt: skip

    assert checked.code == 1 and "LED912" in checked.out
    assert "LED912" in planned.err and "Next:" in planned.out
    assert stands.code == 1 and "LED912" in stands.out
    assert sent.code == 2 and "LED912" in sent.err


def test_an_empty_adapter_toml_is_a_finding_everywhere(tmp_path: Path) -> None:
    (tmp_path / "adapter.toml").write_text("", "utf-8")
    codes = {name: ran([name, tmp_path]) for name in ("check", "plan", "status", "reconcile",
                                                      "settle", "run", "pull", "twin")}  # fmt: skip

    assert {n: e.code for n, e in codes.items()} == {**dict.fromkeys(codes, 2), "check": 1}
    assert all("SRC022" in e.out + e.err for e in codes.values())
    assert files_of(tmp_path) == {"adapter.toml"}


@pytest.mark.parametrize(
    ("overlays", "env", "said"),
    [
        ((), "nope", "nor any other overlay"),
        (("test", "prod"), "tets", "--env knows prod, test; did you mean --env test?"),
        (("test",), "zzzz", "--env knows test"),
    ],
)
def test_an_overlay_that_is_not_there_is_told_with_those_that_are(
    company: Path, overlays: tuple[str, ...], env: str, said: str
) -> None:
    for name in overlays:
        (company / f"adapter.{name}.toml").write_text("", "utf-8")
    done = ran(["status", company, "--env", env])

    assert done.code == 2 and said in done.err and "init" not in done.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--faults", "abc"), "--faults is a rate from 0 (none) to 1 (always)"),
        (("--faults", "2"), "not 2"),
        (("--faults", "nan"), "not nan"),
        (("--port", "70000"), "--port"),
    ],
)
def test_the_twin_refuses_what_cannot_be(company: Path, words: tuple[str, ...], said: str) -> None:
    done = ran(["twin", company, *words])

    assert done.code == 2 and said in done.err


def test_a_wrong_plan_id_does_not_tie_the_ledger_to_an_organisation(tmp_path: Path) -> None:
    with Desk(small_company(tmp_path / "w", 12)) as desk:
        port = re.search(r":(\d+)", desk.server.base)
        assert port is not None
        taken = ran(
            ["twin", desk.folder, "--port", port[1]])
        wrong = desk.run("send", "000000000000")
        none = not (desk.folder / "ledger-twin.db").exists()
        desk.plan()
        again = desk.run("send", "000000000000")
        ledger = look_into_ledger(str(desk.folder / "ledger-twin.db"))
        assert ledger is not None
        pinned = [e.subject for e in ledger.events() if "pin" in e.event]
        ledger.close()

    assert taken.code == 2 and "is in use" in taken.err and "--port 0" in taken.err
    assert wrong.code == again.code == 2 and none and pinned == []


@pytest.mark.parametrize("is_noted", [False, True])
def test_a_first_send_plans_once_unless_the_ledger_holds_something_by_then(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_noted: bool
) -> None:
    with Desk(small_company(tmp_path / "w", 12)) as desk:
        plan = desk.plan()
        ledger = desk.folder / "ledger-twin.db"
        ledger.unlink()
        planned = []

        def counted(*given: Any) -> Any:
            planned.append(ledger.exists())
            made = planned_now(*given)
            if is_noted and len(planned) == 1:  # by somebody else, meanwhile
                desk.plan()
            return made

        monkeypatch.setattr(send_command, "planned_now", counted)
        done = desk.run("send", plan)
        sent = {row.state for row in desk.steps()}

    assert done.code == 0 and "sent" in sent
    assert planned == ([False, True] if is_noted else [False])


def test_a_report_holds_the_head_of_the_chain_and_the_plan_is_the_same(tmp_path: Path) -> None:
    with Desk(small_company(tmp_path / "w", 12)) as desk:
        out = tmp_path / "report.json"
        first = json.loads(desk.run("plan", "--format", "json", "--json", str(out)).out)
        desk.run("pause", "USMF", "--because", "later")
        second = json.loads(desk.run("plan", "--format", "json").out)
        whole = desk.run("ledger", "verify", str(out))
        (desk.folder / "ledger-twin.db").unlink()
        lost = desk.run("ledger", "verify", str(out))
    alone = small_company(tmp_path / "alone", 12)
    without = json.loads(ran(["plan", alone, "--format", "json"]).out)

    assert first["run"]["ledger_links"] == "1" and len(first["run"]["ledger_head"]) == 64
    assert second["run"]["ledger_links"] == "2"
    assert {**first, "run": 0} == {**second, "run": 0}
    assert whole.code == 0 and "anchored at 1: whole" in whole.out
    assert lost.code == 1 and "LED911" in lost.out
    assert not {"ledger_links", "ledger_head"} & without["run"].keys()


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--from", "2026-12-01", "--to", "2026-11-01"), 2, "lies after --to"),
        (("--workspace", "elsewhere"), 2, "two workspaces were given"),
        (("--company", "USFM"), 2, "--company USFM: no company of this workspace"),
        (("--code", "ZZZ999"), 2, "--code ZZZ999: no rule or code"),
    ],
)
def test_what_contradicts_itself_or_is_not_there_is_told(
    company: Path, words: tuple[str, ...], code: int, said: str
) -> None:
    done = ran(["plan", company, *words])

    assert (done.code, done.out) == (code, "") and said in done.err
