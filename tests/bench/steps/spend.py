"""`FOLDER FILE`: one run in one process, for what each step costs; FILE gets ms of processor time for each entry."""

import asyncio
import json
import os
import sys
import time
from pathlib import Path

import aggregator.pipeline
from aggregator.app import App
from aggregator.config import load_config
from aggregator.gc_tuning import collect_cycles_rarely
from aggregator.one_shot.batch import RunOptions
from aggregator.store import Store
from tests.bench.budget import Budget
from tests.bench.planets import START
from tests.support.same_process import SameProcess


def main(folder: str, file: str) -> None:
    collect_cycles_rarely()
    os.cpu_count = lambda: 1  # so that no other process is started
    budget = Budget()
    budget.install()
    config = load_config(Path(folder) / "config.yaml")
    app = App(config, Store(config.root / config.state), lambda: START)
    app.store.open()
    began = time.process_time()
    report = asyncio.run(aggregator.pipeline.run(app, SameProcess(), RunOptions()))
    together = time.process_time() - began
    app.store.close()
    Path(file).write_text(json.dumps(budget.by_entry(report.entries.total, together)))


if __name__ == "__main__":
    main(*sys.argv[1:])
