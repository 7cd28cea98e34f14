"""The roles merge and publish: one job at a time, on whichever machines have them."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from functools import partial
from time import monotonic

from aggregator.app import App
from aggregator.config import Config
from aggregator.maintenance.past_pulls import delete_past_pulls
from aggregator.maintenance.prune import prune_daily
from aggregator.maintenance.repair import run_repairing
from aggregator.merge.held import seal_held_alone
from aggregator.pipeline import apply_changes, begin, merge
from aggregator.polling.rounds import Round, to_merge
from aggregator.publish.publish import publish
from aggregator.pull.posts import read_folders
from aggregator.pull.reading_list_sources import with_resolved_sources
from aggregator.pull.reading_lists import read_lists
from aggregator.report import Report
from aggregator.threads import in_thread
from aggregator.worker_pool import WorkerPool
from aggregator.workers.fence import FencedStore

TIDY_EVERY = 3600.0  # seconds


class Merging:
    """Merges rounds in their order, each once it is complete, and publishes what changed."""

    def __init__(self, app: App, pool: WorkerPool) -> None:
        self._app = app
        self._pool = pool
        self._adopted: Config | None = None
        self._tidied = -TIDY_EVERY

    def put_in_force(self, app: App) -> None:
        self._app, self._adopted = app, None

    async def merge(self, report: Report) -> None:
        """Reads posts, reading lists that are due and a new config; then merges the rounds that are complete."""
        app = await in_thread(partial(_fenced, self._app))
        at = await in_thread(partial(begin, app, alone=False))
        app = await self._prepare(app, report, at)
        await self._with_repair(app, report, lambda: in_thread(partial(_merge_rounds, app, report, at)))

    async def _prepare(self, app: App, report: Report, at: datetime) -> App:
        await self._with_repair(app, report, partial(read_lists, app, self._pool, at, report, ask=True))
        app = await in_thread(partial(with_resolved_sources, app))
        if self._adopted is None or (self._adopted is not app.config and self._adopted != app.config):
            await apply_changes(app, self._pool, report, at)
            self._adopted = app.config
        await self._with_repair(app, report, partial(read_folders, app, self._pool, at, report))
        await self._with_repair(app, report, lambda: in_thread(partial(seal_held_alone, app, report, at)))
        return app

    async def _with_repair(self, app: App, report: Report, work: Callable[[], Awaitable[object]]) -> None:
        await run_repairing(app, self._pool, report, work)

    async def publish(self, report: Report) -> None:
        """Publishes what was merged, as of the newest round."""
        app = await in_thread(partial(_fenced, self._app))
        at = await in_thread(partial(begin, app, alone=False))
        app = await in_thread(partial(with_resolved_sources, app))
        at = await in_thread(partial(_newest_merged, app, at))
        work = partial(publish, app, report, at, workers=self._pool.from_thread())
        await self._with_repair(app, report, lambda: in_thread(work))
        await in_thread(partial(self._tidy, app, at))

    def _tidy(self, app: App, published: datetime) -> None:
        prune_daily(app, published)
        with app.store.write() as tx:
            tx.rounds.forget_merged(published)
        if monotonic() - self._tidied >= TIDY_EVERY:
            self._tidied = monotonic()
            delete_past_pulls(app.store, lambda _: None)


def _fenced(app: App) -> App:
    return replace(app, store=FencedStore(app.store))


def _merge_rounds(app: App, report: Report, at: datetime) -> None:
    """Merges each complete round for itself, as if it had been alone, and then what came of posts."""
    with app.store.read() as tx:
        rounds = tx.rounds.unfinished()
        ready = to_merge(rounds, tx.workers.now())
    times = {one.at for one in rounds}
    for one in ready:
        _close(app, one)
        merge(app, report, one.at, unfinished=times - {one.at})
        times.discard(one.at)
        with app.store.write() as tx:
            tx.rounds.mark_merged(one.number, tx.workers.now())
    merge(app, report, at, unfinished=times)


def _close(app: App, one: Round) -> None:
    if one.waiting:
        with app.store.write() as tx:
            tx.rounds.close(one.number)


def _newest_merged(app: App, at: datetime) -> datetime:
    """The time of the newest round that was merged, `at` where there is none."""
    with app.store.read() as tx:
        return tx.rounds.newest_merged() or at
