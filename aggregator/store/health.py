"""The health of sources: counts over all of them, their last reported state, and events.

No query reads a draft or a text, so that ten thousand sources cost little more than one.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar

from sqlalchemy import (
    BigInteger,
    Table,
    and_,
    bindparam,
    case,
    delete,
    distinct,
    func,
    insert,
    literal,
    or_,
    select,
    type_coerce,
)

from aggregator.model.status import Batch, HealthEvent, HealthEventKind, Progress, Pulled, StateCounts
from aggregator.store.dialects import among, total
from aggregator.store.instants import EPOCH
from aggregator.store.schema import entry, health, health_event, host, pull, sighting, source
from aggregator.store.sources import AT_HOSTS, FREE, PULLED
from aggregator.store.table import FromRow, TableQueries
from aggregator.store.tables.entries import HELD_STATES, NO_NEWS
from aggregator.store.types import Instant

DAY = timedelta(days=1)
DAY_OF = type_coerce(entry.c.published, BigInteger) // (DAY // timedelta(microseconds=1))
MOST_UNDER_WAY = 20  # sources listed by id
MOST_PULLS = 8


@dataclass(frozen=True, slots=True)
class HealthRow(FromRow):
    """The state of a source as it was reported last."""

    table: ClassVar[Table] = health
    source_id: str
    url: str
    state: str
    since: datetime
    heard_at: datetime | None = None
    quiet_at: datetime | None = None
    silent: bool = False
    held_at: datetime | None = None
    site_changed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class HeldCount:
    source_id: str
    count: int
    newest_at: datetime


ALL = select(*HealthRow.columns())
FORGET = delete(health).where(among(health.c.source_id))
ADD, ADD_EVENT = insert(health), insert(health_event)
OF = select(*HealthRow.columns()).where(among(health.c.source_id))
ENDING = (
    select(pull.c.source_id)
    .join(health, health.c.source_id == pull.c.source_id)
    .where(among(pull.c.id), pull.c.new > 0, health.c.silent)
)
EVENT = (
    health_event.c.public_id,
    health_event.c.at,
    health_event.c.source_id,
    health_event.c.kind,
    health_event.c.title,
    health_event.c.message,
)
EVENTS = select(*EVENT).order_by(health_event.c.id.desc())
NEWEST_EVENTS = EVENTS.limit(bindparam("most"))
LATEST = select(health_event.c.source_id, health_event.c.message).where(
    health_event.c.id.in_(
        select(func.max(health_event.c.id)).where(among(health_event.c.kind)).group_by(health_event.c.source_id)
    )
)

# For each state: the number of sources, how many are due, since when the first of these, how many are being pulled.
# A source that was never pulled is due since it is known.
NOW = bindparam("now_", type_=Instant())
KNOWN_AT = func.coalesce(source.c.next_poll_at, source.c.state_since, NOW)
WAITS_SINCE = case((host.c.until > KNOWN_AT, host.c.until), else_=KNOWN_AT)
WAITING = and_(PULLED, FREE, WAITS_SINCE <= NOW)
COUNTED = (
    select(
        source.c.state,
        func.count(),
        func.count(case((WAITING, 1))),
        func.min(case((WAITING, WAITS_SINCE))),
        func.count(case((and_(source.c.lease != "", source.c.leased_until > NOW), 1))),
    )
    .select_from(AT_HOSTS)
    .where(source.c.configured)
    .group_by(source.c.state)
)
KEPT_BACK = select(func.count()).where(entry.c.kept_back.in_(HELD_STATES))
SEALED = select(func.count()).where(NO_NEWS, entry.c.backlog == "flood", func.length(entry.c.kept_back) == 0)
HELD = select(KEPT_BACK.scalar_subquery() + SEALED.scalar_subquery())
NEWEST = select(func.max(pull.c.batch_at))


HELD_BY_SOURCE = (
    select(sighting.c.source_id, func.count(distinct(entry.c.id)), func.max(entry.c.kept_back_at))
    .join(sighting, sighting.c.entry_id == entry.c.id)
    .where(entry.c.kept_back == "held")
    .group_by(sighting.c.source_id)
)
BROKE = and_(
    source.c.state == "failing",
    health.c.state.not_in(("broke", "gone")),
    or_(source.c.failures >= bindparam("failures_"), source.c.state_since <= bindparam("failing_since_")),
)
CHANGED = (
    select(source.c.id)
    .select_from(source.outerjoin(health, health.c.source_id == source.c.id))
    .where(
        source.c.configured,
        or_(
            health.c.source_id.is_(None),
            health.c.url != case((source.c.moved_url == "", source.c.url), else_=source.c.moved_url),
            and_(source.c.state == "ok", health.c.state != "ok"),
            and_(source.c.state == "gone", health.c.state != "gone"),
            and_(source.c.state == "ok", health.c.silent.is_(False), health.c.quiet_at <= bindparam("at_")),
            BROKE,
            source.c.site_changed_at > func.coalesce(health.c.site_changed_at, literal(EPOCH, Instant())),
        ),
    )
)


class Health(TableQueries):
    # counts

    def state_counts(self, now: datetime, *, unmapped: int) -> StateCounts:
        """`unmapped` is an argument, because its query is expensive."""
        rows = self._connection.execute(COUNTED, {"now_": now}).all()
        since = min((row[3] for row in rows if row[3]), default=now)
        return StateCounts(
            sources={row[0]: row[1] for row in rows},
            due=sum(row[2] for row in rows),
            waits=now - since,
            under_way=sum(row[4] for row in rows),
            held=self._connection.execute(HELD).scalar_one(),
            unmapped=unmapped,
            batch_at=self._connection.execute(NEWEST).scalar(),
        )

    def daily(self, today: datetime, days: int) -> dict[str, tuple[int, ...]]:
        """Source id → number of entries by day of publication (UTC), today's last; without sources that have none."""
        first = day_number(today) - days + 1
        statement = (
            select(sighting.c.source_id, DAY_OF, func.count(distinct(entry.c.id)))
            .join(sighting, sighting.c.entry_id == entry.c.id)
            .where(*_within(first, days))
            .group_by(sighting.c.source_id, DAY_OF)
        )
        found: dict[str, list[int]] = {}
        for source_id, day, count in self._connection.execute(statement):
            found.setdefault(source_id, [0] * days)[day - first] = count
        return {source_id: tuple(counts) for source_id, counts in found.items()}

    def totals(self, today: datetime, days: int) -> tuple[int, ...]:
        """The same over all sources; an entry of several sources counts once."""
        first = day_number(today) - days + 1
        statement = select(DAY_OF, func.count()).where(*_within(first, days)).group_by(DAY_OF)
        found = {row[0]: row[1] for row in self._all(statement)}
        return tuple(found.get(first + place, 0) for place in range(days))

    def batches(self, most: int) -> tuple[Batch, ...]:
        """The newest batches, newest first. What posts folders brought counts as new; their reads are no pulls."""
        newest = select(pull.c.batch_at).distinct().order_by(pull.c.batch_at.desc()).limit(most)
        pulled = total(case((source.c.kind == "posts", 0), else_=1))
        statement = (
            select(pull.c.batch_at, pull.c.outcome, pulled, total(pull.c.new))
            .outerjoin_from(pull, source, source.c.id == pull.c.source_id)
            .where(pull.c.batch_at.in_(newest))
            .group_by(pull.c.batch_at, pull.c.outcome)
            .order_by(pull.c.batch_at.desc())
        )
        counts: dict[datetime, Counter[str]] = {}
        for at, outcome, count, new in self._connection.execute(statement):
            counts.setdefault(at, Counter()).update({outcome: count, "new": new})
        return tuple(
            Batch(at, found["changed"], found["unchanged"], found["failed"], found["new"], found["pushed"])
            for at, found in counts.items()
        )

    def progress(self, now: datetime) -> Progress:
        under_way = and_(source.c.lease != "", source.c.leased_until > now)
        names = select(source.c.id).where(under_way).order_by(source.c.position).limit(MOST_UNDER_WAY)
        waiting = self._connection.execute(select(func.count()).select_from(source).where(under_way)).scalar_one()
        columns = (pull.c.id, pull.c.source_id, pull.c.outcome, pull.c.kind)
        pulls = self._connection.execute(select(*columns).order_by(pull.c.id.desc()).limit(MOST_PULLS))
        return Progress(
            waiting,
            tuple(self._connection.execute(names).scalars()) if waiting else (),
            next(iter(self.batches(1)), None),
            tuple(Pulled(*row) for row in pulls),
        )

    # reported states

    def of(self, source_ids: Iterable[str]) -> dict[str, HealthRow]:
        return {row.source_id: HealthRow(*row) for row in self._each(OF, source_ids)}

    def all(self) -> dict[str, HealthRow]:
        return {row.source_id: HealthRow(*row) for row in self._all(ALL)}

    def changed_sources(self, at: datetime, *, failures: int, failing_since: datetime) -> list[str]:
        """Sources whose state may differ from the reported one: few, so that a small batch costs little."""
        known = {"at_": at, "failures_": failures, "failing_since_": failing_since}
        return list(self._connection.execute(CHANGED, known).scalars())

    def ending_silence(self, pull_ids: Iterable[int]) -> set[str]:
        """Silent sources of which these pulls brought new entries."""
        return {row[0] for row in self._each(ENDING, pull_ids)}

    def newest_at(self, source_id: str) -> datetime | None:
        """When the source's newest entry was first seen."""
        statement = (
            select(func.max(entry.c.first_seen_at))
            .join(sighting, sighting.c.entry_id == entry.c.id)
            .where(sighting.c.source_id == source_id)
        )
        return self._connection.execute(statement).scalar()

    def held(self) -> Iterator[HeldCount]:
        """The entries that the flood guard holds, counted by source."""
        return (HeldCount(*row) for row in self._all(HELD_BY_SOURCE))

    def record(self, rows: Iterable[HealthRow], events: Iterable[HealthEvent]) -> None:
        """Replaces the reported states and adds events, without those that are stored already."""
        reported = list(rows)
        self._change_each(FORGET, (row.source_id for row in reported))
        self._execute_all(ADD, (row.values() for row in reported))
        for event in events:
            known = select(health_event.c.id).where(health_event.c.public_id == event.id)
            if self._connection.execute(known).first() is None:
                self._connection.execute(ADD_EVENT, _event_values(event))

    # events

    def events(self, most: int, *, sources: Iterable[str] | None = None) -> tuple[HealthEvent, ...]:
        """The newest `most` events, newest first; with `sources`, of these only."""
        statement, known = (EVENTS, {}) if sources is not None else (NEWEST_EVENTS, {"most": most})
        rows = self._connection.execute(statement, known)
        wanted = None if sources is None else frozenset(sources)
        found: list[HealthEvent] = []
        for row in rows:
            if wanted is None or row.source_id in wanted:
                found.append(HealthEvent(*row))
            if len(found) == most:
                break
        rows.close()
        return tuple(found)

    def latest(self, kinds: Iterable[HealthEventKind]) -> dict[str, str]:
        """Source id → message of its last event of these kinds."""
        return {row[0]: row[1] for row in self._all(LATEST, {"among": list(kinds)})}

    def state_changes(self) -> list[tuple[str, datetime, str]]:
        """(source id, when, kind) of the kinds broke, gone and recovered, oldest first."""
        columns = (health_event.c.source_id, health_event.c.at, health_event.c.kind)
        kinds = health_event.c.kind.in_(("broke", "gone", "recovered"))
        statement = select(*columns).where(kinds).order_by(health_event.c.id)
        return [(row[0], row[1], row[2]) for row in self._all(statement)]


def day_number(moment: datetime) -> int:
    """Days since 1970, UTC."""
    return (moment - EPOCH) // DAY


def _within(first: int, days: int) -> tuple[Any, ...]:
    start = EPOCH + first * DAY
    return entry.c.published >= start, entry.c.published < start + days * DAY


def _event_values(event: HealthEvent) -> dict[str, Any]:
    return {
        "public_id": event.id,
        "at": event.at,
        "source_id": event.source_id,
        "kind": event.kind,
        "title": event.title,
        "message": event.message,
    }
