"""Templates: what is refused when loaded, and that values come through unharmed."""

import json
import random
import re
from datetime import date
from decimal import Decimal
from html import unescape

import pytest

from adapter.reading.json_text import NotJson, json_text
from adapter.reading.shapes import PAYLOAD_SHAPE, PROFORMA_PAGE_SHAPE
from adapter.reading.template import (
    Rendered,
    Template,
    amount,
    day,
    number,
    parse_template,
    render_html,
    render_json,
)
from adapter.reading.template_check import Shape
from adapter.values.codes import CODES
from tests.outlets_given import ROOT, TEMPLATES, templates

D = Decimal
PATH = "templates/probe.json.j2"
SHAPE: Shape = {
    "header": {"fields": {"*": None}, "name": None},
    "lines": [{"number": None, "fields": {"*": None}, "details": [{"fields": {"*": None}}]}],
}

HOSTILE = [
    "plain",
    'say "no"',
    "it's",
    "back\\slash",
    "{{ 7 * 7 }}",
    "{% raw %}",
    "{# note #}",
    '","Amount":0,"x":"',
    '"}],"lines":[{"Amount":0}',
    "</script><script>alert(1)</script>",
    "<!--",
    "a&b;&lt;",
    "line\nbreak\r\n\ttab",
    "\x00\x01\x1f\x7f\x85",
    "\u2028\u2029",
    "\u202eright\u202c \u2066to\u2069 \u200fleft",
    "\ufeffmark",
    "zero\u200bwidth\u200djoiner",
    "\U0001f527 and \U00010348",
    "e\u0301 \u00e9",
    "null",
    "NaN",
    "1e5",
    "40012",
    "True",
    "[1, 2]",
    "0x10",
    "${jndi:ldap://x}",
    "' OR 1=1 --",
    "=cmd|' /C calc'!A0",
    " " * 40,
    "\u0663\u0664",
    "x" * 20_000,
]


def loaded(text: str, shape: Shape = SHAPE) -> Template:
    template, found = parse_template(PATH, text, "json", shape)

    assert template is not None, found

    return template


def rendered(text: str, **values: object) -> Rendered:
    made, found = render_json(loaded(text), values)

    assert made is not None, found

    return made


def codes_of(text: str, kind: str = "json", shape: Shape = SHAPE) -> set[str]:
    template, found = parse_template(PATH, text, kind, shape)  # type: ignore[arg-type]

    assert (template is None) == bool(found)
    assert all(f.place.file == PATH and f.place.line >= 1 and f.help for f in found)

    return {finding.code for finding in found}


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_comes_back_letter_by_letter(text: str) -> None:
    made = rendered('{"a": {{ header.name | json }}, "b": 1}', header={"name": text})

    assert made.payload == {"a": text, "b": 1}
    assert json.loads(made.text) == {"a": text, "b": 1}
    assert not re.search("[<>&\x00-\x09\x0b-\x1f\x7f\u2028\u2029\u202e\u2066\ufeff]", made.text)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_a_safe_name_too(text: str) -> None:
    body = '{ {% for k, v in header.fields | pairs %}{{ k | json }}: {{ v | json }}{% endfor %} }'
    made = rendered(body, header={"fields": {text: text}})

    assert made.payload == {text: text}


NUMBERS = [
    "150.10", "0", "0.00", "-0.01", "12345678901234567.89", "1E+3", "1E-7", "1E-12", "0E-10",
    "9999999999999999999", "-1234567890.1234567890", "1E+18", "0.1", "100",
]  # fmt: skip


@pytest.mark.parametrize("text", NUMBERS)
def test_a_decimal_is_written_with_all_its_digits(text: str) -> None:
    made = rendered('{"a": {{ header.name | json }}}', header={"name": D(text)})
    written = made.text.removeprefix('{"a": ').removesuffix("}")

    assert written == format(D(text), "f")
    assert D(written) == D(text)


def test_a_decimal_inside_a_row_is_written_with_all_its_digits() -> None:
    row = {text: D(text) for text in NUMBERS} | {"day": date(2026, 11, 14), "no": None, "yes": True}
    made = rendered('{"a": {{ header.fields | json }}}', header={"fields": row})

    assert "E" not in re.sub('"[^"]*"', "", made.text)
    assert [D(value) for value in list(made.payload["a"].values())[: len(NUMBERS)]] == [
        D(text) for text in NUMBERS
    ]
    assert list(made.payload["a"].values())[-3:] == ["2026-11-14", None, True]


NOT_JSON: list[object] = [
    D("NaN"), D("sNaN"), D("Infinity"), D("-Infinity"), 1.5, float("nan"), b"bytes", {1: 2},
    {"a": D("NaN")}, [D("Infinity")], object(), {1, 2}, "\ud800", {"\udfff": 1}, D("1E+5000"),
    D("1E-5000"), 1 + 2j, json,
]  # fmt: skip


@pytest.mark.parametrize("value", NOT_JSON, ids=lambda v: f"{type(v).__name__} {v!a:.20}")
def test_a_value_without_a_json_form_stops_the_document(value: object) -> None:
    with pytest.raises(NotJson):
        json_text(value)

    template = loaded('{"a": {{ header.name | json }}}')
    made, found = render_json(template, {"header": {"name": value}})

    assert made is None
    assert [finding.code for finding in found] == ["TPL603"]


def test_a_list_that_holds_itself_is_not_followed_for_ever() -> None:
    endless: list[object] = []
    endless.append(endless)

    with pytest.raises(NotJson):
        json_text(endless)


ATTACKS: list[tuple[str, str]] = [
    ("{{ header.name }}", "TPL602"),
    ('"{{ header.name }}"', "TPL602"),
    ("{{ header.name | json | upper }}", "TPL602"),
    ("{{ header.name ~ ',' }}", "TPL602"),
    ('{{ "}" }}', "TPL602"),
    ('{{ "," if header.name else "}" }}', "TPL602"),
    ('{{ ",," }}', "TPL602"),
    ("{{ loop.index }}", "TPL602"),
    ("{{ (1 + 1) | json }}", "TPL605"),
    ("{{ (header.name * 100) | json }}", "TPL605"),
    ("{{ ('a' * 1000000000) | json }}", "TPL605"),
    ("{{ (10 ** 100000000) | json }}", "TPL605"),
    ("{{ (header.name - 1) | json }}", "TPL605"),
    ("{{ (header.name / 2) | json }}", "TPL605"),
    ("{{ (header.name // 2) | json }}", "TPL605"),
    ("{{ ('%1000000000d' % 1) | json }}", "TPL605"),
    ("{{ -header.name | json }}", "TPL605"),
    ("{{ (-header.name) | json }}", "TPL605"),
    ("{{ 1.5 | json }}", "TPL605"),
    ("{% if 1 + 1 %}{% endif %}", "TPL605"),
    ("{{ haeder.name | json }}", "TPL601"),
    ("{{ header.nmae | json }}", "TPL601"),
    ("{{ line.number | json }}", "TPL601"),
    ("{{ self | json }}", "TPL601"),
    ("{{ config | json }}", "TPL601"),
    ("{{ request | json }}", "TPL601"),
    ("{{ namespace | json }}", "TPL601"),
    ("{{ loop.last | json }}", "TPL601"),
    ("{% for line in lines %}{% endfor %}{{ line.number | json }}", "TPL601"),
    ("{{ header.__class__ | json }}", "TPL606"),
    ("{{ header._x | json }}", "TPL606"),
    ("{{ header.name.__class__.__mro__ | json }}", "TPL606"),
    ("{{ header['__class__'] | json }}", "TPL606"),
    ("{{ header['name'] | json }}", "TPL606"),
    ("{{ header | attr('__class__') | json }}", "TPL606"),
    ("{{ header.name() | json }}", "TPL606"),
    ("{{ header.fields.items() | json }}", "TPL606"),
    ("{{ range(10) | json }}", "TPL606"),
    ("{{ lipsum() | json }}", "TPL606"),
    ("{{ cycler('a').next() | json }}", "TPL606"),
    ("{{ ''.join(lines) | json }}", "TPL606"),
    ("{{ '{:>1000000000}'.format('x') | json }}", "TPL606"),
    ("{{ header.name | default('x') | json }}", "TPL606"),
    ("{{ header.name | int | json }}", "TPL606"),
    ("{{ header.name | float | json }}", "TPL606"),
    ("{{ header.name | center(1000000000) | json }}", "TPL606"),
    ("{{ lines | map(attribute='number') | json }}", "TPL606"),
    ("{{ header.name | safe }}", "TPL602"),
    ("{{ header.name | json('x') }}", "TPL606"),
    ("{{ header.name | nothing | json }}", "TPL606"),
    ("{{ header.name is callable | json }}", "TPL606"),
    ("{% if header.name is defined %}{% endif %}", "TPL606"),
    ("{% if header.name is divisibleby(3) %}{% endif %}", "TPL606"),
    ("{{ ('a' if header.name) | json }}", "TPL606"),
    ("{{ [1, 2] | json }}", "TPL606"),
    ("{{ (1, 2) | json }}", "TPL606"),
    ("{{ {'a': 1} | json }}", "TPL606"),
    ("{{ header.name[1:2] | json }}", "TPL606"),
    ('{% include "other.j2" %}', "TPL606"),
    ('{% import "other.j2" as o %}', "TPL606"),
    ('{% from "other.j2" import o %}', "TPL606"),
    ('{% extends "other.j2" %}', "TPL606"),
    ("{% block a %}{% endblock %}", "TPL606"),
    ("{% macro m() %}{% endmacro %}", "TPL606"),
    ("{% macro m() %}{% endmacro %}{% call m() %}{% endcall %}", "TPL606"),
    ("{% filter upper %}x{% endfilter %}", "TPL606"),
    ("{% filter json %}x{% endfilter %}", "TPL606"),
    ("{% set x = header.name %}", "TPL606"),
    ("{% set x %}y{% endset %}", "TPL606"),
    ("{% with x = header.name %}{% endwith %}", "TPL606"),
    ("{% autoescape false %}{% endautoescape %}", "TPL606"),
    ("{% do header.pop() %}", "TPL607"),
    ("{% for i in range(100000) %}{% endfor %}", "TPL606"),
    ("{% for i in 'abc' %}{% endfor %}", "TPL606"),
    ("{% for a in lines %}{% for b in lines %}{% endfor %}{% endfor %}", "TPL606"),
    ("{% for a in lines %}{% for d in a.details %}{% for e in a.details %}{% endfor %}"
     "{% endfor %}{% endfor %}", "TPL606"),
    ("{% for a in lines recursive %}{{ loop(a.details) | json }}{% endfor %}", "TPL606"),
    ("{% for a, b in lines %}{% endfor %}", "TPL606"),
    ("{% for a in header.fields | pairs %}{% endfor %}", "TPL606"),
    ("{% for a in lines | pairs | pairs %}{% endfor %}", "TPL606"),
    ("{% for a in lines %}{{ loop.cycle('a') | json }}{% endfor %}", "TPL606"),
    ("{% for a in lines %}{{ loop.previtem | json }}{% endfor %}", "TPL601"),
    ("{{ header.name | json", "TPL607"),
    ("{% for a in lines %}", "TPL607"),
    ("{% if %}", "TPL607"),
    ("{{ " + "(" * 5000 + "1" + ")" * 5000 + " | json }}", "TPL607"),
    ("{{ " + "not " * 60 + "1 | json }}", "TPL606"),
    ("{{ header.name | json }}" * 2000, "TPL606"),
    ("x" * 70_000, "TPL607"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "code"), ATTACKS, ids=lambda v: v[:40])
def test_what_a_template_may_not_do_is_refused_when_it_is_loaded(text: str, code: str) -> None:
    assert code in codes_of(text)


def test_a_finding_names_the_line_of_the_template() -> None:
    _, found = parse_template(PATH, '{\n\n"a": {{ header.name }}\n}', "json", SHAPE)

    assert [(f.code, f.place.line) for f in found] == [("TPL602", 3)]


def test_a_wrong_name_is_answered_with_the_nearest_right_one() -> None:
    _, found = parse_template(PATH, "{{ header.nmae | json }}", "json", SHAPE)

    assert found[0].help == "did you mean `name`?"


def test_every_code_of_a_refusal_is_in_the_table() -> None:
    assert {code for _, code in ATTACKS} <= set(CODES)


@pytest.mark.parametrize("code", sorted(c for c in CODES if c.startswith("TPL")))
def test_the_example_on_the_page_of_a_code_has_that_fault(code: str) -> None:
    text = (ROOT / "docs/codes" / f"{code}.md").read_text()
    [(language, example)] = re.findall(r"```(\w+)\n(.*?)\n```", text, re.S)

    assert example.startswith("{#- templates/")
    if language == "jinja":
        assert codes_of(example, shape=PAYLOAD_SHAPE) == {code}


ALLOWED = [
    ('{{ "," }}', ","),
    ('{{ "," if header.name == "x" }}', ","),
    ('{{ "," if header.name == "y" else "" }}', ""),
    ('{{ ("a" ~ header.name) | json }}', '"ax"'),
    ('{{ ("a" if header.name is none else "b") | json }}', '"b"'),
    ('{% if header.name in header.fields %}1{% else %}2{% endif %}', "2"),
    ("{% for line in lines %}{{ loop.index | json }}{% else %}0{% endfor %}", "0"),
    ("{% raw %}{{ x }}{% endraw %}", "{{ x }}"),
    ("{# note #}1", "1"),
]


@pytest.mark.parametrize(("text", "made"), ALLOWED)
def test_a_template_may_branch_loop_and_join_text(text: str, made: str) -> None:
    values = {"header": {"name": "x", "fields": {"a": 1}}, "lines": []}

    assert loaded(text).compiled.render(**values) == made


def test_a_name_that_this_document_lacks_stops_it() -> None:
    made, found = render_json(loaded("\n{{ header.name | json }}"), {"header": {}})

    assert made is None
    assert [(f.code, f.place.line) for f in found] == [("TPL601", 2)]


@pytest.mark.parametrize(
    "text",
    ["{% if header.name is none %}1{% endif %}", "{% if header.name %}1{% endif %}",
     "{% for k, v in header.name | pairs %}{% endfor %}",
     "{{ ('a' ~ header.name) | json }}", "{% if header.name == 'x' %}1{% endif %}"],
)  # fmt: skip
def test_a_missing_value_is_never_taken_for_none(text: str) -> None:
    made, found = render_json(loaded(text), {"header": {}})

    assert made is None
    assert [finding.code for finding in found] == ["TPL601"]


class Record:
    """Something with a method: a template must not reach it."""

    name = "secret"

    def delete(self) -> str:
        raise AssertionError("a template called a method")


def test_parts_of_objects_are_out_of_reach() -> None:
    made, found = render_json(loaded("{{ header.name | json }}"), {"header": Record()})

    assert made is None
    assert [finding.code for finding in found] == ["TPL601"]


def test_a_table_with_the_names_of_methods_gives_its_values() -> None:
    made = rendered('{"a": {{ header.fields.items | json }}}',
                    header={"fields": {"items": "mine"}})  # fmt: skip

    assert made.payload == {"a": "mine"}


NOT_READ_BACK = ['{"a": 1,}', '{"a": 1 "b": 2}', "", "{", '{"a": 01}', '{"a": NaN}', "'a'", '{"a"}']


@pytest.mark.parametrize("text", NOT_READ_BACK)
def test_what_cannot_be_read_back_is_not_sent(text: str) -> None:
    made, found = render_json(loaded(text), {})

    assert made is None
    assert [finding.code for finding in found] == ["TPL603"]


def test_the_line_of_the_output_is_named_where_json_ends() -> None:
    _, found = render_json(loaded('{\n"a": 1\n"b": 2\n}'), {})

    assert "line 3 of the output" in found[0].message


def test_a_document_beyond_its_limit_is_refused_early() -> None:
    template, _ = parse_template(PATH, "{{ header.name | json }}", "json", SHAPE, bytes_max=100)
    assert template is not None

    assert render_json(template, {"header": {"name": "x" * 98}})[0] is not None
    made, found = render_json(template, {"header": {"name": "\u00e9" * 60}})
    assert made is None
    assert [finding.code for finding in found] == ["TPL608"]


def test_the_shipped_templates_are_allowed() -> None:
    assert set(templates()) == set(TEMPLATES)


FORMATS = [
    (amount, D("1234.5"), "1,234.50"),
    (amount, D("-0.005"), "-0.005"),
    (amount, D("1E+3"), "1,000.00"),
    (number, D("2.00"), "2"),
    (number, D("1.50"), "1.5"),
    (number, D("1E+3"), "1,000"),
    (number, 1200, "1,200"),
    (day, date(2026, 11, 4), "4 Nov 2026"),
    (day, None, ""),
]


@pytest.mark.parametrize(("filter_", "given", "made"), FORMATS)
def test_a_page_shows_values_as_people_read_them(filter_, given: object, made: str) -> None:  # type: ignore[no-untyped-def]
    assert filter_(given) == made


@pytest.mark.parametrize("value", ["1", 1.5, None, D("NaN"), True])
def test_a_page_stops_at_a_value_that_is_no_amount(value: object) -> None:
    template, found = parse_template("p.html.j2", "<p>{{ header.name | amount }}", "html", SHAPE)
    assert template is not None, found

    made, found = render_html(template, {"header": {"name": value}})

    assert made is None
    assert [finding.code for finding in found] == ["TPL609"]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_page_escapes_every_value(text: str) -> None:
    template, found = parse_template("p.html.j2", "<p>{{ header.name }}</p>", "html", SHAPE)
    assert template is not None, found
    made, _ = render_html(template, {"header": {"name": text}})
    assert made is not None
    inside = made.removeprefix("<p>").removesuffix("</p>")

    assert "<" not in inside and '"' not in inside and "'" not in inside
    assert unescape(inside) == text or "\x00" in text or "\x85" in text or "\r" in text


@pytest.mark.parametrize("text", ["{{ header.name | safe }}", "{{ header.name | json }}",
                                  "{% autoescape false %}{% endautoescape %}"])  # fmt: skip
def test_a_page_cannot_switch_escaping_off(text: str) -> None:
    assert codes_of(text, "html") & {"TPL606", "TPL607"}


def test_a_document_of_two_hundred_lines_is_whole() -> None:
    row = {f"F{at}": D("150.10") if at % 2 else "some text" for at in range(26)}
    values = {"header": {"fields": {}}, "lines": [{"fields": row, "details": []}] * 200}
    made, _ = render_json(templates()["integration-journal.json.j2"], values)

    assert made is not None and len(made.payload["lines"]) == 200


JUNK = ["{{", "}}", "{%", "%}", "{#", "#}", "|", ".", "__", "(", ")", "[", "]", "'", '"', "\\",
        "\x00", "\u202e", "\U0001f527", " if ", " for ", " in ", "loop", "json", "-", "**", "~",
        "9" * 30, "\n"]  # fmt: skip


def test_two_thousand_damaged_templates_give_findings_and_no_traceback() -> None:
    rng = random.Random(20261121)
    texts = [(ROOT / "templates" / name).read_text() for name in TEMPLATES]
    texts += [text for text, _ in ATTACKS if len(text) < 500] * 3
    accepted = 0
    for _ in range(2000):
        at = rng.randrange(len(texts))
        letters = list(texts[at])
        for _ in range(rng.randint(1, 4)):
            spot = rng.randrange(len(letters) + 1)
            letters[spot : spot + rng.choice((0, 0, 1, 4))] = rng.choice(JUNK)
        kind = "html" if at < len(TEMPLATES) and "html" in TEMPLATES[at] else "json"
        shape = PROFORMA_PAGE_SHAPE if kind == "html" else PAYLOAD_SHAPE
        template, found = parse_template(PATH, "".join(letters), kind, shape)  # type: ignore[arg-type]
        assert (template is None) == bool(found)
        if template is not None:
            accepted += 1
            render = render_html if kind == "html" else render_json
            made, more = render(template, {"document": {}, "header": {"fields": {}}, "lines": []})
            assert (made is None) == bool(more)

    assert accepted > 50


def test_the_caret_of_a_bare_output_stands_under_it() -> None:
    text = '{"header": {{ document.key | json }}, "a": {{ document.name }}, "b": {{ header.x }}}'
    _, found = parse_template("t.json.j2", text, "json", SHAPE)
    told = [text[f.place.column - 1 :][: f.place.width] for f in found if f.code == "TPL602"]

    assert told == ["{{ document.name }}", "{{ header.x }}"]


BARE = [
    ("[{{\n  document.name\n}}]", 1, 2, "{{"),
    ("[\r\n{{ document.name |\r\n   upper }}]", 2, 1, "{{ document.name |"),
    ('{"a": "}}", "b": {{- document.name -}} }', 1, 18, "{{- document.name -}}"),
    ('{# {{ x }} #}{{ "}}" ~ document.name }}', 1, 14, '{{ "}}" ~ document.name }}'),
    ('{{ document.key | json }}{{ document.name if document.name\nelse "" }}', 1, 26,
     "{{ document.name if document.name"),
    ("{% raw %}{{ x }}{% endraw %}\u2028{{ header.x }}", 1, 30, "{{ header.x }}"),
    ('{% for line in lines %}\n  {{ "," if not loop.last }}{{ line.a }}{% endfor %}', 2, 29,
     "{{ line.a }}"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "line", "column", "under"), BARE, ids=range(len(BARE)))
def test_a_bare_output_is_shown_where_it_begins(
    text: str, line: int, column: int, under: str
) -> None:
    _, found = parse_template("t.json.j2", text, "json", SHAPE)
    (place,) = [f.place for f in found if f.code == "TPL602"]
    shown = re.split(r"\r?\n", text)[place.line - 1]

    assert (place.line, place.column) == (line, column)
    assert shown[place.column - 1 :][: place.width] == under


def test_a_bare_output_of_the_print_tag_is_shown_by_its_line() -> None:
    _, found = parse_template("t.json.j2", "[\n{% print document.name %}]", "json", SHAPE)

    assert [(f.code, f.place.line, f.place.column) for f in found] == [("TPL602", 2, 1)]
