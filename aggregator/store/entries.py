"""Entries, the categories they are placed in, and the rows of feeds."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar

from sqlalchemy import ColumnElement, Select, Table, and_, bindparam, delete, func, insert, select, update

from aggregator.store.part import FromRow, Part, chunks
from aggregator.store.schema import entry, entry_category, sighting, source


@dataclass(frozen=True, slots=True)
class EntryRow(FromRow):
    table: ClassVar[Table] = entry
    id: int
    public_id: str
    published: datetime
    updated: datetime
    first_seen_at: datetime
    changed_at: datetime
    fresh_at: datetime
    place: int
    digest: str
    placements: list[Any]
    slug: str | None = None
    winner_id: int | None = None
    page_dirty: bool = False
    kept_back: str = ""
    kept_back_at: datetime | None = None
    joined_to: int | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """What a feed needs of one entry: its row, its winner and the winner's source."""

    id: int
    public_id: str
    slug: str | None
    published: datetime
    updated: datetime
    first_seen_at: datetime
    changed_at: datetime
    clean: bytes
    source_updated: datetime | None
    source_id: str
    source_kind: str
    source_url: str
    source_title: str
    source_about: bytes | None


SHOWN = (
    entry.c.id,
    entry.c.public_id,
    entry.c.slug,
    entry.c.published,
    entry.c.updated,
    entry.c.first_seen_at,
    entry.c.changed_at,
    sighting.c.clean,
    sighting.c.source_updated,
    sighting.c.source_id,
    source.c.kind.label("source_kind"),
    source.c.url.label("source_url"),
    source.c.title.label("source_title"),
    source.c.about.label("source_about"),
)

DECIDED = ("slug", "winner_id", "updated", "changed_at", "fresh_at", "digest", "placements", "page_dirty")
CHANGE = update(entry).where(entry.c.id == bindparam("id_")).values({name: bindparam(f"{name}_") for name in DECIDED})

# A feed's order: published, newest first; then first seen; then place in the document; then id.
ORDER = (entry.c.published.desc(), entry.c.first_seen_at.desc(), entry.c.place, entry.c.id)


@dataclass(frozen=True, slots=True)
class Members:
    """Which entries a feed may hold. Each condition that is not None must hold; by default all entries may."""

    all_of: tuple[int, ...] | None = None  # categories
    any_of: tuple[int, ...] | None = None
    none_of: tuple[int, ...] | None = None
    sources: tuple[str, ...] | None = None

    @property
    def is_one_category(self) -> bool:
        others = (self.any_of, self.none_of, self.sources)
        return len(self.all_of or ()) == 1 and all(other is None for other in others)


@dataclass(frozen=True, slots=True)
class Standing:
    """An entry's place among the rows of a feed: what ORDER goes by, and what a feed's limits ask."""

    id: int
    source_id: str
    published: datetime
    fresh_at: datetime
    first_seen_at: datetime
    place: int

    @property
    def rank(self) -> tuple[float, float, int, int]:
        """ORDER, for rows that did not come by one query."""
        return -self.published.timestamp(), -self.first_seen_at.timestamp(), self.place, self.id


class Entries(Part):
    def next_id(self) -> int:
        return (self._connection.execute(select(func.max(entry.c.id))).scalar() or 0) + 1

    def of(self, ids: Iterable[int]) -> dict[int, EntryRow]:
        statement = select(*EntryRow.columns())
        return {
            row.id: EntryRow(*row)
            for chunk in chunks(ids)
            for row in self._connection.execute(statement.where(entry.c.id.in_(chunk)))
        }

    def ids(self, after: int, most: int) -> list[int]:
        statement = select(entry.c.id).where(entry.c.id > after).order_by(entry.c.id).limit(most)
        return list(self._connection.execute(statement).scalars())

    def add(self, rows: Iterable[EntryRow]) -> None:
        for chunk in chunks(rows):
            self._connection.execute(insert(entry), [row.values() for row in chunk])

    def change(self, rows: Iterable[EntryRow]) -> None:
        """Writes all that deciding may change of entries that exist."""
        for chunk in chunks(rows):
            self._connection.execute(
                CHANGE, [{f"{name}_": value for name, value in row.values().items()} for row in chunk]
            )

    def taken_ids(self, public_ids: Iterable[str]) -> set[str]:
        return {
            id_
            for chunk in chunks(public_ids)
            for id_ in self._connection.execute(select(entry.c.public_id).where(entry.c.public_id.in_(chunk))).scalars()
        }

    def slugs(self) -> set[str]:
        """Every slug that was given to a page."""
        return {slug for slug in self._connection.execute(select(entry.c.slug)).scalars() if slug}

    def visible_count(self) -> int:
        statement = select(func.count()).where(entry.c.winner_id.is_not(None))
        return int(self._connection.execute(statement).scalar_one())

    # categories of entries

    def placed(self, entry_ids: Sequence[int]) -> dict[int, dict[int, tuple[int | None, Any]]]:
        """entry id → category id → (position, terms); position is None in the categories above."""
        columns = (
            entry_category.c.entry_id,
            entry_category.c.category_id,
            entry_category.c.position,
            entry_category.c.terms,
        )
        found: dict[int, dict[int, tuple[int | None, Any]]] = {id_: {} for id_ in entry_ids}
        for chunk in chunks(entry_ids):
            for row in self._connection.execute(select(*columns).where(entry_category.c.entry_id.in_(chunk))):
                found[row.entry_id][row.category_id] = (row.position, row.terms)
        return found

    def place(self, placed: Mapping[int, Mapping[int, tuple[int | None, Any]]]) -> None:
        """Replaces the categories of each entry: the shape of `placed`."""
        for chunk in chunks(placed):
            self._connection.execute(delete(entry_category).where(entry_category.c.entry_id.in_(chunk)))
        rows = (
            {"entry_id": entry_id, "category_id": category_id, "position": position, "terms": terms}
            for entry_id, categories in placed.items()
            for category_id, (position, terms) in categories.items()
        )
        for chunk_ in chunks(rows):
            self._connection.execute(insert(entry_category), chunk_)

    # rows of a feed

    def newest(self, members: Members, most: int) -> list[Standing]:
        """The first entries of a feed, in order."""
        if members.is_one_category:
            known = {"category_id": (members.all_of or (0,))[0], "most": most}
            return [Standing(*row) for row in self._connection.execute(NEWEST_IN_CATEGORY, known)]
        rows = self._connection.execute(_standing(members).order_by(*ORDER).limit(most))
        return [Standing(*row) for row in rows]

    def fresh(self, members: Members, window: timedelta, most: int) -> list[Standing]:
        """Entries edited or first seen within `window` of the newest such moment in the feed, in order."""
        latest = self._connection.execute(_members(select(func.max(entry.c.fresh_at)), members)).scalar()
        if latest is None:
            return []
        recent = _standing(members).where(entry.c.fresh_at >= latest - window)
        return [Standing(*row) for row in self._connection.execute(recent.order_by(*ORDER).limit(most))]

    def shown(self, ids: Iterable[int]) -> dict[int, Shown]:
        statement = (
            select(*SHOWN)
            .join(sighting, sighting.c.id == entry.c.winner_id)
            .join(source, source.c.id == sighting.c.source_id)
        )
        return {
            row[0]: Shown(*tuple(row))
            for chunk in chunks(ids)
            for row in self._connection.execute(statement.where(entry.c.id.in_(chunk)))
        }

    def unmapped_count(self) -> int:
        """How many different terms came that no rule maps anywhere (they are kept as they came, or dropped)."""
        terms = {
            tuple(came)
            for placements in self._connection.execute(select(entry.c.placements)).scalars()
            for _, came, _, decider, _ in placements
            if decider in {"keep", "unmapped"}
        }
        return len(terms)

    def count_by_category(self) -> dict[int, int]:
        """How many visible entries stand in each category or below it."""
        statement = (
            select(entry_category.c.category_id, func.count())
            .join(entry, entry.c.id == entry_category.c.entry_id)
            .where(entry.c.winner_id.is_not(None))
            .group_by(entry_category.c.category_id)
        )
        return {row[0]: row[1] for row in self._connection.execute(statement)}

    def newest_dates(self, source_id: str, most: int = 10) -> list[datetime]:
        """When the source's newest entries were published."""
        statement = (
            select(entry.c.published)
            .join(sighting, sighting.c.entry_id == entry.c.id)
            .where(sighting.c.source_id == source_id)
            .order_by(entry.c.published.desc())
            .limit(most)
        )
        return list(self._connection.execute(statement).scalars())

    # pages of local posts

    def dirty_pages(self) -> list[tuple[int, str, bool]]:
        """(entry id, slug, visible) of pages to write again."""
        statement = select(entry.c.id, entry.c.slug, entry.c.winner_id).where(entry.c.page_dirty).order_by(entry.c.id)
        return [(row[0], row[1], row[2] is not None) for row in self._connection.execute(statement) if row[1]]

    def mark_pages(self, *, dirty: bool, ids: Iterable[int] | None = None) -> None:
        has_page = entry.c.slug.is_not(None)
        if ids is None:
            self._connection.execute(update(entry).where(has_page).values(page_dirty=dirty))
            return
        for chunk in chunks(ids):
            self._connection.execute(update(entry).where(has_page, entry.c.id.in_(chunk)).values(page_dirty=dirty))

    def with_slugs(self, slugs: Iterable[str]) -> list[int]:
        return [
            id_
            for chunk in chunks(slugs)
            for id_ in self._connection.execute(select(entry.c.id).where(entry.c.slug.in_(chunk))).scalars()
        ]


def _standing(members: Members) -> Select[Any]:
    columns = (
        entry.c.id,
        sighting.c.source_id,
        entry.c.published,
        entry.c.fresh_at,
        entry.c.first_seen_at,
        entry.c.place,
    )
    return _members(select(*columns).join(sighting, sighting.c.id == entry.c.winner_id), members)


def _members(statement: Select[Any], members: Members) -> Select[Any]:
    where: list[ColumnElement[bool]] = [entry.c.winner_id.is_not(None)]
    where += [entry.c.id.in_(_placed_in((category_id,))) for category_id in members.all_of or ()]
    if members.any_of is not None:
        where.append(entry.c.id.in_(_placed_in(members.any_of)))
    if members.none_of is not None:
        where.append(entry.c.id.not_in(_placed_in(members.none_of)))
    if members.sources is not None:
        shown_by = and_(sighting.c.source_id.in_(members.sources), sighting.c.withheld == "")
        where.append(entry.c.id.in_(select(sighting.c.entry_id).where(shown_by)))
    return statement.where(and_(*where))


def _placed_in(category_ids: tuple[int, ...]) -> Select[tuple[int]]:
    return select(entry_category.c.entry_id).where(entry_category.c.category_id.in_(category_ids))


# By far the most frequent question, put together once.
NEWEST_IN_CATEGORY = (
    _standing(Members())
    .join(entry_category, entry_category.c.entry_id == entry.c.id)
    .where(entry_category.c.category_id == bindparam("category_id"))
    .order_by(*ORDER)
    .limit(bindparam("most"))
)
