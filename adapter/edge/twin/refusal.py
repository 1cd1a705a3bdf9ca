"""How the twin's Dataverse says no: a status, a code and a message, in one shape."""

from fnmatch import fnmatchcase

from adapter.edge.twin.answers import Asked, TwinAnswer, said

PAYLOAD = "0x80048d19"  # what was sent cannot be read
REQUEST = "0x80060888"  # what was asked cannot be answered
MISSING = ""  # documented so for 404
THERE = "A record with matching key values already exists."
DETAILS = "@Microsoft.PowerApps.CDS"


class Refused(Exception):
    """A request that is not done, and what the caller is told."""

    def __init__(self, status: int, code: str, message: str, **headers: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.headers = headers

    def answer(self, asked: Asked) -> TwinAnswer:
        """The error body, with its details where annotations were asked for."""
        error: dict[str, object] = {"code": self.code, "message": self.message}
        for name, value in (
            (f"{DETAILS}.ErrorDetails.OperationStatus", "1"),
            (f"{DETAILS}.TraceText", self.message),
            (f"{DETAILS}.InnerError.Message", self.message),
        ):
            if is_wanted(asked, name):
                error[name] = value
        return said(self.status, {"error": error}, **self.headers)


def unreadable(why: str = "") -> Refused:
    """A body that is not what the request needs."""
    return Refused(400, PAYLOAD, f"Error identified in Payload{': ' if why else ''}{why}")


def absent(table: str, key: str) -> Refused:
    """A row that is not there."""
    return Refused(404, MISSING, f"{table} With Id = {key} Does Not Exist")


def wishes(asked: Asked) -> dict[str, str]:
    """What `Prefer` says: name -> value, without quotes."""
    found: dict[str, str] = {}
    rest = asked.headers.get("prefer", "")
    while rest:
        name, equals, after = rest.partition("=")
        if not equals or "," in name:
            name, _, rest = rest.partition(",")
            found[name.strip().lower()] = ""
            continue
        after = after.strip()
        if after.startswith('"'):
            value, _, rest = after[1:].partition('"')
            rest = rest.strip().lstrip(",;")
        else:
            value, _, rest = after.partition(",")
        found[name.strip().lower()] = value.strip()
    return found


def is_wanted(asked: Asked, annotation: str) -> bool:
    """Whether `Prefer: odata.include-annotations` names an annotation, perhaps by a pattern."""
    patterns = wishes(asked).get("odata.include-annotations", "")
    return any(
        fnmatchcase(annotation.lstrip("@"), pattern.strip())
        for pattern in patterns.split(",") if pattern.strip()
    )  # fmt: skip
