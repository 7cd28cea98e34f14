"""A run that pulls first, because only pulls may bring something: where no answer is news, it merges and publishes
nothing, and loads nothing that does.

`idle_run` says whether the state, the config, the posts and the tree are as the last run left them.
"""

import time

from aggregator.app import App
from aggregator.one_shot.batch import Batch, RunOptions, start
from aggregator.one_shot.idle_run import NothingToDo, record_again
from aggregator.publish.time_changes import has_time_changes
from aggregator.pull.feeds import pull_sources
from aggregator.report import Progress, Report
from aggregator.threads import in_thread
from aggregator.worker_pool import WorkerPool


async def run(
    app: App,
    pool: WorkerPool,
    options: RunOptions,
    recorded: NothingToDo | None,
    *,
    progress: Progress = lambda _: None,
) -> Report:
    """`pipeline.run`, without the stages that would find nothing. `recorded`: by the last run; None where more may have
    to be done than to ask sources."""
    if recorded is None or options.only or options.fresh or not app.writes:
        return await _whole(app, pool, options, None, progress)
    batch = start(app)
    has_news = await pull_sources(app, pool, batch.at, batch.report, options.scope, progress=progress)
    if has_news or not await in_thread(lambda: _still_holds(app, batch, recorded)):
        return await _whole(app, pool, options, batch, progress)
    report = recorded.report()
    report.sources = batch.report.sources
    report.problems = batch.report.problems | report.problems
    report.sort_problems([source.id for source in app.sources])
    report.seconds = time.monotonic() - batch.started
    return report


async def _whole(app: App, pool: WorkerPool, options: RunOptions, pulled: Batch | None, progress: Progress) -> Report:
    from aggregator import pipeline

    return await pipeline.run(app, pool, options, pulled=pulled, progress=progress)


def _still_holds(app: App, batch: Batch, recorded: NothingToDo) -> bool:
    """Whether nothing else changed before the batch or during it; if so, that is recorded."""
    if batch.changes.revision != recorded.revision:
        return False
    with app.store.write() as tx:
        if not batch.changes.are_own(tx) or has_time_changes(tx, recorded.at, batch.at):
            return False
        record_again(tx, recorded, batch.at)
    return True
