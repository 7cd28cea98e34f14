"""Entries, and the categories they are placed in."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Table, and_, bindparam, delete, func, insert, select, update

from aggregator.categories import UNMAPPED
from aggregator.model.backlog import Backlog
from aggregator.model.category_trace import CategoryTrace
from aggregator.store.dialects import among
from aggregator.store.schema import entry, entry_category, sighting
from aggregator.store.table import FromRow, TableQueries
from aggregator.store.tables.entries import NO_NEWS


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
    placements: list[CategoryTrace]
    slug: str | None = None
    winner_id: int | None = None
    page_dirty: bool = False
    kept_back: str = ""
    kept_back_at: datetime | None = None
    joined_to: int | None = None
    shifted: bool = True
    backlog: str = ""
    backlog_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Decision(FromRow):
    """What was last decided about an entry, as far as it depends on the config."""

    table: ClassVar[Table] = entry
    id: int
    winner_id: int | None
    kept_back: str
    placements: list[CategoryTrace]


DECIDED = (
    "slug",
    "winner_id",
    "updated",
    "changed_at",
    "fresh_at",
    "digest",
    "placements",
    "page_dirty",
    "kept_back",
    "kept_back_at",
    "shifted",
    "backlog",
    "backlog_at",
)
CHANGE = update(entry).where(entry.c.id == bindparam("id_")).values({name: bindparam(f"{name}_") for name in DECIDED})

# Built once, because they run for every batch.
HIGHEST = select(func.max(entry.c.id))
ADD, PLACE = insert(entry), insert(entry_category)
OF = select(*EntryRow.columns()).where(among(entry.c.id))
TAKEN = select(entry.c.public_id).where(among(entry.c.public_id))
VISIBLE = select(entry.c.id).where(entry.c.winner_id.is_not(None), among(entry.c.id))
VISIBLE_COUNT = select(func.count()).where(entry.c.winner_id.is_not(None))
DECISIONS = (
    select(*Decision.columns()).where(entry.c.id > bindparam("after")).order_by(entry.c.id).limit(bindparam("most"))
)
KEPT_BACK = select(*EntryRow.columns()).where(among(entry.c.kept_back)).order_by(entry.c.kept_back_at, entry.c.id)
HELD_SINCE = select(entry.c.id).where(entry.c.kept_back == "held", entry.c.kept_back_at <= bindparam("at_")).limit(1)
ANY_BACKLOG = select(entry.c.id).where(NO_NEWS).limit(1)
IN_BACKLOG = select(*EntryRow.columns()).where(NO_NEWS, entry.c.backlog == bindparam("backlog_")).order_by(entry.c.id)
BACKLOGS = select(entry.c.id, entry.c.backlog, entry.c.backlog_at).where(among(entry.c.id), entry.c.backlog != "")
NEWEST_DATES = (
    select(entry.c.published)
    .join(sighting, sighting.c.entry_id == entry.c.id)
    .where(sighting.c.source_id == bindparam("source_id_"))
    .order_by(entry.c.published.desc())
    .limit(bindparam("most"))
)
_DATES_BY_AGE = (
    select(
        sighting.c.source_id,
        entry.c.published,
        func.row_number().over(partition_by=sighting.c.source_id, order_by=entry.c.published.desc()).label("age"),
    )
    .join(entry, entry.c.id == sighting.c.entry_id)
    .where(among(sighting.c.source_id))
    .subquery()
)
NEWEST_DATES_OF = (
    select(_DATES_BY_AGE.c.source_id, _DATES_BY_AGE.c.published)
    .where(_DATES_BY_AGE.c.age <= bindparam("most"))
    .order_by(_DATES_BY_AGE.c.source_id, _DATES_BY_AGE.c.age)
)
DIRTY_PAGES = select(entry.c.id, entry.c.slug, entry.c.winner_id).where(entry.c.page_dirty).order_by(entry.c.id)
MARK_PAGES = update(entry).where(entry.c.slug.is_not(None)).values(page_dirty=bindparam("dirty_"))
MARK_PAGES_OF = MARK_PAGES.where(among(entry.c.id))
UNPLACE = delete(entry_category).where(among(entry_category.c.entry_id))
PUBLIC_IDS = select(entry.c.id, entry.c.public_id).where(among(entry.c.id))
PLACED = select(
    entry_category.c.entry_id, entry_category.c.category_id, entry_category.c.position, entry_category.c.terms
).where(among(entry_category.c.entry_id))
REPLACE_PLACEMENTS = update(entry).where(entry.c.id == bindparam("id_")).values(placements=bindparam("placements_"))


class Entries(TableQueries):
    def next_id(self) -> int:
        return (self._connection.execute(HIGHEST).scalar() or 0) + 1

    def of(self, ids: Iterable[int]) -> dict[int, EntryRow]:
        return {row.id: EntryRow(*row) for row in self._each(OF, ids)}

    def ids(self, after: int, most: int) -> list[int]:
        statement = select(entry.c.id).where(entry.c.id > after).order_by(entry.c.id).limit(most)
        return list(self._connection.execute(statement).scalars())

    def decisions(self, size: int = 5000) -> Iterator[list[Decision]]:
        """Yields the decisions of all entries by id, at most `size` at a time."""
        after = 0
        while found := [Decision(*row) for row in self._connection.execute(DECISIONS, {"after": after, "most": size})]:
            yield found
            after = found[-1].id

    def replace_placements(self, placements: Mapping[int, Sequence[CategoryTrace]]) -> None:
        """Replaces how placements were decided, where their categories stay the same."""
        rows = ({"id_": id_, "placements_": values} for id_, values in placements.items())
        self._execute_all(REPLACE_PLACEMENTS, rows)

    def add(self, rows: Iterable[EntryRow]) -> None:
        self._execute_all(ADD, (row.values() for row in rows))

    def change(self, rows: Iterable[EntryRow]) -> None:
        """Updates the columns that a decision may change (DECIDED)."""
        self._execute_all(CHANGE, ({f"{name}_": value for name, value in row.values().items()} for row in rows))

    def redigest(self, winner_id: int, old: str, new: str) -> None:
        """Replaces the digest after the winner was cleaned by other rules, so that this is no edit."""
        mine = and_(entry.c.winner_id == winner_id, entry.c.digest == old)
        self._connection.execute(update(entry).where(mine).values(digest=new))

    def taken_ids(self, public_ids: Iterable[str]) -> set[str]:
        return {row[0] for row in self._each(TAKEN, public_ids)}

    def public_id_of_page(self, slug: str) -> str:
        """The public id of the entry whose page has this slug, "" for none."""
        return str(self._connection.execute(select(entry.c.public_id).where(entry.c.slug == slug)).scalar() or "")

    def slugs(self) -> set[str]:
        """The slugs of all pages."""
        return {slug for slug in self._connection.execute(select(entry.c.slug)).scalars() if slug}

    def visible_count(self) -> int:
        return int(self._connection.execute(VISIBLE_COUNT).scalar_one())

    def visible(self, ids: Iterable[int]) -> list[int]:
        """The ids of those that are shown."""
        return [row[0] for row in self._each(VISIBLE, ids)]

    def with_public_ids(self, public_ids: Iterable[str]) -> list[int]:
        return [row[0] for row in self._each(select(entry.c.id).where(among(entry.c.public_id)), public_ids)]

    def public_ids(self, ids: Iterable[int]) -> dict[int, str]:
        return {row[0]: row[1] for row in self._each(PUBLIC_IDS, ids)}

    def public_ids_of(self, source_id: str) -> list[str]:
        """The public ids of all entries that the source ever showed."""
        mine = select(sighting.c.entry_id).where(sighting.c.source_id == source_id)
        return list(self._connection.execute(select(entry.c.public_id).where(entry.c.id.in_(mine))).scalars())

    def keep_back(self, ids: Iterable[int], state: str, at: datetime) -> None:
        """`state`: held, site, hold, waiting or removed; "" to show them again. The next decision applies it."""
        values = {"kept_back": state, "kept_back_at": at if state else None}
        self._change_each(update(entry).where(among(entry.c.id)).values(**values), ids)

    def kept_back(self, states: Iterable[str]) -> list[EntryRow]:
        """Entries in any of these states, the longest kept back first."""
        return [EntryRow(*row) for row in self._connection.execute(KEPT_BACK, {"among": list(states)})]

    def is_held_since(self, at: datetime) -> bool:
        """Whether the flood guard holds any entry since `at` or longer."""
        return self._connection.execute(HELD_SINCE, {"at_": at}).first() is not None

    # entries that are no news

    def any_backlog(self) -> bool:
        return self._connection.execute(ANY_BACKLOG).first() is not None

    def in_backlog(self, backlog: Backlog) -> list[EntryRow]:
        """Entries of this kind that are not kept back."""
        rows = (EntryRow(*row) for row in self._connection.execute(IN_BACKLOG, {"backlog_": backlog}))
        return [row for row in rows if not row.kept_back]

    def backlogs(self, ids: Iterable[int]) -> dict[int, tuple[str, datetime]]:
        """Entry id → (backlog, since when), without entries that are news."""
        return {row[0]: (row[1], row[2]) for row in self._each(BACKLOGS, ids)}

    def set_backlog(self, ids: Iterable[int], backlog: Backlog, at: datetime) -> None:
        """From now on they count as fresh at their dates only."""
        values = {"backlog": backlog, "backlog_at": at, "fresh_at": entry.c.published}
        self._change_each(update(entry).where(among(entry.c.id)).values(**values), ids)

    def join(self, id_: int, into: int, at: datetime) -> None:
        """Joins an entry, and all that were joined to it before, to the entry `into`."""
        values = {"kept_back": "joined", "kept_back_at": at, "joined_to": into}
        self._connection.execute(update(entry).where(entry.c.id == id_).values(**values))
        before = and_(entry.c.kept_back == "joined", entry.c.joined_to == id_)
        self._connection.execute(update(entry).where(before).values(joined_to=into))

    # categories of entries

    def placed(self, entry_ids: Sequence[int]) -> dict[int, dict[int, tuple[int | None, Any]]]:
        """Entry id → category id → (position, terms). The position is None in parent categories."""
        found: dict[int, dict[int, tuple[int | None, Any]]] = {id_: {} for id_ in entry_ids}
        for entry_id, category_id, position, terms in self._each(PLACED, entry_ids):
            found[entry_id][category_id] = (position, terms)
        return found

    def place(self, placed: Mapping[int, Mapping[int, tuple[int | None, Any]]]) -> None:
        """Replaces the categories of each entry. `placed` is as `placed()` returns it."""
        self._change_each(UNPLACE, placed)
        rows = (
            {"entry_id": entry_id, "category_id": category_id, "position": position, "terms": terms}
            for entry_id, categories in placed.items()
            for category_id, (position, terms) in categories.items()
        )
        self._execute_all(PLACE, rows)

    def unmapped_count(self) -> int:
        """The number of different terms that no rule maps; they were kept as they came, or dropped."""
        terms = {
            trace.came
            for placements in self._connection.execute(select(entry.c.placements)).scalars()
            for trace in placements
            if trace.decider in UNMAPPED
        }
        return len(terms)

    def newest_dates(self, source_id: str, most: int = 10) -> list[datetime]:
        """The dates of the source's newest entries."""
        return list(self._connection.execute(NEWEST_DATES, {"source_id_": source_id, "most": most}).scalars())

    def newest_dates_of(self, source_ids: Iterable[str], most: int = 10) -> dict[str, list[datetime]]:
        """`newest_dates` of each source that has any."""
        found: dict[str, list[datetime]] = {}
        for source_id, date in self._each(NEWEST_DATES_OF, source_ids, most=most):
            found.setdefault(source_id, []).append(date)
        return found

    # pages of local posts

    def dirty_pages(self) -> list[tuple[int, str, bool]]:
        """(entry id, slug, is visible) of the pages to write again."""
        return [(row[0], row[1], row[2] is not None) for row in self._connection.execute(DIRTY_PAGES) if row[1]]

    def mark_pages(self, *, dirty: bool, ids: Iterable[int] | None = None) -> None:
        if ids is None:
            self._connection.execute(MARK_PAGES, {"dirty_": dirty})
        else:
            self._change_each(MARK_PAGES_OF, ids, dirty_=dirty)

    def mark_pages_of(self, category_ids: Iterable[int]) -> None:
        """Marks the pages of entries in these categories dirty."""
        there = select(entry_category.c.entry_id).where(among(entry_category.c.category_id))
        change = update(entry).where(entry.c.slug.is_not(None), entry.c.id.in_(there)).values(page_dirty=True)
        self._change_each(change, category_ids)

    def with_slugs(self, slugs: Iterable[str]) -> list[int]:
        return [row[0] for row in self._each(select(entry.c.id).where(among(entry.c.slug)), slugs)]
