"""Which price list prices a transaction (domain R-067, R-071, R-072, R-073).

Sales: the list of the work order where Field Service calculates the price, then those of the
contract, of the project, of the organisation in the currency of the sale. Cost: those of the
contracting unit, then of the organisation in the project's currency. The first level with a
list attached decides, also when none of its lists is in force on the day: a missing price is
zero there, never a price of another level. That the levels are asked in this order is
documented for cost; for sales the articles copy lists down when the contract is made, and
the order is our reading of it (inferred).
"""

from collections.abc import Iterable
from datetime import date

from msgspec import Struct

from adapter.making.priced import Ask, priced_finding
from adapter.reading.store import Records
from adapter.values.field_service import PriceList, WorkOrder, WorkOrderLine
from adapter.values.finding import Finding, shown
from adapter.values.prices import OrganisationPriceList, ProjectPriceList, UnitPriceList
from adapter.values.project_operations import Contract, ContractPriceList, Currency, Project

SETUP = "learn: project-operations/pricing-costing/default-project-sales-price-lists"


class Chosen(Struct, frozen=True, kw_only=True):
    """The list that prices, at which level it is attached; none with a finding."""

    price_list: PriceList | None = None
    level: str = ""
    findings: tuple[Finding, ...] = ()


def sales_list(ask: Ask, records: Records) -> Chosen:
    """The sales price list in force on the day, or why there is none.

    Lists that overlap on the day are PRC704 (domain R-071): the newest is shown, and nobody
    should rely on it. A list in another currency than the contract's is PRC705 (R-073).
    """
    for level, attached in _sales_levels(ask, records):
        if attached:
            chosen = _in_force(ask, level, attached, records, "sales")
            return _checked(ask, chosen, records)
    return Chosen(findings=(_no_list(ask, "sales", "none is attached"),))


def cost_list(ask: Ask, records: Records) -> Chosen:
    """The cost price list in force on the day: the newest of several (domain R-071)."""
    for level, attached in _cost_levels(ask, records):
        if attached:
            return _in_force(ask, level, attached, records, "cost")
    return Chosen(findings=(_no_list(ask, "cost", "none is attached"),))


def sale_currency(ask: Ask, records: Records) -> str | None:
    """The only currency a sale can have: the contract's, else the one that was asked for."""
    contract = records.one(Contract, ask.contract)
    return ask.currency if contract is None or contract.currency is None else contract.currency


def currency_code(currency: str | None, records: Records) -> str:
    """The ISO code of a currency; its id where it was not read, empty for none."""
    row = records.one(Currency, currency)
    return shown(currency or "" if row is None or row.code is None else row.code)


def other_currency(ask: Ask, found: str | None, records: Records) -> tuple[Finding, ...]:
    """PRC705 where a price is in another currency than the sale can have (domain R-073)."""
    wanted = sale_currency(ask, records)
    if wanted is None or found is None or wanted == found:
        return ()
    here, there = currency_code(wanted, records), currency_code(found, records)
    finding = priced_finding(
        ask, "PRC705", f"the price is in {there}, the contract in {here}",
        "Sales are recorded in the contract's currency only: add a price list in it.",
        "learn: project-operations/pro/sales/contracts-key-concepts-sales",
        ("price", there), ("contract", here),
    )  # fmt: skip
    return (finding,)


def _sales_levels(ask: Ask, records: Records) -> Iterable[tuple[str, list[PriceList]]]:
    line = records.one(WorkOrderLine, ask.line)
    order = records.one(WorkOrder, ask.work_order)
    if ask.product is not None and ask.switches.calculate_price_in_field_service:
        own = [None if line is None else line.price_list]
        yield "work order line", _read(own, records, "sales")
        whole = [None if order is None else order.price_list]
        yield "work order", _read(whole, records, "sales")
    of_contract = records.where(ContractPriceList, "contract", ask.contract)
    yield "contract", _read((row.price_list for row in of_contract), records, "sales")
    of_project = records.where(ProjectPriceList, "project", ask.project)
    yield "project", _read((row.price_list for row in of_project), records, "sales")
    wanted = sale_currency(ask, records)
    every = _read((row.price_list for row in records.all(OrganisationPriceList)), records, "sales")
    yield "organisation", [one for one in every if wanted is None or one.currency == wanted]


def _cost_levels(ask: Ask, records: Records) -> Iterable[tuple[str, list[PriceList]]]:
    project = records.one(Project, ask.project)
    of_unit = records.where(UnitPriceList, "contracting_unit", ask.contracting_unit)
    yield "contracting unit", _read((row.price_list for row in of_unit), records, "cost")
    every = _read((row.price_list for row in records.all(OrganisationPriceList)), records, "cost")
    wanted = None if project is None else project.currency
    any_currency = ask.switches.multi_currency_cost_lists or wanted is None
    yield "organisation", [one for one in every if any_currency or one.currency == wanted]


def _read(ids: Iterable[str | None], records: Records, context: str) -> list[PriceList]:
    """The lists of a context, each once; a list of Field Service may have no context."""
    found: dict[str, PriceList] = {}
    for key in ids:
        one = records.one(PriceList, key)
        if one is not None and (one.context or "sales") == context:
            found[one.id] = one
    return list(found.values())


def _in_force(
    ask: Ask, level: str, attached: list[PriceList], records: Records, context: str
) -> Chosen:
    day = ask.day
    if day is None:
        finding = priced_finding(
            ask, "PRC710", "no transaction day: price lists are chosen by it",
            "Enter the date of the transaction.", "domain R-072",
        )  # fmt: skip
        return Chosen(level=level, findings=(finding,))
    now = [one for one in attached if _serves(one, day)]
    if not now:
        names = ", ".join(sorted(_name(one) for one in attached))
        why = f"none of the {level} is in force on {day}: {names}"
        return Chosen(level=level, findings=(_no_list(ask, context, why),))
    newest = max(now, key=lambda one: (one.created_on is not None, one.created_on, one.id))
    return Chosen(
        price_list=newest,
        level=level,
        findings=_overlap(ask, level, now) if context == "sales" and len(now) > 1 else (),
    )


def _serves(one: PriceList, day: date) -> bool:
    starts = one.start is None or one.start <= day
    return starts and (one.finish is None or day <= one.finish)


def _overlap(ask: Ask, level: str, now: list[PriceList]) -> tuple[Finding, ...]:
    names = ", ".join(sorted(_name(one) for one in now))
    finding = priced_finding(
        ask, "PRC704", f"{len(now)} sales price lists of the {level} overlap on {ask.day}: {names}",
        "End one of the lists before the other begins, or take it off.",
        "learn: project-operations/sales/contracts-key-concepts",
        ("day", ask.day), ("lists", names),
    )  # fmt: skip
    return (finding,)


def _checked(ask: Ask, chosen: Chosen, records: Records) -> Chosen:
    if chosen.price_list is None:
        return chosen
    more = other_currency(ask, chosen.price_list.currency, records)
    return Chosen(
        price_list=chosen.price_list, level=chosen.level, findings=(*chosen.findings, *more)
    )


def _no_list(ask: Ask, context: str, why: str) -> Finding:
    where = "contract" if context == "sales" else "contracting unit"
    return priced_finding(
        ask, "PRC701", f"no {context} price list: {why}",
        f"Attach a {context} price list that is in force on the day to the {where}.", SETUP,
        ("day", ask.day),
    )  # fmt: skip


def _name(one: PriceList) -> str:
    return shown(one.name or one.id)
