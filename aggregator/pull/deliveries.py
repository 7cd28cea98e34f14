"""Takes in what hubs delivered: [worker: parse ─▶ clean ─▶ fingerprint] ─▶ record, as a pull that shows only a part.

A delivery may hold only what changed. It adds and edits entries; nothing is gone because it is not there, and it counts
in no rule about how many entries a source usually brings. Recording it and dropping its body are one transaction, so
that a kill neither loses nor repeats it.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from aggregator.app import App
from aggregator.errors import ParseError
from aggregator.events import Pull
from aggregator.model.problems import Problem
from aggregator.pull.process import FeedBody, ProcessedFeed, load_parsers, process_feed
from aggregator.report import Report
from aggregator.settings import content_settings, signing_of
from aggregator.store import DeliveryRow, SourceRow, Transaction
from aggregator.store.arrivals import ArrivalRow
from aggregator.text.dates import DateContext
from aggregator.worker_pool import WorkerPool

AT_ONCE = 20
REMEMBERED = timedelta(days=30)  # a delivery, to recognize a repetition


@dataclass(frozen=True, slots=True)
class TakenDelivery:
    """`feed`: None where nothing could be read, for the reason `fault`, or where its source is no longer pulled."""

    row: DeliveryRow
    source: SourceRow | None = None
    feed: ProcessedFeed | None = None
    fault: str = ""


async def get_ready(pool: WorkerPool) -> None:
    """Starts the processes of the pool, and lets each import what it needs, as far as none is faster than another."""
    await asyncio.gather(*(pool.call(load_parsers) for _ in range(pool.processes)))


async def take_in_deliveries(app: App, pool: WorkerPool, batch_at: datetime, report: Report) -> int:
    """Records the oldest deliveries that wait; returns how many."""
    waiting = await asyncio.to_thread(_waiting, app)
    if waiting:
        taken = await asyncio.gather(*(_take(app, pool, batch_at, row) for row in waiting))
        await asyncio.to_thread(_record, app, batch_at, taken)
        for one in taken:
            _report(app, report, one)
    return len(waiting)


def _waiting(app: App) -> list[DeliveryRow]:
    with app.store.read() as tx:
        return tx.deliveries.waiting(AT_ONCE)


async def _take(app: App, pool: WorkerPool, batch_at: datetime, row: DeliveryRow) -> TakenDelivery:
    source, known = await asyncio.to_thread(_source_and_items, app, row)
    if source is None:
        return TakenDelivery(row)
    dates, config = DateContext(batch_at, source.date_order), app.config
    body = FeedBody(source.id, row.topic, row.content_type, row.body, dates=dates)
    signing = signing_of(config, source.boilerplate)
    try:
        feed = await pool.call(process_feed, body, known, content_settings(config), signing)
    except ParseError as error:
        return TakenDelivery(row, source, fault=error.message)
    return TakenDelivery(row, source, feed)


def _source_and_items(app: App, row: DeliveryRow) -> tuple[SourceRow | None, frozenset[str]]:
    """None for a source that is no longer pulled, or that hubs may not be asked about."""
    with app.store.read() as tx:
        source = tx.sources.find(row.source_id) if app.knows(row.source_id) else None
        is_pulled = source and source.state not in {"paused", "gone"} and app.feed_source(source.id).is_public
        return (source, tx.arrivals.known_items(row.source_id)) if source and is_pulled else (None, frozenset())


def _record(app: App, batch_at: datetime, taken: Sequence[TakenDelivery]) -> None:
    with app.store.write() as tx:
        for one in taken:
            if one.source and one.feed:
                _add_pull(tx, batch_at, one, one.source, one.feed)
            elif one.source:
                tx.subscriptions.count(one.row.subscription_id, "unreadable")
                _poll_soon(app, tx, batch_at, one.source)
        tx.deliveries.taken(one.row.id for one in taken)
        tx.deliveries.forget(batch_at - REMEMBERED)


def _add_pull(tx: Transaction, batch_at: datetime, one: TakenDelivery, source: SourceRow, feed: ProcessedFeed) -> None:
    pull_id = tx.pulls.add(
        source_id=source.id,
        batch_at=batch_at,
        outcome="pushed",
        received=len(one.row.body),
        complete=False,
        document_updated=feed.updated,
        merged=False,
    )
    tx.arrivals.add(
        (pull_id, ArrivalRow(place, e.item, e.draft, e.clean, e.comparable)) for place, e in enumerate(feed.entries)
    )
    if any(entry.draft for entry in feed.entries):  # the next poll compares the whole document with what this says
        tx.sources.change(source.id, etag="", last_modified="", body_digest="")
    if feed.deleted:  # only a poll takes anything away
        tx.subscriptions.poll_as_usual([source.id])


def _poll_soon(app: App, tx: Transaction, now: datetime, source: SourceRow) -> None:
    """Polls what the delivery was about, as soon as manners allow. Some hubs only say that there is something new."""
    soonest = [now, source.retry_at, source.last_attempt_at and source.last_attempt_at + app.config.fetch.min_interval]
    at = max(filter(None, soonest))
    tx.sources.change(source.id, hub_proved=False, next_poll_at=min(at, source.next_poll_at or at))


def _report(app: App, report: Report, one: TakenDelivery) -> None:
    if one.source is None:
        return
    if one.feed:
        report.add_problems(one.feed.problems)
    else:
        message = f"what its hub delivered cannot be read: {one.fault}"
        report.add_problems([Problem(one.source.id, "parse", message, transient=True)])
    kind, size, next_at = "" if one.feed else "parse", len(one.row.body), one.source.next_poll_at or one.row.at
    app.observer.pulled(Pull(one.source.id, "pushed", 0, kind, 0.0, size, next_at, one.source.poll_reason))
