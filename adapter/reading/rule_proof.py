"""Rules that rest on a column nobody has proven, so that a person looks before trusting them."""

from collections.abc import Iterable, Iterator, Mapping

from adapter.reading.binding import TableBinding
from adapter.reading.bound import Bound
from adapter.reading.catalogue import Catalogue
from adapter.reading.rulebook import Rulebook
from adapter.values.finding import Finding, shown

PROVEN = "documented"
RULES_MAX = 12  # named in one finding


def unproven_ground(
    rulebook: Rulebook, catalogue: Catalogue, bindings: Iterable[TableBinding]
) -> Iterator[Finding]:
    """MAP547 for each bound column without proof whose fact a rule in force asks about."""
    asked = _rules_by_field(rulebook, catalogue)
    for binding in bindings:
        for bound in binding.fields:
            rules = asked.get(f"{binding.kind.__name__}.{bound.field}", ())
            if rules and bound.tag != PROVEN:
                yield _finding(binding, bound, rules)


def _rules_by_field(
    rulebook: Rulebook, catalogue: Catalogue
) -> Mapping[str, tuple[str, ...]]:
    """Ids of the rules by the field of a record that they ask about: `Actual.origin`."""
    found: dict[str, dict[str, None]] = {}
    for rule in rulebook.rules:
        for name in (name for line in rule.lines for name in line.facts):
            spec = catalogue.get(name)
            if spec is not None:
                found.setdefault(spec.source, {})[rule.id] = None
    return {field: tuple(sorted(rules)) for field, rules in found.items()}


def _finding(binding: TableBinding, bound: Bound, rules: tuple[str, ...]) -> Finding:
    named = ", ".join(rules[:RULES_MAX])
    more = f" and {len(rules) - RULES_MAX} more" if len(rules) > RULES_MAX else ""
    ask = "ask" if len(rules) > 1 else "asks"
    return Finding(
        code="MAP547", level="note", place=bound.place,
        message=f"{named}{more} {ask} about {bound.field}, read from `{shown(bound.column)}` of "
                f"{shown(binding.table)}: {bound.tag}, nobody has proven it",
        help="Bind the column of your environment, or put its $metadata into schema/.",
    )  # fmt: skip
