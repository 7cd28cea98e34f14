"""A run of which only the pulls may bring something: where no answer is news, nothing is merged or published, and what
does that is not even loaded.

`idle_run` says whether the state, the config, the posts and the tree are as the last run left them.
"""

import time

from aggregator.app import App
from aggregator.one_shot.batch import Batch, RunOptions, start
from aggregator.one_shot.idle_run import NothingToDo, record_again
from aggregator.publish.time_changes import time_changes
from aggregator.pull.feeds import pull_sources
from aggregator.report import Progress, Report
from aggregator.threads import in_thread
from aggregator.worker_pool import WorkerPool


async def run(
    app: App,
    pool: WorkerPool,
    options: RunOptions,
    settled: NothingToDo | None,
    *,
    progress: Progress = lambda _: None,
) -> Report:
    """`pipeline.run`, without the stages that would find nothing. `settled`: what the last run recorded, None where
    more may have to be done than to ask sources."""
    if settled is None or options.only or options.fresh or not app.writes:
        return await _whole(app, pool, options, None, progress)
    batch = start(app)
    has_news = await pull_sources(app, pool, batch.at, batch.report, options.scope, progress=progress)
    if has_news or not await in_thread(lambda: _still_holds(app, batch, settled)):
        return await _whole(app, pool, options, batch, progress)
    report = settled.report()
    report.sources = batch.report.sources
    report.problems = batch.report.problems | report.problems
    report.sort_problems([source.id for source in app.sources])
    report.seconds = time.monotonic() - batch.started
    return report


async def _whole(app: App, pool: WorkerPool, options: RunOptions, pulled: Batch | None, progress: Progress) -> Report:
    from aggregator import pipeline

    return await pipeline.run(app, pool, options, pulled=pulled, progress=progress)


def _still_holds(app: App, batch: Batch, settled: NothingToDo) -> bool:
    """Whether nothing else changed before the batch or during it; if so, that is recorded."""
    if batch.changes.revision != settled.revision:
        return False
    with app.store.write() as tx:
        if not batch.changes.are_own(tx) or time_changes(tx, settled.at, batch.at):
            return False
        record_again(tx, settled, batch.at)
    return True
