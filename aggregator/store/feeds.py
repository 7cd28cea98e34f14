"""Feeds as they were last published."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from sqlalchemy import Table, and_, bindparam, insert, or_, select, update

from aggregator.store.part import FromRow, Part, chunks
from aggregator.store.schema import entry_category, feed, sighting


@dataclass(frozen=True, slots=True)
class FeedRow(FromRow):
    """`listing`: models.Listing as last published, None where it is not in the tree."""

    table: ClassVar[Table] = feed
    id: str
    atom_id: str
    recorded_at: datetime
    category_id: int | None = None
    dirty: bool = True
    listing: bytes | None = None


PUBLISHED = (
    update(feed).where(feed.c.id == bindparam("id_")).values(dirty=bindparam("dirty_"), listing=bindparam("listing_"))
)


class Feeds(Part):
    def all(self) -> dict[str, FeedRow]:
        statement = select(*FeedRow.columns()).order_by(feed.c.id)
        return {row.id: FeedRow(*row) for row in self._connection.execute(statement)}

    def add(self, rows: Iterable[FeedRow]) -> None:
        for chunk in chunks(rows):
            self._connection.execute(insert(feed), [row.values() for row in chunk])

    def mark_dirty(self, *, ids: Iterable[str] = (), categories: Iterable[int] = ()) -> None:
        for chunk in chunks(ids):
            self._mark(feed.c.id.in_(chunk))
        for numbers in chunks(categories):
            self._mark(feed.c.category_id.in_(numbers))

    def mark_dirty_of_source(self, source_id: str) -> None:
        """Every feed that may show an entry of the source."""
        of_source = select(entry_category.c.category_id).join(
            sighting, and_(sighting.c.entry_id == entry_category.c.entry_id, sighting.c.source_id == source_id)
        )
        self._mark(or_(feed.c.category_id.is_(None), feed.c.category_id.in_(of_source)))

    def mark_all_dirty(self) -> None:
        self._connection.execute(update(feed).values(dirty=True))

    def published(self, listings: Iterable[tuple[str, bytes | None]], *, dirty: bool = False) -> None:
        """(feed id, its listing, or None where it left the tree); `dirty`: what it shows may have changed since."""
        for chunk in chunks(listings):
            rows = [{"id_": id_, "listing_": listing, "dirty_": dirty} for id_, listing in chunk]
            self._connection.execute(PUBLISHED, rows)

    def _mark(self, which: object) -> None:
        self._connection.execute(update(feed).where(and_(which)).values(dirty=True))  # type: ignore[arg-type]
