"""The state of a source after an answer or a failure, and its next turn with and without jitter."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from aggregator.model.poll_hints import NO_HINT, PollHints
from aggregator.polling.jitter import jitter
from aggregator.polling.publisher_hints import freshness_after, outside, skipped_by
from aggregator.polling.schedule import NONE, RETRY_MOST, Schedule, Turn, after_failure, after_success

GONE = 410
TOLD_EVERY = timedelta(hours=6)  # of a source whose hub tells its news
SURE = timedelta(days=1)  # 410 is believed when every answer was 410 for so long


@dataclass(frozen=True, slots=True)
class PollState:
    """A source when its turn comes. `status`: the last HTTP status, 0 for none yet; `fresh`: the freshness lifetime of
    that answer; `gone_since`: the first 410 in a row, None if the last answer was another; `is_new`: never polled;
    `hub_proved`: its hub has proved that it tells its news.
    """

    id: str
    schedule: Schedule
    failures: int = 0
    status: int = 0
    fresh: timedelta = NONE
    hints: PollHints = NO_HINT
    is_new: bool = False
    gone_since: datetime | None = None
    hub_proved: bool = False


@dataclass(frozen=True, slots=True)
class NextPoll:
    """`turn`: from when on the source may be polled; `next_poll_at`: when a scheduler does so, and `why`; `retry_at`:
    even forced pulls wait until then. `state`: ok, failing or gone; a gone source is polled only after a person resumes
    it.
    """

    state: str
    failures: int
    status: int
    turn: Turn
    next_poll_at: datetime
    retry_at: datetime | None = None
    fresh: timedelta = NONE
    gone_since: datetime | None = None
    is_put_off: bool = False

    @property
    def why(self) -> str:
        """The reason for `next_poll_at`: that of the turn, or `hub`, which tells the news until then."""
        return "hub" if self.is_put_off else self.turn.why


def poll_after_answer(
    known: PollState,
    now: datetime,
    *,
    status: int,
    headers: Mapping[str, str],
    published: Sequence[datetime],
    began: datetime | None = None,
) -> NextPoll:
    """After a document that could be read, or a 304. `known.hints` are already those of this document."""
    fresh = freshness_after(status, headers, now, known.fresh)
    turn = after_success(known.schedule, now, published=published, began=began, fresh=fresh, hints=known.hints)
    if isinstance(known.schedule.every, str):  # a cron line gets no jitter, and says when in any case
        return NextPoll("ok", 0, status, turn, turn.at, fresh=fresh)
    rare = Turn(now + TOLD_EVERY, "hub")
    is_put_off = known.hub_proved and rare.at > turn.at
    return NextPoll(
        "ok", 0, status, turn, _spread(known, rare if is_put_off else turn, now), fresh=fresh, is_put_off=is_put_off
    )


def poll_after_failure(
    known: PollState, now: datetime, *, status: int = 0, retry_after: timedelta | None = None
) -> NextPoll:
    """After a pull without a document. `status` is 0 if no HTTP answer came: that neither confirms nor ends a 410."""
    failures = known.failures + 1
    gone_since = _gone_since(known, now, status)
    is_gone = status == GONE and gone_since is not None and now - gone_since >= SURE
    turn = after_failure(known.schedule, now, failures=failures, retry_after=retry_after, hints=known.hints)
    return NextPoll(
        state="gone" if is_gone else "failing",
        failures=failures,
        status=status or known.status,
        turn=turn,
        next_poll_at=_spread(known, turn, now),
        retry_at=now + min(retry_after, RETRY_MOST) if retry_after else None,
        fresh=known.fresh,
        gone_since=gone_since,
    )


def _gone_since(known: PollState, now: datetime, status: int) -> datetime | None:
    """The first 410 in a row. One is not believed: a server that is being moved may answer 410 for an hour."""
    if status == GONE:
        return known.gone_since or now
    return None if status else known.gone_since


def _spread(known: PollState, turn: Turn, now: datetime) -> datetime:
    """The turn with jitter, which must neither end in skipped hours nor put all sources at the end of them."""
    wait = jitter(known.id, now, turn.at - now, is_first=known.is_new)
    at = turn.at + wait
    if skipped_by(at, known.hints) and not skipped_by(turn.at, known.hints):
        return outside(at, known.hints) + wait
    return at
