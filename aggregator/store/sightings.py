"""Sightings: an entry as one source shows it. They are kept for ever."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, ClassVar, Literal

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    String,
    Table,
    and_,
    bindparam,
    func,
    insert,
    select,
    true,
    union,
    update,
)

from aggregator.store.dialects import among, listed
from aggregator.store.schema import entry, sighting
from aggregator.store.table import FromRow, TableQueries, change_by_id, change_values


@dataclass(frozen=True, slots=True)
class SightingRow(FromRow):
    table: ClassVar[Table] = sighting
    id: int
    source_id: str
    entry_id: int
    upstream_id: str
    link: str
    canonical: str
    path: str
    item: str
    digest: str
    whole: str
    body: str
    title: str
    claimed: datetime | None
    rules_version: str
    source_updated: datetime | None
    matched_by: str
    matched_to: int | None
    score: float | None
    reason: str
    place: int
    first_seen_at: datetime
    last_seen_at: datetime
    gone_at: datetime | None = None
    deleted_at: datetime | None = None
    echo: bool = False
    recalled: bool = False
    withheld: str = ""
    terms: bytes | None = None
    opt_out: bool = False
    kept_in: str | None = None
    sketch: bytes | None = None
    origin: str = ""
    draft: bytes = b""  # these two are read where they are needed
    clean: bytes = b""


Whose = Literal["its own", "others", "all"]
Keys = Mapping[str, Iterable[str]]  # column name → values

MOST_AT_ONCE = 200  # entries of one instant that are looked through: midnight is that of thousands

# Built once, because they run for every batch.
WITHOUT_BLOBS = SightingRow.columns()[:-2]  # all but draft and clean
LIGHT = select(*WITHOUT_BLOBS).where(among(sighting.c.id)).order_by(sighting.c.id)
OF_SOURCE_IN = (
    select(*WITHOUT_BLOBS)
    .where(sighting.c.source_id == bindparam("source_id_"), among(sighting.c.entry_id))
    .order_by(sighting.c.id)
)
WITH_TITLES = (
    select(*WITHOUT_BLOBS).where(among(sighting.c.source_id), among(sighting.c.title, "titles")).order_by(sighting.c.id)
)
WHOLE = select(*SightingRow.columns()).where(among(sighting.c.entry_id)).order_by(sighting.c.id)
HIGHEST = select(func.max(sighting.c.id))
NEWEST = (
    select(sighting.c.id, sighting.c.entry_id)
    .where(sighting.c.source_id == bindparam("source_id_"))
    .order_by(sighting.c.id.desc())
    .limit(bindparam("most"))
)
ADD = insert(sighting)
ANY = select(sighting.c.id).where(sighting.c.source_id == bindparam("source_id_")).limit(1)
DRAFT = select(sighting.c.draft).where(sighting.c.id == bindparam("id_"))
STALE = (
    select(sighting.c.id, sighting.c.source_id, sighting.c.draft)
    .where(
        sighting.c.rules_version != bindparam("rules_version_"),
        sighting.c.sketch.is_(None),
        sighting.c.id > bindparam("after"),
    )
    .order_by(sighting.c.id)
    .limit(bindparam("most"))
)
CLEAN = select(sighting.c.clean).where(sighting.c.id == bindparam("id_"))
_TITLES = listed("titles", String)
_NAMESAKE = sighting.alias()
_NEWEST_OF_TITLE = (
    select(_NAMESAKE.c.id)
    .where(_NAMESAKE.c.source_id == bindparam("source_id_"), _NAMESAKE.c.title == _TITLES.c.value)
    .order_by(_NAMESAKE.c.id.desc())
    .limit(bindparam("most"))
)
_LATERAL = _NEWEST_OF_TITLE.correlate(_TITLES).lateral()
TITLED = {  # the newest of each title are looked up for each: SQLite has no LATERAL, PostgreSQL no IN that does so
    "sqlite": select(sighting.c.id).select_from(_TITLES.join(sighting, sighting.c.id.in_(_NEWEST_OF_TITLE))),
    "postgresql": select(_LATERAL.c.id).select_from(_TITLES.join(_LATERAL, true())),
}
_DATED = select(entry.c.id).where(entry.c.published == bindparam("at_")).limit(MOST_AT_ONCE).subquery()
STANDING_AT = (
    select(sighting.c.id)
    .join(_DATED, _DATED.c.id == sighting.c.entry_id)
    .where(sighting.c.source_id == bindparam("source_id_"), sighting.c.gone_at.is_(None))
)
COUNTS = select(sighting.c.entry_id, func.count()).where(among(sighting.c.entry_id)).group_by(sighting.c.entry_id)


@lru_cache
def _sharing(whose: Whose, names: tuple[str, ...]) -> CompoundSelect[Any]:
    """A query for the ids of sightings that have one of the given values in any of these columns.

    It is a union, so that each column uses its own index.
    """
    column = sighting.c.source_id
    conditions: dict[Whose, ColumnElement[bool]] = {
        "its own": column == bindparam("source"),
        "others": column != bindparam("source"),
        "all": true(),
    }
    queries = (select(sighting.c.id).where(conditions[whose], among(sighting.c[name], name)) for name in names)
    return union(*queries)


TOUCH = (
    update(sighting)
    .where(sighting.c.id == bindparam("id_"))
    .values(last_seen_at=bindparam("seen_at_"), place=bindparam("place_"), gone_at=None, deleted_at=None)
)
ENTRIES_OF_SOURCES = select(sighting.c.entry_id).where(among(sighting.c.source_id)).distinct()


class Sightings(TableQueries):
    def any(self, source_id: str) -> bool:
        """Whether the source has any sighting."""
        return self._connection.execute(ANY, {"source_id_": source_id}).first() is not None

    def newest(self, source_id: str, most: int) -> dict[int, int]:
        """The sightings that the source added last, each with its entry."""
        rows = self._connection.execute(NEWEST, {"source_id_": source_id, "most": most})
        return {row[0]: row[1] for row in rows}

    def find(self, source_id: str, keys: Keys, known: Iterable[SightingRow] = ()) -> list[SightingRow]:
        """Sightings of the source that share any of the keys (by column name), without blobs. `known`: rows that need
        not be read again."""
        return self._sharing("its own", source_id, keys, known)

    def titled(self, source_id: str, titles: Iterable[str], most: int) -> list[SightingRow]:
        """The newest `most` sightings of the source with each of these folded titles, without blobs."""
        if not (wanted := list(titles)):
            return []
        values = {"source_id_": source_id, "titles": wanted, "most": most}
        return self.light(self._connection.execute(TITLED[self._connection.dialect.name], values).scalars().all())

    def standing_at(self, source_id: str, at: datetime) -> list[SightingRow]:
        """Sightings that the source still shows, of entries that were published at this instant, without blobs."""
        found = self._connection.execute(STANDING_AT, {"source_id_": source_id, "at_": at}).scalars().all()
        return self.light(sorted(found))

    def elsewhere(self, source_id: str, keys: Keys) -> list[SightingRow]:
        """The same among all other sources."""
        return self._sharing("others", source_id, keys)

    def anywhere(self, keys: Keys) -> list[SightingRow]:
        """The same among all sources."""
        return self._sharing("all", "", keys)

    def with_titles(self, source_ids: Sequence[str], titles: Iterable[str]) -> list[SightingRow]:
        """Sightings of these sources that have one of these folded titles, without blobs."""
        known = {"among": list(source_ids), "titles": sorted(set(titles) - {""})}
        return [SightingRow(*row) for row in self._connection.execute(WITH_TITLES, known)]

    def at_link(self, link: str, canonical: str) -> list[SightingRow]:
        """Sightings of any source with this canonical link, or with this exact link where `canonical` is ""."""
        same = sighting.c.canonical == canonical
        return list(self._light(same if canonical else and_(same, sighting.c.link == link)))

    def counts(self, entry_ids: Iterable[int]) -> dict[int, int]:
        """Entry id → number of its sightings, without entries that have none."""
        return {row[0]: row[1] for row in self._each(COUNTS, entry_ids)}

    def move(self, entry_id: int, to: int, reason: str) -> None:
        """Moves all sightings of an entry to the entry `to`, as a person decided."""
        values = {"matched_by": "person", "matched_to": None, "score": None, "reason": reason}
        self._connection.execute(update(sighting).where(sighting.c.entry_id == entry_id).values(entry_id=to, **values))

    def of_entries(self, entry_ids: Sequence[int]) -> list[SightingRow]:
        """Sightings with blobs, in merge order."""
        return [SightingRow(*row) for row in self._each(WHOLE, entry_ids)]

    def light(self, ids: Iterable[int]) -> list[SightingRow]:
        """Sightings without blobs, in merge order."""
        return [SightingRow(*row) for row in self._each(LIGHT, ids)]

    def light_of(self, entry_id: int) -> list[SightingRow]:
        return list(self._light(sighting.c.entry_id == entry_id))

    def of_source_in(self, source_id: str, entry_ids: Iterable[int]) -> list[SightingRow]:
        """The source's sightings of these entries, without blobs."""
        known = {"source_id_": source_id, "among": list(entry_ids)}
        return [SightingRow(*row) for row in self._connection.execute(OF_SOURCE_IN, known)]

    def first_of(self, public_ids: Iterable[str]) -> dict[str, SightingRow]:
        """Public id → first sighting of the entry, or of the one that it was joined to, without blobs."""
        found: dict[str, SightingRow] = {}
        stands_for = func.coalesce(entry.c.joined_to, entry.c.id)
        named = select(entry.c.public_id, stands_for).where(among(entry.c.public_id))
        for public_id, entry_id in self._each(named, public_ids):
            for row in self._light(sighting.c.entry_id == entry_id):
                found.setdefault(public_id, row)
        return found

    def standing_count(self, source_id: str) -> int:
        """The number of sightings that the source still shows."""
        mine = and_(sighting.c.source_id == source_id, sighting.c.gone_at.is_(None))
        return int(self._connection.execute(select(func.count()).where(mine)).scalar_one())

    def stale(self, rules_version: str, after: int, most: int) -> list[tuple[int, str, bytes]]:
        """(id, source id, draft) of sightings that other rules derived and that have a draft, by id."""
        known = {"rules_version_": rules_version, "after": after, "most": most}
        return [(row[0], row[1], row[2]) for row in self._connection.execute(STALE, known)]

    def outdate(self, source_id: str) -> None:
        """Marks the source's sightings to be derived again from their drafts."""
        mine = sighting.c.source_id == source_id
        self._connection.execute(update(sighting).where(mine).values(rules_version=""))

    def clean(self, id_: int) -> bytes:
        return bytes(self._connection.execute(CLEAN, {"id_": id_}).scalar_one())

    def draft(self, id_: int) -> bytes:
        return bytes(self._connection.execute(DRAFT, {"id_": id_}).scalar_one())

    def next_id(self) -> int:
        return (self._connection.execute(HIGHEST).scalar() or 0) + 1

    def add(self, rows: Iterable[SightingRow]) -> None:
        self._execute_all(ADD, (row.values() for row in rows))

    def change(self, id_: int, values: Mapping[str, Any]) -> None:
        self._connection.execute(change_by_id(sighting, tuple(values)), change_values(id_, values))

    def touch(self, places: Iterable[tuple[int, int]], seen_at: datetime) -> None:
        """Marks sightings as seen again, unchanged. `places`: (id, place in the document)."""
        self._execute_all(TOUCH, ({"id_": id_, "place_": place, "seen_at_": seen_at} for id_, place in places))

    def entries_of_sources(self, source_ids: Iterable[str]) -> list[int]:
        return sorted({row[0] for row in self._each(ENTRIES_OF_SOURCES, source_ids)})

    def _sharing(
        self, whose: Whose, source_id: str, keys: Keys, known: Iterable[SightingRow] = ()
    ) -> list[SightingRow]:
        """Looks up ids, each key by its index; then reads each row once."""
        wanted = {name: some for name, values in keys.items() if (some := [value for value in values if value])}
        if not wanted:
            return []
        found = (
            self._connection.execute(_sharing(whose, tuple(wanted)), {"source": source_id, **wanted}).scalars().all()
        )
        rows = {row.id: row for row in known}
        rows |= {row.id: row for row in self.light(set(found) - rows.keys())}
        return [rows[id_] for id_ in sorted(found)]

    def _light(self, which: ColumnElement[bool]) -> Iterator[SightingRow]:
        for row in self._connection.execute(select(*WITHOUT_BLOBS).where(which).order_by(sighting.c.id)):
            yield SightingRow(*row)
