"""Whose turn it is: few at once at a host, a pause between, and so many in all."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta


class _Lane:
    """The queue before one host; asyncio's locks are first come, first served."""

    __slots__ = ("door", "next_start", "seats")

    def __init__(self, per_host: int) -> None:
        self.seats = asyncio.Semaphore(per_host)
        self.door = asyncio.Lock()
        self.next_start = float("-inf")


class HostQueue:
    """Turns at hosts (host:port): at most `per_host` at once, `gap` between starts, `concurrency` in all.

    Who waits for a host holds none of the places that are counted by `concurrency`, so that a slow host keeps
    nobody else waiting.
    """

    def __init__(
        self,
        *,
        concurrency: int,
        per_host: int,
        gap: timedelta,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._places = asyncio.Semaphore(concurrency)
        self._per_host = per_host
        self._gap = gap.total_seconds()
        self._clock = clock
        self._sleep = sleep
        self._lanes: dict[str, _Lane] = {}

    @asynccontextmanager
    async def turn(self, host: str, check: Callable[[], None] = lambda: None) -> AsyncIterator[None]:
        """What `check` raises as the turn begins ends it, at no cost for who is next."""
        lane = self._lanes.get(host) or self._lanes.setdefault(host, _Lane(self._per_host))
        async with lane.seats:
            await self._start(lane, check)
            try:
                yield
            finally:
                self._places.release()

    async def _start(self, lane: _Lane, check: Callable[[], None]) -> None:
        # Only one at a time stands in the door, waits out the gap and then for a place: so starts keep their
        # order, and the gap is counted from when the one before really started.
        async with lane.door:
            while (rest := lane.next_start - self._clock()) > 0:
                await self._sleep(rest)
            check()
            await self._places.acquire()
            lane.next_start = self._clock() + self._gap
