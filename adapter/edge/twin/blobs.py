"""The blob store beside Finance: addresses that open for a time, content kept for some days."""

from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from msgspec import Struct

from adapter.edge.twin.answers import Asked, TwinAnswer
from adapter.edge.twin.finance_habits import Habits

PLACE = "/blob/"
READ, WRITE = "r", "rw"


class Blob(Struct, frozen=True):
    """What was put, and when it is thrown away."""

    content: bytes
    until: int


class Blobs:
    """Content by name. The address alone opens it: no token is asked for."""

    def __init__(self, now_ms: Callable[[], int], habits: Habits) -> None:
        self._now_ms = now_ms
        self._habits = habits
        self._kept: dict[str, Blob] = {}

    def put(self, name: str, content: bytes) -> None:
        """Keep content for as long as the store does."""
        self._kept[name] = Blob(content, self._now_ms() + self._habits.blob_ms)

    def get(self, name: str) -> bytes | None:
        """Content that is still kept."""
        blob = self._kept.get(name)
        return blob.content if blob is not None and self._now_ms() < blob.until else None

    def address(self, base: str, name: str, rights: str = READ) -> str:
        """An address with its signature, which opens from now on for a time."""
        until = self._now_ms() + self._habits.sas_ms
        shown = datetime.fromtimestamp(until / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return (f"{base}{PLACE}{quote(name, safe='')}?sp={rights}&se={quote(shown)}&t={until}"
                f"&sig={_signature(name, rights, str(until))}")  # fmt: skip

    def opened(self, name: str, query: dict[str, str], right: str) -> bool:
        """Whether a signature is ours, holds the right and has not run out."""
        rights, until = query.get("sp", ""), query.get("t", "")
        is_ours = query.get("sig") == _signature(name, rights, until) and until.isdecimal()
        return is_ours and right in rights and self._now_ms() < int(until)

    def fetched(self, address: str) -> tuple[int, bytes]:
        """Status and content of an address, as Finance itself fetches it."""
        parts = urlsplit(address)
        name = unquote(parts.path.partition(PLACE)[2])
        if not name or not self.opened(name, dict(parse_qsl(parts.query)), "r"):
            return 403, b""
        content = self.get(name)
        return (404, b"") if content is None else (200, content)

    def answer(self, asked: Asked) -> TwinAnswer:
        """The answer to a request below /blob/."""
        name = asked.path.removeprefix(PLACE)
        if asked.method not in ("GET", "PUT"):
            return _refused(405, "UnsupportedHttpVerb")
        if not self.opened(name, asked.query, "w" if asked.method == "PUT" else "r"):
            return _refused(403, "AuthenticationFailed")
        if asked.method == "PUT":
            if asked.headers.get("x-ms-blob-type") != "BlockBlob":
                return _refused(400, "MissingRequiredHeader")
            self.put(name, asked.body)
            return TwinAnswer(status=201)
        content = self.get(name)
        if content is None:
            return _refused(404, "BlobNotFound")
        return TwinAnswer(status=200, headers={"Content-Type": "application/octet-stream"},
                          body=content)  # fmt: skip


def _signature(name: str, rights: str, until: str) -> str:
    return sha256(f"twin|{name}|{rights}|{until}".encode()).hexdigest()[:32]


def _refused(status: int, code: str) -> TwinAnswer:
    return TwinAnswer(status=status, headers={"Content-Type": "application/xml"},
                      body=f"<Error><Code>{code}</Code></Error>".encode())  # fmt: skip
