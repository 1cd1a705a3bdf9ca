"""What a story finds of work order lines: rows that they should have given, what stands in their
way, prices that are missing, and the stock of usage that is not approved yet.
"""

from collections.abc import Collection, Iterable, Mapping

from msgspec.structs import replace

from adapter.deciding.owner import Owners
from adapter.making.expectation import Kind
from adapter.making.expected import Difference, compare
from adapter.making.stock_check import Moment, StockRules, check_batch, is_stocked
from adapter.making.stock_dimensions import check_dimensions
from adapter.making.story_naming import named
from adapter.making.story_prices import Prices
from adapter.making.story_rows import Planned, there
from adapter.making.story_scope import Scope
from adapter.making.usages import SUBMITTED, is_before_approval
from adapter.making.work_expected import Given, expect_lines, stock_rules_of
from adapter.reading.settings import EnvironmentSetting
from adapter.values.actuals import Actual
from adapter.values.field_service import Product, Usage
from adapter.values.finding import Finding

Unproven = Mapping[Kind, Collection[str]]


def lines_judged(
    scope: Scope, planned: Planned, given: Given, prices: Prices,
    environment: EnvironmentSetting | None, unproven: Unproven | None = None,
) -> tuple[list[Difference], list[Finding]]:  # fmt: skip
    """Where rows that a line should have given are missing, too many or different; and what was
    found of the lines and of their usage on the way.

    A kind of row is compared only where the records have any of it: tables that nobody
    exported say nothing.
    """
    expected = expect_lines(scope.lines, given, prices,
                            planned=lambda around: prices.planned(around.line))  # fmt: skip
    found = [finding for one in expected for finding in one.findings]
    if environment is not None:
        found += stock_of(scope.usages, given, stock_rules_of(given, environment),
                          prices.words.owners)  # fmt: skip
    kinds, present = there(scope, planned, given)
    apart = dict(unproven or {})
    if given.model == "core":  # sites are Finance's: only some records carry them there
        apart["usage"] = {*apart.get("usage", ()), "site"}
    differences = compare([one for one in expected if one.kind in kinds], present, unproven=apart)
    return list(named(differences, prices.words)), found


def stock_of(
    usages: Iterable[Usage], given: Given, rules: StockRules, owners: Owners
) -> list[Finding]:
    """What stands in the way of submitting or approving usage that is not approved yet.

    Other usage of the company that waits for the same products takes its part first, by its
    date: submitted usage is asked at its approval, a draft at its submission.
    """
    records, finance = given.records, given.finance
    mine: dict[str, Usage] = {}
    products: set[str] = set()
    for one in usages:
        product = records.one(Product, one.product)
        if product is not None and is_before_approval(one) and is_stocked(product, rules.model):
            mine[one.id] = one
            products.add(product.id)
    if not mine:
        return []

    def is_near(row: Usage) -> bool:
        owner = owners.of_work(row.project, row.work_order)
        return is_before_approval(row) and owner in (None, given.company)

    near = mine | {row.id: row for key in sorted(products)
                   for row in records.where(Usage, "product", key) if is_near(row)}  # fmt: skip
    kept: list[Actual] = []
    if rules.model == "integrated":
        kept = [row for key in sorted(products) for row in records.where(Actual, "product", key)
                if owners.of_actual(row) == given.company]  # fmt: skip
    submitted = [row for row in near.values() if row.usage_status == SUBMITTED]
    found: list[Finding] = []
    moments: tuple[tuple[Moment, list[Usage]], ...] = (
        ("approve", submitted), ("submit", list(near.values())),
    )  # fmt: skip
    for moment, batch in moments:
        said = check_batch(batch, moment, rules, records, finance, given.company, kept)
        for key, one in mine.items():
            if (one.usage_status == SUBMITTED) == (moment == "approve"):
                found += [_of_line(one, finding) for finding in said[key]]
    if rules.model == "integrated":
        for one in mine.values():
            product = records.one(Product, one.product)
            found += [_of_line(one, finding) for finding in check_dimensions(
                one, product, finance, given.company, records)]  # fmt: skip
    return found


def _of_line(usage: Usage, finding: Finding) -> Finding:
    """A finding of usage with the line that it belongs to."""
    if usage.line is None:
        return finding
    return replace(finding, values=(("line", usage.line), *finding.values))
