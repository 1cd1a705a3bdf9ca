"""The twin on the network: HTTP/1.1 on loopback, able to cut an answer in the middle."""

import socket
import struct
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from adapter.edge.twin.answers import TwinAnswer
from adapter.edge.twin.twin import Twin

BODY_MAX = 64 << 20
BUFFER = 1 << 17  # bytes: most answers leave in one piece, as those of any server
SLOW_PIECES = 4
TIMEOUT_SECONDS = 5  # how long a request that is not answered is kept waiting


class _Quiet(ThreadingHTTPServer):
    """A caller that goes away in the middle is an ordinary thing here."""

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class TwinServer:
    """Serves a twin on 127.0.0.1 from threads, until it is stopped."""

    def __init__(self, twin: Twin, port: int = 0, hang_seconds: float = TIMEOUT_SECONDS) -> None:
        self.twin = twin
        self.stopping = threading.Event()
        server = self

        class Requests(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True
            rbufsize = wbufsize = BUFFER

            def answer(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                body = self.rfile.read(min(length, BODY_MAX))
                url = f"{server.base}{self.path}"
                given = server.twin.answer(self.command, url, dict(self.headers), body)
                _write(self, given, server, hang_seconds)

            do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = answer

            def log_message(self, format: str, *args: Any) -> None:
                """Nothing: the twin counts its requests."""

        self._server = _Quiet(("127.0.0.1", port), Requests)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        self.base = f"http://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,),
                                        daemon=True, name="twin")  # fmt: skip

    def start(self) -> "TwinServer":
        """Serve in the background."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """Serve no more."""
        self.stopping.set()
        self._server.shutdown()
        self._server.server_close()

    def __enter__(self) -> "TwinServer":
        return self.start()

    def __exit__(self, *_error: object) -> None:
        self.stop()


def _write(
    request: BaseHTTPRequestHandler, given: TwinAnswer, server: TwinServer, hang_seconds: float
) -> None:
    if given.broken in ("refused", "reset"):
        return _reset(request)
    if given.broken == "timeout":
        server.stopping.wait(hang_seconds)
        return _reset(request)
    body = given.body
    request.send_response_only(given.status)
    for name, value in given.headers.items():
        request.send_header(name, value)
    length = len(body) + (100 if given.broken == "wrong-length" else 0)
    if given.status != 204:
        request.send_header("Content-Length", str(length))
    request.end_headers()
    if given.broken == "slow" and given.status != 204:
        for start in range(0, len(body), max(1, -(-len(body) // SLOW_PIECES))):
            request.wfile.write(body[start : start + max(1, -(-len(body) // SLOW_PIECES))])
            request.wfile.flush()
            server.stopping.wait(hang_seconds / SLOW_PIECES)
        return None
    if given.broken:
        body = body[: len(body) // 2] if given.broken == "cut" else body
        request.close_connection = True
    if given.status != 204:
        request.wfile.write(body)
    request.wfile.flush()
    return None


def _reset(request: BaseHTTPRequestHandler) -> None:
    """Close so that the other side sees a reset, not an end."""
    request.close_connection = True
    linger = struct.pack("ii", 1, 0)
    request.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    request.connection.close()
