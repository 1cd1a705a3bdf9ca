"""Value maps, `mappings/tables/*.toml`: our words to the other side's, one line each."""

from adapter.reading.out_mapping import Faults
from adapter.reading.source import Source
from adapter.reading.steps import Table
from adapter.values.finding import Finding, Place, shown

WORDS_MAX = 5_000  # lines of one value map
PASTED_LENGTH_MAX = 60  # characters of a word that stands in a line to paste


def parse_table(source: Source) -> tuple[Table | None, tuple[Finding, ...]]:
    """A value map: `[values]` with our word = their word, all text or all whole numbers."""
    faults = Faults()
    name = source.path.rpartition("/")[2].removesuffix(".toml")
    for key in source.table:
        if key not in ("values", "inferred"):
            faults.add("SRC002", f"unknown key `{shown(key)}`", source.place(key),
                       "known: values, inferred")  # fmt: skip
    words = source.table.get("values")
    inferred = source.table.get("inferred", [])
    if not isinstance(words, dict) or not words or len(words) > WORDS_MAX:
        faults.add("MAP500", f"value map `{shown(name)}` has no table [values]", source.place(),
                   "write a line such as `usage = \"Usage\"` under [values]")  # fmt: skip
        return None, tuple(faults)
    kinds = {type(value) for value in words.values()}
    if kinds not in ({str}, {int}):
        faults.add("MAP500", f"the words of `{shown(name)}` are not all text or all whole numbers",
                   source.place("values"), "give every line a value of the same type")  # fmt: skip
    if not isinstance(inferred, list) or not all(w in words for w in map(str, inferred)):
        faults.add("MAP500", "`inferred` lists words that [values] does not have",
                   source.place("inferred"), "list words from [values] only")  # fmt: skip
    if faults:
        return None, tuple(faults)
    return Table(name, source.path, words, frozenset(map(str, inferred))), ()


def check_gaps(
    name: str, table: Table, choices: tuple[str, ...] | None, place: Place, faults: Faults
) -> None:
    """Each word that a choice can have must stand in the value map."""
    for word in choices or ():
        if word not in table.words:
            faults.add("MAP510", f"`{word}` of `{shown(name)}` is not in the value map "
                       f"`{table.name}`", place, paste_line(table, word))  # fmt: skip


def paste_line(table: Table, word: str) -> str:
    """The help for a gap: a line to paste into the value map.

    A word that is too long for a line, or that cannot be read, is not repeated.
    """
    if len(word) > PASTED_LENGTH_MAX or not word.isprintable():
        return unsaid_line(table)
    quoted = word.replace("\\", "\\\\").replace('"', '\\"')
    example = "<whole number>" if table.makes == "whole" else '"<text>"'
    return f'add to [values] of {table.path}: "{quoted}" = {example}'


def unsaid_line(table: Table) -> str:
    """The help for a gap whose word is not repeated."""
    return f"add a line for it to [values] of {table.path}"
