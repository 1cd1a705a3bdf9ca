"""The commands of sending; they are added to the command line of `cli.py`."""

from pathlib import Path
from typing import Annotated

import typer

from adapter.edge.cli import EXITS, HERE, Env, Folder, Plain, Standing, app

Because = Annotated[str, typer.Option(help="Why; it stands in the chain for ever.")]
Keys = Annotated[list[str], typer.Argument(help="Keys of rows, or the first letters of them.")]
In = Annotated[Path, typer.Option("--workspace", help="The workspace.")]
Companies = Annotated[list[str] | None, typer.Option(help="These companies only.")]
NOTHING_WAITS = "Exit codes: 0 nothing waits for a person, 1 something does, 2 could not work."
AS_SENT = "Exit codes: 0 all is known and as sent, 1 not all is, 2 could not work."
AGREE = "Exit codes: 0 both sides and the ledger agree, 1 they do not, 2 could not work."
DRAINS = (
    "Runs until Ctrl-C or SIGTERM, which ends what is in hand. Exit codes: 0 then, 2 could not"
    " work."
)
STOPS = "Runs until Ctrl-C or SIGTERM. Exit codes: 0 then, 2 could not work."
SENT = "Exit codes: 0 all of it was sent, 1 something waits or is parked, 2 could not work."


@app.command(epilog=SENT, cls=Standing)
def send(
    plan: Annotated[str, typer.Argument(help="The id of a plan, as `plan` prints it.")],
    workspace: In = HERE,
    env: Env = None,
    company: Companies = None,
    first: Annotated[
        int | None, typer.Option(min=1, help="The first N documents only: a canary.")
    ] = None,
    wait: Annotated[int, typer.Option(min=0, help="Longest wait for the other side, s.")] = 300,
) -> None:
    """Do exactly what a plan said. A plan that is stale is refused, and says what moved."""
    from adapter.edge.sending.send_command import SendRequest, run_send

    raise typer.Exit(run_send(SendRequest(
        plan=plan, folder=workspace, env=env, first=first, wait_seconds=wait,
        companies=frozenset(c.upper() for c in company or ()),
    )))  # fmt: skip


@app.command(epilog=NOTHING_WAITS, cls=Standing)
def status(
    folder: Folder = HERE, env: Env = None, format: Plain = "text",
    all: Annotated[bool, typer.Option(help="Each document that waits.")] = False,
) -> None:
    """Show what was sent, what is unknown, parked, paused or waiting, and for how long."""
    from adapter.edge.sending.status_command import run_status

    raise typer.Exit(run_status(folder, env, format, every=all))


@app.command(epilog=AS_SENT, cls=Standing)
def settle(
    folder: Folder = HERE,
    env: Env = None,
    again: Annotated[
        bool, typer.Option("--again", help="Read back what was settled before, too.")
    ] = False,
) -> None:
    """Ask by key for all that is unknown, read back what was sent. Sends nothing."""
    from adapter.edge.sending.settle_command import run_settle

    raise typer.Exit(run_settle(folder, env, again=again))


@app.command(epilog=SENT, cls=Standing)
def replay(keys: Keys, because: Because = "", workspace: In = HERE, env: Env = None) -> None:
    """Release parked rows and send them at once, each with the key it always had."""
    from adapter.edge.sending.operate_command import run_replay

    raise typer.Exit(run_replay(workspace, env, keys, because))


@app.command(epilog=EXITS, cls=Standing)
def park(keys: Keys, because: Because = "", workspace: In = HERE, env: Env = None) -> None:
    """Hold rows back, with a reason."""
    from adapter.edge.sending.operate_command import run_mark

    raise typer.Exit(run_mark(workspace, env, "park", keys, because))


@app.command(epilog=EXITS, cls=Standing)
def release(keys: Keys, because: Because = "", workspace: In = HERE, env: Env = None) -> None:
    """Let parked rows go on; `run` or `send` takes them along."""
    from adapter.edge.sending.operate_command import run_mark

    raise typer.Exit(run_mark(workspace, env, "release", keys, because))


@app.command(epilog=EXITS, cls=Standing)
def withdraw(keys: Keys, because: Because = "", workspace: In = HERE, env: Env = None) -> None:
    """Take rows back that certainly had no effect; the next plan makes them anew."""
    from adapter.edge.sending.operate_command import run_mark

    raise typer.Exit(run_mark(workspace, env, "withdraw", keys, because))


@app.command(epilog=EXITS, cls=Standing)
def accept(keys: Keys, because: Because = "", workspace: In = HERE, env: Env = None) -> None:
    """Take rows as they are there now, after a person changed or deleted them on purpose."""
    from adapter.edge.sending.operate_command import run_accept

    raise typer.Exit(run_accept(workspace, env, keys, because))


Scope = Annotated[str, typer.Argument(help="A company, or `all`.")]


@app.command(epilog=EXITS, cls=Standing)
def pause(scope: Scope = "all", because: Because = "", workspace: In = HERE,
          env: Env = None) -> None:  # fmt: skip
    """Send nothing more, for a company or for all: the kill switch."""
    from adapter.edge.sending.operate_command import run_pause

    raise typer.Exit(run_pause(workspace, env, "pause", scope, because))


@app.command(epilog=EXITS, cls=Standing)
def resume(scope: Scope = "all", because: Because = "", workspace: In = HERE,
           env: Env = None) -> None:  # fmt: skip
    """Send again."""
    from adapter.edge.sending.operate_command import run_pause

    raise typer.Exit(run_pause(workspace, env, "resume", scope, because))


@app.command(epilog=AGREE, cls=Standing)
def reconcile(
    folder: Folder = HERE, env: Env = None, company: Companies = None, format: Plain = "text",
    all: Annotated[bool, typer.Option(help="Each day of each sum, and each odd row.")] = False,
) -> None:
    """Compare both sides with the ledger, in rows and in money, in five buckets."""
    from adapter.edge.sending.reconcile_command import run_reconcile

    raise typer.Exit(run_reconcile(folder, env, format,
                                   frozenset(c.upper() for c in company or ()),
                                   every=all))  # fmt: skip


@app.command(epilog=EXITS, cls=Standing)
def ledger(
    what: Annotated[
        str, typer.Argument(help="verify, back-up, restore, accept, distrust, retain or upgrade.")
    ],
    given: Annotated[str, typer.Argument(help="A file, or the date before which to retain.")] = "",
    because: Because = "",
    workspace: In = HERE,
    env: Env = None,
) -> None:
    """Look after the ledger: its chain, its back-ups, its age."""
    from adapter.edge.sending.keep_command import run_keep

    raise typer.Exit(run_keep(workspace, env, what, given, because))


@app.command(epilog=DRAINS, cls=Standing)
def run(folder: Folder = HERE, env: Env = None) -> None:
    """Work in the background: pull, plan, send what was entered, ask for what is unknown."""
    from adapter.edge.sending.run_command import run_forever

    raise typer.Exit(run_forever(folder, env))


@app.command(epilog=EXITS, cls=Standing)
def pull(folder: Folder = HERE, env: Env = None) -> None:
    """Read changed rows from Dataverse into the workspace's records."""
    from adapter.edge.sending.pull_command import run_pull

    raise typer.Exit(run_pull(folder, env))


@app.command(epilog=STOPS, cls=Standing)
def twin(
    folder: Folder = HERE,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Of the first environment; 0: any.")
    ] = 8720,
    seed: Annotated[int, typer.Option(help="Seed of the faults.")] = 0,
    faults: Annotated[str, typer.Option(help="A rate for all faults, such as 0.02.")] = "0",
    keys: Annotated[bool, typer.Option(help="Finance refuses a second row with a key.")] = True,
    late: Annotated[int, typer.Option(min=0, help="Longest late commit, s.")] = 2,
    script: Annotated[
        Path | None, typer.Option(help="Faults at chosen requests: a TOML file.")
    ] = None,
) -> None:
    """Run both systems of each environment on this machine, loaded from the records."""
    from adapter.edge.twin.twin_command import run_twin

    raise typer.Exit(run_twin(folder, port, seed, faults, keys, late, script))
