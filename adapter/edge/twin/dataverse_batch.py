"""`$batch` as the twin's Dataverse takes it: parts one after the other, change sets whole or not.

Lines may end in CRLF or LF. A change set that fails is answered once, for all of it.
"""

import re
from collections.abc import Callable
from uuid import NAMESPACE_URL, uuid5

from msgspec import Struct
from msgspec.structs import replace

from adapter.edge.http.multipart import CRLF
from adapter.edge.twin.answers import Asked, TwinAnswer, asked_of, cut_at
from adapter.edge.twin.dataverse_store import DataverseStore
from adapter.edge.twin.refusal import REQUEST, Refused, unreadable, wishes

REQUESTS_MAX = 1_000
MARK = "batchresponse_twin"
TOO_MANY = ("The current change set contains too many operations. A maximum number of '1000' "
            "operations are allowed in a change set")  # fmt: skip
_BOUNDARY = re.compile(r'boundary="?([^";\s]+)"?', re.IGNORECASE)
_REFERENCE = re.compile(r'(?<![\w$])\$(\d+)(?=[/"(?]|$)')
_GIVEN = re.compile(r'(@odata\.(?:bind|id)"\s*:\s*")/?\$(\d+)(?=["/])')


class Part(Struct, frozen=True, kw_only=True):
    """One request inside. `content_id` names it, for those that come after it."""

    method: str
    url: str
    headers: dict[str, str]
    body: str
    content_id: str = ""


class _Failed(Exception):
    """A request of a change set failed: none of it is done."""

    def __init__(self, content_id: str, answer: TwinAnswer) -> None:
        super().__init__()
        self.content_id = content_id
        self.answer = answer


class TwinBatch:
    """Answers batches by asking for each request inside."""

    def __init__(self, store: DataverseStore, answer: Callable[[Asked], TwinAnswer]) -> None:
        self.store = store
        self.inner = answer
        self._number = 0

    def answer(self, asked: Asked, only: int | None = None) -> TwinAnswer:
        """The answer to a batch. `only`: so many of its requests and change sets are done."""
        groups = parts_of(asked)
        count = sum(len(g) for g in groups)
        if any(len(g) > REQUESTS_MAX for g in groups):
            raise unreadable(TOO_MANY)
        if count > REQUESTS_MAX:
            raise unreadable(f"{count} requests in one batch")
        goes_on = "odata.continue-on-error" in wishes(asked)
        lines: list[str] = []
        for number, group in enumerate(groups):
            if only is not None and number >= only:
                break
            done, failed = self._group(asked, group)
            if failed and not goes_on:  # what came before it stays
                return replace(_whole(self._written(number, done, True)), status=failed)
            lines += self._written(number, done, bool(failed))
        return _whole(lines)

    def _group(
        self, asked: Asked, group: list[Part]
    ) -> tuple[list[tuple[str, TwinAnswer]], int]:
        """The answers to a request or a change set, and the status if it failed."""
        if not group[0].content_id:
            one = self.inner(self._asked(asked, group[0], {}))
            return [("", one)], one.status if one.status >= 400 else 0
        known: dict[str, str] = {}
        done: list[tuple[str, TwinAnswer]] = []
        try:
            with self.store.unit():
                for part in group:
                    one = self._in_set(asked, part, known)
                    done.append((part.content_id, one))
                    where = one.headers.get("OData-EntityId", "")
                    known[part.content_id] = where.rpartition("/")[2]
        except _Failed as error:
            return [("", error.answer)], error.answer.status
        return done, 0

    def _in_set(self, asked: Asked, part: Part, known: dict[str, str]) -> TwinAnswer:
        if part.method == "GET":
            refused = Refused(400, REQUEST, "GET is not allowed in a change set.")
            raise _Failed(part.content_id, refused.answer(asked))
        try:
            inner = self._asked(asked, part, known)
        except Refused as error:
            raise _Failed(part.content_id, error.answer(asked)) from None
        one = self.inner(inner)
        if one.status >= 400:
            raise _Failed(part.content_id, one)
        return one

    def _asked(self, asked: Asked, part: Part, known: dict[str, str]) -> Asked:
        """The request inside as a request of its own, with what `$1` stands for."""
        def stands_for(number: str) -> str:
            if number not in known:
                raise Refused(400, REQUEST, f"Content-ID Reference: '${number}' does not exist "
                              "in the batch context.")  # fmt: skip
            return known[number]

        url = part.url
        first = url.strip("/").rpartition("/api/data/v9.2/")[2]
        match = _REFERENCE.match(first)
        if match is not None:
            first = stands_for(match[1]) + first[match.end() :]
        body = _GIVEN.sub(lambda m: m[1] + "/" + stands_for(m[2]), part.body)
        made = asked_of(part.method, f"http://twin/api/data/v9.2/{first}", part.headers,
                        body.encode())  # fmt: skip
        kept = {n: v for n, v in asked.headers.items() if n.startswith("x-twin-")}
        prefer = asked.headers.get("prefer", "")
        if "include-annotations" in prefer and "prefer" not in made.headers:
            kept["prefer"] = prefer
        return replace(made, headers={**made.headers, **kept, "x-twin-inside": "batch"})

    def _written(
        self, number: int, done: list[tuple[str, TwinAnswer]], is_failed: bool
    ) -> list[str]:
        is_set = bool(done) and bool(done[0][0]) and not is_failed
        inside = f"changesetresponse_{number}"
        lines: list[str] = [f"--{MARK}"]
        if is_set:
            lines += [f"Content-Type: multipart/mixed; boundary={inside}", ""]
        for content_id, one in done:
            if is_set:
                lines.append(f"--{inside}")
            lines += ["Content-Type: application/http", "Content-Transfer-Encoding: binary"]
            if content_id and is_set:
                lines.append(f"Content-ID: {content_id}")
            heads = dict(one.headers)
            if one.status >= 400:
                self._number += 1
                heads["REQ_ID"] = str(uuid5(NAMESPACE_URL, f"twin/batch/{self._number}"))
            lines += ["", f"HTTP/1.1 {one.status} {'OK' if one.status < 400 else 'Error'}"]
            lines += [f"{name}: {value}" for name, value in heads.items()]
            lines += ["", one.body.decode()]
        if is_set:
            lines.append(f"--{inside}--")
        return lines


def _whole(lines: list[str]) -> TwinAnswer:
    return TwinAnswer(
        status=200, body=CRLF.join([*lines, f"--{MARK}--", ""]).encode(),
        headers={"Content-Type": f"multipart/mixed; boundary={MARK}"},
    )  # fmt: skip


def parts_of(asked: Asked) -> list[list[Part]]:
    """The requests of a batch: each alone, those of one change set together. Raises Refused."""
    boundary = _BOUNDARY.search(asked.headers.get("content-type", ""))
    if boundary is None:
        raise unreadable("a batch without a boundary")
    text = asked.body.decode("utf-8", "replace").replace("\r\n", "\n")
    groups: list[list[Part]] = []
    for piece in _pieces(text, boundary[1]):
        heads, body = _split(piece)
        inner = _BOUNDARY.search(heads.get("content-type", ""))
        if inner is None:
            groups.append([_part(body, {}, "")])
            continue
        group: list[Part] = []
        for one in _pieces(body, inner[1]):
            inner_heads, inner_body = _split(one)
            if "multipart" in inner_heads.get("content-type", ""):
                raise unreadable("a change set inside a change set")
            group.append(_part(inner_body, inner_heads, f"none-{len(group)}"))
        if group:
            groups.append(group)
    return groups


def _part(text: str, heads: dict[str, str], otherwise: str) -> Part:
    line, _, rest = text.lstrip("\n").partition("\n")
    words = line.split(" ")
    if len(words) < 3 or not words[-1].startswith("HTTP/"):
        raise unreadable("a part of a batch that is no request")
    inner_heads, body = _split(rest)
    url = " ".join(words[1:-1])
    if url.rstrip("/").endswith("$batch"):
        raise unreadable("a batch inside a batch")
    return Part(method=words[0], url=url, headers=inner_heads, body=body.strip("\n"),
                content_id=heads.get("content-id", otherwise).strip())  # fmt: skip


def _pieces(text: str, boundary: str) -> list[str]:
    """What stands between lines that are the boundary, up to the one that ends it."""
    return cut_at(f"\n{text}".partition(f"\n--{boundary}--")[0], boundary)[1:]


def _split(text: str) -> tuple[dict[str, str], str]:
    if text.startswith("\n"):
        return {}, text[1:]
    head, _, rest = text.partition("\n\n")
    found = (line.partition(":") for line in head.split("\n") if ":" in line)
    return {name.strip().lower(): value.strip() for name, _, value in found}, rest
