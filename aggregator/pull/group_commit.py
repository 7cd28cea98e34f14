"""What pulls have to say to the store, written down together: a transaction each would cost more than the pulls."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from aggregator.errors import AggregatorError
from aggregator.store import Store, Transaction

PAUSE = 0.05  # seconds, for others to end meanwhile
FEW = 20  # pulls, for which nobody waits

Change = Callable[[Transaction], None]


class GroupCommit:
    """One writer at a time, so that waiting for the pen takes no more than one thread. `pulls`: how many will have
    something to say."""

    def __init__(self, store: Store, pulls: int) -> None:
        self._store = store
        self._pause = PAUSE if pulls > FEW else 0
        self._notes: list[Change] = []
        self._page: asyncio.Task[None] | None = None
        self._pen = asyncio.Lock()

    async def write(self, note: Change) -> None:
        """Returns when it is written; raises what the store raises, for all that were to be written with it."""
        self._notes.append(note)
        if self._page is None:
            self._page = asyncio.create_task(self._write_soon())
        await asyncio.shield(self._page)

    async def close(self) -> None:
        """What was handed in is written, also where nobody waits for it any more."""
        if self._page is not None:
            with suppress(AggregatorError):  # it was raised where somebody waited
                await self._page
        async with self._pen:
            return

    async def _write_soon(self) -> None:
        await asyncio.sleep(self._pause)
        async with self._pen:
            notes, self._notes, self._page = self._notes, [], None
            await asyncio.to_thread(self._write_all, notes)

    def _write_all(self, notes: list[Change]) -> None:
        with self._store.write() as tx:
            for note in notes:
                note(tx)
