"""Writes the changes of many pulls in one transaction: one transaction each would cost more than the pulls."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from aggregator.errors import AggregatorError, LockedError
from aggregator.store import Store, Transaction

PAUSE = 0.05  # seconds in which changes are collected
FEW = 20  # so many pulls are written without a pause
TRIES = 3

Change = Callable[[Transaction], None]


class GroupCommit:
    """Only one flush runs at a time, so that waiting for the store takes one thread. `pulls`: how many will write."""

    def __init__(self, store: Store, pulls: int) -> None:
        self._store = store
        self._pause = PAUSE if pulls > FEW else 0
        self._changes: list[Change] = []
        self._flush: asyncio.Task[None] | None = None
        self._lock = asyncio.Lock()

    async def write(self, change: Change) -> None:
        """Returns when the change is committed. An error of the store is raised for every change of the transaction."""
        self._changes.append(change)
        if self._flush is None:
            self._flush = asyncio.create_task(self._flush_soon())
        await asyncio.shield(self._flush)

    async def close(self) -> None:
        """Waits for the last flush, even if the pulls that wrote to it were cancelled."""
        if self._flush is not None:
            with suppress(AggregatorError):  # `write` raised it already
                await self._flush
        async with self._lock:
            return

    async def _flush_soon(self) -> None:
        await asyncio.sleep(self._pause)
        async with self._lock:
            changes, self._changes, self._flush = self._changes, [], None
            await asyncio.to_thread(self._write_all, changes)

    def _write_all(self, changes: list[Change]) -> None:
        """Once more where another process had the same rows: what was written then is undone."""
        for tried in range(1, TRIES + 1):
            try:
                with self._store.write(alone=False) as tx:
                    for change in changes:
                        change(tx)
            except LockedError:
                if tried == TRIES:
                    raise
            else:
                return
