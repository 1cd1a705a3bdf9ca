"""Service protection of the twin's Dataverse: three limits for each caller, in a sliding window.

More than 6,000 requests or 20 minutes of execution in 5 minutes, or more than 52 requests at
once, are answered by 429. Who comes again before the time is told to wait longer.
"""

import threading
from collections import deque
from collections.abc import Callable

from adapter.edge.twin.refusal import Refused

REQUESTS_MAX = 6_000
EXECUTION_MS_MAX = 1_200_000
AT_ONCE_MAX = 52
WINDOW_MS = 300_000
WAIT_SECONDS_MAX = 1_200
ROW_MS = 10  # what one operation on one row is taken to cost
TEXTS = {
    "0x80072322": "Number of requests exceeded the limit of {} over the time window of {} seconds.",
    "0x80072321": "Combined execution time of incoming requests exceeded limit of {} milliseconds "
                  "over time window of {} seconds.",
    "0x80072326": "Number of concurrent requests exceeded the limit of {}.",
}  # fmt: skip


class Caller:
    """What one caller used in the window, and how long it was told to wait."""

    def __init__(self) -> None:
        self.used: deque[list[int]] = deque()  # moment, milliseconds
        self.spent = 0
        self.closed_until = 0
        self.wait_s = 0


class Limits:
    """Counts requests, execution time and requests at once."""

    def __init__(self, now_ms: Callable[[], int]) -> None:
        self.now_ms = now_ms
        self.requests = REQUESTS_MAX
        self.execution_ms = EXECUTION_MS_MAX
        self.at_once = AT_ONCE_MAX
        self.row_ms = ROW_MS
        self.refused: dict[str, int] = {}  # code -> how often
        self.ignored = 0  # requests that came although told to wait
        self._callers: dict[str, Caller] = {}
        self._now: Caller = Caller()
        self._lock = threading.Lock()
        self._in_flight = 0

    def __enter__(self) -> None:
        """A request begins, perhaps to wait for others."""
        with self._lock:
            self._in_flight += 1

    def __exit__(self, *_error: object) -> None:
        """A request has its answer."""
        with self._lock:
            self._in_flight -= 1

    def admit(self, who: str) -> None:
        """Count a request. Raises Refused with 429 where a limit is passed."""
        caller = self._now = self._callers.setdefault(who, Caller())
        now = self.now_ms()
        while caller.used and caller.used[0][0] <= now - WINDOW_MS:
            caller.spent -= caller.used.popleft()[1]
        code, most = self._passed(caller)
        if now < caller.closed_until:
            self.ignored += 1
            code, most = code or "0x80072322", most or self.requests
            raise self._wait(caller, code, most, caller.wait_s * 2)
        if code:
            first = caller.used[0][0] if caller.used else now
            is_window = code != "0x80072326"
            wait = -(-(first + WINDOW_MS - now) // 1000) if is_window else 1
            raise self._wait(caller, code, most, wait)
        caller.used.append([now, 0])
        caller.wait_s = 0

    def spend(self, rows: int = 1) -> None:
        """What the request that was admitted last costs."""
        cost = rows * self.row_ms
        if self._now.used:
            self._now.used[-1][1] += cost
            self._now.spent += cost

    def _passed(self, caller: Caller) -> tuple[str, int]:
        if len(caller.used) >= self.requests:
            return "0x80072322", self.requests
        if caller.spent >= self.execution_ms:
            return "0x80072321", self.execution_ms
        if self._in_flight > self.at_once:
            return "0x80072326", self.at_once
        return "", 0

    def _wait(self, caller: Caller, code: str, most: int, seconds: int) -> Refused:
        caller.wait_s = min(max(1, seconds), WAIT_SECONDS_MAX)
        caller.closed_until = self.now_ms() + caller.wait_s * 1000
        self.refused[code] = self.refused.get(code, 0) + 1
        text = TEXTS[code].format(most, WINDOW_MS // 1000)
        return Refused(429, code, text, Retry_After=str(caller.wait_s))

    def headers(self) -> dict[str, str]:
        """What every answer says of the limits."""
        left = max(0, self.requests - len(self._now.used))
        time_left = max(0, self.execution_ms - self._now.spent)
        return {
            "x-ms-ratelimit-burst-remaining-xrm-requests": str(left),
            "x-ms-ratelimit-time-remaining-xrm-requests": str(time_left),
            "x-ms-dop-hint": "8",
        }
