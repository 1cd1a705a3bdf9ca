"""The explanation of an actual, a line, a milestone, a document or a code, as one dict.

It is what `explain --format json` prints and what `show_explain` draws:

    {"about": "actual", "actual": {...}, "model": {...}, "checks": {...}, "routes": [...],
     "documents": [...]}
    {"about": "line", "name": ..., "header": [...], "actuals": [explanation, ...]}
    {"about": "contract-line", "name": ..., "header": [...], "around": [...], "actuals":
     [header, ...], "schedule": [...], "why_not": [...], "documents": [...]}
    {"about": "milestone", "name": ..., "scheduled": {...}, "checks": [...], ...}
    {"about": "document", "document": {...}, "actuals": [header, ...]}
    {"about": "code", "code": ..., ...}

The keys of each part are the TypedDicts below. All values are texts, already masked.
"""

from typing import Literal, NotRequired, TypedDict


class RuleLine(TypedDict):
    """One line of a rule with whether it held, and the values of its facts."""

    text: str
    held: bool
    values: list[list[str]]  # [fact, value]


class Fired(TypedDict):
    """One rule with the place it is written at and its lines."""

    rule: str
    name: str
    place: str
    lines: list[RuleLine]


class Model(TypedDict):
    """The deployment model of the company, and the rule that chose it."""

    company: str
    word: str  # core, integrated, refused
    delivery: NotRequired[str]  # of the company
    reason: NotRequired[str]
    because: Fired


class Check(Fired):
    """A requirement that fired, or nearly did (all lines but one held)."""

    level: str
    message: str
    help: str
    owner: NotRequired[str]
    source: NotRequired[str]


class Checks(TypedDict):
    """What the requirements said."""

    fired: list[Check]
    nearly: list[Check]
    passed: int
    not_applicable: int


class RouteAnswer(TypedDict):
    """The answer of one channel; `would_be` names the route of an actual that is held."""

    channel: str
    answer: str  # send, leave, hold
    reason: str
    because: Fired
    would_be: NotRequired[Fired | None]
    tried: NotRequired[list[Fired]]  # rules that stand before it and did not hold
    document: NotRequired[str]  # its name


class ActualHead(TypedDict):
    """Which actual; amounts as texts."""

    name: str
    id: str
    company: str
    work_order: str
    project: str
    date: str
    type: str
    quantity: str
    unit: str
    amount: str
    currency: str
    description: str
    status: str  # written, unchanged, left, held, different


class DocumentHead(TypedDict):
    """Which document the actual is in."""

    kind: str
    name: str
    key: str
    status: str
    lines: int
    totals: list[dict[str, str]]  # label, currency, amount
    line: NotRequired[list[list[str]]]  # [field, value] of the line, in the target's names


class ActualExplained(TypedDict):
    """The whole chain of one actual."""

    about: Literal["actual"]
    actual: ActualHead
    model: Model
    traits: NotRequired[list[list[str]]]  # [fact, value, rule]
    checks: Checks
    routes: list[RouteAnswer]
    documents: list[DocumentHead]


class LineExplained(TypedDict):
    """A work order line, or a whole work order, with all its actuals."""

    about: Literal["line"]
    name: str
    header: list[list[str]]  # [label, value]
    actuals: list[ActualExplained]


class DocumentExplained(TypedDict):
    """A document with the actuals that it carries."""

    about: Literal["document"]
    document: DocumentHead
    because: Fired
    actuals: list[ActualHead]


class DecidedActual(ActualHead):
    """An actual of a contract line, and what was decided on both channels."""

    ledger: list[str]  # answer, rule
    billing: list[str]


class ScheduledHead(TypedDict):
    """A milestone or retainer as the plan's schedule has it, and its day."""

    kind: str
    id: str
    name: str
    contract: str
    project: str
    date: str
    amount: str
    currency: str
    status: str  # written, unchanged, left, held
    reason: str
    delivery: str  # of the company


class WhyNot(TypedDict):
    """Why some actuals are on no proforma of this plan."""

    answer: str  # leave, hold
    rule: str
    name: str
    reason: str
    actuals: int


class BilledExplained(TypedDict):
    """A contract line, a milestone or a retainer: what it leads to, and what it does not."""

    about: Literal["contract-line", "milestone", "retainer"]
    name: str
    header: list[list[str]]  # [label, value]
    around: list[list[str]]  # [contract, project or payer, who it is]
    scheduled: NotRequired[ScheduledHead]  # of a milestone or retainer
    checks: list[Check]  # what was found about the row itself
    actuals: list[DecidedActual]
    schedule: list[ScheduledHead]  # milestones of a contract line
    why_not: list[WhyNot]
    documents: list[DocumentHead]


class CodeExplained(TypedDict):
    """A code: what it says, why, and how to fix it."""

    about: Literal["code"]
    code: str
    name: str
    level: str
    asks: NotRequired[str]
    place: NotRequired[str]
    rule_text: NotRequired[list[str]]  # lines of the rule file
    page: NotRequired[list[str]]  # lines of the page of a built-in code
    message: NotRequired[str]
    why: str
    source: str
    tag: NotRequired[str]
    owner: str
    domain: list[str]
    fires: NotRequired[str]  # the case that fires it, as text
    passes: NotRequired[str]  # the near miss
    help: str


Explanation = (
    ActualExplained | LineExplained | BilledExplained | DocumentExplained | CodeExplained
)
