"""Rounds are opened, and sources of a shard pulled, a lease of them at a time."""

from collections.abc import Iterable
from datetime import timedelta
from functools import partial
from time import monotonic

from aggregator.app import App
from aggregator.fetch import Fetcher, FetchSettings
from aggregator.polling.rounds import most_of_a_host, next_time, to_merge
from aggregator.polling.shards import shard_of
from aggregator.pull.feeds import TurnDeadline, pull_claimed
from aggregator.pull.outcomes import Recorder
from aggregator.pull.reading_list_sources import with_resolved_sources
from aggregator.report import Report
from aggregator.settings import fetch_settings
from aggregator.threads import in_thread
from aggregator.worker_pool import WorkerPool
from aggregator.workers.lease import Lease, place_to_pull, take_lease
from aggregator.workers.timing import MOST_OF_A_HOST, Timing

KEPT_LEASES = timedelta(hours=1)  # expired leases of hosts are deleted after that


class Pulling:
    """`app` is the one in force; `pulls`: how many this process recorded."""

    def __init__(self, app: App, pool: WorkerPool, timing: Timing, worker: str) -> None:
        self.app = app
        self.pulls = 0
        self._pool = pool
        self._timing = timing
        self._worker = worker
        self._fetchers: dict[FetchSettings, Fetcher] = {}  # each keeps the gaps between requests to a host

    async def close(self) -> None:
        for fetcher in self._fetchers.values():
            await fetcher.__aexit__(None, None, None)

    async def open_round(self) -> list[int]:
        """Gives the sources that are due one round, and returns the shards in which sources wait for a worker."""
        return await in_thread(self._open_round)

    def _open_round(self) -> list[int]:
        app, timing = self.app, self._timing
        while self._place_some():
            pass
        with app.store.write(alone=False) as tx:
            now, at = tx.workers.now(), next_time(app.now(tx), tx.rounds.newest())
            ends_at, most = None, MOST_OF_A_HOST
            if timing.round_lasts is not None:
                ends_at = now + timing.round_lasts
                most = most_of_a_host(app.config.fetch.gap, timing.tick, most)
            tx.rounds.open(at, now, ends_at, most)
            tx.leases.forget_expired(now, KEPT_LEASES + app.config.fetch.gap)
            return tx.rounds.shards_with_work(now)

    def _place_some(self) -> int:
        with self.app.store.write(alone=False) as tx:
            found = tx.rounds.unplaced()
            tx.rounds.place(_placed(found))
            return len(found)

    async def pull(self, shard: int, report: Report) -> bool:
        """Pulls sources of the shard until there are none, or the budget is spent. Returns whether a round is complete
        then."""
        until, has_pulled = monotonic() + self._timing.budget.total_seconds(), False
        while (rest := until - monotonic()) > 0:
            app = await in_thread(partial(_resolved, self.app))
            lease = await in_thread(partial(take_lease, app, self._timing, shard, self._worker))
            if lease is None:
                break
            await self._pull(lease, report, timedelta(seconds=rest))
            has_pulled = True
        return has_pulled and await in_thread(self._is_complete)

    async def _pull(self, lease: Lease, report: Report, rest: timedelta) -> None:
        deadline = TurnDeadline(self._fetcher(lease.app), rest)
        recorder, before = Recorder(lease.app, lease.at, lease.token), report.sources.polled
        async with lease.kept_up():
            await pull_claimed(recorder, self._pool, lease.claimed, report, deadline=deadline, enter=lease.enter)
        self.pulls += report.sources.polled - before

    def _is_complete(self) -> bool:
        with self.app.store.read() as tx:
            return bool(to_merge(tx.rounds.unfinished(), tx.workers.now()))

    def _fetcher(self, app: App) -> Fetcher:
        """One for all jobs of this process."""
        settings = fetch_settings(app.config)
        if settings not in self._fetchers:
            self._fetchers[settings] = Fetcher(settings, now=app.clock)
        return self._fetchers[settings]


def _resolved(app: App) -> App:
    """With the sources of reading lists, as they were read last."""
    return with_resolved_sources(app) if app.config.lists or app.config.former_ids else app


def _placed(found: Iterable[tuple[str, str, str]]) -> Iterable[tuple[str, str, int]]:
    for id_, url, host in found:
        place = host or place_to_pull(url)
        yield id_, place, shard_of(place)
