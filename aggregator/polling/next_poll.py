"""What an answer, or the want of one, makes of a source: its state, and its next turn with and without jitter."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from aggregator.model.poll_hints import NO_HINT, PollHints
from aggregator.polling.jitter import jitter
from aggregator.polling.publisher_hints import freshness_after, outside, skipped_by
from aggregator.polling.schedule import NONE, RETRY_MOST, Schedule, Turn, after_failure, after_success

GONE = 410  # believed when it is said again, by every answer in between, after
SURE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Known:
    """A source when its turn came. `status` is of the last answer over HTTP, 0 for none yet; `fresh` what that asked
    for; `gone_since`: when it said first that it is gone, None where its last answer was another; `is_new`: it was
    never asked before.
    """

    id: str
    schedule: Schedule
    failures: int = 0
    status: int = 0
    fresh: timedelta = NONE
    pace: PollHints = NO_HINT
    is_new: bool = False
    gone_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """`turn`: from when on it may be asked, `next_poll_at`: when a scheduler does so; `retry_at`: before which nothing
    overrules it. `state` is ok, failing or gone; who is gone has no turn until a person gives it one.
    """

    state: str
    failures: int
    status: int
    turn: Turn
    next_poll_at: datetime
    retry_at: datetime | None = None
    fresh: timedelta = NONE
    gone_since: datetime | None = None


def answered(
    known: Known,
    now: datetime,
    *,
    status: int,
    headers: Mapping[str, str],
    published: Sequence[datetime],
    began: datetime | None = None,
) -> Verdict:
    """A document that could be read, or a 304; `known.pace` is already what the document asks for."""
    fresh = freshness_after(status, headers, now, known.fresh)
    turn = after_success(known.schedule, now, published=published, began=began, fresh=fresh, pace=known.pace)
    firm = isinstance(known.schedule.every, str)  # a cron line is kept to the minute
    return Verdict("ok", 0, status, turn, turn.at if firm else _spread(known, turn, now), fresh=fresh)


def failed(known: Known, now: datetime, *, status: int = 0, retry_after: timedelta | None = None) -> Verdict:
    """No document: `status` is 0 where nothing answered over HTTP, which neither confirms nor contradicts a 410."""
    failures = known.failures + 1
    gone_since = _gone_since(known, now, status)
    is_gone = status == GONE and gone_since is not None and now - gone_since >= SURE
    turn = after_failure(known.schedule, now, failures=failures, retry_after=retry_after, pace=known.pace)
    return Verdict(
        state="gone" if is_gone else "failing",
        failures=failures,
        status=status or known.status,
        turn=turn,
        next_poll_at=_spread(known, turn, now),
        retry_at=now + min(retry_after, RETRY_MOST) if retry_after else None,
        fresh=known.fresh,
        gone_since=gone_since,
    )


def _gone_since(known: Known, now: datetime, status: int) -> datetime | None:
    """A server that is being moved may say 410 for an hour."""
    if status == GONE:
        return known.gone_since or now
    return None if status else known.gone_since


def _spread(known: Known, turn: Turn, now: datetime) -> datetime:
    """The turn with jitter, which must not lead into hours that are to be skipped, nor gather all at their end."""
    wait = jitter(known.id, now, turn.at - now, is_first=known.is_new)
    at = turn.at + wait
    if skipped_by(at, known.pace) and not skipped_by(turn.at, known.pace):
        return outside(at, known.pace) + wait
    return at
