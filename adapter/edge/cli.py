"""The command line: `fieldledger` (or `python -m adapter.edge.cli`).

Exit codes of every command: 0 nothing wrong, 1 findings of level error (or held actuals),
2 the adapter itself could not work. Each command imports what it needs when it runs, so
that help is quick.
"""

import sys
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from adapter.edge.stopping import Stopped, interruptible, stopped_code
from adapter.edge.streams import forget_output, ready_streams

app = typer.Typer(
    help="One financial story for every work order: explained plans between field service"
    " and finance.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

class Standing(TyperCommand):
    """A command that notes the workspace and environment it was given, for hints."""

    def invoke(self, ctx: Any) -> Any:
        from adapter.edge.hints import stand

        given = ctx.params
        stand(given.get("workspace") or given.get("folder"), given.get("env"))
        return super().invoke(ctx)


HERE = Path()
CLOSED_PIPE = 141  # as shells say it: 128 and SIGPIPE
EXITS = "Exit codes: 0 nothing wrong, 1 findings of level error, 2 could not work."
Folder = Annotated[Path, typer.Argument(help="The workspace (default: the current folder).")]
Env = Annotated[str | None, typer.Option(help="Lay adapter.<env>.toml upon adapter.toml.")]
Format = Annotated[str, typer.Option("--format", help="text, json, github or azure.")]
Plain = Annotated[str, typer.Option("--format", help="text or json.")]
Workspace = Annotated[Path, typer.Option(help="The workspace.")]
Color = Annotated[str, typer.Option(help="auto, always or never.")]


@app.command(epilog=EXITS)
def init(
    folder: Annotated[Path, typer.Argument(help="A folder that is empty or not there yet.")],
    sample: Annotated[bool, typer.Option(help="With the sample company Contoso.")] = False,
) -> None:
    """Make a workspace that passes check, test and plan unchanged."""
    from adapter.edge.hints import hinted, stand
    from adapter.edge.init_command import make_workspace

    stand(None, None)
    typer.echo(hinted(make_workspace(folder, sample)))


@app.command(epilog=EXITS, cls=Standing)
def check(
    folder: Folder = HERE,
    env: Env = None,
    format: Format = "text",
    color: Color = "auto",
    all: Annotated[bool, typer.Option(help="Show notes and unverified names too.")] = False,
    live: Annotated[
        bool, typer.Option("--live", help="First read each environment's own $metadata.")
    ] = False,
) -> None:
    """Judge the files that decide; outside a workspace, the shipped ones."""
    from adapter.edge.check_command import run_check

    raise typer.Exit(run_check(folder, env, format, color, all, live=live))


@app.command(epilog=EXITS, cls=Standing)
def test(
    folder: Folder = HERE,
    env: Env = None,
    format: Format = "text",
    color: Color = "auto",
) -> None:
    """Run the cases that say what the rules promise."""
    from adapter.edge.test_command import run_test

    raise typer.Exit(run_test(folder, env, format, color))


@app.command(epilog=EXITS, cls=Standing)
def plan(
    folder: Annotated[
        str, typer.Argument(help="The workspace; `-` reads rows from standard input.")
    ] = ".",
    workspace: Annotated[
        Path | None, typer.Option(help="The workspace when rows come from standard input.")
    ] = None,
    env: Env = None,
    as_of: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Cut-off (default: the workspace's, else today)."),
    ] = None,
    first: Annotated[
        datetime | None,
        typer.Option("--from", formats=["%Y-%m-%d"], help="First transaction day."),
    ] = None,
    last: Annotated[
        datetime | None,
        typer.Option("--to", formats=["%Y-%m-%d"], help="Last transaction day."),
    ] = None,
    format: Format = "text",
    html: Annotated[Path | None, typer.Option(help="Write the report as one HTML file.")] = None,
    json: Annotated[Path | None, typer.Option(help="Write report.json.")] = None,
    csv: Annotated[Path | None, typer.Option(help="Write one row per actual as CSV.")] = None,
    xlsx: Annotated[Path | None, typer.Option(help="Write the tables as a workbook.")] = None,
    proformas: Annotated[
        Path | None, typer.Option(help="Write each new proforma as a printable page there.")
    ] = None,
    stories: Annotated[
        Path | None,
        typer.Option(help="Write the stories of work orders, contracts, proformas there."),
    ] = None,
    against: Annotated[
        Path | None, typer.Option(help="An older report.json: say what moved.")
    ] = None,
    company: Annotated[list[str] | None, typer.Option(help="Show these companies only.")] = None,
    code: Annotated[list[str] | None, typer.Option(help="Show these codes only.")] = None,
    only: Annotated[
        list[str] | None,
        typer.Option(help="Show written, unchanged, left, held or different only."),
    ] = None,
    all: Annotated[bool, typer.Option(help="Show every line; nothing is cut.")] = False,
    names: Annotated[bool, typer.Option(help="Show names of persons instead of initials.")] = False,
    color: Color = "auto",
) -> None:
    """Show what would be written, left and held, and why. Writes nothing."""
    from adapter.edge.plan_command import PlanRequest, run_plan

    request = PlanRequest(
        folder=folder, workspace=workspace, env=env, format=format, html=html, json=json, csv=csv,
        xlsx=xlsx, proformas=proformas, stories=stories, against=against, names=names,
        color=color, whole=all,
        as_of=as_of.date() if as_of else None, first=first.date() if first else None,
        last=last.date() if last else None, companies=frozenset(company or ()),
        codes=frozenset(code or ()), only=frozenset(only or ()),
    )  # fmt: skip
    raise typer.Exit(run_plan(request))


@app.command(epilog=EXITS, cls=Standing)
def explain(
    what: Annotated[
        str,
        typer.Argument(help="An actual, work order, line, contract line, milestone, document (id or"
                       " name), code or event."),
    ],
    workspace: Workspace = HERE,
    env: Env = None,
    format: Plain = "text",
    as_case: Annotated[bool, typer.Option(help="Print the record as a case file.")] = False,
    names: Annotated[bool, typer.Option(help="Show names of persons instead of initials.")] = False,
    color: Color = "auto",
) -> None:
    """Explain one thing: which rule, which values, what nearly fired, how to fix it."""
    from adapter.edge.explain_command import run_explain

    raise typer.Exit(run_explain(what, workspace, env, format, as_case, names, color))


@app.command(epilog=EXITS, cls=Standing)
def story(
    what: Annotated[
        str,
        typer.Argument(help="A work order, project, contract, agreement, invoice or voucher."),
    ],
    workspace: Workspace = HERE,
    env: Env = None,
    kind: Annotated[
        str | None,
        typer.Option(help="work-order, project, contract, agreement, invoice or voucher."),
    ] = None,
    company: Annotated[str | None, typer.Option(help="Of this company, of several.")] = None,
    as_of: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Up to this day (default: as plan's)."),
    ] = None,
    format: Annotated[str, typer.Option("--format", help="text, json or html.")] = "text",
    plan: Annotated[
        Path | None,
        typer.Option(help="A report.json whose verdicts are told (default: out/report.json)."),
    ] = None,
    all: Annotated[
        bool, typer.Option(help="Tell every moment, ungrouped; compare every line, however many.")
    ] = False,
    color: Color = "auto",
) -> None:
    """Tell the financial story of one thing, from estimate to voucher."""
    from adapter.edge.story_command import StoryRequest, run_story

    raise typer.Exit(run_story(StoryRequest(
        what=what, workspace=workspace, env=env, kind=kind, format=format, plan=plan, whole=all,
        as_of=as_of.date() if as_of else None, color=color, company=company,
    )))  # fmt: skip


@app.command(epilog=EXITS, cls=Standing)
def facts(
    prefix: Annotated[str, typer.Argument(help="Beginning of the names, such as work_order.")] = "",
    workspace: Workspace = HERE,
    env: Env = None,
    format: Plain = "text",
    color: Color = "auto",
) -> None:
    """List the facts that rules and mappings may use."""
    from adapter.edge.list_command import list_facts

    raise typer.Exit(list_facts(prefix, workspace, env, format, color))


@app.command(epilog=EXITS, cls=Standing)
def rules(
    code: Annotated[str, typer.Argument(help="One id, or the beginning of ids.")] = "",
    workspace: Workspace = HERE,
    env: Env = None,
    format: Plain = "text",
    color: Color = "auto",
) -> None:
    """List the rules in force: id, kind, level, tag, since, source, what was changed."""
    from adapter.edge.list_command import list_rules

    raise typer.Exit(list_rules(code, workspace, env, format, color))


@app.command(epilog=EXITS, cls=Standing)
def schema(
    folder: Folder = HERE,
    env: Env = None,
    out: Annotated[Path | None, typer.Option(help="Where to (default: FOLDER/.schema).")] = None,
) -> None:
    """Write JSON Schemas, so that an editor completes keys, facts, codes and targets."""
    from adapter.edge.schema_command import write_schemas

    typer.echo(write_schemas(folder, env, out or folder / ".schema"))


def main(arguments: list[str] | None = None) -> None:
    """Run a command; whatever goes wrong is one line on standard error."""
    said = sys.argv[1:] if arguments is None else arguments
    ready_streams()
    try:
        with interruptible():
            code = _ended(said)
            sys.stdout.flush()
    except Stopped as error:
        code = stopped_code(error, said)
    except BrokenPipeError:
        code = CLOSED_PIPE
        forget_output()
    except Exception as error:  # the last resort: nobody should read a traceback
        from adapter.edge.failure import told
        from adapter.edge.hints import WIDE, hinted

        code = 2
        if isinstance(error, OSError):  # such as a full disk: it would only fail again
            forget_output()
        with suppress(OSError):
            typer.echo(hinted(told(error), WIDE), err=True)
    sys.exit(code)


def _ended(said: list[str]) -> int:
    """The exit code of a command. Raises what it raises; faulty words are told here."""
    import adapter.edge.cli_moving
    import adapter.edge.cli_sending  # noqa: F401  both add their commands

    try:
        code = app(said, prog_name="fieldledger", standalone_mode=False)
    except typer.Abort:
        return 2
    except SystemExit as end:  # typer's own answer to a closed pipe
        if isinstance(end.__context__, BrokenPipeError):
            raise end.__context__ from None
        raise
    except Exception as error:
        show = getattr(error, "show", None)  # a fault of usage shows itself
        if show is None:
            raise
        show()
        return int(getattr(error, "exit_code", 2))
    return code if isinstance(code, int) else 0


if __name__ == "__main__":
    from adapter.edge.start import main as own  # this file is a second copy under another name

    own()
