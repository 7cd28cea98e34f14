"""Feeds as they were last published."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from sqlalchemy import Table, and_, bindparam, exists, func, insert, or_, select, update

from aggregator.codec import unpack
from aggregator.model.published import FeedListing
from aggregator.store.dialects import among
from aggregator.store.schema import entry_category, feed, sighting
from aggregator.store.table import FromRow, TableQueries


@dataclass(frozen=True, slots=True)
class FeedRow(FromRow):
    """`listing`: the packed FeedListing as last published, None where the feed is not in the tree. `generation`: the
    newest of its archive; `archive`: digest of the settings that this generation was begun with, "" for no archive.
    `stands_since`: since when it is in the tree, None for long or not there; `ended_at`: when a person ended it."""

    table: ClassVar[Table] = feed
    id: str
    atom_id: str
    recorded_at: datetime
    category_id: int | None = None
    dirty: bool = True
    listing: bytes | None = None
    moved_to: str | None = None
    contents: bytes | None = None
    generation: int = 0
    archive: str = ""
    stands_since: datetime | None = None
    ended_at: datetime | None = None

    @property
    def has_own_entries(self) -> bool:
        """Whether the feed had entries when it was published last. The feed `all` always counts."""
        if self.listing is None or self.moved_to is not None:
            return False
        return self.category_id is None or unpack(self.listing, FeedListing).entries > 0


@dataclass(frozen=True, slots=True)
class Published:
    """What is recorded of a feed after it was written; None for both where it was removed from the tree."""

    id: str
    listing: bytes | None = None
    contents: bytes | None = None


PUBLISHED = (
    update(feed)
    .where(feed.c.id == bindparam("id_"))
    .values(dirty=bindparam("dirty_"), listing=bindparam("listing_"), contents=bindparam("contents_"))
)

ALL = select(*FeedRow.columns()).order_by(feed.c.id)
FIND = select(*FeedRow.columns()).where(feed.c.id == bindparam("id_"))
RECORDED = select(feed.c.id, feed.c.recorded_at)
CONTENTS = select(feed.c.id, feed.c.contents).where(among(feed.c.id))
CATEGORIES = select(feed.c.category_id).where(feed.c.category_id.is_not(None))
ADD = insert(feed)
STANDING_SINCE = (
    select(feed.c.id)
    .where(feed.c.stands_since > bindparam("after_"), feed.c.stands_since <= bindparam("until_"))
    .limit(1)
)
ENDED = select(feed.c.id).where(feed.c.ended_at.is_not(None))
MARK_ALL = update(feed).values(dirty=True)
MARK = (
    update(feed)
    .where(~feed.c.dirty, or_(among(feed.c.id, "ids"), among(feed.c.category_id, "categories")))
    .values(dirty=True)
)
FIRST_RECORDED = select(func.min(feed.c.recorded_at))
OF_SOURCES = among(sighting.c.source_id)
CATEGORIES_OF_SOURCES = select(entry_category.c.category_id).join(
    sighting, and_(sighting.c.entry_id == entry_category.c.entry_id, OF_SOURCES)
)
MARK_OF_SOURCES = (
    update(feed)
    .where(
        ~feed.c.dirty,
        exists().where(OF_SOURCES),
        or_(feed.c.category_id.is_(None), feed.c.category_id.in_(CATEGORIES_OF_SOURCES)),
    )
    .values(dirty=True)
)


class Feeds(TableQueries):
    def all(self) -> dict[str, FeedRow]:
        return {row.id: FeedRow(*row) for row in self._all(ALL)}

    def recorded(self) -> dict[str, datetime]:
        """When each feed was first recorded."""
        return {row[0]: row[1] for row in self._all(RECORDED)}

    def first_recorded(self) -> datetime | None:
        """When the first feed was recorded, None where there is none."""
        return self._connection.execute(FIRST_RECORDED).scalar()

    def find(self, id_: str) -> FeedRow | None:
        return self._found(FeedRow, FIND, {"id_": id_})

    def add(self, rows: Iterable[FeedRow]) -> None:
        self._execute_all(ADD, (row.values() for row in rows))

    def contents(self, ids: Iterable[str]) -> dict[str, bytes]:
        """The packed FeedContents of these feeds, without feeds that were not published."""
        return {row[0]: row[1] for row in self._each(CONTENTS, ids) if row[1] is not None}

    def ended(self) -> frozenset[str]:
        """The ids of feeds whose addresses a person ended."""
        return frozenset(self._connection.execute(ENDED).scalars())

    def end(self, ids: Iterable[str], at: datetime | None) -> None:
        """Ends addresses for good; `at` None: they are wanted again."""
        self._change_each(update(feed).where(among(feed.c.id)).values(ended_at=at, dirty=True), ids)

    def stand(self, ids: Iterable[str], at: datetime | None) -> None:
        """Records since when feeds are in the tree; `at` None: for long."""
        self._change_each(update(feed).where(among(feed.c.id)).values(stands_since=at), ids)

    def is_standing_since(self, after: datetime, until: datetime) -> bool:
        """Whether any feed is in the tree since a time after `after` and up to `until`."""
        return self._connection.execute(STANDING_SINCE, {"after_": after, "until_": until}).first() is not None

    def categories(self) -> set[int]:
        """The categories that have, or had, a feed of their own."""
        return set(self._connection.execute(CATEGORIES).scalars())

    def moved(self) -> dict[str, str]:
        """Feed id → the feed that stands at its address since it moved, "" where a person ended the address."""
        statement = select(feed.c.id, feed.c.moved_to).where(feed.c.moved_to.is_not(None), feed.c.listing.is_not(None))
        return {row[0]: row[1] for row in self._all(statement)} | dict.fromkeys(self.ended(), "")

    def move(self, moves: Mapping[str, str | None]) -> None:
        """Sets which feed each address shows, None for its own, and marks it dirty."""
        for id_, to in moves.items():
            self._connection.execute(update(feed).where(feed.c.id == id_).values(moved_to=to, dirty=True))

    def mark_dirty(self, *, ids: Iterable[str] = (), categories: Iterable[int] = ()) -> None:
        which = {"ids": list(ids), "categories": list(categories)}
        if any(which.values()):
            self._connection.execute(MARK, which)

    def mark_dirty_of_sources(self, ids: Iterable[str]) -> None:
        """Marks every feed that may show an entry of these sources: none, and without a lock, where they have none."""
        self._change_each(MARK_OF_SOURCES, ids)

    def mark_all_dirty(self) -> None:
        self._connection.execute(MARK_ALL)

    def published(self, feeds: Iterable[Published], *, dirty: bool = False) -> None:
        """Records what was published. `dirty`: the feeds have to be published again all the same."""
        rows = ({"id_": one.id, "listing_": one.listing, "contents_": one.contents, "dirty_": dirty} for one in feeds)
        self._execute_all(PUBLISHED, rows)
