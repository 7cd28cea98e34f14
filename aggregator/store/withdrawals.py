"""Withdrawn entries and the feeds that tell so, until the entry comes back, or was told long enough."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from sqlalchemy import Table, and_, bindparam, delete, func, insert, or_, select, tuple_, update

from aggregator.model.withdrawal import MOST_TOMBSTONES, STUBBED, STUBS_STAND, TOLD, TOMBSTONES_STAND, Kind
from aggregator.store.dialects import among
from aggregator.store.schema import entry, withdrawal
from aggregator.store.table import FromRow, TableQueries


@dataclass(frozen=True, slots=True)
class WithdrawalRow(FromRow):
    """`entry_id`: None where only the published tree knew the entry; `stood`: in the feed's document, and no stub of it
    has ended; `permalink`: its id was its link."""

    table: ClassVar[Table] = withdrawal
    feed_id: str
    public_id: str
    entry_id: int | None
    kind: Kind
    withdrawn_at: datetime
    stood: bool
    permalink: bool
    published: datetime
    first_seen_at: datetime
    place: int

    @property
    def is_told(self) -> bool:
        return self.kind in TOLD

    @property
    def is_stubbed(self) -> bool:
        return self.stood and self.kind in STUBBED

    @property
    def rank(self) -> tuple[float, float, int, int]:
        """Its sort key in a feed's order, as `FeedPosition.rank`."""
        return -self.published.timestamp(), -self.first_seen_at.timestamp(), self.place, self.entry_id or 0


IS_TOLD = withdrawal.c.kind.in_(TOLD)
NEWEST = (
    withdrawal.c.withdrawn_at.desc(),
    withdrawal.c.published.desc(),
    withdrawal.c.first_seen_at.desc(),
    withdrawal.c.place,
    withdrawal.c.public_id,
)
OF_FEEDS = select(*WithdrawalRow.columns()).where(among(withdrawal.c.feed_id), IS_TOLD).order_by(*NEWEST)
OF_ENTRY = select(*WithdrawalRow.columns()).where(withdrawal.c.entry_id == bindparam("entry_id_"))
RANKED = (
    select(
        withdrawal.c.feed_id,
        withdrawal.c.public_id,
        func.row_number().over(partition_by=withdrawal.c.feed_id, order_by=NEWEST).label("number"),
    )
    .where(among(withdrawal.c.feed_id), IS_TOLD)
    .subquery()
)
BEYOND = select(RANKED.c.feed_id, RANKED.c.public_id).where(RANKED.c.number > MOST_TOMBSTONES)
DROP_BEYOND = delete(withdrawal).where(tuple_(withdrawal.c.feed_id, withdrawal.c.public_id).in_(BEYOND))
ADD = insert(withdrawal)
FORGET = delete(withdrawal).where(among(withdrawal.c.public_id)).returning(withdrawal.c.feed_id)
REMOVE = (
    update(withdrawal)
    .where(among(withdrawal.c.public_id), withdrawal.c.kind != "removed")
    .values(kind="removed", withdrawn_at=bindparam("at_"))
    .returning(withdrawal.c.feed_id)
)
TOMBSTONE_ENDED = and_(IS_TOLD, withdrawal.c.withdrawn_at <= bindparam("tombstones_before"))
STUB_ENDED = and_(
    withdrawal.c.kind.in_(STUBBED), withdrawal.c.stood, withdrawal.c.withdrawn_at <= bindparam("stubs_before")
)
ENDED = select(withdrawal.c.feed_id).where(or_(TOMBSTONE_ENDED, STUB_ENDED)).distinct()
END_TOMBSTONES = delete(withdrawal).where(TOMBSTONE_ENDED)
END_STUBS = update(withdrawal).where(STUB_ENDED).values(stood=False)
FEEDS = select(withdrawal.c.feed_id).where(IS_TOLD).distinct()
SLUGS = select(entry.c.slug).join(withdrawal, withdrawal.c.entry_id == entry.c.id).where(IS_TOLD)


class Withdrawals(TableQueries):
    def of_feeds(self, feed_ids: Iterable[str]) -> dict[str, list[WithdrawalRow]]:
        """What each feed tells, the newest withdrawals first, without feeds that tell nothing."""
        found: dict[str, list[WithdrawalRow]] = {}
        for row in self._each(OF_FEEDS, feed_ids):
            found.setdefault(row.feed_id, []).append(WithdrawalRow(*row))
        return found

    def of_entry(self, entry_id: int) -> dict[str, WithdrawalRow]:
        """By feed id."""
        rows = self._connection.execute(OF_ENTRY, {"entry_id_": entry_id})
        return {row.feed_id: WithdrawalRow(*row) for row in rows}

    def feeds(self) -> list[str]:
        """The ids of feeds that tell a withdrawal."""
        return list(self._connection.execute(FEEDS).scalars())

    def slugs(self) -> set[str]:
        """Of the pages that withdrawn entries had."""
        return {slug for slug in self._connection.execute(SLUGS).scalars() if slug}

    def add(self, rows: Iterable[WithdrawalRow]) -> None:
        """Each feed keeps its newest MOST_TOMBSTONES."""
        if new := list(rows):
            self.forget({row.public_id for row in new})
            self._execute_all(ADD, (row.values() for row in new))
            self._change_each(DROP_BEYOND, {row.feed_id for row in new})

    def remove(self, public_ids: Iterable[str], at: datetime) -> set[str]:
        """A person removed these entries after they had been held or withdrawn otherwise. Returns the ids of feeds that
        tell it."""
        return {row.feed_id for row in self._each(REMOVE, public_ids, at_=at)}

    def forget(self, public_ids: Iterable[str]) -> set[str]:
        """These entries are shown again, or their removal was taken back. Returns the ids of feeds that told it."""
        return {row.feed_id for row in self._each(FORGET, public_ids)}

    def move(self, moves: Mapping[str, str | None]) -> None:
        """Feed ids and the feeds at their addresses now, which tell it from here on. Their documents showed none of it,
        so they have no stubs."""
        for id_, to in moves.items():
            if to is not None:
                told = select(withdrawal.c.public_id).where(withdrawal.c.feed_id == to)
                theirs = and_(withdrawal.c.feed_id == id_, withdrawal.c.public_id.not_in(told))
                self._connection.execute(update(withdrawal).where(theirs).values(feed_id=to, stood=False))

    def ended(self, at: datetime) -> list[str]:
        """The ids of feeds in which a tombstone or a stub has stood long enough."""
        return list(self._connection.execute(ENDED, _limits(at)).scalars())

    def end(self, at: datetime) -> None:
        limits = _limits(at)
        self._connection.execute(END_TOMBSTONES, limits)
        self._connection.execute(END_STUBS, limits)


def _limits(at: datetime) -> Mapping[str, datetime]:
    return {"tombstones_before": at - TOMBSTONES_STAND, "stubs_before": at - STUBS_STAND}
