"""Reading a body: capped while it arrives, unpacked in pieces, told apart from half of one."""

import zlib
from collections.abc import Callable, Iterator

import httpx

PLAIN = ("", "identity")
PACKED = ("gzip", "x-gzip")
_GZIP = 31  # zlib's word for gzip with its header and check sum


class Cut(Exception):
    """The body is not what its headers say."""


class TooLarge(Exception):
    """The body is beyond its cap; holds what was read."""

    def __init__(self, body: bytes) -> None:
        super().__init__("the answer is larger than is read")
        self.body = body


class TooSlow(Exception):
    """The body did not end in time."""


def read_body(response: httpx.Response, most: int, is_late: Callable[[], bool]) -> bytes:
    """The whole body, unpacked. Raises Cut, TooLarge, TooSlow, and what httpx raises."""
    coding = response.headers.get("content-encoding", "").strip().lower()
    if response.is_stream_consumed:  # given as a whole, by a transport without a network
        body = response.content
        if len(body) > most:
            raise TooLarge(body[:most])
        return body
    if coding not in PLAIN and coding not in PACKED:
        raise Cut("the answer is packed in a way that was not asked for")
    parts: list[bytes] = []
    size = raw = 0
    unpack = _Unpack() if coding in PACKED else None
    for piece in response.iter_raw():
        raw += len(piece)
        for part in (piece,) if unpack is None else unpack.parts(piece):
            size += len(part)
            parts.append(part)
            if size > most:
                raise TooLarge(b"".join(parts)[:most])
        if is_late():
            raise TooSlow("the whole call took too long")
    length = response.headers.get("content-length", "")
    has_body = response.request.method != "HEAD" and response.status_code not in (204, 304)
    if has_body and length.isdecimal() and len(length) < 19 and int(length) != raw:
        raise Cut(f"{raw} bytes came, {length} were announced")
    if unpack is not None and raw and not unpack.is_whole:
        raise Cut("the packed answer ends too early")
    return b"".join(parts)


class _Unpack:
    """gzip in pieces of a bounded size: a small answer cannot become a huge one at once."""

    PIECE = 1 << 18

    def __init__(self) -> None:
        self._zlib = zlib.decompressobj(_GZIP)

    @property
    def is_whole(self) -> bool:
        """Whether the end mark and check sum were met."""
        return self._zlib.eof

    def parts(self, piece: bytes) -> Iterator[bytes]:
        """What a piece of the packed body unpacks to. Raises Cut for what is no gzip."""
        while piece:
            if self._zlib.eof:
                raise Cut("something follows the packed answer")
            try:
                part = self._zlib.decompress(piece, self.PIECE)
            except zlib.error as error:
                raise Cut("the packed answer is broken") from error
            piece = self._zlib.unconsumed_tail or self._zlib.unused_data
            yield part
