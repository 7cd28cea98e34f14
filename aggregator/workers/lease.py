"""Sources and hosts that one job of one worker has for a while.

They are leased in one transaction and given back in another; in between nothing is locked. A worker that is cut off
stops asking before its lease ends, and what it still stores is refused by the token.
"""

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache, partial
from itertools import chain
from time import monotonic

from aggregator.app import App
from aggregator.errors import AggregatorError, BusyHostError, FetchError, StateError
from aggregator.fetch import place_of
from aggregator.pull.claim import Claimed
from aggregator.pull.permanent_moves import poll_url
from aggregator.store import LeaseRow, SourceRow
from aggregator.threads import in_thread
from aggregator.workers.timing import Timing

MOST = 500  # sources of one lease
MARGIN = 0.2  # of a lease: the time in which requests end before others may begin
HOST_WAIT, HOST_PAUSE = 10.0, 0.2  # seconds to wait for a host of another worker, and between two tries


@dataclass(slots=True)
class Lease:
    """`at`: the time of the round; `places`: hosts that are leased; `ends`: when no request may begin any more, by
    time.monotonic()."""

    app: App
    timing: Timing
    token: str
    at: datetime
    claimed: Claimed
    places: frozenset[str]
    ends: float

    @property
    def is_valid(self) -> bool:
        return monotonic() < self.ends

    async def enter(self, place: str) -> None:
        """Waits until this worker may ask a host; raises BusyHostError where another one does so for too long. The
        hosts of the leased sources are leased already: this is for where redirects lead."""
        until = monotonic() + HOST_WAIT
        while self.is_valid and place not in self.places:
            await in_thread(partial(self._take, place))
            if place not in self.places:
                if monotonic() > until:
                    break
                await asyncio.sleep(HOST_PAUSE)
        if not self.is_valid or place not in self.places:
            raise BusyHostError(place, self.app.clock())

    @asynccontextmanager
    async def kept_up(self) -> AsyncIterator[None]:
        """Renews the lease during the block, and ends it with the block. Raises StateError, and ends the
        block, where the lease could not be renewed in time."""
        try:
            async with asyncio.TaskGroup() as group:
                renewing = group.create_task(self._renew_regularly())
                try:
                    yield
                finally:
                    renewing.cancel()
        except ExceptionGroup as errors:
            raise errors.exceptions[0] from errors
        finally:
            with suppress(AggregatorError):  # they expire by themselves
                await in_thread(self._end_it)

    async def _renew_regularly(self) -> None:
        while self.is_valid:
            await asyncio.sleep(min(self.timing.renewal.total_seconds(), max(self.ends - monotonic(), 0)))
            with suppress(AggregatorError):  # tried again while the lease lasts
                await in_thread(self._renew)
        raise StateError("the lease of sources could not be renewed in time: others may pull them now")

    def _take(self, place: str) -> None:
        with self.app.store.write(alone=False) as tx:
            self.places |= tx.leases.take_hosts([place], self.token, over=tx.workers.now() - _gap(self.app))

    def _renew(self) -> None:
        began = monotonic()
        with self.app.store.write(alone=False) as tx:
            tx.leases.renew(self.token, tx.workers.now() + self.timing.lease)
        self.ends = _end(began, self.timing)

    def _end_it(self) -> None:
        """The hosts are free when the gap is over, too."""
        with self.app.store.write(alone=False) as tx:
            tx.leases.renew(self.token, tx.workers.now())


def take_lease(app: App, timing: Timing, shard: int, worker: str) -> Lease | None:
    """Leases sources of the oldest round that has any in the shard; None where there are none to be had now."""
    began = monotonic()
    with app.store.write(alone=False) as tx:
        now = tx.workers.now()
        of_round, rows = tx.rounds.candidates(shard, now, MOST)
        if of_round is None:
            return None
        row = LeaseRow(uuid.uuid4().hex, worker, shard, now + timing.lease)
        places = {one.id: _places(app, one) for one in rows if app.knows(one.id)}
        held = tx.leases.take_hosts(chain.from_iterable(places.values()), row.token, over=now - _gap(app))
        leased = [one for one in rows if one.id in places and places[one.id] <= held]
        tx.leases.add(row if leased else replace(row, until=now - _gap(app)))
        tx.rounds.lease([one.id for one in leased], row.token, row.until)
        claimed = Claimed(leased, [], tx.hosts.paused(app.clock()), tx.first_answers.urls())
        return Lease(app, timing, row.token, of_round.at, claimed, held, _end(began, timing)) if leased else None


def _places(app: App, row: SourceRow) -> set[str]:
    """The hosts that pulling a source probably asks: that of its address, and that which answered last."""
    source = app.feed_source(row.id)
    asked = place_to_pull(poll_url(row, source)) if source.is_remote else ""
    return {row.host, asked} - {""}


@lru_cache(maxsize=65536)
def place_to_pull(url: str) -> str:
    """host:port; "" for a file, and for an address that cannot be pulled: its pull says why."""
    with suppress(FetchError):
        return place_of(url)
    return ""


def _gap(app: App) -> timedelta:
    return app.config.fetch.gap


def _end(began: float, timing: Timing) -> float:
    return began + (1 - MARGIN) * timing.lease.total_seconds()
