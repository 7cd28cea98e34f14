"""The database's clock, in every worker: the clocks of machines may differ by minutes, and jump."""

from datetime import UTC, datetime, timedelta
from time import monotonic

from aggregator.store import Store


class DatabaseClock:
    """Called, it returns the time. Between two looks at the database, time.monotonic() counts."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._at, self._then = datetime.now(UTC), monotonic()

    def __call__(self) -> datetime:
        return self._at + timedelta(seconds=monotonic() - self._then)

    def look(self) -> datetime:
        """Asks the database; raises StateError."""
        with self._store.read() as tx:
            at, then = tx.workers.now(), monotonic()
        self._at, self._then = at, then
        return at
