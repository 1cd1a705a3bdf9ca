"""Answers of the twin, and how a request is seen by it."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Literal
from urllib.parse import parse_qsl, unquote, urlsplit

import msgspec
from msgspec import Struct

from adapter.reading.json_text import json_text

JSON = "application/json; odata.metadata=minimal"
_decode = msgspec.json.Decoder(float_hook=Decimal).decode


class Asked(Struct, frozen=True, kw_only=True):
    """One request: path below the host, decoded query, headers in lower case."""

    method: str
    path: str
    query: dict[str, str] = {}
    headers: dict[str, str] = {}
    body: bytes = b""

    def table(self) -> dict[str, Any] | None:
        """The body as a table; None for anything else."""
        try:
            said = _decode(self.body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None
        return said if isinstance(said, dict) else None


class TwinAnswer(Struct, frozen=True, kw_only=True):
    """One answer. `broken`: how the connection fails instead of giving all of it."""

    status: int
    headers: dict[str, str] = {}
    body: bytes = b""
    broken: Literal["", "refused", "reset", "timeout", "cut", "wrong-length", "slow"] = ""


def asked_of(method: str, url: str, headers: Mapping[str, str], body: bytes) -> Asked:
    """A request from its parts."""
    parts = urlsplit(url)
    return Asked(
        method=method, path=unquote(parts.path), query=dict(parse_qsl(parts.query)),
        headers={k.lower(): v for k, v in headers.items()}, body=body,
    )  # fmt: skip


def said(status: int, table: object, **headers: str) -> TwinAnswer:
    """A JSON answer. Header names are written with `_` for `-`."""
    named = {k.replace("_", "-"): v for k, v in headers.items()}
    return TwinAnswer(status=status, headers={"Content-Type": JSON, **named},
                      body=json_text(table).encode())  # fmt: skip


def nothing(status: int = 204, **headers: str) -> TwinAnswer:
    """An answer without a body."""
    return TwinAnswer(status=status, headers={k.replace("_", "-"): v for k, v in headers.items()})


def cut_at(text: str, boundary: str) -> list[str]:
    """A multipart text cut at the lines that are the boundary: what stands before, between and
    after them. No pattern is made of the boundary: each change set has its own, and to make a
    pattern takes longer than to answer.
    """
    mark = f"\n--{boundary}"
    first, *others = f"\n{text}".split(mark)
    pieces = [[first]]
    for one in others:
        line, _, rest = one.partition("\n")
        if line.removeprefix("--").removesuffix("\r").strip(" \t"):
            pieces[-1] += [mark, one]  # the name of another boundary begins with this one
        else:
            pieces.append([rest])
    return ["".join(piece).removesuffix("\r") for piece in pieces]
