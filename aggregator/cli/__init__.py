"""The command line: one module per group of commands."""

import atexit
import gc

from aggregator.gc_tuning import collect_cycles_rarely


def main() -> None:
    """Runs the command line."""
    collect_cycles_rarely()
    atexit.register(gc.freeze)  # no collection at exit: the process frees its memory anyway
    from aggregator.cli.app import main as run

    run()
