"""The three verbs as a process calls them that stays.

One batch of pulls is under way at a time. Beside it, what needs nobody's answer goes its own way: a saved post, a
changed config, a person's word. Taking up, settling and publishing take turns, in threads; whatever is settled, the
pulls of a batch that has not ended wait for the rest of it.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TypeVar
from urllib.parse import urlsplit

from aggregator.app import App
from aggregator.config import Config
from aggregator.daemon.timing import MOST_AT_ONCE, fair_share
from aggregator.errors import AggregatorError
from aggregator.fetch import Fetcher, FetchSettings
from aggregator.maintenance.prune import prune_daily
from aggregator.maintenance.repair import withstand
from aggregator.merge.merge import release_held_alone
from aggregator.pipeline import apply_changes, begin, merge
from aggregator.polling.pull_retention import KEPT, superfluous
from aggregator.publish.output_tree import Tree
from aggregator.publish.publish import publish
from aggregator.pull.feeds import PullScope, TurnDeadline, pull_sources
from aggregator.pull.not_asked import unasked
from aggregator.pull.posts import read_folders
from aggregator.pull.reading_lists import read_lists
from aggregator.report import Progress, Report
from aggregator.store.table import chunks
from aggregator.worker_pool import WorkerPool

T = TypeVar("T")

REST_AFTER = timedelta(seconds=20)  # starting the isolated processes again costs half a second of work
PATIENCE = 30  # seconds of waiting for a turn, after which it is said that we still wait
SLACK = 20  # pulls of a source beyond those that are kept, from which on it is worth tidying
INSTANT = timedelta(microseconds=1)


class StoppedError(AggregatorError):
    """Somebody wants to go home: what is in work ends at the next step, where all that was done is whole."""


@dataclass(frozen=True, slots=True)
class Batch:
    """`was_full`: it took no more sources than these; `is_of_new_config`: it took up another config."""

    report: Report
    was_full: bool = False
    is_of_new_config: bool = False


class Batches:
    """An asynchronous context manager. `app` is the one in force. Each verb is given `step`, which it calls after
    each step, and which ends it by raising."""

    def __init__(self, app: App, pool: WorkerPool) -> None:
        self.app = app
        self._pool = pool
        self._fetcher: Fetcher | None = None
        self._fetching: FetchSettings | None = None
        self._turn = asyncio.Lock()
        self._unfinished: set[datetime] = set()  # batches that are not settled before all their pulls have ended
        self._newest = datetime.min.replace(tzinfo=UTC)
        self._is_adopted = False
        self._is_behind = True  # the tree may be behind the store
        self._acts = 0

    async def __aenter__(self) -> "Batches":
        """Raises where deciding, or publishing, would do harm or cannot be."""
        await asyncio.to_thread(self._begin)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._fetcher:
            await self._fetcher.__aexit__(None, None, None)
        await self._pool.stop()

    def _begin(self) -> None:
        """What another process left unsettled waits for the sources that it had not asked yet: the first batch."""
        self._newest = begin(self.app)
        Tree(self.app.output).open()
        with self.app.store.read() as tx:
            self._unfinished.update(pull.batch_at for pull in tx.arrivals.pending())
            self._acts = tx.overrides.newest()

    def put_in_force(self, config: Config) -> None:
        self.app = replace(self.app, config=config)
        self._is_adopted = False

    def publish_soon(self) -> None:
        """Whatever happens next publishes, also where nothing seems to have changed."""
        self._is_behind = True

    # verbs

    async def pull(self, step: Progress, asked: Collection[str] = ()) -> Batch:
        """What is due, but no more than one batch holds, and what a person asked for; then settles and publishes."""
        with self._reporting() as report:
            return await self._pull(report, step, asked)

    async def _pull(self, report: Report, step: Progress, asked: Collection[str]) -> Batch:
        at = await asyncio.to_thread(self._next_instant)
        if not self._is_adopted:
            async with self._taking_turns(step):
                await self._adopt(report, at, step)
        app = self.app
        due = await asyncio.to_thread(self._due, app, at)
        left = set(self._unfinished)
        self._unfinished.add(at)
        try:
            for whom in (PullScope(force=True, only=asked), PullScope(only=due, punctual=False)):
                if whom.only:
                    doors = TurnDeadline(await self._open_fetcher(app))
                    await pull_sources(app, self._pool, at, report, whom, progress=step, doors=doors)
        finally:
            self._unfinished.discard(at)
        self._unfinished -= left
        self._is_behind |= report.sources.changed > 0 or bool(left)
        await self._bring_up(report, at, step)
        return Batch(report, len(due) >= MOST_AT_ONCE)

    async def look(self, step: Progress) -> Batch:
        """All that is new without asking anybody."""
        with self._reporting() as report:
            return await self._look(report, step)

    async def _look(self, report: Report, step: Progress) -> Batch:
        at = await asyncio.to_thread(self._next_instant)
        async with self._taking_turns(step):
            await self._read_lists(report, at)
            is_new = not self._is_adopted
            app = await self._adopt(report, at, step)
            await self._withstand(report, lambda: read_folders(app, self._pool, at, report))
            await self._withstand(report, lambda: asyncio.to_thread(release_held_alone, app, report, at))
            self._is_behind |= await asyncio.to_thread(self._has_arrivals) or report.entries.new > 0
        await self._bring_up(report, at, step)
        return Batch(report, is_of_new_config=is_new)

    async def heed(self, step: Progress) -> Batch:
        """Publishes what a person decided meanwhile; and lets processes go that had nothing to do for a while."""
        with self._reporting() as report:
            await self._pool.release_idle(REST_AFTER)
            if await asyncio.to_thread(self._newest_act) != self._acts:
                self._is_behind = True
                await self._bring_up(report, await asyncio.to_thread(self._next_instant), step)
            return Batch(report)

    async def tidy(self, step: Progress) -> int:
        """Forgets pulls that nobody will ask for; returns how many."""
        return await in_thread(partial(self._forget_pulls, step))

    async def prune(self, step: Progress) -> int:
        """Drops content that is older than `retention`; returns of how many entries. Nothing waits to be published
        meanwhile, so that what it looks at is what readers are shown."""
        at = await asyncio.to_thread(self._next_instant)
        async with self._taking_turns(step):
            return await in_thread(partial(prune_daily, self.app, at, progress=step))

    # questions

    def earliest(self) -> datetime | None:
        """When the next source is due, None where none ever is."""
        with self.app.store.read() as tx:
            return tx.sources.earliest(self.app.clock())

    def refusal(self, source_id: str) -> str:
        """Why a source is not asked, whoever wants it to be; "" where it may be."""
        with self.app.store.read() as tx:
            row = tx.sources.find(source_id)
            if row is None or row.kind != "feed":
                return ""
            found = unasked(tx, row, self.app.clock())
        return f"this source is not asked: {found.why}" if found else ""

    # steps

    @contextmanager
    def _reporting(self) -> Iterator[Report]:
        """What became of entries is told however the work ends: it is settled, whatever comes after."""
        report = Report()
        try:
            yield report
        finally:
            counts = report.entries
            self.app.observer.decided(
                {"new": counts.new, "updated": counts.updated, "duplicate": counts.duplicates, "held": counts.held}
            )

    @asynccontextmanager
    async def _taking_turns(self, step: Progress) -> AsyncIterator[None]:
        while not await self._has_turn():
            step("")
        try:
            yield
        finally:
            self._turn.release()

    async def _has_turn(self) -> bool:
        try:
            async with asyncio.timeout(PATIENCE):
                return await self._turn.acquire()
        except TimeoutError:
            return False

    async def _adopt(self, report: Report, at: datetime, step: Progress) -> App:
        """The house whose config the state has taken up."""
        while not self._is_adopted:
            app = self.app
            await self._withstand(report, partial(read_lists, app, self._pool, at, report, ask=True))
            await apply_changes(app, self._pool, report, at, progress=step)
            self._is_adopted = app is self.app
            self._is_behind = True
        return self.app

    async def _read_lists(self, report: Report, at: datetime) -> None:
        """Reading lists that are due: other feeds in them are another config."""
        app, before = self.app, self.app.sources
        if self._is_adopted and app.config.lists:
            await self._withstand(report, lambda: read_lists(app, self._pool, at, report, ask=True))
            self._is_adopted = app.sources == before

    async def _bring_up(self, report: Report, at: datetime, step: Progress) -> None:
        """Settles and publishes, where the tree may be behind."""
        if self._is_behind:
            async with self._taking_turns(step):
                if self._is_behind:  # else who had the turn before did it for us
                    app = await self._adopt(report, at, step)
                    work = partial(self._settle_and_publish, app, report, at, step)
                    await self._withstand(report, lambda: in_thread(work))

    async def _withstand(self, report: Report, work: Callable[[], Awaitable[object]]) -> None:
        await withstand(self.app, self._pool, report, work)

    def _settle_and_publish(self, app: App, report: Report, at: datetime, step: Progress) -> None:
        acts, done = self._newest_act(), False
        self._is_behind = False  # before it is true: whatever changes meanwhile may come too late for us
        try:
            merge(app, report, at, unfinished=self._unfinished, progress=step)
            publish(app, report, at, progress=step)
            self._acts, done = acts, True
        finally:
            self._is_behind |= not done

    def _next_instant(self) -> datetime:
        """Of a batch: no two have the same."""
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

    def _newest_act(self) -> int:
        with self.app.store.read() as tx:
            return tx.overrides.newest()

    async def _open_fetcher(self, app: App) -> Fetcher:
        """The one that is open, so that hosts get their pauses from batch to batch, unless the config wants another."""
        settings = app.fetch_settings()
        if self._fetcher is None or self._fetching != settings:
            if self._fetcher:
                await self._fetcher.__aexit__(None, None, None)
            self._fetcher, self._fetching = Fetcher(settings, now=app.clock), settings
        return self._fetcher

    def _forget_pulls(self, step: Progress) -> int:
        store, count = self.app.store, 0
        with store.read() as tx:
            ids = tx.sources.with_pulls(more_than=KEPT + SLACK)
        for chunk in chunks(ids, 50):
            step("")
            with store.write() as tx:
                gone = [one for id_ in chunk for one in superfluous(tx.sources.pulls(id_))]
                tx.sources.forget_pulls(gone)
            count += len(gone)
        return count


def _host_of(url: str) -> str:
    return urlsplit(url).netloc.rpartition("@")[2]


async def in_thread(work: Callable[[], T]) -> T:
    """Its result. Who stops waiting for it waits for its next step all the same: it has files and the state open."""
    task = asyncio.ensure_future(asyncio.to_thread(work))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        with suppress(AggregatorError):
            await task
        raise
