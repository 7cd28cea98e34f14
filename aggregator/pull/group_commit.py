"""Writes what many pulls changed in one transaction: one transaction each would cost more than the pulls."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Generic, TypeVar

from aggregator.errors import AggregatorError, LockedError
from aggregator.store import Store, Transaction

PAUSE = 0.05  # seconds in which changes are collected
FEW = 20  # so many pulls are written without a pause
TRIES = 3

T = TypeVar("T")


class GroupCommit(Generic[T]):
    """Only one flush runs at a time, so that waiting for the store takes one thread. `write` writes what was collected;
    `pulls`: how many there will be."""

    def __init__(self, store: Store, write: Callable[[Sequence[T], Transaction], None], pulls: int) -> None:
        self._store, self._write = store, write
        self._pause = PAUSE if pulls > FEW else 0
        self._collected: list[T] = []
        self._flush: asyncio.Task[None] | None = None
        self._lock = asyncio.Lock()

    async def write(self, change: T) -> None:
        """Returns when the change is committed. An error of the store is raised for every change of the transaction."""
        self._collected.append(change)
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
            changes, self._collected, self._flush = self._collected, [], None
            await asyncio.to_thread(self._write_all, changes)

    def _write_all(self, changes: list[T]) -> None:
        """Once more where another process had the same rows: what was written then is undone."""
        for tried in range(1, TRIES + 1):
            try:
                with self._store.write(alone=False) as tx:
                    self._write(changes, tx)
            except LockedError:
                if tried == TRIES:
                    raise
            else:
                return
