"""The cut-over fence: which deployment model a transaction day belongs to.

A company that moves says so in adapter.toml: `model_from = { integrated = 2026-12-01 }`.
The day is the transaction day in the company's time zone, as everywhere. `plan` writes no
line for a day that belongs to another model than the one the company runs (DEP291), so that
nothing is posted by both.
"""

from collections.abc import Mapping
from datetime import date

from msgspec import Struct

from adapter.making.documents import business_key
from adapter.reading.settings import CompanySetting
from adapter.values.finding import Finding, Place

KEY_LENGTH = 12
CODE = "DEP291"
HELP = (
    "Close it in the model that its day belongs to, or correct `model_from` of the company;"
    " the command `move plan` lists what is on which side."
)


class Fence(Struct, frozen=True, kw_only=True):
    """One cut-over of one company: before `day` the old model, on or after it the new one."""

    company: str
    source: str  # the old model
    target: str  # the new one
    day: date

    @property
    def key(self) -> str:
        """The name of this cut-over for ever: the same company, models and day give it again."""
        whole = business_key("fence", self.company, self.source, self.target, self.day.isoformat())
        return whole[:KEY_LENGTH]

    def side(self, day: date | None) -> str:
        """`old`, `new`, or `undated` for a record without a day."""
        if day is None:
            return "undated"
        return "old" if model_on(day, {self.target: self.day}) is None else "new"


def model_on(day: date, model_from: Mapping[str, date]) -> str | None:
    """The model whose time a day falls into; None: before every fence."""
    begun = [(first, model) for model, first in model_from.items() if first <= day]
    return max(begun)[1] if begun else None


def fence_reason(day: date | None, model: str, model_from: Mapping[str, date]) -> str:
    """Why the model that a company runs may not write for this day; empty where it may."""
    if not model_from:
        return ""
    if day is None:
        return "it has no transaction day, so nobody can tell on which side of the fence it is"
    owner = model_on(day, model_from)
    if owner is None:
        first = model_from.get(model)
        if first is None:
            return ""
        return (f"dated {day}, before {model} begins on {first}:"
                " it belongs to the model before")  # fmt: skip
    if owner == model:
        return ""
    return (f"dated {day}, and {owner} begins on {model_from[owner]}:"
            f" it belongs to {owner}, not to {model}")  # fmt: skip


def fence_fault(
    record: str, day: date | None, model: str, setting: CompanySetting | None,
    what: str = "actual",
) -> Finding | None:  # fmt: skip
    """DEP291 for a record that the running model would write on the wrong side; else None.

    `what` names the kind of record; `model` is the one that the company runs now.
    """
    if setting is None or not setting.model_from:
        return None
    reason = fence_reason(day, model, setting.model_from)
    if not reason:
        return None
    fences = ", ".join(f"{name} from {first}" for name, first in sorted(setting.model_from.items()))
    return Finding(
        code=CODE, level="error", message=reason, place=Place(f"{what} {record}"), help=HELP,
        values=(("transaction day", str(day or "(none)")), ("model", model), ("fences", fences)),
        record=record,
    )  # fmt: skip


def setting_line(fence: Fence) -> str:
    """The line of adapter.toml that puts a fence in force."""
    return f"model_from = {{ {fence.target} = {fence.day} }}"


def statement_of(fence: Fence, time_zone: str, is_in_force: bool) -> tuple[str, ...]:
    """How nothing is posted by both models, and what the fence does not do."""
    sides = (f"By its transaction day in {time_zone}, every record belongs to one model: before"
             f" {fence.day} to {fence.source}, on or after it to {fence.target}.")  # fmt: skip
    force = (f"In force: `plan` holds with {CODE} every line that the running model would write for"
             " a day of the other one, and `send` sends nothing but what a plan says.")  # fmt: skip
    if not is_in_force:
        force = (f"NOT in force: until [companies.{fence.company}] of adapter.toml says"
                 f" `{setting_line(fence)}`, nothing is held.")  # fmt: skip
    return (
        sides, force,
        "What our ledger or sent.jsonl has stays under its key: it is not written again, whichever"
        " model runs.",
        "A correction or reversal goes by its own transaction day.",
        "The fence binds this adapter. Dual-write and other integrations of the vendor do not"
        " know it: start or stop their maps on the day of the fence.",
    )  # fmt: skip
