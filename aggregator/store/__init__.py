"""The state: what we know of sources, sightings, entries, categories and feeds, behind a narrow protocol.

`Store.write()` and `Store.read()` open one transaction and hand out the parts, each of which speaks of one noun.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection

from aggregator.store.archives import Archives
from aggregator.store.arrivals import Arrivals, PendingPull
from aggregator.store.categories import Categories, CategoryRow
from aggregator.store.changes import Changes
from aggregator.store.engine import Database, exclusive
from aggregator.store.entries import Entries, EntryRow, Verdict
from aggregator.store.facts import Facts
from aggregator.store.feed_members import FeedMembers
from aggregator.store.feeds import FeedRow, Feeds, Published
from aggregator.store.first_answers import FirstAnswers
from aggregator.store.health import Health, HealthRow
from aggregator.store.hosts import Hosts
from aggregator.store.integrity import Integrity
from aggregator.store.lookups import Lookups
from aggregator.store.overrides import OverrideRow, Overrides
from aggregator.store.post_files import PostFileRow, PostFiles
from aggregator.store.published_files import FileRow, PublishedFiles
from aggregator.store.reading_lists import ListRow, ReadingLists
from aggregator.store.removals import RemovalRow, Removals, RemovedSighting
from aggregator.store.retention import Retention
from aggregator.store.rows import Rows
from aggregator.store.sightings import SightingRow, Sightings, SightingSummary
from aggregator.store.signatures import SignatureRow, Signatures
from aggregator.store.sources import SourceRow, Sources
from aggregator.store.terms import Arrived, Terms
from aggregator.store.times import LaterTimes, Times

__all__ = [
    "Arrived",
    "CategoryRow",
    "EntryRow",
    "FeedRow",
    "FileRow",
    "HealthRow",
    "LaterTimes",
    "ListRow",
    "OverrideRow",
    "PendingPull",
    "PostFileRow",
    "Published",
    "RemovalRow",
    "RemovedSighting",
    "SightingRow",
    "SightingSummary",
    "SignatureRow",
    "SourceRow",
    "Store",
    "Transaction",
    "Verdict",
]


@dataclass(frozen=True, slots=True)
class Transaction:
    facts: Facts
    sources: Sources
    arrivals: Arrivals
    posts: PostFiles
    sightings: Sightings
    entries: Entries
    categories: Categories
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
    kept: FirstAnswers
    health: Health
    lists: ReadingLists
    times: Times
    removals: Removals
    rows: Rows
    retention: Retention


class Store:
    """The state `path`; or, where `file` is given, the copy of it that lies there."""

    def __init__(self, path: Path, file: Path | None = None) -> None:
        self.path = path
        self._database = Database(path, file)

    def exists(self) -> bool:
        return self.path.exists()

    def open(self) -> None:
        """Creates or upgrades the state; raises StateError or LockedError."""
        self._database.open()

    def close(self) -> None:
        self._database.close()

    def copy_to(self, target: Path) -> None:
        """Makes a new file of the state as one moment has it; open or not, beside whoever works on it, whom it neither
        stops nor waits for, and without a trace in the state or beside it. Raises StateError or LockedError.
        """
        self._database.copy_to(target)

    def faults(self) -> list[str]:
        """What is wrong with the state, in sentences; nothing where it is whole."""
        with self._database.read() as connection:
            return list(Integrity(connection).faults())

    def compact(self) -> int:
        """Gives room that is free in the file back to the disk, where nobody else has the state in use; returns how
        many bytes. Raises StateError where the disk has no room for the copy that this takes."""
        return self._database.compact()

    def exclusive(self, *, wait: bool = False) -> AbstractContextManager[None]:
        """The right to be the one engine at work; raises LockedError where another has it."""
        return exclusive(self.path, wait=wait)

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        with self._database.write() as connection:
            yield _parts(connection)

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        with self._database.read() as connection:
            yield _parts(connection)


def _parts(connection: Connection) -> Transaction:
    return Transaction(
        Facts(connection),
        Sources(connection),
        Arrivals(connection),
        PostFiles(connection),
        Sightings(connection),
        Entries(connection),
        Categories(connection),
        Feeds(connection),
        PublishedFiles(connection),
        Overrides(connection),
        Signatures(connection),
        FeedMembers(connection),
        Lookups(connection),
        Changes(connection),
        Terms(connection),
        Archives(connection),
        Hosts(connection),
        FirstAnswers(connection),
        Health(connection),
        ReadingLists(connection),
        Times(connection),
        Removals(connection),
        Rows(connection),
        Retention(connection),
    )
