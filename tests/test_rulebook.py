"""reading/rulefile.py and rulebook.py: one finding per fault, and what a workspace may change."""

from datetime import date

import pytest

from adapter.deciding.judge import Judge, judge_facts
from adapter.reading.rulebook import make_rulebook
from adapter.reading.rulefile import parse_rule_file
from adapter.reading.settings import Switch
from adapter.values.finding import Place
from tests.rule_texts import (
    HEADS,
    SAID,
    TAIL,
    catalogue,
    files_of,
    require,
    route,
    rulebook_of,
    source_of,
)

R, L = HEADS["require"], HEADS["ledger"]
GOOD = require("REQ901", ["actual.skip_sync"])
LAST = route("RTE999", [])

# the fault | the file | code | words
FAULTS = [
    ("no_question", GOOD, "RUL116", "`asks` of the file"),
    ("unknown_policy", R.replace("all", "most") + GOOD, "RUL116", "`policy`"),
    ("no_channel", L.replace('channel = "ledger"\n', "") + LAST, "RUL116", "channel"),
    ("unknown_key_of_file", 'extra = 1\n' + R + GOOD, "SRC002", "unknown key `extra`"),
    ("unknown_key_of_rule", R + GOOD + 'wehn = ["x"]\n', "SRC002", "did you mean `when`"),
    ("no_id", R + GOOD.replace('id = "REQ901"\n', ""), "RUL118", "without id"),
    ("odd_id", R + GOOD.replace("REQ901", "REQ1"), "RUL118", "is no code"),
    ("no_fault", R + require("REQ901", []), "RUL118", "`when` is empty"),
    ("unknown_fact", R + require("REQ901", ["actual.skip_snyc"]), "RUL102", "actual.skip_sync"),
    ("no_message", R + GOOD.replace('message = "m"\n', ""), "RUL119", "without message"),
    ("no_help", R + GOOD.replace('help = "Do."\n', ""), "RUL119", "without help"),
    ("no_source", R + GOOD.replace('source = "x"\n', ""), "RUL119", "without source"),
    ("no_owner", R + GOOD.replace('owner = "o"\n', ""), "RUL119", "without owner"),
    ("odd_level", R + GOOD.replace('"error"', '"fatal"'), "RUL118", "`level`"),
    ("odd_tag", R + GOOD.replace("documented", "sure"), "RUL118", "`tag`"),
    ("unknown_placeholder", R + GOOD.replace('"m"', '"m {actual.amuont}"'), "RUL109",
     "actual.amount"),
    ("broken_placeholder", R + GOOD.replace('"m"', '"m {"'), "RUL109", "unknown fact"),
    ("wrong_type", R + GOOD.replace("when = ['actual.skip_sync']", 'when = "x"'), "RUL118",
     "not a list of texts"),
    ("since_is_no_date", R + GOOD + 'since = "soon"\n', "RUL118", "not a date"),
    ("unknown_model", R + GOOD + 'models = ["lite"]\n', "RUL104", "is never 'lite'"),
    ("outcome_of_another_kind", R + GOOD + 'choose = "core"\n', "RUL118", "message and level"),
    ("two_outcomes", L + route("RTE901", [], 'leave = "a"\nhold = "b"'), "RUL118", "send or leave"),
    ("no_outcome", L + route("RTE901", [], ""), "RUL118", "send or leave or hold"),
    ("unknown_document", L + route("RTE901", [], 'send = { document = "letter" }'), "RTE490",
     "no document `letter`"),
    ("unknown_group", L + route("RTE901", [], 'send = { document = "journal-line", '
                                'group_by = ["x.y"] }'), "RUL102", "in group_by"),
    ("channel_of_no_route", 'channel = "ledger"\n' + R + GOOD, "RUL116", "only a route file"),
    ("channel_is_no_text", "channel = 5\n" + R + GOOD, "RUL116", "only a route file"),
    ("group_is_no_list", L + route("RTE901", [], 'send = { document = "journal-line", '
                                   'group_by = "x" }'), "RUL118", "a list of facts"),
    ("mapping_is_no_text", L + route("RTE901", [], 'send = { document = "journal-line", '
                                     'mapping = 5 }'), "RUL118", "is a text"),
    ("placeholder_with_format", R + GOOD.replace('"m"', '"m {actual.quantity:>9}"'), "RUL109",
     "actual.quantity:>9"),
    ("placeholder_with_conversion", R + GOOD.replace('"m"', '"m {actual.quantity!r}"'), "RUL109",
     "actual.quantity!r"),
    ("number_out_of_bounds", R + GOOD.replace("'actual.skip_sync'",
                                              '"actual.quantity > 1e99999999"'), "RUL103",
     "is a number"),
    ("no_catch_all", L + route("RTE901", ["actual.skip_sync"]), "RUL107", "no catch-all"),
    ("undeclared_conclusion", HEADS["conclude"] + '[[rule]]\nid = "TRT901"\nname = "n"\nwhen = []\n'
     f'conclude = {{ "x.y" = "z" }}\n{TAIL}', "RUL117", "not declared"),
    ("declared_without_default", HEADS["conclude"] + '[concludes]\n"x.y" = { values = ["a"] }\n',
     "RUL117", "needs values and a default"),
    ("unknown_model_chosen", HEADS["choose"] + '[[rule]]\nid = "DEP901"\nname = "n"\nwhen = []\n'
     f'choose = "cores"\n{TAIL}', "RUL118", "no deployment model"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "code", "words"), [f[1:] for f in FAULTS],
                         ids=[f[0] for f in FAULTS])  # fmt: skip
def test_a_fault_of_a_rule_file_is_one_finding(text: str, code: str, words: str) -> None:
    source = source_of(text)
    _, found = parse_rule_file(source, catalogue(source))

    assert [code] == sorted({f.code for f in found})
    assert any(words in f.message + f.help for f in found)
    assert all(f.place.line > 0 for f in found)


def test_since_companies_and_models_become_lines_of_applies() -> None:
    more = 'since = 2026-02-02\nuntil = 2026-03-01\ncompanies = ["USMF"]\nmodels = ["core"]\n'
    (file,), found = files_of(
        {"rules/x.toml": R + require("REQ901", ["actual.skip_sync"], [], more)}
    )

    assert [] == found
    assert [
        "actual.date >= '2026-02-02'",
        "actual.date <= '2026-03-01'",
        "company.code in ['USMF']",
        "deployment.model in ['core']",
    ] == [line.text for line in file.rules[0].applies]


def book_of(own: str, switches: dict[str, Switch] | None = None, as_of: date | None = None):  # type: ignore[no-untyped-def]
    shipped, _ = files_of({"rules/req.toml": R + GOOD + require("REQ902", ["actual.skip_sync"], [],
                          'allowed_levels = ["warning"]\n')})  # fmt: skip
    source = source_of(own, "rules/own.toml") if own else None
    overlay = []
    if source is not None:
        file, found = parse_rule_file(source, catalogue(source), "workspace")
        assert file is not None and not found
        overlay = [file]
    return make_rulebook(shipped, overlay, switches or {}, Place("adapter.toml", 9), as_of)


def test_a_rule_of_the_workspace_replaces_only_if_it_says_so() -> None:
    own = R + require("REQ901", ["actual.is_intercompany"])
    _, (finding,) = book_of(own)
    book, found = book_of(own + "replaces = true\n")

    assert "SRC003" == finding.code
    assert "rules/req.toml" == finding.notes[0].place.file
    assert () == found
    assert ["REQ901", "REQ902"] == [rule.id for rule in book.rules]
    assert "workspace" == book.rules_by_id["REQ901"].origin


OTHER = require("OWN901", ["actual.is_intercompany"])

# what is wrong with the workspace's rules | their text | code | words
OVERLAY_FAULTS = [
    ("twice in one file", R + OTHER + OTHER + "replaces = true\n", "SRC003", "used twice"),
    ("replaced twice", R + GOOD + "replaces = true\n" + GOOD + "replaces = true\n", "SRC003",
     "used twice"),
    ("replaces nothing", R + OTHER + "replaces = true\n", "RUL113", "no shipped rule"),
    ("replaces a rule of another question", L + route("REQ901", []) + "replaces = true\n",
     "RUL118", "asks `route ledger`"),
]  # fmt: skip


@pytest.mark.parametrize(("own", "code", "words"), [f[1:] for f in OVERLAY_FAULTS],
                         ids=[f[0] for f in OVERLAY_FAULTS])  # fmt: skip
def test_a_rule_replaces_one_shipped_rule_of_the_same_question(
    own: str, code: str, words: str
) -> None:
    book, (finding,) = book_of(own)

    assert (code, True) == (finding.code, words in finding.message)
    assert len(book.rules) == len(book.rules_by_id)


CONCLUDE = """[concludes]
"{0}" = {{ values = ["north", "south"], default = "south" }}
[[rule]]
id = "{1}"
name = "n"
when = ["actual.skip_sync"]
conclude = {{ "{0}" = "north" }}
source = "x"
tag = "documented"
"""


def test_a_fact_that_a_workspace_concludes_is_judged() -> None:
    texts = {
        "rules/traits.toml": HEADS["conclude"] + CONCLUDE.format("own.area", "TRT901"),
        "own/traits.toml": HEADS["conclude"] + CONCLUDE.format("own.region", "OWN901"),
        "own/own.toml": R + require("OWN902", ["own.region == 'north'"]),
    }
    files, found = files_of(texts)
    book, more = make_rulebook(files[:1], files[1:], {}, Place("adapter.toml"))
    decision = judge_facts(Judge(book), {"actual.skip_sync": True})

    assert ([], ()) == (found, more)
    assert {"own.area", "own.region"} == set(book.declared)
    assert ("own.region", "north") in decision.concluded
    assert ["OWN902"] == [rule.id for rule in decision.fired]


def test_a_fact_that_exists_is_not_concluded() -> None:
    source = source_of(HEADS["conclude"] + CONCLUDE.format("actual.quantity", "OWN901"))
    _, found = parse_rule_file(source, catalogue())

    assert "`actual.quantity` is a fact already" in {f.message for f in found}


def test_a_new_rule_of_a_first_match_file_stands_before_the_shipped_ones() -> None:
    shipped, _ = files_of({"rules/routing-ledger.toml": L + LAST})
    source = source_of(L + route("RTE900", ["actual.skip_sync"]), "rules/routing-ledger.toml")
    file, found = parse_rule_file(source, catalogue(source), "workspace")
    assert file is not None and not found

    book, _ = make_rulebook(shipped, [file], {}, Place("adapter.toml"))

    assert ["RTE900", "RTE999"] == [rule.id for rule in book.rules]


OFF = Switch(enabled=False, because="not used here", expires=date(2027, 1, 31))

# switch of REQ901 | as of | codes of findings | is the rule on | level of REQ901
SWITCHES = [
    (OFF, date(2026, 11, 30), [], False, None),
    (OFF, date(2027, 2, 1), ["RUL115"], True, "error"),
    (Switch(enabled=False), None, ["RUL114"], True, "error"),
    (Switch(level="warning", because="x"), None, ["RUL114"], True, "error"),
]


@pytest.mark.parametrize(("switch", "as_of", "codes", "is_on", "level"), SWITCHES)
def test_a_rule_is_switched_only_with_reason_and_expiry(
    switch: Switch, as_of: date | None, codes: list[str], is_on: bool, level: str | None
) -> None:
    book, found = book_of("", {"REQ901": switch}, as_of)

    assert codes == [f.code for f in found]
    assert is_on is ("REQ901" in book.rules_by_id)
    assert level == (book.rules_by_id["REQ901"].level if is_on else None)


def test_the_level_of_a_rule_that_allows_it_is_a_setting() -> None:
    book, found = book_of("", {"REQ902": Switch(level="warning", because="cosmetic")})

    assert () == found
    assert "warning" == book.rules_by_id["REQ902"].level
    assert [("REQ902", "level", "cosmetic")] == [(a.rule, a.kind, a.because) for a in book.allowed]


def test_a_changed_level_ends_with_its_expiry() -> None:
    switch = Switch(level="warning", because="cosmetic", expires=date(2026, 1, 31))
    book, (finding,) = book_of("", {"REQ902": switch}, date(2026, 11, 30))

    assert ("RUL115", "warning") == (finding.code, finding.level)
    assert "error" == book.rules_by_id["REQ902"].level
    assert [True] == [a.expired for a in book.allowed]


def test_a_switch_of_no_rule_is_a_finding() -> None:
    _, (finding,) = book_of("", {"REQ999": OFF})

    assert "RUL113" == finding.code


def test_the_digest_changes_with_what_a_rule_says_and_not_with_its_place() -> None:
    first, _ = files_of({"a.toml": R + GOOD})
    moved, _ = files_of({"a.toml": R + "\n\n" + GOOD})
    other, _ = files_of({"a.toml": R + GOOD.replace('"m"', '"n"')})
    digests = [make_rulebook(f, [], {}, Place("x"))[0].digest for f in (first, moved, other)]

    assert digests[0] == digests[1] != digests[2]
    assert SAID


KIND = '[concludes]\n"order.kind" = { values = ["big", "small"], default = "DEFAULT" }\n'
BIG = route("TRT901", ["actual.quantity > 1"], 'conclude = { "order.kind" = "big" }')


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('default = "small"', 'default = "big"'),
        ('"big", "small"', '"big", "small", "odd"'),
        ("tag =", 'companies = ["USMF"]\ntag ='),
        ("tag =", "since = 2026-01-01\ntag ="),
        ("tag =", "until = 2026-01-01\ntag ="),
    ],
)
def test_what_decides_is_part_of_the_digest(old: str, new: str) -> None:
    text = HEADS["conclude"] + KIND.replace("DEFAULT", "small") + BIG
    first = rulebook_of({"rules/x.toml": text})
    assert old in text

    second = rulebook_of({"rules/x.toml": text.replace(old, new)})

    assert first.digest != second.digest
    assert first.digest == rulebook_of({"rules/y.toml": "\n" + text}).digest


@pytest.mark.parametrize(
    "line",
    [
        r'"work_order.number == \"\u00e9\" and actual.amuont > 1"',
        r'"work_order.number != \"x\" or actual.amuont > 1"',
        "'actual.skip_sync and actual.amuont > 1'",
    ],
)
def test_the_caret_stands_below_the_fault_whatever_was_escaped_before_it(line: str) -> None:
    text = R + GOOD.replace("['actual.skip_sync']", f"[{line}]")
    _, found = files_of({"rules/x.toml": text})
    fault = next(f for f in found if "amuont" in f.message)
    start = fault.place.column - 1

    shown = text.splitlines()[fault.place.line - 1]

    assert shown[start : start + fault.place.width] == "actual.amuont"
