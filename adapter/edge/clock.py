"""Time and chance as a port: everything that sends is given a clock, never asks for one."""

import secrets
import time
from typing import Protocol


class Clock(Protocol):
    """Wall time, durations, waiting, and random names for boundaries and holders."""

    def now_ms(self) -> int:
        """Milliseconds since 1970, UTC: for dates only, it may jump."""

    def monotonic_ms(self) -> int:
        """Milliseconds that never go back: for durations."""

    def sleep_ms(self, duration: int) -> None:
        """Wait."""

    def token(self, length: int) -> str:
        """Random hex digits, for names that must not meet; never for business keys."""


class SystemClock:
    """The machine's own."""

    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000

    def monotonic_ms(self) -> int:
        return time.monotonic_ns() // 1_000_000

    def sleep_ms(self, duration: int) -> None:
        time.sleep(duration / 1000)

    def token(self, length: int) -> str:
        return secrets.token_hex((length + 1) // 2)[:length]
