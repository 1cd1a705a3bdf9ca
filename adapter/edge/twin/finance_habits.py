"""How the twin's Finance behaves where environments differ, and the hand that changes it."""

from typing import Any, Literal

import msgspec
from msgspec import Struct

MINUTE_MS = 60_000
DAY_MS = 24 * 60 * MINUTE_MS
PAGE = 10_000
GROUP_LENGTH_MAX = 100


class Export(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An export project: one data entity, by its label or set. `tracked`: only what changed."""

    entity: str
    tracked: bool = False


class Habits(Struct, kw_only=True, forbid_unknown_fields=True):
    """Times are milliseconds of the twin's clock."""

    company: str = "dat"  # the service user's own
    page: int = PAGE  # rows of one answer
    write_status: Literal[400, 500] = 400  # of a write that Finance refuses
    unknown_ms: int = 2_000  # an execution that was started is not found yet
    run_ms: int = 10_000  # how long an execution takes from its start
    keys_ms: int = 1_000  # until the file of error keys is there
    sas_ms: int = 60 * MINUTE_MS  # how long an address of the blob store opens
    blob_ms: int = 7 * DAY_MS  # how long a blob is kept
    redelivery_ms: int = MINUTE_MS // 2  # half an hour, sixty times as fast
    exports: dict[str, Export] = {}  # by the name of the project


def change_habits(habits: Habits, wanted: dict[str, Any]) -> dict[str, Any]:
    """Change some, and give all. Raises ValueError for what is no habit; then none changes."""
    now = msgspec.to_builtins(habits)
    assert isinstance(now, dict)
    try:
        made = msgspec.convert({**now, **wanted}, Habits)
    except msgspec.ValidationError as error:
        raise ValueError(str(error)) from error
    times = [getattr(made, name) for name in Habits.__struct_fields__ if name.endswith("_ms")]
    if min(times) < 0 or made.page < 1 or any(len(n) > GROUP_LENGTH_MAX for n in made.exports):
        raise ValueError("a time below zero, a page of nothing or a name that is too long")
    for name in Habits.__struct_fields__:
        setattr(habits, name, getattr(made, name))
    said: dict[str, Any] = msgspec.to_builtins(habits)
    return said
