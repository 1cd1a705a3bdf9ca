"""Where each row of the business rules is decided: the page `docs/rules-coverage.md`.

A row is judged by rules (which name it under `domain`), or calculated, or it cannot be judged
from approved records, and then the page says why.
"""

from collections.abc import Iterable, Mapping, Sequence

from adapter.reading.rulebook import Rule

HEAD = """# What the rules cover

Made from `docs/rules-coverage.source.toml` and the shipped rules; do not edit by hand.

Every row is a business rule of Field Service, Project Operations or Finance. It is judged by
the rules named beside it (`fieldledger explain REQ304` shows one), or calculated when documents
are made, or it cannot be judged from the records that were read, for the reason given.
"""
TAGS = {"documented": "", "inferred": " (inferred)", "conflicting": " (conflicting)"}
Row = Mapping[str, str]


def coverage_markdown(
    rules: Iterable[Rule], table: Mapping[str, Row]
) -> tuple[str, tuple[str, ...]]:
    """The page as Markdown, and the rows that nobody places, sorted.

    `table` has one entry per row: `says`, and unless rules cover the row either `calculation`
    with `test`, or `not_judgeable`. A row that only a rule names is placed nowhere either.
    """
    judged: dict[str, list[Rule]] = {}
    for rule in sorted(rules, key=lambda rule: rule.id):
        for name in dict.fromkeys(rule.domain):
            judged.setdefault(name, []).append(rule)
    names = sorted({*table, *judged})
    lines = [_line(name, table.get(name, {}), judged.get(name, ())) for name in names]
    adrift = tuple(
        name for name in names
        if name not in table or not (_placed(table[name]) or judged.get(name))
    )  # fmt: skip
    text = "\n".join((HEAD, _count(names, table, judged), "",
                      "| Row | What it says | Where it is decided |", "| --- | --- | --- |",
                      *lines, ""))  # fmt: skip
    return text, adrift


def _placed(row: Row) -> bool:
    return bool(row.get("not_judgeable") or (row.get("calculation") and row.get("test")))


def _count(
    names: Sequence[str], table: Mapping[str, Row], judged: Mapping[str, Sequence[Rule]]
) -> str:
    by_rules = sum(name in judged for name in names)
    others = [table[name] for name in names if name not in judged]
    calculated = sum(bool(row.get("calculation")) for row in others)
    silent = sum(bool(row.get("not_judgeable")) for row in others)
    return (
        f"{len(names)} rows: {by_rules} judged by rules, {calculated} calculated,"
        f" {silent} not judged."
    )


def _line(name: str, row: Row, rules: Sequence[Rule]) -> str:
    parts = []
    if rules:
        parts.append("; ".join(f"`{r.id}` {r.name}{TAGS[r.tag]}" for r in rules))
    if row.get("calculation"):
        parts.append(f"Calculated: {row['calculation']} (`{row.get('test', 'no test')}`)")
    if row.get("not_judgeable"):
        parts.append(f"Not judged: {row['not_judgeable']}")
    decided = ". ".join(parts) or "**nowhere**"
    return f"| {name} | {_cell(row.get('says', ''))} | {_cell(decided)} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
