"""The turn that adopting a config, merging and publishing take: one of them at a time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aggregator.report import Progress

STEP = 30  # seconds of waiting between two calls of `step`


class Turn:
    def __init__(self) -> None:
        self._lock = asyncio.Lock()

    @asynccontextmanager
    async def taken(self, step: Progress) -> AsyncIterator[None]:
        """Waits for the turn and holds it. Calls `step` while it waits: waiting is not being stuck."""
        while not await self._wait():
            step("")
        try:
            yield
        finally:
            self._lock.release()

    async def _wait(self) -> bool:
        try:
            async with asyncio.timeout(STEP):
                return await self._lock.acquire()
        except TimeoutError:
            return False
