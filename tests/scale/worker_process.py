"""A worker of the tests: `python -m tests.scale.worker_process FOLDER ROLES`, in less time than a real one takes."""

import sys
from pathlib import Path


def main(folder: str, roles: str) -> None:
    """Imports here, because the processes that read documents load this module, too."""
    from datetime import timedelta

    from aggregator.app import App
    from aggregator.config import load_config
    from aggregator.daemon.log import Log, write_to_stderr
    from aggregator.store import Store
    from aggregator.web import run
    from aggregator.workers.timing import Timing, parse_roles
    from aggregator.workers.worker import work
    from tests.support.planet import NOON

    timing = Timing(
        tick=timedelta(seconds=1),
        round_lasts=None,
        lease=timedelta(seconds=5),
        budget=timedelta(seconds=20),
        heartbeat=timedelta(seconds=0.5),
        stalled=timedelta(seconds=2),
    )
    config = load_config(Path(folder) / "config.yaml")
    store, log = Store(config.state_at), Log()
    write_to_stderr(log, verbose=False, quiet=True)
    with store.shared(wait=True):
        store.open()
        run(work(App(config, store, lambda: NOON), parse_roles(roles), log, timing=timing, clock=lambda: NOON))


if __name__ == "__main__":
    main(*sys.argv[1:])
