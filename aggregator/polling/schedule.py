"""From when on a source may be polled again, and which rule decides."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from aggregator.model.poll_hints import NO_HINT, PollHints
from aggregator.polling.cron import next_fire
from aggregator.polling.publisher_hints import ASKED_MOST, outside, skipped_by

ADAPTIVE_DEFAULT = timedelta(hours=1)
ADAPTIVE_MOST = timedelta(hours=12)
BACK_OFF_MOST = timedelta(days=1)
RETRY_MOST = timedelta(days=7)
NONE = timedelta(0)


@dataclass(frozen=True, slots=True)
class Schedule:
    """`every`: None = adaptive, a fixed interval, or the five fields of a cron line in `timezone`."""

    every: timedelta | str | None = None
    floor: timedelta = timedelta(minutes=10)
    timezone: str = "UTC"


@dataclass(frozen=True, slots=True)
class Turn:
    """`why`: interval, adaptive or cron (the schedule's own); min_interval; max-age, ttl, updatePeriod, skipHours or
    skipDays (the publisher's); back-off or Retry-After (a fault's).
    """

    at: datetime
    why: str


def after_success(
    schedule: Schedule,
    now: datetime,
    *,
    published: Sequence[datetime],
    began: datetime | None = None,
    fresh: timedelta = NONE,
    hints: PollHints = NO_HINT,
) -> Turn:
    """The next turn after an answer. `published`: dates of the newest entries, for the adaptive interval. `began`: when
    this turn started; the schedule's interval counts from there, so that a slow host does not shift it.
    """
    turns = [
        _regular(schedule, began or now, published),
        Turn(now + schedule.floor, "min_interval"),
        Turn(now + min(fresh, ASKED_MOST), "max-age"),
        *_hinted(now, hints),
    ]
    return _latest(turns, hints)


def after_failure(
    schedule: Schedule,
    now: datetime,
    *,
    failures: int,
    retry_after: timedelta | None = None,
    hints: PollHints = NO_HINT,
) -> Turn:
    """The next turn after the `failures`-th failure in a row: the wait doubles from the interval up to a day."""
    base = schedule.every if isinstance(schedule.every, timedelta) else ADAPTIVE_DEFAULT
    back_off = min(base * (1 << min(max(failures - 1, 0), 10)), max(BACK_OFF_MOST, base))
    turns = [
        Turn(now + back_off, "back-off"),
        Turn(now + min(retry_after or NONE, RETRY_MOST), "Retry-After"),
        Turn(now + schedule.floor, "min_interval"),
        *_hinted(now, hints),
    ]
    return _latest(turns, hints)


def _hinted(now: datetime, hints: PollHints) -> Iterable[Turn]:
    yield Turn(now + min(hints.ttl, ASKED_MOST), "ttl")
    yield Turn(now + min(hints.period, ASKED_MOST), "updatePeriod")


def _latest(turns: Iterable[Turn], hints: PollHints) -> Turn:
    """The latest turn (of equal ones the first), moved out of the hours and days that the publisher excludes."""
    latest = max(turns, key=lambda turn: turn.at)
    later = outside(latest.at, hints)
    return latest if later == latest.at else Turn(later, skipped_by(latest.at, hints))


def _regular(schedule: Schedule, now: datetime, published: Sequence[datetime]) -> Turn:
    if isinstance(schedule.every, timedelta):
        return Turn(now + schedule.every, "interval")
    if isinstance(schedule.every, str):
        return Turn(next_fire(schedule.every, ZoneInfo(schedule.timezone), now) or now + ADAPTIVE_MOST, "cron")
    return Turn(now + _adaptive(now, published), "adaptive")


def _adaptive(now: datetime, published: Sequence[datetime]) -> timedelta:
    """Half the mean gap between the newest entries, where the time since the last one is a gap, too."""
    newest = sorted(published, reverse=True)[:10]
    if len(newest) < 2:
        return ADAPTIVE_DEFAULT
    gaps = [later - earlier for later, earlier in pairwise([max(now, newest[0]), *newest])]
    mean = sum(gaps, timedelta(0)) / len(gaps)
    return min(max(mean / 2, ADAPTIVE_DEFAULT / 4), ADAPTIVE_MOST)
