"""The roles merge and publish: one job at a time, on whichever machines have them."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from functools import partial
from time import monotonic

from aggregator.app import App
from aggregator.config import Config
from aggregator.maintenance.past_pulls import delete_past_pulls
from aggregator.maintenance.prune import prune_daily
from aggregator.maintenance.repaired_run import run_repairing
from aggregator.merge.held import seal_held_alone
from aggregator.one_shot.batch import begin
from aggregator.pipeline import apply_changes, merge
from aggregator.polling.rounds import Round, to_merge
from aggregator.publish.publish import publish
from aggregator.publish.withdrawals import are_ended
from aggregator.pull.posts import read_folders
from aggregator.pull.reading_list_sources import with_resolved_sources
from aggregator.pull.reading_lists import read_lists
from aggregator.report import Report
from aggregator.store.fact_names import TREE_SHOWS
from aggregator.threads import in_thread
from aggregator.websub.pings import ping_hub
from aggregator.worker_pool import WorkerPool
from aggregator.workers.fence import FencedStore
from aggregator.workers.timing import Timing

TIDY_EVERY = 3600.0  # seconds


class Merging:
    """Merges rounds in their order, each once it is complete, and publishes what changed."""

    def __init__(self, app: App, pool: WorkerPool, timing: Timing, worker: str) -> None:
        self._app = app
        self._pool = pool
        self._lasts = timing.lease
        self._worker = worker
        self._adopted: Config | None = None
        self._tidied = -TIDY_EVERY

    def put_in_force(self, app: App) -> None:
        self._app, self._adopted = app, None

    async def merge(self, report: Report) -> bool:
        """Reads posts, reading lists that are due and a new config; then merges the rounds that are complete. Returns
        whether the tree is behind."""
        async with self._turn() as own:
            at = await in_thread(partial(begin, own, alone=False))
            app = await self._prepare(own, report, at)
            await self._with_repair(app, report, lambda: in_thread(partial(_merge_rounds, app, report, at)))
            return await in_thread(partial(_is_behind, app, report, at))

    async def _prepare(self, app: App, report: Report, at: datetime) -> App:
        await self._with_repair(app, report, partial(read_lists, app, self._pool, at, report, ask=True))
        app = await in_thread(partial(with_resolved_sources, app))
        if self._adopted is not app.config and self._adopted != app.config:
            await apply_changes(app, self._pool, report, at)
            await in_thread(partial(_set_behind, app))
            self._adopted = app.config
        await self._with_repair(app, report, partial(read_folders, app, self._pool, at, report))
        await self._with_repair(app, report, lambda: in_thread(partial(seal_held_alone, app, report, at)))
        return app

    async def _with_repair(self, app: App, report: Report, work: Callable[[], Awaitable[object]]) -> None:
        await run_repairing(app, self._pool, report, work)

    async def publish(self, report: Report) -> None:
        """Publishes what was merged, as of the newest round, and tells the hub of it."""
        async with self._turn() as own:
            at = await in_thread(partial(begin, own, alone=False))
            app = await in_thread(partial(with_resolved_sources, own))
            at, overrides = await in_thread(partial(_newest_merged, app, at))
            work = partial(publish, app, report, at, workers=self._pool.from_thread())
            await self._with_repair(app, report, lambda: in_thread(work))
            await in_thread(partial(self._end, app, at, overrides))
        report.add_problems(await ping_hub(self._app))

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[App]:
        """The app with a store that only this job writes. Raises LockedError where another one has the turn."""
        store = await in_thread(partial(FencedStore, self._app.store, self._worker, self._lasts))
        async with store.held():
            yield replace(self._app, store=store)

    def _end(self, app: App, published: datetime, overrides: int) -> None:
        prune_daily(app, published)
        with app.store.write() as tx:
            tx.rounds.forget_merged(published)
            tx.facts.set(TREE_SHOWS, str(overrides))
        if monotonic() - self._tidied >= TIDY_EVERY:
            self._tidied = monotonic()
            delete_past_pulls(app.store, lambda _: None)


def _merge_rounds(app: App, report: Report, at: datetime) -> None:
    """Merges the complete rounds, one after the other, and what came of posts. Reading what merging knows of all
    sources takes long, so it is done once for all of them, and only where something came."""
    with app.store.read() as tx:
        rounds = tx.rounds.unfinished()
        ready = to_merge(rounds, tx.workers.now())
    for one in ready:
        _close(app, one)
    unfinished = {one.at for one in rounds} - {one.at for one in ready}
    with app.store.read() as tx:
        has_news = any(pull.batch_at not in unfinished for pull in tx.arrivals.pending())
    if has_news:
        _set_behind(app)
        merge(app, report, ready[-1].at if ready else at, unfinished=unfinished, by_time=True)
    with app.store.write() as tx:
        for one in ready:
            tx.rounds.mark_merged(one.number, tx.workers.now())


def _close(app: App, one: Round) -> None:
    if one.waiting:
        with app.store.write() as tx:
            tx.rounds.close(one.number)


def _newest_merged(app: App, at: datetime) -> tuple[datetime, int]:
    """The time of the newest round that was merged, `at` where there is none; and the newest override."""
    with app.store.read() as tx:
        return tx.rounds.newest_merged() or at, tx.overrides.newest()


def _set_behind(app: App) -> None:
    """Before the work: where it is cut off, the tree is behind all the same."""
    with app.store.write() as tx:
        tx.facts.set(TREE_SHOWS, "")


def _is_behind(app: App, report: Report, at: datetime) -> bool:
    """Whether there is something to publish: something was merged, the day of a held entry has come, a withdrawal has
    been told for long enough, or a person overruled something; or the hub has to be told again."""
    if report.entries.new + report.entries.archived > 0 or are_ended(app, at):
        _set_behind(app)
    with app.store.read() as tx:
        has_to_tell = bool(app.config.feeds.hub and tx.pings.due(at, 1))
        return has_to_tell or tx.facts.get(TREE_SHOWS) != str(tx.overrides.newest())
