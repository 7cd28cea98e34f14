"""The command line: one small module a group of commands."""

import atexit
import gc


def collect_seldom() -> None:
    """Nearly all that we make is freed by reference counting; looking for cycles in it, and in what is only being
    imported, cost a tenth of a run."""
    gc.set_threshold(200_000, 50, 100)


def main() -> None:
    """Runs the command line."""
    collect_seldom()
    atexit.register(gc.freeze)  # nor at the end, when all of it goes anyway
    from aggregator.cli.app import main as run

    run()
