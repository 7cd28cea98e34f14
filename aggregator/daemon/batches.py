"""Pull, merge and publish, as the daemon calls them.

One batch of pulls runs at a time. Saved posts, a changed config and overrides do not wait for it. Adopting a config,
merging and publishing take turns, in threads. The pulls of a batch are merged together once all of them have ended.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from urllib.parse import urlsplit

from aggregator.app import App
from aggregator.config import Config
from aggregator.daemon.timing import BATCH_SIZE, fair_share
from aggregator.daemon.turn import Turn
from aggregator.errors import AggregatorError
from aggregator.fetch import Fetcher, KeptClient
from aggregator.maintenance.past_pulls import delete_past_pulls
from aggregator.maintenance.prune import prune_daily
from aggregator.maintenance.repaired_run import run_repairing
from aggregator.merge.held import seal_held_alone
from aggregator.one_shot.batch import begin
from aggregator.pipeline import apply_changes, merge
from aggregator.publish.output_tree import Tree
from aggregator.publish.publish import publish
from aggregator.publish.withdrawals import are_ended
from aggregator.pull.claim import PullScope
from aggregator.pull.deliveries import AT_ONCE, get_ready, take_in_deliveries
from aggregator.pull.feeds import TurnDeadline, pull_sources
from aggregator.pull.not_asked import why_not_asked
from aggregator.pull.posts import read_folders
from aggregator.pull.reading_list_sources import with_resolved_sources
from aggregator.pull.reading_lists import read_lists
from aggregator.report import Progress, Report
from aggregator.settings import fetch_settings
from aggregator.threads import in_thread
from aggregator.worker_pool import ThreadCalls, WorkerPool

REST_AFTER = timedelta(seconds=20)  # restarting the worker processes costs half a second of work
INSTANT = timedelta(microseconds=1)


class StoppedError(AggregatorError):
    """The daemon ends: work stops at its next step, where the state and the tree are whole."""


@dataclass(frozen=True, slots=True)
class BatchResult:
    """`was_full`: it took as many sources as a batch may hold; `is_of_new_config`: it adopted another config."""

    report: Report
    was_full: bool = False
    is_of_new_config: bool = False


class Batches:
    """An asynchronous context manager. `app` is the one in force. Each verb calls `step` after each step of its work;
    `step` raises StoppedError to end it."""

    def __init__(self, app: App, pool: WorkerPool) -> None:
        self.app = app
        self._pool = pool
        self._fetcher = KeptClient[Fetcher]()
        self._turn = Turn()
        self._unfinished: set[datetime] = set()  # batches that are not merged yet, because pulls of them run
        self._newest = datetime.min.replace(tzinfo=UTC)
        self._is_adopted = False
        self._is_behind = True  # the tree may be behind the store
        self._newest_published = 0
        self._expects_deliveries = False

    async def __aenter__(self) -> "Batches":
        """Raises where merging or publishing is impossible, or would harm what is published."""
        await asyncio.to_thread(self._begin)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._fetcher.close()
        await self._pool.stop()

    def _begin(self) -> None:
        """Pulls that another process left unmerged are merged with the first batch, which polls the other sources."""
        self._newest = begin(self.app)
        Tree(self.app.output).open()
        with self.app.store.read() as tx:
            self._unfinished.update(pull.batch_at for pull in tx.arrivals.pending())
            self._newest_published = tx.overrides.newest()
        with self.app.store.write() as tx:
            tx.subscriptions.poll_as_usual()  # what hubs delivered while nobody listened is lost

    def put_in_force(self, config: Config) -> None:
        self.app = replace(self.app, config=config)
        self._is_adopted = False

    async def expect_deliveries(self, *, expected: bool) -> None:
        """Whether hubs may deliver. Then the processes that read foreign text stay: a delivery should be published
        within a second, and their start takes half of one or more."""
        begins, self._expects_deliveries = expected and not self._expects_deliveries, expected
        if begins:
            await get_ready(self._pool)

    def publish_soon(self) -> None:
        """The next verb publishes, even where nothing seems to have changed."""
        self._is_behind = True

    # verbs

    async def pull(self, step: Progress, asked: Collection[str] = ()) -> BatchResult:
        """Polls the sources in `asked`, and due ones up to the size of a batch; then merges and publishes."""
        with self._reporting() as report:
            return await self._pull(report, step, asked)

    async def _pull(self, report: Report, step: Progress, asked: Collection[str]) -> BatchResult:
        at = await asyncio.to_thread(self._next_instant)
        app = await self._adopted(report, at, step)
        due = await asyncio.to_thread(self._due, app, at)
        left = set(self._unfinished)
        self._unfinished.add(at)
        try:
            for scope in (PullScope(force=True, only=asked), PullScope(only=due, punctual=False)):
                if scope.only:
                    fetcher = await self._fetcher.open(fetch_settings(app.config), partial(Fetcher, now=app.clock))
                    deadline = TurnDeadline(fetcher)
                    await pull_sources(app, self._pool, at, report, scope, progress=step, deadline=deadline)
        finally:
            self._unfinished.discard(at)
        self._unfinished -= left
        self._is_behind |= report.sources.changed > 0 or bool(left)
        await self._publish_if_behind(report, at, step)
        return BatchResult(report, len(due) >= BATCH_SIZE)

    async def take_in(self, step: Progress) -> BatchResult:
        """Takes in what hubs delivered; then merges and publishes."""
        with self._reporting() as report:
            at = await asyncio.to_thread(self._next_instant)
            app = await self._adopted(report, at, step)
            self._unfinished.add(at)
            try:
                count = await take_in_deliveries(app, self._pool, at, report)
            finally:
                self._unfinished.discard(at)
            self._is_behind |= count > 0
            await self._publish_if_behind(report, at, step)
            return BatchResult(report, count == AT_ONCE)

    async def read_local(self, step: Progress) -> BatchResult:
        """Reads posts, reading lists that are due and a new config; then merges and publishes."""
        with self._reporting() as report:
            return await self._read_local(report, step)

    async def _read_local(self, report: Report, step: Progress) -> BatchResult:
        at = await asyncio.to_thread(self._next_instant)
        async with self._turn.taken(step):
            await self._read_lists(report, at)
            is_new = not self._is_adopted
            app = await self._adopt(report, at, step)
            await self._with_repair(report, lambda: read_folders(app, self._pool, at, report))
            await self._with_repair(report, lambda: asyncio.to_thread(seal_held_alone, app, report, at))
            counts = report.entries
            self._is_behind |= await asyncio.to_thread(self._has_arrivals) or counts.new + counts.archived > 0
            self._is_behind |= await asyncio.to_thread(are_ended, app, at)
        await self._publish_if_behind(report, at, step)
        return BatchResult(report, is_of_new_config=is_new)

    async def publish_overrides(self, step: Progress) -> BatchResult:
        """Publishes new overrides. Also ends worker processes that were idle for a while."""
        with self._reporting() as report:
            if not self._expects_deliveries:
                await self._pool.release_idle(REST_AFTER)
            if await asyncio.to_thread(self._newest_override) != self._newest_published:
                self._is_behind = True
                await self._publish_if_behind(report, await asyncio.to_thread(self._next_instant), step)
            return BatchResult(report)

    async def prune_pulls(self, step: Progress) -> int:
        """Deletes old pulls; returns how many."""
        return await in_thread(partial(delete_past_pulls, self.app.store, step))

    async def prune_content(self, step: Progress) -> int:
        """Drops the content of entries older than `retention`; returns how many. Takes a turn, so that the tree shows
        what the state holds."""
        at = await asyncio.to_thread(self._next_instant)
        async with self._turn.taken(step):
            return await in_thread(partial(prune_daily, self.app, at, progress=step))

    # questions

    @property
    def adopted(self) -> App | None:
        """The app in force; None until the state has adopted its config."""
        return self.app if self._is_adopted else None

    def earliest(self) -> datetime | None:
        """When the next source is due, None where none ever is."""
        with self.app.store.read() as tx:
            return tx.sources.earliest(self.app.clock())

    def refusal(self, source_id: str) -> str:
        """Why the source cannot be polled now; "" where it can."""
        with self.app.store.read() as tx:
            row = tx.sources.find(source_id)
            if row is None or row.kind != "feed":
                return ""
            found = why_not_asked(tx, row, self.app.clock())
        return f"this source is not asked: {found.why}" if found else ""

    # steps

    @contextmanager
    def _reporting(self) -> Iterator[Report]:
        """Reports the counts of entries to the observer even where the work fails: they are merged by then."""
        report = Report()
        try:
            yield report
        finally:
            self.app.observer.decided(report.entries.decisions())

    async def _adopted(self, report: Report, at: datetime, step: Progress) -> App:
        if not self._is_adopted:
            async with self._turn.taken(step):
                await self._adopt(report, at, step)
        return self.app

    async def _adopt(self, report: Report, at: datetime, step: Progress) -> App:
        """The `App` in force, once the state has adopted its config."""
        while not self._is_adopted:
            app = self.app
            await self._with_repair(report, partial(read_lists, app, self._pool, at, report, ask=True))
            resolved = with_resolved_sources(app)
            await apply_changes(resolved, self._pool, report, at, progress=step)
            if app is self.app:  # else another config was put in force meanwhile
                self.app, self._is_adopted = resolved, True
            self._is_behind = True
        return self.app

    async def _read_lists(self, report: Report, at: datetime) -> None:
        """Reads lists that are due. If their feeds changed, the config must be adopted again."""
        app = self.app
        if self._is_adopted and app.config.lists:
            await self._with_repair(report, lambda: read_lists(app, self._pool, at, report, ask=True))
            self._is_adopted = self._is_adopted and with_resolved_sources(app).sources == app.sources

    async def _publish_if_behind(self, report: Report, at: datetime, step: Progress) -> None:
        """Merges and publishes, where the tree may be behind."""
        if self._is_behind:
            async with self._turn.taken(step):
                if self._is_behind:  # the turn before may have done it
                    app = await self._adopt(report, at, step)
                    work = partial(self._merge_and_publish, app, report, at, step, self._pool.from_thread())
                    await self._with_repair(report, lambda: in_thread(work))

    async def _with_repair(self, report: Report, work: Callable[[], Awaitable[object]]) -> None:
        await run_repairing(self.app, self._pool, report, work)

    def _merge_and_publish(self, app: App, report: Report, at: datetime, step: Progress, workers: ThreadCalls) -> None:
        overrides, done = self._newest_override(), False
        self._is_behind = False  # set before the work: a change meanwhile may come too late for it
        try:
            merge(app, report, at, unfinished=self._unfinished, progress=step)
            publish(app, report, at, workers=workers, progress=step)
            self._newest_published, done = overrides, True
        finally:
            self._is_behind |= not done

    def _next_instant(self) -> datetime:
        """The time of a batch; no two batches share one."""
        with self.app.store.read() as tx:
            self._newest = max(self.app.now(tx), self._newest + INSTANT)
        return self._newest

    def _due(self, app: App, at: datetime) -> list[str]:
        with app.store.read() as tx:
            due = [(id_, url) for id_, url in tx.sources.due(at) if app.knows(id_)]
        return fair_share(due, _host_of)

    def _has_arrivals(self) -> bool:
        with self.app.store.read() as tx:
            return any(pull.batch_at not in self._unfinished for pull in tx.arrivals.pending())

    def _newest_override(self) -> int:
        with self.app.store.read() as tx:
            return tx.overrides.newest()


def _host_of(url: str) -> str:
    return urlsplit(url).netloc.rpartition("@")[2]
