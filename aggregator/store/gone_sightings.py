"""Marks sightings that their source no longer shows. Each method returns the ids of their entries."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Executable, bindparam, select, update

from aggregator.store.dialects import among
from aggregator.store.schema import STANDING, post_file, sighting
from aggregator.store.table import TableQueries

SOURCE: BindParameter[str] = bindparam("source_id_")
AT: BindParameter[datetime] = bindparam("at_")
IS_SHOWN, IS_LEFT = sighting.c.gone_at.is_(None), sighting.c.deleted_at.is_(None)


def _marking(*which: ColumnElement[bool], **values: Any) -> Executable:
    mine = sighting.c.source_id == SOURCE
    return update(sighting).where(mine, *which).values(**values).returning(sighting.c.entry_id)


# Built once, because they run for every pull.
FILES = select(post_file.c.path).where(post_file.c.source_id == SOURCE)
MARK_UNSEEN = _marking(IS_SHOWN, sighting.c.last_seen_at < bindparam("unseen_since"), gone_at=AT)
MARK_DELETED = _marking(IS_LEFT, among(sighting.c.upstream_id), gone_at=AT, deleted_at=AT)
MARK_REPLACED = _marking(IS_SHOWN, sighting.c.last_seen_at < AT, among(sighting.c.path), gone_at=AT)
MARK_LOST = _marking(IS_SHOWN, sighting.c.path.not_in(FILES.where(post_file.c.state.in_(STANDING))), gone_at=AT)
MARK_EXPIRED = _marking(IS_LEFT, sighting.c.path.in_(FILES.where(post_file.c.state == "expired")), deleted_at=AT)


class GoneSightings(TableQueries):
    def mark_unseen(self, source_id: str, *, unseen_since: datetime, at: datetime) -> set[int]:
        """Marks sightings that a complete document no longer shows as gone."""
        return self._entries(MARK_UNSEEN, source_id, at, unseen_since=unseen_since)

    def mark_deleted(self, source_id: str, upstream_ids: Iterable[str], *, at: datetime) -> set[int]:
        """Marks sightings that a tombstone (RFC 6721) names as deleted."""
        return {row[0] for row in self._each(MARK_DELETED, upstream_ids, source_id_=source_id, at_=at)}

    def mark_replaced(self, source_id: str, paths: Iterable[str], *, seen_at: datetime) -> set[int]:
        """Marks posts whose file holds another post since `seen_at` as gone."""
        return {row[0] for row in self._each(MARK_REPLACED, paths, source_id_=source_id, at_=seen_at)}

    def mark_lost(self, source_id: str, *, at: datetime) -> set[int]:
        """Marks posts without a file, or whose file is no post to show, as gone."""
        return self._entries(MARK_LOST, source_id, at)

    def mark_expired(self, source_id: str, *, at: datetime) -> set[int]:
        """Marks posts whose file has expired as deleted, whatever happens to posts without a file."""
        return self._entries(MARK_EXPIRED, source_id, at)

    def _entries(self, mark: Executable, source_id: str, at: datetime, **values: datetime) -> set[int]:
        return {row[0] for row in self._all(mark, {"source_id_": source_id, "at_": at, **values})}
