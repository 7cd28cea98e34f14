"""Turns at hosts: a limit per host, a gap between starts at one host, and a limit for all hosts."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta


class _Lane:
    """The queue of one host; asyncio's locks are first come, first served."""

    __slots__ = ("next_start", "slots", "start_lock")

    def __init__(self, per_host: int) -> None:
        self.slots = asyncio.Semaphore(per_host)
        self.start_lock = asyncio.Lock()
        self.next_start = float("-inf")


class HostQueue:
    """Turns at hosts (host:port): at most `per_host` at once, `gap` between starts, `concurrency` in all.

    A request that waits for its host holds none of the `concurrency` slots, so that a slow host does not delay others.
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
        self._slots = asyncio.Semaphore(concurrency)
        self._per_host = per_host
        self._gap = gap.total_seconds()
        self._clock = clock
        self._sleep = sleep
        self._lanes: dict[str, _Lane] = {}

    @asynccontextmanager
    async def turn(self, host: str, check: Callable[[], None] = lambda: None) -> AsyncIterator[None]:
        """`check` is called as the turn begins; if it raises, the turn ends at once, without a gap for the next."""
        lane = self._lanes.get(host) or self._lanes.setdefault(host, _Lane(self._per_host))
        async with lane.slots:
            await self._start(lane, check)
            try:
                yield
            finally:
                self._slots.release()

    async def _start(self, lane: _Lane, check: Callable[[], None]) -> None:
        # One request at a time waits for the gap and then for a slot: so starts keep their order, and the gap counts
        # from the actual start of the request before.
        async with lane.start_lock:
            while (rest := lane.next_start - self._clock()) > 0:
                await self._sleep(rest)
            check()
            await self._slots.acquire()
            lane.next_start = self._clock() + self._gap
