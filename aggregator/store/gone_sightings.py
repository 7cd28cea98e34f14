"""Marks sightings that their source no longer shows. Each method returns the ids of their entries."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, and_, bindparam, select, update

from aggregator.store.chunks import chunks
from aggregator.store.schema import STANDING, post_file, sighting
from aggregator.store.table import TableQueries

# Built once, because they run for every batch.
UNSEEN = and_(
    sighting.c.source_id == bindparam("source_id_"),
    sighting.c.gone_at.is_(None),
    sighting.c.last_seen_at < bindparam("unseen_since"),
)
GONE = select(sighting.c.entry_id).where(UNSEEN).distinct()
MARK_GONE = update(sighting).where(UNSEEN).values(gone_at=bindparam("at_"))


class GoneSightings(TableQueries):
    def mark_unseen(self, source_id: str, *, unseen_since: datetime, at: datetime) -> list[int]:
        """Marks sightings that a complete document no longer shows as gone."""
        unseen = {"source_id_": source_id, "unseen_since": unseen_since}
        ids = list(self._connection.execute(GONE, unseen).scalars())
        if ids:
            self._connection.execute(MARK_GONE, unseen | {"at_": at})
        return ids

    def mark_deleted(self, source_id: str, upstream_ids: Iterable[str], *, at: datetime) -> list[int]:
        """Marks sightings that a tombstone (RFC 6721) names as deleted."""
        mine = and_(sighting.c.source_id == source_id, sighting.c.deleted_at.is_(None))
        withdrawn = (and_(mine, sighting.c.upstream_id.in_(chunk)) for chunk in chunks(upstream_ids))
        return [entry_id for which in withdrawn for entry_id in self._mark(which, gone_at=at, deleted_at=at)]

    def mark_replaced(self, source_id: str, paths: Iterable[str], *, seen_at: datetime) -> list[int]:
        """Marks posts whose file holds another post since `seen_at` as gone."""
        older = and_(sighting.c.source_id == source_id, sighting.c.gone_at.is_(None), sighting.c.last_seen_at < seen_at)
        return [
            entry_id
            for chunk in chunks(paths)
            for entry_id in self._mark(and_(older, sighting.c.path.in_(chunk)), gone_at=seen_at)
        ]

    def mark_lost(self, source_id: str, *, at: datetime) -> list[int]:
        """Marks posts without a file, or whose file is no post to show, as gone."""
        standing = select(post_file.c.path).where(post_file.c.source_id == source_id, post_file.c.state.in_(STANDING))
        live = and_(sighting.c.source_id == source_id, sighting.c.gone_at.is_(None))
        return self._mark(and_(live, sighting.c.path.not_in(standing)), gone_at=at)

    def mark_expired(self, source_id: str, *, at: datetime) -> list[int]:
        """Marks posts whose file has expired as deleted, whatever happens to posts without a file."""
        mine = and_(post_file.c.source_id == source_id, post_file.c.state == "expired")
        expired = sighting.c.path.in_(select(post_file.c.path).where(mine))
        return self._mark(
            and_(sighting.c.source_id == source_id, sighting.c.deleted_at.is_(None), expired), deleted_at=at
        )

    def _mark(self, which: ColumnElement[bool], **values: datetime) -> list[int]:
        ids = list(self._connection.execute(select(sighting.c.entry_id).where(which).distinct()).scalars())
        if ids:
            self._connection.execute(update(sighting).where(which).values(**values))
        return ids
