"""The command line: one small module a group of commands."""

import atexit
import gc

from aggregator.gc_tuning import collect_cycles_rarely


def main() -> None:
    """Runs the command line."""
    collect_cycles_rarely()
    atexit.register(gc.freeze)  # nor at the end, when all of it goes anyway
    from aggregator.cli.app import main as run

    run()
