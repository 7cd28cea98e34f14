"""One job at a time merges or publishes. A job that another one took over from, because its worker seemed dead, finds
that out before it writes."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from aggregator.errors import LockedError
from aggregator.store import Store, Transaction
from aggregator.store.facts import MERGER


class FencedStore(Store):
    """The same state, which this job writes only until another one merges or publishes: that waits for the end of this
    one's transaction."""

    def __init__(self, store: Store) -> None:
        vars(self).update(vars(store))
        self._token = uuid.uuid4().hex
        with store.write() as tx:
            tx.facts.replace(MERGER, self._token)

    @contextmanager
    def write(self, *, alone: bool = True) -> Iterator[Transaction]:
        with super().write(alone=alone) as tx:
            if tx.facts.locked(MERGER) != self._token:
                raise LockedError("another worker merges and publishes now; this one was taken for dead")
            yield tx
