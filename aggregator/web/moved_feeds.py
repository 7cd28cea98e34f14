"""The new addresses of moved feeds, read from the state at most once a second."""

import asyncio
import time
from collections.abc import Callable, Mapping

from aggregator.errors import AggregatorError

PAUSE = 1.0  # seconds


class MovedFeeds:
    """`read` may wait for a disk and fail; the last result stays in use then."""

    def __init__(self, read: Callable[[], Mapping[str, str]], *, pause: float = PAUSE) -> None:
        self.moved: Mapping[str, str] = {}
        self._read = read
        self._pause = pause
        self._next = 0.0

    def is_due(self) -> bool:
        return time.monotonic() >= self._next

    async def refresh(self) -> None:
        """Reads the state again. Requests that arrive meanwhile use the last result."""
        self._next = time.monotonic() + self._pause
        try:
            self.moved = await asyncio.to_thread(self._read)
        except AggregatorError:
            return
