"""The state: sources, sightings, entries, categories and feeds in one SQLite file, or in a PostgreSQL database.

`Store.write()` and `Store.read()` open a `Transaction`, whose attributes serve the tables.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, cast

from aggregator.lazy_names import lazy_names
from aggregator.store.exclusive_lock import exclusive
from aggregator.store.idle_reads import IdleReads, reads_of_file
from aggregator.store.inspect_schema import Schema
from aggregator.store.transaction import Transaction

if TYPE_CHECKING:
    from aggregator.store.arrivals import PendingPull
    from aggregator.store.categories import CategoryRow
    from aggregator.store.database import Database
    from aggregator.store.deliveries import DeliveryRow
    from aggregator.store.entries import Decision, EntryRow
    from aggregator.store.feeds import FeedRow, Published
    from aggregator.store.health import HealthRow
    from aggregator.store.hub_requests import HubRequestRow
    from aggregator.store.hub_subscriptions import Delivered, HubSubscriptionRow
    from aggregator.store.leases import LeaseRow
    from aggregator.store.overrides import OverrideRow
    from aggregator.store.pings import Pinged, PingRow
    from aggregator.store.post_files import PostFileRow
    from aggregator.store.postgresql import PostgreSQL
    from aggregator.store.reading_lists import ListRow
    from aggregator.store.removals import RemovalRow, RemovedSighting
    from aggregator.store.rendered import RenderedRow
    from aggregator.store.sighting_summaries import SightingSummary
    from aggregator.store.sightings import SightingRow
    from aggregator.store.signatures import SignatureRow
    from aggregator.store.sources import SourceRow
    from aggregator.store.subscriptions import HubTally, SubscriptionRow
    from aggregator.store.terms import Arrived
    from aggregator.store.times import LaterTimes
    from aggregator.store.withdrawals import WithdrawalRow
    from aggregator.store.workers import WorkerRow

__all__ = [
    "Arrived",
    "CategoryRow",
    "Decision",
    "Delivered",
    "DeliveryRow",
    "EntryRow",
    "FeedRow",
    "HealthRow",
    "HubRequestRow",
    "HubSubscriptionRow",
    "HubTally",
    "LaterTimes",
    "LeaseRow",
    "ListRow",
    "OverrideRow",
    "PendingPull",
    "PingRow",
    "Pinged",
    "PostFileRow",
    "Published",
    "RemovalRow",
    "RemovedSighting",
    "RenderedRow",
    "SightingRow",
    "SightingSummary",
    "SignatureRow",
    "SourceRow",
    "Store",
    "SubscriptionRow",
    "Transaction",
    "WithdrawalRow",
    "WorkerRow",
]


ROWS = {  # name → its module
    "Arrived": "terms",
    "CategoryRow": "categories",
    "Decision": "entries",
    "DeliveryRow": "deliveries",
    "Delivered": "hub_subscriptions",
    "EntryRow": "entries",
    "FeedRow": "feeds",
    "HealthRow": "health",
    "HubTally": "subscriptions",
    "HubRequestRow": "hub_requests",
    "HubSubscriptionRow": "hub_subscriptions",
    "LaterTimes": "times",
    "LeaseRow": "leases",
    "ListRow": "reading_lists",
    "OverrideRow": "overrides",
    "PendingPull": "arrivals",
    "PingRow": "pings",
    "Pinged": "pings",
    "PostFileRow": "post_files",
    "Published": "feeds",
    "RemovalRow": "removals",
    "RemovedSighting": "removals",
    "RenderedRow": "rendered",
    "SightingRow": "sightings",
    "SightingSummary": "sighting_summaries",
    "SignatureRow": "signatures",
    "SourceRow": "sources",
    "SubscriptionRow": "subscriptions",
    "WithdrawalRow": "withdrawals",
    "WorkerRow": "workers",
}


__getattr__ = lazy_names(__name__, ROWS)


class Store:
    """The state at `at`: the path of an SQLite file, or the address of a PostgreSQL database. With `file`, the copy of
    it in that SQLite file."""

    def __init__(self, at: Path | str, file: Path | None = None) -> None:
        self.at = at
        self._copy, self._path = file, file or self.file
        self._known: Database | None = None
        self._first_use = Lock()

    @property
    def _database(self) -> "Database":
        """Loaded when it is first used: a run with nothing to do needs no SQLAlchemy."""
        with self._first_use:
            if self._known is None:
                from aggregator.store.database_at import database_at

                self._known = database_at(self.at, self._copy)
            return self._known

    @property
    def _server(self) -> "PostgreSQL":
        """The database of a state that is no file."""
        return cast("PostgreSQL", self._database)

    @property
    def name(self) -> str:
        """As messages name it, without a password."""
        return self._database.name

    @property
    def file(self) -> Path | None:
        """The file of the state; None where a server has it."""
        return self.at if isinstance(self.at, Path) else None

    def exists(self) -> bool:
        return self._database.exists()

    def open(self) -> None:
        """Creates or upgrades the state; raises StateError or LockedError."""
        self._database.open()

    def close(self) -> None:
        self._database.close()

    @contextmanager
    def opened(self) -> Iterator["Store"]:
        """Open during the block, and closed after it, also where opening fails."""
        try:
            self.open()
            yield self
        finally:
            self.close()

    def copy_to(self, target: Path) -> None:
        """Writes a consistent copy to the new SQLite file `target`, whether this store is open or not. It blocks no
        other process, waits for none, and leaves no file beside the state. Raises StateError or LockedError.
        """
        self._database.copy_to(target)

    def copy_from(self, source: "Store") -> dict[str, int]:
        """Copies all rows of `source`, or none, into this store without any; both are open. Table → number of rows."""
        from aggregator.store.copying import copy_rows

        with source._database.read() as rows, self._database.write() as there:  # noqa: SLF001 - of the same class
            return copy_rows(rows, there)

    @property
    def changes(self) -> int:
        """How many transactions of this store changed the state."""
        return self._database.changes

    def version(self) -> tuple[int, ...]:
        """Changes whenever the state is written, whether this store is open or not."""
        return self._database.version()

    def schema(self) -> Schema:
        """Its schema, without an upgrade. Raises StateError or LockedError."""
        return self._database.schema()

    def faults(self) -> list[str]:
        """Returns a sentence for each fault of the state."""
        from aggregator.store.integrity import Integrity

        with self._database.read() as connection:
            return list(Integrity(connection).faults())

    def compact(self) -> int:
        """Gives the space that is free in the file of the state back to the disk, unless another process uses it;
        returns the number of bytes freed. Raises StateError where the disk has no space for the copy that this needs.
        """
        return self._database.compact()

    def exclusive(self, *, wait: bool = False) -> AbstractContextManager[None]:
        """Holds the lock of the one engine; raises LockedError where another process has it, unless `wait`."""
        return exclusive(self._path, wait=wait) if self._path else self._server.exclusive(wait=wait)

    def shared(self, *, wait: bool = False) -> AbstractContextManager[None]:
        """Holds the lock of one of many workers: they exclude the one engine, and it them. Raises LockedError, or
        UsageError where the state is a file."""
        return self._database.shared(wait=wait)

    def holders(self) -> list[str]:
        """The processes that hold this lock, in words. Creates nothing."""
        return self._database.holders()

    def idle_reads(self) -> AbstractContextManager[IdleReads]:
        """What tells a run that it has nothing to do, whether this store is open or not. Raises StateError or
        LockedError, also where the state has to be made or upgraded first."""
        return reads_of_file(self._path) if self._path else self._server.idle_reads()

    @contextmanager
    def write(self, *, alone: bool = True) -> Iterator[Transaction]:
        """`alone`: see Database.write."""
        with self._database.write(alone=alone) as connection:
            yield Transaction(connection)

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        with self._database.read() as connection:
            yield Transaction(connection)
