"""Where the program begins: signals are understood before anything heavy is imported."""

import sys

from adapter.edge.stopping import Stopped, interruptible, stopped_code


def main() -> None:
    """Run the command of the command line."""
    try:
        with interruptible():
            from adapter.edge.cli import main as commands

            commands()
    except Stopped as error:
        sys.exit(stopped_code(error, sys.argv[1:]))


if __name__ == "__main__":
    main()
