"""OData `$batch`: many requests in one, written and read as multipart text (CRLF)."""

import re
from collections.abc import Sequence
from functools import lru_cache

from msgspec import Struct

from adapter.edge.http.answers import Answer

CRLF = "\r\n"
PARTS_MAX = 5_000
SHORT = 1_000  # bytes of headers that are remembered
_BOUNDARY = re.compile(r'boundary="?([^";\s]+)"?', re.IGNORECASE)
_STATUS = re.compile(rb"HTTP/1\.[01] (\d{3})")
# A change set with one answer of one line inside, as servers mostly write it; the rest is read
# piece by piece.
_LINES = rb"((?:[^-\r\n][^\r\n]*+\r\n)++)"
_ALONE = re.compile(
    rb'\r\nContent-Type: multipart/mixed; boundary=([!#-:<-~]+)\r\n\r\n--\1\r\n' + _LINES
    + rb"\r\nHTTP/1\.[01] (\d{3})[^\r\n]*+\r\n" + _LINES
    + rb"\r\n((?:[^-\r\n][^\r\n]*+)?)\r\n--\1--[\r\n]*+"
)
CONTENT_TYPE, MULTIPART = "content-type", "multipart"


class Part(Struct, frozen=True, kw_only=True):
    """One request inside: with `content_id`, in a change set.

    Neighbours with the same `change_set` share one; without a name each has its own.
    """

    method: str
    url: str
    headers: dict[str, str] = {}
    body: str = ""
    content_id: str = ""
    change_set: str = ""


class PartAnswer(Struct, frozen=True, kw_only=True):
    """One answer inside."""

    answer: Answer
    content_id: str = ""
    in_change_set: bool = False


def write_batch(parts: Sequence[Part], boundary: str) -> bytes:
    """The body of a batch: parts with a content id stand in change sets, the others alone.

    Raises ValueError for a part with a line end in its address or headers.
    """
    lines: list[str] = []
    inside = before = ""
    heads_of: dict[tuple[str, str, int], list[str]] = {}  # most parts have the same
    for number, part in enumerate(parts):
        joins = bool(inside) and bool(part.content_id) and part.change_set == before != ""
        if inside and not joins:
            lines.append(f"--{inside}--")
            inside = ""
        if part.content_id and not joins:
            inside = f"{boundary}-{number}"
            lines += [f"--{boundary}", f"Content-Type: multipart/mixed; boundary={inside}", ""]
        lines.append(f"--{inside or boundary}")
        lines += ["Content-Type: application/http", "Content-Transfer-Encoding: binary"]
        if part.content_id:
            lines.append(f"Content-ID: {part.content_id}")
        like = (part.method, part.url, id(part.headers))
        heads = heads_of.get(like)
        if heads is None:
            heads = heads_of[like] = _heads(part)
        lines += ["", *heads, "", part.body]
        before = part.change_set
    if inside:
        lines.append(f"--{inside}--")
    lines += [f"--{boundary}--", ""]
    return CRLF.join(lines).encode()


def _heads(part: Part) -> list[str]:
    heads = [f"{part.method} {part.url} HTTP/1.1"]
    heads += [f"{name}: {value}" for name, value in part.headers.items()]
    if any("\r" in head or "\n" in head for head in heads):
        raise ValueError("a line end in an address or a header")
    return heads


def read_batch(answer: Answer) -> list[PartAnswer]:
    """The answers inside, in their order; an empty list for what is no batch."""
    boundary = _BOUNDARY.search(answer.headers.get("content-type", ""))
    if boundary is None:
        return []
    return _read(answer.body, boundary[1], False)


def _read(body: bytes, boundary: str, in_change_set: bool) -> list[PartAnswer]:
    found: list[PartAnswer] = []
    whole = _pieces(body, b"--" + boundary.encode("latin-1", "replace"))
    for piece in whole[:PARTS_MAX]:
        alone = None if in_change_set else _ALONE.fullmatch(piece)
        if alone is not None:
            _, outer, status, inner, content = alone.groups()
            heads = _heads_of(outer)
            if MULTIPART not in heads.get(CONTENT_TYPE, ""):
                found.append(_part(heads, int(status), _heads_of(inner), content, True))
                continue
        heads, rest = _split(piece.lstrip(b"\r\n"))
        nested = _BOUNDARY.search(heads.get(CONTENT_TYPE, ""))
        if nested is not None and MULTIPART in heads.get(CONTENT_TYPE, ""):
            if not in_change_set:
                found += _read(rest, nested[1], True)
            continue
        code = _STATUS.match(rest.lstrip(b"\r\n"))
        if code is None:
            continue
        _, _, after = rest.lstrip(b"\r\n").partition(b"\n")
        inner_heads, text = _split(after)
        found.append(_part(heads, int(code[1]), inner_heads, text.strip(b"\r\n"), in_change_set))
    return found


def _part(
    heads: dict[str, str], status: int, inner: dict[str, str], body: bytes, in_change_set: bool
) -> PartAnswer:
    content_id = heads.get("content-id") or inner.get("content-id", "")
    return PartAnswer(answer=Answer(status=status, headers=inner, body=body),
                      content_id=content_id, in_change_set=in_change_set)  # fmt: skip


def _pieces(body: bytes, mark: bytes) -> list[bytes]:
    """What stands between lines that begin with the mark; what no mark ends is not whole."""
    pieces: list[bytes] = []
    start = -1
    at = body.find(mark)
    while at >= 0:
        after = at + len(mark)
        is_end = body.startswith(b"--", after)
        is_line = at == 0 or body[at - 1 : at] == b"\n"
        if is_line and (is_end or after == len(body) or body.startswith((b"\n", b"\r\n"), after)):
            if start >= 0:
                pieces.append(body[start : at - 1].removesuffix(b"\r"))
            if is_end:
                return pieces
            start = after
        at = body.find(mark, after)
    return pieces


def _split(text: bytes) -> tuple[dict[str, str], bytes]:
    """Headers and what follows the first empty line."""
    for empty in (b"\n", b"\r\n"):
        if text.startswith(empty):
            return {}, text[len(empty) :]
    at = text.find(b"\n\r\n")
    other = text.find(b"\n\n", 0, at if at >= 0 else len(text))
    if other >= 0:
        head, rest = text[:other], text[other + 2 :]
    elif at >= 0:
        head, rest = text[:at], text[at + 3 :]
    else:
        head, rest = text, b""
    return _heads_of(head), rest


def _heads_of(head: bytes) -> dict[str, str]:
    is_common = len(head) < SHORT and b"boundary" not in head
    return dict(_remembered(head)) if is_common else _named(head)


def _named(head: bytes) -> dict[str, str]:
    """Lines of headers by name, in lower case."""
    heads: dict[str, str] = {}
    for line in head.decode("utf-8", "replace").split("\n"):
        name, colon, value = line.partition(":")
        if colon:
            heads[name.strip().lower()] = value.strip()
    return heads


_remembered = lru_cache(1_024)(_named)  # most parts of all batches have the same headers
