"""A pull's outcome, written down under its lease: what the source is from here on, when it is asked again, and what its
host is to us.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from aggregator.app import App, secret_headers
from aggregator.clean.opt_out import header_says
from aggregator.codec import pack, unpack_or
from aggregator.config import SourceConfig
from aggregator.errors import FetchError, PullError, PutOffError
from aggregator.fetch import Answer, origin, place_of
from aggregator.model.document import FeedInfo
from aggregator.model.poll_hints import NO_HINT, PollHints
from aggregator.polling import (
    Move,
    NextPoll,
    PollState,
    Turn,
    after_answer,
    after_fault,
    after_good_answer,
    after_refusal,
    answered,
    failed,
    is_refusal,
)
from aggregator.pull.process import ProcessedFeed
from aggregator.store import SourceRow, Transaction
from aggregator.store.arrivals import ArrivalRow
from aggregator.text.urls import LONGEST


@dataclass(frozen=True, slots=True)
class Answered:
    """What a source answered, `at` when: a kept answer was there before its batch began."""

    answer: Answer
    at: datetime
    is_kept: bool = False


@dataclass(frozen=True, slots=True)
class Changed:
    """An answer that says something new, as it was understood."""

    told: Answered
    refined: ProcessedFeed
    body_digest: str


@dataclass(frozen=True, slots=True)
class PullTarget:
    """A source whose turn it is, and the address that is asked."""

    row: SourceRow
    source: SourceConfig
    url: str


@dataclass(frozen=True, slots=True)
class Recorder:
    """Of one batch's pulls, which hold the leases of `token`. What it is handed last, a transaction, may be that of
    many pulls. `turns`: when each source is asked next, and why then."""

    app: App
    batch_at: datetime
    token: str
    turns: dict[str, Turn] = field(default_factory=dict)

    def now(self) -> datetime:
        """When an answer came: what publishers ask for counts from there, not from when the batch began."""
        return max(self.app.clock(), self.batch_at)

    def unchanged(self, asked: PullTarget, told: Answered, tx: Transaction) -> None:
        row, answer = asked.row, told.answer
        values = self._answered(tx, asked, told, self._known(asked))
        if tx.sources.record(row.id, self.token, values | _validators(answer)):
            tx.sources.add_pull(source_id=row.id, batch_at=self.batch_at, outcome="unchanged", received=answer.received)

    def changed(self, asked: PullTarget, changed: Changed, tx: Transaction) -> None:
        row, refined, told = asked.row, changed.refined, changed.told
        known = self._known(asked)
        values: dict[str, Any] = {"about": refined.about, "changed_pulls": row.changed_pulls + 1}
        values |= {"opt_out": refined.opt_out}
        if not refined.cut_off:  # else a 304 would keep from us what the rest says
            known = replace(known, hints=refined.pace)
            values |= {"body_digest": changed.body_digest, "pace": pack(refined.pace)} | _validators(told.answer)
        values |= self._answered(tx, asked, told, known)
        if not tx.sources.record(row.id, self.token, values):
            return
        if _attribution(row.about) != _attribution(refined.about):
            tx.feeds.mark_dirty_of_source(row.id)
        pull_id = tx.sources.add_pull(
            source_id=row.id,
            batch_at=self.batch_at,
            outcome="changed",
            received=told.answer.received,
            complete=refined.complete,
            document_updated=refined.updated,
            merged=False,
            deleted=list(refined.deleted),
        )
        arrivals = [ArrivalRow(i, one.item, one.draft, one.clean) for i, one in enumerate(refined.entries)]
        tx.arrivals.add(pull_id, arrivals)

    def refused(self, asked: PullTarget, error: FetchError) -> datetime | None:
        """Until when the host that said so is to be left alone, None where it is not."""
        if not is_refusal(error.status, error.retry_after):
            return None
        with self.app.store.write() as tx:
            refusals = after_refusal(tx.hosts.get(error.host), asked.row.id, self.now(), error.retry_after)
            tx.hosts.put(error.host, refusals)
        return refusals.until

    def failed(self, asked: PullTarget, error: PullError, tx: Transaction) -> None:
        row, now = asked.row, self.now()
        status, retry_after, host = _answer_of(error)
        next_poll = failed(self._known(asked), now, status=status, retry_after=retry_after)
        move = after_fault(_move(row), status, next_poll.failures)
        values = self._turn(row, next_poll, now) | _moved(row, move) | ({"host": host} if host else {})
        values |= {"error_kind": error.kind, "error_message": error.message}
        if tx.sources.record(row.id, self.token, values):
            tx.sources.add_pull(
                source_id=row.id, batch_at=self.batch_at, outcome="failed", kind=error.kind, message=error.message
            )

    def put_off(self, row: SourceRow, error: PutOffError, tx: Transaction) -> None:
        """Nobody was asked: it stays due, and is claimed when its host's pause is over."""
        tx.sources.record(row.id, self.token, {"host": error.host})

    def _known(self, asked: PullTarget) -> PollState:
        row = asked.row
        return PollState(
            id=row.id,
            schedule=self.app.schedule(asked.source),
            failures=row.failures,
            status=row.last_status,
            gone_since=row.gone_since,
            fresh=timedelta(seconds=row.fresh_for),
            hints=unpack_or(row.pace, PollHints, NO_HINT),
            is_new=row.last_attempt_at is None,
        )

    def _answered(self, tx: Transaction, asked: PullTarget, told: Answered, known: PollState) -> dict[str, Any]:
        row, source, answer = asked.row, asked.source, told.answer
        next_poll = answered(
            known,
            told.at,
            status=answer.status,
            headers=answer.headers,
            published=tx.entries.newest_dates(row.id),
            began=min(told.at, self.batch_at),
        )
        values = self._turn(row, next_poll, told.at) | {
            "last_success_at": told.at,
            "error_kind": "",
            "error_message": "",
        }
        values |= {"opt_out_header": self._asked_by_header(row, answer)}
        if told.is_kept:
            tx.kept.drop(asked.url)
        if not source.is_remote:
            return values
        host = place_of(answer.url)
        _welcomed(tx, host, told)
        target = answer.moved_to if answer.moved_to == answer.url and may_follow(source, answer.url) else ""
        move = after_answer(_move(row), source.url, target, told.at)
        return values | _moved(row, move) | {"host": host}

    def _asked_by_header(self, row: SourceRow, answer: Answer) -> str:
        """An answer without a body repeats few of the headers (RFC 9110 15.4.5): what was said before holds."""
        said = header_says(answer.headers.get("x-robots-tag", ""), self.app.fetch_settings().user_agent)
        return said or (row.opt_out_header if answer.status == 304 else "")

    def _turn(self, row: SourceRow, next_poll: NextPoll, now: datetime) -> dict[str, Any]:
        self.turns[row.id] = Turn(next_poll.next_poll_at, next_poll.turn.why)
        return {
            "state": next_poll.state,
            "state_since": row.state_since if row.state == next_poll.state else now,
            "last_attempt_at": now,
            "due_at": next_poll.turn.at,
            "next_poll_at": next_poll.next_poll_at,
            "poll_reason": next_poll.turn.why,
            "retry_at": next_poll.retry_at,
            "failures": next_poll.failures,
            "last_status": next_poll.status,
            "gone_since": next_poll.gone_since,
            "fresh_for": int(next_poll.fresh.total_seconds()),
        }


def address(row: SourceRow, source: SourceConfig) -> str:
    """What is asked: where the source moved to for good, else the config's. Nobody asks at an address that is too long,
    which versions before this one followed."""
    moved_url = _move(row).url
    return moved_url if moved_url and may_follow(source, moved_url) else source.url


def may_follow(source: SourceConfig, url: str) -> bool:
    """Whether `url` may stand for the config's address: what is secret goes to that one's own origin alone."""
    return not secret_headers(source) or origin(source.url) == origin(url)


def _answer_of(error: PullError) -> tuple[int, timedelta | None, str]:
    """Status, Retry-After and host of who answered, where anybody did."""
    return (error.status, error.retry_after, error.host) if isinstance(error, FetchError) else (0, None, "")


def _validators(answer: Answer) -> dict[str, str]:
    return {"etag": answer.validators.etag, "last_modified": answer.validators.last_modified}


def _welcomed(tx: Transaction, host: str, told: Answered) -> None:
    before = None if told.is_kept else tx.hosts.get(host)
    if before:
        tx.hosts.put(host, after_good_answer(before, told.at))


def _move(row: SourceRow) -> Move:
    move = _recorded(row)
    move = replace(move, url="") if len(move.url) > LONGEST else move
    return replace(move, target="", since=None, answers=0) if len(move.target) > LONGEST else move


def _recorded(row: SourceRow) -> Move:
    return Move(row.moved_url, row.move_target, row.move_since, row.move_answers, row.move_refused)


def _moved(row: SourceRow, move: Move) -> dict[str, Any]:
    """What changed alone: a person may have said otherwise meanwhile. Validators are their address's, and so is 410."""
    if move == _recorded(row):
        return {}
    values: dict[str, Any] = {
        "moved_url": move.url,
        "move_target": move.target,
        "move_since": move.since,
        "move_answers": move.answers,
        "move_refused": move.refused,
    }
    return values | ({"etag": "", "last_modified": "", "gone_since": None} if row.moved_url and not move.url else {})


def _attribution(about: bytes | None) -> FeedInfo | None:
    """What feeds say of a source; when it was updated they say of each entry."""
    return replace(unpack_or(about, FeedInfo, FeedInfo()), updated=None, hubs=()) if about else None
