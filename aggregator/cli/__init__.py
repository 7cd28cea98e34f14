"""The command line: one module per group of commands."""

import atexit
import gc
import os

from aggregator.gc_tuning import collect_cycles_rarely


def main() -> None:
    """Runs the command line."""
    collect_cycles_rarely()
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")  # else it looks for some in every installed package
    atexit.register(gc.freeze)  # no collection at exit: the process frees its memory anyway
    from aggregator.cli.app import main as run

    run()
