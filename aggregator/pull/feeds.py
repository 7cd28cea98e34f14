"""pull(source): claim ─▶ fetch ─▶ [worker: parse ─▶ normalize ─▶ sanitize ─▶ fingerprint] ─▶ record.

Pulls run concurrently, in any order; their entries wait in the store until they are merged. Every pull is recorded,
whatever its outcome; a failed one changes no stored entry.
"""

import asyncio
import hashlib
import uuid
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from itertools import count
from typing import TYPE_CHECKING

from aggregator.app import App
from aggregator.codec import unpack
from aggregator.errors import BusyHostError, FetchError, ParseError, PullError, PutOffError, StateError
from aggregator.events import Pull
from aggregator.fetch import Answer, Enter, Fetcher, Request, Validators, everyone
from aggregator.model.problems import Problem
from aggregator.polling import after_success, freshness
from aggregator.pull.claim import Claimed, PullScope, claim_sources, give_back
from aggregator.pull.group_commit import GroupCommit
from aggregator.pull.hub_discovery import NO_HUB, NamedHub, discover
from aggregator.pull.local_file import read_local
from aggregator.pull.not_asked import NotAsked, as_problem, put_off_problems
from aggregator.pull.outcomes import Answered, Changed, EndedPull, PullTarget, Recorder
from aggregator.pull.permanent_moves import poll_url
from aggregator.report import Progress, Report
from aggregator.settings import content_settings, fetch_settings, schedule_of, secret_headers, signing_of
from aggregator.store import SourceRow
from aggregator.worker_pool import WorkerPool

if TYPE_CHECKING:  # slow to load, and an answer of 304 needs none of it
    from aggregator.pull.process import ProcessedFeed

LATE = "it had not ended long after its deadline, perhaps in a queue before a host that it was redirected to"
PARSING = timedelta(minutes=1)  # after fetch.timeout, to parse and record


@dataclass(frozen=True, slots=True)
class TurnDeadline:
    """For a batch that must end soon: sources that wait for their host longer than `open_for` leave the batch.
    `fetcher` stays open between batches and remembers gaps and pauses of hosts."""

    fetcher: Fetcher
    open_for: timedelta = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class PullBatch:
    """What the pulls of one batch share. `named`: sources that a person named; `begun`: sources that had a turn;
    `late`: sources that passed the deadline; `put_off`: why others wait; `spent`: seconds of requests, by source."""

    app: App
    fetcher: Fetcher
    pool: WorkerPool
    recorder: Recorder
    group_commit: GroupCommit[EndedPull]
    kept: frozenset[str]
    report: Report
    progress: Progress
    total: int
    ended: Iterator[int] = field(default_factory=partial(count, 1))
    named: Collection[str] = ()
    enter: Enter = everyone
    begun: set[str] = field(default_factory=set)
    late: set[str] = field(default_factory=set)
    put_off: dict[str, PutOffError] = field(default_factory=dict)
    spent: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))


async def pull_sources(
    app: App,
    pool: WorkerPool,
    batch_at: datetime,
    report: Report,
    scope: PullScope,
    *,
    progress: Progress = lambda _: None,
    deadline: TurnDeadline | None = None,
) -> bool:
    """Pulls every due source in `scope`; returns when all have ended: whether any of them may change what is published.
    Without `deadline` the batch waits for every source's turn."""
    recorder = Recorder(app, batch_at, uuid.uuid4().hex)
    claimed = await claim_sources(recorder, scope)
    named = scope.only if scope.force else ()
    await pull_claimed(recorder, pool, claimed, report, named=named, progress=progress, deadline=deadline)
    return bool(recorder.news)


async def pull_claimed(  # noqa: PLR0913 - each is a choice of who claimed them
    recorder: Recorder,
    pool: WorkerPool,
    claimed: Claimed,
    report: Report,
    *,
    named: Collection[str] = (),
    progress: Progress = lambda _: None,
    deadline: TurnDeadline | None = None,
    enter: Enter = everyone,
) -> None:
    """Pulls sources that are leased under the recorder's token. `named`: ids that a person named; `enter`: is awaited
    before a turn at a host."""
    app = recorder.app
    report.sources.due += len(claimed.rows)
    report.add_problems(claimed.skipped)
    group_commit = GroupCommit(app.store, recorder.record, len(claimed.rows))
    opened = nullcontext(deadline.fetcher) if deadline else Fetcher(fetch_settings(app.config), now=app.clock)
    try:
        async with opened as fetcher:
            for host, until in claimed.paused_hosts.items():
                fetcher.pause_host(host, until)
            batch = PullBatch(
                app,
                fetcher,
                pool,
                recorder,
                group_commit,
                claimed.kept,
                report,
                progress,
                len(claimed.rows),
                named=named,
                enter=enter,
            )
            async with asyncio.TaskGroup() as group:
                pulls = {row.id: group.create_task(_pull(batch, row)) for row in claimed.rows}
                if deadline and pulls:
                    group.create_task(_end_in_time(deadline, batch, pulls))
            in_order = [(row.id, batch.put_off[row.id]) for row in claimed.rows if row.id in batch.put_off]
            report.add_problems(put_off_problems(in_order))
    except ExceptionGroup as errors:
        # Errors of one pull are recorded. An error here (of the store, say) concerns all pulls: one is enough.
        raise errors.exceptions[0] from errors
    finally:
        await group_commit.close()
        if deadline:
            await asyncio.to_thread(give_back, recorder)


async def _end_in_time(deadline: TurnDeadline, batch: PullBatch, pulls: Mapping[str, "asyncio.Task[None]"]) -> None:
    """Cancels pulls that still wait for a turn, and later those that have not ended: a redirect may have put them in
    the queue of another host."""
    await asyncio.wait(pulls.values(), timeout=deadline.open_for.total_seconds())
    for id_, pull in pulls.items():
        if id_ not in batch.begun and pull.cancel():
            batch.report.sources.due -= 1
            batch.report.sources.polled -= 1
    rest = batch.app.config.fetch.timeout + PARSING
    await asyncio.wait(pulls.values(), timeout=rest.total_seconds())
    for id_, pull in pulls.items():
        if not pull.done():
            batch.late.add(id_)
            pull.cancel()


async def _pull(batch: PullBatch, row: SourceRow) -> None:
    source = batch.app.feed_source(row.id)
    target = PullTarget(row, source, poll_url(row, source))
    recorder, group_commit = batch.recorder, batch.group_commit
    batch.report.sources.polled += 1
    answered: Answered | None = None
    try:
        answered = await _fetch(batch, target)
        answer = answered.answer
        body_digest = hashlib.sha256(answer.body).hexdigest() if answer.status != 304 else row.body_digest
        if body_digest == row.body_digest and row.body_digest:
            await group_commit.write(recorder.unchanged(target, answered))
            batch.report.sources.unchanged += 1
            _observe(batch, target, "unchanged", answered)
        else:
            processed = await _process(batch, target, answer)
            await group_commit.write(recorder.changed(target, Changed(answered, processed, body_digest)))
            batch.report.sources.changed += 1
            _observe(batch, target, "changed", answered)
    except BusyHostError:
        batch.report.sources.polled -= 1
    except PutOffError as error:
        await group_commit.write(recorder.put_off(target, error))
        batch.report.sources.polled -= 1
        if row.id in batch.named:
            batch.report.add_problems([as_problem(row, NotAsked(str(error), error.until))])
        else:
            batch.put_off[row.id] = error
    except PullError as error:
        await _fail(batch, target, error, answered)
    except asyncio.CancelledError:
        if row.id not in batch.late:
            raise
        await _fail(batch, target, FetchError("timeout", LATE, transient=True), answered)
    batch.progress(f"pulled {next(batch.ended)}/{batch.total}: {row.id}")


async def _fail(batch: PullBatch, target: PullTarget, error: PullError, answered: Answered | None) -> None:
    """`answered`: the answer, if it came and could not be read. Secrets in the message are masked."""
    error.message = target.source.hidden.masked(error.message)
    named = await _hub_of_page(batch, target, answered.answer) if answered and error.kind == "not-a-feed" else NO_HUB
    await batch.group_commit.write(batch.recorder.failed(target, error, named))
    batch.report.sources.failed += 1
    batch.report.add_problems([Problem(target.row.id, error.kind, error.message, error.transient)])
    _observe(batch, target, "failed", answered, error)


async def _hub_of_page(batch: PullBatch, target: PullTarget, answer: Answer) -> NamedHub:
    """The hub that a page names which is there in place of a feed: its deliveries tell when that changes."""
    if target.row.hub or not target.source.is_public or "html" not in answer.content_type.lower():
        return NO_HUB
    from aggregator.parse.hub_links import named_by_page

    try:
        about = await batch.pool.call(named_by_page, answer.body, answer.content_type, answer.url)
    except ParseError:  # it took too long to read
        return NO_HUB
    return discover(answer.url, answer.headers, about)


def _observe(
    batch: PullBatch, target: PullTarget, outcome: str, answered: Answered | None, error: PullError | None = None
) -> None:
    """A kept answer counts as no request."""
    answer = answered.answer if answered and target.source.is_remote and not answered.is_kept else None
    status = answer.status if answer else error.status if isinstance(error, FetchError) else 0
    turn, spent = batch.recorder.turns[target.row.id], batch.spent[target.row.id]
    kind, received = error.kind if error else "", answer.received if answer else 0
    batch.app.observer.pulled(Pull(target.row.id, outcome, status, kind, spent, received, turn.at, turn.why))


async def _fetch(batch: PullBatch, target: PullTarget) -> Answered:
    row, source, recorder = target.row, target.source, batch.recorder

    def begin() -> None:
        batch.begun.add(row.id)

    def spend(seconds: float) -> None:
        batch.spent[row.id] += seconds

    if not source.is_remote:
        begin()
        path = batch.app.config.root / source.url
        return Answered(await asyncio.to_thread(read_local, path, batch.app), recorder.now())
    is_kept = row.last_attempt_at is None and target.url in batch.kept
    if is_kept and (kept := await asyncio.to_thread(_kept_answer, batch, target)):
        begin()
        return kept
    validators = Validators(row.etag, row.last_modified)
    request = Request(target.url, validators, secret_headers(source))
    refused = partial(_refused, batch, target)
    answer = await batch.fetcher.fetch(request, refused=refused, enter=batch.enter, begun=begin, ended=spend)
    return Answered(answer, recorder.now())


async def _refused(batch: PullBatch, target: PullTarget, error: FetchError) -> None:
    if until := await asyncio.to_thread(batch.recorder.refused, target, error):
        batch.fetcher.pause_host(error.host, until)


def _kept_answer(batch: PullBatch, target: PullTarget) -> Answered | None:
    """The answer stored when the source was added, while it is still fresh."""
    with batch.app.store.read() as tx:
        kept = tx.first_answers.get(target.url)
    if kept is None:
        return None
    try:
        at, answer = kept[0], unpack(kept[1], Answer)
    except StateError:  # another version of this program stored it
        return None
    fresh = freshness(answer.headers, at)
    turn = after_success(schedule_of(batch.app.config, target.source), at, published=(), fresh=fresh)
    return Answered(answer, at, is_kept=True) if at <= batch.recorder.batch_at < turn.at else None


async def _process(batch: PullBatch, target: PullTarget, answer: Answer) -> "ProcessedFeed":
    from aggregator.pull.process import FeedBody, process_feed
    from aggregator.text.dates import DateContext

    known, read = await asyncio.to_thread(_known_entries, batch, target.row)
    dates = DateContext(batch.recorder.batch_at, target.row.date_order)
    body = FeedBody(target.row.id, answer.url, answer.content_type, answer.body, target.source.hidden, dates, read)
    config = batch.app.config
    signing = signing_of(config, target.row.boilerplate)
    processed = await batch.pool.call(process_feed, body, known, content_settings(config), signing)
    batch.report.add_problems(processed.problems)
    if answer.note:
        batch.report.add_problems([Problem(target.row.id, "truncated", answer.note, transient=True)])
    return processed


def _known_entries(batch: PullBatch, row: SourceRow) -> tuple[frozenset[str], bytes | None]:
    """The items of the source, and how its last document was read."""
    with batch.app.store.read() as tx:
        return tx.arrivals.known_items(row.id), tx.read_markups.get(row.id)
