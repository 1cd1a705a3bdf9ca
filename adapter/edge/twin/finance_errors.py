"""Error bodies of Finance: little in the status, everything in the inner message."""

from typing import Any

from adapter.edge.twin.answers import TwinAnswer, said

SPACE = "Microsoft.Dynamics.Platform.Integration.Services.OData."


def error(status: int, message: str, kind: str = "") -> TwinAnswer:
    """An OData error. `kind`: the exception's name, which comes with a stack trace."""
    inner: dict[str, Any] = {"message": message}
    if kind:
        inner["type"] = SPACE + kind
        inner["stacktrace"] = "   at Twin.Finance.Write()"
    return said(status, {"error": {"code": "", "message": "An error has occurred.",
                                   "innererror": inner}})  # fmt: skip


def bad_request(message: str) -> TwinAnswer:
    """What cannot be read."""
    return error(400, message, "ODataException")


def write_failed(status: int, entity: str, why: str) -> TwinAnswer:
    """A row that Finance refuses, in the words of its Infolog."""
    return error(status, f"Write failed for table row of type '{entity}'. Infolog: {why}",
                 "AxODataWriteException")  # fmt: skip


def plain_error(status: int, message: str) -> TwinAnswer:
    """An error of the services beside OData."""
    return said(status, {"Message": message})
