"""Faults of the network and of the two systems, by script or by seed.

Each kind has its own stream of chance and counts its chances, so that switching one off
does not move the others: a failing run can be made smaller, fault by fault.
"""

import random
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Literal

from msgspec import Struct

Kind = Literal[
    "refuse-connection", "reset-before", "timeout-before", "timeout-after-commit", "late-commit",
    "reset-after-commit", "cut-answer", "wrong-length", "throttle", "throttle-date",
    "throttle-silent", "throttle-long", "error-500", "error-500-after-commit", "gateway-502",
    "gateway-502-after-commit", "unavailable-503", "gateway-504-after-commit", "revoke-token",
    "lost-parts", "half-batch", "shuffled-parts", "huge-error", "broken-json", "empty-answer",
    "foreign-link", "clock-skew", "gzip", "broken-gzip", "slow-body",
]  # fmt: skip
KINDS: tuple[Kind, ...] = Kind.__args__  # type: ignore[attr-defined]
AFTER_COMMIT = frozenset(k for k in KINDS if "after-commit" in k) | {
    "cut-answer", "wrong-length", "lost-parts", "shuffled-parts", "broken-json", "empty-answer",
    "gzip", "broken-gzip", "slow-body",
}  # fmt: skip
BATCH_ONLY = frozenset(("lost-parts", "half-batch", "shuffled-parts"))
READ_ONLY = frozenset(("foreign-link",))


class Scripted(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A fault at the n-th request (from 1) that fits `match`: "POST /finance/data/.*"."""

    match: str
    fault: Kind
    nth: int = 1
    times: int = 1
    seconds: int | None = None  # Retry-After, or how late a commit lands


class Hit(Struct, frozen=True):
    """A fault that happened: its kind and its ordinal among the chances of that kind."""

    kind: Kind
    ordinal: int
    request: str


class Faults:
    """Decides for each request whether something goes wrong, and what."""

    def __init__(
        self, rates: Mapping[Kind, float] | None = None, seed: int = 0,
        script: Iterable[Scripted] = (), masked: Iterable[tuple[str, int]] = (),
    ) -> None:  # fmt: skip
        self.rates = dict(rates or {})
        self.script = list(script)
        self.masked = set(masked)
        self.hits: list[Hit] = []
        self.on = True
        self._streams = {kind: random.Random(f"{seed}:{kind}") for kind in self.rates}
        self._chances: Counter[str] = Counter()
        self._met: Counter[int] = Counter()

    def choose(self, method: str, path: str, is_batch: bool) -> tuple[Kind, int | None] | None:
        """The fault of a request, with seconds if the script says so; None: all goes well."""
        if not self.on:
            return None
        request = f"{method} {path}"
        for number, one in enumerate(self.script):
            if re.fullmatch(one.match, request):
                self._met[number] += 1
                if one.nth <= self._met[number] < one.nth + one.times:
                    self.hits.append(Hit(one.fault, self._met[number], request))
                    return one.fault, one.seconds
        chosen: Kind | None = None
        for kind, rate in self.rates.items():
            if (kind in BATCH_ONLY and not is_batch) or (kind in READ_ONLY and method != "GET"):
                continue
            if kind in AFTER_COMMIT | {"late-commit"} and method == "GET" and "commit" in kind:
                continue
            ordinal = self._chances[kind] = self._chances[kind] + 1
            falls = self._streams[kind].random() < rate  # drawn always: streams never shift
            if falls and chosen is None and (kind, ordinal) not in self.masked:
                chosen = kind
                self.hits.append(Hit(kind, ordinal, request))
        return None if chosen is None else (chosen, None)

    def chance(self, kind: Kind, least: int, most: int) -> int:
        """A number for a fault that happened, from its own stream."""
        stream = self._streams.get(kind)
        return least if stream is None else stream.randint(least, most)
