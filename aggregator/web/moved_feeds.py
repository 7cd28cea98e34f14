"""Where feeds went that moved, as somebody else knows it, asked once in a while."""

import asyncio
import time
from collections.abc import Callable, Mapping

from aggregator.errors import AggregatorError

PAUSE = 1.0  # seconds


class MovedFeeds:
    """`ask` may wait for a disk, and fail: what it said last holds on then."""

    def __init__(self, ask: Callable[[], Mapping[str, str]], *, pause: float = PAUSE) -> None:
        self.moved: Mapping[str, str] = {}
        self._ask = ask
        self._pause = pause
        self._next = 0.0

    def is_due(self) -> bool:
        return time.monotonic() >= self._next

    async def refresh(self) -> None:
        """For one request; those that come meanwhile go by what is known."""
        self._next = time.monotonic() + self._pause
        try:
            self.moved = await asyncio.to_thread(self._ask)
        except AggregatorError:
            return
