"""Spoiled workspaces through whole commands: findings or one line, never a traceback."""

import random
from collections.abc import Callable
from pathlib import Path
from shutil import rmtree

import pytest

from tests.commands import copied, ran, small_company

MUTATIONS = 200
BATCHES = 20
SEED = 20261121

ODD_VALUES = [
    b"NaN", b"-Infinity", b"1" + b"0" * 30, b"1e999999", b"123456789012345678.12", b"null",
    b'""', b"[]", b"{}", b"true", b'"\\u0000\\u202e"', b'"' + b"x" * 5_000_000 + b'"',
    b"[" * 2_000, b'"\\ud800"', b"-0.0", b'"0001-01-01T00:00:00Z"', b'"9999-12-31T23:59:59Z"',
]  # fmt: skip
ODD_SETTINGS = [
    "as_of = 0001-01-01", "as_of = 9999-12-31", "as_of = 5", 'name = ["x"]', "environments = 3",
    "[environments]", '[companies.USMF]\nenvironment = "nowhere"', "[companies]\nUSMF = 1",
    '[companies.USMF]\nenvironment = "contoso-us"\ntime_zone = "Mars/Olympus"',
    '[companies.USMF]\nenvironment = "contoso-us"\nlines_per_header = 0',
    '[companies.USMF]\nenvironment = "contoso-us"\nlines_per_header = -5',
    '[companies.USMF]\nenvironment = "contoso-us"\nperiod_unit = "fortnights"',
    '[settings]\nunknown = true', "[settings]\nperiod_unit = 7", "[rules]\nREQ394 = 1",
    "[rules]\nREQ394 = { enabled = false }", '[rules]\nABC999 = { level = "warning" }',
    '[rules]\nREQ394 = { enabled = false, because = "x", expires = 2020-01-01 }',
    '[environments.contoso-us]\nrecords = "../../../../etc"',
    '[environments.contoso-us]\nrecords = ["records/contoso-us", "records/contoso-us"]',
    '[environments.contoso-us]\nrecords = "records/contoso-us"\nfield_service = "eight"',
    "[rounding]\nUSD = { decimals = 99 }", "x" * 100_000, "a.b.c.d.e = 1", "\x00", "[[name]]",
]  # fmt: skip
HEAD = 'policy = "all"\nabout = "actual"\nasks = "require"\n'
TAIL = '\nlevel = "error"\nmessage = "m"\nhelp = "h"\nowner = "o"\nsource = "s"\ntag = "inferred"\n'
ODD_RULES = [
    "", "x = [", HEAD, HEAD + "rule = 3", HEAD + "[[rule]]\nid = 4",
    *(HEAD + f'[[rule]]\nid = "OWN101"\nname = "n"\nwhen = [{when}]{TAIL}' for when in (
        '"actual.quantty > 1"', '"actual.quantity > \'x\'"', '"__import__(\'os\')"', "1, 2",
        '"' + "not " * 500 + 'actual.skip_sync"', '"' + "(" * 300 + '"',
        '"actual.quantity > 1e400"',
        '"actual.quantity > 1", "actual.quantity < 1"', '"\\u0000"', '""',
        '"actual.amount == actual.amount"', '"project.number in []"',
    )),
    HEAD + f'[[rule]]\nid = "REQ394"\nname = "n"\nwhen = ["actual.skip_sync"]{TAIL}',
    HEAD + '[[rule]]\nid = "REQ394"\nname = "n"\nreplaces = true\n'
    + f'when = ["actual.skip_sync"]{TAIL}',
    HEAD + '[[rule]]\nid = "OWN101"\nname = "n"\nwhen = ["actual.skip_sync"]'
    + TAIL.replace('"m"', '"{0} {actual.nothing} {"'),
    HEAD.replace("require", "conclude")
    + '[concludes]\n"a.b" = { values = ["x", "y"], default = "x" }\n'
    '"a.c" = { values = ["x", "y"], default = "x" }\n'
    + "".join(
        f'[[rule]]\nid = "OWN10{n}"\nname = "n"\nwhen = ["{one} == \'y\'"]\n'
        f'conclude = {{ "{two}" = "y" }}\nsource = "s"\ntag = "inferred"\n'
        for n, one, two in ((1, "a.b", "a.c"), (2, "a.c", "a.b"))
    ),
]  # fmt: skip
ODD_CASES = [
    "", "case = 1", "[[case]]", '[[case]]\nname = "n"\nfind = 3', "[start]\nhappy = 1",
    '[[case]]\nname = "n"\nfind = ["REQ000"]', '[[case]]\nname = "n"\nstart = ["x"]\nfind = []',
    '[[case]]\nname = "n"\ngiven = { "actual.quantity" = "x" }\nfind = []',
    '[[case]]\nname = "n"\ngiven = { actual = { quantity = nan } }\nfind = []',
    '[[case]]\nname = "n"\nroute = { sideways = "RTE401" }', 'base = "core"', "base = 7",
    'base = "core"\n[[case]]\nname = "n"\n[case.records]\nactual = [{ id = 3 }]',
    '[[case]]\nname = "n"\nconclude = { "item.kind" = [1] }', '[[case]]\nname = 5\nchoose = 6',
]  # fmt: skip

Mutation = Callable[[random.Random, Path], None]


def any_file(rng: random.Random, folder: Path, pattern: str = "records/**/*.*") -> Path:
    # actuals are spoiled more often: everything hangs on them
    files = sorted(p for p in folder.glob(pattern) if p.is_file())
    actuals = [p for p in files if p.stem == "msdyn_actual"]
    return rng.choice(actuals if actuals and rng.random() < 0.4 else files)


def spoil_bytes(rng: random.Random, folder: Path) -> None:
    path = any_file(rng, folder)
    body = bytearray(path.read_bytes())
    for _ in range(rng.randint(1, 20)):
        at = rng.randrange(len(body) or 1)
        body[at : at + rng.randint(0, 3)] = rng.randbytes(rng.randint(0, 3))
    path.write_bytes(body)


def cut(rng: random.Random, folder: Path) -> None:
    path = any_file(rng, folder)
    body = path.read_bytes()
    path.write_bytes(body[: rng.randrange(len(body) or 1)])


def odd_value(rng: random.Random, folder: Path) -> None:
    path = any_file(rng, folder)
    lines = path.read_bytes().splitlines()
    at = rng.randrange(len(lines))
    parts = lines[at].split(b",")
    one = rng.randrange(len(parts))
    key, colon, _ = parts[one].rpartition(b":")
    parts[one] = key + colon + rng.choice(ODD_VALUES)
    if rng.random() < 0.2:
        parts.append(parts[0].rstrip(b"}"))  # a key twice
    lines[at] = b",".join(parts)
    path.write_bytes(b"\n".join(lines))


def lose(rng: random.Random, folder: Path) -> None:
    path = any_file(rng, folder)
    path.unlink()
    if rng.random() < 0.3:
        path.mkdir()
    if rng.random() < 0.2:
        rmtree(path.parent)


def other_kind(rng: random.Random, folder: Path) -> None:
    path = any_file(rng, folder)
    body = path.read_bytes()
    path.unlink()
    ending = rng.choice([".csv", ".xlsx", ".json"])
    text = b'a;b\n"' + body[:300] if ending == ".csv" and rng.random() < 0.5 else body
    path.with_suffix(ending).write_bytes(text)


def settings(rng: random.Random, folder: Path) -> None:
    path = folder / "adapter.toml"
    text = path.read_text("utf-8")
    odd = rng.choice(ODD_SETTINGS)
    if rng.random() < 0.5 and "\n" not in odd:
        path.write_text(f"{odd}\n{text}", "utf-8")
    elif rng.random() < 0.5:
        name = odd.partition("\n")[0]
        kept = text.split(name)[0] if name in text else text
        path.write_text(f"{kept}\n{odd}\n", "utf-8")
    else:
        at = rng.randrange(len(text))
        path.write_text(
            text[:at] + rng.choice(["]", '"', "=", "\x07", ""]) + text[at + 3 :], "utf-8"
        )


def own_file(name: str, texts: list[str]) -> Mutation:
    def write(rng: random.Random, folder: Path) -> None:
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        text = rng.choice(texts)
        body = text.encode() if rng.random() < 0.9 else b"\xff\xfe" + text.encode("utf-16")
        path.write_bytes(body)

    return write


def own_mapping(rng: random.Random, folder: Path) -> None:
    shipped = Path(__file__).parents[1] / "mappings"
    source = rng.choice(sorted(p for p in shipped.glob("[ft]*/*.toml")))
    path = folder / "mappings" / source.relative_to(shipped)
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = source.read_text("utf-8").splitlines()
    at = rng.randrange(len(lines))
    lines[at] = lines[at].replace(rng.choice("abcde="), rng.choice(["", "x", '"', "=", "[0]"]))
    if rng.random() < 0.3:
        del lines[at : at + rng.randint(1, 5)]
    path.write_text("\n".join(lines), "utf-8")


def own_template(rng: random.Random, folder: Path) -> None:
    name = rng.choice(["integration-journal.json.j2", "proforma.json.j2", "proforma.html.j2"])
    path = folder / "templates" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(
        rng.choice(["", "{{", "{{ x }}", "[[[", "{% for a in lines %}{{ a }}{% endfor %}", "{}"
                    '{"a": {{ document.key | json }}', "{% include 'x' %}", "{{ 1/0 | json }}",
                    "{{ range(10**9) | json }}"]), "utf-8")  # fmt: skip


def sent(rng: random.Random, folder: Path) -> None:
    (folder / "sent.jsonl").write_bytes(
        rng.choice([b"{", b'{"key": 1}', b'{"key": "a", "digest": "b", "on": "soon"}', b"\xff",
                    b'{"key": "a", "digest": "b"}\n' * 3, b"[]\n\n\x00"]))  # fmt: skip


def metadata(rng: random.Random, folder: Path) -> None:
    (folder / "schema").mkdir(exist_ok=True)
    (folder / "schema" / "x.xml").write_bytes(
        rng.choice([b"", b"<a", b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", b"\x00", b"<a/>"])
    )


MUTATORS: list[tuple[int, Mutation]] = [
    (4, spoil_bytes), (2, cut), (5, odd_value), (2, lose), (2, other_kind), (3, settings),
    (3, own_file("rules/own.toml", ODD_RULES)), (2, own_file("cases/own.toml", ODD_CASES)),
    (2, own_mapping), (1, own_template), (1, sent), (1, metadata),
]  # fmt: skip
COMMANDS = [
    ["plan"], ["plan"], ["plan", "--format", "json"], ["plan", "--all"],
    ["plan", "--format", "azure"],
    ["check"], ["check", "--format", "json"], ["check", "--all"], ["test"], ["plan", "--names"],
    ["facts", "actual", "--workspace"], ["rules", "REQ3", "--workspace"],
    ["explain", "WO-US000001", "--workspace"], ["explain", "REQ394", "--workspace"],
]  # fmt: skip


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_company(tmp_path_factory.mktemp("clean") / "small", 15)


@pytest.mark.parametrize("batch", range(BATCHES))
def test_a_spoiled_workspace_gives_findings_or_one_line(
    batch: int, clean: Path, tmp_path: Path
) -> None:
    for number in range(batch * MUTATIONS // BATCHES, (batch + 1) * MUTATIONS // BATCHES):
        rng = random.Random(SEED + number)
        folder = copied(clean, tmp_path / str(number))
        mutators = [m for weight, m in MUTATORS for _ in range(weight)]
        done = []
        for _ in range(rng.randint(1, 3)):
            mutator = rng.choice(mutators)
            done.append(mutator.__name__)
            if any(folder.glob("records/**/*.*")):
                mutator(rng, folder)
        command = rng.choice(COMMANDS)
        ended = ran([*command, folder])
        rmtree(folder)

        told = f"seed {SEED + number}, {command}, {done}: {ended.err[:2000]}"
        assert ended.code in (0, 1, 2), told
        assert "Traceback" not in ended.out + ended.err, told
        assert "could not work" not in ended.err, told
        assert bool(ended.err) == (ended.code == 2), told
        assert ended.out or ended.code == 2, told
