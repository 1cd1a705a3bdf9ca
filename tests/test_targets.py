"""Whom a workspace sends to: the organisations that answer, each once."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from adapter.edge.http.session import Session
from adapter.edge.ledger import open_ledger
from adapter.edge.sending import targets as targets_module
from adapter.edge.sending.ports import CannotConnect
from adapter.edge.sending.targets import Targets
from adapter.edge.workspace import read_settings
from tests.clients_given import Clock, granted
from tests.commands import small_company

CONNECT = """
[environments.{name}.connect]
dataverse = "https://{host}.crm.dynamics.com"
tenant    = "t"
client    = "c"
secret    = "env:THE_SECRET"
"""


@pytest.mark.parametrize(("second", "refused"), [("org-1", True), ("org-2", False)])
def test_two_environments_that_are_one_organisation_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, second: str, refused: bool
) -> None:
    monkeypatch.setenv("THE_SECRET", "x" * 20)
    folder = small_company(tmp_path / "w", 3)
    with (folder / "adapter.toml").open("a", encoding="utf-8") as file:
        file.write(CONNECT.format(name="contoso-us", host="one")
                   + CONNECT.format(name="contoso-ca", host="alias-of-one"))  # fmt: skip
    settings, found = read_settings(folder)

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/token"):
            return granted()
        name = "org-1" if request.url.host.startswith("one") else second
        return httpx.Response(200, json={"OrganizationId": name})

    clock, said = Clock(), []
    ledger = open_ledger(str(tmp_path / "ledger.db"), now_ms=clock.now_ms)
    targets = Targets(settings, folder, clock, transport=httpx.MockTransport(answer))
    try:
        if refused:
            with pytest.raises(CannotConnect, match="contoso-us and contoso-ca are one organis"):
                targets.pin(ledger, said.append)
        else:
            targets.pin(ledger, said.append)
    finally:
        targets.close()
        ledger.close()

    assert not found and said[0] == "contoso-us: organisation org-1"
    assert len(said) == (1 if refused else 2)


def test_workers_that_ask_at_once_share_one_connection(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workers, folder = 4, small_company(tmp_path / "w", 3)
    with (folder / "adapter.toml").open("a", encoding="utf-8") as file:
        file.write(CONNECT.format(name="contoso-us", host="one"))
    settings, found = read_settings(folder)
    made, together = [], threading.Barrier(workers)

    class Slow(Session):
        def __init__(self, *given: Any, **named: Any) -> None:
            made.append(self)
            time.sleep(0.05)  # long enough for all others to find none
            super().__init__(*given, **named)

    monkeypatch.setattr(targets_module, "Session", Slow)
    targets = Targets(settings, folder, Clock())

    def ask(_number: int) -> Session:
        together.wait()
        return targets.session("contoso-us", "dataverse")

    with ThreadPoolExecutor(workers) as pool:
        asked = list(pool.map(ask, range(workers)))
    targets.close()

    assert not found
    assert len(made) == 1 and asked == made * workers
