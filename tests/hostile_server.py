"""A server on loopback that breaks HTTP on purpose, byte by byte, and remembers what it was asked.

Each behaviour is a function that is given the connection after one request was read.
"""

import contextlib
import gzip
import socket
import struct
import threading
import time
from collections.abc import Callable
from functools import cache

Behave = Callable[[socket.socket, "HostileServer"], None]
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


class HostileServer:
    """One behaviour on one port, until it is closed."""

    def __init__(self, behave: Behave) -> None:
        self.behave = behave
        self.requests: list[bytes] = []
        self.elsewhere = ""  # address of another server
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self._open: list[socket.socket] = []
        self._ended = threading.Event()
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> "HostileServer":
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        for connection in list(self._open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(2)

    def wait(self, seconds: float) -> bool:
        """Wait; whether the test is over."""
        return self._ended.wait(seconds)

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self._open.append(connection)
            thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            connection.settimeout(5)
            asked = read_request(connection)
            if not asked:
                return
            self.requests.append(asked)
            self.behave(connection, self)


def read_request(connection: socket.socket) -> bytes:
    """One request with its body."""
    said = b""
    while b"\r\n\r\n" not in said:
        more = connection.recv(65_536)
        if not more:
            return said
        said += more
    head, _, body = said.partition(b"\r\n\r\n")
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            while len(body) < int(value):
                body += connection.recv(65_536)
    return head + b"\r\n\r\n" + body


def whole(body: bytes, extra: bytes = b"", status: bytes = b"200 OK") -> bytes:
    return (b"HTTP/1.1 " + status + b"\r\nContent-Type: application/json\r\n" + extra
            + b"Connection: close\r\nContent-Length: %d\r\n\r\n" % len(body) + body)  # fmt: skip


def redirect(connection: socket.socket, server: HostileServer) -> None:
    to = f"Location: {server.elsewhere}/api/data/v9.2/rows\r\n".encode()
    connection.sendall(whole(b"", to, b"307 Temporary Redirect"))


def foreign_link(connection: socket.socket, server: HostileServer) -> None:
    link = f'"@odata.nextLink":"{server.elsewhere}/api/data/v9.2/rows?page=2"'
    connection.sendall(whole(b'{"value":[],' + link.encode() + b"}"))


def circle(connection: socket.socket, server: HostileServer) -> None:
    link = f'"@odata.nextLink":"{server.base}/api/data/v9.2/rows?page=2"'
    connection.sendall(whole(b'{"value":[],' + link.encode() + b"}"))


def huge_error(connection: socket.socket, _: HostileServer) -> None:
    body = b'{"error":{"code":"0x80040265","message":"' + b"x" * (3 << 20) + b'"}}'
    connection.sendall(whole(body, status=b"400 Bad Request"))


def cut_json(connection: socket.socket, _: HostileServer) -> None:
    connection.sendall(whole(b'{"value":[{"name":"a"},{"na'))


def length_too_long(connection: socket.socket, _: HostileServer) -> None:
    connection.sendall(HEAD + b'Content-Length: 500\r\n\r\n{"value":[]}')


def length_twice(connection: socket.socket, _: HostileServer) -> None:
    connection.sendall(HEAD + b'Content-Length: 12\r\nContent-Length: 5\r\n\r\n{"value":[]}')


def length_no_number(connection: socket.socket, _: HostileServer) -> None:
    connection.sendall(HEAD + b'Content-Length: twelve\r\n\r\n{"value":[]}')


@cache
def bomb() -> bytes:
    return gzip.compress(b"\0" * (80 << 20), 1)


def gzip_bomb(connection: socket.socket, _: HostileServer) -> None:
    connection.sendall(whole(bomb(), b"Content-Encoding: gzip\r\n"))


def gzip_in_gzip(connection: socket.socket, _: HostileServer) -> None:
    body = gzip.compress(gzip.compress(b'{"value":[]}'))
    connection.sendall(whole(body, b"Content-Encoding: gzip, gzip\r\n"))


def gzip_broken(connection: socket.socket, _: HostileServer) -> None:
    connection.sendall(whole(b"\x1f\x8b nothing of the kind", b"Content-Encoding: gzip\r\n"))


def gzip_half(connection: socket.socket, _: HostileServer) -> None:
    body = gzip.compress(b'{"value":[]}')[:-6]
    connection.sendall(whole(body, b"Content-Encoding: gzip\r\n"))


def slow_head(connection: socket.socket, server: HostileServer) -> None:
    for letter in HEAD:
        connection.sendall(bytes([letter]))
        if server.wait(0.05):
            return


def slow_body(connection: socket.socket, server: HostileServer) -> None:
    connection.sendall(HEAD + b"Content-Length: 1000\r\n\r\n")
    while not server.wait(0.05):
        connection.sendall(b" ")


def endless_chunks(connection: socket.socket, server: HostileServer) -> None:
    connection.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
    while not server.wait(0.01):
        connection.sendall(b"4\r\n    \r\n")


def wide_chunks(connection: socket.socket, server: HostileServer) -> None:
    connection.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
    while not server.wait(0):
        connection.sendall(b"100000\r\n" + b" " * 0x100000 + b"\r\n")


def broken_chunk(connection: socket.socket, _: HostileServer) -> None:
    connection.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\nZZ\r\nxx\r\n0\r\n\r\n")


def head_flood(connection: socket.socket, server: HostileServer) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    for number in range(200_000):
        if server.wait(0):
            return
        connection.sendall(b"X-Header-%d: %s\r\n" % (number, b"y" * 200))


def status_garbage(connection: socket.socket, _: HostileServer) -> None:
    connection.sendall(b"HTTP/1.1 2OO Fine\r\n\r\n")


def no_http(connection: socket.socket, _: HostileServer) -> None:
    connection.sendall(b"220 mail.example ESMTP\r\n")


def many_hundreds(connection: socket.socket, server: HostileServer) -> None:
    while not server.wait(0.001):
        connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")


def silence(connection: socket.socket, server: HostileServer) -> None:
    server.wait(5)


def closed(connection: socket.socket, _: HostileServer) -> None:
    connection.shutdown(socket.SHUT_RDWR)


def reset(connection: socket.socket, _: HostileServer) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    time.sleep(0.01)


def deep_json(connection: socket.socket, _: HostileServer) -> None:
    connection.sendall(whole(b'{"value":' + b"[" * 200_000))


def huge_number(connection: socket.socket, _: HostileServer) -> None:
    connection.sendall(whole(b'{"value":[{"a":1E999999999999999999999999}]}'))


def no_utf8(connection: socket.socket, _: HostileServer) -> None:
    connection.sendall(whole(b'{"value":[{"a":"\xff\xfe"}]}'))


def page_of_a_gateway(connection: socket.socket, _: HostileServer) -> None:
    connection.sendall(whole(b"<html><h1>Bad gateway</h1></html>", status=b"502 Bad Gateway"))


def plenty_of_cookies(connection: socket.socket, _: HostileServer) -> None:
    cookies = b"".join(b"Set-Cookie: ARRAffinity%d=x; Path=/\r\n" % n for n in range(50))
    connection.sendall(whole(b'{"value":[]}', cookies))
