"""The status as the operator sees it: sources, held entries, batches, events. /status and `status` both use it."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, replace
from datetime import datetime, timedelta
from typing import Any

from aggregator.app import App, with_known_ids
from aggregator.model.published import Omission
from aggregator.model.status import (
    DAYS,
    Batch,
    HealthEvent,
    HeldEntry,
    HeldGroup,
    Lack,
    ListStatus,
    SourceStatus,
    Status,
)
from aggregator.status.advice import advice
from aggregator.status.held import all_held, command_for
from aggregator.status.omissions import read_omissions
from aggregator.status.own_hub import outbox_of, own_hub_of
from aggregator.status.redact import Redactor
from aggregator.status.source_state import state_of
from aggregator.status.subscriptions import hubs_of, subscriptions_of
from aggregator.status.workers import rounds_of, shards_of, workers_of
from aggregator.store import HealthRow, SourceRow, Transaction
from aggregator.store.reading_lists import listed_in
from aggregator.text.date_formats import rfc3339

MOST_BATCHES = 12
MOST_EVENTS = 20
NOTHING = (0,) * DAYS


def report(app: App, tx: Transaction, now: datetime, *, unmapped: int | None = None) -> Status:
    """Reads the status by a few queries, whatever the number of sources. `unmapped`: where it is known already,
    because its query reads every entry."""
    app = app.with_config(with_known_ids(app.config, tx))
    rows = [row for row in tx.sources.all() if row.configured]
    counts, daily, last = tx.sources.sighting_counts(), tx.health.daily(now, DAYS), tx.health.all()
    shown, paused = Redactor(app), tx.hosts.paused(now)
    relied_on = {row.id for row in rows if row.hub_proved}
    subscriptions = subscriptions_of(app, tx.subscriptions.all(), relied_on, now)
    return Status(
        at=now,
        sources=tuple(_source(row, shown, last.get(row.id), counts, daily, paused.get(row.host)) for row in rows),
        held=held_groups(all_held(tx)),
        unmapped=tx.entries.unmapped_count() if unmapped is None else unmapped,
        feeds=sum(row.has_own_entries for row in tx.feeds.all().values()),
        days=tx.health.totals(now, DAYS),
        broken=broken_by_day(tx.health.state_changes(), {row.id for row in rows}, now),
        batches=tx.health.batches(MOST_BATCHES),
        events=tx.health.events(MOST_EVENTS),
        progress=tx.health.progress(now),
        lists=tuple(_lists(app, tx)),
        lacks=lacks(read_omissions(tx)),
        subscriptions=subscriptions,
        hubs=hubs_of(tx, subscriptions),
        outbox=outbox_of(app, tx),
        own_hub=own_hub_of(app, tx, now),
        workers=workers_of(tx),
        rounds=rounds_of(tx),
        shards=shards_of(tx),
    )


def lacks(omissions: Iterable[Omission]) -> tuple[Lack, ...]:
    """Omissions by what they say, each with the feeds that it concerns."""
    feeds: defaultdict[Omission, list[str]] = defaultdict(list)
    for one in omissions:
        feeds[replace(one, feed="")].append(one.feed)
    return tuple(Lack(tuple(ids), one.format, one.entry, one.why, one.message) for one, ids in feeds.items())


def _lists(app: App, tx: Transaction) -> Iterator[ListStatus]:
    """The reading lists of the config. A list that was never read is new."""
    rows = tx.lists.all()
    for one in app.config.lists:
        row, url = rows.get(one.id), one.shown_url
        if row is None:
            yield ListStatus(one.id, url, "paused" if one.paused else "new")
            continue
        yield ListStatus(
            one.id,
            url,
            "paused" if one.paused else "failing" if row.failures else "ok",
            row.last_attempt_at,
            row.last_success_at,
            row.next_read_at,
            len(listed_in(row)),
            row.failures,
            row.error_kind,
            one.hidden.masked(row.error_message),
        )


def _source(
    row: SourceRow,
    shown: Redactor,
    last: HealthRow | None,
    counts: Mapping[str, int],
    daily: Mapping[str, tuple[int, ...]],
    host_until: datetime | None,
) -> SourceStatus:
    is_pulled = row.state not in {"paused", "gone"}
    remedy = advice(row.error_kind, row.error_message) if row.error_kind else None
    return SourceStatus(
        id=row.id,
        title=shown.name(row),
        url=shown.address(row),
        state=state_of(row, last),
        since=row.state_since,
        last_attempt=row.last_attempt_at,
        last_success=row.last_success_at,
        next_poll=max(filter(None, (row.next_poll_at, host_until)), default=None) if is_pulled else None,
        entries=counts.get(row.id, 0),
        failures=row.failures,
        kind=row.error_kind,
        message=shown.message(row),
        means=remedy.means if remedy else "",
        advice=remedy.advice if remedy else "",
        published=row.published,
        repeats_ids=row.repeats_ids,
        silent_since=last.heard_at if last and last.silent else None,
        days=daily.get(row.id, NOTHING),
        why=row.poll_reason if is_pulled else "",
        asked=shown.other(row, row.moved_url) if row.moved_url else shown.address(row),
        moving_to=shown.other(row, row.move_target),
        moving_since=row.move_since,
        host=shown.other(row, row.host),
        host_until=host_until,
        asks=row.asks,
        other_site_since=row.site_changed_at,
        evidence=row.site_evidence,
        cloud=shown.other(row, row.cloud),
    )


def held_groups(held: Iterable[HeldEntry]) -> tuple[HeldGroup, ...]:
    """Held entries by source, and by why they are held, each group with the command that lets it out."""
    groups: defaultdict[tuple[str, str], list[HeldEntry]] = defaultdict(list)
    for one in held:
        groups[one.source, one.state].append(one)
    return tuple(
        HeldGroup(source, state, tuple(ones), command_for(state, source)) for (source, state), ones in groups.items()
    )


def broken_by_day(
    changes: Sequence[tuple[str, datetime, str]], sources: Collection[str], now: datetime, days: int = DAYS
) -> tuple[int, ...]:
    """How many of `sources` were broken or gone at the end of each day (UTC); for today, until `now`. `changes`:
    (source id, when, kind), oldest first."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    ends = [midnight - timedelta(days=days - 2 - place) for place in range(days)]
    difference = [0] * (days + 1)  # by the first day at whose end it counts
    broken: set[str] = set()
    for source, at, kind in changes:
        place = min(bisect_right(ends, at), days - 1)
        is_broken = kind != "recovered"
        if source in sources and is_broken != (source in broken):
            difference[place] += 1 if is_broken else -1
            (broken.add if is_broken else broken.remove)(source)
    return tuple(sum(difference[: place + 1]) for place in range(days))


# as JSON


def as_json(status: Status) -> dict[str, Any]:
    return {
        "sources": [_values(one) for one in status.sources],
        "held": [one for group in status.held for one in held_json(group.entries)],
        "unmapped": status.unmapped,
        "feeds": status.feeds,
        "at": rfc3339(status.at),
        "days": list(status.days),
        "broken": list(status.broken),
        "runs": [batch_json(one) for one in status.batches],
        "events": [_event(one) for one in status.events],
        "under_way": list(status.progress.names),
        "waiting": status.progress.waiting,
        **_where_any(status),
    }


def _where_any(status: Status) -> dict[str, Any]:
    """Keys that are there only where there is something to say."""
    lists = {
        "lists": status.lists,
        "workers": status.workers,
        "rounds": status.rounds,
        "shards": status.shards,
        "left_out": status.lacks,
        "subscriptions": status.subscriptions,
        "hubs": status.hubs,
    }
    found: dict[str, Any] = {name: [_values(one) for one in some] for name, some in lists.items() if some}
    if status.outbox:
        found["outbox"] = _values(status.outbox)
    if status.own_hub:
        parts = {name: [_values(one) for one in getattr(status.own_hub, name)] for name in ("topics", "troubles")}
        found["own_hub"] = _values(status.own_hub) | parts
    return found


def held_json(entries: Iterable[HeldEntry]) -> list[dict[str, Any]]:
    return [_values(one) for one in entries]


def batch_json(one: Batch) -> dict[str, Any]:
    """`pushed` only where a hub delivered something."""
    values = _values(one) | {"pulled": one.pulled}
    return values if one.pushed else {name: value for name, value in values.items() if name != "pushed"}


def _event(one: HealthEvent) -> dict[str, Any]:
    values = _values(one)
    values["source"] = values.pop("source_id")
    return values


def _values(one: Any) -> dict[str, Any]:
    """Field name → value of a dataclass, without the deep copy of dataclasses.asdict."""
    values = ((field.name, getattr(one, field.name)) for field in fields(one))
    return {name: rfc3339(value) if isinstance(value, datetime) else value for name, value in values}
