"""Random lives of actuals: any event that could come next, and some that must be refused."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random

from msgspec.structs import replace

from adapter.making.advances import advance_of, available_of
from adapter.making.confirm import Detail
from adapter.making.events import Given, Links, apply
from adapter.making.given import Payer, approval_event, correction_event, detail_event
from adapter.making.new_actuals import Change, Created
from adapter.making.replay import Happening, Standing, after, brought_up
from adapter.making.reverse import Correction
from adapter.values.actuals import Actual
from adapter.values.project_operations import Milestone, Retainer
from tests.events_given import SHAPE

D = Decimal
START = datetime(2026, 3, 1, 8, tzinfo=UTC)
UNPAID = ("non-chargeable", "complimentary")


class World:
    """A standing and the happenings that led to it; `step` makes the next one."""

    def __init__(self, seed: int) -> None:
        self.rng = Random(seed)
        self.count = 0
        self.at = START
        self.start = Standing(
            milestones={f"m{n}": Milestone(id=f"m{n}", amount=self.money(900), currency="usd",
                                           invoice_status="ready") for n in range(2)},
            retainers={f"r{n}": Retainer(id=f"r{n}", amount=self.money(900), currency="eur")
                       for n in range(2)},
        )  # fmt: skip
        self.now = self.start
        self.happenings: list[Happening] = []
        self.edited_price = False

    def money(self, most: int) -> Decimal:
        return D(self.rng.randrange(1, most * 100)).scaleb(-2)

    def step(self) -> tuple[str, Given, Created]:
        """The next event, applied; the standing moves on unless it was refused."""
        self.count += 1
        self.edited_price = False
        maker: Callable[[], tuple[str, Given] | None] = self.rng.choices(
            (self.approval, self.confirm, self.credit, self.change, self.schedule, self.marked),
            (6, 6, 4, 4, 2, 2),
        )[0]
        made = maker() or self.approval()
        event, given = made
        self.at += timedelta(minutes=self.rng.choice((0, 1, 5, 60)))
        fresh, missing = brought_up(given, self.now)
        assert not missing
        created = apply(event, fresh)
        self.now = after(self.now, created)
        self.happenings.append(
            Happening(id=given.id, at=self.at, event=event, given=given, version=1)
        )
        return event, fresh, created

    def name(self, kind: str) -> str:
        return f"{self.count:04}-{kind}"

    def live(self, type_: str, *, closed_too: bool = False) -> list[Actual]:
        """Actuals of a type that nothing adjusted; now and then those that are closed too."""
        return [a for a in self.now.actuals.values() if a.transaction_type == type_
                and a.transaction_class not in ("milestone", "retainer")
                and (closed_too or a.adjustment_status is None)]  # fmt: skip

    def pick(self, type_: str) -> Actual | None:
        found = self.live(type_, closed_too=self.rng.random() < 0.1)
        return self.rng.choice(found) if found else None

    def approval(self) -> tuple[str, Given]:
        klass = self.rng.choice(("material", "time", "expense"))
        origin = {"material": "usage"}.get(klass, klass)
        shape = replace(SHAPE, transaction_class=klass, origin=origin,
                        currency=self.rng.choice(("usd", "eur")))  # fmt: skip
        used = self.money(9)
        given = Given(id=self.name("approval"), shape=shape, used=used,
                      cost_price=self.money(90), sales_price=self.money(120))  # fmt: skip
        kind = self.rng.randrange(10)
        if kind == 0:
            return "E33", replace(given, shape=replace(shape, origin="packing-slip"))
        if kind == 1:
            return "E2", replace(given, shape=replace(shape, origin="entry-journal"))
        if kind == 2:
            return "E32", given
        more: dict[str, object] = {}
        if kind == 3:
            more = {"billing_type": self.rng.choice(UNPAID)}
        elif kind in (4, 5):
            more = {"billable": self.money(9)}
        elif kind == 6 and klass != "material":
            more = {"resourcing_price": self.money(50), "transfer_price": self.money(50)}
        elif kind == 7:
            more = {"payers": tuple(Payer(contract_customer=c, percent=D(p), is_rounding=c == "a")
                                    for c, p in (("a", "33.34"), ("b", "33.33"), ("c", "33.33")))}
        elif kind == 8:
            more = {"nte_status": "failed"}
        elif kind == 9:
            more = {"billing_method": "fixed-price"}
        given = replace(given, **more)
        return approval_event(given, is_internal=self.rng.random() < 0.05), given

    def confirm(self) -> tuple[str, Given] | None:
        one = self.pick("unbilled-sales")
        if one is None:
            return None
        edited: dict[str, object] = {}
        if one.billing_type == "chargeable" and self.rng.random() < 0.6:
            edited["quantity"] = self.money(12) if self.rng.random() < 0.9 else D(0)
            if self.rng.random() < 0.3:
                edited["price"] = self.money(120)
            if self.rng.random() < 0.2:
                edited["billing_type"] = self.rng.choice(UNPAID)
        detail = Detail(original=one, **edited)
        if self.rng.random() < 0.15:
            method = self.rng.choice(("fixed-price", "time-and-material"))
            detail = Detail(template=one, quantity=self.money(5), billing_method=method)
        self.edited_price = "price" in edited or "billing_type" in edited
        return detail_event(detail), Given(id=self.name("invoice"), details=(detail,))

    def credit(self) -> tuple[str, Given] | None:
        one = self.pick("billed-sales")
        if one is None:
            return None
        right = self.rng.choice((D(0), one.quantity or D(0), self.money(12)))
        self.edited_price = self.rng.random() < 0.2
        correction = Correction(original=one, quantity=right,
                                price=self.money(120) if self.edited_price else None)  # fmt: skip
        given = Given(id=self.name("credit"), corrections=(correction,))
        return correction_event(correction), given

    def change(self) -> tuple[str, Given] | None:
        """What happens to a whole set outside an invoice."""
        cost = self.pick("cost")
        if cost is None:
            return None
        links = Links(self.now.connections)
        family = [cost, *(self.now.actuals[id] for id in links.sold(cost.id))]
        event = self.rng.choice(("E8", "E9", "E10", "E28", "E29", "E31", "E34", "E35"))
        actuals = tuple(family)
        if event in ("E8", "E34"):
            actuals = (cost,)
        elif event == "E31":
            actuals = tuple(family[1:])
        if not actuals or (event == "E8" and len(family) > 1):
            return None
        given = Given(id=self.name(event), actuals=actuals, adjustment_value=self.money(9),
                      sales_price=self.money(90))  # fmt: skip
        if event == "E9":
            given = replace(given, prices={a.id: self.money(120) for a in actuals})
        if event == "E28":
            given = replace(given, values={"project": "other"})
        return event, given

    def schedule(self) -> tuple[str, Given] | None:
        """Milestones and retainers."""
        key = self.rng.choice("01")
        milestone, retainer = self.now.milestones[f"m{key}"], self.now.retainers[f"r{key}"]
        if self.rng.random() < 0.5:
            billed = [a for a in self.now.actuals.values()
                      if a.transaction_class == "milestone" and a.adjustment_status is None
                      and a.amount == milestone.amount]  # fmt: skip
            if billed and self.rng.random() < 0.6:
                one = Correction(original=billed[0], milestone=milestone)
                return "E19", Given(id=self.name("credit"), corrections=(one,))
            return "E18", Given(id=self.name("invoice"), milestones=(milestone,))
        available = available_of(retainer)
        if not available:
            return "E20", Given(id=self.name("invoice"), retainers=(retainer,))
        applied = available if self.rng.random() < 0.3 else min(self.money(300), available)
        advance = advance_of(retainer, applied)
        event = "E22" if advance.left else "E21"
        return event, Given(id=self.name("invoice"), advances=(advance,))

    def marked(self) -> tuple[str, Given] | None:
        """A draft: what is marked ready to invoice first, or not and then refused."""
        one = self.pick("unbilled-sales")
        if one is None:
            return None
        return "E11", Given(id=self.name("draft"), actuals=(one,))

    def mark_ready(self) -> None:
        """All open unbilled sales of the standing are ready to invoice (not an event)."""
        self.now = after(self.now, Created(changes=tuple(
            Change(a.id, "billing_status", "ready-to-invoice")
            for a in self.live("unbilled-sales")
            if a.billing_status == "unbilled-sales-created")))  # fmt: skip
