"""What each way of delivery means for a company, in sentences."""

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from adapter.reading.setting_bounds import FILES
from adapter.telling.figures import wrapped


class Delivery(Struct, frozen=True, kw_only=True):
    """How one company's documents leave, with what is known of the way."""

    company: str
    delivery: str
    environment: str
    has_finance: bool = True
    is_connected: bool = False
    is_twin: bool = False
    enforces_keys: bool = False
    has_anchor: bool = True
    late_commit_seconds: int = 0
    unproven: int = 0
    folder: str = ""
    map_state: str | None = None  # of the dual-write map of actuals


def consequences(one: Delivery) -> Iterator[str]:
    """What follows from the setting, most important first."""
    carries = one.map_state in ("running", "paused")
    if one.delivery == "validate-only":
        yield "nothing leaves: rows are expected, and `reconcile` looks for them"
        if not one.has_finance:
            yield "a person drafts the proforma in Dataverse"
        elif one.map_state is None:
            yield "whether dual-write runs is not among the records: look before you rely on it"
        elif not carries:
            yield f"no dual-write map of actuals carries them ({one.map_state}): nobody sends them"
        if not one.is_connected:
            yield "there is no connection: `reconcile` cannot look"
        return
    if carries:
        yield (f"held: the dual-write map of actuals is {one.map_state}, so journal rows would be "
               "there twice (RTE407)")  # fmt: skip
    if one.delivery == FILES:
        yield f"packages are written into {one.folder}/ and a person imports them"
        if one.is_connected:
            yield "`settle` and `reconcile` ask the system itself what the import made of them"
        else:
            yield "there is no connection: what the import made of them cannot be seen"
        return
    system = "Finance and Dataverse" if one.delivery == "odata" else "Dataverse"
    if not one.is_connected:
        yield f"refused: environment {one.environment} has no `connect` table"
        return
    where = "the twin on this machine" if one.is_twin else f"{system} of {one.environment}"
    yield f"drafts are created in {where}, once, by a key of ours; nothing is posted or deleted"
    if one.unproven and not one.is_twin:
        yield f"refused until `check --live` has proven {one.unproven} names"
    if one.delivery == "odata" and not one.enforces_keys:
        yield ("Finance is not known to enforce our keys: a row of unknown outcome is sent again "
               f"after {one.late_commit_seconds // 3600} h at the earliest"
               if one.late_commit_seconds >= 3600 else
               "Finance is not known to enforce our keys: a row of unknown outcome is sent again "
               f"after {one.late_commit_seconds} s at the earliest")  # fmt: skip
        if not one.has_anchor:
            yield ("a ledger put back to an earlier day by other means than `ledger restore` is "
                   "not noticed, and rows would leave twice: name an `anchor` in [ledger]")


def outbox_text(rows: Mapping[str, int]) -> str:
    """What our own files say; "" where nothing left as files."""
    said = ", ".join(f"{n:,} {word}" for word, n in sorted(rows.items()) if n)
    return f"outbox (our own files, not what the import made): {said}\n" if said else ""


def deliveries_text(all_of_them: Sequence[Delivery], width: int = 80) -> str:
    """All companies, each with what its delivery means."""
    if not all_of_them:
        return ""
    lines = ["How documents leave:"]
    for one in all_of_them:
        lines.append(f"  {one.company}  {one.delivery}")
        for said in consequences(one):
            lines += [f"    {line}" for line in wrapped(said, width - 4)]
    return "".join(line + "\n" for line in lines) + "\n"
