"""The address of the ledger: a SQLite file, or a PostgreSQL server. Nothing of it is ever told.

It may hold a password, at a place where nobody looks for one once it is written wrongly.
"""

import re

FORM = "postgresql://user:password@host:5432/database"
SERVERS = ("postgresql", "postgres", "postgresql+psycopg")
UNKNOWN = "names a database that is not known", (
    f"only SQLite files and PostgreSQL are known: write the path of a file, or {FORM}, in small"
    " letters"
)
NEITHER = "is neither the path of a file nor an address of PostgreSQL", (
    f"write the path of a SQLite file, such as ledger.db, or {FORM}"
)
UNREADABLE = "is no address of PostgreSQL that can be read", (
    f"write {FORM}; in user and password @ is %40, : is %3A, / is %2F, ? is %3F, # is %23, % is %25"
)
# As SQLAlchemy reads it: what does not fit would be read as a host, and told by its errors.
_SERVER = re.compile(
    r"(?:[^:/@]*(?::(?P<password>[^@]*))?@)?(?:\[[^\]/?@]+\]|[^:/?@\s]*)(?::\d*)?"
    r"(?:/[^?@]*)?(?:\?(?P<query>.*))?",
    re.S,
)
_OPTION = re.compile(r"[a-z_]+=.*", re.S)
_WORDS = "dbname|host|hostaddr|options|passfile|password|port|service|sslmode|user"
_NO_PATH = re.compile(
    rf"[^/]{{2,}}?:|.*:.*@|(?:.*[\s;])?(?:{_WORDS})\s*=", re.S | re.I
)  # an address without its slashes, words as of a connection


def address_fault(url: str) -> tuple[str, str] | None:
    """What is wrong with the address of a ledger, and how it is written; None for a right one."""
    name, is_server, rest = url.partition("://")
    if not is_server:
        return NEITHER if not url.strip() or _NO_PATH.match(url) else None
    if name == "sqlite":
        return None
    if name not in SERVERS:
        return UNKNOWN
    match = _SERVER.fullmatch(rest)
    if match is None or not all(map(_OPTION.fullmatch, _options(match["query"]))):
        return UNREADABLE
    return None


def passwords_of(url: str) -> tuple[str, ...]:
    """The passwords in an address without fault, as they stand there."""
    _, is_server, rest = url.partition("://")
    match = _SERVER.fullmatch(rest) if is_server else None
    if match is None:
        return ()
    options = (one.partition("=") for one in _options(match["query"]))
    said = [match["password"] or "", *(v for name, _, v in options if name == "password")]
    return tuple(word for word in said if word)


def _options(query: str | None) -> list[str]:
    return query.split("&") if query else []
