"""Which addresses a session may call: its own origin and nothing else.

A link that the other side hands us is text to be judged: scheme, host and port must be ours,
and so must the beginning of the path. What passes is put on our own base again, so that not a
letter of the origin ever comes from outside.
"""

import ipaddress
import re
from urllib.parse import SplitResult, urlsplit

from msgspec import Struct

URL_LENGTH_MAX = 65_536
PORTS = {"https": 443, "http": 80}
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_UNSAFE = re.compile(r"[\x00-\x20\x7f\\]")


class ForeignHost(ValueError):
    """An address that is not on this session's list. The text never shows the address whole."""


class Origin(Struct, frozen=True):
    """Scheme, host and port of an address."""

    scheme: str
    host: str
    port: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{host}{port}"


def origin_of(url: str) -> Origin:
    """The origin of an absolute address. Raises ForeignHost for one that can be read two ways."""
    return _origin(_split(url))


def _split(url: str) -> SplitResult:
    if len(url) > URL_LENGTH_MAX:
        raise ForeignHost("an address that is too long")
    if _UNSAFE.search(url) or not url.isascii():
        raise ForeignHost("an address with blanks, backslashes or letters outside ASCII")
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        raise ForeignHost("an address that cannot be read") from error
    return parts


def _origin(parts: SplitResult) -> Origin:
    scheme = parts.scheme.lower()
    if scheme not in PORTS or not parts.hostname:
        raise ForeignHost("an address that is not http or https")
    if "@" in parts.netloc or "%" in parts.netloc or parts.netloc.endswith(":"):
        raise ForeignHost("an address with a user, an escape or an empty port in its host")
    port = PORTS[scheme] if parts.port is None else parts.port
    return Origin(scheme, parts.hostname.lower(), port)


def is_loopback(host: str) -> bool:
    """Whether a host is this machine: only there may a token travel without TLS."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_under(url: str, domains: tuple[str, ...]) -> bool:
    """Whether an https address lies under one of the domains, such as `blob.core.windows.net`."""
    try:
        origin = origin_of(url)
    except ForeignHost:
        return False
    inside = any(origin.host == d or origin.host.endswith("." + d) for d in domains)
    return inside and origin.scheme == "https" and origin.port == PORTS["https"]


class Hosts:
    """The addresses under one base."""

    def __init__(self, base: str) -> None:
        parts = _split(base)
        self.origin = _origin(parts)
        if parts.query or parts.fragment or _climbs(parts.path):
            raise ForeignHost("a base address holds scheme, host and path only")
        if self.origin.scheme == "http" and not is_loopback(self.origin.host):
            raise ForeignHost(f"{self.origin.host} without https: only this machine may be")
        self.path = parts.path.rstrip("/")
        self.base = f"{self.origin}{self.path}"

    def anchored(self, path_or_url: str) -> str:
        """A path under the base, or an absolute link of ours, as the address to call.

        Path and query stay letter for letter. Raises ForeignHost.
        """
        if path_or_url.startswith("//"):
            raise ForeignHost("an address that names a host only")
        if not _SCHEME.match(path_or_url):
            path = path_or_url.partition("?")[0]
            if _climbs(path) or _UNSAFE.search(path_or_url) or "#" in path_or_url:
                raise ForeignHost("a path with steps upwards or letters that are not allowed")
            return f"{self.base}/{path_or_url.lstrip('/')}"
        parts = _split(path_or_url)
        given = _origin(parts)
        if given != self.origin and not self._is_ours_without_tls(given):
            raise ForeignHost(f"{given} is not {self.origin}")
        if _climbs(parts.path) or not f"{parts.path}/".startswith(f"{self.path}/"):
            raise ForeignHost(f"a path outside {self.base}")
        query = f"?{parts.query}" if parts.query else ""
        return f"{self.origin}{parts.path}{query}"

    def _is_ours_without_tls(self, given: Origin) -> bool:
        """Finance may name itself with http: the same host is meant, and called with https."""
        is_https = self.origin.scheme == "https" and self.origin.port == PORTS["https"]
        return is_https and given == Origin("http", self.origin.host, PORTS["http"])


def _climbs(path: str) -> bool:
    """Whether a path has a segment that leads upwards, plain or escaped."""
    plain = path.lower().replace("%2e", ".").replace("%2f", "/").replace("%5c", "/")
    return any(part in (".", "..") for part in plain.split("/"))
