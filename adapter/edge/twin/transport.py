"""The twin without a network: a transport of httpx that fails as the fault says."""

import httpx

from adapter.edge.twin.twin import Twin


class TwinTransport(httpx.BaseTransport):
    """Asks the twin in this process."""

    def __init__(self, twin: Twin) -> None:
        self.twin = twin

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """The answer, or the error that the fault would cause."""
        answer = self.twin.answer(
            request.method, str(request.url), dict(request.headers), request.read()
        )
        if answer.broken == "refused":
            raise httpx.ConnectError("connection refused", request=request)
        if answer.broken == "timeout":
            raise httpx.ReadTimeout("timed out", request=request)
        if answer.broken == "reset":
            raise httpx.ReadError("connection reset", request=request)
        headers = {k: v for k, v in answer.headers.items() if k.lower() != "content-length"}
        if answer.broken in ("cut", "wrong-length"):
            return httpx.Response(answer.status, headers=headers, stream=_Cut(answer.body))
        return httpx.Response(answer.status, headers=headers, content=answer.body)


class _Cut(httpx.SyncByteStream):
    """Half of a body, then nothing more."""

    def __init__(self, body: bytes) -> None:
        self.body = body

    def __iter__(self):  # type: ignore[no-untyped-def]
        yield self.body[: len(self.body) // 2]
        raise httpx.RemoteProtocolError("peer closed connection without sending complete message")
