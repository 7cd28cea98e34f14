"""pull(source): claim ─▶ fetch ─▶ [isolation: parse ─▶ normalize ─▶ sanitize ─▶ fingerprint] ─▶ record.

Concurrent, in any order: what pulls bring waits in the store until it is settled. Whatever its outcome, a pull is
recorded; a failed one changes nothing that we had.
"""

import asyncio
import hashlib
import uuid
from collections import defaultdict
from collections.abc import Collection, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from aggregator.app import App, secret_headers
from aggregator.codec import unpack
from aggregator.errors import FetchError, PullError, PutOffError, StateError
from aggregator.events import Pull
from aggregator.fetch import Answer, Fetcher, Request, Validators
from aggregator.model.problems import Problem
from aggregator.polling import after_success, freshness
from aggregator.pull.group_commit import GroupCommit
from aggregator.pull.not_asked import Unasked, as_problem, unasked
from aggregator.pull.outcomes import Answered, Changed, PullTarget, Recorder, address
from aggregator.pull.process import FeedBody, ProcessedFeed, process_feed
from aggregator.report import Progress, Report
from aggregator.store import SourceRow
from aggregator.worker_pool import WorkerPool

LEASE = timedelta(minutes=15)
LATE = "it had not ended long after its deadline, perhaps in a queue before a host that it was redirected to"
PARSING = timedelta(minutes=1)  # for what was fetched in time to be read and recorded


@dataclass(frozen=True, slots=True)
class PullScope:
    """`force`: due or not; `only`: these sources' ids; `punctual`: without the jitter that keeps a scheduler's turns
    apart."""

    force: bool = False
    only: Collection[str] = ()
    punctual: bool = True


@dataclass(frozen=True, slots=True)
class TurnDeadline:
    """Of a batch that must end while others wait: whoever has not had a turn at its host after `open_for` is not in it.
    `fetcher` stays open from batch to batch, and with it what it knows of hosts."""

    fetcher: Fetcher
    open_for: timedelta = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Claimed:
    """Whose turn it is; of others whom a person named, why not; until when hosts are left `alone`; `kept`: addresses
    whose answer somebody got already."""

    rows: list[SourceRow]
    unasked: list[Problem]
    alone: Mapping[str, datetime]
    kept: frozenset[str]


@dataclass(frozen=True, slots=True)
class PullBatch:
    """What the pulls of one batch share. `named`: whom a person wants asked; `spent`: the seconds that asking each
    source took."""

    app: App
    fetcher: Fetcher
    pool: WorkerPool
    recorder: Recorder
    group_commit: GroupCommit
    kept: frozenset[str]
    report: Report
    progress: Progress
    named: Collection[str] = ()
    begun: set[str] = field(default_factory=set)
    late: set[str] = field(default_factory=set)
    spent: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))


async def pull_sources(
    app: App,
    pool: WorkerPool,
    batch_at: datetime,
    report: Report,
    whom: PullScope,
    *,
    progress: Progress = lambda _: None,
    doors: TurnDeadline | None = None,
) -> None:
    """Pulls every source that is due and wanted; returns when all have ended or passed their deadline. Without `doors`
    the batch waits for everybody's turn."""
    recorder = Recorder(app, batch_at, uuid.uuid4().hex)
    claimed = await asyncio.to_thread(_claim, recorder, whom)
    report.sources.due += len(claimed.rows)
    report.add_problems(claimed.unasked)
    group_commit = GroupCommit(app.store, len(claimed.rows))
    opened = nullcontext(doors.fetcher) if doors else Fetcher(app.fetch_settings(), now=app.clock)
    try:
        async with opened as fetcher:
            for host, until in claimed.alone.items():
                fetcher.leave_alone(host, until)
            named = whom.only if whom.force else ()
            pulling = PullBatch(app, fetcher, pool, recorder, group_commit, claimed.kept, report, progress, named)
            async with asyncio.TaskGroup() as group:
                pulls = {row.id: group.create_task(_pull(pulling, row)) for row in claimed.rows}
                if doors and pulls:
                    group.create_task(_close(doors, pulling, pulls))
    except ExceptionGroup as errors:
        # A pull's own faults are recorded; what comes out here (the state, say) concerns all: one is enough.
        raise errors.exceptions[0] from errors
    finally:
        await group_commit.close()
        if doors:
            await asyncio.to_thread(_give_back, recorder)


def _claim(recorder: Recorder, whom: PullScope) -> Claimed:
    at, force = recorder.batch_at, whom.force
    with recorder.app.store.write() as tx:
        rows = tx.sources.claim(
            at, until=at + LEASE, token=recorder.token, force=force, only=whom.only, punctual=whom.punctual
        )
        left = tx.lookups.sources(set(whom.only) - {row.id for row in rows}).values() if force else ()
        problems = [as_problem(row, unasked(tx, row, at)) for row in left]
        return Claimed(rows, problems, tx.hosts.paused(at, force=force), tx.kept.urls())


def _give_back(recorder: Recorder) -> None:
    with recorder.app.store.write() as tx:
        tx.sources.give_back(recorder.token)


async def _close(doors: TurnDeadline, pulling: PullBatch, pulls: Mapping[str, "asyncio.Task[None]"]) -> None:
    """Sends away who still waits for a turn, and later who got lost on the way: in a queue at another host, say, to
    which it was redirected."""
    await asyncio.wait(pulls.values(), timeout=doors.open_for.total_seconds())
    for id_, pull in pulls.items():
        if id_ not in pulling.begun and pull.cancel():
            pulling.report.sources.due -= 1
            pulling.report.sources.polled -= 1
    rest = pulling.app.config.fetch.timeout + PARSING
    await asyncio.wait(pulls.values(), timeout=rest.total_seconds())
    for id_, pull in pulls.items():
        if not pull.done():
            pulling.late.add(id_)
            pull.cancel()


async def _pull(pulling: PullBatch, row: SourceRow) -> None:
    source = pulling.app.feed_source(row.id)
    asked = PullTarget(row, source, address(row, source))
    recorder, group_commit = pulling.recorder, pulling.group_commit
    pulling.report.sources.polled += 1
    told: Answered | None = None
    try:
        told = await _ask(pulling, asked)
        body_digest = hashlib.sha256(told.answer.body).hexdigest() if told.answer.status != 304 else row.body_digest
        if body_digest == row.body_digest and row.body_digest:
            await group_commit.write(partial(recorder.unchanged, asked, told))
            pulling.report.sources.unchanged += 1
            _tell(pulling, asked, "unchanged", told)
        else:
            refined = await _refine(pulling, asked, told.answer)
            await group_commit.write(partial(recorder.changed, asked, Changed(told, refined, body_digest)))
            pulling.report.sources.changed += 1
            _tell(pulling, asked, "changed", told)
    except PutOffError as error:
        await group_commit.write(partial(recorder.put_off, row, error))
        pulling.report.sources.polled -= 1
        if row.id in pulling.named:
            pulling.report.add_problems([as_problem(row, Unasked(str(error), error.until))])
    except PullError as error:
        await _fail(pulling, asked, error, told)
    except asyncio.CancelledError:
        if row.id not in pulling.late:
            raise
        await _fail(pulling, asked, FetchError("timeout", LATE, transient=True), told)
    pulling.progress(row.id)


async def _fail(pulling: PullBatch, asked: PullTarget, error: PullError, told: Answered | None) -> None:
    """`told`: what it answered, where that is what cannot be read. What is secret of its address is told to nobody."""
    error.message = asked.source.hidden.masked(error.message)
    await pulling.group_commit.write(partial(pulling.recorder.failed, asked, error))
    pulling.report.sources.failed += 1
    pulling.report.add_problems([Problem(asked.row.id, error.kind, error.message, error.transient)])
    _tell(pulling, asked, "failed", told, error)


def _tell(
    pulling: PullBatch, asked: PullTarget, outcome: str, told: Answered | None, error: PullError | None = None
) -> None:
    """A kept answer is counted as none: nobody was asked."""
    answer = told.answer if told and asked.source.is_remote and not told.is_kept else None
    status = answer.status if answer else error.status if isinstance(error, FetchError) else 0
    turn, spent = pulling.recorder.turns[asked.row.id], pulling.spent[asked.row.id]
    kind, received = error.kind if error else "", answer.received if answer else 0
    pulling.app.observer.pulled(Pull(asked.row.id, outcome, status, kind, spent, received, turn.at, turn.why))


async def _ask(pulling: PullBatch, asked: PullTarget) -> Answered:
    row, source, recorder = asked.row, asked.source, pulling.recorder

    def begin() -> None:
        pulling.begun.add(row.id)

    def spend(seconds: float) -> None:
        pulling.spent[row.id] += seconds

    if not source.is_remote:
        begin()
        path = pulling.app.config.root / source.url
        return Answered(await asyncio.to_thread(read_local, path, pulling.app), recorder.now())
    is_kept = row.last_attempt_at is None and asked.url in pulling.kept
    if is_kept and (kept := await asyncio.to_thread(_kept, pulling, asked)):
        begin()
        return kept
    validators = Validators(row.etag, row.last_modified)
    request = Request(asked.url, validators, secret_headers(source))
    refused = partial(_refused, pulling, asked)
    return Answered(await pulling.fetcher.fetch(request, refused=refused, begun=begin, ended=spend), recorder.now())


async def _refused(pulling: PullBatch, asked: PullTarget, error: FetchError) -> None:
    if until := await asyncio.to_thread(pulling.recorder.refused, asked, error):
        pulling.fetcher.leave_alone(error.host, until)


def _kept(pulling: PullBatch, asked: PullTarget) -> Answered | None:
    """What the source answered to whoever added it, while it need not be asked again."""
    with pulling.app.store.read() as tx:
        kept = tx.kept.get(asked.url)
    if kept is None:
        return None
    try:
        at, answer = kept[0], unpack(kept[1], Answer)
    except StateError:  # another version of this program kept it
        return None
    fresh = freshness(answer.headers, at)
    turn = after_success(pulling.app.schedule(asked.source), at, published=(), fresh=fresh)
    return Answered(answer, at, is_kept=True) if at <= pulling.recorder.batch_at < turn.at else None


def read_local(path: Path, app: App) -> Answer:
    """A source that is a file here. Raises FetchError."""
    most = app.config.fetch.max_bytes
    try:
        with path.open("rb") as file:
            body = file.read(most + 1)
    except OSError as error:
        raise FetchError("connect", f"{path}: {error.strerror}", transient=False) from error
    if len(body) > most:
        raise FetchError("too-large", f"{path} is larger than fetch.max_bytes ({most} bytes)", transient=False)
    return Answer(200, path.absolute().as_uri(), "", body, "", Validators(), {}, len(body))


async def _refine(pulling: PullBatch, asked: PullTarget, answer: Answer) -> ProcessedFeed:
    known = await asyncio.to_thread(_known, pulling, asked.row)
    body = FeedBody(asked.row.id, answer.url, answer.content_type, answer.body, asked.source.hidden)
    refined = await pulling.pool.call(process_feed, body, known, pulling.app.content())
    pulling.report.add_problems(refined.problems)
    return refined


def _known(pulling: PullBatch, row: SourceRow) -> frozenset[str]:
    with pulling.app.store.read() as tx:
        return tx.arrivals.known_items(row.id)
