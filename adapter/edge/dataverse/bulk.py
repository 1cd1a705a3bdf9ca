"""Bulk messages: all rows of a call or none, so a call that is refused is taken apart."""

from collections.abc import Callable, Sequence

from msgspec import Struct

from adapter.edge.dataverse.errors import Said
from adapter.edge.http.answers import Answer

ROWS_MAX = 1_000
APART = ("refused", "exists", "changed", "missing", "too-large")


class Row(Struct, frozen=True, kw_only=True):
    """One row of a bulk message: its text, and for an upsert the address of its key."""

    body: str
    address: str = ""  # sample_examples(sample_keyattribute='0001')


def targets(table: str, rows: Sequence[Row]) -> str:
    """The body of a bulk message. Raises ValueError for a key that occurs twice, or no row."""
    if not 0 < len(rows) <= ROWS_MAX:
        raise ValueError(f"{len(rows)} rows in one call, 1 to {ROWS_MAX} can be sent")
    known = [row.address.lower() for row in rows if row.address]
    if len(set(known)) != len(known):
        raise ValueError("the same key twice in one call")
    return '{"Targets":[' + ",".join(_typed(table, row) for row in rows) + "]}"


def _typed(table: str, row: Row) -> str:
    """A row's text with its type before its columns; the columns stay letter for letter."""
    body = row.body.strip()
    if not body.startswith("{") or not body.endswith("}"):
        raise ValueError("a row that is no table")
    said = [f'"@odata.type":"Microsoft.Dynamics.CRM.{table}"']
    if row.address:
        said.append(f'"@odata.id":"{row.address}"')
    inner = body[1:-1].strip()
    return "{" + ",".join([*said, inner] if inner else said) + "}"


def sent_apart(
    rows: Sequence[Row], call: Callable[[Sequence[Row]], Answer], judge: Callable[[Answer], Said]
) -> list[Answer]:
    """One answer per row: a call that is refused is halved until the bad rows stand alone.

    After an answer that is in doubt, or a throttle, nothing more is sent: the rows that were
    not tried get `not-sent`, or the throttle itself.
    """
    found: list[Answer | None] = [None] * len(rows)
    stack = [(0, len(rows))] if rows else []
    while stack:
        start, end = stack.pop()
        answer = call(rows[start:end])
        meaning = judge(answer).meaning
        if meaning in APART and end - start > 1:
            middle = (start + end) // 2
            stack += [(middle, end), (start, middle)]
            continue
        found[start:end] = [answer] * (end - start)
        if meaning not in APART and meaning != "fine":
            after = (
                answer
                if meaning in ("throttled", "forbidden", "not-sent")
                else Answer(
                    failure="not-sent", message="an earlier call of the same rows is in doubt"
                )
            )
            return [after if one is None else one for one in found]
    return [one for one in found if one is not None]
