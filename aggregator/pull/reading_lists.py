"""Live reading lists: OPML that is read again whenever it is due. One that fails keeps what it held last.

What is read waits in the store; `listed.take_lists` makes sources of it.
"""

import asyncio
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from aggregator.app import House, secret_headers
from aggregator.codec import pack
from aggregator.config import SourceConfig
from aggregator.errors import FetchError, ParseError, PullError
from aggregator.fetch import Answer, Fetcher, Request, Validators
from aggregator.model.entry import Problem
from aggregator.opml import Outline, is_opml, read_outlines, unzipped
from aggregator.polling import Schedule, after_failure, after_success, freshness
from aggregator.pull.feeds import read_local
from aggregator.pull.reading_list_sources import feeds_of, named, take_lists
from aggregator.report import Report
from aggregator.store import ListRow, SourceRow
from aggregator.store.reading_lists import Listed, listed_in
from aggregator.text.encoding import decode
from aggregator.text.masking import Hidden
from aggregator.worker_pool import Isolation

FLOOR = timedelta(hours=1)
LARGEST = 32 * 2**20  # bytes of a list that came packed
SCHEDULE = Schedule(FLOOR, FLOOR)


@dataclass(frozen=True, slots=True)
class Read:
    """`feeds` is None where the list is what it was; `row`: what is remembered of it from here on."""

    row: ListRow
    feeds: list[Listed] | None = None
    problems: tuple[Problem, ...] = ()


async def read_lists(
    house: House, isolation: Isolation, at: datetime, report: Report, *, ask: bool = False, force: bool = False
) -> None:
    """Reads the lists that are files here, and with `ask` those elsewhere that are due (all of them with `force`)."""
    if not house.config.lists:
        return
    with house.store.read() as tx:
        house.keep_ids(tx)
        rows = tx.lists.all()
    for row in rows.values():
        listed_in(row)  # raises where it is damaged, before it is written back as it is
    due = [one for one in house.config.lists if not one.paused and _is_due(one, rows.get(one.id), at, ask, force)]
    async with Fetcher(house.fetching(), now=house.clock) as fetcher:
        done = await asyncio.gather(*(_read(house, isolation, fetcher, one, rows.get(one.id), at) for one in due))
    with house.store.write() as tx:
        for one in done:
            row = one.row if one.feeds is None else remembered(house, one.row, one.feeds, tx.sources.all())
            tx.lists.put(row)
            report.add_problems(one.problems)
            report.lists_failed += bool(one.row.failures)
        take_lists(house, tx)


def _is_due(one: SourceConfig, row: ListRow | None, at: datetime, ask: bool, force: bool) -> bool:
    if not one.is_remote:
        return True
    if row is None or row.url != one.url or row.next_read_at is None:
        return ask
    return ask and (force or row.next_read_at <= at)


def remembered(house: House, row: ListRow, feeds: Sequence[Listed], rows: Iterable[SourceRow] = ()) -> ListRow:
    """With the feeds that it holds, each under the id that it has for ever."""
    taken = {*(one.id for one in house.config.written), *(one.id for one in house.folders)}
    return replace(row, feeds=pack(tuple(feeds)), ids=named(feeds, row, taken, rows))


async def _read(
    house: House, isolation: Isolation, fetcher: Fetcher, one: SourceConfig, row: ListRow | None, at: datetime
) -> Read:
    before = row if row and row.url == one.url else ListRow(one.id, one.url, ids=row.ids if row else {})
    try:
        answer = await ask_list(house, fetcher, one, before)
        body_digest = hashlib.sha256(answer.body).hexdigest() if answer.status != 304 else before.body_digest
        after = _success(before, answer, body_digest, at)
        if before.body_digest == body_digest and before.feeds:
            return Read(after)
        feeds, problems = await feeds_in(isolation, one, answer)
        return Read(after, feeds, tuple(problems))
    except PullError as error:
        problem = Problem(
            one.id, error.kind, f"the reading list {one.shown_url}: {one.hidden.masked(error.message)}", error.transient
        )
        return Read(_failure(before, error, at, one.hidden), None, (problem,))


async def ask_list(house: House, fetcher: Fetcher, one: SourceConfig, row: ListRow) -> Answer:
    """Raises FetchError."""
    if not one.is_remote:
        return await asyncio.to_thread(read_local, house.config.root / one.url, house)
    validators = Validators(row.etag, row.last_modified) if row.feeds else Validators()
    return await fetcher.fetch(Request(one.url, validators, secret_headers(one)))


async def feeds_in(isolation: Isolation, one: SourceConfig, answer: Answer) -> tuple[list[Listed], list[Problem]]:
    """Raises ParseError where the answer is no list, or holds no feed: that is a fault, not a list of none."""
    outlines = await isolation.call(outlines_in, answer.body, answer.content_type)
    feeds, problems = feeds_of(outlines, one.id)
    if not feeds:
        raise ParseError("not-a-feed", "there is no feed in it; what it held before stays")
    return feeds, problems


def outlines_in(body: bytes, content_type: str) -> list[Outline]:
    """In isolation, as all that is foreign."""
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
