"""Finds stored times in the future, left by a clock that was wrong, and lowers them to now.

A column of type Instant is a publisher's claim or a promise of ours, which stay; a plan, which may be in the future; or
a time that we observed, which may not.
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Column, Row, Table, func, select, update

from aggregator.store.chunks import chunks
from aggregator.store.feed_members import ORDER_BACKWARDS
from aggregator.store.schema import entry, fact, health_event, metadata, source
from aggregator.store.table import TableQueries, change_by_id, change_values
from aggregator.store.types import Instant

CLAIMS = {("pull", "document_updated"), ("sighting", "claimed")}
PROMISES = {("hub_subscription", "expires_at")}  # leases, at most of two weeks: who has one relies on it
PLANS = {
    ("health", "quiet_at"),
    ("host", "retry_at"),
    ("host", "until"),
    ("hub_request", "due_at"),
    ("hub_subscription", "due_at"),
    ("ping", "due_at"),
    ("lease", "until"),
    ("post_file", "waits_until"),
    ("pull_round", "ends_at"),
    ("reading_list", "next_read_at"),
    ("source", "due_at"),
    ("source", "leased_until"),
    ("source", "next_poll_at"),
    ("source", "retry_at"),
    ("subscription", "expires_at"),
    ("subscription", "next_at"),
}
STEP = timedelta(seconds=1)  # between two entries whose dates were lowered

DATES = (entry.c.id, entry.c.published, entry.c.updated, entry.c.fresh_at)


@dataclass(frozen=True, slots=True)
class LaterTimes:
    """How many values of a column are in the future, and the latest of them. `is_plan`: they may be."""

    table: str
    column: str
    count: int
    latest: datetime
    is_plan: bool = False


def stored_times() -> Iterator[Column[Any]]:
    """Every column of times, except publishers' claims and our promises."""
    for table in metadata.sorted_tables:
        for column in table.c:
            if isinstance(column.type, Instant) and (table.name, column.name) not in CLAIMS | PROMISES:
                yield column


class Times(TableQueries):
    def later_than(self, at: datetime) -> list[LaterTimes]:
        found = [self._later(column, at) for column in stored_times()]
        facts = [LaterTimes("fact", name, 1, time) for name, time in self._facts() if time > at]
        return [one for one in found if one.count] + facts

    def lower(self, at: datetime) -> None:
        """Lowers every stored time to at most `at`, and marks pages that show one to be published again.

        Entries published after `at`, and health events after it, keep their order: the newest is dated `at`, each
        older one a second earlier. What is remembered of sites is dropped, and learned again: its times are packed.
        """
        shows_one = (entry.c.published > at) | (entry.c.updated > at)
        self._connection.execute(update(entry).where(shows_one, entry.c.slug.is_not(None)).values(page_dirty=True))
        entries, events = enumerate(self._entries(at)), enumerate(self._events(at))
        self._change(entry, ((row.id, _dates(row, at - place * STEP, at)) for place, row in entries))
        self._change(health_event, ((id_, {"at": at - place * STEP}) for place, id_ in events))
        for column in stored_times():
            self._connection.execute(update(column.table).where(column > at).values({column.name: at}))
        self._connection.execute(update(source).where(source.c.site_memory.is_not(None)).values(site_memory=None))
        for name, time in self._facts():
            if time > at:
                self._connection.execute(update(fact).where(fact.c.name == name).values(value=at.isoformat()))

    def _later(self, column: Column[Any], at: datetime) -> LaterTimes:
        count, latest = self._connection.execute(select(func.count(), func.max(column)).where(column > at)).one()
        name = (column.table.name, column.name)
        return LaterTimes(*name, count, latest or at, is_plan=name in PLANS)

    def _entries(self, at: datetime) -> list[Row[Any]]:
        """Entries published after `at`, in feed order."""
        later = select(*DATES).where(entry.c.published > at).order_by(*ORDER_BACKWARDS)
        return list(reversed(self._connection.execute(later).all()))

    def _events(self, at: datetime) -> list[int]:
        later = select(health_event.c.id).where(health_event.c.at > at).order_by(health_event.c.id.desc())
        return list(self._connection.execute(later).scalars())

    def _facts(self) -> Iterator[tuple[str, datetime]]:
        """The facts whose values are times."""
        for name, value in self._connection.execute(select(fact.c.name, fact.c.value)).all():
            with suppress(ValueError):
                if (time := datetime.fromisoformat(value)).tzinfo is not None:
                    yield name, time

    def _change(self, table: Table, rows: Iterable[tuple[int, dict[str, datetime]]]) -> None:
        for chunk in chunks(rows):
            changes = [change_values(id_, values) for id_, values in chunk]
            self._connection.execute(change_by_id(table, tuple(chunk[0][1])), changes)


def _dates(row: Row[Any], published: datetime, at: datetime) -> dict[str, datetime]:
    """`updated` and `fresh_at` stay equal to `published` where they were: the entry was never edited."""
    return {
        "published": published,
        "updated": published if row.updated == row.published else min(row.updated, at),
        "fresh_at": published if row.fresh_at == row.published else min(row.fresh_at, at),
    }
