"""Small rule files for tests, as text, and a short way to make a rulebook of them."""

from collections.abc import Mapping

import adapter.deciding.facts_all  # noqa: F401  registers the facts
from adapter.deciding.facts import catalogue_of, definitions
from adapter.reading.catalogue import Catalogue
from adapter.reading.rulebook import Rulebook, RuleFile, make_rulebook
from adapter.reading.rulefile import declared_facts, parse_rule_file
from adapter.reading.settings import Switch
from adapter.reading.source import Source, parse_source
from adapter.values.finding import Finding, Place

HEADS = {
    "require": 'policy = "all"\nabout = "actual"\nasks = "require"\n',
    "choose": 'policy = "first"\nabout = "company"\nasks = "choose"\n',
    "ledger": 'policy = "first"\nabout = "actual"\nasks = "route"\nchannel = "ledger"\n',
    "billing": 'policy = "first"\nabout = "actual"\nasks = "route"\nchannel = "billing"\n',
    "conclude": 'policy = "first"\nabout = "actual"\nasks = "conclude"\n',
}
TAIL = 'source = "x"\ntag = "documented"\n'
SAID = 'level = "error"\nmessage = "m"\nhelp = "Do."\nowner = "o"\n'


def require(code: str, when: list[str], applies: list[str] | None = None, more: str = "") -> str:
    """A requirement as text."""
    return (
        f'[[rule]]\nid = "{code}"\nname = "n-{code.lower()}"\napplies = {applies or []!r}\n'
        f"when = {when!r}\n{SAID}{TAIL}{more}"
    )


def route(code: str, when: list[str], outcome: str = 'leave = "why"') -> str:
    """A route as text."""
    return f'[[rule]]\nid = "{code}"\nname = "n"\nwhen = {when!r}\n{outcome}\n{TAIL}'


def source_of(text: str, path: str = "rules/x.toml") -> Source:
    """A text that must be TOML."""
    source, found = parse_source(path, text)
    assert source is not None, found
    return source


def catalogue(*sources: Source) -> Catalogue:
    """The whole catalogue, with what the sources declare."""
    declared = [spec for source in sources for spec in declared_facts(source)]
    return catalogue_of(definitions().values(), declared)


def files_of(
    texts: Mapping[str, str], origin: str = "shipped"
) -> tuple[list[RuleFile], list[Finding]]:
    """Rule files by path, and all findings."""
    sources = [source_of(text, path) for path, text in texts.items()]
    known = catalogue(*sources)
    files, found = [], []
    for source in sources:
        file, findings = parse_rule_file(source, known, origin)
        found += findings
        if file is not None:
            files.append(file)
    return files, found


def rulebook_of(texts: Mapping[str, str], switches: Mapping[str, Switch] | None = None) -> Rulebook:
    """A rulebook without any finding."""
    files, found = files_of(texts)
    book, more = make_rulebook(files, [], switches or {}, Place("adapter.toml"))
    assert not found and not more, (found, more)
    return book
