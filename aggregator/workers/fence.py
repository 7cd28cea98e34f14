"""One job at a time merges or publishes. It holds a lease, renewed while it works; a job that lost it, because its
worker seemed dead for long, finds that out before it writes."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import timedelta
from functools import partial
from time import monotonic

from aggregator.errors import AggregatorError, LockedError
from aggregator.store import LeaseRow, Store, Transaction
from aggregator.store.fact_names import MERGER
from aggregator.threads import in_thread

NO_SHARD = -1


class FencedStore(Store):
    """The same state, which this job writes only while nobody took its turn. Raises LockedError where another job has
    it: it wrote within `lasts`, or renewed its lease."""

    def __init__(self, store: Store, worker: str, lasts: timedelta) -> None:
        super().__init__(store.at)
        self._known = store._database  # noqa: SLF001 - of the same class
        self._token, self._lasts, self._renewed = uuid.uuid4().hex, lasts, monotonic()
        with store.write() as tx:
            now, other = tx.workers.now(), tx.facts.get(MERGER)
            for row in tx.leases.all():
                if row.token == other and row.until > now:
                    raise LockedError(f"{row.worker} merges or publishes until {row.until:%H:%M:%S} at least")
            tx.leases.add(LeaseRow(self._token, worker, NO_SHARD, now + lasts))
            tx.facts.replace(MERGER, self._token)

    @contextmanager
    def write(self, *, alone: bool = True) -> Iterator[Transaction]:
        with super().write(alone=alone) as tx:
            if tx.facts.locked(MERGER) != self._token:
                raise LockedError("another worker merges and publishes now; this one was taken for dead")
            if monotonic() - self._renewed > self._lasts.total_seconds() / 4:
                self._renew(tx, self._lasts)
            yield tx

    @asynccontextmanager
    async def held(self) -> AsyncIterator[None]:
        """Renews the lease during the block, and ends it with the block."""
        renewing = asyncio.create_task(self._renew_regularly())
        try:
            yield
        finally:
            renewing.cancel()
            with suppress(AggregatorError):  # it expires by itself
                await in_thread(partial(self._renew_beside, timedelta(0)))

    async def _renew_regularly(self) -> None:
        while True:
            await asyncio.sleep(self._lasts.total_seconds() / 3)
            with suppress(AggregatorError):  # tried again
                await in_thread(partial(self._renew_beside, self._lasts))

    def _renew_beside(self, lasts: timedelta) -> None:
        with super().write(alone=False) as tx:
            self._renew(tx, lasts)

    def _renew(self, tx: Transaction, lasts: timedelta) -> None:
        self._renewed = monotonic()
        tx.leases.renew(self._token, tx.workers.now() + lasts)
