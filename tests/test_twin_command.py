"""`fieldledger twin`: one twin for each environment, and the overlay that leads there."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from adapter.edge.book import read_book
from adapter.edge.demo_sending import DUAL_WRITE
from adapter.edge.twin.faults import Faults
from adapter.edge.twin.twin_command import (
    OVERLAY,
    SECRET,
    overlay,
    script_of,
    served,
    write_overlay,
)
from adapter.edge.workspace import read_settings
from tests.commands import CONTOSO, copied, ran, small_company

QUICK = "[sending]\nsettle_delay_seconds = 0\n"


def rows_of(folder: Path) -> dict[str, int]:
    return {path.relative_to(folder).as_posix(): len(path.read_bytes().splitlines())
            for path in sorted((folder / "records").rglob("*.jsonl"))}  # fmt: skip


def test_it_serves_each_environment_until_it_is_told_to_stop(tmp_path: Path) -> None:
    folder = small_company(tmp_path / "w", 5)
    command = [sys.executable, "-m", "adapter.edge.cli", "twin", str(folder), "--port", "0"]
    (folder / "ledger-twin.db").write_bytes(b"")
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True,
                          env={**os.environ, "PYTHONUNBUFFERED": "1"}) as process:  # fmt: skip
        assert process.stdout is not None
        said = ""
        while "export" not in said:
            said += process.stdout.readline()
        states = {name: httpx.get(f"{base}/twin/state").json()
                  for name, base in bases(said).items()}  # fmt: skip
        process.send_signal(signal.SIGTERM)
        code = process.wait(20)

    written = (folder / OVERLAY).read_text("utf-8")
    assert code == 0
    assert list(states) == ["contoso-us", "contoso-ca"]
    assert states["contoso-us"]["rows"]["dataverse/msdyn_actuals"] > 0
    assert all(base in written for base in bases(said).values())
    assert "ledger-twin.db knows what an earlier twin was sent" in said
    assert said.count("/finance") == written.count("finance =") == 1  # Canada has none


def bases(said: str) -> dict[str, str]:
    """Name of each environment -> the address of its twin."""
    names = re.findall(r"^(\S+)\n  Dataverse  (\S+)/dataverse$", said, re.MULTILINE)
    return dict(names)


@pytest.mark.parametrize(
    ("text", "said"),
    [("[[fault]]\nmatch = 'GET .*'\nfault = 'trottle'\n", "Invalid enum value"),
     ("[[faults]]\n", "faults"), ("fault = [", "Invalid value")],
)  # fmt: skip
def test_a_script_that_is_not_understood_is_said(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "storm.toml").write_text(text)
    folder = small_company(tmp_path / "w", 3)

    done = ran(["twin", folder, "--port", "0", "--script", tmp_path / "storm.toml"])

    assert done.code == 2 and "storm.toml" in done.err and said in done.err


def test_a_script_gives_the_faults_of_chosen_requests(tmp_path: Path) -> None:
    (tmp_path / "s.toml").write_text(
        "[[fault]]\nmatch = 'GET /dataverse/.*'\nfault = 'throttle'\nnth = 2\nseconds = 7\n"
    )

    faults = Faults(script=script_of(tmp_path / "s.toml"))

    asked = [faults.choose("GET", "/dataverse/x", False) for _ in range(3)]
    assert asked == [None, ("throttle", 7), None]


def test_an_overlay_that_was_changed_by_hand_is_kept(tmp_path: Path) -> None:
    path = tmp_path / OVERLAY
    text = overlay(read_settings(CONTOSO)[0], "http://127.0.0.1:8720", True)
    path.write_text(text.replace('"odata"', '"files"'))

    write_overlay(path, text)
    kept = path.with_name(OVERLAY + ".before")
    first = kept.read_text()
    kept.unlink()
    write_overlay(path, text.replace(":8720/", ":9000/"))

    assert '"files"' in first and not kept.exists()
    assert ":9000/" in path.read_text()


def test_a_port_that_is_taken_is_said(tmp_path: Path) -> None:
    folder = small_company(tmp_path / "w", 3)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = ran(["twin", folder, "--port", str(taken.getsockname()[1])])

    assert done.code == 2 and "Traceback" not in done.err and "in use" in done.err


def test_each_environment_of_the_sample_pulls_its_own_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = copied(CONTOSO, tmp_path / "w")
    monkeypatch.setenv(SECRET, "twin")
    for path in folder.rglob(DUAL_WRITE):
        path.unlink()
    before = rows_of(folder)
    settings, _ = read_settings(folder)
    book = read_book(folder, settings, settings.as_of)
    with ExitStack() as stack:
        servers = stack.enter_context(served(book, folder))
        text = overlay(settings, {n: s.base for n, s in servers.items()}, True)
        (folder / OVERLAY).write_text(text.replace("[sending]\n", QUICK), "utf-8")

        first = ran(["plan", folder, "--env", "twin", "--format", "json"])
        pulled = ran(["pull", folder, "--env", "twin"])
        second = ran(["plan", folder, "--env", "twin", "--format", "json"])

        made = [json.loads(done.out) for done in (first, second)]
        sent = ran(["send", made[1]["plan"]["id"], "--workspace", folder, "--env", "twin"])
        agreed = ran(["reconcile", folder, "--env", "twin"])
        effects = {n: s.twin.state()["effects"] for n, s in servers.items()}
        organisations = {s.twin.dataverse.organization for s in servers.values()}

    assert pulled.code == 0, pulled.out + pulled.err
    assert rows_of(folder) == before
    assert len(made[0]["actuals"]) == len(made[1]["actuals"])
    assert sent.code == 0 and agreed.code == 0, sent.out + agreed.out
    assert len(organisations) == 2 and all(effects.values())
    assert not any("ProjAdvanced" in key for key in effects["contoso-ca"])  # type: ignore[attr-defined]
    assert not set(effects["contoso-us"]) & set(effects["contoso-ca"])  # type: ignore[call-overload]


def test_a_token_of_one_environment_opens_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = small_company(tmp_path / "w", 3)
    settings, _ = read_settings(folder)
    with served(read_book(folder, settings, settings.as_of), folder) as servers:
        us, ca = (servers[name].base for name in ("contoso-us", "contoso-ca"))
        given = httpx.post(f"{us}/login/t/oauth2/v2.0/token", data={
            "client_id": "c", "client_secret": "x", "grant_type": "client_credentials",
            "scope": f"{us}/dataverse/.default",
        }).json()["access_token"]  # fmt: skip
        asked = [httpx.get(f"{base}/dataverse/api/data/v9.2/WhoAmI",
                           headers={"Authorization": f"Bearer {given}"}) for base in (us, ca)]

    assert [answer.status_code for answer in asked] == [200, 401]
