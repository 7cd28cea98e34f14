"""pull(source): claim ─▶ fetch ─▶ [isolation: parse ─▶ normalize ─▶ sanitize ─▶ fingerprint] ─▶ record.

Concurrent, in any order: what pulls bring waits in the store until it is settled. Whatever its outcome, a pull is
recorded; a failed one changes nothing that we had.
"""

import asyncio
import hashlib
import uuid
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from aggregator.codec import unpack
from aggregator.errors import FetchError, PullError, PutOffError, StateError
from aggregator.fetch import Answer, Fetcher, Request, Validators
from aggregator.house import House, secret_headers
from aggregator.isolation import Isolation
from aggregator.models import Problem
from aggregator.polling import after_success, freshness
from aggregator.recording import Asked, Changed, Ledger, Told, address
from aggregator.refine import FeedBody, RefinedFeed, refine_feed
from aggregator.report import Report
from aggregator.store import SourceRow

Progress = Callable[[str], None]
LEASE = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Pulling:
    """What the pulls of one batch share. `kept`: addresses whose answer somebody got already."""

    house: House
    fetcher: Fetcher
    isolation: Isolation
    batch_at: datetime
    ledger: Ledger
    report: Report
    progress: Progress
    kept: frozenset[str] = frozenset()


async def pull_sources(  # noqa: PLR0913 - what to pull and how
    house: House,
    isolation: Isolation,
    batch_at: datetime,
    report: Report,
    *,
    force: bool = False,
    only: Collection[str] = (),
    punctual: bool = True,
    progress: Progress = lambda _: None,
) -> None:
    """Pulls every source that is due; returns when all have ended or passed their deadline. `punctual`: without the
    jitter that keeps a scheduler's turns apart."""
    ledger = Ledger(house, batch_at, uuid.uuid4().hex)
    with house.store.write() as tx:
        claimed = tx.sources.claim(
            batch_at, until=batch_at + LEASE, token=ledger.token, force=force, only=only, punctual=punctual
        )
        paused, kept = tx.hosts.paused(batch_at, force=force), tx.kept.urls()
    report.sources.due = len(claimed)
    async with Fetcher(house.fetching(), now=house.clock) as fetcher:
        for host, until in paused.items():
            fetcher.leave_alone(host, until)
        pulling = Pulling(house, fetcher, isolation, batch_at, ledger, report, progress, kept)
        try:
            async with asyncio.TaskGroup() as group:
                for row in claimed:
                    group.create_task(_pull(pulling, row))
        except ExceptionGroup as errors:
            # A pull's own faults are recorded; what comes out here (the state, say) concerns all: one is enough.
            raise errors.exceptions[0] from errors


async def _pull(pulling: Pulling, row: SourceRow) -> None:
    source = pulling.house.feed_source(row.id)
    asked = Asked(row, source, address(row, source))
    pulling.report.sources.polled += 1
    try:
        told = await _ask(pulling, asked)
        body_digest = hashlib.sha256(told.answer.body).hexdigest() if told.answer.status != 304 else row.body_digest
        if body_digest == row.body_digest and row.body_digest:
            await asyncio.to_thread(pulling.ledger.unchanged, asked, told)
            pulling.report.sources.unchanged += 1
        else:
            refined = await _refine(pulling, row, told.answer)
            await asyncio.to_thread(pulling.ledger.changed, asked, Changed(told, refined, body_digest))
            pulling.report.sources.changed += 1
    except PutOffError as error:
        await asyncio.to_thread(pulling.ledger.put_off, row, error)
        pulling.report.sources.polled -= 1
    except PullError as error:
        await asyncio.to_thread(pulling.ledger.failed, asked, error)
        pulling.report.sources.failed += 1
        pulling.report.add_problems([Problem(row.id, error.kind, error.message, error.transient)])
    pulling.progress(row.id)


async def _ask(pulling: Pulling, asked: Asked) -> Told:
    row, source, ledger = asked.row, asked.source, pulling.ledger
    if not source.is_remote:
        path = pulling.house.config.root / source.url
        return Told(await asyncio.to_thread(_read_file, path, pulling.house), ledger.now())
    is_kept = row.last_attempt_at is None and asked.url in pulling.kept
    if is_kept and (kept := await asyncio.to_thread(_kept, pulling, asked)):
        return kept
    validators = Validators(row.etag, row.last_modified)
    request = Request(asked.url, validators, secret_headers(source))
    return Told(await pulling.fetcher.fetch(request, partial(_refused, pulling, asked)), ledger.now())


async def _refused(pulling: Pulling, asked: Asked, error: FetchError) -> None:
    if until := await asyncio.to_thread(pulling.ledger.refused, asked, error):
        pulling.fetcher.leave_alone(error.host, until)


def _kept(pulling: Pulling, asked: Asked) -> Told | None:
    """What the source answered to whoever added it, while it need not be asked again."""
    with pulling.house.store.read() as tx:
        kept = tx.kept.get(asked.url)
    if kept is None:
        return None
    try:
        at, answer = kept[0], unpack(kept[1], Answer)
    except StateError:  # another version of this program kept it
        return None
    fresh = freshness(answer.headers, at)
    turn = after_success(pulling.house.schedule(asked.source), at, published=(), fresh=fresh)
    return Told(answer, at, is_kept=True) if at <= pulling.batch_at < turn.at else None


def _read_file(path: Path, house: House) -> Answer:
    """A source that is a local feed file."""
    most = house.config.fetch.max_bytes
    try:
        with path.open("rb") as file:
            body = file.read(most + 1)
    except OSError as error:
        raise FetchError("connect", f"{path}: {error.strerror}", transient=False) from error
    if len(body) > most:
        raise FetchError("too-large", f"{path} is larger than fetch.max_bytes ({most} bytes)", transient=False)
    return Answer(200, path.absolute().as_uri(), "", body, "", Validators(), {}, len(body))


async def _refine(pulling: Pulling, row: SourceRow, answer: Answer) -> RefinedFeed:
    known = await asyncio.to_thread(_known, pulling, row)
    body = FeedBody(row.id, answer.url, answer.content_type, answer.body)
    refined = await pulling.isolation.call(refine_feed, body, known, pulling.house.content())
    pulling.report.add_problems(refined.problems)
    return refined


def _known(pulling: Pulling, row: SourceRow) -> frozenset[str]:
    with pulling.house.store.read() as tx:
        return tx.arrivals.known_items(row.id)
