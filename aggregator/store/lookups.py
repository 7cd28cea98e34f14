"""Queries about single entries, for `explain` and others. An index answers each of them, except the search in titles,
which scans one index."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, or_, select

from aggregator.store.dialects import among
from aggregator.store.post_files import PostFileRow
from aggregator.store.schema import entry, feed, post_file, pull, sighting, source
from aggregator.store.sources import SourceRow
from aggregator.store.table import TableQueries

Place = tuple[str, str]  # a source's id, a path below its folder
Key = Literal["canonical", "whole", "body"]

# The indexes begin with source_id: SQLite uses them only where the query names the sources.
EVERYWHERE = sighting.c.source_id.in_(select(source.c.id))
SOURCES = select(*SourceRow.columns()).where(among(source.c.id))


@dataclass(frozen=True, slots=True)
class Face:
    """An entry with its winner, or else its first sighting. `clean`: a packed CleanEntry."""

    id: int
    public_id: str
    slug: str | None
    source_id: str
    clean: bytes


class Lookups(TableQueries):
    # entries by path or title

    def at_paths(self, places: Sequence[Place]) -> list[int]:
        """Entries of the posts at these paths; where none is there now, the entry that was there last."""
        statement = select(sighting.c.entry_id, sighting.c.gone_at).where(_at(sighting, places))
        rows = self._connection.execute(statement.order_by(sighting.c.id.desc())).all()
        standing = [row.entry_id for row in rows if row.gone_at is None]
        return list(dict.fromkeys(standing)) or [row.entry_id for row in rows[:1]]

    def post_files(self, places: Sequence[Place]) -> list[PostFileRow]:
        statement = select(*PostFileRow.columns()).where(_at(post_file, places))
        return [PostFileRow(*row) for row in self._all(statement)]

    def titled(self, title: str, most: int) -> list[int]:
        """Entries with exactly this folded title."""
        exact = select(sighting.c.entry_id).where(EVERYWHERE, sighting.c.title == title)
        return self._distinct(exact.order_by(sighting.c.id).limit(most))

    def titles_with(self, part: str, most: int) -> list[int]:
        """Entries whose title contains `part`, shortest titles first: these match best."""
        return list(self._titles(sighting.c.title.contains(part, autoescape=True), (), most))

    def titles_sharing(self, pieces: Sequence[str], most: int) -> dict[int, str]:
        """Entry id → folded title, where it contains any of these pieces; most pieces first."""
        holds = [sighting.c.title.contains(piece, autoescape=True) for piece in pieces]
        count = sum((case((one, 1), else_=0) for one in holds), literal(0))
        return self._titles(or_(*holds), (count.desc(),), most) if holds else {}

    def newest_titles(self, most: int) -> dict[int, str]:
        newest = select(sighting.c.entry_id, sighting.c.title).order_by(sighting.c.id.desc()).limit(most)
        return {row.entry_id: row.title for row in self._all(newest)}

    def _titles(self, which: ColumnElement[bool], first: Sequence[ColumnElement[Any]], most: int) -> dict[int, str]:
        """The inner query reads the index of titles alone, because rows are large and few are needed."""
        order = (*first, func.length(sighting.c.title), sighting.c.id)
        found = select(sighting.c.id).where(which).order_by(*order).limit(most).subquery()
        rows = select(sighting.c.entry_id, sighting.c.title).join(found, found.c.id == sighting.c.id)
        return {row.entry_id: row.title for row in self._all(rows)}

    def _distinct(self, entries: Select[Any]) -> list[int]:
        return list(dict.fromkeys(self._connection.execute(entries).scalars()))

    # similar entries

    def sharing(self, name: Key, values: Iterable[str], most: int) -> list[int]:
        """Entries with a sighting that has one of these values, oldest first."""
        same = select(sighting.c.entry_id).where(EVERYWHERE, sighting.c[name].in_([value for value in values if value]))
        return self._distinct(same.order_by(sighting.c.id).limit(most))

    def faces(self, entry_ids: Iterable[int]) -> dict[int, Face]:
        """Entry id → Face, without entries that have no sighting."""
        first = select(func.min(sighting.c.id)).where(sighting.c.entry_id == entry.c.id).correlate(entry)
        shown = func.coalesce(entry.c.winner_id, first.scalar_subquery())
        columns = (entry.c.id, entry.c.public_id, entry.c.slug, sighting.c.source_id, sighting.c.clean)
        statement = select(*columns).join(sighting, sighting.c.id == shown)
        return {row.id: Face(*row) for row in self._each(statement.where(among(entry.c.id)), entry_ids)}

    # published

    def published_feeds(self) -> dict[str, bool]:
        """Feed id → whether it waits to be published again, for all feeds in the tree."""
        rows = self._connection.execute(select(feed.c.id, feed.c.dirty).where(feed.c.listing.is_not(None)))
        return {row.id: row.dirty for row in rows}

    def known_again(self, since: int) -> dict[str, int]:
        """Public id → entry id of visible entries from id `since` on that have the same text, or the same title and
        link, as an older entry."""
        known = sighting.alias()
        there = known.c.source_id.in_(select(source.c.id))  # see EVERYWHERE
        words = and_(known.c.whole == sighting.c.whole, sighting.c.whole != "")
        link = and_(known.c.canonical == sighting.c.canonical, sighting.c.canonical != "")
        alike = or_(words, and_(link, known.c.title == sighting.c.title))
        before = select(known.c.id).where(there, known.c.entry_id < since, alike).exists()
        statement = (
            select(entry.c.public_id, entry.c.id)
            .join(sighting, sighting.c.id == entry.c.winner_id)
            .where(entry.c.id >= since, before)
        )
        return {row[0]: row[1] for row in self._all(statement)}

    # sources

    def sources(self, ids: Iterable[str]) -> dict[str, SourceRow]:
        return {row.id: SourceRow(*row) for row in self._each(SOURCES, ids)}

    def last_changed(self, source_id: str) -> datetime | None:
        """When a pull last found the document changed; its content is the same since then."""
        changed = and_(pull.c.source_id == source_id, pull.c.outcome == "changed", pull.c.merged)
        return self._connection.execute(
            select(pull.c.batch_at).where(changed).order_by(pull.c.id.desc()).limit(1)
        ).scalar()

    def count_of_source(self, entry_ids: Iterable[int], source_id: str) -> int:
        """The number of these entries whose winner is of this source."""
        shown = and_(sighting.c.id == entry.c.winner_id, sighting.c.source_id == source_id)
        return sum(row[0] for row in self._each(select(func.count()).where(shown, among(entry.c.id)), entry_ids))


def _at(table: object, places: Sequence[Place]) -> ColumnElement[bool]:
    columns = table.c  # type: ignore[attr-defined]
    return or_(*(and_(columns.source_id == source_id, columns.path == path) for source_id, path in places))
