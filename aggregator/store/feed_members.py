"""Which entries stand in a feed, and in which order: all of them, or without those that its documents leave out.

A small category is read from its index and sorted; a large one is looked up while walking all entries in feed order.
So the first entries of a feed cost a few milliseconds, whatever the size of the store and of the category.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    and_,
    bindparam,
    distinct,
    exists,
    func,
    join,
    or_,
    select,
    type_coerce,
)

from aggregator.store.dialects import among
from aggregator.store.instants import EPOCH
from aggregator.store.schema import archive_entry, category, entry, entry_category, sighting, source
from aggregator.store.table import TableQueries
from aggregator.store.types import Instant

MANY = 10_000  # entries from which a category counts as large: both ways cost the same here
EVERY = 2**31
MICROSECOND = timedelta(microseconds=1)  # the unit of stored times


@dataclass(frozen=True, slots=True)
class FeedFilter:
    """The conditions that entries of a feed meet. None is no condition; by default all entries meet them."""

    all_of: tuple[int, ...] | None = None  # categories
    any_of: tuple[int, ...] | None = None
    none_of: tuple[int, ...] | None = None
    sources: tuple[str, ...] | None = None

    @property
    def among(self) -> tuple[tuple[int, ...], ...]:
        """Sets of categories; an entry must be in at least one of each set."""
        return (*((id_,) for id_ in self.all_of or ()), *((self.any_of,) if self.any_of is not None else ()))

    @property
    def category(self) -> int | None:
        """The one category that the filter asks for, None where there are other conditions."""
        others = (self.any_of, self.none_of, self.sources)
        if self.all_of is None or len(self.all_of) != 1 or any(other is not None for other in others):
            return None
        return self.all_of[0]


ALL_ENTRIES = FeedFilter()


@dataclass(frozen=True, slots=True)
class FeedPosition:
    """An entry's place among the rows of a feed: what decides its order and its limits."""

    id: int
    source_id: str
    published: datetime
    fresh_at: datetime
    first_seen_at: datetime
    place: int

    @property
    def rank(self) -> tuple[float, float, int, int]:
        """The sort key of a feed's order, for rows of several queries."""
        return -self.published.timestamp(), -self.first_seen_at.timestamp(), self.place, self.id


class FeedMembers(TableQueries):
    def counts(self, most: int) -> dict[int, int]:
        """Category id → number of visible entries in it or below it, counted up to `most`."""
        return {row[0]: row[1] for row in self._all(COUNTS, {"most": most})}

    def source_counts(self, category_ids: Iterable[int], most: int) -> dict[int, int]:
        """Category id → how many sources show its first `most` visible entries."""
        return {row[0]: row[1] for row in self._each(SOURCE_COUNTS.params(most=most), category_ids)}

    def with_posts(self, category_ids: Iterable[int], most: int) -> set[int]:
        """The categories with a local post among their first `most` visible entries."""
        return {row[0] for row in self._each(WITH_POSTS.params(most=most), category_ids)}

    def few(self, members: FeedFilter, most: int, since: datetime | None = None) -> list[int] | None:
        """All entries of a category of at most `most`, in order; None for other feeds, which `newest` serves. `since`
        (see `binding_since`): without those that are kept out of the feed's documents."""
        if members.category is None or self._are_many((members.category,)):
            return None
        known = {"category_id": members.category, "most": most + 1} | _bound(since)
        statement = EVERY_ENTRY.ids if since is None else NEWS.ids
        found = list(self._connection.execute(statement, known).scalars())
        return found if len(found) <= most else None

    def newest(self, members: FeedFilter, most: int, since: datetime | None = None) -> list[FeedPosition]:
        """The first `most` entries of a feed, in order. `since`: as for `few`."""
        statements, known = EVERY_ENTRY if since is None else NEWS, {"most": most} | _bound(since)
        if members.category is not None:
            known["category_id"] = members.category
            statement = statements.among_many if self._are_many((members.category,)) else statements.newest
        elif members == ALL_ENTRIES:
            statement = statements.of_all
        else:
            conditions = self._conditions(members, since)
            statement = _with_sources(select(*FOUND).where(*conditions).order_by(*_order(entry.c)).limit(most))
        return [FeedPosition(*row) for row in self._connection.execute(statement, known).all()]

    def unsealed(self, feed_id: str, members: FeedFilter, most: int) -> list[FeedPosition]:
        """The first `most` entries of a feed that are on no page of its archive, in order."""
        theirs = (archive_entry.c.feed_id == feed_id, archive_entry.c.number.is_(None))
        first = select(*FOUND).join(archive_entry, archive_entry.c.entry_id == entry.c.id)
        first = first.where(*theirs, *self._conditions(members)).order_by(*_order(entry.c)).limit(most)
        return [FeedPosition(*row) for row in self._connection.execute(_with_sources(first)).all()]

    def members(self, members: FeedFilter) -> Select[Any]:
        """A query for the ids of all entries of a feed."""
        return select(entry.c.id).where(*self._conditions(members))

    def among(self, members: FeedFilter, entry_ids: Iterable[int]) -> set[int]:
        """Those of the given entries that belong to a feed."""
        query = self.members(members).where(among(entry.c.id))
        return {row[0] for row in self._each(query, entry_ids)}

    def fresh(
        self, members: FeedFilter, window: timedelta, most: int, since: datetime | None = None
    ) -> list[FeedPosition]:
        """Entries edited or first seen within `window` before the newest such time in the feed, in order. `since`: as
        for `few`."""
        conditions = list(self._conditions(members, since))
        bound = _bound(since)
        recent = (
            _recent_of_few(conditions, window) if self._are_few(members) else self._recent(conditions, bound, window)
        )
        row = recent.subquery().c
        first = select(*(row[one.name] for one in FOUND)).order_by(*_order(row)).limit(most)
        return [FeedPosition(*one) for one in self._all(_with_sources(first), bound)]

    def _recent(
        self, conditions: Sequence[ColumnElement[bool]], bound: dict[str, Any], window: timedelta
    ) -> Select[Any]:
        """Ordered by `fresh_at`: else SQLite would search all entries in feed order for recent ones."""
        newest = select(func.max(entry.c.fresh_at)).where(*conditions)
        latest = self._connection.execute(newest, bound).scalar() or EPOCH
        recent = select(*FOUND).where(*conditions, entry.c.fresh_at >= latest - window)
        return recent.order_by(entry.c.fresh_at.desc()).limit(EVERY)

    def _conditions(self, members: FeedFilter, since: datetime | None = None) -> Iterator[ColumnElement[bool]]:
        yield VISIBLE
        if since is not None:
            yield ~KEPT_OUT
        for category_ids in members.among:
            there = entry_category.c.category_id.in_(category_ids)
            few = entry.c.id.in_(select(entry_category.c.entry_id).where(there))
            yield _is_placed(there) if self._are_many(category_ids) else few
        if members.none_of is not None:
            yield ~_is_placed(entry_category.c.category_id.in_(members.none_of))
        if members.sources is not None:
            shown_by = and_(sighting.c.source_id.in_(members.sources), sighting.c.withheld == "")
            yield entry.c.id.in_(select(sighting.c.entry_id).where(shown_by))

    def _are_few(self, members: FeedFilter) -> bool:
        return members.sources is not None or not all(map(self._are_many, members.among))

    def _are_many(self, category_ids: tuple[int, ...]) -> bool:
        """Whether at least MANY entries are in any of these categories."""
        if not self._is_large:
            return False
        if category_ids not in self._many:
            some = select(entry_category.c.entry_id).where(entry_category.c.category_id.in_(category_ids)).limit(MANY)
            count = self._connection.execute(select(func.count()).select_from(some.subquery())).scalar_one()
            self._many[category_ids] = count >= MANY
        return self._many[category_ids]

    @cached_property
    def _many(self) -> dict[tuple[int, ...], bool]:
        return {}

    @cached_property
    def _is_large(self) -> bool:
        return (self._connection.execute(select(func.max(entry.c.id))).scalar() or 0) >= MANY


VISIBLE = entry.c.winner_id.is_not(None)
# What `is_kept_out` says of one entry.
SINCE = bindparam("since", type_=Instant())
KEPT_OUT = and_(entry.c.backlog != "", or_(entry.c.backlog != "past", entry.c.backlog_at >= SINCE))
FOUND = (
    entry.c.id,
    entry.c.winner_id,
    entry.c.published,
    entry.c.fresh_at,
    entry.c.first_seen_at,
    entry.c.place,
)


def _bound(since: datetime | None) -> dict[str, Any]:
    return {} if since is None else {"since": since}


def _recent_of_few(conditions: Sequence[ColumnElement[bool]], window: timedelta) -> Select[Any]:
    """One scan of the feed's entries."""
    latest = func.max(entry.c.fresh_at).over().label("latest")
    row = select(*FOUND, latest).where(*conditions).subquery().c
    return select(*row).where(row.fresh_at >= type_coerce(row.latest, BigInteger) - window // MICROSECOND)


def _is_placed(there: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(entry_category.c.entry_id == entry.c.id, there)


def _with_sources(found: Select[Any]) -> Select[Any]:
    """Joins the sources last, because sightings are large and few are needed."""
    row = found.subquery().c
    columns = (row.id, sighting.c.source_id, row.published, row.fresh_at, row.first_seen_at, row.place)
    return select(*columns).join(sighting, sighting.c.id == row.winner_id).order_by(*_order(row))


def _order(row: Any) -> tuple[ColumnElement[Any], ...]:
    """A feed's order: published, newest first; then first seen; then place in the document; then id."""
    return row.published.desc(), row.first_seen_at.desc(), row.place, row.id


ORDER_BACKWARDS = (entry.c.published, entry.c.first_seen_at, entry.c.place.desc(), entry.c.id.desc())

# Built once, because they are the most frequent queries.
THERE = entry_category.c.category_id == bindparam("category_id")
PLACED = join(entry, entry_category, entry_category.c.entry_id == entry.c.id)


@dataclass(frozen=True, slots=True)
class Newest:
    """Queries for the first `most` entries: of a category (`ids` for their ids alone), of a large one, of all."""

    ids: Select[Any]
    newest: Select[Any]
    among_many: Select[Any]
    of_all: Select[Any]


def _newest(*conditions: ColumnElement[bool]) -> Newest:
    first = select(*FOUND).where(*conditions).order_by(*_order(entry.c)).limit(bindparam("most"))
    placed = first.select_from(PLACED).where(THERE)
    return Newest(
        ids=placed.with_only_columns(entry.c.id, maintain_column_froms=True),
        newest=_with_sources(placed),
        among_many=_with_sources(first.where(_is_placed(THERE))),
        of_all=_with_sources(first),
    )


EVERY_ENTRY, NEWS = _newest(VISIBLE), _newest(VISIBLE, ~KEPT_OUT)
SOME = (
    select(entry_category.c.entry_id)
    .join(entry, entry.c.id == entry_category.c.entry_id)
    .where(entry_category.c.category_id == category.c.id, VISIBLE)
    .limit(bindparam("most"))
    .correlate(category)
)
COUNTS = select(category.c.id, select(func.count()).select_from(SOME.subquery()).correlate(category).scalar_subquery())
SHOWING = (
    select(sighting.c.source_id, source.c.kind)
    .join(entry, entry.c.winner_id == sighting.c.id)
    .join(entry_category, entry_category.c.entry_id == entry.c.id)
    .join(source, source.c.id == sighting.c.source_id)
    .where(entry_category.c.category_id == category.c.id)
    .limit(bindparam("most"))
    .correlate(category)
    .subquery()
)
COUNTED = select(func.count(distinct(SHOWING.c.source_id))).correlate(category).scalar_subquery()
SOURCE_COUNTS = select(category.c.id, COUNTED).where(among(category.c.id))
WITH_POSTS = select(category.c.id).where(
    among(category.c.id), exists(select(SHOWING.c.kind).where(SHOWING.c.kind == "posts").correlate(category))
)
