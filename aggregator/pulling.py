"""pull(source): claim ─▶ fetch ─▶ [isolation: parse ─▶ normalize ─▶ sanitize ─▶ fingerprint] ─▶ record.

Concurrent, in any order: what pulls bring waits in the store until it is settled. Whatever its outcome, a pull is
recorded; a failed one changes nothing that we had.
"""

import asyncio
import hashlib
import uuid
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from aggregator.codec import unpack
from aggregator.config import SourceConfig
from aggregator.errors import FetchError, PullError
from aggregator.fetch import Answer, Fetcher, Request, Validators
from aggregator.house import House, secret_headers
from aggregator.isolation import Isolation
from aggregator.models import About, Problem
from aggregator.optout import header_says
from aggregator.polling import GONE_AFTER, after_failure, after_success
from aggregator.refine import FeedBody, RefinedFeed, refine_feed
from aggregator.report import Report
from aggregator.store import SourceRow
from aggregator.store.arrivals import ArrivalRow

Progress = Callable[[str], None]
LEASE = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Pulling:
    """What the pulls of one batch share."""

    house: House
    fetcher: Fetcher
    isolation: Isolation
    batch_at: datetime
    token: str
    report: Report
    progress: Progress


@dataclass(frozen=True, slots=True)
class Changed:
    """An answer that says something new, as it was understood."""

    answer: Answer
    refined: RefinedFeed
    body_digest: str


async def pull_sources(
    house: House,
    isolation: Isolation,
    batch_at: datetime,
    report: Report,
    *,
    force: bool = False,
    only: Collection[str] = (),
    progress: Progress = lambda _: None,
) -> None:
    """Pulls every source that is due; returns when all have ended or passed their deadline."""
    token = uuid.uuid4().hex
    with house.store.write() as tx:
        claimed = tx.sources.claim(batch_at, until=batch_at + LEASE, token=token, force=force, only=only)
    report.sources.due = len(claimed)
    async with Fetcher(house.fetching()) as fetcher:
        pulling = Pulling(house, fetcher, isolation, batch_at, token, report, progress)
        try:
            async with asyncio.TaskGroup() as group:
                for row in claimed:
                    group.create_task(_pull(pulling, row))
        except ExceptionGroup as errors:
            # A pull's own faults are recorded; what comes out here (the state, say) concerns all: one is enough.
            raise errors.exceptions[0] from errors


async def _pull(pulling: Pulling, row: SourceRow) -> None:
    source = pulling.house.feed_source(row.id)
    pulling.report.sources.polled += 1
    try:
        answer = await _ask(pulling, row, source)
        body_digest = hashlib.sha256(answer.body).hexdigest() if answer.status != 304 else row.body_digest
        if body_digest == row.body_digest and row.body_digest:
            await asyncio.to_thread(_record_unchanged, pulling, row, source, answer)
            pulling.report.sources.unchanged += 1
        else:
            refined = await _refine(pulling, row, answer)
            await asyncio.to_thread(_record_changed, pulling, row, source, Changed(answer, refined, body_digest))
            pulling.report.sources.changed += 1
    except PullError as error:
        await asyncio.to_thread(_record_failed, pulling, row, source, error)
        pulling.report.sources.failed += 1
        pulling.report.add_problems([Problem(row.id, error.kind, error.message, error.transient)])
    pulling.progress(row.id)


async def _ask(pulling: Pulling, row: SourceRow, source: SourceConfig) -> Answer:
    if not source.is_remote:
        return await asyncio.to_thread(read_local, pulling.house.config.root / source.url, pulling.house)
    validators = Validators(row.etag, row.last_modified)
    return await pulling.fetcher.fetch(Request(source.url, validators, secret_headers(source)))


def read_local(path: Path, house: House) -> Answer:
    """A source that is a file here. Raises FetchError."""
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


def _record_unchanged(pulling: Pulling, row: SourceRow, source: SourceConfig, answer: Answer) -> None:
    with pulling.house.store.write() as tx:
        values = _success(pulling, row, source, answer, tx.entries.newest_dates(row.id))
        if tx.sources.record(row.id, pulling.token, values):
            tx.sources.add_pull(
                source_id=row.id, batch_at=pulling.batch_at, outcome="unchanged", received=answer.received
            )


def _record_changed(pulling: Pulling, row: SourceRow, source: SourceConfig, changed: Changed) -> None:
    answer, refined = changed.answer, changed.refined
    with pulling.house.store.write() as tx:
        values = _success(pulling, row, source, answer, tx.entries.newest_dates(row.id))
        values |= {"about": refined.about, "body_digest": changed.body_digest, "opt_out": refined.opt_out}
        values |= {"changed_pulls": row.changed_pulls + 1}
        if not tx.sources.record(row.id, pulling.token, values):
            return
        if _attribution(row.about) != _attribution(refined.about):
            tx.feeds.mark_dirty_of_source(row.id)
        pull_id = tx.sources.add_pull(
            source_id=row.id,
            batch_at=pulling.batch_at,
            outcome="changed",
            received=answer.received,
            complete=refined.complete,
            document_updated=refined.updated,
            settled=False,
            deleted=list(refined.deleted),
        )
        arrivals = [ArrivalRow(i, one.item, one.draft, one.clean) for i, one in enumerate(refined.entries)]
        tx.arrivals.add(pull_id, arrivals)


def _attribution(about: bytes | None) -> About | None:
    """What feeds say of a source; when it was updated they say of each entry."""
    return replace(unpack(about, About), updated=None, hubs=()) if about else None


def _record_failed(pulling: Pulling, row: SourceRow, source: SourceConfig, error: PullError) -> None:
    failures = row.failures + 1
    retry_after = error.retry_after if isinstance(error, FetchError) else None
    is_gone = isinstance(error, FetchError) and error.status == 410 and failures >= GONE_AFTER
    now, schedule = pulling.batch_at, pulling.house.schedule(source)
    state = "gone" if is_gone else "failing"
    values = {
        "state": state,
        "state_since": row.state_since if row.state == state else now,
        "last_attempt_at": now,
        "next_poll_at": after_failure(schedule, now, failures=failures, retry_after=retry_after),
        "retry_at": now + retry_after if retry_after else None,
        "failures": failures,
        "error_kind": error.kind,
        "error_message": error.message,
    }
    with pulling.house.store.write() as tx:
        if tx.sources.record(row.id, pulling.token, values):
            tx.sources.add_pull(
                source_id=row.id, batch_at=now, outcome="failed", kind=error.kind, message=error.message
            )


def _success(
    pulling: Pulling, row: SourceRow, source: SourceConfig, answer: Answer, dates: Sequence[datetime]
) -> dict[str, Any]:
    now = pulling.batch_at
    return {
        "state": "ok",
        "state_since": row.state_since if row.state == "ok" else now,
        "last_attempt_at": now,
        "last_success_at": now,
        "next_poll_at": after_success(pulling.house.schedule(source), now, headers=answer.headers, published=dates),
        "retry_at": None,
        "failures": 0,
        "error_kind": "",
        "error_message": "",
        "etag": answer.validators.etag,
        "last_modified": answer.validators.last_modified,
        "opt_out_header": _asked_by_header(pulling, row, answer),
    }


def _asked_by_header(pulling: Pulling, row: SourceRow, answer: Answer) -> str:
    """An answer without a body repeats few of the headers (RFC 9110 15.4.5): what was said before holds."""
    said = header_says(answer.headers.get("x-robots-tag", ""), pulling.house.fetching().user_agent)
    return said or (row.opt_out_header if answer.status == 304 else "")
