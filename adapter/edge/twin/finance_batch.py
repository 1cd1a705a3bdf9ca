"""`$batch` of Finance: change sets that happen whole or not at all, inside an answer of 200."""

import re
from collections.abc import Callable

from msgspec import Struct

from adapter.edge.http.multipart import CRLF
from adapter.edge.twin.answers import Asked, TwinAnswer, asked_of, cut_at
from adapter.edge.twin.finance_errors import bad_request
from adapter.edge.twin.store import TwinStore

OPERATIONS_MAX = 5_000  # of one change set
_BOUNDARY = re.compile(r'boundary="?([^";\s]+)"?', re.IGNORECASE)
_EMPTY = re.compile(rb"\r?\n\r?\n")
_SET = re.compile(r"\w+")


class Wanted(Struct, frozen=True):
    """One request of a batch, with its content id."""

    id: str
    asked: Asked


class Group(Struct, frozen=True):
    """A change set, or one request that stands alone."""

    wanted: list[Wanted]
    is_change_set: bool


def run_batch(
    asked: Asked, store: TwinStore, answer: Callable[[Asked], TwinAnswer], only: int | None = None
) -> TwinAnswer:
    """Group after group. `only`: so many groups are done, and nothing is said of the rest.

    After a group that failed the rest is done only if the caller asked for that.
    """
    groups = groups_of(asked)
    if any(len(group.wanted) > OPERATIONS_MAX for group in groups):
        return bad_request(f"A change set holds {OPERATIONS_MAX} operations at most.")
    goes_on = "continue-on-error" in asked.headers.get("prefer", "")
    done: list[tuple[bool, list[tuple[str, TwinAnswer]]]] = []
    for number, group in enumerate(groups):
        if only is not None and number >= only:
            break
        parts = _run(group, store, answer)
        done.append((group.is_change_set, parts))
        if not goes_on and any(one.status >= 400 for _, one in parts):
            break
    return batch_of(done)


def _run(
    group: Group, store: TwinStore, answer: Callable[[Asked], TwinAnswer]
) -> list[tuple[str, TwinAnswer]]:
    """The answers of a group; of a change set that failed, the first that did."""
    reads = [one for one in group.wanted if one.asked.method == "GET"]
    if group.is_change_set and reads:
        return [(reads[0].id, bad_request("A change set takes changes only."))]
    before = None
    if len(group.wanted) > 1:  # one change is whole by itself
        names = [_SET.match(one.asked.path.removeprefix("/data/")) for one in group.wanted]
        before = store.keep({n[0] for n in names if n is not None and n[0] in store.tables})
    found: list[tuple[str, TwinAnswer]] = []
    for one in group.wanted:
        given = answer(one.asked)
        if given.status >= 400 and before is not None:
            store.put_back(before)
            return [(one.id, given)]
        found.append((one.id, given))
    return found


def groups_of(asked: Asked) -> list[Group]:
    """The requests of a batch, in their order."""
    named = _BOUNDARY.search(asked.headers.get("content-type", ""))
    first = asked.body.lstrip().split(b"\n", 1)[0].strip().decode("latin-1")
    boundary = named[1] if named is not None else first.removeprefix("--")
    groups: list[Group] = []
    for heads, rest in _pieces(asked.body, boundary):
        inner = _BOUNDARY.search(heads.get("content-type", ""))
        if inner is None:
            groups.append(Group([_wanted(heads, rest, asked)], False))
            continue
        inside = [_wanted(h, r, asked) for h, r in _pieces(rest, inner[1])]
        groups.append(Group(inside, True))
    return groups


def _pieces(body: bytes, boundary: str) -> list[tuple[dict[str, str], bytes]]:
    """What stands between lines of the boundary; what no such line ends is not whole."""
    if not boundary:
        return []
    pieces = cut_at(body.decode("latin-1"), boundary)[1:-1]  # byte for letter, and back
    return [_split(piece.lstrip("\r\n").encode("latin-1")) for piece in pieces]


def _split(text: bytes) -> tuple[dict[str, str], bytes]:
    """Headers in lower case, and what follows the empty line."""
    end = _EMPTY.search(text)
    head, rest = (text, b"") if end is None else (text[: end.start()], text[end.end() :])
    lines = [line.partition(":") for line in head.decode("utf-8", "replace").splitlines()]
    return {n.strip().lower(): v.strip() for n, colon, v in lines if colon}, rest


def _wanted(outer: dict[str, str], text: bytes, asked: Asked) -> Wanted:
    """One request: its line, its headers, its body."""
    line, _, rest = text.lstrip(b"\r\n").partition(b"\n")
    method, _, target = line.decode("utf-8", "replace").strip().partition(" ")
    heads, body = _split(rest) if not rest.startswith((b"\r\n", b"\n")) else ({}, rest.lstrip())
    heads = {**heads, "x-twin-base": asked.headers.get("x-twin-base", "")}
    inner = asked_of(method, target.rpartition(" ")[0], heads, body.strip(b"\r\n"))
    path = inner.path.partition("/data/")[2] or inner.path.lstrip("/")
    content_id = outer.get("content-id") or heads.get("content-id", "")
    return Wanted(content_id, Asked(method=method, path=f"/data/{path}", query=inner.query,
                                    headers=inner.headers, body=inner.body))  # fmt: skip


def batch_answer(
    parts: list[tuple[str, TwinAnswer]], *, in_change_sets: bool
) -> TwinAnswer:
    """A multipart answer, each part a group of its own."""
    return batch_of([(in_change_sets, [part]) for part in parts])


def batch_of(groups: list[tuple[bool, list[tuple[str, TwinAnswer]]]]) -> TwinAnswer:
    """A multipart answer of groups; those of change sets stand in a multipart of their own."""
    lines: list[str] = []
    for number, (is_change_set, parts) in enumerate(groups):
        inside = f"changesetresponse_{number}"
        lines.append("--batchresponse_twin")
        if is_change_set:
            lines += [f"Content-Type: multipart/mixed; boundary={inside}", ""]
        for content_id, one in parts:
            lines += [f"--{inside}"] if is_change_set else []
            lines += ["Content-Type: application/http", "Content-Transfer-Encoding: binary"]
            if is_change_set:
                lines.append(f"Content-ID: {content_id}")
            lines += ["", f"HTTP/1.1 {one.status} {'OK' if one.status < 400 else 'Error'}"]
            lines += [f"{name}: {value}" for name, value in one.headers.items()]
            lines += ["", one.body.decode()]
        if is_change_set:
            lines.append(f"--{inside}--")
    lines += ["--batchresponse_twin--", ""]
    return TwinAnswer(status=200, body=CRLF.join(lines).encode(),
                      headers={"Content-Type": "multipart/mixed; boundary=batchresponse_twin"})
