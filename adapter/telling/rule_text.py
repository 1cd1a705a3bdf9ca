"""A rule's own text, as an excerpt with line numbers."""

from adapter.reading.rulebook import Rule

EXCERPT_LINES_MAX = 24


def excerpt_of(rule: Rule) -> tuple[list[str], int]:
    """The lines of the rule as its file has them, and the number of the first."""
    lines = list(rule.excerpt)
    if len(lines) > EXCERPT_LINES_MAX:
        lines = [*lines[:EXCERPT_LINES_MAX], "..."]
    return lines, rule.place.line
