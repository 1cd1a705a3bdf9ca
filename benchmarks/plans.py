"""The plan against its floor: decoding, judging and encoding, each measured alone.

- decode_rows_per_s: rows of `msdyn_actual` decoded exactly into typed records, one core
- plan_us_per_actual: from row files to report.json, everything included
- plan_vs_parts: the whole plan over the sum of decoding all rows, judging all vectors and
  encoding the report, each alone in the same run
- plan_5000_s: 5,000 actuals planned and reported
- memory_hit_rate: how often a decision was remembered
"""

from pathlib import Path
from time import perf_counter

import msgspec

from adapter.deciding.dossier import Assembler
from adapter.deciding.fold import Fold
from adapter.edge.book import shipped_bindings
from adapter.edge.workspace import read_workspace
from adapter.making.plan import fold_record, make_plan
from adapter.making.verdicts import Choice, Decider
from adapter.telling.report import report_parts
from benchmarks.company import make_company

ACTUALS = 20_000
ROUNDS = 3


def best(run, rounds: int = ROUNDS) -> float:  # type: ignore[no-untyped-def]
    """The shortest of a few runs, in seconds: noise only ever adds."""
    times = []
    for _ in range(rounds):
        start = perf_counter()
        run()
        times.append(perf_counter() - start)
    return min(times)


def company(folder: Path, actuals: int) -> Path:
    """A company of this size, made once per folder."""
    out = folder / f"company-{actuals}"
    if not out.exists():
        make_company(out, actuals, 2026)
        shipped = Path(__file__).parents[1] / "examples" / "contoso" / "adapter.toml"
        (out / "adapter.toml").write_bytes(shipped.read_bytes())
    return out


def decode_all(folder: Path) -> tuple[int, float]:
    """All rows of a company decoded exactly into typed records: rows and seconds."""
    bindings = {b.table: b for b in shipped_bindings()}
    rows, seconds = 0, 0.0
    for path in sorted(folder.rglob("*.jsonl")):
        lines = path.read_bytes().split(b"\n")[:-1]
        seconds += best(lambda b=bindings[path.stem], lines=lines: _decode(b, lines))
        rows += len(lines)
    return rows, seconds


def _decode(binding, lines: list[bytes]) -> None:  # type: ignore[no-untyped-def]
    decode, finish = binding.decoder.ways()[0]
    for line in lines:
        try:
            finish(decode(line))
        except (msgspec.DecodeError, ValueError):
            binding.decode(line)  # the other way of writing days


def run(folder: Path) -> dict[str, float]:
    """The figures of this module."""
    base = company(folder, ACTUALS)
    bindings = {b.table: b for b in shipped_bindings()}
    lines = (base / "records" / "contoso-us" / "msdyn_actual.jsonl").read_bytes().split(b"\n")[:-1]
    decode_rate = len(lines) / best(lambda: _decode(bindings["msdyn_actual"], lines), 5)
    _, decoding = decode_all(base)

    def whole() -> None:
        plan = make_plan(read_workspace(base, spooled=False))
        for _part in report_parts(plan):
            pass

    total = best(whole)
    workspace = read_workspace(base, spooled=False)
    plan = make_plan(workspace)
    count = sum(plan.tally.statuses.values())
    judging, hit_rate = judge_all(workspace)
    report = msgspec.json.decode(b"".join(report_parts(plan)))
    encoding = best(lambda: msgspec.json.encode(report))
    small = company(folder, 5_000)

    def five_thousand() -> None:
        plan = make_plan(read_workspace(small))
        for _part in report_parts(plan):
            pass

    return {
        "decode_rows_per_s": decode_rate,
        "plan_us_per_actual": total / count * 1e6,
        "plan_vs_parts": total / (decoding + judging + encoding),
        "part_decoding_us_per_actual": decoding / count * 1e6,
        "part_judging_us_per_actual": judging / count * 1e6,
        "part_encoding_us_per_actual": encoding / count * 1e6,
        "plan_5000_s": best(five_thousand),
        "memory_hit_rate": hit_rate,
    }


def judge_all(workspace) -> tuple[float, float]:  # type: ignore[no-untyped-def]
    """Seconds to judge every dossier of a company, records already joined; and the hit rate.

    Judging is from typed records to the verdict: facts, vector, decision with its second
    opinion, findings with their messages.
    """
    decider = Decider(workspace.rulebook, workspace.facts)
    assemblers = {
        name: Assembler(
            workspace.settings, workspace.settings.environments[name], env.records, env.finance
        )
        for name, env in workspace.environments.items()
    }
    fold = Fold()
    dossiers = []
    choices: dict[str | None, Choice] = {}
    for name, actual in workspace.actuals():
        dossier = assemblers[name].assemble(actual)
        if dossier.code not in choices:
            choices[dossier.code] = decider.choose(assemblers[name].company(dossier.code), fold)
            decider.vectors.forget()
        dossier.model = choices[dossier.code].model
        dossiers.append(dossier)
    judge = decider.judge
    start = perf_counter()
    for dossier in dossiers:
        decider.verdict(dossier, fold, choices[dossier.code])
        fold_record(dossier, fold)
    seconds = perf_counter() - start
    return seconds, judge.hits / (judge.hits + judge.misses)
