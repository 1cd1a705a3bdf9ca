"""Spoiled rule files through everything that reads rules: findings, never an exception."""

import random

import pytest

from adapter.deciding.judge import Judge
from adapter.deciding.rule_limits import check_limits
from adapter.edge import shipped
from adapter.reading.cases import parse_case_file
from adapter.reading.rulebook import Rulebook, RuleFile, make_rulebook
from adapter.reading.rulecheck import check_rules
from adapter.reading.rulefile import parse_rule_file
from adapter.reading.source import parse_source
from adapter.values.codes import CODES
from adapter.values.finding import Finding, Place, has_errors
from tests.rule_texts import HEADS, catalogue, require, route, rulebook_of, source_of

MUTATIONS = 3_000
BATCHES = 6
SEED = 20261121

TRAITS = (
    HEADS["conclude"]
    + '[concludes]\n"own.size" = { values = ["small", "large"], default = "small" }'
    '\n[[rule]]\nid = "TRT901"\nname = "n"\nwhen = ["actual.quantity > 1.50"]\n'
    'conclude = { "own.size" = "large" }\nsource = "x"\ntag = "inferred"\n'
)
TEXTS = [
    TRAITS,
    HEADS["require"] + require("REQ901", ["own.size == 'large'", "actual.quantity != 2"],
                               ["present(project.contract)"],
                               'since = 2026-02-02\ncompanies = ["USMF"]\nreplaces = true\n')
    + require("REQ902", ["actual.transaction_type in ['cost', 'tax']"]),
    HEADS["ledger"] + route("RTE901", ["actual.skip_sync or actual.quantity < -3"])
    + route("RTE902", [], 'send = { document = "journal-line", mapping = "m", group_by = '
            '["company.code"] }'),
    '[start.one]\n"actual.quantity" = 2.50\n[[case]]\nname = "n"\nstart = "one"\n'
    'given = { actual.skip_sync = true }\nrule = "REQ902"\nroute = { ledger = "RTE901" }\n',
]  # fmt: skip
BITS = [
    "[", "]", "{", "}", "=", '"', "'", "\n", ",", ".", "#", "[[rule]]", "[rule]", "[concludes]",
    "nan", "inf", "1e99999999", "-1e-400", "0x10", "9" * 40, "true", "[]", "{}", '""',
    "{ a = [1] }",
    "2026-11-30", "2026-11-30T10:00:00Z", " and ", " or ", "not ", "(", ")", "==", "!=", "<", "in",
    "missing(", "\\\\", "\\u0000", "\u202e", "é", "replaces = true", "enabled = false",
    "own.size", "actual.date", "project.contract", 'id = "REQ901"', "'''", '"""', "{0}", "{", "}",
]  # fmt: skip
VALUES = [
    "5", "-1", "1.50", "nan", "1e99999999", "true", "false", "2026-11-30", "2026-11-30T10:00:00Z",
    '""', '"REQ901"', '"x"', '"core"', '"é"', '"ledger"', "[]", "[[]]", '["REQ901"]',
    '[["REQ901"]]',
    '["actual.skip_sync == true"]', '["own.size == \'large\'"]', "[5]", "{}", "{ a = [1] }",
    "{ ledger = [] }", '{ "own.size" = [] }', '{ "own.size" = "large" }',
    '{ "actual.quantity" = 1 }',
    '{ "actual.quantity" = 1e99 }', '{ "actual.quantity_decimals" = 1e99 }',
]  # fmt: skip
KEYS = [
    "id", "name", "applies", "when", "level", "message", "help", "source", "tag", "owner", "why",
    "domain", "since", "until", "companies", "models", "allowed_levels", "replaces", "enabled",
    "because", "expires", "conclude", "send", "choose", "refuse", "leave", "hold", "channel",
    "asks", "policy", "about", "concludes", "rule", "given", "start", "find", "route", "near",
]
KNOWN = catalogue(source_of(TRAITS))
BASE = rulebook_of({"rules/a.toml": HEADS["require"] + require("REQ901", ["actual.skip_sync"]),
                    "rules/b.toml": HEADS["ledger"] + route("RTE999", [])})  # fmt: skip


def spoiled(rng: random.Random, text: str) -> str:
    """A text with one to four changes: a bit put in, a line doubled, moved, cut or swapped."""
    for _ in range(rng.randint(1, 4)):
        at, width = rng.randrange(len(text) + 1), rng.randint(0, 6)
        lines = text.split("\n")
        one, other = rng.randrange(len(lines)), rng.randrange(len(lines))
        change = rng.randrange(9)
        if change < 2:
            text = text[:at] + rng.choice(BITS) + text[at + width :]
        elif change < 5:
            key, equals, value = lines[one].partition("=")
            lines[one] = f"{key}{equals} {rng.choice(VALUES)}" if equals else key + value
        elif change < 7:
            lines.insert(one, f"{rng.choice(KEYS)} = {rng.choice(VALUES)}")
        elif change == 7:
            lines.insert(other, lines[one])
        else:
            lines[one], lines[other] = lines[other], lines[one]
        if change > 1:
            text = "\n".join(lines)
    return text


def everything(text: str) -> tuple[list[Finding], Rulebook | None]:
    """All that is found in a text, and the rulebook if it may be used."""
    source, found = parse_source("rules/own.toml", text)
    if source is None:
        return list(found), None
    known = catalogue(source, source_of(TRAITS))
    _, in_cases = parse_case_file(source, known, BASE)
    file, in_file = parse_rule_file(source, known, "workspace")
    findings = [*in_cases, *in_file]
    if file is None:
        return findings, None
    own: list[RuleFile] = [file]
    book, found = make_rulebook(BASE.files, own, {}, Place("adapter.toml"))
    limits = check_limits(book)
    findings += [*found, *limits, *check_rules(book, known)]
    return findings, None if has_errors(limits) or has_errors(in_file) else book


@pytest.mark.parametrize("batch", range(BATCHES))
def test_a_spoiled_rule_file_is_findings_and_never_an_exception(batch: int) -> None:
    rng = random.Random(SEED + batch)
    seen: set[str] = set()
    read = 0
    for _ in range(MUTATIONS // BATCHES):
        text = spoiled(rng, rng.choice(TEXTS))
        findings, book = everything(text)
        if book is not None:
            Judge(book)  # what has no error can be judged
        for finding in findings:
            assert finding.code in CODES
            assert "\n" not in finding.message
        seen |= {f.code for f in findings}
        read += all(f.code != "SRC001" for f in findings)
    assert len(seen) > 11
    assert read > MUTATIONS // BATCHES // 4


def test_every_shipped_rule_file_may_be_cut_anywhere() -> None:
    rng = random.Random(SEED)
    cut = 0
    for path, at in shipped.files("rules", "*.toml"):
        text = at.read_text()
        for _ in range(4):
            source, _ = parse_source(path, text[: rng.randrange(len(text))])
            if source is not None:
                parse_rule_file(source, KNOWN)
                cut += 1
    assert cut > 0
