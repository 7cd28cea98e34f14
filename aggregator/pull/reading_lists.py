"""Reading lists: OPML that is read again when it is due. A list that fails keeps its last feeds.

The feeds are kept in the store; `reading_list_sources.resolve_sources` makes sources of them.
"""

import asyncio
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from aggregator.app import App
from aggregator.codec import pack
from aggregator.config import SourceConfig
from aggregator.errors import FetchError, ParseError, PullError
from aggregator.fetch import Answer, Fetcher, Request, Validators
from aggregator.model.problems import Problem
from aggregator.opml import Outline, is_opml, read_outlines, unzipped
from aggregator.polling import Schedule, after_failure, after_success, freshness
from aggregator.pull.local_file import read_local
from aggregator.pull.reading_list_sources import assign_ids, feeds_of
from aggregator.report import Report
from aggregator.settings import fetch_settings, secret_headers
from aggregator.store import ListRow, SourceRow
from aggregator.store.reading_lists import ListedFeed, listed_in
from aggregator.text.encoding import decode
from aggregator.text.masking import Hidden
from aggregator.worker_pool import WorkerPool

FLOOR = timedelta(hours=1)
LARGEST = 32 * 2**20  # bytes of an unzipped list
SCHEDULE = Schedule(FLOOR, FLOOR)


@dataclass(frozen=True, slots=True)
class ReadList:
    """`row`: the list's new row; `feeds`: None if the list did not change or could not be read."""

    row: ListRow
    feeds: list[ListedFeed] | None = None
    problems: tuple[Problem, ...] = ()


async def read_lists(
    app: App, pool: WorkerPool, at: datetime, report: Report, *, ask: bool = False, force: bool = False
) -> None:
    """Reads the lists that are local files; with `ask` also remote ones that are due, with `force` all of them."""
    if not app.config.lists:
        return
    with app.store.read() as tx:
        rows = tx.lists.all()
    for row in rows.values():
        listed_in(row)  # raises if the row is damaged, before it would be written again
    due = [one for one in app.config.lists if not one.paused and _is_due(one, rows.get(one.id), at, ask, force)]
    async with Fetcher(fetch_settings(app.config), now=app.clock) as fetcher:
        done = await asyncio.gather(*(_read(app, pool, fetcher, one, rows.get(one.id), at) for one in due))
    with app.store.write() as tx:
        for one in done:
            row = one.row if one.feeds is None else with_feeds(app, one.row, one.feeds, tx.sources.all())
            tx.lists.put(row)
            report.add_problems(one.problems)
            report.lists_failed += bool(one.row.failures)


def _is_due(one: SourceConfig, row: ListRow | None, at: datetime, ask: bool, force: bool) -> bool:
    if not one.is_remote:
        return True
    if row is None or row.url != one.url or row.next_read_at is None:
        return ask
    return ask and (force or row.next_read_at <= at)


def with_feeds(app: App, row: ListRow, feeds: Sequence[ListedFeed], rows: Iterable[SourceRow] = ()) -> ListRow:
    """The row with these feeds and their permanent ids."""
    taken = {*(one.id for one in app.config.written), *(one.id for one in app.folders)}
    return replace(row, feeds=pack(tuple(feeds)), ids=assign_ids(feeds, row, taken, rows))


async def _read(
    app: App, pool: WorkerPool, fetcher: Fetcher, one: SourceConfig, row: ListRow | None, at: datetime
) -> ReadList:
    before = row if row and row.url == one.url else ListRow(one.id, one.url, ids=row.ids if row else {})
    try:
        answer = await fetch_list(app, fetcher, one, before)
        body_digest = hashlib.sha256(answer.body).hexdigest() if answer.status != 304 else before.body_digest
        after = _success(before, answer, body_digest, at)
        if before.body_digest == body_digest and before.feeds:
            return ReadList(after)
        feeds, problems = await feeds_in(pool, one, answer)
        return ReadList(after, feeds, tuple(problems))
    except PullError as error:
        problem = Problem(
            one.id, error.kind, f"the reading list {one.shown_url}: {one.hidden.masked(error.message)}", error.transient
        )
        return ReadList(_failure(before, error, at, one.hidden), None, (problem,))


async def fetch_list(app: App, fetcher: Fetcher, one: SourceConfig, row: ListRow) -> Answer:
    """Raises FetchError."""
    if not one.is_remote:
        return await asyncio.to_thread(read_local, app.config.root / one.url, app)
    validators = Validators(row.etag, row.last_modified) if row.feeds else Validators()
    return await fetcher.fetch(Request(one.url, validators, secret_headers(one)))


async def feeds_in(pool: WorkerPool, one: SourceConfig, answer: Answer) -> tuple[list[ListedFeed], list[Problem]]:
    """Raises ParseError if the answer is not OPML, or has no feed: an empty list is taken for a fault."""
    outlines = await pool.call(outlines_in, answer.body, answer.content_type)
    feeds, problems = feeds_of(outlines, one.id)
    if not feeds:
        raise ParseError("not-a-feed", "there is no feed in it; what it held before stays")
    return feeds, problems


def outlines_in(body: bytes, content_type: str) -> list[Outline]:
    """The outlines of a document; runs in a worker process, because it parses foreign text."""
    text = decode(unzipped(body, LARGEST), content_type)
    if not is_opml(text):
        raise ParseError("not-a-feed", "no OPML: there is no outline in it")
    return read_outlines(text)


def _success(row: ListRow, answer: Answer, body_digest: str, at: datetime) -> ListRow:
    return replace(
        row,
        etag=answer.validators.etag,
        last_modified=answer.validators.last_modified,
        body_digest=body_digest,
        last_attempt_at=at,
        last_success_at=at,
        next_read_at=after_success(SCHEDULE, at, fresh=freshness(answer.headers, at), published=()).at,
        failures=0,
        error_kind="",
        error_message="",
    )


def _failure(row: ListRow, error: PullError, at: datetime, hidden: Hidden) -> ListRow:
    retry_after = error.retry_after if isinstance(error, FetchError) else None
    failures = row.failures + 1
    return replace(
        row,
        last_attempt_at=at,
        next_read_at=after_failure(SCHEDULE, at, failures=failures, retry_after=retry_after).at,
        failures=failures,
        error_kind=error.kind,
        error_message=hidden.masked(error.message),
    )
