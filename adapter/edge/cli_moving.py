"""The commands of moving between deployment models; they are added to those of `cli.py`."""

from datetime import datetime
from typing import Annotated

import typer

from adapter.edge.cli import HERE, Color, Env, Plain, Standing, Workspace, app

MOVED = "Exit codes: 0 nothing in the way, 1 something must be closed first, 2 could not work."
move = typer.Typer(no_args_is_help=True)
app.add_typer(move, name="move")


@move.callback(epilog=MOVED)
def _group() -> None:
    """Move a company between deployment models."""


@move.command(epilog=MOVED, cls=Standing)
def plan(
    company: Annotated[str, typer.Option(help="The legal entity that moves.")],
    source: Annotated[str, typer.Option("--from", help="core, integrated or legacy.")],
    target: Annotated[str, typer.Option("--to", help="integrated or core.")],
    workspace: Workspace = HERE,
    env: Env = None,
    as_of: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="The day it is looked at (default as of `plan`)."),
    ] = None,
    cut_over: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="First transaction day of the new model."),
    ] = None,
    format: Plain = "text",
    color: Color = "auto",
) -> None:
    """List what is in flight, who closes it, what changes, the fence and the proof."""
    from adapter.edge.move_command import MoveRequest, run_move_plan

    raise typer.Exit(run_move_plan(MoveRequest(
        company=company, source=source, target=target, folder=workspace, env=env,
        as_of=as_of.date() if as_of else None, cut_over=cut_over.date() if cut_over else None,
        format=format, color=color,
    )))  # fmt: skip
