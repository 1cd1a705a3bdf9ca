"""What a story is made of: its subject, moments in their order, figures per currency."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Literal

from msgspec import Struct

from adapter.making.law import Terms
from adapter.values.finding import Finding
from adapter.values.money import ZERO, CurrencyRule, rounded

Kind = Literal["work-order", "project", "contract", "agreement", "invoice", "voucher"]
KINDS: tuple[Kind, ...] = ("work-order", "project", "contract", "agreement", "invoice", "voucher")
# The life of a line, in its order. Moments of one instant stand in this order too.
STAGES = ("estimate", "planned", "forecast", "used", "usage", "labour", "expense", "journal",
          "approval", "cost", "unbilled", "milestone", "retainer", "proforma", "drafted", "sent",
          "closed", "billed", "corrected", "posted", "other")  # fmt: skip
RANKS = {stage: rank for rank, stage in enumerate(STAGES)}
FIRST = datetime.min.replace(tzinfo=UTC)  # an instant before all of its day
LAST = datetime.max.replace(tzinfo=UTC)  # an instant after all of its day
DIMENSIONS = ("work order", "project", "contract line", "agreement")
NONE = "(none)"
Places = tuple[str, str, str, str]  # one name for each dimension
Effects = tuple[tuple[str, Decimal], ...]


class Subject(Struct, frozen=True, kw_only=True, gc=False):
    """What a story is about."""

    kind: Kind
    id: str  # key of the record; the voucher itself
    name: str  # as people say it
    environment: str
    title: str = ""  # what it is called beside its number
    is_unique: bool = True  # whether the name alone finds it

    @property
    def call(self) -> str:
        """By what it can be asked for."""
        return self.name if self.is_unique else self.id


class Verdict(Struct, frozen=True, kw_only=True, gc=False):
    """What a plan said of an actual."""

    status: str  # written, unchanged, left, held
    rules: tuple[str, ...]
    documents: tuple[str, ...] = ()  # names of those that carry it


class Moment(Struct, frozen=True, kw_only=True, gc=False):
    """One thing that happened, or is still to happen.

    `at` is UTC and the record's own (approval, creation); `day` is a day of the company.
    """

    stage: str
    key: str  # id of the record
    name: str  # of the record, as people say it
    what: str
    at: datetime | None = None
    day: date | None = None
    version: int = 0
    because: str = ""  # event of an actual, such as E12, or a rule
    type: str = ""  # transaction type of an amount
    amount: Decimal | None = None  # signed, after discount, in `currency`
    currency: str = ""
    effects: Effects = ()  # what it adds to which figure
    values: tuple[tuple[str, object], ...] = ()  # as recorded; None for what is not there
    places: Places = (NONE, NONE, NONE, NONE)
    is_dated: bool = True  # else `day` is the first on which it can have been
    count: int = 1  # how many things alike are told as this one

    @property
    def order(self) -> tuple[int, datetime, int, int, str]:
        """The records' own order: day, instant, stage, version, id.

        What has no day comes first; what has a day and no instant, at the end of its day, but
        work before the cost it caused.
        """
        day, at = self.day, self.at
        if day is None and at is not None:
            day = at.date()
        no_instant = FIRST if self.stage in ("labour", "expense") else LAST
        return (0 if day is None else day.toordinal(), at or no_instant, RANKS[self.stage],
                self.version, self.key)  # fmt: skip


class Figures(Struct, kw_only=True, gc=False):
    """Sums of one currency. Amounts are after discount and before tax, signs as recorded."""

    estimate: Decimal = ZERO  # sales value of what was estimated
    estimate_cost: Decimal = ZERO
    used: Decimal = ZERO  # sales value of what was used, whether billed or not
    backlog: Decimal = ZERO  # unbilled sales that are chargeable and still open
    pending: Decimal = ZERO  # labour that is not approved yet, at the price of its role
    on_draft: Decimal = ZERO  # on a draft proforma, as its details say
    not_charged: Decimal = ZERO  # non-chargeable and complimentary, open or billed
    invoiced: Decimal = ZERO  # billed sales on confirmed proformas, without retainers
    posted: Decimal = ZERO  # of it, what Finance posted (has a voucher)
    advances: Decimal = ZERO  # retainers that were invoiced and are not used up
    tax: Decimal = ZERO  # of billed sales
    cost: Decimal = ZERO  # with the adjustments that Finance wrote back
    cost_adjusted: Decimal = ZERO  # of it, those adjustments
    cost_posted: Decimal = ZERO  # of the cost, what Finance posted

    @property
    def billed(self) -> Decimal:
        """What stands on proformas, draft or confirmed."""
        return self.on_draft + self.invoiced

    @property
    def margin(self) -> Decimal:
        """Revenue on confirmed proformas less cost; of one currency only (domain G1)."""
        return self.invoiced - self.cost

    @property
    def margin_earned(self) -> Decimal:
        """Margin once the backlog is billed: what the work brought, invoiced or not."""
        return self.invoiced + self.backlog - self.cost

    def add(self, other: "Figures", rate: Decimal | None = None) -> None:
        """Add others, at a rate into this one's currency."""
        for name in self.__struct_fields__:
            value = getattr(other, name)
            if value:
                added = value if rate is None else value * rate
                setattr(self, name, getattr(self, name) + added)

    def round(self, rule: CurrencyRule) -> None:
        """Round what was added; margins are of rounded figures, as people add them up."""
        for name in self.__struct_fields__:
            value = getattr(self, name)
            if value:
                setattr(self, name, rounded(value, rule))


class Point(Struct, frozen=True, kw_only=True, gc=False):
    """Cost and revenue up to the end of a day, in one currency."""

    day: date
    currency: str
    cost: Decimal
    invoiced: Decimal
    earned: Decimal  # invoiced, and the backlog that is not yet


class Story(Struct, frozen=True, kw_only=True):
    """The financial story of one subject, up to and with the day `as_of`."""

    subject: Subject
    as_of: date
    moments: tuple[Moment, ...]
    totals: Mapping[str, Figures]  # by currency
    groups: Mapping[str, Mapping[tuple[str, str], Figures]]  # dimension -> (name, currency)
    points: tuple[Point, ...]
    actuals: int
    reported: tuple[str, Figures] | None = None  # in the reporting currency, at stated rates
    rates: str = ""  # the rates of that sum, and where they come from
    caveat: str = ""  # of an earlier day: what its rows cannot tell
    undated: int = 0  # records without any day, which count however early the day
    findings: tuple[Finding, ...] = ()
    law: Mapping[tuple[str, str], Terms] = {}  # class and currency
    verdicts: Mapping[str, Verdict] = {}
    related: tuple[Subject, ...] = ()
