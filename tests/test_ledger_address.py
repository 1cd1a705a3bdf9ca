"""The address of the ledger: what is none is refused everywhere, and no word of it is told."""

import os
from pathlib import Path

import pytest

from adapter.edge.http.redactor import REDACTOR
from adapter.edge.ledger import LedgerError, open_ledger, said_url
from adapter.edge.settings_file import read_settings
from adapter.reading.ledger_address import address_fault, passwords_of
from tests.commands import ran, small_company

SECRET = "S3cr3tPw"
WRONG = [
    f"postgresql://postgres:ab@12:{SECRET}@localhost:5999/a",
    f"postgresql://postgres:ab@{SECRET}@localhost/a",
    f"postgresql://postgres:a@{SECRET}/y@localhost/a",
    f"postgresql://postgres:a@b?{SECRET}@localhost/a",
    f"postgresql://post/gres:{SECRET}@localhost/a",
    f"postgresql://localhost:{SECRET}/a",
    f"host=/tmp/x dbname=a password={SECRET}",
    f"password = {SECRET}",
    f"postgresql:/postgres:{SECRET}@/a",
    f"postgresql//postgres:{SECRET}@localhost/a",
    f"postgres:{SECRET}@localhost/a",
    f"Postgresql://postgres:{SECRET}@localhost/a",
    f"mysql://root:{SECRET}@localhost/a",
    f"postgresql+psycopg2://postgres:{SECRET}@localhost/a",
    "",
]
RIGHT = [
    "ledger.db", "/var/lib/field ledger/led ger.db", "../x/ledger.db", "hosts.db", "a=b.db",
    "postgresql://postgres:@/ledger1?host=/tmp/fl/data", "postgresql:///a", "postgres://u@h/d",
    "postgresql+psycopg://u:p%40w@[::1]:5432/a?sslmode=require", "postgresql://u:a/b#c@h/d",
]  # fmt: skip
COMMANDS = [["status"], ["plan"], ["settle"], ["reconcile"], ["pull"], ["run"],
            ["ledger", "verify", "--workspace"],
            ["send", "abcdef123456", "--workspace"]]  # fmt: skip


def company_with(folder: Path, ledger: str) -> Path:
    made = small_company(folder, 3)
    with (made / "adapter.toml").open("a", encoding="utf-8") as file:
        file.write(f"\n[ledger]\n{ledger}\n")
    return made


@pytest.mark.parametrize("url", RIGHT)
def test_files_and_postgresql_are_addresses(url: str) -> None:
    assert address_fault(url) is None


@pytest.mark.parametrize("url", WRONG)
def test_what_is_no_address_is_a_finding_that_does_not_repeat_it(url: str, tmp_path: Path) -> None:
    folder = company_with(tmp_path / "w", f'url = "{url}"')
    files = {path.name for path in tmp_path.rglob("*")}
    _, found = read_settings(folder)
    faults = [f for f in found if f.code == "SRC021"]

    assert len(faults) == 1 and faults[0].place.line > 1
    some = (["check"], *COMMANDS[:2]) if url in (WRONG[0], WRONG[6]) else (["status"],)
    for words in some:
        done = ran([*words, folder])
        assert done.code == (1 if words == ["check"] else 2)
        assert "SRC021" in done.out + done.err
        assert SECRET not in done.out + done.err and "localhost" not in done.out + done.err
    assert {path.name for path in tmp_path.rglob("*")} == files


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("url", [WRONG[0], WRONG[6]])
def test_every_command_refuses_what_a_secret_says_wrongly(
    url: str, words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LURL", url)
    monkeypatch.chdir(tmp_path)
    folder = company_with(
        tmp_path / "w", 'url_from = "env:LURL"\n[environments.us.connect]\ndataverse = '
        '"https://a.crm.dynamics.com"') if words == ["pull"] else company_with(
        tmp_path / "w", 'url_from = "env:LURL"')  # fmt: skip
    done = ran([*words, folder])

    assert done.code == 2
    assert "postgresql://user:password@host:5432/database" in done.err
    assert SECRET not in done.out + done.err and "localhost:5999" not in done.out + done.err
    assert not list(tmp_path.glob("*host*")) and "LURL" in os.environ


def test_a_library_caller_is_told_no_word_of_it_either() -> None:
    with pytest.raises(LedgerError, match="%40") as caught:
        open_ledger(WRONG[0])
    assert SECRET not in str(caught.value)


def test_the_password_of_a_right_address_is_cut_out_of_what_is_told() -> None:
    url = "postgresql://u:V3ry%40Long@localhost:1/a?password=0ther%21Pass"
    assert passwords_of(url) == ("V3ry%40Long", "0ther%21Pass")

    said_url(url, "`url`")
    assert REDACTOR.clean("a V3ry@Long b 0ther!Pass") == "a (secret) b (secret)"


def test_lines_around_a_finding_do_not_show_an_address(tmp_path: Path) -> None:
    folder = company_with(tmp_path / "w", f'url = "postgresql://u:{SECRET}@h/d"\nanchr = "x"')
    with (folder / "adapter.toml").open("a", encoding="utf-8") as file:
        file.write("[sending]\nworkers = 0\n")
    done = ran(["check", folder])

    assert "url = ..." in done.out and SECRET not in done.out
