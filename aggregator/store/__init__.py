"""The state: sources, sightings, entries, categories and feeds in one SQLite file, or in a PostgreSQL database.

`Store.write()` and `Store.read()` open a transaction; each attribute of `Transaction` serves one table or a few. Their
modules are loaded when they are first used: a run with nothing to do needs four of thirty, and they make two hundred
statements.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection

from aggregator.store.database import Database
from aggregator.store.inspect_schema import Schema
from aggregator.text.masking import showable

if TYPE_CHECKING:
    from aggregator.store.archives import Archives
    from aggregator.store.arrivals import Arrivals, PendingPull
    from aggregator.store.categories import Categories, CategoryRow
    from aggregator.store.changes import Changes
    from aggregator.store.deliveries import Deliveries, DeliveryRow
    from aggregator.store.departures import Departures
    from aggregator.store.entries import Decision, Entries, EntryRow
    from aggregator.store.facts import Facts
    from aggregator.store.feed_members import FeedMembers
    from aggregator.store.feeds import FeedRow, Feeds, Published
    from aggregator.store.first_answers import FirstAnswers
    from aggregator.store.gone_sightings import GoneSightings
    from aggregator.store.health import Health, HealthRow
    from aggregator.store.held_entries import HeldEntries
    from aggregator.store.hosts import Hosts
    from aggregator.store.hub_requests import HubRequestRow, HubRequests
    from aggregator.store.hub_subscriptions import Delivered, HubSubscriptionRow, HubSubscriptions
    from aggregator.store.lookups import Lookups
    from aggregator.store.overrides import OverrideRow, Overrides
    from aggregator.store.pings import Pinged, PingRow, Pings
    from aggregator.store.post_files import PostFileRow, PostFiles
    from aggregator.store.published_files import FileRow, PublishedFiles
    from aggregator.store.reading_lists import ListRow, ReadingLists
    from aggregator.store.removals import RemovalRow, Removals, RemovedSighting
    from aggregator.store.rendered import Rendered, RenderedRow
    from aggregator.store.retention import Retention
    from aggregator.store.rows import Rows
    from aggregator.store.shown_entries import ShownEntries
    from aggregator.store.sighting_summaries import SightingSummaries, SightingSummary
    from aggregator.store.sightings import SightingRow, Sightings
    from aggregator.store.signatures import SignatureRow, Signatures
    from aggregator.store.site_memories import SiteMemories
    from aggregator.store.sources import SourceRow, Sources
    from aggregator.store.subscriptions import HubTally, SubscriptionRow, Subscriptions
    from aggregator.store.terms import Arrived, Terms
    from aggregator.store.times import LaterTimes, Times
    from aggregator.store.withdrawals import WithdrawalRow, Withdrawals

__all__ = [
    "Arrived",
    "CategoryRow",
    "Decision",
    "Delivered",
    "DeliveryRow",
    "EntryRow",
    "FeedRow",
    "FileRow",
    "HealthRow",
    "HubRequestRow",
    "HubSubscriptionRow",
    "HubTally",
    "LaterTimes",
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
]


ROWS = {  # name → its module
    "Arrived": "terms",
    "CategoryRow": "categories",
    "Decision": "entries",
    "DeliveryRow": "deliveries",
    "Delivered": "hub_subscriptions",
    "EntryRow": "entries",
    "FeedRow": "feeds",
    "FileRow": "published_files",
    "HealthRow": "health",
    "HubTally": "subscriptions",
    "HubRequestRow": "hub_requests",
    "HubSubscriptionRow": "hub_subscriptions",
    "LaterTimes": "times",
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
}
PARTS = {  # attribute of Transaction → its class
    "facts": "facts.Facts",
    "sources": "sources.Sources",
    "arrivals": "arrivals.Arrivals",
    "posts": "post_files.PostFiles",
    "sightings": "sightings.Sightings",
    "entries": "entries.Entries",
    "categories": "categories.Categories",
    "departures": "departures.Departures",
    "feeds": "feeds.Feeds",
    "files": "published_files.PublishedFiles",
    "overrides": "overrides.Overrides",
    "signatures": "signatures.Signatures",
    "feed_members": "feed_members.FeedMembers",
    "lookups": "lookups.Lookups",
    "changes": "changes.Changes",
    "terms": "terms.Terms",
    "archives": "archives.Archives",
    "hosts": "hosts.Hosts",
    "first_answers": "first_answers.FirstAnswers",
    "health": "health.Health",
    "lists": "reading_lists.ReadingLists",
    "times": "times.Times",
    "removals": "removals.Removals",
    "rows": "rows.Rows",
    "retention": "retention.Retention",
    "gone_sightings": "gone_sightings.GoneSightings",
    "sighting_summaries": "sighting_summaries.SightingSummaries",
    "shown_entries": "shown_entries.ShownEntries",
    "withdrawals": "withdrawals.Withdrawals",
    "held_entries": "held_entries.HeldEntries",
    "rendered": "rendered.Rendered",
    "site_memories": "site_memories.SiteMemories",
    "subscriptions": "subscriptions.Subscriptions",
    "deliveries": "deliveries.Deliveries",
    "pings": "pings.Pings",
    "hub_requests": "hub_requests.HubRequests",
    "hub_subscriptions": "hub_subscriptions.HubSubscriptions",
}


def __getattr__(name: str) -> Any:
    """The classes of rows."""
    if name not in ROWS:
        raise AttributeError(f"module {__name__} has no attribute {name}")
    return getattr(import_module(f"{__name__}.{ROWS[name]}"), name)


class Transaction:
    if TYPE_CHECKING:
        facts: Facts
        sources: Sources
        arrivals: Arrivals
        posts: PostFiles
        sightings: Sightings
        entries: Entries
        categories: Categories
        departures: Departures
        feeds: Feeds
        files: PublishedFiles
        overrides: Overrides
        signatures: Signatures
        feed_members: FeedMembers
        lookups: Lookups
        changes: Changes
        terms: Terms
        archives: Archives
        hosts: Hosts
        first_answers: FirstAnswers
        health: Health
        lists: ReadingLists
        times: Times
        removals: Removals
        rows: Rows
        retention: Retention
        gone_sightings: GoneSightings
        sighting_summaries: SightingSummaries
        shown_entries: ShownEntries
        withdrawals: Withdrawals
        held_entries: HeldEntries
        rendered: Rendered
        site_memories: SiteMemories
        subscriptions: Subscriptions
        deliveries: Deliveries
        pings: Pings
        hub_requests: HubRequests
        hub_subscriptions: HubSubscriptions

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def __getattr__(self, name: str) -> Any:
        """Makes the part that is used for the first time."""
        if name not in PARTS:
            raise AttributeError(f"a transaction has no {name}")
        module, _, kind = PARTS[name].partition(".")
        part = getattr(import_module(f"{__name__}.{module}"), kind)(self._connection)
        setattr(self, name, part)
        return part


class Store:
    """The state at `at`: the path of an SQLite file, or the address of a PostgreSQL database. With `file`, the copy of
    it in that SQLite file."""

    def __init__(self, at: Path | str, file: Path | None = None) -> None:
        self.at = at
        self._database = _database_at(at, file)

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

    def copy_to(self, target: Path) -> None:
        """Writes a consistent copy to the new SQLite file `target`, whether this store is open or not. It blocks no
        other process, waits for none, and leaves no file beside the state. Raises StateError or LockedError.
        """
        self._database.copy_to(target)

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
        return self._database.exclusive(wait=wait)

    def holders(self) -> list[str]:
        """The processes that hold this lock, in words. Creates nothing."""
        return self._database.holders()

    @contextmanager
    def write(self, *, alone: bool = True) -> Iterator[Transaction]:
        """`alone`: see Database.write."""
        with self._database.write(alone=alone) as connection:
            yield Transaction(connection)

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        with self._database.read() as connection:
            yield Transaction(connection)


def _database_at(at: Path | str, file: Path | None) -> Database:
    if isinstance(at, Path) or file is not None:
        from aggregator.store.sqlite import SQLite

        return SQLite(file or Path(at), copy_of=showable(str(at)) if file else "")
    from aggregator.store.postgresql import PostgreSQL

    return PostgreSQL(at)
