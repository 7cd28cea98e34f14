"""Records the outcomes of pulls under their leases: the sources' new states, their next polls, back-off of their hosts.

Many pulls are recorded at once: statements for each would cost more than an answer of 304.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

from aggregator.app import App
from aggregator.clean.opt_out import header_says
from aggregator.codec import pack, unpack_or
from aggregator.config import SourceConfig
from aggregator.errors import FetchError, PullError, PutOffError
from aggregator.fetch import Answer, place_of
from aggregator.model.document import FeedInfo
from aggregator.model.poll_hints import NO_HINT, PollHints
from aggregator.polling import (
    NextPoll,
    PollState,
    Refusals,
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
from aggregator.pull.news import is_news, shown_of
from aggregator.pull.permanent_moves import may_follow, move_of, move_values
from aggregator.settings import fetch_settings, schedule_of
from aggregator.store import SourceRow, Transaction
from aggregator.store.arrivals import ArrivalRow

if TYPE_CHECKING:
    from aggregator.pull.process import ProcessedFeed


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
    processed: "ProcessedFeed"
    body_digest: str


@dataclass(frozen=True, slots=True)
class PullTarget:
    """A source whose turn it is, and the URL to fetch."""

    row: SourceRow
    source: SourceConfig
    url: str


@dataclass(frozen=True, slots=True)
class Known:
    """What is stored about the sources and hosts of some pulls: the dates of the newest entries by source, the host
    that answered by source, and the hosts that refused us."""

    dates: Mapping[str, Sequence[datetime]]
    hosts: Mapping[str, str]
    refusals: Mapping[str, Refusals]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a pull changes: columns of its source, and those of its own row, none where nobody was asked.
    `read`: packed ReadMarkup of its document; `is_shown_otherwise`: feeds show another title or link of the source."""

    source: dict[str, Any]
    pull: dict[str, Any] = field(default_factory=dict)
    arrivals: Sequence[ArrivalRow] = ()
    read: bytes | None = None
    is_shown_otherwise: bool = False


@dataclass(frozen=True, slots=True)
class EndedPull:
    """A pull that ended, and how to decide what it changes. `answered`: None where no answer came."""

    target: PullTarget
    answered: Answered | None
    decide: Callable[[Transaction, Known], Outcome]


@dataclass(frozen=True, slots=True)
class Recorder:
    """Records the pulls of one batch, whose leases carry `token`. `turns`: source id → its next poll, and why then;
    `news`: ids of sources whose pulls may change what is published."""

    app: App
    batch_at: datetime
    token: str
    turns: dict[str, Turn] = field(default_factory=dict)
    news: set[str] = field(default_factory=set)

    def now(self) -> datetime:
        """When an answer came: publisher hints count from there, not from the start of the batch."""
        return max(self.app.clock(), self.batch_at)

    def record(self, pulls: Sequence[EndedPull], tx: Transaction) -> None:
        """Records pulls whose leases were not lost meanwhile."""
        known = _known(pulls, tx)
        outcomes = {one.target.row.id: one.decide(tx, known) for one in pulls}
        held = tx.sources.record(self.token, {id_: outcome.source for id_, outcome in outcomes.items()})
        before = {one.target.row.id: one.target.row for one in pulls}
        self.news.update(id_ for id_, one in outcomes.items() if is_news(before[id_], one.source, one.pull))
        recorded = {id_: outcome for id_, outcome in outcomes.items() if id_ in held and outcome.pull}
        tx.feeds.mark_dirty_of_sources(id_ for id_, outcome in recorded.items() if outcome.is_shown_otherwise)
        alike: dict[tuple[str, ...], list[str]] = {}
        for id_, outcome in recorded.items():
            alike.setdefault(tuple(outcome.pull), []).append(id_)
        for ids in alike.values():
            rows = [{"source_id": id_, "batch_at": self.batch_at, **recorded[id_].pull} for id_ in ids]
            pull_ids = tx.pulls.add_alike(rows)
            tx.read_markups.put({id_: read for id_ in ids if (read := recorded[id_].read)})
            tx.arrivals.add((pull_ids[id_], row) for id_ in ids for row in recorded[id_].arrivals)

    def unchanged(self, target: PullTarget, answered: Answered) -> EndedPull:
        def decide(tx: Transaction, known: Known) -> Outcome:
            values = self._answer_values(tx, known, target, answered, self._poll_state(target), target.row.about)
            pull = {"outcome": "unchanged", "received": answered.answer.received}
            return Outcome(values | _validators(answered.answer), pull)

        return EndedPull(target, answered, decide)

    def changed(self, target: PullTarget, changed: Changed) -> EndedPull:
        return EndedPull(target, changed.answered, partial(self._changed, target, changed))

    def _changed(self, target: PullTarget, changed: Changed, tx: Transaction, known: Known) -> Outcome:
        row, processed, answered = target.row, changed.processed, changed.answered
        poll = self._poll_state(target)
        about = row.about if processed.cut_off and row.about else processed.about  # one that is cut off says less
        values: dict[str, Any] = {"about": about, "changed_pulls": row.changed_pulls + 1}
        values |= {"opt_out": processed.opt_out, "date_order": processed.date_order, "cloud": processed.cloud}
        if not processed.cut_off:  # validators of a cut off document would turn the whole one into a 304
            poll = replace(poll, hints=processed.poll_hints)
            values |= {"body_digest": changed.body_digest, "pace": pack(processed.poll_hints)}
            values |= _validators(answered.answer)
        values |= self._answer_values(tx, known, target, answered, poll, about)
        pull = {
            "outcome": "changed",
            "received": answered.answer.received,
            "complete": processed.complete,
            "document_updated": processed.updated,
            "merged": False,
            "deleted": list(processed.deleted),
        }
        arrivals = [ArrivalRow(i, e.item, e.draft, e.clean, e.comparable) for i, e in enumerate(processed.entries)]
        is_shown_otherwise = shown_of(row.about) != shown_of(about)
        return Outcome(values, pull, arrivals, processed.read, is_shown_otherwise)

    def refused(self, target: PullTarget, error: FetchError) -> datetime | None:
        """Until when the refusing host is paused; None if it is not."""
        if not is_refusal(error.status, error.retry_after):
            return None
        with self.app.store.write(alone=False) as tx:
            refusals = after_refusal(tx.hosts.get(error.host), target.row.id, self.now(), error.retry_after)
            tx.hosts.put(error.host, refusals)
        return refusals.until

    def failed(self, target: PullTarget, error: PullError, named: NamedHub) -> EndedPull:
        """`named`: the hub of a page that is there in place of a feed."""
        return EndedPull(target, None, partial(self._failed, target, error, named))

    def _failed(self, target: PullTarget, error: PullError, named: NamedHub, tx: Transaction, _: Known) -> Outcome:
        row, now = target.row, self.now()
        status, retry_after, host = _answer_of(error)
        next_poll = poll_after_failure(self._poll_state(target), now, status=status, retry_after=retry_after)
        move = after_fault(move_of(row), status, next_poll.failures)
        values = self._turn_values(row, next_poll, now) | move_values(row, move) | ({"host": host} if host else {})
        values |= {"error_kind": error.kind, "error_message": error.message}
        values |= _followed(tx, row, named, now) if named.hub or next_poll.state == "gone" else {}
        return Outcome(values, {"outcome": "failed", "kind": error.kind, "message": error.message})

    def put_off(self, target: PullTarget, error: PutOffError) -> EndedPull:
        """No request was sent: the source stays due, and is claimed after the pause of its host."""
        return EndedPull(target, None, lambda _tx, _known: Outcome({"host": error.host}))

    def _poll_state(self, target: PullTarget) -> PollState:
        row = target.row
        return PollState(
            id=row.id,
            schedule=schedule_of(self.app.config, target.source),
            failures=row.failures,
            status=row.last_status,
            gone_since=row.gone_since,
            fresh=timedelta(seconds=row.fresh_for),
            hints=_hints(row.pace),
            is_new=row.last_attempt_at is None,
            hub_proved=row.hub_proved,
        )

    def _answer_values(
        self,
        tx: Transaction,
        known: Known,
        target: PullTarget,
        answered: Answered,
        poll: PollState,
        about: bytes | None,
    ) -> dict[str, Any]:
        row, source, answer = target.row, target.source, answered.answer
        next_poll = poll_after_answer(
            poll,
            answered.at,
            status=answer.status,
            headers=answer.headers,
            published=known.dates.get(row.id, ()),
            began=min(answered.at, self.batch_at),
        )
        values = self._turn_values(row, next_poll, answered.at) | {"last_success_at": answered.at}
        values |= {"error_kind": "", "error_message": "", "opt_out_header": self._header_opt_out(row, answer)}
        if answered.is_kept:
            tx.first_answers.drop(target.url)
        if not source.is_remote:
            return values
        host = known.hosts[row.id]
        if not answered.is_kept and (before := known.refusals.get(host)):
            tx.hosts.put(host, after_good_answer(before, answered.at))
        moved_to = answer.moved_to if answer.moved_to == answer.url and may_follow(source, answer.url) else ""
        move = after_answer(move_of(row), source.url, moved_to, answered.at)
        return values | move_values(row, move) | _hub_values(tx, target, answered, about) | {"host": host}

    def _header_opt_out(self, row: SourceRow, answer: Answer) -> str:
        """The stored value stays after a 304, which repeats few headers (RFC 9110 15.4.5)."""
        said = answer.headers.get("x-robots-tag", "")
        asked = header_says(said, fetch_settings(self.app.config).user_agent) if said else ""
        return asked or (row.opt_out_header if answer.status == 304 else "")

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


def _known(pulls: Sequence[EndedPull], tx: Transaction) -> Known:
    answered = [(one.target, one.answered.answer) for one in pulls if one.answered]
    hosts = {target.row.id: place_of(answer.url) for target, answer in answered if target.source.is_remote}
    dates = tx.entries.newest_dates_of(target.row.id for target, _ in answered)
    return Known(dates, hosts, tx.hosts.of(set(hosts.values())))


@lru_cache(maxsize=256)  # most sources hint at nothing, or at the same: in equal bytes
def _hints(packed: bytes | None) -> PollHints:
    return unpack_or(packed, PollHints, NO_HINT)


def _hub_values(tx: Transaction, target: PullTarget, answered: Answered, about: bytes | None) -> dict[str, str]:
    """The hub that the answer names, if it is another than before; then the source gets a subscription there. A 304
    repeats few headers (RFC 9110 15.4.5), so it takes no hub away."""
    row, answer = target.row, answered.answer
    if answer.status == 304 and row.hub:
        return {}
    named = discover(answer.url, answer.headers, unpack_or(about, FeedInfo, FeedInfo()))
    return _followed(tx, row, named if named.hub and target.source.is_public else NO_HUB, answered.at)


def _followed(tx: Transaction, row: SourceRow, named: NamedHub, at: datetime) -> dict[str, str]:
    if (named.hub, named.topic) == (row.hub, row.topic):
        return {}
    tx.subscriptions.follow(row.id, named.hub, named.topic, at)
    return {"hub": named.hub, "topic": named.topic}


def _answer_of(error: PullError) -> tuple[int, timedelta | None, str]:
    """Status, Retry-After and host of the answer; empty without one."""
    return (error.status, error.retry_after, error.host) if isinstance(error, FetchError) else (0, None, "")


def _validators(answer: Answer) -> dict[str, str]:
    return {"etag": answer.validators.etag, "last_modified": answer.validators.last_modified}
