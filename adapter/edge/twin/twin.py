"""The twin as a whole: login, Dataverse and Finance below one address, faults, its own clock."""

import threading
from collections import Counter
from collections.abc import Callable, Iterable
from email.utils import formatdate
from typing import Any

from msgspec.structs import replace

from adapter.edge.twin.answers import Asked, TwinAnswer, asked_of, nothing, said
from adapter.edge.twin.blobs import PLACE as BLOBS
from adapter.edge.twin.dataverse import API, TwinDataverse
from adapter.edge.twin.faults import AFTER_COMMIT, Faults, Kind
from adapter.edge.twin.finance import TwinFinance
from adapter.edge.twin.store import Later, Row, TwinStore, TwinTable

TOKEN_SECONDS = 3_599
LATE_MS = 2_000
PREFIXES = ("/login", "/dataverse", "/finance", "/twin")
SKEW_SECONDS = 86_400
BUSY = ("This request could not be processed at this time due to system experiencing high resource "
        "utilization.")  # of Finance


class Twin:
    """Both systems. One request at a time, so that a run repeats exactly."""

    def __init__(
        self, *, dataverse: Iterable[TwinTable], finance: Iterable[TwinTable],
        now_ms: Callable[[], int], faults: Faults | None = None, enforces_keys: bool = True,
        late_ms: int = LATE_MS, poison: Iterable[str] = (), clients: Iterable[str] = (),
    ) -> None:  # fmt: skip
        self.now_ms = now_ms
        self.faults = faults or Faults()
        self.late_ms = late_ms
        self.poison = tuple(poison)  # texts; a row that holds one is refused
        self.dataverse = TwinDataverse(TwinStore(dataverse, enforces_keys=True),
                                       refuses=self._refuses)  # fmt: skip
        self.later = Later()
        self.finance = TwinFinance(TwinStore(finance, enforces_keys=enforces_keys), now_ms=now_ms,
                                   refuses=self._refuses, later=self.later)  # fmt: skip
        self.secrets = dict.fromkeys(clients, "twin")  # client -> secret; empty: any
        self.tokens: dict[str, int] = {}  # token -> valid until
        self.requests: Counter[str] = Counter()
        self.seen_before_gate = 0  # requests that came although told to wait
        self.closed_until: Counter[str] = Counter()  # by system
        self._number = 0
        self._lock = threading.RLock()

    def _refuses(self, _entity: str, row: Row) -> str:
        words = " ".join(str(v) for v in row.values())
        found = next((p for p in self.poison if p in words), "")
        return f"Warning: The value '{found}' is not allowed." if found else ""

    def answer(self, method: str, url: str, headers: dict[str, str], body: bytes) -> TwinAnswer:
        """The answer to one request, perhaps a broken one."""
        with self._lock:
            self.later.land(self.now_ms())
            asked = asked_of(method, url, headers, body)
            prefix = "/" + asked.path.strip("/").partition("/")[0]
            self.requests[f"{method} {prefix}"] += 1
            base = url.partition(prefix)[0] + prefix
            inside = replace(asked, path=asked.path.removeprefix(prefix) or "/",
                             headers={**asked.headers, "x-twin-base": base})  # fmt: skip
            if prefix == "/login":
                return self._login(inside)
            if prefix == "/twin":
                return self._admin(inside)
            systems: dict[str, TwinDataverse | TwinFinance] = {
                "/dataverse": self.dataverse, "/finance": self.finance,
            }  # fmt: skip
            system = systems.get(prefix)
            if system is None:
                return nothing(404)
            is_blob = asked.path.startswith("/finance" + BLOBS)  # its address is its key
            if not is_blob and not self._is_known(asked):
                return nothing(401, WWW_Authenticate="Bearer")
            if self.now_ms() < self.closed_until[prefix]:
                self.seen_before_gate += 1
            is_batch = asked.path.endswith("$batch")
            chosen = self.faults.choose(method, asked.path, is_batch)
            if chosen is None:
                return system.answer(inside)
            return self._faulty(chosen[0], chosen[1], inside, system)

    def _is_known(self, asked: Asked) -> bool:
        token = asked.headers.get("authorization", "").removeprefix("Bearer ")
        return self.tokens.get(token, 0) > self.now_ms()

    def _login(self, asked: Asked) -> TwinAnswer:
        from urllib.parse import parse_qs

        form = {k: v[0] for k, v in parse_qs(asked.body.decode("utf-8", "replace")).items()}
        known = self.secrets.get(form.get("client_id", ""))
        if self.secrets and (known is None or form.get("client_secret") not in (known, None)):
            return said(401, {"error": "invalid_client", "error_description":
                              "AADSTS7000215: Invalid client secret provided."})  # fmt: skip
        if not form.get("scope", "").endswith("/.default"):
            return said(400, {"error": "invalid_scope", "error_description": "AADSTS70011"})
        self._number += 1
        token = f"twin-token-{self._number:06d}"
        self.tokens[token] = self.now_ms() + TOKEN_SECONDS * 1000
        return said(200, {"token_type": "Bearer", "expires_in": TOKEN_SECONDS,
                          "access_token": token})  # fmt: skip

    def _faulty(
        self, kind: Kind, seconds: int | None, asked: Asked, system: TwinDataverse | TwinFinance
    ) -> TwinAnswer:
        faults = self.faults
        if kind == "revoke-token":
            self.tokens.clear()
            return nothing(401, WWW_Authenticate="Bearer")
        if kind.startswith("throttle"):
            base = asked.headers["x-twin-base"]
            return self._throttled(kind, seconds, "/" + base.rpartition("/")[2])
        if kind == "late-commit":
            late = self.late_ms if seconds is None else seconds * 1000
            self.later.add(self.now_ms() + faults.chance(kind, 1, max(1, late)),
                           lambda: system.answer(asked))  # fmt: skip
            return TwinAnswer(status=0, broken="timeout")
        if kind in ("half-batch", "lost-parts", "shuffled-parts"):
            return _batch_gone_wrong(kind, asked, system, faults)
        plain = system.answer(asked) if kind in AFTER_COMMIT else TwinAnswer(status=0)
        if kind in _BROKEN:
            return replace(plain, broken=_BROKEN[kind])
        if kind == "foreign-link":
            return said(200, {"value": [], "@odata.nextLink": "http://192.0.2.1/data/Rows"})
        if kind == "clock-skew":
            fine = system.answer(asked)
            at = formatdate(self.now_ms() / 1000 + SKEW_SECONDS, usegmt=True)
            return replace(fine, headers={**fine.headers, "Date": at})
        if kind == "broken-json":
            return TwinAnswer(status=plain.status, headers=plain.headers, body=b'{"value": [')
        if kind == "empty-answer":
            return TwinAnswer(status=500)
        if kind == "huge-error":
            return TwinAnswer(status=500, body=b'{"error":{"message":"' + b"x" * (1 << 20) + b'"}}')
        status = next(int(part) for part in kind.split("-") if part.isdecimal())
        return TwinAnswer(status=status, headers={"Content-Type": "text/html"},
                          body=b"<html><body>Something went wrong.</body></html>")  # fmt: skip

    def _throttled(self, kind: str, seconds: int | None, prefix: str) -> TwinAnswer:
        wait = seconds if seconds is not None else 5 if kind == "throttle-long" else 1
        until = self.now_ms() + wait * 1000
        self.closed_until[prefix] = max(self.closed_until[prefix], until)
        text = {"throttle-date": formatdate((self.now_ms() + 999) // 1000 + wait, usegmt=True),
                "throttle-silent": ""}.get(kind, str(wait))  # fmt: skip
        heads = {"Retry-After": text} if text else {}
        table = {"error": {"code": "0x80072322", "message":
                           "Number of requests exceeded the limit of 6000 over the time window of "
                           "300 seconds."}}  # fmt: skip
        if prefix == "/finance":
            table = {"error": {"code": "", "message": BUSY}}
        answer = said(429, table)
        return replace(answer, headers={**answer.headers, **heads})

    def _admin(self, asked: Asked) -> TwinAnswer:
        if asked.path == "/state":
            return said(200, self.state())
        if asked.path.startswith("/finance/"):
            return self.finance.told(asked)
        if asked.path == "/edit" and asked.method == "POST":
            return said(200, {"done": self.edit(**(asked.table() or {}))})
        return nothing(404)

    def state(self) -> dict[str, object]:
        """Counts of rows, of effects by key, of doubles and of requests."""
        stores = {"dataverse": self.dataverse.store, "finance": self.finance.store}
        return {
            "rows": {f"{n}/{e}": len(rows) for n, s in stores.items() for e, rows in s.rows.items()
                     if rows},
            "effects": {f"{e}|{k}": count for s in stores.values()
                        for (e, k), count in s.effects.items()},
            "doubles": {k: v for s in stores.values() for k, v in s.doubles().items()},
            "requests": dict(self.requests),
            "before_gate": self.seen_before_gate,
            "late": self.later.waiting,
        }  # fmt: skip

    def edit(self, system: str = "finance", entity: str = "", action: str = "edit",
             nth: int = 0, changes: dict[str, Any] | None = None) -> str:  # fmt: skip
        """A person's hand on a row: edit, delete, or delete and import it anew."""
        store = self.finance.store if system == "finance" else self.dataverse.store
        rows = store.rows.get(entity, [])
        if not 0 <= nth < len(rows):
            return "no such row"
        kept = rows[nth]
        if action == "edit":
            store.change(kept, changes or {})
        elif action == "delete":
            store.remove(entity, kept)
        elif action == "reimport":
            fresh = {k: v for k, v in kept.row.items() if k not in store.tables[entity].filled}
            store.remove(entity, kept)
            store.insert(entity, {**fresh, **(changes or {})})
        else:
            return "no such action"
        return action


_BROKEN: dict[str, Any] = {
    "refuse-connection": "refused", "reset-before": "reset", "timeout-before": "timeout",
    "timeout-after-commit": "timeout", "reset-after-commit": "reset", "cut-answer": "cut",
    "wrong-length": "wrong-length",
}  # fmt: skip


def _batch_gone_wrong(
    kind: str, asked: Asked, system: TwinDataverse | TwinFinance, faults: Faults
) -> TwinAnswer:
    """Some parts are done, or some answers are missing or in another order."""
    if kind == "half-batch":
        return system.batch(asked, only=faults.chance("half-batch", 0, 3))
    whole = system.batch(asked)
    pieces = whole.body.split(b"--batchresponse_twin")
    inner = pieces[1:-1]
    if kind == "lost-parts":
        inner = inner[: max(0, len(inner) - faults.chance("lost-parts", 1, 3))]
    elif isinstance(system, TwinFinance):  # Dataverse keeps the order of a batch
        inner = inner[::-1]
    return replace(whole, body=b"--batchresponse_twin".join([pieces[0], *inner, pieces[-1]]))


__all__ = ["API", "PREFIXES", "Twin"]
