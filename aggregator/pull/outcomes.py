"""Records the outcome of a pull under its lease: the source's new state, its next poll, and its host's back-off."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from aggregator.app import App
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
    is_refusal,
    poll_after_answer,
    poll_after_failure,
)
from aggregator.pull.hub_discovery import NO_HUB, NamedHub, discover
from aggregator.pull.process import ProcessedFeed
from aggregator.settings import fetch_settings, schedule_of, secret_headers
from aggregator.store import SourceRow, Transaction
from aggregator.store.arrivals import ArrivalRow
from aggregator.text.urls import LONGEST


@dataclass(frozen=True, slots=True)
class Answered:
    """The answer of a source, and when it came (`at`). `is_kept`: it was stored before the batch began."""

    answer: Answer
    at: datetime
    is_kept: bool = False


@dataclass(frozen=True, slots=True)
class Changed:
    """An answer with a new body, and what was read from it."""

    answered: Answered
    processed: ProcessedFeed
    body_digest: str


@dataclass(frozen=True, slots=True)
class PullTarget:
    """A source whose turn it is, and the URL to fetch."""

    row: SourceRow
    source: SourceConfig
    url: str


@dataclass(frozen=True, slots=True)
class Recorder:
    """Records the pulls of one batch, whose leases carry `token`. A transaction `tx` may be shared by many pulls.
    `turns`: source id → its next poll, and why then."""

    app: App
    batch_at: datetime
    token: str
    turns: dict[str, Turn] = field(default_factory=dict)

    def now(self) -> datetime:
        """When an answer came: publisher hints count from there, not from the start of the batch."""
        return max(self.app.clock(), self.batch_at)

    def unchanged(self, target: PullTarget, answered: Answered, tx: Transaction) -> None:
        row, answer = target.row, answered.answer
        values = self._answer_values(tx, target, answered, self._poll_state(target), row.about)
        if tx.sources.record(row.id, self.token, values | _validators(answer)):
            tx.sources.add_pull(source_id=row.id, batch_at=self.batch_at, outcome="unchanged", received=answer.received)

    def changed(self, target: PullTarget, changed: Changed, tx: Transaction) -> None:
        row, processed, answered = target.row, changed.processed, changed.answered
        known = self._poll_state(target)
        about = row.about if processed.cut_off and row.about else processed.about  # one that is cut off says less
        values: dict[str, Any] = {"about": about, "changed_pulls": row.changed_pulls + 1}
        values |= {"opt_out": processed.opt_out, "date_order": processed.date_order}
        values |= {"cloud": processed.cloud}
        if not processed.cut_off:  # validators of a cut off document would turn the whole one into a 304
            known = replace(known, hints=processed.poll_hints)
            values |= {"body_digest": changed.body_digest, "pace": pack(processed.poll_hints)}
            values |= _validators(answered.answer)
        values |= self._answer_values(tx, target, answered, known, about)
        if not tx.sources.record(row.id, self.token, values):
            return
        if _attribution(row.about) != _attribution(about):
            tx.feeds.mark_dirty_of_source(row.id)
        pull_id = tx.sources.add_pull(
            source_id=row.id,
            batch_at=self.batch_at,
            outcome="changed",
            received=answered.answer.received,
            complete=processed.complete,
            document_updated=processed.updated,
            merged=False,
            deleted=list(processed.deleted),
        )
        arrivals = [
            ArrivalRow(i, one.item, one.draft, one.clean, one.comparable) for i, one in enumerate(processed.entries)
        ]
        tx.arrivals.add(pull_id, arrivals)

    def refused(self, target: PullTarget, error: FetchError) -> datetime | None:
        """Until when the refusing host is paused; None if it is not."""
        if not is_refusal(error.status, error.retry_after):
            return None
        with self.app.store.write(alone=False) as tx:
            refusals = after_refusal(tx.hosts.get(error.host), target.row.id, self.now(), error.retry_after)
            tx.hosts.put(error.host, refusals)
        return refusals.until

    def failed(self, target: PullTarget, error: PullError, named: NamedHub, tx: Transaction) -> None:
        """`named`: the hub of a page that is there in place of a feed."""
        row, now = target.row, self.now()
        status, retry_after, host = _answer_of(error)
        next_poll = poll_after_failure(self._poll_state(target), now, status=status, retry_after=retry_after)
        move = after_fault(_move(row), status, next_poll.failures)
        values = self._turn_values(row, next_poll, now) | _move_values(row, move) | ({"host": host} if host else {})
        values |= {"error_kind": error.kind, "error_message": error.message}
        values |= _followed(tx, row, named, now) if named.hub or next_poll.state == "gone" else {}
        if tx.sources.record(row.id, self.token, values):
            tx.sources.add_pull(
                source_id=row.id, batch_at=self.batch_at, outcome="failed", kind=error.kind, message=error.message
            )

    def put_off(self, row: SourceRow, error: PutOffError, tx: Transaction) -> None:
        """No request was sent: the source stays due, and is claimed after the pause of its host."""
        tx.sources.record(row.id, self.token, {"host": error.host})

    def _poll_state(self, target: PullTarget) -> PollState:
        row = target.row
        return PollState(
            id=row.id,
            schedule=schedule_of(self.app.config, target.source),
            failures=row.failures,
            status=row.last_status,
            gone_since=row.gone_since,
            fresh=timedelta(seconds=row.fresh_for),
            hints=unpack_or(row.pace, PollHints, NO_HINT),
            is_new=row.last_attempt_at is None,
            hub_proved=row.hub_proved,
        )

    def _answer_values(
        self, tx: Transaction, target: PullTarget, answered: Answered, known: PollState, about: bytes | None
    ) -> dict[str, Any]:
        row, source, answer = target.row, target.source, answered.answer
        next_poll = poll_after_answer(
            known,
            answered.at,
            status=answer.status,
            headers=answer.headers,
            published=tx.entries.newest_dates(row.id),
            began=min(answered.at, self.batch_at),
        )
        values = self._turn_values(row, next_poll, answered.at) | {"last_success_at": answered.at}
        values |= {"error_kind": "", "error_message": "", "opt_out_header": self._header_opt_out(row, answer)}
        if answered.is_kept:
            tx.first_answers.drop(target.url)
        if not source.is_remote:
            return values
        host = place_of(answer.url)
        _clear_refusals(tx, host, answered)
        moved_to = answer.moved_to if answer.moved_to == answer.url and may_follow(source, answer.url) else ""
        move = after_answer(_move(row), source.url, moved_to, answered.at)
        return values | _move_values(row, move) | _hub_values(tx, target, answered, about) | {"host": host}

    def _header_opt_out(self, row: SourceRow, answer: Answer) -> str:
        """The stored value stays after a 304, which repeats few headers (RFC 9110 15.4.5)."""
        said = header_says(answer.headers.get("x-robots-tag", ""), fetch_settings(self.app.config).user_agent)
        return said or (row.opt_out_header if answer.status == 304 else "")

    def _turn_values(self, row: SourceRow, next_poll: NextPoll, now: datetime) -> dict[str, Any]:
        self.turns[row.id] = Turn(next_poll.next_poll_at, next_poll.why)
        return {
            "state": next_poll.state,
            "state_since": row.state_since if row.state == next_poll.state else now,
            "last_attempt_at": now,
            "due_at": next_poll.turn.at,
            "next_poll_at": next_poll.next_poll_at,
            "poll_reason": next_poll.why,
            "retry_at": next_poll.retry_at,
            "failures": next_poll.failures,
            "last_status": next_poll.status,
            "gone_since": next_poll.gone_since,
            "fresh_for": int(next_poll.fresh.total_seconds()),
        }


def _hub_values(tx: Transaction, target: PullTarget, answered: Answered, about: bytes | None) -> dict[str, str]:
    """The hub that the answer names, if it is another than before; then the source gets a subscription there. A 304
    repeats few headers (RFC 9110 15.4.5), so it takes no hub away."""
    row, answer = target.row, answered.answer
    if answer.status == 304 and row.hub:
        return {}
    is_told = target.source.is_public
    named = discover(answer.url, answer.headers, unpack_or(about, FeedInfo, FeedInfo())) if is_told else NO_HUB
    return _followed(tx, row, named, answered.at)


def _followed(tx: Transaction, row: SourceRow, named: NamedHub, at: datetime) -> dict[str, str]:
    if (named.hub, named.topic) == (row.hub, row.topic):
        return {}
    tx.subscriptions.follow(row.id, named.hub, named.topic, at)
    return {"hub": named.hub, "topic": named.topic}


def poll_url(row: SourceRow, source: SourceConfig) -> str:
    """The URL to fetch: where the source moved permanently, else the config's. Stored URLs that are too long are
    ignored: former versions followed such redirects."""
    moved_url = _move(row).url
    return moved_url if moved_url and may_follow(source, moved_url) else source.url


def may_follow(source: SourceConfig, url: str) -> bool:
    """Whether `url` may replace the config's: secrets are sent only to the origin that the config names."""
    return not secret_headers(source) or origin(source.url) == origin(url)


def _answer_of(error: PullError) -> tuple[int, timedelta | None, str]:
    """Status, Retry-After and host of the answer; empty without one."""
    return (error.status, error.retry_after, error.host) if isinstance(error, FetchError) else (0, None, "")


def _validators(answer: Answer) -> dict[str, str]:
    return {"etag": answer.validators.etag, "last_modified": answer.validators.last_modified}


def _clear_refusals(tx: Transaction, host: str, answered: Answered) -> None:
    before = None if answered.is_kept else tx.hosts.get(host)
    if before:
        tx.hosts.put(host, after_good_answer(before, answered.at))


def _move(row: SourceRow) -> Move:
    move = _recorded(row)
    move = replace(move, url="") if len(move.url) > LONGEST else move
    return replace(move, target="", since=None, answers=0) if len(move.target) > LONGEST else move


def _recorded(row: SourceRow) -> Move:
    return Move(row.moved_url, row.move_target, row.move_since, row.move_answers, row.move_refused)


def _move_values(row: SourceRow, move: Move) -> dict[str, Any]:
    """Only if the move changed: a person may have changed it meanwhile. Validators and `gone_since` belong to one
    address, and end with it."""
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
    """The part of a source's FeedInfo that published feeds show: all but its update time and hubs."""
    return replace(unpack_or(about, FeedInfo, FeedInfo()), updated=None, hubs=()) if about else None
